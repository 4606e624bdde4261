"""Who may what: every route that the running server names, with every kind of caller.

The routes come from the server itself: their patterns stand in its metrics, their methods in the answer to OPTIONS. A
route without a line in ROLES fails.
"""
import hashlib
import json
import re
import unittest

import harness

OPEN = None  # to everyone
PAGE = re.compile(r"/(\w+\.(js|css|svg))?")  # the board and its parts: open

ROLES = {
    "/livez": {"GET": OPEN},
    "/readyz": {"GET": OPEN},
    "/metrics": {"GET": "read"},
    "/v1/posts": {"POST": "ingest"},
    "/v1/posts/{source}/{id}": {"GET": "read", "DELETE": "ingest"},
    "/v1/authors/{source}/{author}": {"DELETE": "admin"},
    "/v1/ingest": {"GET": "ingest"},
    "/v1/trends": {"GET": "read"},
    "/v1/top": {"GET": "read"},
    "/v1/stats": {"GET": "read"},
    "/v1/streams": {"GET": "read"},
    "/v1/events": {"GET": "read"},
    "/v1/topics/{tag}": {"GET": "read"},
    "/v1/topics/{tag}/history": {"GET": "read"},
    "/v1/topics/{tag}/posts": {"GET": "read"},
    "/v1/topics/{tag}/explain": {"GET": "read"},
    "/v1/aliases": {"GET": "admin"},
    "/v1/aliases/{topic}": {"GET": "admin", "PUT": "admin", "DELETE": "admin"},
    "/v1/blocks": {"GET": "admin"},
    "/v1/blocks/{tag}": {"GET": "admin", "PUT": "admin", "DELETE": "admin"},
    "/v1/reviews": {"GET": "admin"},
    "/v1/reviews/{topic}": {"GET": "admin", "PUT": "admin", "DELETE": "admin"},
    "/v1/webhooks": {"GET": "admin"},
    "/v1/webhooks/{name}": {"GET": "admin", "PUT": "admin", "DELETE": "admin"},
    "/v1/webhooks/{name}/dead": {"GET": "admin"},
    "/v1/audit": {"GET": "admin"},
    "/v1/checkpoint": {"POST": "admin"},
    "/api/v1/trends/tags": {"GET": "read"},
    "/trends/v0/hashtags": {"GET": "read"},
    "/trends/v0/content": {"GET": "read"},
    "/trends/v0/links": {"GET": "read"},
    "/provider_info": {"GET": "read"},  # or signed, as the three above: see test_fasp.py
    "/capabilities/{id}/{version}/activation": {"POST": "read", "DELETE": "read"},  # and signed
    "/v1/fasp": {"GET": "admin", "POST": "admin"},
    "/v1/fasp/{id}": {"GET": "admin", "DELETE": "admin"},
    "/openapi.yaml": {"GET": OPEN},
    "/asyncapi.yaml": {"GET": OPEN},
    "/api/v1/read": {"POST": "read"},
}
UPGRADES = ("/v1/events", "/v1/ingest")

TOKENS = {role: f"token-of-{role}-7f3a" for role in ("ingest", "read", "admin")}
WRONG = "token-of-nobody-9c1e"
ELSEWHERE = "https://elsewhere.example"
ALLOWED = "https://board.example"

UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}


def config(more=""):
    digests = {role: hashlib.sha256(token.encode()).hexdigest() for role, token in TOKENS.items()}
    return f'log_level = "debug"\nallowed_origins = ["{ALLOWED}"]\n{more}\n[streams.side]\n' + "".join(
        f'[[token]]\nname = "the {role}"\nsha256 = "{digest}"\nroles = ["{role}"]\n' for role, digest in digests.items())


def bearer(token):
    return {"Authorization": f"Bearer {token}"} if token else {}


def setUpModule():
    global server, routes
    server = harness.Server(config=config()).start()
    text = server.once("GET", "/metrics", headers=bearer(TOKENS["read"])).body.decode()
    patterns = set(re.findall(r'tagswell_http_requests_total\{[^}]*route="(/[^"]*)"', text))
    routes = []
    for pattern in sorted(patterns):
        allow = server.once("OPTIONS", path_of(pattern)).headers["allow"].split(", ")
        routes += [(method, pattern) for method in allow if method != "OPTIONS"]


def tearDownModule():
    server.close()


def of_default_stream(pattern):
    """Each stream has the paths, and asks for the roles, of the default one."""
    prefix, below, rest = pattern.partition("/v1/streams/{stream}/")
    if not below:
        return pattern
    return "/v1/" + rest if "/v1/" + rest in ROLES else "/" + rest


def path_of(pattern):
    pattern = pattern.replace("{stream}", "side")
    return re.sub(r"\{\w+\}", "access", pattern)


def ask(method, path, headers, of=None):
    body = b"{}" if method == "POST" else None
    return (of or server).once(method, path, body, {"Content-Type": "application/json", **headers} if body else headers)


def role_of(method, pattern):
    """KeyError: a route without an entry; say who may, here and in docs/api.md."""
    pattern = of_default_stream(pattern)
    return OPEN if PAGE.fullmatch(pattern) else ROLES[pattern]["GET" if method == "HEAD" else method]


class Access(unittest.TestCase):
    def assert_refused(self, answer, status, code, head=False):
        self.assertEqual(answer.status, status, answer)
        if not head:
            self.assertEqual(answer.json()["code"], code, answer)
        challenge = {"token_missing": 'Bearer realm="tagswell"', "role_missing": None}
        self.assertEqual(answer.headers.get("www-authenticate"), challenge.get(code, 'Bearer realm="tagswell", error="invalid_token"'))

    def test_every_route_is_named_and_every_name_is_a_route(self):
        self.assertGreater(len(routes), 30)
        found = {(m, of_default_stream(p)) for m, p in routes if m != "HEAD" and not PAGE.fullmatch(p)}
        self.assertEqual(found, {(m, p) for p, methods in ROLES.items() for m in methods})

    def test_every_route_with_every_caller(self):
        for method, pattern in routes:
            role = role_of(method, pattern)
            path, head = path_of(pattern), method == "HEAD"
            with self.subTest(method=method, pattern=pattern, role=role):
                self.assert_refused(ask(method, path, bearer(WRONG)), 401, "token_unknown", head)
                self.assert_refused(ask(method, path, {"Authorization": "Basic dTpw"}), 401, "token_malformed", head)
                for caller, token in {"nobody": None, **TOKENS}.items():
                    answer = ask(method, path, bearer(token))
                    if role is OPEN or caller == role:
                        self.assertNotIn(answer.status, (401, 403), (caller, answer))
                        self.assertLess(answer.status, 500, (caller, answer))
                    elif token is None:
                        self.assert_refused(answer, 401, "token_missing", head)
                    else:
                        self.assert_refused(answer, 403, "role_missing", head)

    def test_upgrades_ask_for_the_same_roles(self):
        for path in UPGRADES:
            for caller, token in {"nobody": None, "wrong": WRONG, **TOKENS}.items():
                status = 101 if caller == ROLES[path]["GET"] else 403 if caller in TOKENS else 401
                self.assertEqual(ask("GET", path, {**UPGRADE, **bearer(token)}).status, status, (path, caller))

    def test_a_token_counts_in_its_header_alone(self):
        token = TOKENS["read"]
        for path in (f"/v1/stats?access_token={token}", f"/v1/stats?token={token}"):
            self.assertEqual(ask("GET", path, {}).status, 401)
        self.assertEqual(ask("GET", "/v1/stats", {"Cookie": f"token={token}", "X-Api-Key": token}).status, 401)
        for value in (f"Bearer {token} ", f"bearer {token}", f"Bearer   {token}"):
            self.assertEqual(ask("GET", "/v1/stats", {"Authorization": value}).status, 200, value)
        for value in (token, f"Bearer{token}", f"Bearer {token}x", f"Bearer {token[:-1]}", f"Bearer {token} {token}", f"Bearer {token.upper()}",
                      "Bearer " + hashlib.sha256(token.encode()).hexdigest(), "Bearer " + "x" * 5000, "Bearer"):
            self.assertEqual(ask("GET", "/v1/stats", {"Authorization": value}).status, 401, value[:60])

    def test_who_may_not_learns_nothing_more(self):
        """Refused before its parameters, its body or what it asks about are looked at."""
        for token, status in ((None, 401), (WRONG, 401), (TOKENS["admin"], 403)):
            self.assertEqual(ask("GET", "/v1/stats?colour=red", bearer(token)).status, status)
            self.assertEqual(ask("GET", "/v1/posts/twitter/nobody", bearer(token)).status, status)
            answer = server.once("POST", "/v1/posts", b"{", {"Content-Type": "text/html", "Content-Encoding": "br", **bearer(token)})
            self.assertEqual(answer.status, status)


class PublicRead(unittest.TestCase):
    def test_what_is_read_needs_no_token_and_nothing_else_does_without(self):
        with harness.Server(config=config("public_read = true")) as public:
            for method, pattern in routes:
                with self.subTest(method=method, pattern=pattern):
                    answer = ask(method, path_of(pattern), {}, public)
                    if role_of(method, pattern) in (OPEN, "read"):
                        self.assertNotEqual((answer.status, answer.headers.get("www-authenticate") is None), (401, False), answer)
                    else:
                        self.assertEqual(answer.status, 401, answer)
                    self.assertEqual(ask(method, path_of(pattern), bearer(WRONG), public).status, 401)
            self.assertEqual(ask("GET", "/v1/events", UPGRADE, public).status, 101)
            self.assertEqual(ask("GET", "/v1/ingest", UPGRADE, public).status, 401)
            self.assertEqual(ask("GET", "/v1/stats", bearer(TOKENS["ingest"]), public).status, 200)
            self.assertEqual(ask("GET", "/v1/stats", {"Host": "a.page.example"}, public).status, 421)


class Origins(unittest.TestCase):
    def own(self):
        return f"http://127.0.0.1:{server.port}"

    def strangers(self):
        return (ELSEWHERE, "null", "http://127.0.0.1", f"{self.own()}.elsewhere.example", f"http://x@127.0.0.1:{server.port}", "file://",
                f"{ELSEWHERE}/{self.own()}", ALLOWED + ":8443", ALLOWED + ".elsewhere.example", ALLOWED.replace("https", "http"))

    def test_no_page_from_elsewhere_writes(self):
        for method, pattern in routes:
            if method in ("GET", "HEAD"):
                continue
            token = bearer(TOKENS[ROLES[of_default_stream(pattern)][method]])
            with self.subTest(method=method, pattern=pattern):
                for origin in self.strangers():
                    answer = ask(method, path_of(pattern), {"Origin": origin, **token})
                    self.assertEqual((answer.status, answer.json()["code"]), (403, "origin_not_allowed"), origin)
                for origin in (self.own(), ALLOWED):
                    self.assertNotEqual(ask(method, path_of(pattern), {"Origin": origin, **token}).status, 403, origin)

    def test_no_page_from_elsewhere_subscribes(self):
        for path in UPGRADES:
            headers = {**UPGRADE, **bearer(TOKENS[ROLES[path]["GET"]])}
            for origin in self.strangers():
                self.assertEqual(ask("GET", path, {**headers, "Origin": origin}).status, 403, origin)
            for origin in (self.own(), ALLOWED):
                self.assertEqual(ask("GET", path, {**headers, "Origin": origin}).status, 101, origin)

    def test_no_page_from_elsewhere_reads(self):
        """The browser keeps an answer from a page unless the answer says otherwise."""
        for method, pattern in routes:
            role = OPEN if PAGE.fullmatch(pattern) else ROLES[of_default_stream(pattern)].get("GET" if method == "HEAD" else method)
            answer = ask(method, path_of(pattern), {"Origin": ELSEWHERE, **(bearer(TOKENS[role]) if role else {})})
            self.assertFalse([k for k in answer.headers if k.startswith("access-control-")], (method, pattern))
        answer = server.once("OPTIONS", "/v1/posts", headers={"Origin": ELSEWHERE, "Access-Control-Request-Method": "POST"})
        self.assertFalse([k for k in answer.headers if k.startswith("access-control-")], answer.headers)

    def test_a_page_that_is_allowed_reads(self):
        token = bearer(TOKENS[ROLES["/v1/trends"]["GET"]])
        for headers, status in ((token, 200), ({}, 401)):
            answer = ask("GET", "/v1/trends", {"Origin": ALLOWED, **headers})
            self.assertEqual((answer.status, answer.headers["access-control-allow-origin"], answer.headers["vary"]),
                             (status, ALLOWED, "Origin"))
        # Nothing of it stays with the connection.
        for origin in (ALLOWED, None, ELSEWHERE):
            answer = server.request("GET", "/livez", headers={"Origin": origin} if origin else {})
            self.assertEqual(answer.headers.get("access-control-allow-origin"), ALLOWED if origin == ALLOWED else None)
        answer = server.once("OPTIONS", "/v1/posts", headers={"Origin": ALLOWED, "Access-Control-Request-Method": "POST"})
        self.assertEqual(answer.status, 204)
        self.assertIn("POST", answer.headers["access-control-allow-methods"])
        self.assertEqual(answer.headers["access-control-allow-headers"], "Authorization, Content-Type")


class Secrets(unittest.TestCase):
    def test_none_is_told(self):
        """After all kinds of requests, right and wrong, at the most talkative level."""
        for token in (*TOKENS.values(), WRONG):
            for path in ("/v1/stats", f"/v1/stats?token={token}", f"/{token}", f"/v1/topics/{token}", "/metrics"):
                answer = ask("GET", path, bearer(token))
                self.assertNotIn(token, str(answer.headers))
            ask("POST", "/v1/posts", bearer(token))
            ask("PUT", "/v1/blocks/secrets", bearer(token))
        told = server.log() + server.once("GET", "/metrics", headers=bearer(TOKENS["read"])).body.decode()
        told += harness.run("check-config", server.config).stdout.decode()
        blocks = ask("GET", "/v1/blocks", bearer(TOKENS["admin"])).json()
        self.assertIn("the admin", json.dumps(blocks))  # by name
        for token in (*TOKENS.values(), WRONG):
            self.assertNotIn(token, told + json.dumps(blocks))
            self.assertNotIn(hashlib.sha256(token.encode()).hexdigest(), told + json.dumps(blocks))


class Loopback(unittest.TestCase):
    def test_without_tokens_nobody_outside_is_served(self):
        for address in ("0.0.0.0:0", "[::]:0", "192.0.2.1:0"):
            done = harness.run("serve", "--data", server.folder + "/never", "--listen", address, check=False, timeout=30)
            self.assertEqual(done.returncode, 1, address)
            self.assertIn(b"token", done.stderr)


if __name__ == "__main__":
    unittest.main()
