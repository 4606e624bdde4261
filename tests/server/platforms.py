"""Platforms as `tagswell connect` meets them: they play what they are given, and misbehave as they are told.

Each takes a plan: what to do with one connection after another. The last entry stays for all that come later.
"""
import base64
import hashlib
import json
import socket
import struct
import threading
import urllib.parse


class Platform:
    """Listens on a port of its own; every connection gets a thread and the next entry of the plan."""

    def __init__(self, plan, tls=None):
        self.plan, self.tls = list(plan), tls
        self.lock = threading.Condition()
        self.requests = []  # (path, query, headers), in order
        self.open = set()
        self.closing = False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with self.lock:
            self.closing = True
            self.lock.notify_all()
            for connection in self.open:
                self.end(connection)
        self.listener.close()

    @staticmethod
    def end(connection):
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with self.lock:
                self.open.add(connection)
            head = b""
            while b"\r\n\r\n" not in head:
                piece = connection.recv(65536)
                if not piece:
                    return
                head += piece
            lines = head.decode("latin-1").split("\r\n")
            headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
            target = urllib.parse.urlsplit(lines[0].split(" ")[1])
            query = dict(urllib.parse.parse_qsl(target.query))
            with self.lock:
                self.requests.append((target.path, query, headers))
                self.on_request(query)
                self.lock.notify_all()
            self.answer(connection, target.path, query, headers)
        except (OSError, ValueError):
            pass
        finally:
            with self.lock:
                self.open.discard(connection)
            connection.close()

    def on_request(self, query):
        """Under the lock."""

    def is_gone(self, connection):
        """Whether the peer has closed it. Of TLS it is not known."""
        try:
            return not self.tls and not connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False

    def next_step(self):
        with self.lock:
            return self.plan.pop(0) if len(self.plan) > 1 else self.plan[0]

    def wait_for(self, condition, seconds=60):
        with self.lock:
            if not self.lock.wait_for(condition, seconds):
                raise AssertionError(f"the platform waited in vain; it was asked {self.requests}")

    def hold(self, seconds=None):
        """Leaves the connection open and silent, until the test is over."""
        with self.lock:
            self.lock.wait_for(lambda: self.closing, seconds)

    @staticmethod
    def refuse(connection, status, headers=(), body=b"{}"):
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
        connection.sendall((head + "".join(f"{k}: {v}\r\n" for k, v in headers) + "\r\n").encode() + body)


def frame(data, opcode=1):
    size = len(data)
    head = bytes([0x80 | opcode])
    if size < 126:
        return head + bytes([size]) + data
    if size < 1 << 16:
        return head + bytes([126]) + struct.pack(">H", size) + data
    return head + bytes([127]) + struct.pack(">Q", size) + data


class Jetstream(Platform):
    """`messages` are (time_us, bytes), by time. A connection without a cursor gets them from the first on.

    Steps: ("refuse", status, headers), ("redirect", location), ("play", count, then, first): `count` messages, None for
    all there are and will be; `then` is "drop", "reset", "stall", "close", "garbage" or "hold"; `first`: bytes ahead.
    """

    def __init__(self, messages, plan, keeps_from=0, tls=None):
        self.messages, self.keeps_from = list(messages), keeps_from
        self.sent_before = []  # by request: the newest_sent of then
        self.newest_sent = 0  # the time of the last message that left
        super().__init__(plan, tls)

    @property
    def url(self):
        return f"{'wss' if self.tls else 'ws'}://127.0.0.1:{self.port}"

    def add(self, messages):
        with self.lock:
            self.messages += messages
            self.lock.notify_all()

    def on_request(self, query):
        self.sent_before.append(self.newest_sent)

    def cursors(self):
        return [int(query["cursor"]) if "cursor" in query else None for _, query, _ in self.requests]

    def answer(self, connection, path, query, headers):
        step = self.next_step()
        if step[0] == "refuse":
            return self.refuse(connection, step[1], step[2])
        if step[0] == "redirect":
            return self.refuse(connection, 302, [("Location", step[1])])
        key = headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        connection.sendall(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            f"Sec-WebSocket-Accept: {accept}\r\n\r\n").encode())
        _, count, then, first = (step + (None, None))[:4]
        if first:
            connection.sendall(first)
        since = max(int(query.get("cursor", 0)), self.keeps_from)
        number = next((i for i, (at, _) in enumerate(self.messages) if at >= since), len(self.messages))
        sent = 0
        while count is None or sent < count:
            with self.lock:
                self.lock.wait_for(lambda: self.closing or number < len(self.messages))
                if self.closing:
                    return None
                at, data = self.messages[number]
                self.newest_sent = max(self.newest_sent, at)
            connection.sendall(frame(data))
            number, sent = number + 1, sent + 1
        return self.misbehave(connection, then)

    def misbehave(self, connection, then):
        if then == "drop":  # in the middle of a frame
            connection.sendall(frame(b"x" * 100)[:50])
        elif then == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif then == "close":
            connection.sendall(frame(struct.pack(">H", 1012) + b"restart", opcode=8))
        elif then == "garbage":  # no frame of WebSocket
            connection.sendall(b"\xff" * 64)
            self.hold(10)
        else:
            self.hold()


class Mastodon(Platform):
    """Streams `live` messages (event, data) and pages `statuses`, as {id: status}.

    Steps are for the stream alone: ("refuse", status, headers), ("play", count, then): "drop", "stall" or "hold".
    `pages` is a plan for the pages: "ok" or ("refuse", status, headers).
    """

    def __init__(self, plan, live=(), pages=("ok",), streaming=None, tls=None):
        self.live, self.statuses = list(live), {}
        self.pages, self.streaming = list(pages), streaming
        self.heard = 0  # of `live`: who is not connected misses them
        super().__init__(plan, tls)

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def add(self, live=(), statuses=()):
        """Messages of the stream, and what the timeline has besides."""
        with self.lock:
            for status in statuses:
                self.statuses[int(status["id"])] = status
            self.live += live
            self.lock.notify_all()

    def answer(self, connection, path, query, headers):
        if path == "/api/v2/instance":
            body = {"configuration": {"urls": {"streaming": self.streaming}}} if self.streaming else {}
            return self.refuse(connection, 200, body=json.dumps(body).encode())
        if path == "/api/v1/timelines/public":
            return self.page(connection, query)
        step = self.next_step()
        if step[0] == "refuse":
            return self.refuse(connection, step[1], step[2])
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n:)\n\n")
        _, count, then = step
        sent = 0
        while count is None or sent < count:
            with self.lock:
                self.lock.wait_for(lambda: self.closing or self.heard < len(self.live))
                if self.closing or self.is_gone(connection):
                    return None
                event, data = self.live[self.heard]
                self.heard += 1
            lines = "".join(f"data: {line}\n" for line in data.split("\n"))
            connection.sendall(f"event: {event}\n{lines}\n:thump\n".encode())
            sent += 1
        if then == "drop":
            return connection.sendall(b"event: update\ndata: {\"id\":")
        return self.hold()

    def page(self, connection, query):
        with self.lock:
            step = self.pages.pop(0) if len(self.pages) > 1 else self.pages[0]
            newer = sorted(i for i in self.statuses if i > int(query["min_id"]))[:int(query["limit"])]
            body = json.dumps([self.statuses[i] for i in reversed(newer)], indent=1).encode()
        if step == "ok":
            return self.refuse(connection, 200, body=body)
        return self.refuse(connection, step[1], step[2])
