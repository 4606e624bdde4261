"""kill -9 at named points of the server's work: nothing acknowledged is lost, nothing is counted twice, and the events
are those of a run without a crash. Batches are sent again before and after. tests/server/test_kill.py kills at random
moments. TAGSWELL_FAULT_ROUNDS sets how many kills."""
import http.client
import os
import random
import signal
import unittest

import faults
import harness

ROUNDS = faults.rounds(10, 1000)
SCALE = "100" if faults.LONG else "400"
BATCH = 20
BATCHES_A_KILL = 6
SALT = 'salt = "00000000000000aa"\n'

# What happens there, which call it is (drawn up to that number), and where in it the process dies: before, in the
# middle or behind.
POINTS = {
    "a block goes into the log": ("log", "write", "writer", 5, ("kill", "tear", "after")),
    "a block is synced": ("log", "sync", "writer", 5, ("kill", "after")),
    "events are appended": ("log", "write", "engine", 1, ("kill", "tear", "after")),
    "a checkpoint is written": ("staged", "write", "indexer", 1, ("kill", "tear", "after")),
    "a checkpoint is synced": ("staged", "sync", "indexer", 1, ("kill", "after")),
    "a checkpoint is ingested": ("table", "link", "indexer", 1, ("kill", "after")),
    "an ingest reaches the manifest": ("manifest", "write", "indexer", 2, ("kill", "tear", "after")),
    "the manifest is synced": ("manifest", "sync", "indexer", 2, ("kill", "after")),
    "a start sorts the log into files": ("table", "write", "*", 2, ("kill", "tear", "after")),
    "a start makes a new manifest": ("manifest", "write", "*", 5, ("kill", "tear", "after")),
    "a start makes it the current one": ("current", "rename", "*", 1, ("kill", "after")),
    "a start makes a new log": ("log", "create", "*", 1, ("kill", "after")),
}
AT_STOP = ("a checkpoint", "an ingest", "the manifest")


class CrashPoints(unittest.TestCase):
    def setUp(self):
        self.lines = harness.run("synth", "--scenario", "metoo", "--scale", SCALE).stdout.splitlines()
        self.batches = [self.lines[at:at + BATCH] for at in range(0, len(self.lines), BATCH)]

    def uninterrupted(self):
        with harness.Server(config=SALT) as server:
            server.feed(self.lines, batch=BATCH)
            return self.state(server)

    @staticmethod
    def state(server):
        stats = server.settled()
        events = [harness.without_epoch(e) for e in server.events()]
        boards = [server.get("/v1/top", scope=scope, window=window, by=by)
                  for scope in ("world", "country:US", "lang:en") for window in ("1h", "24h") for by in ("posts", "authors")]
        return {k: stats[k] for k in ("posts", "posts_with_topic", "topics_seen", "mentions")}, events, boards

    def send(self, server, batch):
        """Sends a batch; gives the report, or nothing when the server died of it."""
        try:
            answer = server.post_lines(batch)
        except (OSError, http.client.HTTPException):
            server.process.wait(timeout=10)
            return None
        self.assertEqual(answer.status, 200, answer)
        return answer.json()

    def live_until_death(self, server, at, length, stop):
        """Sends on from batch `at` for so many batches; gives where it stands."""
        try:
            server.start()
        except AssertionError:
            return at
        before = self.batches[max(0, at - 3):at]
        for batch in before:  # acknowledged before the crash: all there
            report = self.send(server, batch)
            if report is None:
                return at
            self.assertEqual(report, {**report, "accepted": 0, "duplicates": len(batch)}, f"lost: {report}")
        for batch in self.batches[at:at + length if length else None]:
            report = self.send(server, batch)
            if report is None:
                return at
            self.assertEqual(report["accepted"] + report["duplicates"], len(batch), report)
            at += 1
        if stop:
            server.process.send_signal(signal.SIGTERM)
            server.process.wait(timeout=30)
        return at

    def test_kills_at_named_points(self):
        wanted = self.uninterrupted()
        r = random.Random(faults.SEED)
        kills, died = 0, dict.fromkeys(POINTS, 0)
        while kills < ROUNDS:
            with faults.Server(config=SALT, fsync="always") as server:
                at = 0
                while at < len(self.batches):
                    name = sorted(POINTS)[kills % len(POINTS)]
                    kind, call, thread, last, actions = POINTS[name]
                    stop = name.startswith(AT_STOP)
                    point = faults.Point(kind, call, thread, r.randint(1, last), r.choice(actions))
                    faults.set_fault(server, point if kills < ROUNDS else None)
                    length = None if name == "events are appended" else BATCHES_A_KILL
                    at = self.live_until_death(server, at, length, stop)
                    if server.process.poll() is None:
                        server.kill()
                    elif server.process.returncode == -signal.SIGKILL:
                        died[name] += 1
                    kills += kills < ROUNDS
                faults.set_fault(server)
                server.start()
                for batch in self.batches:
                    self.assertEqual(self.send(server, batch)["accepted"], 0)
                self.assertEqual(self.state(server), wanted, f"seed {faults.SEED}")
                self.assertEqual(server.stop(), 0)
        for name, count in died.items():
            print(f"{count:5} kills while {name}")
        print(f"{sum(died.values())} kills at named points, {ROUNDS - sum(died.values())} elsewhere")
        self.assertGreater(sum(died.values()), ROUNDS // 3)


if __name__ == "__main__":
    unittest.main()
