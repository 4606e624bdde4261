"""What the tests of this folder share: a ledger of what was acknowledged, and faults in the server's file operations."""
import base64
import collections
import http.client
import json
import os
import random
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "server"))
import harness

LONG = bool(os.environ.get("TAGSWELL_LONG"))
SEED = int(os.environ.get("TAGSWELL_FAULT_SEED", "1"))
AT = "2024-01-01T00:30:00Z"


def rounds(short, long):
    """How often: TAGSWELL_FAULT_ROUNDS, else by the form of the test."""
    return int(os.environ.get("TAGSWELL_FAULT_ROUNDS", long if LONG else short))


def preload():
    named = os.environ.get("TAGSWELL_FAULT_PRELOAD")
    if not named or not os.path.exists(named):
        raise unittest.SkipTest("no library of faults: build it and set TAGSWELL_FAULT_PRELOAD")
    return named


class Server(harness.Server):
    """A server that `with` does not start."""

    def __enter__(self):
        return self


Point = collections.namedtuple("Point", "kind call thread nth action")


def set_fault(server, point=None, journal=None, grave=None):
    """The server's next start runs with that fault, or without any."""
    server.extra_environment = {}
    if point or journal:
        server.extra_environment = {"LD_PRELOAD": preload(), "FAULT_DIR": server.data}
    if point:
        server.extra_environment["FAULT_POINT"] = ":".join(map(str, point))
    if journal:
        server.extra_environment["FAULT_JOURNAL"] = journal
    if grave:
        server.extra_environment["FAULT_GRAVE"] = grave


def calls(journal):
    """The calls a journal tells of: (call, kind, thread, name, rest)."""
    with open(journal, encoding="utf-8") as f:
        for line in f:
            if line.endswith("\n"):
                yield line[:-1].split("\t")


def random_text(r, size):
    """Letters that no compression makes small."""
    return base64.b64encode(r.randbytes(size * 3 // 4)).decode()


class Ledger:
    """A client that remembers. Each post is sent under an id of its own and says #all."""

    def __init__(self, seed=SEED, text_bytes=0, prefix=""):
        self.random = random.Random(seed)
        self.prefix = prefix
        self.text_bytes = text_bytes
        self.acknowledged = []
        self.unsure = []  # sent, and no answer or a refusal came
        self.refusals = collections.Counter()
        self.made = 0

    def make(self, count):
        batch = []
        for _ in range(count):
            text = f"#all #t{self.made % 97} " + random_text(self.random, self.text_bytes)
            batch.append(json.dumps(harness.post(f"{self.prefix}{self.made}", at=AT, text=text,
                                                 author=f"a{self.made % 50}")).encode())
            self.made += 1
        return batch

    def send(self, server, count):
        """One request. Gives its status, 0 when the connection broke."""
        return self.resend(server, self.make(count))

    def resend(self, server, batch):
        try:
            answer = server.post_lines(batch)
        except (OSError, http.client.HTTPException):
            self.unsure += batch
            return 0
        if answer.status == 200:
            report = answer.json()
            if report["accepted"] + report["duplicates"] != len(batch):
                raise AssertionError(f"a batch of {len(batch)} was answered with {report}")
            self.acknowledged += batch
        else:
            self.refusals[answer.status] += 1
            self.unsure += batch
        return answer.status

    def take_over(self, other):
        """What another client of the same server remembers."""
        self.acknowledged += other.acknowledged
        self.unsure += other.unsure
        self.refusals += other.refusals

    def bodies(self, posts):
        """In batches that a body may hold."""
        size = max(1, min(500, 8_000_000 // (self.text_bytes + 200)))
        return [posts[at:at + size] for at in range(0, len(posts), size)]

    def check(self, server, context):
        """Everything acknowledged is there, nothing twice; what was not acknowledged is sent again, and then all is
        there exactly once, in the log, on the boards and in history."""
        lost = self.lost(server)
        if lost:
            raise AssertionError(f"{context}: {len(lost)} of {len(self.acknowledged)} acknowledged posts are lost, "
                                 f"first {lost[:5]}")
        unsure, self.unsure = self.unsure, []
        for batch in self.bodies(unsure):
            status = self.resend(server, batch)
            if status != 200:
                raise AssertionError(f"{context}: what was not acknowledged is refused with {status}")
        stats = server.settled()
        total = len(self.acknowledged)
        if stats["posts"] != total:
            raise AssertionError(f"{context}: {stats['posts']} posts are stored, {total} were sent")
        if not total:
            return
        whens = [{"at": "2024-01-01T01:00:00Z"}]  # from history
        if "event" in server.arguments:
            whens.append({})  # and live, as the engine counts
        for when in whens:
            top = server.get("/v1/top", window="1h", by="posts", limit=1, **when)["topics"]
            if not top or (top[0]["topic"], top[0]["posts"]) != ("all", total):
                raise AssertionError(f"{context}: the board {when} counts {top}, {total} were sent")

    def lost(self, server):
        """Acknowledged posts that the server does not have. They are sent again, which stores them."""
        lost = []
        for batch in self.bodies(self.acknowledged):
            report = server.post_lines(batch).json()
            if report["duplicates"] != len(batch):
                lost += [json.loads(line)["id"] for line in batch][:report["accepted"]]
        return lost
