"""Clients that take their time: thousands of them, while others go on. TAGSWELL_SLOW_CLIENTS says how many of a kind."""
import json
import multiprocessing
import os
import resource
import select
import socket
import threading
import time
import unittest

import harness
from harness import post

CLIENTS = int(os.environ.get("TAGSWELL_SLOW_CLIENTS", "200"))
CLOSED_SECONDS = 15
STEP_SECONDS = 1.0  # between two drips
GONE = select.EPOLLHUP | select.EPOLLERR | select.EPOLLRDHUP

POST = b"POST /v1/posts HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\n"


class Slow:
    """How one kind of client behaves: what it says at once, then every second, and whether it reads what it is told."""

    def __init__(self, first, drip=b"", reads=True, receive_bytes=None):
        self.first, self.drip, self.reads, self.receive_bytes = first, drip, reads, receive_bytes


KINDS = {
    "silent": Slow(b""),
    "empty lines": Slow(b"\r\n", b"\r\n"),
    "slow headers": Slow(b"GET / HTTP/1.1\r\nHost: a\r\n", b"X-A: b\r\n"),
    "slow bodies": Slow(POST + b"Content-Length: 1000000\r\n\r\n", b"          "),
    "slow chunks": Slow(POST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "bodies that stop": Slow(POST + b"Content-Length: 1000000\r\n\r\n" + b" " * 100_000),
    "compressed bodies that stop": Slow(POST + b"Content-Encoding: gzip\r\nContent-Length: 1000000\r\n\r\n\x1f\x8b\x08"),
    "readers that stop": Slow(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 8, reads=False, receive_bytes=2048),
    "last readers that stop": Slow(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", reads=False, receive_bytes=2048),
    "slow upgrades": Slow(b"GET /v1/events HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n", b"X-A: b\r\n"),
}


class Crowd:
    """Many slow clients of a kind on one epoll; gives how long each was held, from its connection on."""

    def __init__(self, port, kind, count):
        self.kind = kind
        self.poll = select.epoll()
        self.since = {}
        self.sockets = {}
        self.held = []
        for _ in range(count):
            self.connect(port)

    def connect(self, port):
        s = socket.socket()
        if self.kind.receive_bytes:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.kind.receive_bytes)
        s.settimeout(30)
        s.connect(("127.0.0.1", port))
        s.setblocking(False)
        self.sockets[s.fileno()] = s
        self.since[s.fileno()] = time.monotonic()
        self.poll.register(s.fileno(), GONE | (select.EPOLLIN if self.kind.reads else 0))
        self.say(s, self.kind.first)

    def say(self, s, text):
        try:
            s.send(text)
        except (BlockingIOError, BrokenPipeError, ConnectionResetError):
            pass  # the poll tells

    def ended(self, number, events):
        if events & (select.EPOLLHUP | select.EPOLLERR) or not self.kind.reads:
            return True
        try:
            return not self.sockets[number].recv(65536)
        except BlockingIOError:
            return False
        except ConnectionResetError:
            return True

    def run(self, seconds):
        """Returns when all are closed, or after so long."""
        end = time.monotonic() + seconds
        drip_at = time.monotonic() + STEP_SECONDS
        while self.sockets and time.monotonic() < end:
            for number, events in self.poll.poll(0.05):
                if self.ended(number, events):
                    self.held.append(time.monotonic() - self.since.pop(number))
                    self.poll.unregister(number)
                    self.sockets.pop(number).close()
            if self.kind.drip and time.monotonic() >= drip_at:
                drip_at += STEP_SECONDS
                for s in self.sockets.values():
                    self.say(s, self.kind.drip)
        left = len(self.sockets)
        for s in self.sockets.values():
            s.close()
        self.poll.close()
        return left


def hold(port, name):
    """How many of a crowd were left in the end, and the longest time that one was held."""
    crowd = Crowd(port, KINDS[name], CLIENTS)
    left = crowd.run(2 * CLOSED_SECONDS)
    return left, max(crowd.held, default=0)


class Others(threading.Thread):
    """Asks and writes all the while, on a connection of its own each time; remembers the longest wait."""

    def __init__(self, server):
        super().__init__()
        self.server, self.longest, self.answers, self.failure = server, 0.0, 0, None
        self.over = threading.Event()

    def run(self):
        try:
            while not self.over.wait(0.02):
                began = time.monotonic()
                alive = self.server.once("GET", "/livez")
                stored = self.server.once("POST", "/v1/posts", json.dumps(post(f"other-{self.answers}")), {"Content-Type": "application/json"})
                if (alive.status, stored.status) != (200, 201):
                    raise AssertionError(f"{alive} {stored}")
                self.longest = max(self.longest, time.monotonic() - began)
                self.answers += 1
        except BaseException as e:
            self.failure = e

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()


def setUpModule():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if 2 * CLIENTS + 200 > hard:
        raise unittest.SkipTest(f"{CLIENTS} clients of a kind need more than {hard} descriptors")


class SlowClients(unittest.TestCase):
    def test_all_are_let_go_and_nobody_else_notices(self):
        with harness.Server() as server, Others(server) as others:
            if CLIENTS > 1000:  # one kind after the other: more descriptors than one process has
                for name in KINDS:
                    self.let_go(server, [name])
            else:
                self.let_go(server, list(KINDS))
            others.over.set()
            others.join()
            self.assertIsNone(others.failure)
            self.assertGreater(others.answers, 10)
            with open(f"/proc/{server.process.pid}/status", encoding="ascii") as f:
                peak = next(int(line.split()[1]) for line in f if line.startswith("VmHWM"))
            print(json.dumps({"peak_resident_mib": peak // 1024, "others_asked": 2 * others.answers, "others_longest_seconds": round(others.longest, 3)}))
            self.assertEqual(server.stop(), 0)

    def let_go(self, server, kinds):
        with multiprocessing.get_context("spawn").Pool(len(kinds)) as pool:  # so that no crowd holds up another's clock
            done = pool.starmap(hold, [(server.port, name) for name in kinds], chunksize=1)
        for name, (left, longest) in zip(kinds, done):
            print(json.dumps({"clients": CLIENTS, "kind": name, "longest_held_seconds": round(longest, 1)}))
            with self.subTest(kind=name):
                self.assertEqual(left, 0, "not closed at all")
                self.assertLessEqual(longest, CLOSED_SECONDS)

    def test_who_keeps_the_pace_may_take_as_long_as_it_needs(self):
        """20 KiB a second are five times the least: a body longer than the time that silence gets."""
        body = b"".join(json.dumps(post(f"steady-{i}", text="x" * 500)).encode() + b"\n" for i in range(430))
        with harness.Server() as server, socket.create_connection(("127.0.0.1", server.port), timeout=30) as s:
            s.sendall(POST + b"Content-Length: %d\r\n\r\n" % len(body))
            for at in range(0, len(body), 20_480):
                s.sendall(body[at:at + 20_480])
                self.assertEqual(select.select([s], [], [], STEP_SECONDS)[0], [] if at + 20_480 < len(body) else [s])
            self.assertEqual(s.recv(65536).split()[1], b"200")


if __name__ == "__main__":
    unittest.main()
