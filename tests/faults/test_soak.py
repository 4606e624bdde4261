"""Mixed load and, again and again, a fault drawn by a seed: the server never ends by itself, memory and descriptors do
not grow, and all that was acknowledged is there, once, and counted once.

TAGSWELL_SOAK_SECONDS sets how long, TAGSWELL_SOAK_PERIOD how many seconds lie between two faults, TAGSWELL_FAULT_SEED
which ones come.
"""
import collections
import contextlib
import datetime
import gzip
import http.client
import json
import os
import random
import signal
import socket
import statistics
import threading
import time
import unittest

import faults
import harness
import streams

SECONDS = int(os.environ.get("TAGSWELL_SOAK_SECONDS", 3600 if faults.LONG else 18))
PERIOD = float(os.environ.get("TAGSWELL_SOAK_PERIOD", 60 if faults.LONG else 3))
SENDERS = 3
BATCH = 100
BATCHES_A_SECOND = 3  # of each sender
TAGS = 40
GROWTH_MAX = 1.3  # of memory and descriptors: the second half's median against the first's


def now():
    return datetime.datetime.now(datetime.timezone.utc)


class Sender:
    """Sends each batch until it is acknowledged: how often each was sent in between must make no difference."""

    def __init__(self, number):
        self.number = number
        self.times = []  # of each batch
        self.refusals = collections.Counter()

    def batch(self, n):
        r = random.Random(self.number * 1_000_003 + n)
        return [harness.post(f"{self.number}-{n}-{i}", at=self.times[n], text=f"#all #soak{int(TAGS ** r.random()) - 1} said",
                             author=f"a{r.randrange(3000)}") for i in range(BATCH)]

    def run(self, soak):
        while not soak.over.wait(1 / BATCHES_A_SECOND):
            self.times.append(now().isoformat(timespec="milliseconds").replace("+00:00", "Z"))
            while not soak.given_up.is_set():
                try:
                    answer = soak.server.post_lines(self.batch(len(self.times) - 1))
                except (OSError, http.client.HTTPException):
                    self.refusals["broken"] += 1
                else:
                    if answer.status == 200:
                        break
                    self.refusals[answer.status] += 1
                soak.over.wait(0.1)


class Soak(unittest.TestCase):
    def setUp(self):
        self.over, self.given_up = threading.Event(), threading.Event()
        self.random = random.Random(faults.SEED)
        self.busy = threading.Lock()  # held while a fault is on, when reads may fail
        self.failures = []

    # -- readers and subscribers
    def read(self):
        while not self.over.wait(0.2):
            with self.busy:
                tag = f"soak{self.random.randrange(TAGS)}"
                for path in ("/v1/trends", "/v1/top?window=1h", f"/v1/topics/{tag}", f"/v1/topics/{tag}/posts?limit=50",
                             f"/v1/topics/{tag}/history", "/v1/stats", "/metrics"):
                    try:
                        answer = self.server.once("GET", path)
                        if answer.status not in (200, 404):
                            self.failures.append(f"GET {path}: {answer}")
                    except (OSError, http.client.HTTPException) as e:
                        self.failures.append(f"GET {path}: {e!r}")

    def subscribe(self):
        """Resumes behind the last event: their numbers have no gap and no repeat."""
        last = 0
        while not self.over.is_set():
            try:
                with streams.WebSocket(self.server.port, f"/v1/events?since={last}", timeout=1) as events:
                    while not self.over.is_set():
                        message = events.receive_json()
                        if message["type"] == "hello":
                            continue
                        if message["seq"] != last + 1:
                            self.failures.append(f"event {message['seq']} after {last}")
                        last = message["seq"]
            except (OSError, streams.Closed, streams.Refused, IndexError):
                self.over.wait(0.1)

    # -- faults
    def kill(self):
        self.server.kill()
        self.server.start()

    def terminate(self):
        self.server.restart()

    def stall(self):
        os.kill(self.server.process.pid, signal.SIGSTOP)
        self.over.wait(min(5, PERIOD / 3))
        os.kill(self.server.process.pid, signal.SIGCONT)

    def fail_the_disk(self):
        """A write or a sync of the log fails: all is refused until an operator starts the server again."""
        self.server.stop()
        call, action = self.random.choice([("write", "error"), ("write", "torn"), ("sync", "error")])
        faults.set_fault(self.server, faults.Point("log", call, "*", self.random.randint(20, 60), action))
        self.server.start()
        deadline = time.monotonic() + 60
        while self.server.once("GET", "/readyz").status == 200 and time.monotonic() < deadline:
            self.given_up.wait(0.05)
        self.assertEqual(self.server.once("GET", "/readyz").json()["code"], "storage_failed")
        faults.set_fault(self.server)
        self.assertIn(self.server.stop(), (0, 1))
        self.server.start()

    def crowd_in(self):
        """Connections that say half of something, or nonsense, and are left to the server."""
        for i in range(200):
            with contextlib.suppress(OSError):
                s = socket.create_connection(("127.0.0.1", self.server.port), timeout=5)
                self.addCleanup(s.close)
                s.sendall(self.random.randbytes(300) if i % 2 else b"POST /v1/posts HTTP/1.1\r\nHost: a\r\nContent-")

    def stop_reading(self):
        for _ in range(20):
            idle = streams.WebSocket(self.server.port, "/v1/events?since=0", receive_bytes=2048)
            self.addCleanup(idle.socket.close)

    def bomb(self):
        headers = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
        answer = self.server.once("POST", "/v1/posts", gzip.compress(bytes(200 << 20)), headers)
        self.assertEqual(answer.status, 413, answer)

    def back_up(self):
        copy = os.path.join(self.server.folder, f"copy{self.random.randrange(1 << 30)}")
        harness.run("backup", copy, "--to", f"http://127.0.0.1:{self.server.port}")
        self.assertEqual(harness.run("verify", copy).returncode, 0)

    # -- what is left
    def descriptors(self):
        """All but those of the store's files, which become more while more is stored."""
        folder = f"/proc/{self.server.process.pid}/fd"
        store = os.path.realpath(self.server.data) + "/"
        count = 0
        for name in os.listdir(folder):
            with contextlib.suppress(OSError):  # closed in between
                file = os.readlink(f"{folder}/{name}")
                count += not (file.startswith(store) and os.path.exists(file))
        return count

    def resident_bytes(self):
        with open(f"/proc/{self.server.process.pid}/statm", encoding="ascii") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def check_counts(self, senders):
        sent = sum(len(sender.times) for sender in senders) * BATCH
        self.assertEqual(self.server.settled()["posts"], sent)
        counts = collections.Counter()
        for sender in senders:
            for n in range(len(sender.times)):
                batch = sender.batch(n)
                report = self.server.post_lines(batch).json()
                self.assertEqual(report["duplicates"], BATCH, f"batch {n} of sender {sender.number}: {report}")
                for post in batch:
                    counts.update(word[1:] for word in post["text"].split() if word.startswith("#"))
        span = {"step": "1h", "from": self.began.isoformat(timespec="seconds").replace("+00:00", "Z"),
                "to": (now() + datetime.timedelta(hours=1)).isoformat(timespec="seconds").replace("+00:00", "Z")}
        for tag, count in counts.items():
            steps = self.server.get(f"/v1/topics/{tag}/history", **span)["steps"]
            self.assertEqual(sum(step["posts"] for step in steps), count, tag)

    def test_faults_for_a_long_time(self):
        self.began = now().replace(minute=0, second=0, microsecond=0)
        kinds = [self.kill, self.terminate, self.stall, self.fail_the_disk, self.crowd_in, self.stop_reading, self.bomb,
                 self.back_up]
        senders = [Sender(i) for i in range(SENDERS)]
        memory, open_files, came = [], [], collections.Counter()
        with harness.Server(clock="wall", fsync="always") as self.server:
            threads = [threading.Thread(target=sender.run, args=(self,)) for sender in senders]
            threads += [threading.Thread(target=self.read), threading.Thread(target=self.subscribe)]
            for thread in threads:
                thread.start()
            try:
                end = time.monotonic() + SECONDS
                order = []
                while time.monotonic() < end:
                    order = order or self.random.sample(kinds, len(kinds))  # each comes about as often
                    fault = order.pop()
                    with self.busy:
                        fault()
                    came[fault.__name__] += 1
                    self.over.wait(PERIOD)
                    self.assertIsNone(self.server.process.poll(), self.server.log()[-2000:])
                    memory.append(self.resident_bytes())
                    open_files.append(self.descriptors())
            except BaseException:
                self.given_up.set()
                raise
            finally:
                self.over.set()
                for thread in threads:
                    thread.join()
            print(json.dumps({"faults": came, "memory": memory, "descriptors": open_files,
                              "refusals": sum((sender.refusals for sender in senders), collections.Counter())}))
            self.assertEqual(self.failures, [])
            self.check_counts(senders)
            self.assertEqual(self.server.stop(), 0)
        if faults.LONG:
            for figures in (memory, open_files):
                half = len(figures) // 2
                self.assertLessEqual(statistics.median(figures[half:]), GROWTH_MAX * statistics.median(figures[:half]))


if __name__ == "__main__":
    unittest.main()
