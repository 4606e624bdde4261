"""Platforms that the server follows by itself ([[connect]]): whatever they do, and whatever becomes of the server, every post
is counted once."""
import contextlib
import json
import os
import re
import shutil
import threading
import time
import unittest

import harness
import platforms
import streams
from harness import PATIENCE_SECONDS, Server
from test_connect import HOLD, skeet, toot, update


def connector(platform, name="bluesky", **more):
    """The platform's [[connect]]."""
    kind = "jetstream" if isinstance(platform, platforms.Jetstream) else "mastodon"
    keys = {"name": name, "platform": kind, "url": platform.url, **more}
    return "\n[[connect]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())


class Connectors(unittest.TestCase):
    def wait_until(self, condition, message="in vain"):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            self.assertLess(time.monotonic(), deadline, message)

    def wait_for_posts(self, server, count, path="/v1"):
        """Until the log has that many; never more."""
        found = 0

        def there():
            nonlocal found
            found = server.get(path + "/stats")["posts"]
            self.assertLessEqual(found, count)
            return found == count
        self.wait_until(there, f"{count} posts did not come")

    def figures(self, server, **labels):
        """The connector's figures by name, those with more labels as name{value}."""
        found = {}
        for line in server.request("GET", "/metrics").body.decode().splitlines():
            match = re.fullmatch(r"tagswell_connector_(\w+){(.*)} (\S+)", line)
            if not match:
                continue
            of = dict(re.findall(r'(\w+)="([^"]*)"', match[2]))
            if all(of.pop(name, None) == value for name, value in labels.items()):
                found[match[1] + "".join(f"{{{value}}}" for value in of.values())] = float(match[3])
        return found

    def wait_for_figure(self, server, figure, value, **labels):
        self.wait_until(lambda: self.figures(server, **(labels or {"connector": "bluesky"}))[figure] == value,
                        f"{figure} is never {value}")

    @staticmethod
    def saved(server, name="bluesky", stream=None):
        folder = os.path.join(server.data, *(["streams", stream] if stream else []), "connect")
        with contextlib.suppress(FileNotFoundError), open(os.path.join(folder, name + ".json"), encoding="utf-8") as f:
            return json.load(f)["cursor"]
        return None


class Platforms(Connectors):
    def test_counts_every_post_once_over_a_platform_that_misbehaves_in_every_way(self):
        posts = [skeet(n) for n in range(400)]
        back = b"".join(platforms.frame(data) for _, data in posts[:30])
        with platforms.Jetstream(posts, []) as platform:
            platform.plan = [("refuse", 404, []), ("refuse", 429, [("Retry-After", "1")]), ("redirect", f"{platform.url}/moved"),
                             ("play", 50, "drop"), ("play", 60, "reset"), ("play", 70, "close"), ("play", 80, "stall"),
                             ("play", 90, "garbage"), ("play", None, "hold", back + platforms.frame(b"{}[") + back)]
            with Server(connector(platform, idle_seconds=2)) as server:
                self.wait_for_posts(server, len(posts))
                platform.add([skeet(400)])
                self.wait_for_posts(server, len(posts) + 1)
                self.wait_for_figure(server, "position_timestamp_seconds", skeet(400)[0] / 1e6)
                figures = self.figures(server, connector="bluesky")
                self.assertEqual(figures["connected"], 1)
                self.assertEqual(figures["waiting"], 0)
                self.assertEqual(figures["gaps_total"], 0)
                self.assertEqual(figures["posts_total{accepted}"], len(posts) + 1)
                self.assertEqual(figures["posts_total{rejected}"], 1)
                self.assertGreater(figures["posts_total{duplicate}"], 0)
                faults = [figures[f"faults_total{{{reason}}}"] for reason in ("refused", "busy", "other", "silent", "unreachable")]
                self.assertEqual(faults[:3], [1, 1, 0])
                self.assertIn(faults[3:], ([1, 4], [2, 3]))  # whether the goodbye comes behind the garbage
                self.assertEqual(server.stop(), 0)
                self.assertEqual(self.saved(server), str(skeet(400)[0]))
            # Each goes on five seconds before what was acknowledged last: never behind what was sent, never back.
            cursors = platform.cursors()
            self.assertEqual(cursors[:4], [None] * 4)
            self.assertEqual(cursors[5:], sorted(cursors[5:]))
            for cursor, sent in zip(cursors[5:], platform.sent_before[5:]):
                self.assertLessEqual(cursor + 5_000_000, sent)

    def test_a_server_that_is_killed_goes_on_where_it_had_acknowledged(self):
        posts = [skeet(n) for n in range(600)]
        with platforms.Jetstream([], [HOLD]) as platform, Server(connector(platform), fsync="always") as server:
            platform.wait_for(lambda: platform.requests)
            for begin in range(0, 600, 60):
                platform.add(posts[begin:begin + 60])
                # Killed at any time: while posts come, before they are in the log, before the cursor is saved, after it.
                deadline = time.monotonic() + begin / 600 * 0.8
                while time.monotonic() < deadline and server.get("/v1/stats")["posts"] < begin + 60:
                    pass
                server.kill()
                server.start()
            self.wait_for_posts(server, 600)
            self.assertEqual(server.settled()["posts"], 600)
            self.assertEqual({row["topic"]: row["posts"] for row in server.get("/v1/top", window="24h")["topics"]}, {"jet": 600})
            cursors = [cursor or 0 for cursor in platform.cursors()]
            self.assertEqual(cursors, sorted(cursors))
            for cursor, sent in zip(cursors, platform.sent_before):
                self.assertLessEqual(cursor, sent)
            self.assertGreater(cursors[-1], 0)

    def test_a_server_that_is_stopped_takes_what_was_read_and_goes_on_behind_it(self):
        with platforms.Jetstream([skeet(0)], [HOLD]) as platform, Server(connector(platform)) as server:
            self.wait_for_posts(server, 1)
            # The last messages wait for others when the signal comes.
            platform.add([skeet(n) for n in range(1, 5)])
            begin = time.monotonic()
            self.assertEqual(server.stop(), 0)
            self.assertLess(time.monotonic() - begin, 5)
            cursor = self.saved(server)
            server.start()
            count = server.settled()["posts"]
            self.assertGreaterEqual(count, (int(cursor) - skeet(0)[0]) // 1_000_000 + 1)
            self.wait_for_posts(server, 5)
            platform.wait_for(lambda: len(platform.requests) == 2)
            self.assertEqual(platform.cursors(), [None, int(cursor) - 5_000_000])

    def test_a_stream_at_its_limit_holds_the_platform_up_and_nothing_is_dropped(self):
        posts = [skeet(n) for n in range(700)]
        with platforms.Jetstream(posts[:600], [HOLD]) as platform:
            with Server("stream_posts_per_second = 100\nburst_seconds = 1\n" + connector(platform)) as server:
                self.wait_for_figure(server, "posts_total{accepted}", 600)
                platform.add(posts[600:])  # the others are not paid for yet
                self.wait_for_figure(server, "waiting", 1)
                self.assertEqual(server.get("/v1/stats")["posts"], 600)
                self.assertEqual(server.post_json(harness.post(1)).status, 429)
                self.wait_for_posts(server, 700)
                self.wait_for_figure(server, "waiting", 0)
                self.assertIn("posts of a platform wait", server.log())
                self.assertIn("posts of a platform are taken again", server.log())
            self.assertEqual(len(platform.requests), 1)

    def test_a_full_queue_holds_the_platform_up_and_nothing_is_dropped(self):
        posts = [skeet(n) for n in range(3000)]
        with platforms.Jetstream([], [HOLD]) as platform:
            # Whatever waits fills it.
            with Server("queue_posts_max = 1\n" + connector(platform), fsync="always") as server:
                done = threading.Event()
                refused = []

                def flood(sender):
                    body = [harness.post(f"{sender}-{n}") for n in range(200)]
                    while not done.is_set():
                        refused.append(server.post_lines(body).status == 429)

                senders = [threading.Thread(target=flood, args=(n,)) for n in range(4)]
                for sender in senders:
                    sender.start()
                for begin in range(0, len(posts), 100):
                    platform.add(posts[begin:begin + 100])
                    self.wait_for_figure(server, "messages_total", begin + 100)
                done.set()
                for sender in senders:
                    sender.join()
                self.assertTrue(any(refused))
                self.assertEqual(self.figures(server, connector="bluesky")["posts_total{accepted}"], len(posts))
                server.settled()
                found = {row["topic"]: row["posts"] for row in server.get("/v1/top", window="24h")["topics"]}
                self.assertEqual(found["jet"], len(posts))

    def test_a_server_that_is_stopped_while_posts_wait_moves_no_cursor_past_them(self):
        posts = [skeet(n) for n in range(500)]
        with platforms.Jetstream(posts[:50], [HOLD]) as platform:
            config = "stream_posts_per_second = 1\nburst_seconds = 50\n" + connector(platform)
            with Server(config) as server:
                self.wait_for_posts(server, 50)
                platform.add(posts[50:400])
                self.wait_for_figure(server, "posts_total{accepted}", 400)
                platform.add(posts[400:])
                self.wait_for_figure(server, "waiting", 1)
                begin = time.monotonic()
                self.assertEqual(server.stop(), 0)
                self.assertLess(time.monotonic() - begin, 8)
                self.assertEqual(self.saved(server), str(skeet(399)[0]))
                with open(server.config, "w", encoding="utf-8") as f:
                    f.write(connector(platform))
                server.start()
                self.wait_for_posts(server, 500)

    def test_a_backup_goes_on_where_it_was_made(self):
        posts = [skeet(n) for n in range(60)]
        with platforms.Jetstream(posts[:30], [HOLD]) as platform, Server(connector(platform)) as server:
            self.wait_for_posts(server, 30)
            self.wait_until(lambda: self.saved(server) == str(skeet(29)[0]))
            copy = os.path.join(server.folder, "copy")
            harness.run("backup", copy, "--to", f"http://127.0.0.1:{server.port}")
            self.assertEqual(os.listdir(os.path.join(copy, "connect")), ["bluesky.json"])
            self.assertEqual(os.listdir(os.path.join(server.data, "backups")), [])
            platform.add(posts[30:])
            self.wait_for_posts(server, 60)
            server.kill()
            shutil.rmtree(server.data)
            os.rename(copy, server.data)
            server.start()
            self.wait_for_posts(server, 60)
            self.assertEqual(platform.cursors()[-1], skeet(29)[0] - 5_000_000)
            self.assertEqual(self.figures(server, connector="bluesky")["gaps_total"], 0)

    def test_tells_a_gap_when_the_platform_does_not_reach_back(self):
        posts = [skeet(n) for n in range(100)]
        with platforms.Jetstream(posts[:50], [HOLD]) as platform, Server(connector(platform)) as server:
            self.wait_for_posts(server, 50)
            self.wait_until(lambda: self.saved(server) == str(skeet(49)[0]))
            self.assertEqual(server.stop(), 0)
            platform.keeps_from = skeet(70)[0]
            platform.add(posts[50:])
            server.start()
            self.wait_for_posts(server, 80)
            self.assertEqual(self.figures(server, connector="bluesky")["gaps_total"], 1)
            gap = next(line for line in server.log().splitlines() if "a gap in" in line)
            self.assertIn("from=2026-07-04T14:38:57Z to=2026-07-04T14:39:18Z", gap)

    def test_a_platform_that_is_away_or_refuses_holds_up_nothing_else(self):
        with platforms.Jetstream([skeet(0)], [("refuse", 401, []), ("refuse", 403, []), HOLD]) as platform:
            config = connector(platform) + '\n[[connect]]\nname = "away"\nplatform = "jetstream"\n' \
                f'url = "ws://127.0.0.1:{harness.free_port()}"\n'
            with Server(config) as server:
                self.assertEqual(server.post_json(harness.post(1)).status, 201)
                self.wait_for_posts(server, 2)
                self.assertEqual(self.figures(server, connector="bluesky")["faults_total{refused}"], 2)
                away = self.figures(server, connector="away")
                self.assertEqual(away["connected"], 0)
                self.assertGreater(away["faults_total{unreachable}"], 0)
                self.assertEqual(server.request("GET", "/readyz").status, 200)
                self.assertEqual(server.stop(), 0)


    def test_a_platform_that_streams_from_another_host_by_now_is_found_there(self):
        with platforms.Mastodon([HOLD], [update(1)]) as streaming, platforms.Mastodon([("refuse", 404, [])]) as platform:
            with Server(connector(platform, "m")) as server:
                self.wait_until(lambda: self.figures(server, connector="m")["faults_total{refused}"] > 0)
                platform.streaming = f"ws://127.0.0.1:{streaming.port}"
                self.wait_for_posts(server, 1)
                self.assertEqual(server.stop(), 0)


class Streams(Connectors):
    def test_each_connector_feeds_its_stream_beside_the_others_with_a_cursor_of_its_own(self):
        token = "secret of the platform"
        with platforms.Jetstream([skeet(n) for n in range(20)], [HOLD]) as jet, platforms.Mastodon([HOLD]) as mastodon:
            config = "[streams.politics]\n" + connector(jet) + connector(mastodon, "m-1", stream="politics", access_token_file="TOKEN")
            server = Server()
            self.addCleanup(server.close)
            path = os.path.join(server.folder, "token")
            with open(path, "w", encoding="utf-8") as f:
                f.write(token + "\n")
            with open(server.config, "w", encoding="utf-8") as f:
                f.write(config.replace('"TOKEN"', json.dumps(path)))
            server.start()
            mastodon.add([update(n) for n in range(100, 110)], [toot(n) for n in range(100, 110)])
            self.wait_for_posts(server, 20)
            self.wait_for_posts(server, 10, "/v1/streams/politics")
            of_mastodon = {"connector": "m-1", "stream": "politics"}
            self.wait_for_figure(server, "posts_total{accepted}", 10, **of_mastodon)
            self.wait_until(lambda: self.saved(server, "m-1", "politics") == "109")
            self.assertTrue(all(headers["authorization"] == "Bearer " + token for _, _, headers in mastodon.requests))
            server.kill()
            mastodon.add(statuses=[toot(n) for n in range(110, 200)])
            server.start()
            self.wait_for_posts(server, 100, "/v1/streams/politics")
            self.wait_for_figure(server, "gaps_total", 1, **of_mastodon)
            mastodon.add([("delete", "100"), update(200)])
            self.wait_for_figure(server, "posts_total{retracted}", 1, **of_mastodon)
            self.wait_for_figure(server, "posts_total{accepted}", 91, **of_mastodon)
            self.wait_for_posts(server, 100, "/v1/streams/politics")
            self.assertEqual(server.get("/v1/stats")["posts"], 20)
            self.assertEqual(server.stop(), 0)
            self.assertNotIn(token, server.log())

    def test_what_a_platform_brings_is_told_like_anything_else(self):
        with platforms.Jetstream([], [HOLD]) as platform, Server(connector(platform)) as server:
            with streams.WebSocket(server.port, "/v1/ingest") as socket:
                socket.send(json.dumps(harness.post(1, text="#jet")))
                self.assertEqual(socket.receive_json()["accepted"], 1)
            platform.add([skeet(1), skeet(2, text="both #jet")])
            self.wait_for_posts(server, 3)
            server.settled()
            found = server.get("/v1/topics/jet/posts")["posts"]
            self.assertEqual({post["source"] for post in found}, {"twitter", "bluesky"})


class Refusals(Connectors):
    def refused(self, config):
        done = harness.check_config(config)
        self.assertEqual(done.returncode, 1, config)
        return done.stderr.decode()

    def test_names_the_key_that_is_wrong(self):
        good = '[[connect]]\nname = "b"\nplatform = "jetstream"\nurl = "wss://a.example"\n'
        self.assertEqual(harness.check_config(good).returncode, 0)
        for config, wanted in (
                (good + "cursor = 1\n", ":5: connect.cursor is no known key"),
                (good + "stream = 1\n", ":5: connect.stream must be a string"),
                (good + "idle_seconds = 0\n", ":5: connect.idle_seconds must be a whole number, 1 to 86400"),
                (good + 'stream = "politics"\n', "connect.stream of 'b' is 'politics', which is no stream"),
                (good + 'access_token_file = "x"\n', "connect.access_token_file of 'b' is for mastodon"),
                (good + good, "connect.name of 'b' stands twice"),
                (good.replace('"b"', '"B b"'), "connect.name of 'B b' must be"),
                (good.replace("jetstream", "myspace"), "connect.platform of 'b' must be jetstream or mastodon"),
                (good.replace("wss:", "https:"), "connect.url of 'b' must be wss://HOST or ws://HOST"),
                (good.replace("jetstream", "mastodon"), "connect.url of 'b' must be https://HOST or http://HOST"),
                (good.replace("wss://a.example", "nonsense"), "connect.url of 'b' must be"),
                (good.replace("a.example", "ann:secret@a.example"), "connect.url of 'b' must hold no user, no password"),
                (good.replace("a.example", "a.example/#there"), "connect.url of 'b' must hold no user, no password and no '#'"),
                (good.split("url")[0], "connect.url of 'b' must be"),
                ("connect = 1\n", ":1: connect must be written as [[connect]]"),
                ("".join(good.replace('"b"', f'"b{n}"') for n in range(33)), "connect may stand 32 times at most")):
            self.assertIn(wanted, self.refused(config))

    def test_files_that_are_not_there_and_a_cursor_of_another_stream_are_told_at_the_start(self):
        mastodon = '[[connect]]\nname = "m"\nplatform = "mastodon"\nurl = "https://m.example"\n'
        for config, wanted in ((mastodon + 'access_token_file = "/nowhere/token"\n', "connect.access_token_file of 'm': /nowhere/token"),
                               (mastodon + 'ca_file = "/nowhere/ca"\n', "connect.ca_file of 'm': /nowhere/ca"),
                               (mastodon, "m.json is the cursor of jetstream, not of mastodon m.example")):
            server = Server(config)
            self.addCleanup(server.close)
            os.makedirs(os.path.join(server.data, "connect"))
            if wanted.startswith("m.json"):
                os.rmdir(os.path.join(server.data, "connect"))
                with open(server.config, "w", encoding="utf-8") as f:
                    f.write("")
                server.start()
                self.assertEqual(server.stop(), 0)
                os.makedirs(os.path.join(server.data, "connect"))
                with open(os.path.join(server.data, "connect", "m.json"), "w", encoding="utf-8") as f:
                    f.write('{"stream":"jetstream","cursor":"1","time":"2026-07-04T14:38:08Z"}')
                with open(server.config, "w", encoding="utf-8") as f:
                    f.write(config)
            server.start(wait=False)
            self.assertEqual(server.process.wait(timeout=PATIENCE_SECONDS), 1)
            self.assertIn(wanted, server.log())


if __name__ == "__main__":
    unittest.main()
