"""Stored posts: reading one, taking one back."""
import unittest

import harness
from harness import post

AT = "2017-10-15T21:00:00Z"


class Posts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = harness.Server().start()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def top(self, scope="world"):
        found = self.server.get("/v1/top", window="1h", at=AT, scope=scope, limit=100)
        return {t["topic"]: (t["posts"], t["authors"]) for t in found["topics"]}

    def live_top(self):
        return {t["topic"]: (t["posts"], t["authors"]) for t in self.server.get("/v1/top", window="24h", limit=100)["topics"]}

    def test_a_post_is_given_back(self):
        sent = post("p/1 ü", text="Hello #There", kind="reply", in_reply_to="p0", author_followers=12,
                    author_created_at="2010-01-01T00:00:00Z", author_is_bot=True, lang="en", country="US")
        self.assertEqual(self.server.post_json(sent).status, 201)
        stored = self.server.get("/v1/posts/twitter/p%2F1%20%C3%BC")
        for key, value in sent.items():
            self.assertEqual(stored[key], value, key)

    def test_an_unknown_post_is_404(self):
        for method in ("GET", "DELETE"):
            answer = self.server.request(method, "/v1/posts/twitter/nobody")
            self.assertEqual(answer.status, 404, answer)
            self.assertTrue(answer.headers["content-type"].startswith("application/problem+json"))

    def test_a_deleted_post_leaves_every_count(self):
        server = self.server
        server.feed([post("d1", text="#gone #stays", country="FR"), post("d2", text="#gone", country="FR", author="ad1"),
                     post("d3", text="#stays", country="FR")])
        before = server.settled()
        self.assertEqual(self.top()["gone"], (2, 1))
        answer = server.request("DELETE", "/v1/posts/twitter/d1")
        self.assertIn(answer.status, (200, 204), answer)
        after = server.settled()
        self.assertEqual(self.top()["gone"], (1, 1))
        self.assertEqual(self.top("country:FR")["stays"], (1, 1))
        self.assertEqual(before["posts"] - after["posts"], 1)
        self.assertEqual(before["mentions"] - after["mentions"], 2)
        self.assertEqual(server.request("GET", "/v1/posts/twitter/d1").status, 404)

    def test_a_busy_topic_loses_the_authors_of_deleted_posts(self):
        server = self.server
        server.feed([post(f"b{i}", text="#busy", author=f"author{i % 70}", at=f"2017-10-15T20:{i // 8:02}:00Z") for i in range(150)])
        server.settled()
        self.assertEqual(self.live_top()["busy"], (150, 70))
        gone = [i for i in range(150) if i % 70 < 40 or i < 10]
        for i in gone:
            self.assertEqual(server.request("DELETE", f"/v1/posts/twitter/b{i}").status, 204)
        server.settled()
        left = {i % 70 for i in range(150) if i not in gone}
        self.assertEqual(self.live_top()["busy"], (150 - len(gone), len(left)))

    def test_deletion_survives_a_restart(self):
        server = self.server
        server.feed([post("r1", text="#kept"), post("r2", text="#kept")])
        server.request("DELETE", "/v1/posts/twitter/r1")
        server.settled()
        server.restart()
        server.settled()
        self.assertEqual(self.top()["kept"], (1, 1))
        self.assertEqual(server.request("GET", "/v1/posts/twitter/r1").status, 404)
        self.assertEqual(server.request("GET", "/v1/posts/twitter/r2").status, 200)


if __name__ == "__main__":
    unittest.main()
