"""kill -9 under load: nothing acknowledged is lost, nothing is counted twice, and the story told is the same.

TAGSWELL_KILL_ROUNDS sets how often (5).
"""
import http.client
import json
import os
import random
import threading
import time
import unittest

import harness

ROUNDS = int(os.environ.get("TAGSWELL_KILL_ROUNDS", "5"))
SEED = int(os.environ.get("TAGSWELL_KILL_SEED", "1"))
BATCH = 40


class Kill(unittest.TestCase):
    def test_one_sender_and_the_same_events(self):
        lines = harness.run("synth", "--scenario", "metoo", "--scale", "100").stdout.splitlines()
        wanted, totals = self.uninterrupted(lines)
        r = random.Random(SEED)
        batches = [lines[at:at + BATCH] for at in range(0, len(lines), BATCH)]
        cuts = sorted(r.sample(range(1, len(batches)), ROUNDS))
        with harness.Server(config='salt = "00000000000000aa"\n', fsync="always") as server:
            at = 0
            for cut in cuts + [len(batches)]:
                killer = None
                if cut < len(batches):
                    killer = self.kill_at(server, r)
                while at < len(batches):
                    if killer and at >= cut:
                        killer.go.set()
                    try:
                        answer = server.post_lines(batches[at])
                        self.assertEqual(answer.status, 200, answer)
                        report = answer.json()
                        self.assertEqual(report["accepted"] + report["duplicates"], len(batches[at]))
                        at += 1
                    except (OSError, http.client.HTTPException):
                        break
                if killer:
                    killer.go.set()
                    killer.join()
                    server.start()
            stats = server.settled()
            self.assertEqual({k: stats[k] for k in totals}, totals, f"seed {SEED}")
            got = [harness.without_epoch(e) for e in server.events()]
            self.assertEqual(got, wanted, f"seed {SEED}")

    def uninterrupted(self, lines):
        with harness.Server(config='salt = "00000000000000aa"\n') as server:
            server.feed(lines, batch=BATCH)
            stats = server.settled()
            self.assertEqual(stats["posts"], len(lines))
            keys = ("posts", "posts_with_topic", "topics_seen", "mentions")
            return [harness.without_epoch(e) for e in server.events()], {k: stats[k] for k in keys}

    @staticmethod
    def kill_at(server, r):
        """A thread that kills the server a moment after it is told to go."""
        go, delay = threading.Event(), r.uniform(0, 0.03)

        def work():
            go.wait()
            time.sleep(delay)
            server.kill()

        thread = threading.Thread(target=work, daemon=True)
        thread.go = go
        thread.start()
        return thread

    def test_many_senders_lose_nothing_and_double_nothing(self):
        r = random.Random(SEED + 1)
        senders, each = 6, 2_000
        waiting = [[json.dumps(harness.post(f"s{s}-{i}", at=f"2024-01-01T00:{i // 60 % 60:02}:{i % 60:02}Z", text=f"#t{i % 97} #all",
                                            author=f"s{s}a{i % 50}")).encode() for i in range(each)] for s in range(senders)]
        acknowledged = [[] for _ in range(senders)]
        failures = []
        with harness.Server(fsync="always") as server:
            rounds = min(ROUNDS, 20)
            for turn in range(rounds + 1):
                last = turn == rounds
                share = each if last else each * (turn + 1) // (rounds + 1)

                def send(s):
                    try:
                        while len(acknowledged[s]) < share:
                            batch = waiting[s][len(acknowledged[s]):][:7]
                            answer = server.post_lines(batch)
                            if answer.status != 200:
                                failures.append(answer)
                                return
                            acknowledged[s] += batch
                    except (OSError, http.client.HTTPException):
                        pass

                threads = [threading.Thread(target=send, args=(s,)) for s in range(senders)]
                for thread in threads:
                    thread.start()
                if not last:
                    time.sleep(r.uniform(0.0, 0.15))
                    server.kill()
                for thread in threads:
                    thread.join()
                self.assertEqual(failures, [])
                if not last:
                    server.start()
                    for s in range(senders):  # the newest acknowledged ones are the ones in danger
                        for line in acknowledged[s][-7:]:
                            answer = server.request("GET", "/v1/posts/twitter/" + json.loads(line)["id"])
                            self.assertEqual(answer.status, 200, f"acknowledged and lost in round {turn}, seed {SEED}: {line}")
            stats = server.settled()
            self.assertEqual(stats["posts"], senders * each, f"seed {SEED}")
            top = server.get("/v1/top", window="1h", at="2024-01-01T01:00:00Z", by="posts", limit=1)["topics"][0]
            self.assertEqual((top["topic"], top["posts"]), ("all", senders * each))


if __name__ == "__main__":
    unittest.main()
