"""GET /v1/topics/{tag}: the story of a topic, on a stream small enough to know it by heart."""
import unittest

from harness import Server, post


def at(minute):
    return f"2017-10-{15 + minute // 1440:02d}T{minute // 60 % 24:02d}:{minute % 60:02d}:00Z"


class Story(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        posts = [post("origin", at(0), "please answer", author="first", author_followers=5_000)]
        # A hundred posts of the topic: forty answer the origin, ten pass on "hit", thirty name a companion.
        for n in range(100):
            fields = {"country": "FR" if n % 4 else "BE", "lang": "fr"}
            if n % 5 < 2:
                fields["in_reply_to"] = "origin"
            elif n % 10 == 4:
                fields["repost_of"] = "hit"
            tags = "#Sea" + (" #ship" if n % 10 < 3 else "") + " #daily"
            posts.append(post(f"s{n}", at(10 + n), tags, author=f"p{n % 50}", **fields))
        posts.append(post("hit", at(5), "#Sea wave", author="wave", author_followers=70_000, country="FR"))
        # Nine hundred others: every one names the tag that everybody uses, ten the companion.
        posts += [post(f"o{n}", at(10 + n % 100), "#daily" + (" #ship" if n < 10 else ""), author=f"q{n}") for n in range(899)]
        cls.server = Server().start()
        cls.server.feed(sorted(posts, key=lambda p: p["created_at"]))
        cls.server.settled()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def test_first_post_origin_and_carriers(self):
        story = self.server.get("/v1/topics/sea")
        self.assertEqual((story["topic"], story["display"], story["scope"]), ("sea", "Sea", "world"))
        self.assertEqual(story["told_from"], {"posts": 101, "complete": True})
        self.assertEqual((story["first_post"]["id"], story["first_post"]["author"]), ("hit", "wave"))
        self.assertEqual({k: story["origin"][k] for k in ("source", "id", "author", "text", "replies", "reposts")},
                         {"source": "twitter", "id": "origin", "author": "first", "text": "please answer", "replies": 40,
                          "reposts": 0})
        self.assertEqual([(t["id"], t["replies"]) for t in story["carriers"]["most_replied_to"]], [("origin", 40)])
        self.assertEqual([(t["id"], t["author"], t["reposts"]) for t in story["carriers"]["most_reposted"]], [("hit", "wave", 10)])
        self.assertEqual([(c["author"], c["followers"]) for c in story["carriers"]["largest"]], [("wave", 70_000)])

    def test_order_of_arrival(self):
        arrivals = self.server.get("/v1/topics/sea")["arrivals"]
        self.assertEqual([(a["scope"], a["time"], a["posts"]) for a in arrivals],
                         [("country:FR", at(5), 76), ("source:twitter", at(5), 101), ("country:BE", at(10), 25), ("lang:fr", at(10), 100)])
        self.assertEqual([a["authors"] for a in arrivals], [51, 51, 25, 50])

    def test_related_is_what_is_used_with_it_more_often_than_by_chance(self):
        related = self.server.get("/v1/topics/sea")["related"]
        # Thirty of 101 posts against 40 of 1,001; what everybody uses is no relation.
        self.assertEqual([(r["topic"], r["posts"]) for r in related], [("ship", 30)])
        self.assertAlmostEqual(related[0]["lift"], (30 / 101) / (40 / 1001), delta=0.5)

    def test_a_topic_whose_posts_were_all_taken_back_has_none(self):
        self.server.post_lines([post("lone", at(1), "#lonely")])
        self.server.settled()
        self.assertEqual(self.server.get("/v1/topics/lonely")["topic"], "lonely")
        self.assertEqual(self.server.request("DELETE", "/v1/posts/twitter/lone").status, 204)
        self.server.settled()
        self.assertEqual(self.server.request("GET", "/v1/topics/lonely").status, 404)

    def test_a_post_that_was_taken_back_is_in_no_story(self):
        self.server.post_lines([post("gone", at(1), "#brief one"), post("stays", at(2), "#brief two")])
        self.assertEqual(self.server.request("DELETE", "/v1/posts/twitter/gone").status, 204)
        self.server.settled()
        story = self.server.get("/v1/topics/brief")
        self.assertEqual((story["told_from"]["posts"], story["first_post"]["id"]), (1, "stays"))

    def test_what_is_long_past_still_has_a_story_and_what_never_was_has_none(self):
        self.server.post_lines([post("old", "2017-09-01T00:00:00Z", "#longago")])
        self.server.settled()
        story = self.server.get("/v1/topics/LongAgo")
        self.assertEqual(story["first_post"]["id"], "old")
        self.assertEqual(story["windows"]["24h"], {"posts": 0, "authors": 0})
        answer = self.server.request("GET", "/v1/topics/neverwas")
        self.assertEqual((answer.status, answer.json()["code"]), (404, "not_found"))
        self.assertEqual(self.server.request("GET", "/v1/topics/sea?scope=moon").status, 400)


if __name__ == "__main__":
    unittest.main()
