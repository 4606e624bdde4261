"""Every answer of POST /v1/posts."""
import gzip
import json
import shutil
import socket
import subprocess
import unittest

import harness
from harness import post

NDJSON = {"Content-Type": "application/x-ndjson"}
JSON = {"Content-Type": "application/json"}


def setUpModule():
    global server
    server = harness.Server().start()


def tearDownModule():
    server.close()


class Ingest(unittest.TestCase):
    def assert_problem(self, answer, status, code=None, field=None):
        self.assertEqual(answer.status, status, answer)
        self.assertTrue(answer.headers["content-type"].startswith("application/problem+json"), answer.headers)
        problem = answer.json()
        self.assertEqual(problem["status"], status)
        for key in ("type", "title", "code", "detail"):
            self.assertTrue(problem.get(key), problem)
        if code:
            self.assertEqual(problem["code"], code)
        if field:
            self.assertEqual(problem["field"], field)

    def assert_report(self, answer, accepted=0, duplicates=0, rejected=0):
        self.assertEqual(answer.status, 200, answer)
        report = answer.json()
        self.assertEqual((report["accepted"], report["duplicates"], report["rejected"]), (accepted, duplicates, rejected))
        self.assertEqual(answer.headers.get("tagswell-rejected", "0"), str(rejected))
        self.assertEqual(len(report["errors"]), min(rejected, 100))
        return report

    def test_one_new_post_is_201_and_the_same_again_is_200(self):
        first = server.post_json(post("one", text="hello #One", lang="en-GB", country="GB"))
        self.assertEqual(first.status, 201, first)
        stored = first.json()
        self.assertEqual((stored["id"], stored["source"], stored["author"]), ("one", "twitter", "aone"))
        self.assertEqual((stored["lang"], stored["country"], stored["kind"]), ("en", "GB", "original"))
        self.assertEqual(stored["created_at"], "2017-10-15T20:21:45Z")
        again = server.post_json(post("one", text="hello #One", lang="en-GB", country="GB"))
        self.assertEqual(again.status, 200, again)
        self.assertEqual(again.json(), stored)

    def test_one_line_of_ndjson_answers_as_a_batch(self):
        self.assert_report(server.post_lines([post("line-1")]), accepted=1)

    def test_a_batch_counts_new_repeated_and_bad_lines(self):
        server.post_lines([post("batch-old")])
        bad = {k: v for k, v in post("batch-bad").items() if k != "author"}
        report = self.assert_report(
            server.post_lines([post("batch-new"), post("batch-old"), bad, b"{nonsense", post("batch-newer")]),
            accepted=2, duplicates=1, rejected=2)
        self.assertEqual([e["line"] for e in report["errors"]], [3, 4])
        self.assertEqual([e["code"] for e in report["errors"]], ["missing_author", "malformed_json"])
        self.assertTrue(all(e["detail"] for e in report["errors"]))
        self.assertEqual(server.request("GET", "/v1/posts/twitter/batch-newer").status, 200)

    def test_a_repeat_within_one_batch_counts_once(self):
        self.assert_report(server.post_lines([post("twin"), post("twin")]), accepted=1, duplicates=1)

    def test_at_most_a_hundred_errors_are_listed(self):
        report = self.assert_report(server.post_lines([b"{}"] * 150), rejected=150)
        self.assertEqual(report["errors"][-1]["line"], 100)

    def test_an_array_is_a_batch_and_names_elements(self):
        answer = server.post_json([post("array-1"), {"id": "x"}, post("array-2")])
        report = self.assert_report(answer, accepted=2, rejected=1)
        self.assertEqual(report["errors"][0]["line"], 2)

    def test_strict_stores_nothing_when_a_line_is_bad(self):
        answer = server.post_lines([post("strict-1"), b"{}"], path="/v1/posts?strict=true")
        self.assert_problem(answer, 422)
        self.assertEqual(server.request("GET", "/v1/posts/twitter/strict-1").status, 404)
        self.assert_report(server.post_lines([post("strict-2")], path="/v1/posts?strict=true"), accepted=1)

    def test_crlf_and_blank_lines_are_no_posts(self):
        body = b"\r\n" + json.dumps(post("crlf-1")).encode() + b"\r\n\r\n  \n" + json.dumps(post("crlf-2")).encode()
        self.assert_report(server.request("POST", "/v1/posts", body, NDJSON), accepted=2)

    def test_an_empty_batch_is_accepted(self):
        self.assert_report(server.request("POST", "/v1/posts", b"", NDJSON))
        self.assert_report(server.post_json([]))

    def test_gzip_and_zstd_bodies(self):
        body = json.dumps(post("gzip")).encode() + b"\n"
        self.assert_report(server.request("POST", "/v1/posts", gzip.compress(body), {**NDJSON, "Content-Encoding": "gzip"}),
                           accepted=1)
        if shutil.which("zstd"):
            body = json.dumps(post("zstd")).encode() + b"\n"
            packed = subprocess.run(["zstd", "-c"], input=body, capture_output=True, check=True).stdout
            self.assert_report(server.request("POST", "/v1/posts", packed, {**NDJSON, "Content-Encoding": "zstd"}), accepted=1)

    def test_a_damaged_gzip_body_is_400(self):
        packed = bytearray(gzip.compress(json.dumps(post("damaged")).encode()))
        packed[len(packed) // 2] ^= 0xFF
        self.assert_problem(server.once("POST", "/v1/posts", bytes(packed), {**NDJSON, "Content-Encoding": "gzip"}), 400)

    def test_malformed_json_is_400(self):
        for body in (b"", b"{", b'{"id":"x"} trailing', b"[{},", b"\xff"):
            self.assert_problem(server.request("POST", "/v1/posts", body, JSON), 400, "malformed_json")

    def test_json_that_is_no_post_is_422_and_names_the_field(self):
        for field, value, code in [("author", None, "missing_author"), ("id", None, "missing_id"),
                                   ("source", None, "missing_source"), ("created_at", None, "missing_created_at"),
                                   ("created_at", "yesterday", None), ("kind", "shout", None), ("country", "FRA", None),
                                   ("text", 7, None), ("id", "x" * 257, None)]:
            with self.subTest(field=field, value=value):
                bad = post(f"bad-{field}")
                bad[field] = value
                if value is None:
                    del bad[field]
                self.assert_problem(server.post_json(bad), 422, code, field)
        for value in (7, "text", True):
            self.assert_problem(server.post_json(value), 422)

    def test_unknown_fields_are_ignored(self):
        self.assertEqual(server.post_json(post("extra", shoe_size=43, nested={"a": [1, {"b": None}]})).status, 201)

    def test_explicit_tags_replace_extraction(self):
        server.post_lines([post("explicit", at="2017-10-15T20:30:00Z", text="#unsaid", tags=["said"])])
        server.settled()
        top = server.get("/v1/top", window="1h", at="2017-10-15T21:00:00Z", limit=100)
        names = {t["topic"] for t in top["topics"]}
        self.assertIn("said", names)
        self.assertNotIn("unsaid", names)

    def test_another_content_type_is_415(self):
        for kind in ("text/plain", "application/xml", "application/jsonx"):
            self.assert_problem(server.request("POST", "/v1/posts", b"{}", {"Content-Type": kind}), 415)
        self.assert_problem(server.once("POST", "/v1/posts", b"{}", {}), 415)
        self.assertEqual(server.request("POST", "/v1/posts", json.dumps(post("charset")),
                                        {"Content-Type": "application/json; charset=utf-8"}).status, 201)

    def test_an_unknown_content_encoding_is_415(self):
        self.assert_problem(server.once("POST", "/v1/posts", b"{}", {**JSON, "Content-Encoding": "br"}), 415)

    def test_an_unknown_parameter_or_value_is_400(self):
        body = json.dumps(post("parameter"))
        for query in ("strictly=true", "strict=perhaps", "format=myspace", "ack=never"):
            with self.subTest(query=query):
                self.assert_problem(server.once("POST", f"/v1/posts?{query}", body, JSON), 400)
        self.assertEqual(server.request("GET", "/v1/posts/twitter/parameter").status, 404)

    def test_ack_async_is_202(self):
        answer = server.post_lines([post("async")], path="/v1/posts?ack=async")
        self.assertEqual(answer.status, 202, answer)
        server.settled()
        self.assertEqual(server.request("GET", "/v1/posts/twitter/async").status, 200)

    def test_another_method_is_405_with_allow(self):
        for method in ("PUT", "DELETE"):
            answer = server.once(method, "/v1/posts")
            self.assert_problem(answer, 405)
            self.assertIn("POST", answer.headers["allow"])

    def test_an_unknown_path_is_404(self):
        for path in ("/v2/posts", "/v1/post", "/v1/posts/"):
            self.assert_problem(server.once("GET", path), 404)

    def test_a_post_without_length_is_411(self):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as s:
            s.sendall(b"POST /v1/posts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
            self.assertEqual(s.makefile("rb").readline().split()[1], b"411")

    def test_utf8_text_comes_back_as_it_went(self):
        text = "naïve 日本語 🎉 \u0000 \" \\ \n end"
        server.post_json(post("utf8", text=text))
        self.assertEqual(server.get("/v1/posts/twitter/utf8")["text"], text)

    def test_bytes_that_are_no_utf8_are_rejected_alone(self):
        report = self.assert_report(
            server.post_lines([post("fine"), b'{"id":"bad","source":"t","author":"a","created_at":"2017-10-15T20:21:45Z","text":"\xff"}']),
            accepted=1, rejected=1)
        self.assertEqual(report["errors"][0]["line"], 2)


class Limits(unittest.TestCase):
    def test_a_body_too_large_as_sent_or_unpacked_is_413(self):
        with harness.Server(config="body_bytes_max = 4096\ndecoded_bytes_max = 8192\n") as small:
            large = json.dumps(post("large", text="x" * 5000))
            answer = small.once("POST", "/v1/posts", large, JSON)
            self.assertEqual(answer.status, 413, answer)
            self.assertEqual(answer.json()["status"], 413)
            bomb = gzip.compress(b"\n" * 1_000_000)
            self.assertLess(len(bomb), 4096)
            answer = small.once("POST", "/v1/posts", bomb, {**NDJSON, "Content-Encoding": "gzip"})
            self.assertEqual(answer.status, 413, answer)
            self.assertEqual(small.post_json(post("small")).status, 201)

    def test_a_post_too_far_in_the_future_is_refused_by_the_wall_clock(self):
        with harness.Server(clock="wall") as wall:
            answer = wall.post_json(post("future", at="2190-01-01T00:00:00Z"))
            self.assertEqual(answer.status, 422, answer)
            self.assertEqual(answer.json()["field"], "created_at")


if __name__ == "__main__":
    unittest.main()
