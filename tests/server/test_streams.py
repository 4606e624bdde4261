"""Streams side by side: each with its own store, counts, events, tokens and quotas, and none touches another."""
import hashlib
import json
import os
import tempfile
import threading
import time
import unittest

import harness
import streams
from harness import post

POLITICS = "/v1/streams/politics"


def token(name, roles, of=()):
    digest = hashlib.sha256(name.encode()).hexdigest()
    bound = f"streams = {json.dumps(of)}\n" if of else ""
    return f'[[token]]\nname = "{name}"\nsha256 = "{digest}"\nroles = {json.dumps(roles)}\n{bound}'


def bearer(name):
    return {"Authorization": f"Bearer {name}"}


def settled(server, prefix):
    """Waits until everything accepted by the stream is counted; gives its stats."""
    deadline = time.monotonic() + harness.PATIENCE_SECONDS
    while True:
        stats = server.get(prefix + "/stats")
        if stats["lag_posts"] == 0:
            return stats
        if time.monotonic() > deadline:
            raise AssertionError(f"still not counted: {stats}")
        time.sleep(0.01)


def topics(server, prefix="/v1"):
    settled(server, prefix)
    return {row["topic"]: row["posts"] for row in server.get(prefix + "/top")["topics"]}


class Apart(unittest.TestCase):
    def test_each_has_its_own_posts_counts_and_store(self):
        with harness.Server(config='[streams.politics]\nblocks = ["spam"]\n[streams.sport]\n') as server:
            server.post_lines([post(1, text="#rain"), post(2, text="#rain")])
            server.post_lines([post(1, text="#vote"), post(3, text="#vote"), post(4, text="#rain")], POLITICS + "/posts")
            self.assertEqual(topics(server), {"rain": 2})
            self.assertEqual(topics(server, POLITICS), {"vote": 2, "rain": 1})
            self.assertEqual(topics(server, "/v1/streams/default"), {"rain": 2})
            self.assertEqual(topics(server, "/v1/streams/sport"), {})
            # The same id is another post in another stream, and gone from one it is there in the other.
            self.assertEqual(server.get(POLITICS + "/posts/twitter/1")["text"], "#vote")
            self.assertEqual(server.request("DELETE", POLITICS + "/posts/twitter/1").status, 204)
            self.assertEqual(topics(server, POLITICS), {"vote": 1, "rain": 1})
            self.assertEqual(topics(server), {"rain": 2})
            self.assertEqual(server.get("/v1/posts/twitter/1")["text"], "#rain")
            # What operators say holds where they say it.
            self.assertEqual([b["topic"] for b in server.get(POLITICS + "/blocks")["blocks"]], ["spam"])
            self.assertEqual(server.get("/v1/blocks")["blocks"], [])
            self.assertEqual(server.request("PUT", "/v1/aliases/wet", b'{"tags":["rain"]}').status, 201)
            self.assertEqual((topics(server), topics(server, POLITICS)), ({"wet": 2}, {"vote": 1, "rain": 1}))
            self.assertEqual(server.get("/v1/streams")["streams"], [{"name": name, "ready": True} for name in ("default", "politics", "sport")])
            epochs = {server.get(prefix + "/stats")["epoch"] for prefix in ("/v1", POLITICS, "/v1/streams/sport")}
            self.assertEqual(len(epochs), 3)
            self.assertTrue(os.path.isdir(os.path.join(server.data, "streams", "politics")))
            server.restart()
            self.assertEqual((topics(server), topics(server, POLITICS)), ({"wet": 2}, {"vote": 1, "rain": 1}))
            server.kill()
            server.start()
            self.assertEqual((topics(server), topics(server, POLITICS)), ({"wet": 2}, {"vote": 1, "rain": 1}))
            # A stream that is declared no more is no more asked for; its folder stays, and so does all else.
            self.assertEqual(server.stop(), 0)
            with open(server.config, "w", encoding="utf-8") as f:
                f.write("")
            server.start()
            self.assertEqual(server.once("GET", POLITICS + "/stats").json()["code"], "unknown_stream")
            self.assertEqual(topics(server), {"wet": 2})
            self.assertEqual(server.get("/v1/streams")["streams"], [{"name": "default", "ready": True}])

    def test_a_store_from_before_opens_with_streams_beside_it(self):
        with harness.Server() as server:
            server.post_lines([post(i, text="#old") for i in range(10)])
            self.assertEqual(server.stop(), 0)
            with open(server.config, "w", encoding="utf-8") as f:
                f.write("[streams.politics]\n")
            server.start()
            self.assertEqual((topics(server), topics(server, POLITICS)), ({"old": 10}, {}))
            server.post_lines([post("new", text="#vote")], POLITICS + "/posts")
            self.assertEqual(server.stop(), 0)
            for folder in (server.data, os.path.join(server.data, "streams", "politics")):
                self.assertIn(b"whole", harness.run("verify", folder).stdout)

    def test_it_does_not_matter_whose_store_is_made_first(self):
        server = harness.Server(config="[streams.politics]\n")
        self.addCleanup(server.close)
        os.makedirs(os.path.join(server.data, "streams", "politics"))
        server.start()
        self.assertEqual((topics(server), topics(server, POLITICS)), ({}, {}))

    def test_events_are_those_of_the_stream(self):
        lines = harness.run("synth", "--scenario", "metoo", "--scale", "100").stdout
        with harness.Server(config="[streams.politics]\n") as server:
            with streams.WebSocket(server.port, POLITICS + "/events?topic=metoo") as there, \
                    streams.WebSocket(server.port, "/v1/events") as here:
                self.assertEqual((there.receive_json()["type"], here.receive_json()["type"]), ("hello", "hello"))
                harness.run("replay", "--to", f"http://127.0.0.1:{server.port}{POLITICS}", "-", stdin=lines)
                event = there.receive_json()
                self.assertEqual((event["type"], event["topic"]), ("started", "metoo"))
                settled(server, POLITICS)
                self.assertEqual(server.get("/v1/events")["events"], [])
                self.assertTrue(server.get(POLITICS + "/trends?at=2017-10-16T12:00:00Z")["trends"])
                with streams.WebSocket(server.port, "/v1/streams/default/ingest") as ingest:
                    ingest.send(json.dumps(post("w")))
                    self.assertEqual(ingest.receive_json()["accepted"], 1)
                self.assertEqual(settled(server, "/v1")["posts"], 1)
            with self.assertRaises(streams.Refused) as refused:
                streams.WebSocket(server.port, "/v1/streams/nowhere/events")
            self.assertEqual((refused.exception.status, json.loads(refused.exception.body)["code"]), (404, "unknown_stream"))

    def test_an_unknown_one_is_404_by_name(self):
        with harness.Server(config="[streams.politics]\n") as server:
            for method, path in (("GET", "/stats"), ("POST", "/posts"), ("GET", "/posts/a/b"), ("PUT", "/blocks/x"), ("GET", "/api/v1/trends/tags")):
                body = b"[]" if method == "POST" else None
                for name in ("nowhere", "POLITICS", "politics%20", "..", "politic"):
                    answer = server.once(method, f"/v1/streams/{name}{path}", body, {"Content-Type": "application/json"} if body else {})
                    self.assertEqual((answer.status, answer.json()["code"], answer.json()["field"]), (404, "unknown_stream", "stream"), name)
            self.assertEqual(server.once("GET", "/v1/streams/politics").json()["code"], "not_found")
            self.assertEqual(server.once("GET", "/v1/streams/politics/v1/stats").json()["code"], "not_found")

    def test_metrics_tell_them_apart(self):
        with harness.Server(config="[streams.politics]\n") as server:
            server.post_lines([post(i, text="#rain") for i in range(3)])
            server.post_lines([post(i, text="#vote") for i in range(5)], POLITICS + "/posts")
            settled(server, POLITICS)
            server.settled()
            wanted = {"tagswell_posts_accepted_total 3", 'tagswell_posts_accepted_total{stream="politics"} 5', "tagswell_topics_live 1",
                      'tagswell_topics_live{stream="politics"} 1', 'tagswell_topic_posts{topic="rain"} 3',
                      'tagswell_topic_posts{stream="politics",topic="vote"} 5'}
            # What engines know is of the time of the scrape before, or of the one before that.
            for _ in range(100):
                missing = wanted - set(server.request("GET", "/metrics").body.decode().splitlines())
                if not missing:
                    break
            self.assertEqual(missing, set())


class Rights(unittest.TestCase):
    CONFIG = ("[streams.politics]\n[streams.sport]\n" + token("all", ["ingest", "read", "admin"]) +
              token("desk", ["ingest", "read", "admin"], ["politics"]) + token("two", ["read"], ["default", "sport"]))

    def test_a_token_may_be_good_for_some_streams_only(self):
        with harness.Server(config=self.CONFIG) as server:
            body = json.dumps(post(1)).encode()
            may = {"all": ("default", "politics", "sport"), "desk": ("politics",), "two": ("default", "sport")}
            for name, allowed in may.items():
                for stream in ("default", "politics", "sport"):
                    paths = [f"/v1/streams/{stream}/stats"] + (["/v1/stats"] if stream == "default" else [])
                    for path in paths:
                        answer = server.once("GET", path, headers=bearer(name))
                        if stream in allowed:
                            self.assertEqual(answer.status, 200, (name, path))
                        else:
                            self.assertEqual((answer.status, answer.json()["code"]), (403, "stream_not_allowed"), (name, path))
                self.assertEqual([s["name"] for s in server.once("GET", "/v1/streams", headers=bearer(name)).json()["streams"]], list(allowed))
            headers = {"Content-Type": "application/json", **bearer("desk")}
            self.assertEqual(server.once("POST", POLITICS + "/posts", body, headers).status, 201)
            self.assertEqual(server.once("POST", "/v1/posts", body, headers).status, 403)
            self.assertEqual(server.once("PUT", POLITICS + "/blocks/spam", headers=bearer("desk")).status, 201)
            self.assertEqual(server.once("PUT", "/v1/blocks/spam", headers=bearer("desk")).status, 403)
            for name, status in (("desk", 403), ("two", 403), ("all", 200)):  # they tell of every stream
                self.assertEqual(server.once("GET", "/metrics", headers=bearer(name)).status, status, name)
            for path in ("/v1/events", POLITICS + "/events"):
                with self.assertRaises(streams.Refused) as refused:
                    streams.WebSocket(server.port, path, headers=bearer("two" if "politics" in path else "desk").items())
                self.assertEqual(refused.exception.status, 403)
            # Who has no token learns no names.
            for name in ("politics", "nowhere"):
                self.assertEqual(server.once("GET", f"/v1/streams/{name}/stats").status, 401)


class Quotas(unittest.TestCase):
    def test_posts_a_second_of_one_stream(self):
        config = "burst_seconds = 1\n[streams.politics]\nstream_posts_per_second = 10\n"
        with harness.Server(config=config) as server:
            self.assertEqual(server.post_lines([post(i) for i in range(100)], POLITICS + "/posts").json()["accepted"], 100)
            answer = server.post_lines([post("more")], POLITICS + "/posts")
            self.assertEqual((answer.status, answer.json()["code"], answer.json()["limit"]), (429, "rate_limited", "stream_posts_per_second"))
            self.assertLessEqual(int(answer.headers["retry-after"]), 10)
            self.assertEqual(server.post_lines([post("more")]).status, 200)
            self.assertEqual(server.get(POLITICS + "/posts/twitter/99")["id"], "99")
            text = server.request("GET", "/metrics").body.decode()
            self.assertIn('tagswell_rate_limited_total{limit="stream_posts_per_second"} 1\n', text)

    def test_bytes_on_disk_of_one_stream(self):
        with harness.Server(config="[streams.politics]\nstream_disk_bytes_max = 4000000\n") as server:
            noise = os.urandom(20_000).hex()  # does not compress
            for i in range(1000):
                answer = server.post_lines([post(f"{i}-{k}", text=f"#full {noise[k * 40:k * 40 + 30_000]}") for k in range(100, 110)], POLITICS + "/posts")
                noise = os.urandom(20_000).hex()
                if answer.status != 200:
                    break
            self.assertEqual((answer.status, answer.json()["code"]), (507, "quota_reached"))
            self.assertGreater(i, 3)
            self.assertEqual(server.post_lines([post("other")]).status, 200)
            self.assertEqual(server.once("GET", POLITICS + "/posts/twitter/0-100").status, 200)
            self.assertEqual(server.once("DELETE", POLITICS + "/posts/twitter/0-100").status, 204)
            self.assertEqual(server.once("GET", "/readyz").status, 200)  # the server is well
            server.restart()
            self.assertEqual(server.once("GET", POLITICS + "/posts/twitter/0-101").status, 200)


class Lives(unittest.TestCase):
    def test_sigterm_finishes_all_of_them(self):
        with harness.Server(config="[streams.politics]\n[streams.sport]\n", fsync="always") as server:
            acknowledged = {prefix: 0 for prefix in ("/v1", POLITICS, "/v1/streams/sport")}

            def send(prefix):
                try:
                    while server.post_lines([post(f"{acknowledged[prefix]}-{i}") for i in range(20)], prefix + "/posts").status == 200:
                        acknowledged[prefix] += 1
                except (OSError, harness.http.client.HTTPException):
                    pass

            threads = [threading.Thread(target=send, args=(prefix,)) for prefix in acknowledged]
            for thread in threads:
                thread.start()
            while min(acknowledged.values()) < 10:
                time.sleep(0.005)
            self.assertEqual(server.stop(), 0)
            for thread in threads:
                thread.join()
            server.start()
            for prefix, count in acknowledged.items():
                self.assertGreaterEqual(settled(server, prefix)["posts"], 20 * count, prefix)

    def test_one_that_cannot_open_is_named_and_nothing_starts(self):
        with harness.Server() as first:
            other = harness.Server(config=f'[streams.politics]\ndata = "{first.data}"\n')
            other.start(wait=False)
            self.assertEqual(other.process.wait(timeout=60), 1)
            self.assertIn("stream politics", other.log())
            self.assertIn("store_locked", other.log())
            other.close()
            self.assertEqual(first.once("GET", "/readyz").status, 200)


class Commands(unittest.TestCase):
    def test_an_address_may_be_that_of_a_stream(self):
        lines = harness.run("synth", "--scenario", "metoo", "--scale", "200").stdout
        with harness.Server(config="[streams.politics]\n") as server:
            url = f"http://127.0.0.1:{server.port}{POLITICS}"
            harness.run("replay", "--to", url + "/", "-", stdin=lines)
            self.assertEqual(settled(server, POLITICS)["posts"], len(lines.splitlines()))
            self.assertEqual(server.get("/v1/stats")["posts"], 0)
            top = harness.run("top", url, "--window", "24h", "--at", "2017-10-16T12:00:00Z").stdout.decode()
            self.assertIn("#MeToo", top)
            with harness.Command("watch", url, "--since", "0") as watch:
                self.assertTrue(watch.take(1))
                self.assertEqual(watch.interrupt(), 0)
            with tempfile.TemporaryDirectory() as folder:
                told = harness.run("backup", os.path.join(folder, "copy"), "--to", url).stdout.decode()
                self.assertIn(f"{len(lines.splitlines())} posts accepted", told)
            failed = harness.run("top", f"http://127.0.0.1:{server.port}/v1/streams/nowhere", check=False)
            self.assertEqual(failed.returncode, 1)
            self.assertIn(b"There is no such stream", failed.stderr)


class Configuration(unittest.TestCase):
    def test_messages_name_the_key(self):
        for config, key in (("[streams.a]\nlisten = 'x'\n", "streams.a.listen"), ("[streams.a]\nclock = 7\n", "streams.a.clock"),
                            ("[streams.'A b']\n", "streams.A b"), ("[streams.default]\n", "streams.default"),
                            ("[streams.a]\nmilestones = [5, 1]\n", "streams.a.milestones"),
                            ("data = 'x'\n[streams.a]\ndata = './x'\n", "streams.a.data"),
                            (token("t", ["read"], ["b"]) + "[streams.a]\n", "token.streams"),
                            ("".join(f"[streams.s{i}]\n" for i in range(33)), "streams")):
            done = harness.check_config(config)
            self.assertEqual(done.returncode, 1, config)
            self.assertIn(key, done.stderr.decode())


if __name__ == "__main__":
    unittest.main()
