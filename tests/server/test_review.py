"""Trends that wait for a yes: that no reader sees them, who may decide, what a decision does, and that it lasts."""
import hashlib
import json
import unittest

import harness
from streams import WebSocket

REVIEW = 'review = true\nsalt = "00000000000000aa"\n'


def decide(server, topic, state, headers=None):
    return server.request("PUT", "/v1/reviews/" + topic, json.dumps({"state": state}).encode(), headers)


def waiting(server):
    return {of["topic"] for of in server.get("/v1/reviews")["reviews"]}


def stream():
    """#MeToo's first hours, up to when it trends; and what comes behind."""
    lines = harness.run("synth", "--scenario", "metoo", "--scale", "100").stdout.splitlines()
    first = next(i for i, line in enumerate(lines) if b"2017-10-15T22:30" in line)
    second = next(i for i, line in enumerate(lines) if b"2017-10-16T01:30" in line)
    return lines[:first], lines[first:second], lines[second:]


class Answers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = harness.Server(config='[[alias]]\ntopic = "metoo"\ntags = ["MeToo", "YoTambien"]\n').start()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def test_a_decision_is_made_changed_and_taken_back(self):
        server = self.server
        server.feed([harness.post("d1", text="look at #GiveAway")])
        server.settled()
        made = decide(server, "%23GIVEAWAY", "approved")
        self.assertEqual(made.status, 201, made)
        review = made.json()
        self.assertEqual({k: review[k] for k in ("topic", "display", "state", "by", "trends")},
                         {"topic": "giveaway", "display": "GiveAway", "state": "approved", "by": None, "trends": []})
        again = decide(server, "giveaway", "approved")
        self.assertEqual((again.status, again.json()), (200, review))
        self.assertEqual(server.get("/v1/reviews/GiveAway"), review)
        self.assertEqual(server.get("/v1/reviews", state="approved"), {"required": False, "reviews": [review], "next": None})
        changed = decide(server, "giveaway", "rejected")
        self.assertEqual((changed.status, changed.json()["state"]), (200, "rejected"))
        self.assertEqual(server.get("/v1/reviews", state="approved")["reviews"], [])
        self.assertEqual(server.request("DELETE", "/v1/reviews/giveaway").status, 204)
        for method in ("DELETE", "GET"):
            gone = server.request(method, "/v1/reviews/giveaway")
            self.assertEqual((gone.status, gone.json()["code"]), (404, "not_found"))

    def test_a_tag_of_a_group_stands_for_the_group(self):
        self.assertEqual(decide(self.server, "YoTambien", "approved").json()["topic"], "metoo")
        self.assertEqual(self.server.request("DELETE", "/v1/reviews/MeToo").status, 204)

    def test_decisions_come_page_by_page(self):
        tags = [f"page{i}" for i in range(5)]
        for tag in tags:
            self.assertEqual(decide(self.server, tag, "rejected").status, 201)
        found, after = [], {}
        while True:
            page = self.server.get("/v1/reviews", state="rejected", limit=2, **after)
            found += [of["topic"] for of in page["reviews"]]
            if page["next"] is None:
                break
            after = {"after": page["next"]}
        self.assertEqual(found, tags)

    def test_bad_calls_are_named(self):
        for body, status, code in ((b"{", 400, "malformed_json"), (b"[]", 422, "bad_body"), (b'{"state":1}', 422, "bad_body"),
                                   (b'{"state":"maybe"}', 422, "bad_body"), (b'{"decision":"approved"}', 422, "bad_body")):
            answer = self.server.request("PUT", "/v1/reviews/x", body)
            self.assertEqual((answer.status, answer.json()["code"]), (status, code), body)
        for path in ("/v1/reviews/2017", "/v1/reviews/a%0Ab"):
            self.assertEqual(self.server.request("GET", path).json()["code"], "bad_tag")
        for query in ("state=maybe", "limit=0", "limit=1001", "after=a", "colour=red"):
            self.assertEqual(self.server.request("GET", "/v1/reviews?" + query).status, 400, query)
        self.assertEqual(self.server.request("POST", "/v1/reviews/a", b"").status, 405)


class Roles(unittest.TestCase):
    def test_only_an_administrator_may_and_it_is_in_the_audit_log(self):
        def bearer(name):
            return {"Authorization": "Bearer " + name}

        text = "review = true\n"
        for name, role in (("feeder", "ingest"), ("board", "read"), ("desk", "admin")):
            digest = hashlib.sha256(name.encode()).hexdigest()
            text += f'[[token]]\nname = "{name}"\nsha256 = "{digest}"\nroles = ["{role}"]\n'
        with harness.Server(config=text) as server:
            for name in ("feeder", "board"):
                self.assertEqual(decide(server, "rain", "approved", bearer(name)).status, 403)
                self.assertEqual(server.request("GET", "/v1/reviews", headers=bearer(name)).status, 403)
            self.assertEqual(decide(server, "rain", "approved", bearer("desk")).json()["by"], "desk")
            self.assertEqual(decide(server, "rain", "approved", bearer("desk")).status, 200)
            self.assertEqual(decide(server, "rain", "rejected", bearer("desk")).status, 200)
            self.assertEqual(server.request("DELETE", "/v1/reviews/rain", headers=bearer("desk")).status, 204)
            audit = server.request("GET", "/v1/audit", headers=bearer("desk")).json()["entries"]
            self.assertEqual([(e["role"], e["by"], e["action"], e["subject"]) for e in audit],
                             [("configuration", None, "review_on", ""), ("admin", "desk", "approve", "rain"),
                              ("admin", "desk", "reject", "rain"), ("admin", "desk", "unreview", "rain")])


class Lasting(unittest.TestCase):
    def test_kill_takes_nothing_that_was_answered(self):
        with harness.Server(fsync="always", config=REVIEW) as server:
            decided = []
            for topic, state in (("a1", "approved"), ("b2", "rejected"), ("c3", "approved")):
                decided.append(decide(server, topic, state).json())
                server.kill()
                server.start()
            approved, rejected = [decided[0], decided[2]], [decided[1]]
            for again in (lambda: None, server.restart):
                again()
                self.assertEqual(server.get("/v1/reviews", state="approved")["reviews"], approved)
                page = server.get("/v1/reviews", state="rejected")
                self.assertEqual((page["reviews"], page["required"]), (rejected, True))
            # A start finds the configuration changed once.
            for text in ("", "", REVIEW):
                with open(server.config, "w", encoding="utf-8") as f:
                    f.write(text)
                server.restart()
                self.assertEqual(server.get("/v1/reviews")["required"], bool(text))
            actions = [e["action"] for e in server.get("/v1/audit")["entries"] if e["action"].startswith("review_")]
            self.assertEqual(actions, ["review_on", "review_off", "review_on"])


class Trends(unittest.TestCase):
    """The same stream, the same decisions at the same places: told without a break, and with kills and restarts."""

    @classmethod
    def setUpClass(cls):
        cls.before, cls.between, cls.after = stream()

    def assert_unseen(self, server, topic):
        self.assertNotIn(topic, [t["topic"] for t in server.get("/v1/trends", limit=1000)["trends"]])
        self.assertEqual(server.get("/v1/topics/" + topic)["trends"], [])
        self.assertNotIn(topic, [t["name"].lower() for t in server.get("/api/v1/trends/tags", limit=20)])
        self.assertNotIn("#" + topic, [t["name"].lower() for t in server.get("/trends/v0/hashtags", maxCount=100)["hashtags"]])
        metrics = server.request("GET", "/metrics").body.decode()
        self.assertNotIn(f'topic="{topic}"', "\n".join(x for x in metrics.splitlines() if x.startswith("tagswell_trend_")))

    def test_what_waits_is_unseen_and_a_yes_lets_it_start(self):
        whole = self.tell(lambda server: None)
        self.assertEqual(self.tell(lambda server: server.restart()), whole)

        def kill(server):
            server.kill()
            server.start()

        self.assertEqual(self.tell(kill), whole)

    def tell(self, interrupt):
        with harness.Server(config=REVIEW) as server:
            server.feed(self.before)
            server.settled()
            interrupt(server)
            self.assertIn("metoo", waiting(server))
            self.assert_unseen(server, "metoo")
            self.assertEqual(server.events(), [])
            self.assertEqual(server.get("/v1/trends", at="2017-10-15T22:00:00Z")["trends"], [])
            stats = server.get("/v1/stats")
            self.assertEqual(stats["trends"], 0)
            self.assertGreater(stats["trends_waiting"], 0)
            explained = server.get("/v1/topics/metoo/explain")
            self.assertEqual((explained["trending"], explained["failed"]), (False, ["awaits_review"]))
            self.assertEqual(server.get("/v1/top", limit=1)["topics"][0]["topic"], "metoo")
            rows = server.get("/v1/reviews/MeToo")["trends"]
            self.assertIn("world", [row["scope"] for row in rows])

            with WebSocket(server.port, "/v1/events?since=0") as reader:
                self.assertEqual(reader.receive_json()["board"], [])
                self.assertEqual(decide(server, "metoo", "approved").status, 201)
                told = reader.receive_json()
            interrupt(server)
            server.settled()
            started = server.events()
            self.assertEqual(told, started[0])
            self.assertEqual({e["type"] for e in started}, {"started"})
            self.assertEqual({e["topic"] for e in started}, {"metoo"})
            self.assertEqual({(e["scope"], e["trend"]) for e in started}, {(row["scope"], row["trend"]) for row in rows})
            for event in started:
                self.assertEqual(event["rank"], 1)
                self.assertGreaterEqual(event["time"], "2017-10-15T22:2")
                self.assertLess(event["started_at"], event["time"])
            self.assertEqual([t["topic"] for t in server.get("/v1/trends")["trends"]], ["metoo"])
            self.assertNotIn("metoo", waiting(server))
            self.assertTrue(server.get("/v1/topics/metoo/explain")["trending"])
            # The past stays as it was.
            past = server.get("/v1/topics/metoo/explain", at="2017-10-15T22:00:00Z")
            self.assertEqual(past["failed"], ["awaits_review"])

            server.feed(self.between)
            server.settled()
            interrupt(server)
            last = server.get("/v1/stats")["last_seq"]
            running = len(server.get("/v1/topics/metoo")["trends"])
            self.assertGreaterEqual(running, len(rows))
            self.assertEqual(decide(server, "metoo", "rejected").status, 200)
            interrupt(server)
            server.settled()
            withdrawn = [e for e in server.events() if e["seq"] > last]
            self.assertEqual([(e["type"], e["reason"], e["topic"]) for e in withdrawn], [("retracted", "rejected", "metoo")] * running)
            self.assert_unseen(server, "metoo")
            self.assertNotIn("metoo", waiting(server))

            self.assertEqual(server.request("DELETE", "/v1/reviews/metoo").status, 204)
            interrupt(server)
            server.feed(self.after)
            server.settled()
            self.assertEqual([e for e in server.events() if e["seq"] > last + running], [])
            return [harness.without_epoch(e) for e in server.events()]

    def test_switched_off_what_waits_starts(self):
        with harness.Server(config=REVIEW) as server:
            server.feed(self.before)
            server.settled()
            waits = waiting(server)
            self.assertIn("metoo", waits)
            with open(server.config, "w", encoding="utf-8") as f:
                f.write('salt = "00000000000000aa"\n')
            server.restart()
            server.settled()
            self.assertEqual(waiting(server), set())
            self.assertEqual({e["topic"] for e in server.events()}, waits)
            self.assertIn("metoo", [t["topic"] for t in server.get("/v1/trends")["trends"]])


if __name__ == "__main__":
    unittest.main()
