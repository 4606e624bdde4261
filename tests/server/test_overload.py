"""More than the server can take: what is too much is refused at once and by name, and what was taken is counted once.

TAGSWELL_OVERLOAD_SECONDS turns on the long form: three times what it can take for so long, with bars on time and memory.
The server has a core of its own there, and so has the load: what making and sending posts costs is not what is asked.
Tags and authors are few, so that what is remembered of them soon grows no more: what grows then would be the overload's.
"""
import json
import os
import subprocess
import threading
import time
import unittest

import harness
import streams
from harness import post

SECONDS = int(os.environ.get("TAGSWELL_OVERLOAD_SECONDS", "0"))
QUEUE = "queue_posts_max = 800\n"
BATCH = 800  # one that waits is as much as may
REFUSAL_MS_MAX = 50
GOODPUT_MIN = 0.9
RESIDENT_GROWTH_MAX = 1.1


class Overload(unittest.TestCase):
    def test_what_is_refused_says_when_to_come_again_and_nothing_is_lost_or_doubled(self):
        accepted, refusals, failures = set(), [], []

        def send(name):
            try:
                for k in range(40):
                    answer = server.post_lines([post(f"{name}-{k}-{i}", text="#over") for i in range(BATCH)])
                    if answer.status == 429:
                        refusals.append(answer)
                    elif answer.status == 200 and answer.json()["accepted"] == BATCH:
                        accepted.add((name, k))
                    else:
                        failures.append(answer)
            except Exception as e:  # told to the main thread, which fails the test
                failures.append(repr(e))

        with harness.Server(config=QUEUE, fsync="always") as server:
            threads = [threading.Thread(target=send, args=(n,)) for n in range(16)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(failures, [])
            self.assertTrue(accepted)
            self.assertTrue(refusals, "never too much: the bound is not tried")
            for answer in refusals:
                self.assertGreaterEqual(int(answer.headers["retry-after"]), 1)
                self.assertEqual((answer.json()["status"], answer.json()["code"]), (429, "overloaded"))
            self.assertEqual(server.settled()["posts"], BATCH * len(accepted))
            name, k = next(iter(accepted))
            self.assertEqual(server.request("GET", f"/v1/posts/twitter/{name}-{k}-0").status, 200)
            self.assertEqual(server.post_lines([post("after")]).status, 200)

    def test_a_socket_is_told_of_each_message_that_was_too_much(self):
        with harness.Server(config=QUEUE, fsync="always") as server:
            body = lambda k: "\n".join(json.dumps(post(f"ws-{k}-{i}", text="#over")) for i in range(BATCH))
            with streams.WebSocket(server.port, "/v1/ingest") as ws:
                thread = threading.Thread(target=lambda: [ws.send(body(k)) for k in range(50)])
                thread.start()
                acks = [ws.receive_json() for _ in range(50)]
                thread.join()
            self.assertEqual([a["ack"] for a in acks], list(range(1, 51)))
            refused = [a for a in acks if "error" in a]
            self.assertLessEqual({a["error"]["code"] for a in refused}, {"overloaded"})
            taken = [a for a in acks if "error" not in a]
            self.assertTrue(taken)
            self.assertEqual(server.settled()["posts"], sum(a["accepted"] for a in taken))

    def three_times_too_much_costs_nobody(self):
        load = os.environ.get("TAGSWELL_LOAD_BIN", os.path.join(harness.ROOT, "build", "release", "tests", "bench", "load", "tagswell_load"))
        cores = sorted(os.sched_getaffinity(0))
        if len(cores) < 2:
            self.skipTest("one core: the load would be part of what is measured")
        self.addCleanup(os.sched_setaffinity, 0, cores)
        os.sched_setaffinity(0, cores[:1])  # whoever is started inherits it
        with harness.Server(clock="wall", fsync="interval", config="queue_posts_max = 100000\n") as server:
            os.sched_setaffinity(0, cores[1:])

            def run(*arguments):
                """The tool's figures, and `rate` until all is counted: what waits at the end is not yet done."""
                begin, before = time.monotonic(), server.settled()["posts"]
                out = subprocess.run([load, "http-ndjson", "--port", str(server.port), "--pid", str(server.process.pid),
                                      "--tags", "1000", "--authors", "10000", *arguments],
                                     check=True, capture_output=True, env=harness.environment()).stdout
                posts = server.settled(600)["posts"] - before
                figures = {line["bench"]: line["value"] for line in map(json.loads, out.splitlines())}
                return {**figures, "rate": posts / (time.monotonic() - begin)}

            peak = run("--seconds", "30", "--connections", "32")
            before = run("--seconds", str(SECONDS // 2), "--connections", "512", "--rate", str(3 * peak["rate"]))
            over = run("--seconds", str(SECONDS), "--connections", "512", "--rate", str(3 * peak["rate"]))
            print(json.dumps({"peak": peak, "over": over}))
            self.assertGreater(over["http_ndjson_refused"], 0)
            self.assertLessEqual(over["http_ndjson_refusal_p99"], REFUSAL_MS_MAX)
            self.assertGreaterEqual(over["rate"], GOODPUT_MIN * peak["rate"])
            self.assertLessEqual(over["http_ndjson_memory"], RESIDENT_GROWTH_MAX * before["http_ndjson_memory"])

    if SECONDS:
        test_three_times_too_much_costs_nobody = three_times_too_much_costs_nobody


if __name__ == "__main__":
    unittest.main()
