"""Trend events that are brought to receivers by HTTP: signed, in order, again and again until they are taken, and to no
address inside that nobody allowed."""
import base64
import hashlib
import hmac
import http.server
import json
import queue
import ssl
import subprocess
import threading
import time
import unittest

import harness

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
ALLOWED = 'webhook_addresses = ["127.0.0.0/8"]\n'


class Receiver:
    """Takes POSTs as `answer(number)` says: a status, or None to keep silent until release() is called."""

    def __init__(self, answer=lambda number: 200, context=None):
        self.posts = queue.Queue()
        self.count = 0
        self.answer = answer
        self.released = threading.Event()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.count += 1
                status = receiver.answer(receiver.count)
                receiver.posts.put((status, dict((k.lower(), v) for k, v in self.headers.items()), body))
                if status is None:
                    receiver.released.wait(60)
                    status = 200
                self.send_response(status)
                if status in (301, 302, 307):
                    self.send_header("Location", f"http://127.0.0.1:{receiver.port}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):  # the sender may hang up
                pass

        self.server = Quiet(("127.0.0.1", 0), Handler)
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.url = f"http{'s' if context else ''}://127.0.0.1:{self.port}/hook"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    def taken(self, events, seconds=30):
        """What was answered with 2xx, until as many different events came."""
        bodies, deadline = [], time.monotonic() + seconds
        while len({b["seq"] for b in bodies}) < events:
            status, headers, body = self.posts.get(timeout=max(0.01, deadline - time.monotonic()))
            check(headers, body)
            if status and 200 <= status < 300:
                bodies.append(json.loads(body))
        return bodies


def check(headers, body):
    """The signature, as a receiver checks it."""
    stamp = headers["webhook-timestamp"]
    assert abs(int(stamp) - time.time()) < 120, stamp
    text = headers["webhook-id"].encode() + b"." + stamp.encode() + b"." + body
    wanted = "v1," + base64.b64encode(hmac.new(KEY, text, hashlib.sha256).digest()).decode()
    assert hmac.compare_digest(headers["webhook-signature"], wanted), headers
    event = json.loads(body)
    assert headers["webhook-id"] == f"{event['epoch']}-{event['seq']}", headers
    assert headers["content-type"] == "application/json", headers


def stream():
    return harness.run("synth", "--scenario", "metoo", "--scale", "100").stdout.splitlines()


def put(server, name, url, secret=SECRET, **filters):
    return server.request("PUT", f"/v1/webhooks/{name}", json.dumps({"url": url, "secret": secret, **filters}).encode())


def until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("it did not come to that")
        time.sleep(0.02)


class Answers(unittest.TestCase):
    def test_a_webhook_is_made_shown_without_its_secret_and_removed(self):
        with harness.Server(config=ALLOWED) as server:
            made = put(server, "desk", "https://example.org/hook", scopes=["world"], topics=["#MeToo"], types=["started"])
            self.assertEqual(made.status, 201, made)
            hook = made.json()
            self.assertEqual({k: hook[k] for k in ("name", "url", "scopes", "topics", "types", "attempts", "last_error")},
                             {"name": "desk", "url": "https://example.org/hook", "scopes": ["world"],
                              "topics": ["metoo"], "types": ["started"], "attempts": 0, "last_error": None})
            self.assertEqual(put(server, "desk", "https://example.org/other").status, 200)
            listed = server.get("/v1/webhooks")
            self.assertEqual([h["url"] for h in listed["webhooks"]], ["https://example.org/other"])
            self.assertEqual(server.get("/v1/webhooks/desk/dead"), {"dead": [], "next": 0})
            server.restart()
            self.assertEqual(server.get("/v1/webhooks"), listed)
            self.assertEqual(server.request("DELETE", "/v1/webhooks/desk").status, 204)
            for method in ("GET", "DELETE"):
                self.assertEqual(server.request(method, "/v1/webhooks/desk").status, 404)
            self.assertEqual(server.request("GET", "/v1/webhooks/desk/dead").status, 404)
            audit = server.request("GET", "/v1/audit")
            self.assertEqual([(e["action"], e["subject"]) for e in audit.json()["entries"]],
                             [("webhook", "desk"), ("webhook", "desk"), ("unwebhook", "desk")])
            for told in (made.body, audit.body, json.dumps(listed).encode(), server.log().encode()):
                self.assertNotIn(SECRET[6:].encode(), told)

    def test_what_is_no_webhook_is_refused_by_name(self):
        with harness.Server() as server:
            for code, fields in (("bad_url", {"url": "ftp://example.org/"}), ("bad_url", {"url": "http://a:b@example.org/"}),
                                 ("bad_url", {"url": "example"}), ("bad_secret", {"secret": "s3cret"}),
                                 ("bad_secret", {"secret": "whsec_AAAA"}), ("bad_filter", {"scopes": ["moon"]}),
                                 ("bad_filter", {"types": ["begun"]}), ("bad_filter", {"topics": ["2017"]}),
                                 ("bad_body", {"method": "PUT"})):
                answer = put(server, "x", **{"url": "https://example.org/", **fields})
                self.assertEqual((answer.status, answer.json()["code"]), (422, code), fields)
            self.assertEqual(put(server, "a%20b", "https://example.org/").json()["code"], "bad_name")
            for i in range(32):
                self.assertEqual(put(server, f"h{i}", "https://example.org/").status, 201)
            self.assertEqual(put(server, "more", "https://example.org/").json()["code"], "too_many_webhooks")


class Bringing(unittest.TestCase):
    def test_every_event_comes_once_in_order_and_signed(self):
        with harness.Server(config=ALLOWED) as server, Receiver() as receiver:
            self.assertEqual(put(server, "all", receiver.url).status, 201)
            server.feed(stream())
            server.settled()
            events = server.events()
            self.assertEqual(receiver.taken(len(events)), events)
            until(lambda: server.get("/v1/webhooks/all")["after_seq"] == events[-1]["seq"])
            self.assertTrue(receiver.posts.empty())

    def test_filters_let_through_what_they_say(self):
        with harness.Server(config=ALLOWED) as server, Receiver() as receiver:
            put(server, "some", receiver.url, scopes=["world"], types=["started", "ended"], topics=["MeToo"])
            server.feed(stream())
            server.settled()
            wanted = server.events(scope="world", topic="metoo", type="started")
            self.assertTrue(wanted)
            self.assertEqual(receiver.taken(len(wanted))[:len(wanted)], wanted)

    def test_what_fails_is_brought_again_and_nothing_overtakes_it(self):
        def answer(number):
            return {1: 500, 2: 302, 3: 429}.get(number, 200)

        with harness.Server(config=ALLOWED) as server, Receiver(answer) as receiver:
            put(server, "all", receiver.url)
            server.feed(stream())
            server.settled()
            events = server.events()
            self.assertEqual(receiver.taken(len(events)), events)
            self.assertEqual(receiver.count, len(events) + 3)  # the redirect was not followed

    def test_a_receiver_that_stalls_delays_nobody(self):
        with harness.Server(config=ALLOWED) as server, Receiver(lambda number: None) as stalled, Receiver() as well:
            put(server, "stalled", stalled.url)
            put(server, "well", well.url)
            server.feed(stream())
            server.settled()
            events = server.events()
            self.assertEqual(well.taken(len(events)), events)
            self.assertEqual(stalled.count, 1)
            # It is let go while it waits, and the writer does not wait for it.
            begin = time.monotonic()
            self.assertEqual(server.request("DELETE", "/v1/webhooks/stalled").status, 204)
            server.feed([json.dumps(harness.post("after")).encode()])
            self.assertLess(time.monotonic() - begin, 5)

    def test_a_restart_in_the_middle_loses_nothing(self):
        for stop in ("restart", "kill"):
            with self.subTest(stop=stop), harness.Server(fsync="always", config=ALLOWED) as server, \
                    Receiver(lambda number: None if number == 4 else 200) as receiver:
                put(server, "all", receiver.url)
                server.feed(stream())
                server.settled()
                events = server.events()
                self.assertEqual(receiver.taken(3), events[:3])
                until(lambda: receiver.count == 4)
                if stop == "kill":
                    server.kill()
                    server.start()
                else:
                    server.restart()
                rest = receiver.taken(len(events) - 3)
                # What was under way may come twice; nothing is missing and nothing is out of order.
                self.assertEqual(sorted({e["seq"] for e in rest} | {1, 2, 3}), [e["seq"] for e in events])
                seqs = [e["seq"] for e in rest]
                self.assertEqual(seqs, sorted(seqs))

    def test_what_is_never_taken_becomes_a_dead_letter_and_the_next_is_brought(self):
        def answer(number):
            return 503 if self.failing else 200

        self.failing = True
        with harness.Server(config=ALLOWED + "webhook_give_up_seconds = 1\n") as server, Receiver(answer) as receiver:
            put(server, "all", receiver.url, scopes=["world"], types=["started"])
            server.feed(stream())
            server.settled()
            until(lambda: server.get("/v1/webhooks/all/dead")["dead"])
            state = server.get("/v1/webhooks/all")
            self.failing = False
            dead = server.get("/v1/webhooks/all/dead")["dead"]
            events = server.events(scope="world", type="started")
            self.assertEqual((dead[0]["seq"], dead[0]["event"]), (events[0]["seq"], events[0]))
            self.assertEqual(dead[0]["reason"], "the receiver answered 503")
            self.assertGreater(dead[0]["attempts"], 1)
            self.assertGreaterEqual(state["after_seq"], dead[0]["seq"])
            until(lambda: server.get("/v1/webhooks/all")["after_seq"] >= events[-1]["seq"])
            gone = {d["seq"] for d in server.get("/v1/webhooks/all/dead")["dead"]}
            left = [e["seq"] for e in events if e["seq"] not in gone]
            self.assertEqual([e["seq"] for e in receiver.taken(len(left))], left)


class Places(unittest.TestCase):
    def test_addresses_inside_are_refused_unless_they_are_allowed(self):
        with harness.Server() as server, Receiver() as receiver:
            for name, host in (("number", "127.0.0.1"), ("name", "localhost"), ("short", "0x7f.1")):
                put(server, name, f"http://{host}:{receiver.port}/hook")
            server.feed(stream())
            server.settled()
            for name in ("number", "name", "short"):
                until(lambda: server.get(f"/v1/webhooks/{name}")["last_error"] == "the address is not allowed")
            self.assertEqual(receiver.count, 0)

    def test_a_certificate_that_nobody_vouches_for_is_refused(self):
        with harness.Server(config=ALLOWED) as server:
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-days",
                            "1", "-keyout", f"{server.folder}/key.pem", "-out", f"{server.folder}/cert.pem"],
                           check=True, capture_output=True)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(f"{server.folder}/cert.pem", f"{server.folder}/key.pem")
            with Receiver(context=context) as receiver:
                put(server, "tls", receiver.url)
                server.feed(stream())
                server.settled()
                until(lambda: "certificate" in (server.get("/v1/webhooks/tls")["last_error"] or ""))
                self.assertEqual(receiver.count, 0)


if __name__ == "__main__":
    unittest.main()
