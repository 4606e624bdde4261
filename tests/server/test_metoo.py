"""The reconstruction of #MeToo's first days: what the server has to say about it, and when."""
import datetime
import json
import unittest
import urllib.parse

import harness
import oracle

SCALE = 20
ORIGIN = "2017-10-15T20:21:45Z"
MILESTONES = [1_000 // SCALE, 10_000 // SCALE, 70_000 // SCALE, 100_000 // SCALE]
CONFIG = f"""
milestones = {MILESTONES}
[[alias]]
topic = "metoo"
tags = ["MeToo"]
phrases = ["me too"]
"""


def seconds_between(a, b):
    a, b = (datetime.datetime.fromisoformat(x.replace("Z", "+00:00")) for x in (a, b))
    return int((b - a).total_seconds())


class MeToo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lines = harness.run("synth", "--scenario", "metoo", "--scale", str(SCALE)).stdout.splitlines()
        cls.posts = [json.loads(line) for line in cls.lines]
        cls.mentions = [p for p in cls.posts if "#metoo" in p["text"].lower() or "me too" in " ".join(p["text"].lower().split())]
        cls.server = harness.Server(config=CONFIG).start()
        cls.server.feed(cls.lines, batch=500)
        cls.server.settled()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def started(self, topic, scope):
        events = self.server.events(type="started", topic=topic, scope=scope)
        self.assertTrue(events, f"{topic} was never announced in {scope}")
        return events[0]

    def test_is_announced_in_the_world_before_the_500th_mention(self):
        # Of the full figures: scaled, the five hundredth is number 500 / SCALE after the origin post.
        event = self.server.events(type="started", topic="metoo", scope="world")
        event = next(e for e in event if e["time"] >= ORIGIN)
        before = sum(1 for p in self.mentions if ORIGIN <= p["created_at"] <= event["time"])
        print(f"metoo announced in world at {event['time']}, after {before} mentions at 1:{SCALE}")
        self.assertLess(before, 500)

    def test_is_number_one_in_the_hours_the_record_shows(self):
        for at in ("2017-10-15T22:00:00Z", "2017-10-16T00:00:00Z", "2017-10-16T02:00:00Z", "2017-10-16T12:00:00Z"):
            trends = self.server.get("/v1/trends", scope="world", at=at)["trends"]
            self.assertEqual((trends[0]["topic"], trends[0]["rank"]), ("metoo", 1), at)
        self.assertEqual(self.server.get("/v1/top", window="1h", by="authors", limit=1, at="2017-10-16T02:00:00Z")["topics"][0]["topic"],
                         "metoo")

    def test_counts_the_bare_phrase(self):
        top = self.server.get("/v1/top", window="24h", by="posts", limit=5, at="2017-10-16T20:21:00Z")["topics"][0]
        wanted = [p for p in self.mentions if "2017-10-15T20:21:00Z" <= p["created_at"] < "2017-10-16T20:21:00Z"]
        bare = [p for p in wanted if "#" not in p["text"]]
        self.assertGreater(len(bare), 60_000 // SCALE)
        self.assertEqual((top["topic"], top["posts"]), ("metoo", len(wanted)))

    def test_reaches_70000_authors_on_the_second_network(self):
        events = self.server.events(type="milestone", topic="metoo")
        found = [e for e in events if e["milestone"]["counted"] == "authors" and e["milestone"]["count"] == 70_000 // SCALE
                 and e["milestone"].get("source") == "facebook"]
        self.assertEqual(len(found), 1, [e["milestone"] for e in events])
        print(f"the {70_000 // SCALE}th author on facebook: {found[0]['time']}")
        self.assertLess(found[0]["time"], "2017-10-16T09:00:00Z")
        self.assertGreater(found[0]["time"], "2017-10-16T07:00:00Z")

    def test_the_french_tag_is_seen_in_france_before_the_world_sees_it(self):
        world = self.started("balancetonporc", "world")
        for scope in ("country:FR", "lang:fr"):
            here = self.started("balancetonporc", scope)
            print(f"balancetonporc in {scope} at {here['time']}, in world at {world['time']}")
            self.assertLess(here["time"], "2017-10-14T00:00:00Z")
            self.assertLess(here["seq"], world["seq"])

    def test_explains_why_a_topic_trends_and_why_another_does_not(self):
        event = next(e for e in self.server.events(type="started", topic="metoo", scope="world") if e["time"] >= ORIGIN)
        then = self.server.get("/v1/topics/metoo/explain", at=event["time"])
        self.assertEqual((then["trending"], then["failed"], then["started_at"]), (True, [], event["started_at"]))
        self.assertEqual(then["explanation"], event["explanation"])
        before = self.server.get("/v1/topics/MeToo/explain", scope="world", at="2017-10-15T20:24:00Z")
        self.assertFalse(before["trending"])
        self.assertTrue(before["failed"])
        self.assertNotIn("started_at", before)
        everyday = self.server.get("/v1/topics/goodmorning/explain", scope="world")
        self.assertFalse(everyday["trending"])
        self.assertTrue(set(everyday["failed"]) & {"not_surprising", "too_few_authors"}, everyday)
        self.assertGreater(everyday["explanation"]["expected_authors"], 0)
        self.assertEqual(self.server.request("GET", "/v1/topics/nobodyusesthis/explain").status, 404)

    def test_tells_the_story(self):
        story = self.server.get("/v1/topics/MeToo")
        self.assertEqual((story["told_from"]["posts"], story["told_from"]["complete"]), (len(self.mentions), True))
        self.assertEqual((story["origin"]["author"], story["origin"]["created_at"]), ("Alyssa_Milano", ORIGIN))
        answers = [p for p in self.mentions if p.get("in_reply_to") == story["origin"]["id"]]
        self.assertEqual(story["origin"]["replies"], len(answers))
        first = min(self.mentions, key=lambda p: p["created_at"])
        self.assertEqual((story["first_post"]["id"], story["first_post"]["text"]), (first["id"], first["text"]))
        self.assertEqual(story["phrase_posts"], sum(1 for p in self.mentions if "#" not in p["text"]))
        self.assertEqual(story["spellings"][0]["spelling"], "MeToo")
        self.assertEqual(story["carriers"]["largest"][0]["author"], "Alyssa_Milano")

        places = {}
        for p in sorted(self.mentions, key=lambda p: p["created_at"]):
            for scope in (f"source:{p['source']}", f"country:{p['country']}", f"lang:{p['lang']}"):
                place = places.setdefault(scope, [p["created_at"], 0, set()])
                place[1] += 1
                place[2].add(p["author"])
        wanted = sorted([time, scope, posts, len(authors)] for scope, (time, posts, authors) in places.items())
        self.assertEqual([[a["time"], a["scope"], a["posts"], a["authors"]] for a in story["arrivals"]], wanted)

        self.assertEqual(story["milestones"], oracle.milestones(self.mentions, MILESTONES))
        reached = next(m for m in story["milestones"] if m.get("source") == "facebook" and m["counted"] == "authors"
                       and m["count"] == 70_000 // SCALE)
        print(f"70,000 authors on facebook (scaled) at {reached['time']}")
        self.assertTrue("2017-10-16T07:00:00Z" < reached["time"] < "2017-10-16T09:00:00Z", reached)
        world = next(e for e in story["episodes"] if e["scope"] == "world")
        self.assertGreaterEqual(world["started_at"], ORIGIN)
        self.assertGreaterEqual(world["first_at"], world["started_at"])
        for episode in story["episodes"]:
            for moment, seconds in (("started_at", "seconds_to_start"), ("first_at", "seconds_to_first")):
                self.assertEqual(moment in episode, seconds in episode, episode)
                if moment in episode:
                    self.assertEqual(episode[seconds], seconds_between(first["created_at"], episode[moment]), episode)
        self.assertEqual((story["totals"]["posts"], story["totals"]["authors"]),
                         (len(self.mentions), len({p["author"] for p in self.mentions})))

    def test_names_what_grew_out_of_it_and_its_sister_and_nothing_else(self):
        topics = {e["topic"] for e in self.server.events(type="started")}
        topics |= {t["topic"] for t in self.server.get("/v1/top", window="24h", by="authors", limit=100,
                                                       at="2017-10-16T20:21:00Z")["topics"]}
        self.assertEqual({"metoo", "wetoo", "balancetonporc", "quellavoltache", "yotambien", "music"} - topics, set())
        stories = {topic: self.server.get(f"/v1/topics/{urllib.parse.quote(topic)}") for topic in topics}
        for kind, wanted in (("successors", [("metoo", "wetoo")]), ("sisters", [("metoo", "balancetonporc")])):
            told = sorted((topic, row["topic"]) for topic, story in stories.items() for row in story[kind])
            print(f"{kind} of {len(topics)} topics: {told}")
            self.assertEqual(told, wanted)
        story = stories["metoo"]
        people = {tag: {p["author"] for p in self.posts if f"#{tag}" in p["text"].lower()} for tag in ("wetoo", "balancetonporc")}
        mentioning = {p["author"] for p in self.mentions}
        (successor,), (sister,) = story["successors"], story["sisters"]
        print(f"#WeToo: {successor}; #BalanceTonPorc: {sister}")
        self.assertEqual((successor["display"], successor["lang"], sister["display"], sister["lang"]), ("WeToo", "en", "BalanceTonPorc", "fr"))
        for row in (successor, sister):
            firsts = [p["created_at"] for p in self.posts if f"#{row['topic']}" in p["text"].lower()]
            self.assertEqual(row["first_at"], min(firsts))
            self.assertLessEqual(row["authors"], len(people[row["topic"]]))
            self.assertLessEqual(row["carriers"], len(people[row["topic"]] & mentioning))
            self.assertGreater(row["lift"], 3)

    def test_names_no_kin_that_is_blocked(self):
        self.server.request("PUT", "/v1/blocks/wetoo")
        self.server.settled()
        try:
            self.assertEqual(self.server.get("/v1/topics/metoo")["successors"], [])
        finally:
            self.server.request("DELETE", "/v1/blocks/wetoo")
            self.server.settled()
        self.assertEqual([s["topic"] for s in self.server.get("/v1/topics/metoo")["successors"]], ["wetoo"])

    def test_spam_of_few_accounts_and_everyday_tags_are_no_news(self):
        topics = {e["topic"] for e in self.server.events(type="started", scope="world")}
        print("announced in world:", sorted(topics))
        self.assertNotIn("freephonenow", topics)
        for everyday in ("goodmorning", "music", "bonjour"):
            self.assertNotIn(everyday, topics)


class Later(unittest.TestCase):
    def test_its_kin_is_told_a_month_later_and_after_a_restart(self):
        with harness.Server(config=CONFIG) as server:
            server.feed(harness.run("synth", "--scenario", "metoo", "--scale", str(SCALE)).stdout.splitlines(), batch=500)
            server.settled(seconds=300)
            then = server.get("/v1/topics/metoo")
            self.assertTrue(then["successors"] and then["sisters"], then["told_from"])
            server.post_lines([harness.post("later", "2017-11-16T00:00:00Z", "#autumn")])
            server.settled(seconds=300)
            server.restart()
            now = server.get("/v1/topics/metoo")
            self.assertEqual(now["windows"]["24h"], {"posts": 0, "authors": 0})
            for kind in ("successors", "sisters"):
                self.assertEqual(now[kind], then[kind])


if __name__ == "__main__":
    unittest.main()
