"""Half a million real posts through the running server, against an independent oracle.

The environment variable TAGSWELL_LONG runs every variant in full; without it they check totals and a sample.
"""
import concurrent.futures
import datetime
import json
import os
import random
import subprocess
import sys
import tempfile
import unittest

import archive
import harness
import streams

LONG = bool(os.environ.get("TAGSWELL_LONG"))
SAMPLE = 150  # windows of each size that a variant looks at


def setUpModule():
    archive.lines()


class Archive(unittest.TestCase):
    maxDiff = 3000

    def check_totals(self, server):
        stats = server.settled(seconds=120)
        self.assertEqual({k: stats[k] for k in archive.TOTALS}, archive.TOTALS)

    def differing(self, server, hours, ends):
        """Windows whose rows are not the oracle's."""
        wanted = archive.windows(hours)

        def look(end):
            found = server.get("/v1/top", at=end, window=f"{hours}h", by="posts", limit=20)["topics"]
            got = [(t["topic"], t["posts"], t["authors"]) for t in found]
            return None if got == wanted.get(end, []) else (end, got, wanted.get(end, []))

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            return [x for x in pool.map(look, ends) if x]

    def check_windows(self, server, sample=None):
        for hours in (1, 6, 24):
            ends = list(archive.windows(hours))
            if sample and not LONG:
                ends = random.Random(hours).sample(ends, sample)
            wrong = self.differing(server, hours, ends)
            self.assertEqual(wrong[:1], [], f"{len(wrong)} of {len(ends)} windows of {hours} h differ")

    def check_sample(self, server):
        self.check_totals(server)
        self.check_windows(server, SAMPLE)


class InOrder(Archive):
    """One run in order of time; what it stored is then asked in every way."""

    @classmethod
    def setUpClass(cls):
        cls.server = harness.Server().start()
        cls.sent = cls.server.feed(archive.lines())

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def test_totals(self):
        self.assertEqual(self.sent, (archive.TOTALS["posts"], 0))
        self.check_totals(self.server)

    def test_every_row_of_every_window(self):
        self.server.settled()
        self.check_windows(self.server)

    def test_the_leaderboard_of_every_hour_is_its_window(self):
        for hour, rows in archive.leaderboard().items():
            end = (datetime.datetime.fromisoformat(hour.replace("Z", "+00:00")) + datetime.timedelta(hours=1))
            self.assertEqual(archive.windows(1)[end.strftime("%Y-%m-%dT%H:%M:%SZ")], rows, hour)

    def test_hours_without_a_tag_are_empty(self):
        known = archive.windows(1)
        at = datetime.datetime(2015, 11, 1, 1)
        empty = []
        while at < datetime.datetime(2016, 6, 1):
            end = at.strftime("%Y-%m-%dT%H:%M:%SZ")
            if end not in known:
                empty.append(end)
            at += datetime.timedelta(hours=1)
        self.assertEqual(self.differing(self.server, 1, empty), [])

    def test_the_most_used_topics_have_their_first_and_last_use_and_their_peak_hour(self):
        rows = archive.top()
        self.assertEqual(len(rows), 50)
        for row in rows:
            path = "/v1/topics/" + harness.urllib.parse.quote(row["hashtag"], safe="")
            story = self.server.get(path)
            self.assertEqual(story["totals"], {
                "posts": int(row["posts"]), "authors": int(row["authors"]), "first_at": row["first_seen"], "last_at": row["last_seen"],
                "peak_hour": {"time": row["peak_hour"], "posts": int(row["peak_posts"]), "authors": int(row["peak_authors"])}}, row["hashtag"])
            self.assertEqual(story["first_post"]["created_at"], row["first_seen"])

    def test_tags_of_posts_are_those_of_the_reference_extraction(self):
        tool = os.path.join(harness.shared_dir(), "tools", "oracle.py")
        sample = random.Random(7).sample(archive.lines(), 512_388 if LONG else 4_000)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "sample.ndjson")
            with open(path, "wb") as f:
                f.write(b"\n".join(sample) + b"\n")
            subprocess.run([sys.executable, tool, path, "--out", folder, "--dump-tags"], check=True, capture_output=True)
            with open(os.path.join(folder, "tags.tsv"), encoding="utf-8") as f:
                wanted = {k: v.split(" ") for k, v in (line.rstrip("\n").split("\t") for line in f)}
        wrong = []
        for line in sample:
            name = json.loads(line)["id"]
            stored = self.server.get("/v1/posts/twitter/" + harness.urllib.parse.quote(name, safe=""))
            got = sorted(stored["topics"], key=lambda t: t.encode())
            if got != wanted.get(name, []):
                wrong.append((name, got, wanted.get(name, [])))
        self.assertEqual(wrong[:3], [], f"{len(wrong)} of {len(sample)}")

    def test_famous_bursts_are_announced_while_they_grow(self):
        hourly = archive.hourly(list(archive.FAMOUS))
        late = []
        for tag, days in archive.FAMOUS.items():
            hours = hourly[tag]
            peak_hour, peak = max(hours.items(), key=lambda x: (x[1], x[0]))
            grown = min(h for h, n in hours.items() if n * 10 >= peak and h[:10] in days + (peak_hour[:10],))
            began = datetime.datetime.fromisoformat(grown + ":00:00+00:00")
            ends = datetime.datetime.fromisoformat(peak_hour + ":00:00+00:00") + datetime.timedelta(hours=1)
            events = self.server.events(type="started", scope="world", topic=tag)
            times = [datetime.datetime.fromisoformat(e["time"].replace("Z", "+00:00")) for e in events]
            first = min((t for t in times if t.strftime("%Y-%m-%d") in days), default=None)
            delay = None if first is None else round((first - began).total_seconds() / 60)
            print(f"#{tag}: first hour with a tenth of its peak {grown}Z, peak hour {peak_hour}Z, "
                  f"announced {first and first.strftime('%Y-%m-%dT%H:%MZ')}, delay {delay} min")
            if first is None or first >= ends:
                late.append(tag)
        self.assertEqual(late, [])

    def test_most_of_the_known_bursts_are_found_before_their_peak_hour_ends(self):
        started = self.server.events(type="started", scope="world")
        found = 0
        rows = archive.bursts()
        for row in rows:
            peak = datetime.datetime.fromisoformat(row["peak_hour"].replace("Z", "+00:00"))
            window = [(peak - datetime.timedelta(hours=24)).strftime("%Y-%m-%dT%H:%M:%SZ"),
                      (peak + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")]
            found += any(e["topic"] == row["hashtag"] and window[0] <= e["time"] < window[1] for e in started)
        others = sum(1 for e in started if e["topic"] not in {r["hashtag"] for r in rows})
        print(f"known bursts found before their peak hour ends: {found} of {len(rows)}; other announcements {others / 213:.1f} a day")
        self.assertGreaterEqual(found, 1)


class Variants(Archive):
    """The same posts by other ways give the same numbers."""

    def test_sent_twice(self):
        with harness.Server() as server:
            server.feed(archive.lines())
            self.assertEqual(server.feed(archive.lines()), (0, archive.TOTALS["posts"]))
            self.check_sample(server)

    def test_shuffled_within_the_lateness_in_batches_of_10000(self):
        # Times are whole minutes: within the lateness of 30 s means in any order within the minute.
        r = random.Random(1)
        minute = len(b'"created_at":"2015-11-01T00:00')
        keyed = []
        for line in archive.lines():
            at = line.index(b'"created_at":"')
            keyed.append((line[at:at + minute], r.random(), line))
        with harness.Server() as server:
            server.feed([k[2] for k in sorted(keyed)], batch=10_000)
            self.check_sample(server)

    def test_one_post_a_request_for_a_part(self):
        alone = len(archive.lines()) if LONG else 20_000
        with harness.Server() as server:
            for line in archive.lines()[:alone]:
                self.assertEqual(server.post_json(line).status, 201)
            server.feed(archive.lines()[alone:])
            self.check_sample(server)

    def test_over_websocket(self):
        lines = archive.lines()
        with harness.Server() as server, streams.WebSocket(server.port, "/v1/ingest", timeout=120) as ws:
            ahead = 0
            for at in range(0, len(lines), 500):
                ws.send(b"\n".join(lines[at:at + 500]))
                ahead += 1
                if ahead == 32:
                    ws.receive()
                    ahead -= 1
            for _ in range(ahead):
                last = ws.receive_json()
            self.assertEqual(last["ack"], (len(lines) + 499) // 500)
            self.check_sample(server)

    def test_with_a_restart_in_the_middle(self):
        half = len(archive.lines()) // 2
        with harness.Server() as server:
            server.feed(archive.lines()[:half])
            server.restart()
            server.feed(archive.lines()[half:])
            self.check_sample(server)


if __name__ == "__main__":
    unittest.main()
