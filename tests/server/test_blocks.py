"""Topics that may not trend: who may say so, what is answered, what becomes of their trends, and that it lasts."""
import hashlib
import unittest

import harness

ALIAS = """
[[alias]]
topic = "metoo"
tags = ["MeToo", "YoTambien"]
phrases = ["me too"]
"""


class Answers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = harness.Server(config='blocks = ["nsfw"]\n' + ALIAS).start()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def test_a_topic_is_blocked_once_and_lifted_once(self):
        server = self.server
        server.feed([harness.post("d1", text="so much #GiveAway today")])
        server.settled()
        made = server.request("PUT", "/v1/blocks/%23GIVEAWAY")
        self.assertEqual(made.status, 201, made)
        block = made.json()
        self.assertEqual(set(block), {"topic", "display", "since", "origin", "by"})
        self.assertEqual((block["topic"], block["display"]), ("giveaway", "GiveAway"))
        self.assertEqual((block["origin"], block["by"]), ("call", None))
        again = server.request("PUT", "/v1/blocks/giveaway")
        self.assertEqual((again.status, again.json()), (200, block))
        self.assertEqual(server.get("/v1/blocks/GiveAway"), block)
        self.assertIn(block, server.get("/v1/blocks")["blocks"])

        self.assertEqual(server.request("DELETE", "/v1/blocks/giveaway").status, 204)
        for method in ("DELETE", "GET"):
            gone = server.request(method, "/v1/blocks/giveaway")
            self.assertEqual((gone.status, gone.json()["code"]), (404, "not_found"))
        self.assertNotIn("giveaway", [b["topic"] for b in server.get("/v1/blocks")["blocks"]])
        self.assertEqual(server.request("PUT", "/v1/blocks/giveaway").status, 201)
        self.assertEqual(server.request("DELETE", "/v1/blocks/giveaway").status, 204)

    def test_a_tag_of_a_group_blocks_the_group(self):
        made = self.server.request("PUT", "/v1/blocks/YoTambien")
        self.assertEqual((made.status, made.json()["topic"]), (201, "metoo"))
        self.assertEqual(self.server.request("DELETE", "/v1/blocks/metoo").status, 204)

    def test_what_the_configuration_blocks_no_call_lifts(self):
        block = self.server.get("/v1/blocks/NSFW")
        self.assertEqual((block["topic"], block["origin"], block["by"]), ("nsfw", "configuration", None))
        kept = self.server.request("PUT", "/v1/blocks/nsfw")
        self.assertEqual((kept.status, kept.json()), (200, block))
        refused = self.server.request("DELETE", "/v1/blocks/nsfw")
        self.assertEqual((refused.status, refused.json()["code"]), (409, "blocked_by_configuration"))
        self.assertEqual(self.server.get("/v1/blocks/nsfw"), block)

    def test_what_no_post_can_be_tagged_with_is_refused_by_name(self):
        for tag in ("2017", "%23", "a%0Ab", "x" * 1025):
            for method in ("PUT", "GET", "DELETE"):
                answer = self.server.request(method, "/v1/blocks/" + tag)
                problem = answer.json()
                self.assertEqual((answer.status, problem["code"], problem["field"]), (422, "bad_tag", "tag"), tag[:9])
        for path in ("/v1/blocks/a%FF", "/v1/blocks/a?until=tomorrow"):
            self.assertEqual(self.server.request("PUT", path).status, 400, path)
        self.assertEqual(self.server.request("PUT", "/v1/blocks/a", b"{}").json()["code"], "unexpected_body")
        self.assertEqual(self.server.request("POST", "/v1/blocks/a", b"").status, 405)


class Roles(unittest.TestCase):
    def test_only_an_administrator_may_and_leaves_a_name(self):
        def bearer(name):
            return {"Authorization": "Bearer " + name.encode().hex()}

        text = ""
        for name, role in (("feeder", "ingest"), ("board", "read"), ("night shift", "admin")):
            digest = hashlib.sha256(name.encode().hex().encode()).hexdigest()
            text += f'[[token]]\nname = "{name}"\nsha256 = "{digest}"\nroles = ["{role}"]\n'
        with harness.Server(config=text) as server:
            for method, path in (("PUT", "/v1/blocks/spam"), ("DELETE", "/v1/blocks/spam"), ("GET", "/v1/blocks/spam"),
                                 ("GET", "/v1/blocks")):
                self.assertEqual(server.request(method, path).status, 401)
                for name in ("feeder", "board"):
                    refused = server.request(method, path, headers=bearer(name))
                    self.assertEqual((refused.status, refused.json()["code"]), (403, "role_missing"))
            admin = bearer("night shift")
            made = server.request("PUT", "/v1/blocks/spam", headers=admin)
            self.assertEqual((made.status, made.json()["by"]), (201, "night shift"))
            listed = server.request("GET", "/v1/blocks", headers=admin).json()
            self.assertEqual(listed, {"blocks": [made.json()]})
            self.assertEqual(server.request("PUT", "/v1/blocks/spam", headers=admin).status, 200)
            self.assertEqual(server.request("DELETE", "/v1/blocks/spam", headers=admin).status, 204)
            audit = [line for line in server.log().splitlines() if "message=admin" in line]
            self.assertEqual(len(audit), 2, audit)
            for line, action in zip(audit, ("action=block", "action=unblock")):
                for part in (action + " ", "topic=spam", 'by="night shift"', "remote=127.0.0.1:", "time="):
                    self.assertIn(part, line)
            self.assertNotIn("night shift".encode().hex(), server.log())


class Lasting(unittest.TestCase):
    def test_kill_takes_nothing_that_was_answered(self):
        with harness.Server(fsync="always", config=ALIAS) as server:
            blocks = []
            for tag in ("a1", "b2", "c3"):
                made = server.request("PUT", "/v1/blocks/" + tag)
                self.assertEqual(made.status, 201)
                blocks.append(made.json())
                server.kill()
                server.start()
                self.assertEqual(server.get("/v1/blocks"), {"blocks": blocks})
            self.assertEqual(server.request("DELETE", "/v1/blocks/b2").status, 204)
            server.kill()
            server.start()
            del blocks[1]
            self.assertEqual(server.get("/v1/blocks"), {"blocks": blocks})
            server.restart()
            self.assertEqual(server.get("/v1/blocks"), {"blocks": blocks})

    def test_the_configuration_holds_from_start_to_start(self):
        with harness.Server(config='blocks = ["One", "two"]\n') as server:
            self.assertEqual(server.request("PUT", "/v1/blocks/three").status, 201)
            before = server.get("/v1/blocks")["blocks"]
            self.assertEqual([(b["topic"], b["origin"]) for b in before],
                             [("one", "configuration"), ("three", "call"), ("two", "configuration")])
            server.restart()
            self.assertEqual(server.get("/v1/blocks")["blocks"], before)
            with open(server.config, "w", encoding="utf-8") as f:
                f.write('blocks = ["two"]\n')
            server.restart()
            self.assertEqual(server.get("/v1/blocks")["blocks"], before[1:])


class Trends(unittest.TestCase):
    """The same stream, the same calls at the same places: told without a break, and with kills and restarts."""

    def test_a_running_trend_is_withdrawn_and_may_come_again(self):
        lines = harness.run("synth", "--scenario", "metoo", "--scale", "100").stdout.splitlines()
        whole = self.tell(lines, lambda server: None)
        self.assertEqual(self.tell(lines, lambda server: server.restart()), whole)

        def kill(server):
            server.kill()
            server.start()

        self.assertEqual(self.tell(lines, kill), whole)

    def tell(self, lines, interrupt):
        first, second = (next(i for i, line in enumerate(lines) if at in line)
                         for at in (b"2017-10-15T22:30", b"2017-10-16T01:30"))
        with harness.Server(config='salt = "00000000000000aa"\n' + ALIAS) as server:
            server.feed(lines[:first])
            stats = server.settled()
            interrupt(server)
            self.assertIn("metoo", [t["topic"] for t in server.get("/v1/trends")["trends"]])
            running = len(server.get("/v1/topics/metoo")["trends"])
            last = stats["last_seq"]

            self.assertEqual(server.request("PUT", "/v1/blocks/MeToo").status, 201)
            interrupt(server)
            server.settled()
            withdrawn = [e for e in server.events(topic="metoo") if e["seq"] > last]
            self.assertEqual([(e["type"], e["reason"], e["rank"]) for e in withdrawn],
                             [("retracted", "blocked", None)] * running)
            board = server.get("/v1/trends")["trends"]
            self.assertNotIn("metoo", [t["topic"] for t in board])
            self.assertEqual([t["rank"] for t in board], list(range(1, len(board) + 1)))
            explained = server.get("/v1/topics/metoo/explain")
            self.assertFalse(explained["trending"])
            self.assertIn("blocked", explained["failed"])

            posts = server.get("/v1/topics/metoo")["windows"]["24h"]["posts"]
            server.feed(lines[first:second])
            server.settled()
            interrupt(server)
            self.assertEqual(len([e for e in server.events(topic="metoo") if e["seq"] > last]), running)
            self.assertGreater(server.get("/v1/topics/metoo")["windows"]["24h"]["posts"], posts)
            top = server.get("/v1/top", limit=1)["topics"][0]
            self.assertEqual(top["topic"], "metoo")
            # The past stays as it was.
            past = server.get("/v1/topics/metoo/explain", at="2017-10-15T22:00:00Z")
            self.assertTrue(past["trending"], past)
            past = server.get("/v1/topics/metoo/explain", at="2017-10-16T01:00:00Z")
            self.assertIn("blocked", past["failed"])

            self.assertEqual(server.request("DELETE", "/v1/blocks/metoo").status, 204)
            interrupt(server)
            server.settled()
            self.assertNotIn("blocked", server.get("/v1/topics/metoo/explain")["failed"])
            lifted = server.get("/v1/stats")["last_seq"]
            server.feed(lines[second:])
            server.settled()
            events = server.events()
            self.assertIn("started", [e["type"] for e in events if e["seq"] > lifted and e["topic"] == "metoo"])
            return [harness.without_epoch(e) for e in events]


if __name__ == "__main__":
    unittest.main()
