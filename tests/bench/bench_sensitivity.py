#!/usr/bin/env python3
"""How much each number of the detector matters to count series: halved and doubled, one at a time, in a copy of the sources.

usage: tests/bench/bench_sensitivity.py [NAME ...]      names as in the table printed; default: all of them

Scores the labelled series of the shared folder (see bench_quality.py) with each. The copy is built in
build/bench/sensitivity and kept: the first run builds all of the program, later ones what a number touches. A number that
is not found in the sources stops the run, so that the table cannot outlive what it tells of.
"""
import re
import shutil
import sys

import bench_quality as quality

COPY = quality.WORK.parent / "sensitivity"
BUILD = COPY / "build/release"
SOURCES = ["CMakeLists.txt", "CMakePresets.json", "cmake", "proto", "storage", "trend", "server", "tests", "deploy", "docs", "LICENSE"]

SCORE = "server/commands/score_command.cc"
OWN_RUNS = "trend/own_runs.cc"
SCOPE_WATCH = "trend/scope_watch.cc"
SERIES = "trend/series_score.cc"
OPTIONS = "trend/detector_options.h"
USED = "DetectorOptions()"
BOUND = "static_assert(kSpans[kHourSpan] == 60);"


def option(name):
    """A default of the options: set where the command makes them, so that one file is compiled and not fifty."""
    text = (quality.ROOT / OPTIONS).read_text()
    default = re.search(rf"\b{name} = ([0-9.]+);", text).group(1)
    number = float(default) if "." in default else int(default)
    half = number / 2 if isinstance(number, float) or number % 2 else number // 2
    return name, default, [(SCORE, USED, f"DetectorOptions{{.{name} = {value}}}") for value in (half, number * 2)]


def constant(name, default, path, line, half, double, source=None):
    """A number in the sources; `line` has {} in its place. `source`: how it is written there, if not as in the table."""
    return name, default, [(path, line.format(source or default), line.format(value)) for value in (half, double)]


PARAMETERS = [
    option("alarm_budget_per_day"),
    option("baseline_half_life_days"),
    option("record_half_life_days"),
    option("authors_min"),
    option("end_score"),
    option("end_minutes"),
    constant("spans", "15, 60, 180", OPTIONS, "kSpans = {{{}}}", "7, 30, 90", "30, 120, 360"),
    constant("largest shape", "16", SCOPE_WATCH, "kShapeMax = {};", "8", "32"),
    constant("growth of the past while a trend runs", "1.1", SCOPE_WATCH, "kGrowthMax = {};", "0.55", "2.2"),
    constant("least authors of an hour that recurs", "2", SCOPE_WATCH, "kNotable = {};", "1", "4"),
    constant("prior, authors a day", "1", SERIES, "kPrior{{1, {}}};", "kDay * 2", "kDay / 2", "kDay"),
    constant("intervals a day", "96", SERIES, "static_cast<double>({});", "2 * kSpans.front()", "0.5 * kSpans.front()", "kSpans.front()"),
    constant("minutes until anything is told", "60", SERIES, "volume_.first() < {} ?", "30", "120"),
    constant("least surprise of a run", "0.3", OWN_RUNS, "kDecadesMin = {};", "0.15", "0.6"),
    constant("runs that make a level known", "10", OWN_RUNS, "kRunsKnown = {};", "5", "20"),
    constant("runs the tail's prior is worth", "6", OWN_RUNS, "kPriorRuns = {};", "3", "12"),
    constant("how common twice the surprise is, before", "1/3", OWN_RUNS, "kRatioPrior = {};", "1.0 / 6", "2.0 / 3", "1.0 / 3"),
    # Doubled it would be all of its highest; three quarters stand for it.
    constant("part of its highest under which a run is over", "1/2", OWN_RUNS, "decades < current_.decades / {}", "4", "(4.0 / 3)", "2"),
    constant("half-lives that a run is kept", "5", OWN_RUNS, "kHalfLivesKept = {};", "2.5", "10"),
]


def build():
    quality.run("ninja", "-C", BUILD, "tagswell")


def copy_sources():
    """What is as it was keeps its time, and is not compiled again."""
    for name in SOURCES:
        top = quality.ROOT / name
        for source in [top] if top.is_file() else top.rglob("*"):
            target = COPY / source.relative_to(quality.ROOT)
            if source.is_dir() or "node_modules" in source.parts or "__pycache__" in source.parts:
                continue
            if target.exists() and target.read_bytes() == source.read_bytes():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    if not (BUILD / "build.ninja").exists():
        quality.run("cmake", "--preset", "release", "-S", COPY, "-DTAGSWELL_WERROR=OFF")


def score():
    results = COPY / "results"
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir()
    found = quality.series_scores(BUILD / "tagswell", results)
    return next(row for row in found if row[0] == quality.OURS)


def changed(path, old, new):
    """The score with this change, which is taken back."""
    file = COPY / path
    text = file.read_text()
    if text.count(old) != 1:
        sys.exit(f"bench_sensitivity: {path} has not just one {old!r}")
    file.write_text(text.replace(old, new))
    try:
        build()
        return score()
    finally:
        file.write_text(text)


def main():
    if not (quality.TOOLS / "nab_score.py").exists():
        sys.exit(f"bench_sensitivity: no series in {quality.SHARED} (TAGSWELL_SHARED); nothing measured")
    known = [name for name, _, _ in PARAMETERS]
    names = sys.argv[1:] or known
    if unknown := set(names) - set(known):
        sys.exit(f"bench_sensitivity: no parameter {', '.join(sorted(unknown))}")
    COPY.mkdir(parents=True, exist_ok=True)
    copy_sources()
    # It holds the spans fast, for what the server makes of an hour. A series does not need it.
    detector = COPY / "trend/detector.cc"
    if BOUND in (text := detector.read_text()):
        detector.write_text(text.replace(BOUND, ""))
    build()
    print(f"as it is: {score()[1]}", flush=True)
    print("| parameter | default | halved | doubled |\n| --- | --- | --- | --- |", flush=True)
    for name, default, changes in PARAMETERS:
        if name not in names:
            continue
        half, double = (changed(*change) for change in changes)
        print(f"| {name} | {default} | {half[1]} ({half[2]}) | {double[1]} ({double[2]}) |", flush=True)


if __name__ == "__main__":
    main()
