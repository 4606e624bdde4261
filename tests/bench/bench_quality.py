#!/usr/bin/env python3
"""The detector beside others' rules, on seeded streams with known trends and on real count series.

usage: tests/bench/bench_quality.py [--no-peers] [SCENARIO:SEED ...]      default: every scenario and seed of the docs

Needs the scenarios, the scorer and the peers' rules of the shared folder (TAGSWELL_SHARED, default ../shared); says so
where they are absent. Streams are kept in build/bench/quality. Prints two tables in Markdown. The peers take an hour.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("TAGSWELL_SHARED", ROOT.parent / "shared"))
TOOLS = SHARED / "tools"
TAGSWELL = ROOT / "build/release/tagswell"
WORK = ROOT / "build/bench/quality"
OURS = "**tagswell score**"
PEERS = ["mastodon", "zscore", "signitrend", "misskey", "ratio"]
ALL = [f"{name}:{seed}" for name in ("tiny", "town", "weeks", "metoo", "adversary") for seed in range(1, 6)] + ["nation:1"]


def run(*command, into=None):
    if into is None:
        return subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE).stdout
    with open(into, "wb") as out:
        subprocess.run([str(part) for part in command], check=True, stdout=out)
    return b""


def score(folder, events):
    text = run(sys.executable, TOOLS / "quality/score.py", folder, events, "--json").decode()
    return json.loads(text[text.index('{"scen'):])


def scenario(name, with_peers):
    """One row: our score, then each peer's quality."""
    preset, seed = name.split(":")
    folder = WORK / f"{preset}{seed}"
    if not (folder / "truth.json").exists():
        run(sys.executable, TOOLS / "quality/scenarios.py", preset, "--seed", seed, "--out", folder)
    run(TAGSWELL, "replay", folder / "posts.ndjson", "--events", folder / "events.ndjson", "--quiet")
    peers = {}
    if with_peers:
        if not all((folder / f"peers/{peer}.ndjson").exists() for peer in PEERS):
            run(sys.executable, TOOLS / "quality/peers.py", "all", folder, "--out", folder / "peers")
        peers = {peer: score(folder, folder / f"peers/{peer}.ndjson")["quality"] for peer in PEERS}
    return name, score(folder, folder / "events.ndjson"), peers


def print_streams(names, with_peers):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        rows = list(pool.map(lambda name: scenario(name, with_peers), names))
    peers = PEERS if with_peers else []
    print("| scenario, seed | **quality** | recall | precision | median delay, min |" + "".join(f" {peer} |" for peer in peers))
    print("| --- | --- | --- | --- | --- |" + " --- |" * len(peers))
    for name, ours, others in rows:
        total = ours["total"]
        print(f"| {name.replace(':', ' ')} | **{ours['quality']:.2f}** | {total['recall']:.2f} | {ours['precision']:.2f} |"
              f" {total['delay_median'] or 0:.0f} |" + "".join(f" {others[peer]:.2f} |" for peer in peers))
    print(f"| mean | **{sum(ours['quality'] for _, ours, _ in rows) / len(rows):.3f}** |"
          f" {sum(ours['total']['recall'] for _, ours, _ in rows) / len(rows):.2f} | | |"
          + "".join(f" {sum(others[peer] for _, _, others in rows) / len(rows):.2f} |" for peer in peers))


def series_scores(tagswell, results):
    """Ours and the published detectors': (name, score at its one threshold, windows hit, alarms outside)."""
    results.mkdir(parents=True, exist_ok=True)
    for series in sorted((SHARED / "data/nab").glob("Twitter_volume_*.csv")):
        run(tagswell, "score", series, into=results / series.name)
    text = run(sys.executable, TOOLS / "nab_score.py", results, "--threshold", "1", "--cache", SHARED / "data/nab/peers.json").decode()
    for line in text.splitlines()[2:]:
        head, hit = line.split("|")[0].split(), line.split("|")[-1].split()
        yield (OURS, head[3], hit[0], hit[1]) if head[0] == ">" else (head[0], head[2], hit[0], hit[1])


def print_series():
    print("\n| detector of count series | score at its one threshold | windows hit | alarms outside |\n| --- | --- | --- | --- |")
    for row in series_scores(TAGSWELL, WORK / "nab"):
        print("| " + " | ".join(row) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenarios", nargs="*", default=ALL)
    parser.add_argument("--no-peers", action="store_true")
    options = parser.parse_args()
    if not (TOOLS / "quality/score.py").exists():
        sys.exit(f"bench_quality: no scenarios in {SHARED} (TAGSWELL_SHARED); nothing measured")
    WORK.mkdir(parents=True, exist_ok=True)
    print_streams(options.scenarios, not options.no_peers)
    print_series()


if __name__ == "__main__":
    main()
