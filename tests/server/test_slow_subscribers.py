"""Subscribers that stop reading beside others that go on: the others do not notice, the slow are told and let go.

TAGSWELL_SUBSCRIBERS says how many (50), a tenth of them stopped. From 1,000 on the others' delay is judged, too.
"""
import json
import os
import subprocess
import time
import unittest

import harness

SUBSCRIBERS = int(os.environ.get("TAGSWELL_SUBSCRIBERS", "50"))
STOPPED = SUBSCRIBERS // 10
LONG = SUBSCRIBERS >= 1000
ROUNDS = 3 if LONG else 1  # each way; the median counts
MINUTES = 60  # of event time, a batch each
MILESTONES = list(range(20, 12_000, 10 if LONG else 2))  # 25 or 120 events a minute: more than any buffer holds
PAUSE_SECONDS = 0.4 if LONG else 0.1
MAILBOX_BYTES = 256 * 1024
ON_THE_WAY_BYTES = 192 * 1024  # 128 KiB unsent and what the peer's kernel took
SPREAD_RATIO_MAX = 1.2


def load():
    path = os.environ.get("TAGSWELL_LOAD_BIN", os.path.join(harness.ROOT, "build", "dev", "tests", "bench", "load", "tagswell_load"))
    if not os.access(path, os.X_OK):
        raise unittest.SkipTest("no tagswell_load binary: build it or set TAGSWELL_LOAD_BIN")
    return path


def quiet_day():
    """So that a burst is news."""
    return [harness.post(f"q{i}", at=f"2024-01-01T{i // 60:02}:{i % 60:02}:00Z", text="nothing to see", author=f"q{i % 50}")
            for i in range(24 * 60)]


def crowd(minute):
    """A minute of one topic whose every few authors are a milestone."""
    return [harness.post(f"n{minute}-{i}", at=f"2024-01-02T{minute // 60:02}:{minute % 60:02}:{i:02}Z", text=f"#burst {minute} {i}",
                         author=f"n{minute}-{i}") for i in range(60)]


class SlowSubscribers(unittest.TestCase):
    def run_once(self, stopped):
        """The figures of one server with so many stopped subscribers beside the others."""
        seconds = round(MINUTES * PAUSE_SECONDS) + 3
        with harness.Server(config=f"milestones = {MILESTONES}") as server:
            server.feed(quiet_day())
            server.settled()
            others = SUBSCRIBERS - STOPPED
            peers = subprocess.Popen([load(), "subscribe", "--port", str(server.port), "--subscribers", str(others), "--stopped", str(stopped),
                                      "--seconds", str(seconds)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=harness.environment())
            self.assertEqual(peers.stderr.readline(), b"ready\n")
            for minute in range(MINUTES):
                server.feed(crowd(minute))
                time.sleep(PAUSE_SECONDS)
            out, err = peers.communicate(timeout=seconds + 120)
            self.assertEqual(peers.returncode, 0, err)
            told = {line["bench"]: line["value"] for line in map(json.loads, out.splitlines())}
            closed = server.request("GET", "/metrics").body.decode()
            self.assertIn(f'tagswell_subscribers_closed_total{{reason="overflow"}} {stopped}\n', closed)
            self.assertEqual(told["fanout_events"], len(server.events()))
        self.assertEqual(told["fanout_deliveries"], told["fanout_events"] * others, "one of the others missed something")
        if stopped:
            self.assertEqual(told["fanout_stopped_told"], stopped, "not all were closed with 1013")
            self.assertLessEqual(told["fanout_stopped_bytes_max"], MAILBOX_BYTES + ON_THE_WAY_BYTES)
        return told

    def test_the_others_do_not_notice(self):
        undisturbed, disturbed = [], []
        for _ in range(ROUNDS):
            undisturbed.append(self.run_once(0)["fanout_spread_p99"])
            told = self.run_once(STOPPED)
            disturbed.append(told["fanout_spread_p99"])
        before, after = sorted(undisturbed)[ROUNDS // 2], sorted(disturbed)[ROUNDS // 2]
        print(json.dumps({"subscribers": SUBSCRIBERS, "stopped": STOPPED, "events": told["fanout_events"], "p99_ms_undisturbed": before,
                          "p99_ms_disturbed": after, "stopped_bytes_max": told["fanout_stopped_bytes_max"]}))
        if LONG:
            self.assertLessEqual(after, SPREAD_RATIO_MAX * before, (undisturbed, disturbed))


if __name__ == "__main__":
    unittest.main()
