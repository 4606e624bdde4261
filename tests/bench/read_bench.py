#!/usr/bin/env python3
"""How long reads take, and whether that grows with the store. Prints JSON lines: p50 and p99 of each kind of call.

usage: read_bench.py [POSTS...]    default 1,000,000 10,000,000: a store of its own each

The load generator's posts, spread over ten days of event time. Each call comes on one kept connection, one after the
other, over HTTP; what the client itself takes is part of the figure. Topics, times and posts are drawn anew for every
call, busy and quiet ones alike. The first calls of each kind, which find nothing cached, are not counted. A kind that
takes long ends after 20 seconds.
"""
import datetime
import http.client
import itertools
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
TAGSWELL = os.path.join(ROOT, "build/release/tagswell")
LOAD = os.path.join(ROOT, "build/release/tests/bench/load/tagswell_load")
BEGIN = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
HOURS = 240
CALLS = 500
CALLS_MIN = 100
KIND_SECONDS = 20
WARM = 20


def figure(bench, value, unit, label):
    print(json.dumps({"bench": bench, "label": label, "value": round(value, 3), "unit": unit}), flush=True)


class Server:
    def __init__(self, folder):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.process = subprocess.Popen([TAGSWELL, "serve", "--data", os.path.join(folder, "data"), "--clock", "event",
                                         "--fsync", "never", "--listen", f"127.0.0.1:{self.port}"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while True:
            try:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
                if self.call("GET", "/readyz")[0] == 200:
                    return
            except OSError:
                pass
            if self.process.poll() is not None:
                sys.exit("the server ended")
            time.sleep(0.05)

    def call(self, method, path, body=None):
        self.connection.request(method, path, body, {"Content-Type": "application/x-ndjson"} if body else {})
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def get(self, path):
        status, body = self.call("GET", path)
        if status != 200:
            sys.exit(f"GET {path}: {status} {body[:300]}")
        return json.loads(body)

    def fill(self, posts):
        with subprocess.Popen([LOAD, "dump", "--posts", str(posts), "--hours", str(HOURS)], stdout=subprocess.PIPE) as dump:
            while body := b"".join(itertools.islice(dump.stdout, 2000)):
                while (status := self.call("POST", "/v1/posts", body)[0]) == 429:
                    time.sleep(0.05)
                if status != 200:
                    sys.exit(f"posts were answered with {status}")
        while self.get("/v1/stats")["lag_posts"] > 0:
            time.sleep(0.05)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def kinds(server, r):
    """Name and path of each kind of read; a path is drawn for every call."""
    topics = [row["topic"] for row in server.get("/v1/top?window=24h&limit=100")["topics"]]
    topic = lambda: r.choice(topics) if r.random() < 0.5 else f"topic{int(50_000 ** r.random()):07}"
    minute = lambda: (BEGIN + datetime.timedelta(minutes=r.randrange(60 * 26, 60 * HOURS))).strftime("%Y-%m-%dT%H:%M:%SZ")
    ids = []
    for name in topics[:50]:
        ids += [(p["source"], p["id"]) for p in server.get(f"/v1/topics/{name}/posts?limit=50")["posts"]]

    def later_page():
        path = f"/v1/topics/{r.choice(topics[:20])}/posts?limit=50"
        following = path
        for _ in range(1 + r.randrange(3)):
            page = server.get(following)
            if page["next"]:
                following = f"{path}&before={urllib.parse.quote(page['next'])}"
        return following

    yield "trends", lambda: "/v1/trends"
    yield "trends_at", lambda: f"/v1/trends?at={minute()}"
    yield "top_1h", lambda: "/v1/top?window=1h&limit=50"
    yield "top_24h_authors", lambda: "/v1/top?window=24h&by=authors&limit=50"
    yield "top_1h_at", lambda: f"/v1/top?window=1h&limit=50&at={minute()}"
    yield "top_24h_at", lambda: f"/v1/top?window=24h&limit=50&at={minute()}"
    asked = []

    def story():
        asked.append(topic())
        return f"/v1/topics/{asked[-1]}"

    yield "topic", story
    yield "topic_again", lambda: f"/v1/topics/{r.choice(asked[-50:])}"
    yield "history_day", lambda: f"/v1/topics/{topic()}/history?step=1m"
    yield "history_all", lambda: f"/v1/topics/{topic()}/history?step=1h&from=2024-01-01T00:00:00Z"
    yield "explain", lambda: f"/v1/topics/{topic()}/explain"
    yield "posts_page", lambda: f"/v1/topics/{topic()}/posts?limit=50"
    yield "posts_later_page", later_page
    yield "post", lambda: "/v1/posts/{}/{}".format(*r.choice(ids))
    yield "events_page", lambda: "/v1/events?since=0&limit=50"
    yield "mastodon_trends", lambda: "/api/v1/trends/tags"
    yield "stats", lambda: "/v1/stats"
    yield "metrics", lambda: "/metrics"


def measure(posts):
    with tempfile.TemporaryDirectory(prefix="tagswell-bench-") as folder:
        server = Server(folder)
        try:
            server.fill(posts)
            r = random.Random(1)
            for name, path in kinds(server, r):
                times = []
                kind_begin = time.perf_counter()
                for i in range(WARM + CALLS):
                    if len(times) >= CALLS_MIN and time.perf_counter() - kind_begin > KIND_SECONDS:
                        break
                    target = path()
                    begin = time.perf_counter()
                    status, body = server.call("GET", target)
                    if i >= WARM:
                        times.append((time.perf_counter() - begin) * 1000)
                    if status not in (200, 404):
                        sys.exit(f"GET {target}: {status} {body[:300]}")
                times.sort()
                for q in (50, 99):
                    figure(f"read_{name}_p{q}", times[int(len(times) * q / 100)], "ms", f"posts={posts}")
        finally:
            server.stop()


for size in sys.argv[1:] or ("1000000", "10000000"):
    measure(int(size))
