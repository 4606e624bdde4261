"""What clients of Mastodon and of FASP see: GET /api/v1/trends/tags and GET /trends/v0/hashtags."""
import collections
import datetime
import json
import re
import unittest

from harness import Server, run

OWN_TAG = re.compile(r"(?<![&\w])#metoo(?!\w)", re.I)


def written(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Fediverse(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        lines = run("synth", "--scenario", "metoo", "--scale", "50").stdout.splitlines()
        cls.posts = [json.loads(line) for line in lines]
        # Three of them came from the fediverse, one of these in French, and one passes on another.
        last = [{"id": f"https://m.example/notes/{n}", "source": "activitypub", "author": f"https://m.example/users/{n}",
                 "created_at": cls.posts[-1]["created_at"], "text": "#MeToo", "lang": "fr" if n == 2 else "en",
                 **({"repost_of": "https://m.example/notes/1"} if n == 4 else {})} for n in range(1, 5)]
        cls.posts += last
        cls.server = Server().start()
        cls.server.feed(cls.posts)
        cls.server.settled()
        time = cls.server.get("/v1/stats")["engine_time"]
        cls.now = int(datetime.datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp())
        cls.trends = cls.server.get("/v1/trends", limit=1000)["trends"]

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def test_tags_are_what_trends_in_its_order(self):
        self.assertGreater(len(self.trends), 1)
        self.assertIn("metoo", [t["topic"] for t in self.trends])
        tags = self.server.get("/api/v1/trends/tags", limit=20)
        self.assertEqual([t["name"] for t in tags], [t["display"] for t in self.trends][:20])
        for tag in tags:
            self.assertEqual(set(tag), {"name", "url", "history"})
            self.assertTrue(tag["url"].startswith(f"http://127.0.0.1:{self.server.port}/#/topic/"), tag["url"])

    def test_history_is_seven_days_in_strings_today_first_and_exact(self):
        tag = next(t for t in self.server.get("/api/v1/trends/tags", limit=20) if t["name"].lower() == "metoo")
        uses, accounts = collections.Counter(), collections.defaultdict(set)
        for p in self.posts:
            if OWN_TAG.search(p["text"]):
                uses[p["created_at"][:10]] += 1
                accounts[p["created_at"][:10]].add(p["author"])
        today = self.now // 86400 * 86400
        wanted = [(midnight, written(midnight)[:10]) for midnight in range(today, today - 7 * 86400, -86400)]
        self.assertEqual(tag["history"], [{"day": str(midnight), "uses": str(uses[day]), "accounts": str(len(accounts[day]))}
                                          for midnight, day in wanted])
        self.assertGreater(uses["2017-10-15"], 0)

    def test_limit_and_offset_page_through_them(self):
        everything = [t["display"] for t in self.trends]
        paged = []
        while page := self.server.get("/api/v1/trends/tags", limit=1, offset=len(paged)):
            paged += [t["name"] for t in page]
        self.assertEqual(paged, everything)
        self.assertEqual(self.server.get("/api/v1/trends/tags", limit=40), self.server.get("/api/v1/trends/tags", limit=20))
        self.assertEqual(self.server.get("/api/v1/trends/tags", offset=1000), [])
        self.assertEqual(self.server.get("/api/v1/trends/tags", scope="country:ZW"), [])

    def test_hashtags_of_a_fasp_are_ranked_and_have_examples(self):
        found = self.server.get("/trends/v0/hashtags")["hashtags"]
        self.assertEqual(set(found[0]), {"name", "rank", "examples"})
        ranks = [h["rank"] for h in found]
        self.assertEqual(ranks, sorted(ranks, reverse=True))
        self.assertTrue(all(1 <= rank <= 100 for rank in ranks), ranks)
        self.assertLessEqual({"#" + t["display"] for t in self.trends}, {h["name"] for h in self.server.get("/trends/v0/hashtags", maxCount=100)["hashtags"]})
        metoo = next(h for h in found if h["name"].lower() == "#metoo")
        self.assertEqual(metoo["examples"], [f"https://m.example/notes/{n}" for n in (3, 2, 1)])
        self.assertEqual(len(self.server.get("/trends/v0/hashtags", maxCount=1)["hashtags"]), 1)

    def test_hours_reach_back_to_what_trends_no_more(self):
        names = {hours: {h["name"] for h in self.server.get("/trends/v0/hashtags", withinLastHours=hours, maxCount=100)["hashtags"]}
                 for hours in (1, 24, 168)}
        self.assertLessEqual(names[1], names[24])
        self.assertLessEqual(names[24], names[168])
        events = self.server.events(scope="world")
        self.assertEqual(names[168], {"#" + e["display"] for e in events if e["time"] > written(self.now - 168 * 3600)} |
                         {"#" + t["display"] for t in self.trends})

    def test_a_language_is_a_scope(self):
        for language in ("fr", "fr-FR", "FR"):
            found = self.server.get("/trends/v0/hashtags", language=language, maxCount=100)["hashtags"]
            self.assertEqual({h["name"] for h in found},
                             {"#" + e["display"] for e in self.server.events(scope="lang:fr") if e["time"] > written(self.now - 24 * 3600)} |
                             {"#" + t["display"] for t in self.server.get("/v1/trends", scope="lang:fr", limit=100)["trends"]})
            for hashtag in found:
                self.assertNotIn("https://m.example/notes/1", hashtag["examples"])
        everything = self.server.get("/trends/v0/hashtags")
        self.assertEqual(self.server.get("/trends/v0/hashtags?language="), everything)  # as Mastodon asks for all
        self.assertEqual(self.server.get("/trends/v0/hashtags", language="*"), everything)

    def test_what_is_blocked_is_in_neither(self):
        with Server() as server:
            server.feed(self.posts)
            server.settled()
            server.request("PUT", "/v1/blocks/metoo")
            server.settled()
            self.assertNotIn("metoo", [t["name"].lower() for t in server.get("/api/v1/trends/tags", limit=20)])
            self.assertNotIn("#metoo", [h["name"].lower() for h in server.get("/trends/v0/hashtags", maxCount=100)["hashtags"]])

    def test_nothing_trends_on_an_empty_server(self):
        with Server() as server:
            self.assertEqual(server.get("/api/v1/trends/tags"), [])
            self.assertEqual(server.get("/trends/v0/hashtags"), {"hashtags": []})

    def test_what_makes_no_sense_is_refused(self):
        for path, field in (("/api/v1/trends/tags?limit=0", "limit"), ("/api/v1/trends/tags?offset=-1", "offset"),
                            ("/api/v1/trends/tags?scope=moon", "scope"), ("/trends/v0/hashtags?withinLastHours=169", "withinLastHours"),
                            ("/trends/v0/hashtags?maxCount=0", "maxCount"), ("/trends/v0/hashtags?language=1!", "language")):
            answer = self.server.request("GET", path)
            self.assertEqual((answer.status, answer.json()["code"], answer.json()["field"]), (400, "bad_parameter", field), path)
        self.assertEqual(self.server.request("GET", "/trends/v0/hashtags?limit=1").json()["code"], "unknown_parameter")


if __name__ == "__main__":
    unittest.main()
