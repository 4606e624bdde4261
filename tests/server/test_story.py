"""GET /v1/topics/{tag}: the story of a topic, on a stream small enough to know it by heart."""
import unittest

from harness import Server, post
from oracle import milestones

MILESTONES = [1, 5, 30, 50, 101]


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
            tags = "#Sea" + (" #ship" if n % 10 < 3 else "") + (" #luck" if n % 25 == 7 else "") + " #daily"
            posts.append(post(f"s{n}", at(10 + n), tags, author=f"p{n % 50}", **fields))
        posts.append(post("hit", at(5), "#Sea wave", author="wave", author_followers=70_000, country="FR"))
        # Nine hundred others: every one names the tag that everybody uses, ten the companion, and some a tag that four of the
        # hundred name by chance.
        posts += [post(f"o{n}", at(10 + n % 100), "#daily" + (" #ship" if n < 10 else "") + (" #luck" if n % 37 == 0 else ""),
                       author=f"q{n}") for n in range(899)]
        cls.sea = [p for p in posts if "#Sea" in p["text"]]
        cls.server = Server(config=f"milestones = {MILESTONES}").start()
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
        # Thirty of 101 posts against 40 of 1,001; what everybody uses is no relation, nor is 4 of 101 against 29 of 1,001.
        self.assertEqual([(r["topic"], r["posts"]) for r in related], [("ship", 30)])
        self.assertAlmostEqual(related[0]["lift"], (30 / 101) / (40 / 1001), delta=0.5)

    def test_milestones_of_a_topic_that_never_trended(self):
        story = self.server.get("/v1/topics/sea")
        self.assertEqual(story["episodes"], [])
        self.assertEqual(story["milestones"], milestones(self.sea, MILESTONES))
        self.assertEqual([m for m in story["milestones"] if "source" not in m and m["counted"] == "authors"][1:3],
                         [{"time": at(14), "counted": "authors", "count": 5, "seconds_since_first_post": 540},
                          {"time": at(39), "counted": "authors", "count": 30, "seconds_since_first_post": 2040}])

    def test_milestones_are_told_of_each_source_and_do_not_begin_anew(self):
        lines = [post(f"l{n}", at(200 + n // 3), "#lake", author=f"l{n // 2}", source=("twitter", "mastodon", "bluesky")[n % 3])
                 for n in range(120)]
        self.server.feed(lines)
        self.server.settled()
        told = self.server.get("/v1/topics/lake")["milestones"]
        self.assertEqual(told, milestones(lines, MILESTONES))
        self.assertEqual({m.get("source") for m in told}, {None, "twitter", "mastodon", "bluesky"})
        for change in (("PUT", "/v1/blocks/lake", None), ("DELETE", "/v1/blocks/lake", None)):
            self.assertLess(self.server.request(*change).status, 300)
            self.server.settled()
            self.assertEqual(self.server.get("/v1/topics/lake")["milestones"], told)

    def test_how_much_since_when_and_how_it_grew(self):
        story = self.server.get("/v1/topics/sea")
        hours = {}
        for p in self.sea:
            hours.setdefault(p["created_at"][:14] + "00:00Z", []).append(p["author"])
        peak = max(sorted(hours), key=lambda hour: len(hours[hour]))
        self.assertEqual(story["totals"], {
            "posts": 101, "authors": 51, "first_at": at(5), "last_at": at(109),
            "peak_hour": {"time": peak, "posts": len(hours[peak]), "authors": len(set(hours[peak]))}})
        # A hundred and five minutes: one by one.
        minutes = {}
        for p in self.sea:
            minutes.setdefault(p["created_at"], []).append(p["author"])
        self.assertEqual(story["curve"], {"step_minutes": 1, "steps": [
            {"time": time, "posts": len(minutes[time]), "authors": len(set(minutes[time]))} for time in sorted(minutes)]})

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


class Long(unittest.TestCase):
    def test_a_curve_has_few_steps_however_long_it_is_and_a_stray_post_does_not_flatten_it(self):
        lines = [post(f"c{n}", at(n * 5), "#creek", author=f"c{n % 7}") for n in range(864)]  # three days
        with Server() as server:
            server.feed([post("stray", "2006-05-01T00:00:00Z", "#creek"), *lines])
            server.settled()
            story = server.get("/v1/topics/creek")
        self.assertEqual((story["totals"]["posts"], story["totals"]["first_at"]), (865, "2006-05-01T00:00:00Z"))
        curve = story["curve"]
        self.assertEqual((curve["step_minutes"], len(curve["steps"])), (60, 72))
        self.assertEqual(curve["steps"][0], {"time": at(0), "posts": 12, "authors": 7})

    def test_of_a_topic_with_more_posts_than_are_read_all_are_counted(self):
        """Fifty thousand posts are read; what came behind them came from elsewhere."""
        count = 60_000
        lines = [post(n, f"2017-10-{15 + n // 20_000:02d}T{n % 20_000 // 1000:02d}:{n % 1000 // 20:02d}:{n % 20 * 3:02d}Z", "#ocean",
                      author=f"o{n % 9_000}", country="IT" if n > 55_000 else "GB") for n in range(count)]
        with Server(config="milestones = [10000, 60000]") as server:
            server.feed(lines, batch=5_000)
            server.settled()
            story = server.get("/v1/topics/ocean")
            self.assertEqual((story["told_from"]["posts"], story["told_from"]["complete"], story["told_from"]["of_posts"]),
                             (50_000, False, count))
            totals = story["totals"]
            self.assertEqual((totals["posts"], totals["authors"], totals["first_at"], totals["last_at"]),
                             (count, 9_000, lines[0]["created_at"], lines[-1]["created_at"]))
            arrivals = {a["scope"]: a for a in story["arrivals"]}
            self.assertEqual([a["scope"] for a in story["arrivals"]], ["country:GB", "source:twitter", "country:IT"])
            self.assertEqual({k: arrivals["country:IT"][k] for k in ("posts", "authors")}, {"posts": 4_999, "authors": 4_999})
            self.assertEqual(arrivals["country:IT"]["time"][:16], lines[55_001]["created_at"][:16])
            self.assertEqual(arrivals["source:twitter"], {"scope": "source:twitter", "time": lines[0]["created_at"], "posts": count, "authors": 9_000})
            self.assertEqual(story["milestones"], milestones(lines, [10_000, 60_000]))
            self.assertEqual(sum(step["posts"] for step in story["curve"]["steps"]), count)
            # What was taken back behind those that are read is not counted, either.
            self.assertEqual(server.request("DELETE", f"/v1/posts/twitter/{count - 1}").status, 204)
            server.settled()
            story = server.get("/v1/topics/ocean")
            self.assertTrue(story["totals"]["posts"] == count - 1 or "as_of" in story["told_from"], story["totals"])


if __name__ == "__main__":
    unittest.main()
