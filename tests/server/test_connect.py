"""`tagswell connect` against platforms that drop, stall, send garbage, repeat, redirect and refuse: whatever they do, the
server counts every post once."""
import datetime
import json
import os
import shutil
import signal
import ssl
import tempfile
import time
import unittest

import platforms
from harness import PATIENCE_SECONDS, Command, Server, free_port, run, shared_dir
from test_tls import make_certificate

START_US = 1_783_175_888_000_000
HOLD = ("play", None, "hold")


def skeet(number, text="rain #jet", of=None, **more):
    """A post of Bluesky, a second after the one before; `of`: the number of the post that it changes."""
    who = number if of is None else of
    at = START_US + number * 1_000_000
    created = datetime.datetime.fromtimestamp(at // 1_000_000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    record = {"$type": "app.bsky.feed.post", "createdAt": created, "langs": ["en"], "text": text}
    commit = {"rev": "r", "operation": "create", "collection": "app.bsky.feed.post", "rkey": f"k{who}", "record": record}
    return at, json.dumps({"did": f"did:plc:{who}", "time_us": at, "kind": "commit", "commit": {**commit, **more}}).encode()


def toot(number, text="rain #toot", **more):
    at = datetime.datetime.fromtimestamp(START_US // 1_000_000 + number, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"id": str(number), "created_at": at, "visibility": "public", "language": "en", "content": f"<p>{text}</p>",
            "tags": [{"name": "toot"}], "account": {"acct": f"a{number}", "url": f"https://m.example/@a{number}"}, **more}


def update(number, **more):
    return "update", json.dumps(toot(number, **more), indent=1)


class Connect(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="tagswell-connect-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.cursor = os.path.join(self.folder, "cursor")

    def connect(self, platform, server, *arguments, cursor=True):
        kind = "jetstream" if isinstance(platform, platforms.Jetstream) else "mastodon"
        port = server if isinstance(server, int) else server.port
        return Command("connect", kind, platform.url, "--to", f"http://127.0.0.1:{port}",
                       *(["--cursor", self.cursor] if cursor else []), *arguments)

    def wait_for_posts(self, server, topic, count):
        """Until the topic has that many posts, as the boards tell them."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            found = {row["topic"]: row["posts"] for row in server.get("/v1/top", window="24h")["topics"]}.get(topic, 0)
            if found == count:
                return
            self.assertLess(found, count)
            self.assertLess(time.monotonic(), deadline, f"{found} posts of {count}")

    def end(self, command):
        """SIGTERM; gives what it said on standard error."""
        command.process.send_signal(signal.SIGTERM)
        self.assertEqual(command.process.wait(timeout=PATIENCE_SECONDS), 0)
        return self.said(command)

    @staticmethod
    def said(command):
        command.process.wait(timeout=PATIENCE_SECONDS)
        command.readers[1].join()
        return "\n".join(command.notices.queue)

    def wait_for_cursor(self, cursor):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not os.path.exists(self.cursor) or self.saved()["cursor"] != str(cursor):
            self.assertLess(time.monotonic(), deadline)

    def saved(self):
        with open(self.cursor, encoding="utf-8") as f:
            return json.load(f)


class Jetstream(Connect):
    def test_counts_every_post_once_over_a_platform_that_misbehaves_in_every_way(self):
        posts = [skeet(n) for n in range(400)]
        back = b"".join(platforms.frame(data) for _, data in posts[:30])
        with Server() as server:
            with platforms.Jetstream(posts, []) as platform:
                moved = f"{platform.url}/moved/here"
                platform.plan = [("refuse", 429, [("Retry-After", "1")]), ("refuse", 503, []), ("redirect", moved),
                                 ("play", 50, "drop"), ("play", 60, "reset"), ("play", 70, "close"), ("play", 80, "stall"),
                                 ("play", 90, "garbage"), ("play", None, "hold", back + platforms.frame(b"{}[") + back)]
                with self.connect(platform, server, "--idle", "2") as command:
                    self.wait_for_posts(server, "jet", len(posts))
                    platform.add([skeet(400)])
                    self.wait_for_posts(server, "jet", len(posts) + 1)
                    said = self.end(command)
            stats = server.settled()
            self.assertEqual(stats["posts"], len(posts) + 1)
            path, query, headers = platform.requests[0]
            self.assertEqual((path, query), ("/subscribe", {"wantedCollections": "app.bsky.feed.post"}))
            self.assertIn("tagswell", headers["user-agent"])
            self.assertEqual(platform.requests[3][0], "/moved/here")
            # Each goes on five seconds before what was acknowledged last: never behind what was sent, never back.
            cursors = platform.cursors()
            self.assertEqual(cursors[:4], [None] * 4)
            self.assertEqual(cursors[4], skeet(49)[0] - 5_000_000)
            self.assertEqual(cursors[4:], sorted(cursors[4:]))
            for cursor, sent in zip(cursors[4:], platform.sent_before[4:]):
                self.assertLessEqual(cursor + 5_000_000, sent)
            self.assertEqual(self.saved()["cursor"], str(skeet(400)[0]))
            self.assertIn("silent for 2 s", said)
            self.assertIn("closed with 1012 restart", said)
            self.assertIn("1 rejected", said.splitlines()[-1])
            self.assertNotIn("gap", said)

    def test_edits_and_deletions_of_the_stream_are_heeded_also_when_they_are_played_again(self):
        posts = [skeet(n) for n in range(10)]
        posts[7] = skeet(7, of=3, operation="delete", record=None)
        posts[8] = skeet(8, of=4, operation="update", text="now #sun")
        with Server() as server, platforms.Jetstream(posts, [("play", 10, "drop"), HOLD]) as platform:
            with self.connect(platform, server) as command:
                platform.wait_for(lambda: len(platform.requests) == 2)
                platform.add([skeet(10)])
                self.wait_for_posts(server, "jet", 7)
                self.wait_for_posts(server, "sun", 1)
                self.end(command)
            server.settled()
            self.assertEqual(server.request("GET", "/v1/posts/bluesky/at:%2F%2Fdid:plc:3%2Fapp.bsky.feed.post%2Fk3").status, 404)

    def test_a_connector_that_is_killed_goes_on_where_the_server_had_acknowledged(self):
        posts = [skeet(n) for n in range(300)]
        with Server() as server:
            for upto in (100, 200, 300):
                with platforms.Jetstream(posts[:upto], [HOLD]) as platform, self.connect(platform, server) as command:
                    self.wait_for_posts(server, "jet", upto)
                    self.wait_for_cursor(skeet(upto - 1)[0])
                    command.process.kill()
                self.assertEqual(platform.cursors(), [None if upto == 100 else skeet(upto - 101)[0] - 5_000_000])
            self.assertEqual(server.settled()["posts"], 300)

    def test_a_server_that_is_away_holds_everything_up_and_loses_nothing(self):
        posts = [skeet(n, text="x" * 2000 + " #jet") for n in range(6000)]
        with Server() as server, platforms.Jetstream(posts, [HOLD]) as platform:
            server.stop()
            with self.connect(platform, server, "--report", "1") as command:
                notice = command.notices.get(timeout=PATIENCE_SECONDS)
                while "waiting" not in notice:
                    notice = command.notices.get(timeout=PATIENCE_SECONDS)
                self.assertFalse(os.path.exists(self.cursor))
                while " 0 messages" not in notice:  # it goes on telling
                    notice = command.notices.get(timeout=PATIENCE_SECONDS)
                server.start()
                self.wait_for_posts(server, "jet", len(posts))
                said = self.end(command)
            self.assertIn("takes posts again", said)
            self.assertEqual(len(platform.requests), 1)
            self.assertEqual(server.settled()["posts"], len(posts))

    def test_tells_a_gap_when_the_platform_does_not_reach_back(self):
        posts = [skeet(n) for n in range(100)]
        with Server() as server, platforms.Jetstream(posts[:50], [("play", 50, "drop"), HOLD]) as platform:
            with self.connect(platform, server) as command:
                platform.wait_for(lambda: len(platform.requests) == 2)
                self.wait_for_posts(server, "jet", 50)
                self.end(command)
            platform.keeps_from = skeet(70)[0]
            platform.add(posts[50:])
            with self.connect(platform, server) as command:
                self.wait_for_posts(server, "jet", 80)
                said = self.end(command)
            gap = next(line for line in said.splitlines() if "gap from" in line)
            self.assertIn("2026-07-04T14:38:57Z", gap)
            self.assertIn("2026-07-04T14:39:18Z", gap)

    def test_what_is_too_large_for_the_server_goes_in_halves_and_alone_it_is_rejected(self):
        posts = [skeet(n, text="x" * 600 + " #jet") for n in range(50)]
        posts.insert(20, (posts[19][0] + 1, skeet(19, text="y" * 60_000)[1]))
        with Server("body_bytes_max = 8192\n") as server, platforms.Jetstream(posts, [HOLD]) as platform:
            with self.connect(platform, server) as command:
                self.wait_for_posts(server, "jet", 50)
                self.assertIn("1 rejected", self.end(command).splitlines()[-1])

    def test_what_was_read_is_sent_before_it_ends(self):
        # The last message waits for others when the signal comes.
        with Server() as server, platforms.Jetstream([skeet(0)], [HOLD]) as platform:
            with self.connect(platform, server) as command:
                self.wait_for_posts(server, "jet", 1)
                platform.add([skeet(n) for n in range(1, 5)])
                self.end(command)
            count = server.settled()["posts"]
            self.assertEqual(self.saved()["cursor"], str(skeet(count - 1)[0]))

    def test_native_samples_are_carried_as_they_are(self):
        with open(os.path.join(shared_dir(), "data/native/bluesky_jetstream/golden_v1.jsonl"), "rb") as f:
            messages = [(json.loads(line)["time_us"], line.strip()) for line in f if line.strip()]
        with Server() as reference:
            answer = reference.post_lines([m for _, m in messages], "/v1/posts?format=jetstream").json()
            wanted = reference.settled()["posts"]
        self.assertTrue(wanted)
        messages.sort(key=lambda m: m[0])
        count = len(messages)
        plan = [("play", count // 3, "drop"), ("play", count // 2, "stall"), HOLD]
        with Server() as server, platforms.Jetstream(messages, plan) as platform:
            with self.connect(platform, server, "--idle", "1") as command:
                platform.wait_for(lambda: len(platform.requests) >= 3)
                deadline = time.monotonic() + PATIENCE_SECONDS
                while server.get("/v1/stats")["posts"] < wanted:
                    self.assertLess(time.monotonic(), deadline, server.get("/v1/stats"))
                self.end(command)
            self.assertEqual(server.settled()["posts"], wanted, answer)


class Mastodon(Connect):
    def play(self, platform, numbers, **more):
        platform.add([update(n, **more) for n in numbers], [toot(n, **more) for n in numbers])

    def test_fetches_the_gap_from_the_timeline_and_counts_every_status_once(self):
        token = os.path.join(self.folder, "token")
        with open(token, "w", encoding="utf-8") as f:
            f.write("secret\n")
        plan = [("refuse", 503, []), ("play", 40, "drop"), ("play", 40, "stall"), HOLD]
        reset = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)).isoformat()
        with Server() as server, platforms.Mastodon(plan, pages=[("refuse", 500, []), ("refuse", 429, [("X-RateLimit-Reset", reset)]), "ok"]) as platform:
            with self.connect(platform, server, "--idle", "2", "--access-token-file", token) as command:
                self.play(platform, range(1000, 1040))
                self.wait_for_posts(server, "toot", 40)
                # Nobody hears these.
                platform.add(statuses=[toot(n) for n in range(1040, 1140)])
                self.play(platform, range(1140, 1180))
                self.wait_for_posts(server, "toot", 180)
                platform.add(statuses=[toot(n) for n in range(1180, 1200)])
                platform.wait_for(lambda: len([1 for path, *_ in platform.requests if "streaming" in path]) == 4)
                self.play(platform, [1200])
                self.wait_for_posts(server, "toot", 201)
                platform.add([("delete", "1000"), ("notification", "{}"), ("update", "}{ garbage"),
                              ("status.update", json.dumps(toot(1001, edited_at="2026-07-04T16:00:00Z", tags=[{"name": "sun"}])))])
                self.wait_for_posts(server, "sun", 1)
                said = self.end(command)
            stats = server.settled()
            self.assertEqual({r["topic"]: r["posts"] for r in server.get("/v1/top", window="24h")["topics"]}, {"toot": 199, "sun": 1})
            self.assertEqual(stats["posts"], 200)
            for path, query, headers in platform.requests:
                self.assertEqual(headers["authorization"], "Bearer secret", path)
            self.assertEqual(self.saved()["cursor"], "1200")
            gaps = [line for line in said.splitlines() if "gap from" in line]
            self.assertEqual(len(gaps), 2, said)
            self.assertIn("edits and deletions of that time are not known", gaps[0])

    def test_a_killed_connector_fetches_what_came_meanwhile(self):
        with Server() as server, platforms.Mastodon([HOLD]) as platform:
            with self.connect(platform, server) as command:
                self.play(platform, range(2000, 2010))
                self.wait_for_posts(server, "toot", 10)
                self.wait_for_cursor(2009)
                command.process.kill()
            platform.add(statuses=[toot(n) for n in range(2010, 2200)])
            with self.connect(platform, server) as command:
                self.wait_for_posts(server, "toot", 200)
                self.assertIn("statuses fetched", self.end(command))
            pages = [query for path, query, _ in platform.requests if "timelines" in path]
            self.assertEqual(pages[0]["min_id"], "2009")
            self.assertEqual(server.settled()["posts"], 200)

    def test_tells_a_gap_that_cannot_be_fetched(self):
        plan = [("play", 10, "drop"), HOLD]
        with Server() as server, platforms.Mastodon(plan, pages=[("refuse", 422, [])]) as platform:
            with self.connect(platform, server) as command:
                self.play(platform, range(3000, 3010))
                self.wait_for_posts(server, "toot", 10)
                platform.wait_for(lambda: any("timelines" in path for path, *_ in platform.requests))
                self.play(platform, range(3010, 3020))
                self.wait_for_posts(server, "toot", 20)
                said = self.end(command)
            gap = next(line for line in said.splitlines() if "gap from" in line)
            self.assertIn("missing, because the server answers 422", gap)

    def test_streams_from_the_host_that_the_instance_names(self):
        with Server() as server, platforms.Mastodon([HOLD]) as streaming:
            with platforms.Mastodon([HOLD], streaming=f"ws://127.0.0.1:{streaming.port}") as platform:
                with self.connect(platform, server) as command:
                    self.play(streaming, [1])
                    self.wait_for_posts(server, "toot", 1)
                    self.end(command)
            self.assertEqual([path for path, *_ in platform.requests], ["/api/v2/instance"])

    def test_a_token_that_is_refused_ends_it(self):
        with platforms.Mastodon([("refuse", 401, [])]) as platform:
            done = run("connect", "mastodon", platform.url, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(b"401", done.stderr)


@unittest.skipUnless(shutil.which("openssl"), "no openssl to make a certificate with")
class Tls(Connect):
    def certificate(self):
        make_certificate(self.folder, "platform")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(self.folder, "certificate.pem"), os.path.join(self.folder, "key.pem"))
        return context

    def test_who_is_not_known_gets_no_request(self):
        tls = self.certificate()
        trusted = ["--ca-file", os.path.join(self.folder, "certificate.pem")]
        for platform, topic in ((platforms.Jetstream([skeet(0)], [HOLD], tls=tls), "jet"),
                                (platforms.Mastodon([HOLD], [update(1)], tls=tls), "toot")):
            with self.subTest(topic), Server() as server, platform:
                with self.connect(platform, server, cursor=False) as command:
                    self.assertIn("certificate", command.notices.get(timeout=PATIENCE_SECONDS))
                    self.end(command)
                self.assertEqual(platform.requests, [])
                with self.connect(platform, server, *trusted, cursor=False) as command:
                    self.wait_for_posts(server, topic, 1)
                    self.end(command)

    def test_a_name_that_the_certificate_does_not_hold_is_refused(self):
        with platforms.Jetstream([skeet(0)], [HOLD], tls=self.certificate()) as platform:
            with Command("connect", "jetstream", f"wss://localhost:{platform.port}", "--to", f"http://127.0.0.1:{free_port()}",
                         "--ca-file", os.path.join(self.folder, "certificate.pem")) as command:
                self.assertIn("certificate", command.notices.get(timeout=PATIENCE_SECONDS))
                self.end(command)
            self.assertEqual(platform.requests, [])

    def test_a_redirect_away_from_tls_ends_it(self):
        with platforms.Jetstream([], [("redirect", "ws://127.0.0.1:1/")], tls=self.certificate()) as platform:
            done = run("connect", "jetstream", platform.url, "--ca-file", os.path.join(self.folder, "certificate.pem"), check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(b"without TLS", done.stderr)


class Refusals(Connect):
    def test_a_server_that_refuses_the_posts_ends_it_and_moves_nothing(self):
        config = '[[token]]\nname = "reader"\nsha256 = "' + "0" * 64 + '"\nroles = ["read"]\n'
        with Server(config) as server, platforms.Jetstream([skeet(0)], [HOLD]) as platform:
            with self.connect(platform, server) as command:
                self.assertEqual(command.process.wait(timeout=PATIENCE_SECONDS), 1)
                self.assertIn("401", self.said(command))
            self.assertFalse(os.path.exists(self.cursor))

    def test_a_cursor_that_is_none_or_of_another_stream_ends_it(self):
        for text in ("17", '{"stream":"mastodon a.example","cursor":"1","time":"2026-07-04T14:38:08Z"}'):
            with open(self.cursor, "w", encoding="utf-8") as f:
                f.write(text)
            done = run("connect", "jetstream", "ws://127.0.0.1:1", "--cursor", self.cursor, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(b"cursor", done.stderr)

    def test_addresses_and_platforms_that_are_none(self):
        self.assertEqual(run("connect", "myspace", "https://a.example", check=False).returncode, 2)
        for kind, url in (("jetstream", "ftp://127.0.0.1/"), ("mastodon", "ftp://127.0.0.1/"), ("jetstream", "nonsense")):
            done = run("connect", kind, url, check=False)
            self.assertEqual(done.returncode, 1, (kind, url))
            self.assertIn(b"address", done.stderr)


if __name__ == "__main__":
    unittest.main()
