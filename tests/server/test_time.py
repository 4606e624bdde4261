"""Times that cannot be: posts from far away, and a wall clock that jumps. Nothing false is announced, nothing stands still, and
what is refused is counted.
"""
import datetime
import json
import os
import struct
import tempfile
import time
import unittest

import harness
from harness import post

FORMAT = "%Y-%m-%dT%H:%M:%SZ"
DAY = 86_400
YEAR = 365 * DAY
FUTURE_SECONDS = 300
STEP_SECONDS = 20  # two of them, one lost to a jump, are a correction and no jump


def stamp(seconds):
    return (datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)).strftime(FORMAT)


def rejected(server):
    """Posts refused so far, by code."""
    out = {}
    for line in server.once("GET", "/metrics").body.decode().splitlines():
        if line.startswith("tagswell_posts_rejected_total{"):
            out[line.split('code="')[1].split('"')[0]] = int(float(line.rsplit(" ", 1)[1]))
    return {code: count for code, count in out.items() if count}


class FakeClock:
    """The wall clock of a server: the real one, and so many seconds more."""

    def __init__(self, test):
        self.library = os.environ.get("TAGSWELL_CLOCK_PRELOAD")
        if not self.library or not os.path.exists(self.library):
            raise unittest.SkipTest("no library that moves the clock: build tagswell_clock and set TAGSWELL_CLOCK_PRELOAD")
        handle, self.file = tempfile.mkstemp(prefix="tagswell-clock-")
        os.close(handle)
        test.addCleanup(os.unlink, self.file)
        self.set(0)

    def set(self, seconds):
        with open(self.file, "r+b") as f:
            f.write(struct.pack("=q", seconds))

    def environment(self):
        return {"LD_PRELOAD": self.library, "CLOCK_OFFSET_FILE": self.file}


class Times(unittest.TestCase):
    def test_posts_from_far_away(self):
        offsets = [sign * by for by in (0, 1, 59, 3600, DAY, YEAR, 50 * YEAR) for sign in (1, -1)]
        impossible = ["-9223372036854775808", "9223372036854775807", "292277026596-12-04T15:30:07Z", "0000-01-01T00:00:00Z",
                      "1969-12-31T23:59:59Z", "2200-01-01T00:00:01Z", "9999-12-31T23:59:59Z", "2026-02-30T00:00:00Z",
                      "2026-01-01T24:00:00Z", "", "now"]
        for order in (1, -1):  # the first post of all decides where time begins
            with harness.Server(clock="wall", config=f"future_seconds = {FUTURE_SECONDS}\n") as server:
                refused = {}
                for k, offset in enumerate(offsets[::order]):
                    now = time.time()
                    report = server.post_lines([post(f"far{k}", at=stamp(now + offset), text=f"#far{k} #far")]).json()
                    self.assertEqual(report["accepted"], 0 if offset > FUTURE_SECONDS else 1, (offset, report))
                    if offset > FUTURE_SECONDS:
                        self.assertEqual(report["errors"][0]["code"], "created_at_in_future")
                        refused["created_at_in_future"] = refused.get("created_at_in_future", 0) + 1
                for k, text in enumerate(impossible):
                    report = server.post_lines([post(f"no{k}", at=text)]).json()
                    self.assertEqual((report["accepted"], report["rejected"]), (0, 1), text)
                    code = report["errors"][0]["code"]
                    self.assertIn(code, ("bad_time", "time_out_of_range"), text)
                    refused[code] = refused.get(code, 0) + 1
                for number in (9223372036854775807, -9223372036854775808, 0, 1e300):
                    report = server.post_lines([post("number", at=number)]).json()
                    self.assertEqual((report["accepted"], report["rejected"]), (0, 1), number)
                    code = report["errors"][0]["code"]
                    refused[code] = refused.get(code, 0) + 1
                server.feed([json.dumps(post(f"n{i}", at=stamp(time.time()), text="#present")).encode() for i in range(50)])
                taken = sum(1 for offset in offsets if offset <= FUTURE_SECONDS)
                self.assertEqual(server.settled()["posts"], taken + 50)
                self.assertEqual(rejected(server), refused)
                top = server.get("/v1/top", window="5m", by="posts")["topics"]
                self.assertEqual((top[0]["topic"], top[0]["posts"]), ("present", 50))
                self.assertEqual(server.events(), [])

    def test_the_wall_clock_jumps(self):
        clock = FakeClock(self)
        server = harness.Server(clock="wall", fsync="interval", config=f"future_seconds = {FUTURE_SECONDS}\n")
        server.extra_environment = clock.environment()
        with server:
            for turn, jump in enumerate((3600, 0, -3600, 0, DAY, 0, -DAY, 0, 50 * YEAR, 0)):
                clock.set(jump)
                tag = f"turn{turn}"
                lines = [post(f"{tag}-{i}", at=stamp(time.time()), text=f"#{tag}") for i in range(20)]
                report = server.post_lines(lines).json()
                self.assertEqual((report["accepted"], report["rejected"]), (20, 0), f"the clock is {jump} s off")
                server.settled()
                rows = {row["topic"]: row["posts"] for row in server.get("/v1/top", window="5m", by="posts")["topics"]}
                self.assertEqual(rows.get(tag), 20, f"the clock is {jump} s off: {rows}")
            self.assertEqual(server.events(), [])
            self.assertEqual(server.stop(), 0)

    def test_a_trend_starts_and_peaks_across_jumps(self):
        """Hours of a quiet stream, told in seconds. The clock jumps before and while something happens."""
        clock = FakeClock(self)
        steps, burst, jumps = 1200, range(600, 645), {450: 3600, 510: -3600, 570: DAY, 615: -DAY, 622: 3600, 720: 3600}
        base = int(time.time()) - steps * STEP_SECONDS
        now = lambda step: base + step * STEP_SECONDS
        clock.set(base - int(time.time()))
        server = harness.Server(clock="wall", config=f"future_seconds = {FUTURE_SECONDS}\n")
        server.extra_environment = clock.environment()
        with server:
            for step in range(steps):
                clock.set(now(step) - int(time.time()) + jumps.get(step, 0))
                lines = [post(f"q{step}-{i}", at=stamp(now(step) - i), text=f"#every{i % 3}", author=f"p{(step * 7 + i) % 200}") for i in range(3)]
                if step in burst:
                    lines += [post(f"b{step}-{i}", at=stamp(now(step) - i), text="#quake", author=f"w{step}-{i}") for i in range(6)]
                report = server.post_lines(lines).json()
                self.assertEqual((report["accepted"], report["rejected"]), (len(lines), 0), step)
            server.settled()
            events = server.events()
            started = [e for e in events if e["type"] == "started"]
            self.assertEqual({e["topic"] for e in started}, {"quake"}, started)
            first = min(e["time"] for e in started)
            self.assertLessEqual(first, stamp(now(burst[-1])))
            self.assertIn("peaked", {e["type"] for e in events})  # closed minutes follow the burst


if __name__ == "__main__":
    unittest.main()
