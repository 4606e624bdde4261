"""Foreign JSON and foreign text over the wire: what is no JSON is refused by name, what is comes back as it went."""
import json
import os
import unittest
import urllib.parse

import harness
from harness import post

DEPTH_MAX = 64
JSON = {"Content-Type": "application/json"}


def setUpModule():
    global server
    server = harness.Server().start()


def tearDownModule():
    server.close()


def with_value(number, value, last):
    """A good post whose unknown field holds these bytes."""
    whole = json.dumps(post(number)).encode()
    return whole[:-1] + b',"x":' + value + b"}" if last else b'{"x":' + value + b"," + whole[1:]


def send(body):
    return server.request("POST", "/v1/posts", body, JSON)


class Judgement(unittest.TestCase):
    def assert_malformed(self, answer, what):
        self.assertEqual(answer.status, 400, (what, answer))
        self.assertEqual(answer.headers["content-type"], "application/problem+json")
        self.assertEqual(answer.json()["code"], "malformed_json", what)

    def assert_parsed(self, answer, what):
        """Well-formed, whatever it says: stored, or refused for what it lacks."""
        self.assertIn(answer.status, (200, 201, 422), (what, answer))
        if answer.status == 422:
            self.assertNotEqual(answer.json()["code"], "malformed_json", what)
        elif "errors" in answer.json():
            self.assertNotIn("malformed_json", [e["code"] for e in answer.json()["errors"]], what)

    def test_nesting_ends_at_its_bound(self):
        for depth, status in ((DEPTH_MAX - 1, 201), (DEPTH_MAX, 400), (100_000, 400)):
            for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
                value = opening * depth + (b"1" if opening != b"[" else b"") + closing * depth
                self.assertEqual(send(with_value(f"depth-{depth}-{opening}", value, True)).status, status, (depth, opening))
        self.assert_malformed(send(b"[" * 1_000_000), "a million opening brackets")
        self.assert_malformed(send(b'{"a":' * 200_000), "objects without end")

    def test_a_field_that_stands_twice_is_refused(self):
        whole = json.dumps(post("twice")).encode()
        for first in (b'{"id":"other",', b'{"\\u0069d":"other",', b'{"text":"#a",', b'{"author":"b",'):
            answer = send(first + whole[1:])
            self.assertEqual((answer.status, answer.json()["code"]), (422, "duplicate_field"), answer)
        self.assertEqual(server.request("GET", "/v1/posts/twitter/twice").status, 404)

    def test_nothing_may_follow_the_value(self):
        whole = json.dumps(post("trailing")).encode()
        for rest in (b"x", b"{}", b"\x00", b",", b"]", b"}", whole, b"\n" + whole, b"\xef\xbb\xbf"):
            self.assert_malformed(send(whole + rest), rest)
            report = server.post_lines([whole + rest.replace(b"\n", b" ")]).json()
            self.assertEqual((report["accepted"], report["rejected"]), (0, 1), rest)
            self.assertEqual(report["errors"][0]["code"], "malformed_json", rest)
        self.assertEqual(server.request("GET", "/v1/posts/twitter/trailing").status, 404)

    def test_the_cases_of_json_test_suite(self):
        folder = os.path.join(harness.shared_dir(), "data", "json", "test_parsing")
        judged = {"n": 0, "y": 0, "i": 0}
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), "rb") as f:
                value = f.read()
            kind = name[0]
            judged[kind] += 1
            with self.subTest(name=name):
                self.judge(name, kind, value)
        self.assertGreater(judged["n"], 180)
        self.assertGreater(judged["y"], 90)
        self.assertEqual(server.request("GET", "/readyz").status, 200)

    def judge(self, name, kind, value):
        whole = send(value)
        inside = [send(with_value(f"{name}-{last}", value, last)) for last in (False, True)]
        # A line must be one: CR is to JSON what LF is, white space between values and forbidden in strings.
        line = value.replace(b"\n", b"\r")
        report = server.post_lines([with_value(f"{name}-line", line, False), json.dumps(post(f"{name}-next")).encode()])
        self.assertEqual(report.status, 200, report)
        counts = report.json()
        if kind == "n":
            self.assert_malformed(whole, "whole")
            for answer in inside:
                self.assert_malformed(answer, "inside")
            self.assertEqual((counts["accepted"], counts["rejected"]), (1, 1), counts)
            self.assertEqual((counts["errors"][0]["line"], counts["errors"][0]["code"]), (1, "malformed_json"))
        elif kind == "y":
            self.assert_parsed(whole, "whole")
            self.assertEqual([a.status for a in inside], [201, 201], inside)
            self.assertEqual((counts["accepted"], counts["rejected"]), (2, 0), counts)
        else:  # free to choose, but not to fall over
            for answer in (whole, *inside):
                self.assertLess(answer.status, 500, answer)


class NaughtyStrings(unittest.TestCase):
    """What strangers write is stored as it is, or refused by name."""

    HOSTILE = ["\u0000", "a\u0000b", "\u202e\u2066abc\u2069", "z\u200ba\u200cl\u200dg\ufeffo", "e" + "\u0301" * 500, "\U0001f469\u200d\U0001f680",
               "<script>alert(1)</script>", "'; DROP TABLE posts; --", "../../etc/passwd", "%00%n%s", "\r\n\r\nHTTP/1.1 200 OK",
               "\ufffe\uffff", "\U0010ffff", "\u2028\u2029", "ﷺ" * 50, "İıſß", "#" * 1000]

    def strings(self):
        out = list(self.HOSTILE)
        try:
            path = os.path.join(harness.shared_dir(), "data", "json", "blns", "blns.json")
        except unittest.SkipTest:
            return out
        with open(path, encoding="utf-8") as f:
            return out + json.load(f)

    def test_texts_come_back_as_they_went(self):
        for number, text in enumerate(self.strings()):
            for escaped in (True, False):
                key = f"text-{number}-{escaped}"
                answer = send(json.dumps(post(key, text=text), ensure_ascii=escaped).encode())
                self.assertEqual(answer.status, 201, (text, answer))
                self.assertEqual(answer.json()["text"], text)
                self.assertEqual(server.get(f"/v1/posts/twitter/{key}")["text"], text)

    def test_ids_and_authors_come_back_as_they_went(self):
        for number, name in enumerate(self.strings()):
            answer = send(json.dumps(post(0, text="a") | {"id": f"{number} {name}", "author": name}).encode())
            if not name or len(name.encode()) > 250:
                self.assertEqual(answer.status, 422, (name, answer))
                continue
            self.assertEqual(answer.status, 201, (name, answer))
            path = "/v1/posts/twitter/" + urllib.parse.quote(f"{number} {name}", safe="")
            answer = server.request("GET", path)
            if "\u0000" in name:  # no path may hold a NUL
                self.assertEqual((answer.status, answer.json()["code"]), (400, "malformed_path"))
                continue
            self.assertEqual(answer.json()["author"], name, path)

    def test_tags_are_found_under_the_name_they_came_with(self):
        tags = [tag for tag in self.strings() if tag and "\u0000" not in tag]  # others no path can name
        for number, tag in enumerate(tags):
            self.assertEqual(send(json.dumps(post(f"tag-{number}", text="a", tags=[tag])).encode()).status, 201, tag)
        server.settled()
        for number, tag in enumerate(tags):
            path = "/v1/topics/" + urllib.parse.quote(tag, safe="") + "/posts"
            found = f"tag-{number}" in [p["id"] for p in server.get(path, limit=200)["posts"]]
            letters = [c for c in tag if c.isalpha()]
            plain = not any(c < " " or c == "\x7f" for c in tag) and len(tag.encode()) <= 250
            if plain and any(c.isascii() for c in letters):
                self.assertTrue(found, tag)
            if tag.isascii() and not letters:  # no word, as in "#1"
                self.assertFalse(found, tag)

    def test_a_megabyte_of_tag_is_no_topic(self):
        for text in ("#" + "a" * 1_000_000, "#" + "é" * 500_000):
            answer = send(json.dumps(post("mega", text=text)).encode())
            self.assertIn(answer.status, (201, 422), answer)
        answer = send(json.dumps(post("mega-tag", text="a", tags=["b" * 1_000_000])).encode())
        self.assertIn(answer.status, (201, 422), answer)
        server.settled()
        board = server.get("/v1/top", window="24h", at="2017-10-16T00:00:00Z", limit=1000)["topics"]
        self.assertTrue(all(len(row["topic"]) < 1000 for row in board))

    def test_half_a_surrogate_pair_is_no_text(self):
        for half in (b"\\ud800", b"\\udc00", b"\\udfff\\ud800", b"\\ud800\\u0041"):
            whole = json.dumps(post("half", text="@")).encode().replace(b"@", half)
            answer = send(whole)
            self.assertEqual((answer.status, answer.json()["code"]), (400, "malformed_json"), half)


if __name__ == "__main__":
    unittest.main()
