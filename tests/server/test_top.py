"""The server's counts against a naive oracle, however the same posts arrive."""
import json
import random
import unittest

import harness
import oracle
import streams

POSTS = oracle.generate(seed=11)


class Counts(unittest.TestCase):
    def check(self, server):
        stats = server.settled()
        for key, value in oracle.totals(POSTS).items():
            self.assertEqual(stats[key], value, key)
        r = random.Random(5)
        for _ in range(60):
            window = r.choice(list(oracle.WINDOWS))
            scope = r.choice(("world", "world", "country:FR", "lang:ja", "source:facebook"))
            end = 60 * r.randrange(60, 31 * 60)
            want = oracle.top(POSTS, scope, end - oracle.WINDOWS[window], end, 15)
            found = server.get("/v1/top", scope=scope, window=window, by="posts", limit=15, at=oracle.stamp(end))
            got = [(t["topic"], t["posts"], t["authors"]) for t in found["topics"]]
            self.assertEqual(got, want, (scope, window, oracle.stamp(end)))
            self.assertEqual((found["scope"], found["window"], found["at"]), (scope, window, oracle.stamp(end)))
        self.check_history(server)

    def check_history(self, server):
        for topic in ("tag0", "tag3", "strasse"):
            for step, seconds in (("1m", 60), ("5m", 300), ("1h", 3600)):
                begin, end = 4 * 3600, 12 * 3600
                steps = server.get(f"/v1/topics/{topic}/history", scope="world", step=step, **{
                    "from": oracle.stamp(begin), "to": oracle.stamp(end)})["steps"]
                got = {s["time"]: (s["posts"], s["authors"]) for s in steps if s["posts"]}
                want = {}
                for at in range(begin, end, seconds):
                    rows = [p for p in POSTS if at <= p[0] < at + seconds and topic in p[2]]
                    if rows:
                        want[oracle.stamp(at)] = (len(rows), len({p[1]["author"] for p in rows}))
                self.assertEqual(got, want, (topic, step))

    def test_in_order_in_batches_of_1000(self):
        with harness.Server() as server:
            self.assertEqual(server.feed([p[1] for p in POSTS]), (len(POSTS), 0))
            self.check(server)

    def test_in_batches_of_10(self):
        with harness.Server() as server:
            server.feed([p[1] for p in POSTS], batch=10)
            self.check(server)

    def test_one_at_a_time(self):
        with harness.Server() as server:
            for _, post, _ in POSTS:
                self.assertEqual(server.post_json(post).status, 201)
            self.check(server)

    def test_shuffled_within_the_lateness(self):
        with harness.Server() as server:
            server.feed([p[1] for p in oracle.shuffled_within(POSTS, 30, seed=3)], batch=137)
            self.check(server)

    def test_over_websocket(self):
        with harness.Server() as server, streams.WebSocket(server.port, "/v1/ingest") as ws:
            for at in range(0, len(POSTS), 100):
                ws.send("\n".join(json.dumps(p[1]) for p in POSTS[at:at + 100]))
            for k in range(len(range(0, len(POSTS), 100))):
                self.assertEqual(ws.receive_json()["ack"], k + 1)
            self.check(server)

    def test_sent_twice(self):
        with harness.Server() as server:
            lines = [p[1] for p in POSTS]
            server.feed(lines)
            self.assertEqual(server.feed(lines), (0, len(lines)))
            self.check(server)

    def test_with_a_restart_in_the_middle_and_one_after(self):
        with harness.Server() as server:
            lines = [p[1] for p in POSTS]
            server.feed(lines[:9_321])
            server.restart()
            self.assertEqual(server.feed(lines[9_000:]), (len(lines) - 9_321, 321))
            self.check(server)
            server.restart()
            self.check(server)


class Refusals(unittest.TestCase):
    def test_unknown_parameters_and_values_are_400(self):
        with harness.Server() as server:
            for query in ("window=2h", "by=likes", "limit=0", "limit=x", "at=noon", "scope=moon", "scope=country:fra", "colour=red"):
                with self.subTest(query=query):
                    answer = server.request("GET", f"/v1/top?{query}")
                    self.assertEqual(answer.status, 400, answer)
                    self.assertTrue(answer.json()["code"])


if __name__ == "__main__":
    unittest.main()
