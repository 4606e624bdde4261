"""Posts as platforms write them: the parameter format=, other content types, edits and deletions."""
import gzip
import json
import os
import tempfile
import unittest
import urllib.parse

import harness
import streams

NDJSON = {"Content-Type": "application/x-ndjson"}


def tweet_v1(id, text, **more):
    return {"created_at": "Sun Oct 15 20:21:45 +0000 2017", "id_str": id, "text": text,
            "user": {"id_str": "u" + id, "followers_count": 3}, **more}


class Formats(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = harness.Server().start()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def send(self, format, lines, **headers):
        answer = self.server.post_lines(lines, path=f"/v1/posts?format={format}", **headers)
        self.assertEqual(answer.status, 200, answer)
        return answer.json()

    def assert_counts(self, report, **expected):
        counts = {k: v for k, v in report.items() if k != "errors" and v}
        self.assertEqual(counts, expected, report)

    def stored(self, source, id):
        answer = self.server.request("GET", f"/v1/posts/{source}/{urllib.parse.quote(id, safe='')}")
        return answer.json() if answer.status == 200 else None

    def posts_of(self, topic):
        self.server.settled()
        answer = self.server.request("GET", f"/v1/topics/{topic}")
        return answer.json()["windows"]["24h"]["posts"] if answer.status == 200 else 0

    # -- the parameter
    def test_an_unknown_format_is_400(self):
        for path in ("/v1/posts?format=myspace", "/v1/posts?format=", "/v1/posts?format=auto"):
            answer = self.server.post_lines([b"{}"], path=path)
            self.assertEqual((answer.status, answer.json()["code"], answer.json()["field"]),
                             (400, "unknown_format", "format"))

    def test_strict_refuses_a_platforms_batch_whole(self):
        answer = self.server.post_lines([tweet_v1("s1", "a"), tweet_v1("s2", 5)],
                                        path="/v1/posts?format=twitter-v1&strict=true")
        self.assertEqual(answer.status, 422)
        self.assertIsNone(self.stored("twitter", "s1"))

    def test_the_ingest_socket_takes_a_format(self):
        with streams.WebSocket(self.server.port, "/v1/ingest?format=twitter-v1") as ws:
            ws.send(json.dumps(tweet_v1("w1", "#OverTheSocket")) + "\n\n" + json.dumps({"limit": {"track": 1}}))
            ack = ws.receive_json()
        self.assertEqual((ack["ack"], ack["accepted"], ack["ignored"], ack["rejected"]), (1, 1, 2, 0))
        self.assertEqual(self.stored("twitter", "w1")["topics"], ["overthesocket"])

    # -- Twitter v1
    def test_one_tweet_answers_with_its_stored_form(self):
        answer = self.server.post_json(tweet_v1("one", "#One &amp; all"), path="/v1/posts?format=twitter-v1")
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual((answer.json()["author"], answer.json()["text"]), ("uone", "#One & all"))
        again = self.server.post_json(tweet_v1("one", "#One &amp; all"), path="/v1/posts?format=twitter-v1")
        self.assertEqual((again.status, again.json()), (200, answer.json()))
        bad = self.server.post_json(tweet_v1("bad", "x", user={"id_str": "1", "protected": True}),
                                    path="/v1/posts?format=twitter-v1")
        self.assertEqual((bad.status, bad.json()["code"]), (422, "not_public"))

    def test_a_twitter_stream_with_deletions_and_notices(self):
        lines = [tweet_v1("d1", "#GoneSoon"), tweet_v1("d2", "#GoneSoon"), b"", {"limit": {"track": 5}},
                 {"delete": {"status": {"id_str": "d1"}}}, {"delete": {"status": {"id_str": "never-seen"}}}]
        self.assert_counts(self.send("twitter-v1", lines), accepted=2, retracted=1, ignored=3)
        self.assertIsNone(self.stored("twitter", "d1"))
        self.assertEqual(self.posts_of("gonesoon"), 1)
        # All of it again, as after a lost answer: the end is the same.
        self.assert_counts(self.send("twitter-v1", lines), accepted=1, duplicates=1, retracted=1, ignored=3)
        self.assertEqual(self.posts_of("gonesoon"), 1)

    def test_gzip_and_async(self):
        body = gzip.compress(json.dumps(tweet_v1("z1", "#Zipped")).encode())
        answer = self.server.request("POST", "/v1/posts?format=twitter-v1", body, {**NDJSON, "Content-Encoding": "gzip"})
        self.assertEqual(answer.json()["accepted"], 1)
        answer = self.server.post_lines([tweet_v1("z2", "#Later"), {"delete": {"status": {"id_str": "z1"}}}],
                                        path="/v1/posts?format=twitter-v1&ack=async")
        self.assertEqual((answer.status, answer.json()["accepted"], answer.json()["retracted"]), (202, 1, 1))

    # -- Twitter v2
    def test_a_page_of_v2_answers_with_a_report(self):
        page = {"data": [{"id": "p1", "author_id": "7", "text": "RT @x: long #ha…", "created_at": "2017-10-15T20:21:45Z",
                          "referenced_tweets": [{"type": "retweeted", "id": "p0"}]}],
                "includes": {"tweets": [{"id": "p0", "text": "long #hashtag",
                                         "entities": {"hashtags": [{"tag": "hashtag"}]}}],
                             "users": [{"id": "7", "public_metrics": {"followers_count": 9}}]}}
        answer = self.server.post_json(page, path="/v1/posts?format=twitter-v2")
        self.assertEqual(answer.status, 200, answer)
        self.assert_counts(answer.json(), accepted=1)
        stored = self.stored("twitter", "p1")
        self.assertEqual((stored["kind"], stored["repost_of"], stored["topics"], stored["author_followers"]),
                         ("repost", "p0", ["hashtag"], 9))

    def test_an_edited_tweet_takes_its_earlier_version_back(self):
        def version(id, text, *history):
            return {"data": {"id": id, "author_id": "7", "text": text, "created_at": "2017-10-15T20:21:45Z",
                             "edit_history_tweet_ids": history}}
        self.assert_counts(self.send("twitter-v2", [version("e1", "#EditedTweet", "e1")]), accepted=1)
        self.assert_counts(self.send("twitter-v2", [version("e2", "#EditedTweet 2", "e1", "e2")]), accepted=1, retracted=1)
        self.assert_counts(self.send("twitter-v2", [version("e1", "#EditedTweet", "e1", "e2")]), duplicates=1)
        self.assertIsNone(self.stored("twitter", "e1"))
        self.assertEqual(self.posts_of("editedtweet"), 1)

    # -- Mastodon
    @staticmethod
    def status(id, content, *tags, **more):
        return {"id": id, "created_at": "2017-10-15T20:21:45Z", "visibility": "public", "content": f"<p>{content}</p>",
                "account": {"acct": "ada", "url": "https://social.example/@ada"}, "tags": [{"name": t} for t in tags], **more}

    def test_a_mastodon_stream_with_edits_and_deletions(self):
        def event(name, payload):
            return {"stream": ["public"], "event": name, "payload": payload}
        first = self.status("m1", "one #TootTag", "toottag")
        second = self.status("m1", "two &lt;3", "tootedit", edited_at="2017-10-15T20:25:00Z")
        self.assert_counts(self.send("mastodon", [event("update", json.dumps(first)), event("update", first)]),
                           accepted=1, duplicates=1)
        self.assertEqual(self.posts_of("toottag"), 1)
        edit = event("status.update", json.dumps(second))
        self.assert_counts(self.send("mastodon", [edit]), accepted=1, retracted=1)
        self.assert_counts(self.send("mastodon", [edit]), duplicates=1)
        stored = self.stored("mastodon", "m1")
        self.assertEqual((stored["text"], stored["topics"], stored["author"]), ("two <3", ["tootedit"], "ada@social.example"))
        self.assertEqual((self.posts_of("toottag"), self.posts_of("tootedit")), (0, 1))
        for stop in (self.server.kill, self.server.stop):  # folded from the log, and loaded from a checkpoint
            stop()
            self.server.start()
            self.assertEqual(self.stored("mastodon", "m1"), stored)
            self.assertEqual((self.posts_of("toottag"), self.posts_of("tootedit")), (0, 1))
        self.assert_counts(self.send("mastodon", [event("delete", "m1"), event("notification", "{}")]),
                           retracted=1, ignored=1)
        self.assertEqual(self.posts_of("tootedit"), 0)

    def test_an_edit_before_its_post_stands(self):
        self.assert_counts(self.send("mastodon", [self.status("m2", "edited", "early", edited_at="2017-10-15T20:25:00Z"),
                                                  self.status("m2", "as it was", "late")]), accepted=1, duplicates=1)
        self.assertEqual(self.stored("mastodon", "m2")["topics"], ["early"])

    def test_what_is_not_public_is_refused(self):
        report = self.send("mastodon", [self.status("m3", "x", visibility=v) for v in ("unlisted", "private", "direct")])
        self.assert_counts(report, rejected=3)
        self.assertEqual({e["code"] for e in report["errors"]}, {"not_public"})

    def test_what_is_public_no_longer_goes(self):
        self.assert_counts(self.send("mastodon", [self.status("m4", "#ForAll", "forall")]), accepted=1)
        update = {"event": "status.update", "payload": json.dumps(self.status("m4", "#ForSome", "forsome", visibility="private"))}
        self.assert_counts(self.send("mastodon", [update]), retracted=1)
        self.assertEqual(self.posts_of("forall"), 0)

    # -- ActivityStreams
    def test_activities_create_update_and_delete(self):
        def note(content, tag):
            return {"type": "Note", "id": "https://a.example/1", "attributedTo": "https://a.example/users/ada",
                    "published": "2017-10-15T20:21:45Z", "to": ["as:Public"], "content": content,
                    "tag": {"type": "Hashtag", "name": tag}}

        def activity(kind, object):
            return {"@context": "https://www.w3.org/ns/activitystreams", "type": kind, "id": "https://a.example/act",
                    "actor": "https://a.example/users/ada", "to": "as:Public", "object": object}
        self.assert_counts(self.send("activitystreams", [activity("Create", note("x", "#FediTag"))]), accepted=1)
        self.assertEqual(self.posts_of("feditag"), 1)
        self.assert_counts(self.send("activitystreams", [activity("Update", note("y", "#FediEdit")),
                                                         activity("Like", "https://a.example/1")]),
                           accepted=1, retracted=1, ignored=1)
        self.assertEqual(self.stored("activitypub", "https://a.example/1")["topics"], ["fediedit"])
        self.assert_counts(self.send("activitystreams", [activity("Delete", {"type": "Tombstone", "id": "https://a.example/1"})]),
                           retracted=1)
        self.assertEqual((self.posts_of("feditag"), self.posts_of("fediedit")), (0, 0))

    # -- Jetstream
    def test_jetstream_creates_updates_and_deletes(self):
        def commit(operation, text=None, tag=None, collection="app.bsky.feed.post"):
            record = text and {"text": text, "createdAt": "2030-01-01T00:00:00Z", "langs": ["en"], "facets": [
                {"features": [{"$type": "app.bsky.richtext.facet#tag", "tag": tag}]}]}
            return {"did": "did:plc:ada", "time_us": 1508098905000000, "kind": "commit",
                    "commit": {"operation": operation, "collection": collection, "rkey": "3k", "record": record}}
        uri = "at://did:plc:ada/app.bsky.feed.post/3k"
        self.assert_counts(self.send("jetstream", [commit("create", "x #SkyTag", "SkyTag"),
                                                   commit("create", collection="app.bsky.feed.like")]), accepted=1, ignored=1)
        stored = self.stored("bluesky", uri)
        self.assertEqual((stored["created_at"], stored["topics"]), ("2017-10-15T20:21:45Z", ["skytag"]))
        self.assertEqual(self.posts_of("skytag"), 1)
        self.assert_counts(self.send("jetstream", [commit("update", "y", "SkyEdit")]), accepted=1, retracted=1)
        self.assertEqual((self.posts_of("skytag"), self.posts_of("skyedit")), (0, 1))
        self.assert_counts(self.send("jetstream", [commit("delete")]), retracted=1)
        self.assert_counts(self.send("jetstream", [commit("delete")]), ignored=1)
        self.assertEqual((self.posts_of("skyedit"), self.stored("bluesky", uri)), (0, None))

    # -- protobuf
    @staticmethod
    def protobuf(*posts):
        """A PostBatch of (id, author, text), written by hand."""
        def field(number, data):
            size, length = len(data), b""
            while size > 127:
                length += bytes([size & 127 | 128])
                size >>= 7
            return bytes([number << 3 | 2]) + length + bytes([size]) + data
        batch = b""
        for id, author, text in posts:
            time = b"\x20\xd0\xce\x98\x9b\xe4\x57"  # sint64: 1508098905000
            batch += field(1, field(1, id.encode()) + field(2, b"pb") + field(3, author.encode()) + time + field(5, text.encode()))
        return batch

    def test_protobuf_is_a_batch(self):
        body = self.protobuf(("p1", "ann", "#Wire"), ("p2", "", "x"), ("p3", "bob", "#Wire " + "y" * 300))
        for headers in ({}, {"Content-Encoding": "gzip"}):
            answer = self.server.request("POST", "/v1/posts", gzip.compress(body) if headers else body,
                                         {"Content-Type": "application/x-protobuf", **headers})
            self.assertEqual(answer.status, 200, answer)
            report = answer.json()
            self.assertEqual((report["accepted"] + report["duplicates"], report["rejected"]), (2, 1))
            self.assertEqual((report["errors"][0]["line"], report["errors"][0]["code"]), (2, "missing_author"))
        self.assertEqual(self.stored("pb", "p1")["created_at"], "2017-10-15T20:21:45Z")
        self.assertEqual(self.posts_of("wire"), 2)

    def test_protobuf_that_is_none_or_in_a_format_is_400(self):
        for path, body, code in (("/v1/posts", b"{}", "malformed_protobuf"), ("/v1/posts?format=mastodon", b"", "unknown_format")):
            answer = self.server.request("POST", path, body, {"Content-Type": "application/x-protobuf"})
            self.assertEqual((answer.status, answer.json()["code"]), (400, code), answer)

    # -- CloudEvents
    @staticmethod
    def event(data, **more):
        return {"specversion": "1.0", "id": "e", "source": "/feed", "type": "post", "data": data, **more}

    def test_one_cloud_event_answers_as_one_post(self):
        headers = {"Content-Type": "application/cloudevents+json; charset=utf-8"}
        body = json.dumps(self.event(harness.post("ce1", text="#Cloudy"))).encode()
        answer = self.server.request("POST", "/v1/posts", body, headers)
        self.assertEqual((answer.status, answer.json()["topics"]), (201, ["cloudy"]), answer)
        self.assertEqual(self.server.request("POST", "/v1/posts", body, headers).status, 200)
        bad = json.dumps(self.event(harness.post("ce2"), specversion="0.3")).encode()
        answer = self.server.request("POST", "/v1/posts", bad, headers)
        self.assertEqual((answer.status, answer.json()["code"]), (422, "bad_specversion"))
        self.assertEqual(self.server.request("POST", "/v1/posts", body + b"}", headers).status, 400)

    def test_a_batch_of_cloud_events_in_any_format(self):
        headers = {"Content-Type": "application/cloudevents-batch+json"}
        events = [self.event(self.status("ce3", "x", "clouded")), self.event({"event": "delete", "payload": "nobody"}),
                  self.event(None), {"id": "x"}]
        answer = self.server.request("POST", "/v1/posts?format=mastodon", gzip.compress(json.dumps(events).encode()),
                                     {**headers, "Content-Encoding": "gzip"})
        self.assertEqual(answer.status, 200, answer)
        self.assert_counts(answer.json(), accepted=1, ignored=1, rejected=2)
        self.assertEqual([(e["line"], e["code"]) for e in answer.json()["errors"]],
                         [(3, "bad_data"), (4, "missing_event_specversion")])
        self.assertEqual(self.stored("mastodon", "ce3")["topics"], ["clouded"])
        answer = self.server.request("POST", "/v1/posts", json.dumps(events[0]).encode(), headers)
        self.assertEqual((answer.status, answer.json()["code"]), (400, "not_a_batch"))


    def test_cloud_events_in_lines_in_any_format(self):
        events = [self.event(self.status("ce4", "x", "lined")), {"id": "x"}, self.event(self.status("ce5", "x", "lined"))]
        body = b"\n".join(json.dumps(e).encode() for e in events) + b"\n{"
        answer = self.server.request("POST", "/v1/posts?format=mastodon", body, {"Content-Type": "application/cloudevents+ndjson"})
        self.assertEqual(answer.status, 200, answer)
        self.assert_counts(answer.json(), accepted=2, rejected=2)
        self.assertEqual([(e["line"], e["code"]) for e in answer.json()["errors"]],
                         [(2, "missing_event_specversion"), (4, "malformed_json")])
        self.assertEqual(self.posts_of("lined"), 2)


class Replay(unittest.TestCase):
    """--format of replay, into a pipeline of its own and into a server."""
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def archive(self, name, *messages):
        path = os.path.join(self.folder.name, name)
        with open(path, "w", encoding="utf-8") as f:
            f.writelines(json.dumps(m) + "\n" for m in messages)
        return path

    def messages(self):
        jet = {"did": "did:plc:a", "time_us": 1508098905000000, "kind": "commit",
               "commit": {"operation": "create", "collection": "app.bsky.feed.post", "rkey": "1",
                          "record": {"text": "#Jet", "createdAt": "2017-10-15T20:21:45Z"}}}
        return {"jetstream": [jet, {**jet, "kind": "identity"}, {**jet, "commit": {**jet["commit"], "operation": "delete"}}],
                "twitter-v1": [{"limit": {"track": 1}}, tweet_v1("r1", "#One")],
                "twitter-v2": [{"data": {"id": "r2", "author_id": "1", "text": "#Two", "created_at": "2017-10-15T20:21:45Z"}}],
                "mastodon": [Formats.status("r3", "#Three")],
                "tagswell": [harness.post("r4", text="#Four")]}

    def test_every_format_by_name_and_by_its_looks(self):
        for format, messages in self.messages().items():
            path = self.archive(format, *messages)
            for chosen in (format, "auto"):
                with self.subTest(format=format, chosen=chosen):
                    told = harness.run("replay", path, "--format", chosen, "--quiet").stderr.decode()
                    self.assertIn("1 posts in", told)
                    self.assertIn("0 lines rejected", told)
        told = harness.run("replay", os.path.join(self.folder.name, "jetstream"), "--quiet").stderr.decode()
        self.assertIn("1 taken back", told)
        self.assertIn("1 ignored", told)

    def test_files_of_several_formats_into_a_server(self):
        with harness.Server() as server:
            files = [self.archive(format, *messages) for format, messages in self.messages().items()]
            told = harness.run("replay", *files, "--to", f"http://127.0.0.1:{server.port}").stderr.decode()
            self.assertIn("5 posts in", told)
            self.assertIn("1 taken back", told)
            self.assertEqual(server.get("/v1/posts/mastodon/r3")["author"], "ada@social.example")
            self.assertEqual(server.settled()["posts"], 4)

    def test_cloud_events_with_posts_of_any_format(self):
        for format, messages in self.messages().items():
            events = [Formats.event(message) for message in messages]
            path = self.archive("events", {"specversion": "1.0", "id": "1"}, *events)
            for chosen in ("cloudevents", "auto"):
                with self.subTest(format=format, chosen=chosen):
                    told = harness.run("replay", path, "--format", chosen, "--quiet").stderr.decode()
                    self.assertIn("1 posts in", told)
                    self.assertIn("1 lines rejected", told)
                    self.assertIn("line 1: missing_event_source", told)

    def wire(self, name, *posts, pack=bytes):
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as f:
            f.write(pack(Formats.protobuf(*posts)))
        return path

    def test_protobuf_as_it_is_posted_one_body_behind_the_other(self):
        posts = [(f"p{n}", f"ann{n}", "#Wire\n" + "y" * (n % 400)) for n in range(12_000)]
        posts[7] = ("p7", "", "x")
        for name, pack in (("plain", bytes), ("gzip", gzip.compress)):
            path = self.wire(name, *posts, pack=pack)
            for chosen in ("protobuf", "auto"):
                with self.subTest(name=name, chosen=chosen):
                    told = harness.run("replay", path, "--format", chosen, "--quiet").stderr.decode()
                    self.assertIn("11,999 posts in", told)
                    self.assertIn("1 lines rejected", told)
                    self.assertIn("line 8: missing_author", told)
        cut = self.wire("cut", *posts[:100], pack=lambda body: body[:-3])
        done = harness.run("replay", cut, "--quiet", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"98 posts in", done.stderr)
        self.assertIn(b"the last post is not all there", done.stderr)

    def test_events_and_protobuf_into_a_server_that_takes_small_bodies(self):
        events = [Formats.event(harness.post(f"e{n}", text="#Event " + "x" * 300)) for n in range(200)]
        wire = self.wire("wire", *[(f"w{n}", "ann", "#Wire " + "x" * 300) for n in range(200)], ("big", "ann", "y" * 9000), ("w", "ann", "#Wire"))
        with harness.Server("body_bytes_max = 8192\n") as server:
            told = harness.run("replay", self.archive("events", *events), wire, "--speed", "1000000", "--to",
                               f"http://127.0.0.1:{server.port}").stderr.decode()
            self.assertIn("401 posts in", told)
            self.assertIn("line 201: body_too_large", told)
            self.assertEqual(server.settled()["posts"], 401)
            self.assertEqual({row["topic"]: row["posts"] for row in server.get("/v1/top", window="24h")["topics"]},
                             {"event": 200, "wire": 201})

    def test_what_it_cannot_do_it_says(self):
        path = self.archive("mastodon", *self.messages()["mastodon"])
        done = harness.run("replay", path, "--format", "myspace", check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"jetstream", done.stderr)
        done = harness.run("replay", path, "--speed", "0", check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"--speed", done.stderr)


if __name__ == "__main__":
    unittest.main()
