"""GET /v1/trends?at=: what was shown in any minute is what is given back, whatever happened since."""
import json
import unittest

import harness

SCALE = 50
SCOPES = ("world", "source:twitter", "country:FR", "lang:en")
PIECES = 60


class PastBoards(unittest.TestCase):
    def test_are_what_was_shown_then(self):
        lines = harness.run("synth", "--scenario", "metoo", "--scale", str(SCALE)).stdout.splitlines()
        with harness.Server(fsync="interval") as server:
            shown = {}
            size = len(lines) // PIECES + 1
            for begin in range(0, len(lines), size):
                server.feed(lines[begin:begin + size], batch=500)
                server.settled()
                for scope in SCOPES:
                    board = server.get("/v1/trends", scope=scope, limit=1000)
                    shown[scope, board["at"]] = board["trends"]
            self.assertGreater(sum(len(rows) > 1 for rows in shown.values()), 20, "too little trended to tell boards apart")
            self.assert_as_shown(server, shown)

            # A crash takes what no sync made durable; the log makes it again.
            server.kill()
            server.start()
            self.assert_as_shown(server, shown)

            one = server.get("/v1/trends", at="2017-10-16T00:00:00Z", limit=1)["trends"]
            self.assertEqual([row["rank"] for row in one], [1])
            self.assertEqual(server.get("/v1/trends", at="2017-10-01T00:00:00Z")["trends"], [])

            self.assert_says_what_was_taken_back(server, shown, [json.loads(line) for line in lines])

    def assert_as_shown(self, server, shown):
        for (scope, at), rows in shown.items():
            self.assertEqual(server.get("/v1/trends", scope=scope, at=at, limit=1000)["trends"], rows, (scope, at))

    def assert_says_what_was_taken_back(self, server, shown, posts):
        at = next(at for (scope, at), rows in shown.items() if scope == "world" and "2017-10-16T00" < at and rows)
        row = shown["world", at][0]
        within = lambda post: at[:11] <= post["created_at"][:11] and post["created_at"] < at[:17] + "00Z"
        gone = [post for post in posts if within(post) and "#" + row["display"].lower() in post["text"].lower()][-3:]
        self.assertEqual(len(gone), 3)
        for post in gone:
            self.assertEqual(server.request("DELETE", f"/v1/posts/{post['source']}/{post['id']}").status, 204)
        server.settled()
        now = server.get("/v1/trends", scope="world", at=at, limit=1000)["trends"]
        found = next(of for of in now if of["topic"] == row["topic"])
        self.assertEqual(found.pop("deleted_since"), 3)
        self.assertEqual(found, row)
        at_minute = at[:17] + "00Z"
        counted = server.get("/v1/top", window="24h", at=at_minute, limit=1000)["topics"]
        self.assertEqual({of["topic"]: of["deleted_since"] for of in counted if "deleted_since" in of}.get(row["topic"]), 3)
        before = server.get("/v1/top", window="24h", at="2017-10-15T00:00:00Z", limit=1000)["topics"]
        self.assertFalse([of for of in before if "deleted_since" in of])
        # Where the posts do not belong, nothing is said.
        elsewhere = server.get("/v1/trends", scope="country:FR", at=at, limit=1000)["trends"]
        self.assertEqual(sum("deleted_since" in of for of in elsewhere), sum(p.get("country") == "FR" for p in gone) and 1)


if __name__ == "__main__":
    unittest.main()
