"""Trend events: the JSON page, server-sent events and WebSocket, and the seam between the log and live."""
import json
import threading
import unittest

import harness
import streams

SCALE = "100"


def metoo(scale=SCALE, seed="1"):
    return harness.run("synth", "--scenario", "metoo", "--scale", scale, "--seed", seed).stdout.splitlines()


class Events(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = harness.Server().start()
        cls.server.feed(metoo())
        cls.server.settled()
        cls.all = cls.server.events()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def test_numbers_rise_by_one_and_times_do_not_fall(self):
        self.assertGreater(len(self.all), 3)
        self.assertEqual([e["seq"] for e in self.all], list(range(1, len(self.all) + 1)))
        self.assertEqual([e["time"] for e in self.all], sorted(e["time"] for e in self.all))
        self.assertEqual(len({e["epoch"] for e in self.all}), 1)

    def test_an_event_explains_itself(self):
        event = next(e for e in self.all if e["type"] == "started")
        for key in ("seq", "epoch", "type", "time", "trend", "topic", "display", "scope", "rank", "score", "window",
                    "observed", "expected"):
            self.assertIn(key, event)
        self.assertGreaterEqual(event["observed"]["posts"], event["observed"]["authors"])

    def test_filters_are_or_within_a_name_and_and_across(self):
        some = self.server.events(topic="metoo", type=["started", "ended"])
        self.assertTrue(some)
        self.assertEqual([e["seq"] for e in some],
                         [e["seq"] for e in self.all if e["topic"] == "metoo" and e["type"] in ("started", "ended")])
        scoped = self.server.events(scope=["world", "country:FR"])
        self.assertEqual([e["seq"] for e in scoped], [e["seq"] for e in self.all if e["scope"] in ("world", "country:FR")])

    def test_unknown_filters_are_400(self):
        for query in ("type=shouted", "scope=moon", "since=x", "color=red"):
            answer = self.server.request("GET", f"/v1/events?{query}")
            self.assertEqual(answer.status, 400, (query, answer))

    def test_sse_goes_on_after_the_last_event_id(self):
        for last in (0, 2, len(self.all) - 1):
            with streams.EventSource(self.server.port, "/v1/events", last_event_id=last) as source:
                self.assertEqual(source.status, 200)
                self.assertTrue(source.headers["content-type"].startswith("text/event-stream"))
                for wanted in self.all[last:]:
                    number, _, data = source.next()
                    self.assertEqual(json.loads(data), wanted)
                    self.assertEqual(number, str(wanted["seq"]))

    def test_websocket_says_hello_and_then_everything_since(self):
        for since in (0, 3):
            with streams.WebSocket(self.server.port, f"/v1/events?since={since}") as ws:
                hello = ws.receive_json()
                self.assertEqual(hello["type"], "hello")
                self.assertEqual(hello["epoch"], self.all[0]["epoch"])
                for key in ("seq", "server_time", "board"):
                    self.assertIn(key, hello)
                for wanted in self.all[since:]:
                    self.assertEqual(ws.receive_json(), wanted)

    def test_websocket_filters_too(self):
        wanted = [e for e in self.all if e["topic"] == "metoo" and e["scope"] == "world"]
        with streams.WebSocket(self.server.port, "/v1/events?since=0&topic=metoo&scope=world") as ws:
            ws.receive_json()
            for event in wanted:
                self.assertEqual(ws.receive_json(), event)

    def test_a_cursor_the_log_does_not_have_is_410_before_the_upgrade(self):
        beyond = len(self.all) + 1_000_000
        for path in (f"/v1/events?since={beyond}",):
            with self.assertRaises(streams.Refused) as refused:
                streams.WebSocket(self.server.port, path)
            self.assertEqual(refused.exception.status, 410)
            self.assertIn("oldest", refused.exception.body.decode())
        with streams.EventSource(self.server.port, "/v1/events", last_event_id=beyond) as source:
            self.assertEqual(source.status, 410)

    def test_numbers_go_on_after_a_restart(self):
        with harness.Server() as server:
            lines = metoo("200")
            server.feed(lines[:-2_000])
            server.settled()
            before = server.events()
            server.restart()
            server.feed(lines[-2_000:])
            server.settled()
            after = server.events()
            self.assertEqual(after[:len(before)], before)
            self.assertEqual([e["seq"] for e in after], list(range(1, len(after) + 1)))


class Seam(unittest.TestCase):
    def test_subscribers_that_come_at_any_moment_see_each_event_once(self):
        lines = metoo()
        with harness.Server() as server:
            got, failures = [], []
            done = threading.Event()

            def subscribe(kind, into):
                try:
                    if kind == "ws":
                        source = streams.WebSocket(server.port, "/v1/events?since=0", timeout=60)
                        source.receive()
                        take = source.receive_json
                    else:
                        source = streams.EventSource(server.port, "/v1/events", last_event_id=0, timeout=60)
                        take = lambda: json.loads(source.next()[2])
                    with source:
                        while True:
                            event = take()
                            into.append(event)
                            if done.is_set() and event["seq"] >= last[0]:
                                return
                except Exception as error:  # told to the main thread, which fails the test
                    failures.append((kind, repr(error)))

            last = [1 << 60]
            threads = []
            for part in range(10):
                for kind in ("ws", "sse"):
                    got.append([])
                    threads.append(threading.Thread(target=subscribe, args=(kind, got[-1]), daemon=True))
                    threads[-1].start()
                size = len(lines) // 10 + 1
                server.feed(lines[part * size:(part + 1) * size - (200 if part == 9 else 0)], batch=200)
            server.settled()
            # The wave ends and other things trend for as long as it takes: the last stretch wakes every reader.
            before = server.events()
            done.set()
            last[0] = before[-1]["seq"]
            woken = wake(server)
            for thread in threads:
                thread.join(60)
            self.assertEqual(failures, [])
            for events in got:
                self.assertEqual(events, woken[:len(events)])
                self.assertGreaterEqual(len(events), len(before))


def wake(server):
    """Makes at least one more event: a burst of many authors a day later. Gives all events."""
    server.feed([harness.post(f"wake{i}", at=f"2017-10-18T10:{i // 60 % 60:02}:{i % 60:02}Z", text=f"now #WakeUp{i // 2000} {i}",
                              author=f"waker{i}") for i in range(3_000)])
    server.settled()
    return server.events()


class Latecomers(unittest.TestCase):
    def test_all_get_what_gathered_before_they_came(self):
        # More than a subscriber may leave waiting, and all of it in memory.
        milestones = f"milestones = {list(range(20, 3_000, 2))}"
        with harness.Server(config=milestones) as server:
            server.feed([harness.post(f"q{i}", at=f"2024-01-01T{i // 60:02}:{i % 60:02}:00Z", text="nothing to see", author=f"q{i % 50}")
                         for i in range(24 * 60)])
            server.feed([harness.post(f"n{i}", at=f"2024-01-02T00:{i // 60:02}:{i % 60:02}Z", text=f"#burst {i}", author=f"n{i}")
                         for i in range(3_000)])
            server.settled()
            events = server.events()
            self.assertGreater(sum(len(json.dumps(event)) for event in events), 600_000)
            for _ in range(10):
                with streams.EventSource(server.port, "/v1/events?since=0") as source:
                    for event in events:
                        self.assertEqual(json.loads(source.next()[2])["seq"], event["seq"])


class SlowReader(unittest.TestCase):
    def test_is_closed_with_1013_and_delays_nobody(self):
        milestones = f"milestones = {list(range(20, 12_000, 2))}"
        with harness.Server(config=milestones) as server:
            slow = streams.WebSocket(server.port, "/v1/events?since=0", receive_bytes=2048, timeout=30)
            quick = streams.WebSocket(server.port, "/v1/events?since=0", timeout=30)
            quick.receive()
            seen = []

            def read():
                try:
                    while True:
                        seen.append(quick.receive_json()["seq"])
                except (TimeoutError, streams.Closed, OSError):
                    pass

            reader = threading.Thread(target=read, daemon=True)
            reader.start()
            # A quiet day, so that a burst is news; then one topic whose every few authors are a milestone.
            quiet = [harness.post(f"q{i}", at=f"2024-01-01T{i // 60:02}:{i % 60:02}:00Z", text="nothing to see", author=f"q{i % 50}")
                     for i in range(24 * 60)]
            server.feed(quiet, batch=1_000)
            crowd = [harness.post(f"n{i}", at=f"2024-01-02T{i // 3600:02}:{i // 60 % 60:02}:{i % 60:02}Z", text=f"#burst {i}", author=f"n{i}")
                     for i in range(12_000)]
            for begin in range(0, len(crowd), 600):
                server.feed(crowd[begin:begin + 600], batch=600)
                server.settled()
                # A reader in the same interpreter as the sender needs its turn: it is to keep up, not to race.
                last = server.get("/v1/stats")["last_seq"]
                for _ in range(1_000):
                    if len(seen) >= last:
                        break
                    harness.time.sleep(0.005)
            server.settled()
            total = len(server.events())
            self.assertGreater(total, 8_000, "too few events to fill any buffer")
            for _ in range(1_500):
                if len(seen) >= total:
                    break
                harness.time.sleep(0.02)
            self.assertEqual(seen, list(range(1, total + 1)))
            with self.assertRaises(streams.Closed) as closed:
                while True:
                    slow.receive()
            self.assertEqual(closed.exception.code, 1013, f"{total} events in all")
            quick.socket.close()


if __name__ == "__main__":
    unittest.main()
