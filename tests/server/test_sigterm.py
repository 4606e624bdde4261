"""SIGTERM under load: the server ends in time and well, whoever waits for an answer gets it, and nothing acknowledged is lost.

TAGSWELL_SIGTERM_ROUNDS sets how often (3).
"""
import http.client
import json
import os
import random
import signal
import threading
import time
import unittest

import harness
import streams

ROUNDS = int(os.environ.get("TAGSWELL_SIGTERM_ROUNDS", "3"))
SEED = int(os.environ.get("TAGSWELL_SIGTERM_SEED", "1"))
EXIT_SECONDS_MAX = 10
SENDERS = 6


class Sender(threading.Thread):
    """Sends batches one after the other on one connection, until it is refused or the connection ends."""

    def __init__(self, port, name, size):
        super().__init__()
        self.name, self.size = name, size
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.connection.connect()
        self.acknowledged = []
        self.unanswered = None  # (when its last byte was sent, the batch)
        self.refusal = None
        self.k = 0

    def batch(self):
        self.k += 1
        posts = (harness.post(f"{self.name}-{self.k}-{i}", at="2024-01-01T00:00:01Z", text=f"#all #t{i % 50}") for i in range(self.size))
        return b"".join(json.dumps(p).encode() + b"\n" for p in posts)

    def run(self):
        while True:
            body = self.batch()
            try:
                self.connection.request("POST", "/v1/posts", body, {"Content-Type": "application/x-ndjson"})
            except OSError:
                return  # not all of it was taken: nobody owes an answer
            self.unanswered = (time.monotonic(), body)
            try:
                answer = self.connection.getresponse()
                text = answer.read()
            except (OSError, http.client.HTTPException):
                return
            self.unanswered = None
            if answer.status != 200:
                self.refusal = (answer.status, text)
                return
            self.acknowledged.append(body)


class Subscriber(threading.Thread):
    """Reads events until it is closed."""

    def __init__(self, port):
        super().__init__()
        self.socket = streams.WebSocket(port, "/v1/events")
        self.code = None

    def run(self):
        with self.socket:
            try:
                while True:
                    self.socket.receive()
            except streams.Closed as closed:
                self.code = closed.code


class Sigterm(unittest.TestCase):
    def test_under_load(self):
        r = random.Random(SEED)
        total, slowest = 0, 0.0
        with harness.Server(fsync="always") as server:
            for turn in range(ROUNDS):
                self.assertEqual(server.settled()["posts"], total, f"round {turn}, seed {SEED}")
                senders, seconds = self.end_under_load(server, f"r{turn}", r)
                slowest = max(slowest, seconds)
                server.start()
                total += self.check_log(server, senders)
            print(json.dumps({"rounds": ROUNDS, "posts": total, "slowest_exit_s": round(slowest, 2)}))

    def end_under_load(self, server, name, r):
        subscribers = [Subscriber(server.port) for _ in range(3)]
        senders = [Sender(server.port, f"{name}s{s}", r.choice((1, 10, 200, 1000))) for s in range(SENDERS)]
        for thread in senders + subscribers:
            thread.start()
        goal = r.randrange(1, 60)
        while sum(len(s.acknowledged) for s in senders) < goal and all(s.is_alive() for s in senders):
            time.sleep(0.001)
        time.sleep(r.random() / 50)
        begin = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(server.process.wait(timeout=EXIT_SECONDS_MAX), 0, server.log()[-2000:])
        seconds = time.monotonic() - begin
        for sender in senders:
            sender.join()
            sender.connection.close()
            if sender.refusal:
                self.assertEqual(sender.refusal[0], 503, sender.refusal)
            if sender.unanswered:
                self.assertGreater(sender.unanswered[0], begin, "it was sent before the signal, and never answered")
        for subscriber in subscribers:
            subscriber.join()
            self.assertEqual(subscriber.code, 1001)
        return senders, seconds

    def check_log(self, server, senders):
        """Everything acknowledged is there: sent again, it is known. Gives how many posts the round brought in."""
        posts = 0
        for sender in senders:
            for body in sender.acknowledged:
                report = server.post_lines(body.splitlines()).json()
                self.assertEqual((report["accepted"], report["duplicates"]), (0, sender.size))
                posts += sender.size
            if sender.unanswered:  # whole or not at all
                report = server.post_lines(sender.unanswered[1].splitlines()).json()
                self.assertIn((report["accepted"], report["duplicates"]), ((0, sender.size), (sender.size, 0)))
                posts += sender.size
        return posts


if __name__ == "__main__":
    unittest.main()
