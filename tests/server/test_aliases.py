"""Tags and phrases that become one topic while the server runs, the past included, and are let go again."""
import datetime
import hashlib
import json
import random
import unittest

import harness

FIXED = """
[[alias]]
topic = "weather"
tags = ["Rain", "Snow"]
phrases = ["heavy rain"]
"""
START = datetime.datetime(2017, 10, 15, 2, tzinfo=datetime.timezone.utc)


def put(server, topic, tags=(), phrases=(), **more):
    return server.request("PUT", f"/v1/aliases/{topic}", json.dumps({"tags": tags, "phrases": phrases}).encode(), **more)


def kill(server):
    server.kill()
    server.start()


class Answers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = harness.Server(config=FIXED).start()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def refused(self, answer, status, code):
        self.assertEqual((answer.status, answer.json().get("code")), (status, code), answer)

    def test_a_group_is_made_changed_listed_and_let_go(self):
        server = self.server
        made = put(server, "%23MeToo", ["#MeToo", "YoTambien"], ["me too"])
        self.assertEqual(made.status, 201, made)
        group = made.json()
        self.assertEqual({k: group[k] for k in ("topic", "tags", "phrases", "fixed", "by")},
                         {"topic": "metoo", "tags": ["MeToo", "YoTambien"], "phrases": ["me too"], "fixed": False,
                          "by": None})
        again = put(server, "metoo", ["MeToo", "YoTambien"], ["me too"])
        self.assertEqual((again.status, again.json()), (200, group))
        # By any of its tags, as everywhere.
        self.assertEqual(server.get("/v1/aliases/%23yotambien"), group)
        self.assertIn(group, server.get("/v1/aliases")["aliases"])
        changed = put(server, "metoo", ["QuellaVoltaChe"])
        self.assertEqual((changed.status, changed.json()["tags"]), (200, ["QuellaVoltaChe"]))
        self.refused(server.request("GET", "/v1/aliases/yotambien"), 404, "not_found")
        self.assertEqual(server.request("DELETE", "/v1/aliases/metoo").status, 204)
        for method in ("GET", "DELETE"):
            self.refused(server.request(method, "/v1/aliases/metoo"), 404, "not_found")

    def test_what_the_configuration_groups_no_call_changes(self):
        server = self.server
        fixed = server.get("/v1/aliases/snow")
        self.assertEqual(fixed, {"topic": "weather", "tags": ["Rain", "Snow"], "phrases": ["heavy rain"], "fixed": True,
                                 "since": None, "by": None})
        self.assertEqual(server.get("/v1/aliases")["aliases"][0], fixed)
        self.refused(put(server, "weather", ["storm"]), 409, "fixed_by_configuration")
        self.refused(put(server, "storm", ["SNOW"]), 409, "fixed_by_configuration")
        self.refused(put(server, "storm", [], ["Heavy  RAIN"]), 409, "fixed_by_configuration")
        self.refused(server.request("DELETE", "/v1/aliases/weather"), 409, "fixed_by_configuration")

    def test_a_word_belongs_to_one_group(self):
        server = self.server
        self.assertEqual(put(server, "one", ["uno"], ["number one"]).status, 201)
        for topic, tags, phrases in (("two", ["UNO"], []), ("uno", ["eins"], []), ("two", ["One"], []),
                                     ("two", [], ["Number One"])):
            self.refused(put(server, topic, tags, phrases), 409, "alias_conflict")
        self.assertEqual(server.request("DELETE", "/v1/aliases/one").status, 204)

    def test_what_no_group_can_be_is_refused(self):
        server = self.server
        for tags, phrases in (([], []), (["2017"], []), ([], ["!"]), ([], ["x" * 300]), (["t"] * 201, [])):
            self.refused(put(server, "bad", tags, phrases), 422, "bad_alias")
        for body in (b'{"tags":"a"}', b'{"tag":["a"]}', b'{"tags":[1]}', b'[]', b'{"tags":["a"],"tags":["b"]}'):
            self.refused(server.request("PUT", "/v1/aliases/bad", body), 422, "bad_body")
        self.refused(server.request("PUT", "/v1/aliases/bad", b'{"tags":['), 400, "malformed_json")
        self.refused(put(server, "2017", ["a"]), 422, "bad_tag")
        self.refused(server.request("GET", "/v1/aliases/bad"), 404, "not_found")


class Roles(unittest.TestCase):
    def test_only_an_administrator_may(self):
        text = ""
        for name, role in (("board", "read"), ("desk", "admin")):
            text += f'[[token]]\nname = "{name}"\nsha256 = "{hashlib.sha256(name.encode()).hexdigest()}"\nroles = ["{role}"]\n'
        with harness.Server(config=text) as server:
            for method in ("GET", "PUT", "DELETE"):
                body = b'{"tags":["a"]}' if method == "PUT" else None
                self.assertEqual(server.request(method, "/v1/aliases/a", body).status, 401)
                self.assertEqual(
                    server.request(method, "/v1/aliases/a", body, headers={"Authorization": "Bearer board"}).status, 403)
            made = put(server, "a", ["b"], headers={"Authorization": "Bearer desk"})
            self.assertEqual((made.status, made.json()["by"]), (201, "desk"))


class Oracle:
    """What every answer must be, by counting all posts again."""

    def __init__(self):
        self.posts = {}  # by id: (author, time, tags, phrases)
        self.groups = {}  # by topic: (tags, phrases)

    def topics_of(self, tags, phrases):
        own = {tag.lower() for tag in tags}
        topics, members = set(), set()
        for topic, (group_tags, group_phrases) in self.groups.items():
            words = {topic, *(t.lower() for t in group_tags)}
            members |= words
            if own & words or set(phrases) & set(group_phrases):
                topics.add(topic)
        return topics | (own - members)

    def counts(self, begin, end):
        found = {}
        for author, at, tags, phrases in self.posts.values():
            if begin <= at < end:
                for topic in self.topics_of(tags, phrases):
                    posts, authors = found.setdefault(topic, [0, set()])
                    found[topic][0] = posts + 1
                    authors.add(author)
        return {topic: (posts, len(authors)) for topic, (posts, authors) in found.items()}

    def ids(self, topic):
        return {i for i, (_, _, tags, phrases) in self.posts.items() if topic in self.topics_of(tags, phrases)}


class Counting(unittest.TestCase):
    """Random posts, groups made and let go at random places, kills and restarts, against an oracle."""

    TAGS = ["Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta"]
    PHRASES = ["red fish", "blue fish"]

    def test_equals_an_oracle_whatever_is_grouped_when(self):
        for seed in (1, 2, 3):
            with self.subTest(seed=seed):
                self.play(random.Random(seed), deletions=False)

    def test_what_is_taken_back_leaves_groups_too(self):
        for seed in (11, 12):
            with self.subTest(seed=seed):
                self.play(random.Random(seed), deletions=True)

    def play(self, draw, deletions):
        oracle, number, at = Oracle(), 0, START
        with harness.Server(fsync="always") as server:
            for _ in range(14):
                lines = []
                for _ in range(draw.randrange(1, 60)):
                    at += datetime.timedelta(seconds=draw.randrange(0, 90))
                    tags = draw.sample(self.TAGS, draw.choice((0, 1, 1, 1, 2, 3)))
                    phrases = draw.sample(self.PHRASES, draw.choice((0, 0, 0, 1, 2)))
                    author = f"a{draw.randrange(25)}"
                    number += 1
                    oracle.posts[str(number)] = (author, at, tags, phrases)
                    text = ", ".join([*("#" + t for t in tags), *phrases, f"post {number}"])
                    lines.append(json.dumps(harness.post(number, at=at.strftime("%Y-%m-%dT%H:%M:%SZ"), text=text,
                                                         author=author)).encode())
                server.feed(lines)
                if deletions:
                    for gone in draw.sample(sorted(oracle.posts), min(8, len(oracle.posts))):
                        self.assertEqual(server.request("DELETE", f"/v1/posts/twitter/{gone}").status, 204)
                        del oracle.posts[gone]
                self.regroup(draw, server, oracle)
                interrupt = draw.choice((None, None, kill, harness.Server.restart))
                if interrupt:
                    interrupt(server)
                server.settled()
                self.compare(server, oracle, at, authors=not deletions)

    def regroup(self, draw, server, oracle):
        topic = draw.choice(("alpha", "letters", "fish"))
        if topic in oracle.groups and draw.random() < 0.6:
            self.assertEqual(server.request("DELETE", "/v1/aliases/" + topic).status, 204)
            del oracle.groups[topic]
            return
        others = {word for name, (tags, phrases) in oracle.groups.items() if name != topic
                  for word in (name, *(t.lower() for t in tags), *phrases)}
        if topic in others:
            return
        tags = [t for t in draw.sample(self.TAGS, draw.randrange(0, 4)) if t.lower() not in others]
        phrases = [p for p in draw.sample(self.PHRASES, draw.randrange(0, 2)) if p not in others]
        if tags or phrases:
            self.assertIn(put(server, topic, tags, phrases).status, (200, 201))
            oracle.groups[topic] = (tags, phrases)

    def compare(self, server, oracle, at, authors):
        end = at.replace(second=0) + datetime.timedelta(minutes=1)
        stamp = end.strftime("%Y-%m-%dT%H:%M:%SZ")
        wanted = oracle.counts(end - datetime.timedelta(hours=24), end)
        for query in ({}, {"at": stamp}):
            top = server.get("/v1/top", window="24h", by="posts", limit=1000, **query)
            self.assertEqual(top["at"][:19], stamp[:19])
            rows = {t["topic"]: (t["posts"], t["authors"]) for t in top["topics"]}
            if not authors and not query:  # the live board may still know whose posts were all taken back
                self.assertEqual({t: p for t, (p, _) in rows.items()}, {t: p for t, (p, _) in wanted.items()})
            else:
                self.assertEqual(rows, wanted, query)
        order = sorted(wanted, key=lambda topic: (-wanted[topic][0], topic))
        self.assertEqual([t["topic"] for t in top["topics"]], order)
        for tag in self.TAGS + list(oracle.groups):
            counted = next((t for t, (tags, _) in oracle.groups.items()
                            if tag.lower() in (t, *(m.lower() for m in tags))), tag.lower())
            posts, who = wanted.get(counted, (0, 0))
            page = server.get(f"/v1/topics/{tag}/posts", limit=200)
            ids = {p["id"] for p in page["posts"]}
            while page["next"]:
                page = server.get(f"/v1/topics/{tag}/posts", limit=200, before=page["next"])
                ids |= {p["id"] for p in page["posts"]}
            self.assertEqual(ids, oracle.ids(counted), tag)
            for post in page["posts"]:
                self.assertEqual(set(post["topics"]),
                                 oracle.topics_of(*oracle.posts[post["id"]][2:]), post)
            history = server.get(f"/v1/topics/{tag}/history", step="1d", to=stamp,
                                 **{"from": START.strftime("%Y-%m-%dT00:00:00Z")})
            self.assertEqual(history["topic"], counted)
            self.assertEqual(sum(s["posts"] for s in history["steps"]), len(oracle.ids(counted)), tag)
            story = server.request("GET", f"/v1/topics/{tag}")
            if posts:
                story = story.json()
                self.assertEqual((story["topic"], story["windows"]["24h"]["posts"]), (counted, posts))
                self.assertEqual(story["told_from"], {"posts": len(oracle.ids(counted)), "complete": True})


class Trends(unittest.TestCase):
    """The same stream, the same calls at the same places: told without a break, and with kills and restarts."""

    def test_the_topic_trends_for_its_members_and_they_again_without_it(self):
        lines = harness.run("synth", "--scenario", "metoo", "--scale", "100").stdout.splitlines()
        whole = self.tell(lines, lambda server: None)
        self.assertEqual(self.tell(lines, kill), whole)

    def tell(self, lines, interrupt):
        first, second = (next(i for i, line in enumerate(lines) if at in line)
                         for at in (b"2017-10-15T22:30", b"2017-10-16T01:30"))

        def trending():
            return [t["topic"] for t in server.get("/v1/trends")["trends"]]

        with harness.Server(config='salt = "00000000000000aa"\n') as server:
            server.feed(lines[:first])
            server.settled()
            self.assertIn("metoo", trending())
            last = server.get("/v1/stats")["last_seq"]
            self.assertEqual(put(server, "AllOfUs", ["MeToo", "YoTambien"], ["me too"]).status, 201)
            interrupt(server)
            server.settled()
            withdrawn = [e for e in server.events(topic="MeToo", type="retracted")]
            self.assertEqual(withdrawn, [])  # the tag is the new topic now
            withdrawn = [e for e in server.events(type="retracted") if e["seq"] > last and e["topic"] == "metoo"]
            self.assertTrue(withdrawn)
            self.assertEqual({e["reason"] for e in withdrawn}, {"alias_changed"})
            self.assertNotIn("metoo", trending())

            server.feed(lines[first:second])
            server.settled()
            interrupt(server)
            board = trending()
            self.assertIn("allofus", board)
            self.assertNotIn("metoo", board)
            explained = server.get("/v1/topics/metoo/explain")
            self.assertEqual((explained["topic"], explained["display"], explained["trending"]),
                             ("allofus", "MeToo", True))
            # The past stays as it was told.
            past = server.get("/v1/topics/metoo/explain", at="2017-10-15T22:00:00Z")
            self.assertEqual((past["topic"], past["trending"]), ("metoo", True))

            last = server.get("/v1/stats")["last_seq"]
            self.assertEqual(server.request("DELETE", "/v1/aliases/allofus").status, 204)
            server.settled()
            interrupt(server)
            self.assertNotIn("allofus", trending())
            server.feed(lines[second:second + 200])
            server.settled()
            self.assertIn("metoo", trending())
            events = server.events()
            self.assertEqual({e["type"] for e in events if e["seq"] > last and e["topic"] == "allofus"}, {"retracted"})
            return [harness.without_epoch(e) for e in events]

    def test_what_is_always_said_is_no_news_once_it_is_grouped(self):
        def minute(n):
            return (START + datetime.timedelta(minutes=n)).strftime("%Y-%m-%dT%H:%M:%SZ")

        lines = [json.dumps(harness.post(f"{n}-{i}", at=minute(n), author=f"w{n}-{i}",
                                         text=f"good morning to {n} {'#coffee' if i else '#tea'}")).encode()
                 for n in range(0, 30 * 60) for i in range(2)]
        with harness.Server() as server:
            server.feed(lines[:-400])
            server.settled()
            last = server.get("/v1/stats")["last_seq"]
            self.assertEqual(put(server, "breakfast", ["coffee", "tea"], ["good morning"]).status, 201)
            server.feed(lines[-400:])
            server.settled()
            self.assertEqual([e for e in server.events(topic="breakfast") if e["seq"] > last], [])


class Lasting(unittest.TestCase):
    def test_the_configuration_wins_from_the_next_start_on(self):
        with harness.Server() as server:
            self.assertEqual(put(server, "storm", ["snow"]).status, 201)
            self.assertEqual(put(server, "fruit", ["apple"]).status, 201)
            with open(server.config, "w", encoding="utf-8") as f:
                f.write(FIXED)
            server.restart()
            topics = [(a["topic"], a["fixed"]) for a in server.get("/v1/aliases")["aliases"]]
            self.assertEqual(topics, [("weather", True), ("fruit", False)])
            self.assertIn("alias removed", server.log())


if __name__ == "__main__":
    unittest.main()
