"""Authors who leave: all that they wrote goes, as if it had never been there, and nothing else."""
import random
import time
import unittest

import harness

SEED = 7
LEAVES = "left"


def posts(seed):
    """A day of posts in the order of time; every fifth is by one who will leave."""
    source = random.Random(seed)
    lines = []
    for i in range(6000):
        leaver = source.random() < 0.2
        minute = 60 * 24 * i // 6000
        tags = source.sample(["Rain", "Sea", "Sun", "Wind", "rain"], source.randint(1, 2))
        lines.append({"id": str(i), "source": "net", "author": LEAVES if leaver else f"a{source.randrange(300)}",
                      "created_at": f"2017-10-15T{minute // 60:02}:{minute % 60:02}:{i % 60:02}Z",
                      "text": " ".join("#" + tag for tag in tags), "country": source.choice(["FR", "DE"]),
                      "lang": source.choice(["fr", "de"])})
    return lines


def left(server, seconds=60):
    deadline = time.monotonic() + seconds
    while True:
        stats = server.settled()
        if stats["authors_leaving"] == 0:
            return server.settled()
        if time.monotonic() > deadline:
            raise AssertionError(f"still looking after {seconds} s: {stats}")


def remove(server, author, source="net"):
    answer = server.request("DELETE", f"/v1/authors/{source}/{author}")
    if answer.status != 202:
        raise AssertionError(answer)


def picture(server):
    """Everything that is told of the posts that are there. Live, a busy topic forgets a person only after a day."""
    told = {"posts": server.get("/v1/stats")["posts"]}
    for scope in ("world", "country:FR", "lang:de", "source:net"):
        for window in ("1h", "24h"):
            told["top", scope, window] = [{**row, "authors": None} for row in server.get("/v1/top", scope=scope, window=window)["topics"]]
        # How many posts were taken back is told of the past, and is not of the posts that are there.
        told["past", scope] = [{key: row[key] for key in ("topic", "display", "posts", "authors")}
                               for row in server.get("/v1/top", scope=scope, window="6h", at="2017-10-15T18:00:00Z")["topics"]]
        for topic in ("rain", "sea"):
            told["history", scope, topic] = server.get(f"/v1/topics/{topic}/history", scope=scope, step="1h",
                                                       **{"from": "2017-10-15T00:00:00Z"})["steps"]
    for topic in ("rain", "sun"):
        told["posts", topic] = server.get(f"/v1/topics/{topic}/posts", limit=200)["posts"]
        story = server.get("/v1/topics/" + topic)
        told["windows", topic] = {window: counts["posts"] for window, counts in story["windows"].items()}
        told["story", topic] = {k: story[k] for k in ("told_from", "first_post", "carriers", "arrivals", "spellings", "related")}
    return told


class Leaving(unittest.TestCase):
    def test_it_is_as_if_they_had_never_been_there(self):
        lines = posts(SEED)
        with harness.Server() as never, harness.Server() as server:
            never.feed([line for line in lines if line["author"] != LEAVES])
            never.settled()
            server.feed(lines)
            before = picture_of_author(server)
            self.assertTrue(before)
            remove(server, LEAVES)
            left(server)
            expected = picture(never)
            for key, value in picture(server).items():
                self.assertEqual(value, expected[key], key)
            self.assertEqual(server.request("GET", f"/v1/posts/net/{before[0]}").status, 404)
            # From a checkpoint, and from the log alone.
            server.restart()
            self.assertEqual(picture(server), picture(never))
            server.kill()
            server.start()
            self.assertEqual(picture(server), picture(never))
            # Who comes back is taken, and stays.
            server.feed([{**lines[0], "id": "again", "author": LEAVES, "created_at": "2017-10-15T23:59:59Z"}])
            server.restart()
            self.assertEqual(left(server)["posts"], never.get("/v1/stats")["posts"] + 1)
            self.assertEqual(server.get("/v1/posts/net/again")["author"], LEAVES)

    def test_only_of_that_source_and_name(self):
        with harness.Server() as server:
            server.feed([harness.post(1, author="ann", text="#Rain"), harness.post(2, author="anna", text="#Rain"),
                         harness.post(3, author="ann", source="elsewhere", text="#Rain")])
            remove(server, "ann", "twitter")
            remove(server, "nobody", "twitter")
            left(server)
            self.assertEqual([server.request("GET", f"/v1/posts/{of}").status for of in ("twitter/1", "twitter/2", "elsewhere/3")],
                             [404, 200, 200])
            for bad in ("twitter/a%0Ab", "%01/a", "x/" + "y" * 257, "y" * 65 + "/x"):
                answer = server.request("DELETE", "/v1/authors/" + bad)
                self.assertEqual((answer.status, answer.json()["code"]), (422, "bad_author"), bad[:20])
            entry = server.get("/v1/audit")["entries"][0]
            self.assertEqual((entry["action"], entry["subject"], entry["detail"]), ("remove_author", "twitter", None))

    def test_what_was_answered_outlasts_a_kill_and_hinders_nobody(self):
        lines = [{**line, "id": f"{copy}-{line['id']}"} for copy in range(20) for line in posts(copy)]
        with harness.Server(fsync="always") as server:
            server.feed(lines, batch=5000)
            total = sum(line["author"] != LEAVES for line in lines)
            remove(server, LEAVES)
            server.kill()
            server.start()
            # Posts are taken in while it goes on.
            server.feed([harness.post(f"n{i}") for i in range(100)], batch=1)
            server.kill()
            server.start()
            self.assertEqual(left(server)["posts"], total + 100)


class Formats(unittest.TestCase):
    def test_platforms_say_so_themselves(self):
        def commit(did, key):
            return {"did": did, "time_us": 1508098905000000, "kind": "commit", "commit": {
                "operation": "create", "collection": "app.bsky.feed.post", "rkey": key,
                "record": {"text": "#Blue", "createdAt": "2017-10-15T20:21:45Z"}}}

        def account(did, status):
            return {"did": did, "time_us": 1508098906000000, "kind": "account", "account": {"active": False, "status": status}}

        def note(actor, key):
            return {"type": "Create", "actor": actor, "to": "as:Public", "object": {
                "type": "Note", "id": f"{actor}/{key}", "attributedTo": actor, "published": "2017-10-15T20:21:45Z",
                "to": "as:Public", "content": "#Fedi", "tag": [{"type": "Hashtag", "name": "#Fedi"}]}}

        with harness.Server() as server:
            def send(form, *messages):
                return server.post_lines(list(messages), path="/v1/posts?format=" + form).json()

            report = send("jetstream", commit("did:a", "1"), commit("did:b", "1"), commit("did:c", "1"), account("did:a", "deleted"),
                          account("did:b", "deactivated"), account("did:c", "takendown"), commit("did:b", "2"))
            self.assertEqual((report["accepted"], report["ignored"], report["rejected"]), (4, 3, 0))
            ada, eve = "https://a.example/users/ada", "https://a.example/users/eve"
            send("activitystreams", note(ada, 1), note(eve, 1))
            report = send("activitystreams", {"type": "Delete", "actor": ada, "object": ada}, {"type": "Delete", "actor": ada, "object": {"type": "Person", "id": eve}})
            self.assertEqual((report["accepted"], report["ignored"]), (0, 2))
            left(server)
            self.assertEqual({p["author"] for p in server.get("/v1/topics/blue/posts")["posts"]}, {"did:b"})
            self.assertEqual({p["author"] for p in server.get("/v1/topics/fedi/posts")["posts"]}, {eve})


def picture_of_author(server):
    server.settled()
    return [post["id"] for post in server.get("/v1/topics/rain/posts", limit=200)["posts"] if post["author"] == LEAVES]


if __name__ == "__main__":
    unittest.main()
