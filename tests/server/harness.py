"""Runs the tagswell binary for a test: a fresh folder, a free port, and clients made of the standard library only.

The binary is named by TAGSWELL_BIN; without it the first build found is taken.
"""
import contextlib
import http.client
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.parse

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
READY_SECONDS = 60
STOP_SECONDS = 10
PATIENCE_SECONDS = 60
IDLE_SECONDS = 30  # the server closes a connection after 60


def binary():
    named = os.environ.get("TAGSWELL_BIN")
    for path in [named] if named else [f"{ROOT}/build/{p}/tagswell" for p in ("release", "dev")]:
        if os.access(path, os.X_OK):
            return path
    raise unittest.SkipTest("no tagswell binary: build it or set TAGSWELL_BIN")


def shared_dir():
    """The folder of reference data, or a skip that says so."""
    path = os.environ.get("TAGSWELL_SHARED", os.path.join(ROOT, "..", "shared"))
    if not os.path.isdir(os.path.join(path, "data")):
        raise unittest.SkipTest(f"reference data is absent ({path}); set TAGSWELL_SHARED")
    return path


def environment():
    """Ours without any TAGSWELL_ variable: those configure the server."""
    return {k: v for k, v in os.environ.items() if not k.startswith("TAGSWELL_")}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def run(*arguments, stdin=None, timeout=300, check=True):
    """Runs the program with these arguments; gives the finished process."""
    done = subprocess.run([binary(), *arguments], input=stdin, capture_output=True, timeout=timeout, env=environment())
    if check and done.returncode != 0:
        raise AssertionError(f"tagswell {' '.join(arguments)}: exit {done.returncode}\n{done.stderr.decode()[-3000:]}")
    return done


def check_config(text):
    """`tagswell check-config` on a file with this text; gives the finished process."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "tagswell.toml")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return run("check-config", path, check=False)


class Command:
    """A running `tagswell`, its lines as they come."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([binary(), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env=environment())
        self.lines, self.notices = queue.Queue(), queue.Queue()
        self.readers = [threading.Thread(target=self.read, args=pipe_and_queue, daemon=True) for pipe_and_queue in
                        ((self.process.stdout, self.lines), (self.process.stderr, self.notices))]
        for reader in self.readers:
            reader.start()

    @staticmethod
    def read(pipe, into):
        for line in pipe:
            into.put(line.decode().rstrip("\n"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()

    def take(self, count):
        return [self.lines.get(timeout=PATIENCE_SECONDS) for _ in range(count)]

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=PATIENCE_SECONDS)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


class Server:
    """One server process; its folder outlives stop() and kill(), so start() again is a restart."""

    def __init__(self, config="", clock="event", fsync="never", arguments=(), tls=None):
        self.folder = tempfile.mkdtemp(prefix="tagswell-test-")
        self.data = os.path.join(self.folder, "data")
        self.port = free_port()
        self.config = os.path.join(self.folder, "tagswell.toml")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(config)
        self.arguments = ["--clock", clock, "--fsync", fsync, *arguments]
        self.tls = tls  # an ssl.SSLContext where the configuration has a certificate
        self.extra_environment = {}  # of the server's process, from the next start on
        self.process = None
        self.local = threading.local()
        self.log_path = os.path.join(self.folder, "server.log")

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, trace):
        if kind is not None and not issubclass(kind, unittest.SkipTest):
            print(f"--- end of the server's log ({self.folder})\n{self.log()[-3000:]}\n---")
        self.close()

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self):
        with contextlib.suppress(OSError), open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()
        return ""

    def start(self, wait=True):
        os.makedirs(self.data, exist_ok=True)
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [binary(), "serve", "--config", self.config, "--data", self.data, "--listen", f"127.0.0.1:{self.port}",
                 *self.arguments], stdout=log, stderr=log, env={**environment(), **self.extra_environment})
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, seconds=READY_SECONDS):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}\n{self.log()[-3000:]}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.once("GET", "/readyz").status == 200:
                    return
            time.sleep(0.02)
        raise AssertionError(f"not ready within {seconds} s\n{self.log()[-3000:]}")

    def wait_answering(self, seconds=READY_SECONDS):
        """Until the store is open, whether or not it takes posts."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}\n{self.log()[-3000:]}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                if b"starting" not in self.once("GET", "/readyz").body:
                    return
            time.sleep(0.02)
        raise AssertionError(f"no answer within {seconds} s\n{self.log()[-3000:]}")

    def stop(self, seconds=STOP_SECONDS):
        """SIGTERM; gives the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=seconds)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def restart(self):
        code = self.stop()
        if code != 0:
            raise AssertionError(f"SIGTERM ended with {code}\n{self.log()[-3000:]}")
        self.start()

    # -- HTTP
    def _connect(self, timeout):
        if self.tls:
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout, context=self.tls)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def once(self, method, path, body=None, headers=None, timeout=30):
        """One request on a connection of its own."""
        connection = self._connect(timeout)
        try:
            return self._exchange(connection, method, path, body, headers)
        finally:
            connection.close()

    def request(self, method, path, body=None, headers=None):
        """One request on this thread's kept connection; opened anew when the server was restarted or may have closed it."""
        key = (self.process.pid, self.port)
        if getattr(self.local, "key", None) != key or time.monotonic() - self.local.used > IDLE_SECONDS:
            self.local.key, self.local.connection = key, self._connect(timeout=60)
        self.local.used = time.monotonic()
        try:
            return self._exchange(self.local.connection, method, path, body, headers)
        except (OSError, http.client.HTTPException):
            self.local.key = None
            raise

    @staticmethod
    def _exchange(connection, method, path, body, headers):
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())

    def get(self, path, **query):
        if query:
            path += "?" + urllib.parse.urlencode(query, doseq=True)
        answer = self.request("GET", path)
        if answer.status != 200:
            raise AssertionError(f"GET {path}: {answer}")
        return answer.json()

    def post_json(self, value, path="/v1/posts", **headers):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return self.request("POST", path, body, {"Content-Type": "application/json", **headers})

    def post_lines(self, lines, path="/v1/posts", **headers):
        """NDJSON of posts given as dictionaries or as bytes without a newline."""
        body = b"".join((x if isinstance(x, bytes) else json.dumps(x, ensure_ascii=False).encode()) + b"\n" for x in lines)
        return self.request("POST", path, body, {"Content-Type": "application/x-ndjson", **headers})

    def feed(self, lines, batch=1000):
        """Sends all in order; gives (accepted, duplicates). Waits and repeats on 429."""
        accepted = duplicates = 0
        for at in range(0, len(lines), batch):
            while True:
                answer = self.post_lines(lines[at:at + batch])
                if answer.status != 429:
                    break
                time.sleep(0.05)
            if answer.status not in (200, 201):
                raise AssertionError(f"batch at {at}: {answer}")
            report = answer.json()
            if "rejected" in report and report["rejected"]:
                raise AssertionError(f"batch at {at}: {report}")
            accepted += report.get("accepted", 0)
            duplicates += report.get("duplicates", 0)
        return accepted, duplicates

    def settled(self, seconds=60):
        """Waits until everything accepted is counted; gives /v1/stats."""
        deadline = time.monotonic() + seconds
        while True:
            stats = self.get("/v1/stats")
            if stats["lag_posts"] == 0:
                return stats
            if time.monotonic() > deadline:
                raise AssertionError(f"still not counted after {seconds} s: {stats}")
            time.sleep(0.01)

    def events(self, **query):
        """All events that match, page by page."""
        out, since = [], 0
        while True:
            page = self.get("/v1/events", since=since, limit=1000, **query)
            found = page["events"]
            if not found:
                return out
            out += found
            since = found[-1]["seq"]


def post(number, at="2017-10-15T20:21:45Z", text="hello #world", **fields):
    """A plain valid post."""
    return {"id": str(number), "source": "twitter", "author": f"a{number}", "created_at": at, "text": text, **fields}


def without_epoch(event):
    return {k: v for k, v in event.items() if k != "epoch"}
