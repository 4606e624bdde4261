"""How often a token and an address may ask, under which names the server answers, and where operators do.

Addresses come from X-Forwarded-For, with this machine as a trusted proxy: this machine itself is not limited.
"""
import hashlib
import http.client
import json
import re
import resource
import time
import unittest

import harness
import streams
from harness import post

ADDRESSES = 20_000
GROWTH_BYTES_MAX = 16 << 20


def token(name, roles, **own):
    digest = hashlib.sha256(name.encode()).hexdigest()
    limits = "".join(f"{key} = {value}\n" for key, value in own.items())
    return f'[[token]]\nname = "{name}"\nsha256 = "{digest}"\nroles = {json.dumps(roles)}\n{limits}'


def bearer(name):
    return {"Authorization": f"Bearer {name}"}


def at(address):
    return {"X-Forwarded-For": address}


def limited(server, limit):
    """What the metric counts."""
    text = server.once("GET", "/metrics", headers=bearer("reader")).body.decode()
    return int(re.search(rf'tagswell_rate_limited_total{{limit="{limit}"}} (\d+)', text).group(1))


class RateLimits(unittest.TestCase):
    def assert_limited(self, answer, limit):
        self.assertEqual(answer.status, 429, answer)
        self.assertEqual(answer.headers["content-type"], "application/problem+json")
        problem = answer.json()
        self.assertEqual((problem["status"], problem["code"], problem["limit"]), (429, "rate_limited", limit))
        self.assertIn(limit, problem["detail"])
        self.assertGreaterEqual(int(answer.headers["retry-after"]), 1)

    def admitted(self, server, path, headers, status=200, most=1000):
        """How many requests of this kind go through at once, and the first that does not."""
        for count in range(most):
            answer = server.once("GET", path, headers=headers)
            if answer.status == 429:
                return count, answer
            self.assertEqual(answer.status, status, answer)
        raise AssertionError(f"{most} requests and no end")

    def within(self, count, rate, burst_seconds, seconds):
        """As many as the bucket held, and what came in meanwhile."""
        self.assertGreaterEqual(count, rate * burst_seconds)
        self.assertLessEqual(count, rate * (burst_seconds + seconds) + 1)

    def test_a_token_has_its_rate_and_others_theirs(self):
        config = ("token_requests_per_second = 2\nburst_seconds = 10\n" + token("reader", ["read"], requests_per_second=0) +
                  token("slow", ["read"]) + token("own", ["read"], requests_per_second=4))
        with harness.Server(config=config) as server:
            for name, rate in (("slow", 2), ("own", 4)):
                began = time.monotonic()
                count, answer = self.admitted(server, "/v1/stats", bearer(name))
                self.within(count, rate, 10, time.monotonic() - began)
                self.assert_limited(answer, "token_requests_per_second")
            for _ in range(100):
                self.assertEqual(server.once("GET", "/v1/stats", headers=bearer("reader")).status, 200)
            self.assertEqual(limited(server, "token_requests_per_second"), 2)
            self.assertEqual(server.once("GET", "/livez", headers=bearer("slow")).status, 200)  # probes are not counted
            deadline = time.monotonic() + harness.PATIENCE_SECONDS
            while server.once("GET", "/v1/stats", headers=bearer("slow")).status == 429:
                self.assertLess(time.monotonic(), deadline, "it never comes back")
                time.sleep(0.02)

    def test_an_address_has_its_rate_whatever_it_guesses(self):
        config = ('trusted_proxies = ["127.0.0.1"]\naddress_requests_per_second = 2\nburst_seconds = 10\n' +
                  token("reader", ["read"]))
        with harness.Server(config=config) as server:
            began = time.monotonic()
            count, answer = self.admitted(server, "/v1/stats", {**at("192.0.2.1"), **bearer("guess")}, 401)
            self.within(count, 2, 10, time.monotonic() - began)
            self.assert_limited(answer, "address_requests_per_second")
            # The same for what needs no token and for what is not there; another address is another matter.
            self.assert_limited(server.once("GET", "/nowhere", headers=at("192.0.2.1")), "address_requests_per_second")
            self.assertEqual(server.once("GET", "/nowhere", headers=at("192.0.2.2")).status, 404)
            # With a good token it is the token that counts.
            self.assertEqual(server.once("GET", "/v1/stats", headers={**at("192.0.2.1"), **bearer("reader")}).status, 200)
            self.assertEqual(server.once("GET", "/readyz", headers=at("192.0.2.1")).status, 200)
            for _ in range(100):
                self.assertEqual(server.once("GET", "/v1/stats").status, 401)  # this machine
            self.assertEqual(limited(server, "address_requests_per_second"), 2)

    def test_of_ipv6_a_network_is_one(self):
        config = 'trusted_proxies = ["127.0.0.0/8"]\naddress_requests_per_second = 1\nburst_seconds = 5\n'
        with harness.Server(config=config) as server:
            answers = [server.once("GET", "/", headers=at(f"2001:db8:1:2::{i:x}")).status for i in range(20)]
            self.assertEqual(answers[:5], [200] * 5)
            self.assertIn(429, answers)
            self.assertEqual(server.once("GET", "/", headers=at("2001:db8:1:3::1")).status, 200)

    def test_only_a_trusted_proxy_is_believed(self):
        limits = "address_requests_per_second = 1\nburst_seconds = 5\n"
        with harness.Server(config=limits) as server:
            for i in range(30):  # this machine, whatever it says
                self.assertEqual(server.once("GET", "/", headers=at("192.0.2.1")).status, 200)
        with harness.Server(config='trusted_proxies = ["127.0.0.1", "192.0.2.0/24"]\n' + limits) as server:
            # The last that is no proxy counts; what stands before it is what the client claims.
            for i in range(20):
                last = server.once("GET", "/", headers=at(f"198.51.100.{i}, 203.0.113.9,192.0.2.7"))
            self.assertEqual(last.status, 429)
            for same in ("203.0.113.9", "[::ffff:203.0.113.9]:4711", "203.0.113.9:80, 192.0.2.8"):
                self.assertEqual(server.once("GET", "/", headers=at(same)).status, 429, same)
            self.assertEqual(server.once("GET", "/", headers=at("203.0.113.10")).status, 200)
            for nonsense in ("", "unknown", ",", "203.0.113.9, _hidden", "x" * 2000):  # counted for the proxy
                self.assertEqual(server.once("GET", "/", headers=at(nonsense)).status, 200, nonsense)

    def test_posts_are_counted_once_they_are_read(self):
        config = "token_posts_per_second = 10\nburst_seconds = 1\n" + token("feeder", ["ingest"]) + token("reader", ["read"])
        lines = b"".join(json.dumps(post(i)).encode() + b"\n" for i in range(60))
        headers = {**bearer("feeder"), "Content-Type": "application/x-ndjson"}
        with harness.Server(config=config) as server:
            began = time.monotonic()
            self.assertEqual(server.once("POST", "/v1/posts", lines, headers).json()["accepted"], 60)
            answer = server.once("POST", "/v1/posts", lines, headers)
            self.assert_limited(answer, "token_posts_per_second")
            self.assertLessEqual(int(answer.headers["retry-after"]), 6)  # 50 too many, and one to go on with
            # Bad lines are work too, and no way around: who comes back in time is let in, once.
            while server.once("POST", "/v1/posts", b"{}\n" * 60, headers).status == 429:
                self.assertLess(time.monotonic() - began, harness.PATIENCE_SECONDS)
                time.sleep(0.02)
            self.assertGreaterEqual(time.monotonic() - began, 5.0)
            self.assert_limited(server.once("POST", "/v1/posts", lines, headers), "token_posts_per_second")
            self.assertEqual(server.once("GET", "/v1/posts/twitter/59", headers=bearer("reader")).status, 200)
            self.assertGreaterEqual(limited(server, "token_posts_per_second"), 2)

    def test_a_socket_is_told_too(self):
        config = 'trusted_proxies = ["127.0.0.1"]\naddress_posts_per_second = 1\nburst_seconds = 5\n'
        with harness.Server(config=config) as server:
            with streams.WebSocket(server.port, "/v1/ingest", headers=at("192.0.2.9").items()) as ws:
                ws.send("\n".join(json.dumps(post(i)) for i in range(100)))
                self.assertEqual(ws.receive_json()["accepted"], 100)
                ws.send(json.dumps(post("more")))
                refused = ws.receive_json()
                self.assertEqual((refused["ack"], refused["accepted"], refused["error"]["code"]), (2, 0, "rate_limited"))
                self.assertIn("address_posts_per_second", refused["error"]["detail"])

    def test_memory_does_not_grow_with_addresses(self):
        config = 'trusted_proxies = ["127.0.0.1"]\naddress_requests_per_second = 1\nburst_seconds = 1\n'
        with harness.Server(config=config) as server:

            def resident():
                with open(f"/proc/{server.process.pid}/statm", encoding="ascii") as f:
                    return int(f.read().split()[1]) * resource.getpagesize()

            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)

            def ask(address):
                connection.request("GET", "/nowhere", headers=at(address))
                answer = connection.getresponse()
                answer.read()
                return answer.status

            for i in range(1000):
                ask(f"2001:db8:{i:x}::1")
            before = resident()
            statuses = [ask(f"2001:db8:{i >> 16:x}:{i & 0xffff:x}::1") for i in range(0x10000, 0x10000 + ADDRESSES)]
            self.assertLess(resident() - before, GROWTH_BYTES_MAX)
            # Few share both their buckets with others who have just asked.
            self.assertGreater(statuses.count(404), 0.95 * ADDRESSES)
            self.assertLessEqual(set(statuses), {404, 429})
            connection.close()


class Hosts(unittest.TestCase):
    """A page of the web lets its own name lead here (DNS rebinding): without tokens that would open everything."""

    def test_without_tokens_only_names_of_this_machine_are_answered(self):
        with harness.Server(config='allowed_hosts = ["Tags.example"]\n') as server:
            for path in ("/", "/v1/stats", "/nowhere", "/metrics", "/livez"):
                answer = server.once("GET", path, headers={"Host": f"evil.example:{server.port}"})
                self.assertEqual((answer.status, answer.json()["code"]), (421, "host_not_allowed"), path)
            for host in ("192.0.2.7", "127.0.0.1.evil.example", "0.0.0.0"):
                self.assertEqual(server.once("GET", "/v1/stats", headers={"Host": host}).status, 421, host)
            for host in ("localhost", f"127.0.0.1:{server.port}", "127.0.0.5", "[::1]:80", "board.localhost", "tags.example:443"):
                self.assertEqual(server.once("GET", "/v1/stats", headers={"Host": host}).status, 200, host)
            body = json.dumps(post(1)).encode()
            own = {"Host": "evil.example", "Origin": "http://evil.example", "Content-Type": "application/json"}
            self.assertEqual(server.once("POST", "/v1/posts", body, own).status, 421)
            upgrade = {"Host": "evil.example", "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                       "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
            self.assertEqual(server.once("GET", "/v1/events", headers=upgrade).status, 421)
            self.assertEqual(server.once("GET", "/v1/events", headers={**upgrade, "Host": "localhost"}).status, 101)

    def test_with_tokens_the_token_decides(self):
        with harness.Server(config=token("reader", ["read"])) as server:
            self.assertEqual(server.once("GET", "/v1/stats", headers={"Host": "tags.example", **bearer("reader")}).status, 200)
            self.assertEqual(server.once("GET", "/v1/stats", headers={"Host": "tags.example"}).status, 401)


class OwnAddress(unittest.TestCase):
    """With admin_listen, what is for operators is there and nowhere else."""

    def test_metrics_and_what_needs_admin_are_there_alone(self):
        port = harness.free_port()
        config = f'admin_listen = "127.0.0.1:{port}"\n' + token("reader", ["read"]) + token("ops", ["admin"])
        with harness.Server(config=config) as server:

            def at_both(method, path, headers):
                answers = []
                for each in (server.port, port):
                    connection = http.client.HTTPConnection("127.0.0.1", each, timeout=30)
                    connection.request(method, path, headers=headers)
                    answer = connection.getresponse()
                    answers.append((answer.status, answer.read()))
                    connection.close()
                return answers

            for method, path, name, good in (("GET", "/metrics", "reader", 200), ("GET", "/v1/blocks", "ops", 200),
                                             ("PUT", "/v1/blocks/spam", "ops", 201), ("GET", "/v1/aliases", "ops", 200),
                                             ("GET", "/v1/webhooks", "ops", 200), ("GET", "/v1/audit", "ops", 200)):
                (here, body), (there, _) = at_both(method, path, bearer(name))
                self.assertEqual((here, json.loads(body)["code"], there), (404, "not_found", good), path)
                (here, _), (there, _) = at_both(method, path, {})
                self.assertEqual((here, there), (404, 401), path)
                self.assertEqual([status for status, _ in at_both("OPTIONS", path, {})], [404, 204], path)
            for path, name in (("/v1/stats", "reader"), ("/", "reader"), ("/readyz", "reader")):
                self.assertEqual([status for status, _ in at_both("GET", path, bearer(name))], [200, 200], path)
            self.assertEqual(server.stop(), 0)

    def test_it_is_checked_at_the_start(self):
        for config, word in (('admin_listen = "0.0.0.0:9"\n', "token"), ('admin_listen = "nowhere"\n', "admin_listen")):
            done = harness.check_config(config)
            self.assertEqual(done.returncode, 1)
            self.assertIn(word, done.stderr.decode())
            self.assertIn("admin_listen", done.stderr.decode())
        with harness.Server() as server:
            config = f'admin_listen = "127.0.0.1:{server.port}"\n'
            other = harness.Server(config=config)
            other.start(wait=False)
            self.assertEqual(other.process.wait(timeout=30), 1)
            self.assertIn("listen_failed", other.log())
            other.close()


class Keys(unittest.TestCase):
    def test_messages_name_the_key(self):
        for config, key in (("token_requests_per_second = -1\n", "token_requests_per_second"),
                            ("address_posts_per_second = 1000001\n", "address_posts_per_second"),
                            ("burst_seconds = 0\n", "burst_seconds"),
                            ('trusted_proxies = ["10.0.0.0/33"]\n', "trusted_proxies"),
                            (token("a", ["read"], posts_per_second=-3), "token.posts_per_second")):
            done = harness.check_config(config)
            self.assertEqual(done.returncode, 1, config)
            self.assertIn(key, done.stderr.decode())


if __name__ == "__main__":
    unittest.main()
