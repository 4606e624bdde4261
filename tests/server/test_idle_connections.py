"""Subscribers that say nothing: as many as descriptors allow.

TAGSWELL_IDLE_CONNECTIONS says how many (300); from 1,000 on they are held until each was pinged twice.
"""
import base64
import json
import multiprocessing
import os
import resource
import select
import socket
import struct
import time
import unittest

import harness
import streams

CONNECTIONS = int(os.environ.get("TAGSWELL_IDLE_CONNECTIONS", "300"))
RESIDENT_BYTES_MAX = 16 * 1024
HELD_SECONDS = 45 if CONNECTIONS >= 1000 else 0  # the server pings every 20 s and lets go of who has not answered 20 s later
PER_ADDRESS = 10_000  # an address has some 28,000 ports for one peer
REQUEST = ("GET /v1/events HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           f"Sec-WebSocket-Key: {base64.b64encode(bytes(16)).decode()}\r\n\r\n").encode()
PONG = struct.pack("BB", 0x8A, 0x80) + bytes(4)


def raise_file_limit():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def resident(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as f:
        return int(f.read().split()[1]) * resource.getpagesize()


def hold(port, count, pipe):
    """Subscribes `count` times, says so, and answers pings until told to stop; then tells how many are still open."""
    raise_file_limit()
    poll, sockets = select.epoll(), {}
    for i in range(count):
        s = socket.socket()
        s.bind((f"127.0.0.{2 + i // PER_ADDRESS}", 0))
        s.settimeout(60)
        s.connect(("127.0.0.1", port))
        s.sendall(REQUEST)
        got = b""
        while b'"hello"' not in got:
            got += s.recv(65536)
        s.setblocking(False)
        sockets[s.fileno()] = s
        poll.register(s.fileno(), select.EPOLLIN)
    poll.register(pipe.fileno(), select.EPOLLIN)
    pipe.send("subscribed")
    pings = 0
    while True:
        for number, _ in poll.poll():
            if number == pipe.fileno():
                pipe.send((len(sockets), pings))
                return
            if not sockets[number].recv(65536):
                poll.unregister(number)
                sockets.pop(number).close()
                continue
            pings += 1
            sockets[number].send(PONG)


class IdleConnections(unittest.TestCase):
    def test_thousands_stay_and_cost_little(self):
        self.assertGreater(raise_file_limit(), CONNECTIONS + 500, "raise the limit of open files")
        with harness.Server() as server:
            before = resident(server.process.pid)
            ours, theirs = multiprocessing.Pipe()
            clients = multiprocessing.get_context("spawn").Process(target=hold, args=(server.port, CONNECTIONS, theirs))
            clients.start()
            try:
                self.assertTrue(ours.poll(300), "not all subscribed")
                self.assertEqual(ours.recv(), "subscribed")
                self.assertFalse(ours.poll(HELD_SECONDS), "the clients ended")
                each = (resident(server.process.pid) - before) / CONNECTIONS
                self.assertIn(f"tagswell_subscribers {CONNECTIONS}\n", server.request("GET", "/metrics").body.decode())
                ours.send("stop")
                self.assertTrue(ours.poll(60))
                left, pings = ours.recv()
            finally:
                clients.kill()
                clients.join()
            print(json.dumps({"connections": CONNECTIONS, "resident_bytes_each": round(each), "pings": pings}))
            self.assertEqual(left, CONNECTIONS)
            if HELD_SECONDS:
                self.assertGreaterEqual(pings, 2 * CONNECTIONS)
            if CONNECTIONS >= 1000:  # fewer drown in what the server takes anyway
                self.assertLessEqual(each, RESIDENT_BYTES_MAX)

    def test_one_more_than_allowed_is_told_so_and_a_place_that_is_left_is_taken(self):
        with harness.Server(config="connections_max = 300\n") as server:
            peers = []
            with self.assertRaises(streams.Refused) as refused:
                while len(peers) <= 300:
                    peers.append(streams.WebSocket(server.port, "/v1/events"))
            self.assertEqual((refused.exception.status, json.loads(refused.exception.body)["code"]), (503, "too_many_connections"))
            self.assertGreaterEqual(len(peers), 298)  # the probes of the start may not have left yet
            for peer in peers:
                self.assertEqual(peer.receive_json()["type"], "hello")
            for peer in peers[:10]:
                peer.socket.close()
            end = time.monotonic() + 20
            while server.once("GET", "/livez").status != 200:
                self.assertLess(time.monotonic(), end, "the places that were left stay empty")
            for peer in peers:
                peer.socket.close()


if __name__ == "__main__":
    unittest.main()
