"""docs/openapi.yaml and docs/asyncapi.yaml against the running server: every route stands in them and nothing else does,
and what the server answers is what they say."""
import hashlib
import json
import os
import re
import time
import unittest
import urllib.parse

from fasp_server import Mastodon
from harness import ROOT, Server, post, run
from streams import WebSocket

try:
    import jsonschema
    import yaml
except ImportError as absent:
    raise unittest.SkipTest(f"{absent}: install python3-jsonschema and python3-yaml") from absent

METHODS = ("GET", "PUT", "POST", "DELETE")
OPENAPI = "https://tagswell.test/openapi.yaml"
ASYNCAPI = "https://tagswell.test/asyncapi.yaml"


def read(name):
    with open(os.path.join(ROOT, "docs", name), encoding="utf-8") as f:
        return yaml.safe_load(f)


class Contract(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.openapi, cls.asyncapi = read("openapi.yaml"), read("asyncapi.yaml")
        cls.documents = {OPENAPI: cls.openapi, ASYNCAPI: cls.asyncapi}
        alias = 'topic = "rain"\ntags = ["Rain"]\nphrases = ["it rains"]\n'
        cls.mastodon = Mastodon()
        fasp = 'fasp_url = "https://tags.example"\nwebhook_addresses = ["127.0.0.0/8"]\n'
        cls.server = Server(f"{fasp}[[alias]]\n{alias}[streams.side]\n[[streams.side.alias]]\n{alias}").start()
        posts = run("synth", "--scenario", "metoo", "--scale", "100").stdout
        cls.server.feed(posts.splitlines())
        cls.server.settled()
        run("replay", "--to", f"http://127.0.0.1:{cls.server.port}/v1/streams/side", "-", stdin=posts)
        deadline = time.monotonic() + 60
        while cls.server.get("/v1/streams/side/stats")["lag_posts"] > 0:
            assert time.monotonic() < deadline, "still not counted"
            time.sleep(0.01)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()
        cls.mastodon.close()

    def resolved(self, node, base=OPENAPI):
        while "$ref" in node:
            file, _, pointer = urllib.parse.urljoin(base, node["$ref"]).partition("#")
            node, base = self.documents[file], file
            for part in pointer.strip("/").split("/"):
                node = node[part.replace("~1", "/").replace("~0", "~")]
        return node

    def validate(self, value, pointer, base=OPENAPI):
        self.validate_as(value, {"$ref": f"{base}#{pointer}"}, base)

    def validate_as(self, value, schema, base=OPENAPI):
        resolver = jsonschema.RefResolver(base, self.documents[base], store=self.documents)
        jsonschema.Draft202012Validator(schema, resolver=resolver).validate(value)

    def routes(self):
        """(method, pattern) of the running server's table: its metrics name the patterns, OPTIONS the methods."""
        patterns = set(re.findall(r'^tagswell_http_requests_total{.*route="([^"]*)"', self.server.request("GET", "/metrics").body.decode(), re.M))
        found = set()
        for pattern in patterns - {"none"}:
            answer = self.server.request("OPTIONS", re.sub(r"{\w+}", "x", pattern))
            found |= {(method, pattern) for method in answer.headers["allow"].split(", ") if method in METHODS}
        return found

    def test_every_route_stands_in_it_and_nothing_else(self):
        # What lies beside the page is the page's own.
        running = {(m, p) for m, p in self.routes() if not re.fullmatch(r"/\w+\.(js|css|svg)", p)}
        told = {(m.upper(), path) for path, item in self.openapi["paths"].items() for m in item if m.upper() in METHODS}
        # What each stream has stands there once, and so does where it is.
        of_streams = {(m, p) for m, p in running if p.startswith("/v1/streams/{stream}/")}
        tags = {(m.upper(), path): set(o["tags"]) for path, item in self.openapi["paths"].items() for m, o in item.items() if m.upper() in METHODS}
        data = {(m, path) for m, path in told if not tags[m, path] & {"operating"} and path != "/v1/streams"}
        self.assertEqual(of_streams, {(m, self.of_stream(path, "{stream}")) for m, path in data})
        running -= of_streams
        self.assertGreater(len(running), 20)
        self.assertEqual(running - told, set(), "not in docs/openapi.yaml")
        self.assertEqual(told - running, set(), "docs/openapi.yaml tells more than there is")

    def of_stream(self, path, name):
        """Where a path is for a stream, as `info` says."""
        return f"/v1/streams/{name}" + path.removeprefix("/v1")

    def test_it_is_served_as_it_lies_in_the_docs(self):
        for name in ("openapi.yaml", "asyncapi.yaml"):
            answer = self.server.request("GET", "/" + name)
            self.assertEqual((answer.status, answer.headers["content-type"]), (200, "application/yaml"))
            with open(os.path.join(ROOT, "docs", name), "rb") as f:
                self.assertEqual(answer.body, f.read())
            again = self.server.request("GET", "/" + name, headers={"If-None-Match": answer.headers["etag"]})
            self.assertEqual(again.status, 304)

    def test_its_schemas_and_examples_are_sound(self):
        for document in self.documents.values():
            for schema in document["components"]["schemas"].values():
                jsonschema.Draft202012Validator.check_schema(schema)
        for path, item in self.openapi["paths"].items():
            for method, operation in item.items():
                if method.upper() not in METHODS:
                    continue
                for media, content in operation.get("requestBody", {}).get("content", {}).items():
                    self.assertIn("example", content, (method, path, media))
                    self.validate_as(content["example"], content["schema"])
                for status, answer in operation["responses"].items():
                    for media, content in self.resolved(answer).get("content", {}).items():
                        if "json" in media:
                            self.assertIn("example", content, (method, path, status))
                        if "example" in content:
                            self.validate_as(content["example"], content["schema"])
        for name, message in self.asyncapi["components"]["messages"].items():
            for example in message.get("examples", []):
                self.validate(example["payload"], f"/components/messages/{name}/payload", ASYNCAPI)
        ids = [o["operationId"] for item in self.openapi["paths"].values() for m, o in item.items() if m.upper() in METHODS]
        self.assertEqual(len(ids), len(set(ids)))

    def check(self, method, path, pattern, status, body=None, headers=None, server=None):
        """One call: its status stands at the operation, and its body is what stands there."""
        answer = (server or self.server).request(method, path, body, headers)
        self.assertEqual(answer.status, status, (path, answer))
        told = self.openapi["paths"][pattern][method.lower()]["responses"]
        self.assertIn(str(status), told, f"{method} {pattern}")
        content = self.resolved(told[str(status)]).get("content")
        if content is None:
            self.assertEqual(answer.body, b"", (method, path))
            return answer
        media = answer.headers["content-type"].split(";")[0]
        self.assertIn(media, content, f"{method} {path}")
        if media.endswith("json"):
            schema = content[media]["schema"]
            if "$ref" in schema:
                self.validate(answer.json(), schema["$ref"].lstrip("#"))
            else:
                resolver = jsonschema.RefResolver(OPENAPI, self.openapi, store=self.documents)
                jsonschema.Draft202012Validator(schema, resolver=resolver).validate(answer.json())
        return answer

    def test_answers_are_what_it_says(self):
        json_type, lines_type = {"Content-Type": "application/json"}, {"Content-Type": "application/x-ndjson"}
        one = json.dumps(post("one", "2017-10-16T20:21:40Z", country="FR", lang="fr", author_followers=7, tags=["rain"])).encode()
        # Of a host that no name server knows.
        hook = json.dumps({"url": "https://hooks.example.invalid/trends", "secret": "whsec_" + "c2VjcmV0" * 5}).encode()
        mastodon = json.dumps({"server": self.mastodon.url}).encode()
        calls = [
            ("POST", "/v1/posts", "/v1/posts", 201, one, json_type),
            ("POST", "/v1/posts", "/v1/posts", 200, one, json_type),
            ("POST", "/v1/posts", "/v1/posts", 200, one + b"\n{}\n[", lines_type),
            ("POST", "/v1/posts?ack=async", "/v1/posts", 202, one + b"\n", lines_type),
            ("POST", "/v1/posts", "/v1/posts", 400, b"{", json_type),
            ("POST", "/v1/posts?strict=true", "/v1/posts", 422, one + b"\n{}\n", lines_type),
            ("POST", "/v1/posts", "/v1/posts", 422, b"{}", json_type),
            ("POST", "/v1/posts", "/v1/posts", 415, one, {"Content-Type": "text/css"}),
            ("GET", "/v1/posts/twitter/one", "/v1/posts/{source}/{id}", 200),
            ("GET", "/v1/posts/twitter/none", "/v1/posts/{source}/{id}", 404),
            ("DELETE", "/v1/posts/twitter/one", "/v1/posts/{source}/{id}", 204),
            ("DELETE", "/v1/posts/twitter/one", "/v1/posts/{source}/{id}", 404),
            ("DELETE", "/v1/authors/twitter/nobody", "/v1/authors/{source}/{author}", 202),
            ("DELETE", "/v1/authors/twitter/a%0Ab", "/v1/authors/{source}/{author}", 422),
            ("GET", "/v1/ingest", "/v1/ingest", 426),
            ("GET", "/v1/trends", "/v1/trends", 200),
            ("GET", "/v1/trends?at=2017-10-15T22:00:00Z", "/v1/trends", 200),
            ("GET", "/v1/trends?scope=moon", "/v1/trends", 400),
            ("GET", "/v1/top", "/v1/top", 200),
            ("GET", "/v1/top?at=1508104800&by=authors", "/v1/top", 200),
            ("GET", "/v1/top?window=2h", "/v1/top", 400),
            ("GET", "/v1/topics/metoo", "/v1/topics/{tag}", 200),
            ("GET", "/v1/topics/nothing", "/v1/topics/{tag}", 404),
            ("GET", "/v1/topics/metoo/history?step=1d", "/v1/topics/{tag}/history", 200),
            ("GET", "/v1/topics/metoo/history?step=2d", "/v1/topics/{tag}/history", 400),
            ("GET", "/v1/topics/metoo/explain", "/v1/topics/{tag}/explain", 200),
            ("GET", "/v1/topics/metoo/explain?at=2017-10-15T20:33:00Z", "/v1/topics/{tag}/explain", 200),
            ("GET", "/v1/topics/nothing/explain", "/v1/topics/{tag}/explain", 404),
            ("GET", "/v1/topics/metoo/posts?limit=200", "/v1/topics/{tag}/posts", 200),
            ("GET", "/v1/topics/metoo/posts?before=x", "/v1/topics/{tag}/posts", 400),
            ("GET", "/v1/stats", "/v1/stats", 200),
            ("GET", "/v1/streams", "/v1/streams", 200),
            ("GET", "/v1/events?limit=1000", "/v1/events", 200),
            ("GET", "/v1/events?type=nothing", "/v1/events", 400),
            ("GET", "/v1/events?since=99999999", "/v1/events", 410),
            ("PUT", "/v1/blocks/spam", "/v1/blocks/{tag}", 201),
            ("PUT", "/v1/blocks/spam", "/v1/blocks/{tag}", 200),
            ("GET", "/v1/blocks/spam", "/v1/blocks/{tag}", 200),
            ("GET", "/v1/blocks", "/v1/blocks", 200),
            ("DELETE", "/v1/blocks/spam", "/v1/blocks/{tag}", 204),
            ("GET", "/v1/blocks/spam", "/v1/blocks/{tag}", 404),
            ("GET", "/v1/blocks/1", "/v1/blocks/{tag}", 422),
            ("GET", "/v1/reviews", "/v1/reviews", 200),
            ("GET", "/v1/reviews?state=maybe", "/v1/reviews", 400),
            ("PUT", "/v1/reviews/sun", "/v1/reviews/{topic}", 201, b'{"state":"approved"}', json_type),
            ("PUT", "/v1/reviews/sun", "/v1/reviews/{topic}", 200, b'{"state":"rejected"}', json_type),
            ("PUT", "/v1/reviews/sun", "/v1/reviews/{topic}", 422, b'{"state":"waiting"}', json_type),
            ("PUT", "/v1/reviews/sun", "/v1/reviews/{topic}", 400, b"{", json_type),
            ("GET", "/v1/reviews?state=rejected&after=a", "/v1/reviews", 200),
            ("GET", "/v1/reviews/sun", "/v1/reviews/{topic}", 200),
            ("DELETE", "/v1/reviews/sun", "/v1/reviews/{topic}", 204),
            ("GET", "/v1/reviews/sun", "/v1/reviews/{topic}", 404),
            ("GET", "/v1/aliases", "/v1/aliases", 200),
            ("GET", "/v1/aliases/rain", "/v1/aliases/{topic}", 200),
            ("GET", "/v1/aliases/sun", "/v1/aliases/{topic}", 404),
            ("PUT", "/v1/aliases/sea", "/v1/aliases/{topic}", 201, b'{"tags":["Ocean"],"phrases":["the sea"]}', json_type),
            ("PUT", "/v1/aliases/sea", "/v1/aliases/{topic}", 200, b'{"tags":["Ocean"],"phrases":[]}', json_type),
            ("PUT", "/v1/aliases/lake", "/v1/aliases/{topic}", 409, b'{"tags":["Ocean"]}', json_type),
            ("PUT", "/v1/aliases/sea", "/v1/aliases/{topic}", 400, b"{", json_type),
            ("GET", "/v1/aliases/ocean", "/v1/aliases/{topic}", 200),
            ("DELETE", "/v1/aliases/sea", "/v1/aliases/{topic}", 204),
            ("DELETE", "/v1/aliases/sea", "/v1/aliases/{topic}", 404),
            ("PUT", "/v1/webhooks/desk", "/v1/webhooks/{name}", 201, hook, json_type),
            ("PUT", "/v1/webhooks/desk", "/v1/webhooks/{name}", 200, hook, json_type),
            ("PUT", "/v1/webhooks/desk", "/v1/webhooks/{name}", 422, b"{}", json_type),
            ("GET", "/v1/webhooks/desk", "/v1/webhooks/{name}", 200),
            ("GET", "/v1/webhooks", "/v1/webhooks", 200),
            ("GET", "/v1/webhooks/desk/dead", "/v1/webhooks/{name}/dead", 200),
            ("DELETE", "/v1/webhooks/desk", "/v1/webhooks/{name}", 204),
            ("GET", "/v1/webhooks/desk", "/v1/webhooks/{name}", 404),
            ("POST", "/v1/fasp", "/v1/fasp", 201, mastodon, json_type),
            ("POST", "/v1/fasp", "/v1/fasp", 409, mastodon, json_type),
            ("POST", "/v1/fasp", "/v1/fasp", 422, b"{}", json_type),
            ("POST", "/v1/fasp", "/v1/fasp", 502, b'{"server":"https://mastodon.example.invalid"}', json_type),
            ("GET", "/v1/fasp", "/v1/fasp", 200),
            ("GET", "/v1/fasp/none", "/v1/fasp/{id}", 404),
            ("DELETE", "/v1/fasp/none", "/v1/fasp/{id}", 404),
            ("GET", "/provider_info", "/provider_info", 200),
            ("GET", "/provider_info", "/provider_info", 401, None, {"Signature-Input": "x"}),
            ("POST", "/capabilities/trends/0/activation", "/capabilities/{id}/{version}/activation", 401),
            ("DELETE", "/capabilities/trends/0/activation", "/capabilities/{id}/{version}/activation", 401),
            ("POST", "/v1/checkpoint", "/v1/checkpoint", 201, b""),
            ("GET", "/v1/audit?since=0", "/v1/audit", 200),
            ("GET", "/v1/audit?since=x", "/v1/audit", 400),
            ("GET", "/api/v1/trends/tags", "/api/v1/trends/tags", 200),
            ("GET", "/api/v1/trends/tags?limit=x", "/api/v1/trends/tags", 400),
            ("GET", "/trends/v0/hashtags?withinLastHours=168", "/trends/v0/hashtags", 200),
            ("GET", "/trends/v0/hashtags?maxCount=x", "/trends/v0/hashtags", 400),
            ("GET", "/trends/v0/content", "/trends/v0/content", 200),
            ("GET", "/trends/v0/links?language=fr", "/trends/v0/links", 200),
            ("POST", "/api/v1/read", "/api/v1/read", 415, b"x", json_type),
            ("GET", "/livez", "/livez", 200), ("GET", "/readyz", "/readyz", 200), ("GET", "/metrics", "/metrics", 200),
            ("GET", "/openapi.yaml", "/openapi.yaml", 200), ("GET", "/asyncapi.yaml", "/asyncapi.yaml", 200), ("GET", "/", "/", 200),
        ]
        for call in calls:
            with self.subTest(call[:2]):
                self.check(*call)
        for method, path, pattern, *rest in calls:
            if "operating" in self.openapi["paths"][pattern][method.lower()]["tags"] or pattern == "/v1/streams":
                continue
            with self.subTest(stream=(method, path)):
                self.check(method, self.of_stream(path, "side"), pattern, *rest)
                answer = self.server.request(method, self.of_stream(path, "nowhere"), *rest[1:])
                self.assertEqual((answer.status, answer.json()["code"]), (404, "unknown_stream"))
                self.validate(answer.json(), "/components/schemas/Problem")
        self.assertTrue(self.server.get("/v1/trends")["trends"])
        tried = {(method, pattern) for method, _, pattern, *_ in calls}
        told = {(m.upper(), path) for path, item in self.openapi["paths"].items() for m in item if m.upper() in METHODS}
        self.assertEqual(told - tried, set(), "no call is tried")

    def test_without_a_token_every_call_that_needs_one_says_so(self):
        digest = hashlib.sha256(b"secret").hexdigest()
        with Server(f'[[token]]\nname = "a"\nsha256 = "{digest}"\nroles = []\n'.replace("[]", '["ingest"]')) as server:
            for pattern, item in self.openapi["paths"].items():
                for method, operation in item.items():
                    if method.upper() not in METHODS:
                        continue
                    path = re.sub(r"{\w+}", "x", pattern)
                    answer = server.request(method.upper(), path, b"" if method in ("post", "put") else None)
                    if operation.get("security") == [{}]:
                        self.assertIn(answer.status, (200, 503), path)
                    else:
                        self.assertEqual(answer.status, 401, path)
                        self.validate(answer.json(), "/components/schemas/Problem")
                        self.assertIn("401", operation["responses"])

    def test_what_is_streamed_is_what_it_says(self):
        with WebSocket(self.server.port, "/v1/events?since=0") as events:
            hello = events.receive_json()
            self.validate(hello, "/components/schemas/Hello", ASYNCAPI)
            self.assertTrue(hello["board"])
            for _ in range(self.server.get("/v1/stats")["last_seq"]):
                self.validate(events.receive_json(), "/components/messages/TrendEvent/payload", ASYNCAPI)
        with WebSocket(self.server.port, "/v1/ingest") as ingest:
            for message in (json.dumps(post("w1")), "{}", json.dumps(post("w2")) + "\n" + json.dumps(post("w2"))):
                ingest.send(message)
                self.validate(ingest.receive_json(), "/components/schemas/Acknowledgement", ASYNCAPI)
        paths = {channel["address"] for channel in self.asyncapi["channels"].values()}
        self.assertLessEqual(paths, set(self.openapi["paths"]))


if __name__ == "__main__":
    unittest.main()
