"""RFC 6455 over raw sockets, against a route that echoes: the sessions are the server's own (websocket_echo)."""
import os
import socket
import struct
import subprocess
import unittest

import harness
import streams
from streams import BINARY, CLOSE, PING, PONG, TEXT

CONTINUATION = 0
MESSAGE_BYTES_MAX = 16 * 1024 * 1024


def setUpModule():
    global echo, port
    path = os.environ.get("TAGSWELL_ECHO_BIN", os.path.join(harness.ROOT, "build", "dev", "tests", "server", "websocket_echo"))
    if not os.access(path, os.X_OK):
        raise unittest.SkipTest("no websocket_echo binary: build it or set TAGSWELL_ECHO_BIN")
    echo = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=harness.environment())
    port = int(echo.stdout.readline().split()[1])


def tearDownModule():
    echo.stdin.close()
    ended = echo.wait(timeout=10)
    echo.stdout.close()
    assert ended == 0, f"websocket_echo ended with {ended}"


def frame(opcode, payload=b"", fin=True, reserved=0, mask=b"\x12\xa4\x00\x7f", length=None, length_bytes=None):
    """One frame as it goes over the wire. `length` is a lie, `length_bytes` the form: 0, 2 or 8 bytes behind the byte."""
    length = len(payload) if length is None else length
    if length_bytes is None:
        length_bytes = 0 if length < 126 else 2 if length < 1 << 16 else 8
    short = length if length_bytes == 0 else 126 if length_bytes == 2 else 127
    head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode, (0x80 if mask else 0) | short])
    head += length.to_bytes(length_bytes, "big") if length_bytes else b""
    if not mask:
        return head + payload
    whole = (mask * (len(payload) // 4 + 1))[:len(payload)]
    return head + mask + (int.from_bytes(payload, "big") ^ int.from_bytes(whole, "big")).to_bytes(len(payload), "big")


def close(code, reason=b""):
    return frame(CLOSE, struct.pack(">H", code) + reason)


class Peer(streams.WebSocket):
    """Sees every frame, control frames too."""

    def __init__(self):
        super().__init__(port, "/echo", timeout=20)

    def next(self):
        """(opcode, payload) of a server's frame, which must be whole and unmasked; None at the end."""
        try:
            first, second = self._take(2)
            assert first & 0xF0 == 0x80 and second < 0x80, (first, second)
            size = second
            if size >= 126:
                size = int.from_bytes(self._take(2 if size == 126 else 8), "big")
            return first & 0x0F, self._take(size)
        except streams.Closed:
            return None

    def story(self, sent, whole=True):
        """Sends these bytes, at once or byte by byte, and gives all that comes back: a close is its code alone."""
        try:
            if whole:
                self.socket.sendall(sent)
            else:
                for i in range(len(sent)):
                    self.socket.sendall(sent[i:i + 1])
        except (BrokenPipeError, ConnectionResetError):
            pass  # the server had enough: what it said is still to be read
        told = []
        while True:
            got = self.next()
            if got is None:
                return told
            opcode, payload = got
            if opcode == CLOSE:
                told.append(struct.unpack(">H", payload[:2])[0] if payload else 1005)
                payload[2:].decode("utf-8")
                continue
            told.append((opcode, payload))


BYE = close(1000)


class Sessions(unittest.TestCase):
    def assert_story(self, sent, told):
        for whole in (True, False) if len(sent) < 4096 else (True,):
            with self.subTest(sent=sent[:60], whole=whole), Peer() as peer:
                self.assertEqual(peer.story(sent, whole), told)

    def test_messages_of_every_size_come_back_in_their_kind(self):
        for opcode in (TEXT, BINARY):
            for size in (0, 1, 125, 126, 127, 128, 65535, 65536, 1 << 20):
                payload = bytes(ord("a") + i % 26 for i in range(size))
                self.assert_story(frame(opcode, payload) + BYE, [(opcode, payload), 1000])

    def test_bytes_that_are_no_text_come_back_as_binary(self):
        self.assert_story(frame(BINARY, b"\xff\xfe\x00") + BYE, [(BINARY, b"\xff\xfe\x00"), 1000])

    def test_any_mask_is_taken_off(self):
        for mask in (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x01\x02\x03\x04"):
            self.assert_story(frame(TEXT, b"masked text", mask=mask) + BYE, [(TEXT, b"masked text"), 1000])

    def test_lengths_in_longer_forms_are_understood(self):
        for length_bytes in (2, 8):
            self.assert_story(frame(TEXT, b"abc", length_bytes=length_bytes) + BYE, [(TEXT, b"abc"), 1000])

    def test_fragments_become_one_message(self):
        parts = [b"f", b"", b"rag", b"", b"ments"]
        for opcode in (TEXT, BINARY):
            sent = frame(opcode, parts[0], fin=False) + b"".join(frame(CONTINUATION, p, fin=False) for p in parts[1:])
            self.assert_story(sent + frame(CONTINUATION, b"") + BYE, [(opcode, b"fragments"), 1000])
        empty = frame(TEXT, fin=False) + frame(CONTINUATION, fin=False) + frame(CONTINUATION)
        self.assert_story(empty + BYE, [(TEXT, b""), 1000])
        many = frame(TEXT, b"0", fin=False) + frame(CONTINUATION, b"1", fin=False) * 5_000 + frame(CONTINUATION, b"2")
        self.assert_story(many + BYE, [(TEXT, b"0" + b"1" * 5_000 + b"2"), 1000])

    def test_control_frames_may_stand_between_fragments(self):
        sent = (frame(TEXT, b"a", fin=False) + frame(PING, b"one") + frame(CONTINUATION, b"b", fin=False) + frame(PONG, b"unasked")
                + frame(PING, b"two") + frame(CONTINUATION, b"c"))
        self.assert_story(sent + BYE, [(PONG, b"one"), (PONG, b"two"), (TEXT, b"abc"), 1000])

    def test_a_character_may_be_split_between_fragments(self):
        text = "κόσμε \U0001f389".encode()
        sent = frame(TEXT, text[:1], fin=False) + b"".join(frame(CONTINUATION, text[i:i + 1], fin=False) for i in range(1, len(text)))
        self.assert_story(sent + frame(CONTINUATION) + BYE, [(TEXT, text), 1000])

    def test_pings_are_answered_with_their_payload(self):
        for payload in (b"", b"hello", b"\x00\xff\xfe", b"p" * 125):
            self.assert_story(frame(PING, payload) + BYE, [(PONG, payload), 1000])
        self.assert_story(b"".join(frame(PING, b"%d" % i) for i in range(10)) + BYE, [(PONG, b"%d" % i) for i in range(10)] + [1000])

    def test_pongs_nobody_asked_for_are_passed_over(self):
        self.assert_story(frame(PONG) + frame(PONG, b"x" * 125) + frame(TEXT, b"a") + BYE, [(TEXT, b"a"), 1000])

    def test_messages_before_a_breach_are_still_answered(self):
        self.assert_story(frame(TEXT, b"good") + frame(TEXT, b"bad", reserved=2) + frame(TEXT, b"ignored"), [(TEXT, b"good"), 1002])

    def test_breaches_of_framing_end_it_with_1002(self):
        for sent in (frame(TEXT, b"a", mask=None), frame(PING, b"a", mask=None), frame(CLOSE, b"\x03\xe8", mask=None),
                     *(frame(opcode, b"a") for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)),
                     *(frame(opcode, b"a", reserved=bits) for opcode in (TEXT, PING, CLOSE, CONTINUATION) for bits in range(1, 8)),
                     frame(CONTINUATION, b"a"), frame(CONTINUATION, b"a", fin=False),
                     frame(TEXT, b"a", fin=False) + frame(TEXT, b"b"), frame(TEXT, b"a", fin=False) + frame(BINARY, b"b"),
                     *(frame(opcode, b"a", fin=False) for opcode in (PING, PONG, CLOSE)),
                     *(frame(opcode, b"a" * 126) for opcode in (PING, PONG, CLOSE)),
                     frame(TEXT, b"a", fin=False) + frame(PING, b"a", fin=False),
                     frame(BINARY, length=1 << 63, length_bytes=8), frame(BINARY, length=(1 << 64) - 1, length_bytes=8)):
            self.assert_story(sent, [1002])

    def test_text_that_is_no_utf8_ends_it_with_1007(self):
        for text in (b"\xff", b"abc\x80", b"\xc0\xaf", b"\xc1\xbf", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf", b"\xed\xa0\x80", b"\xed\xbf\xbf",
                     b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xfe", b"\xe2\x82", b"\xf0\x9f\x8e", "κόσμε".encode() + b"\xed\xa0\x80 edited"):
            self.assert_story(frame(TEXT, text), [1007])
            self.assert_story(frame(TEXT, text[:1], fin=False) + frame(CONTINUATION, text[1:]), [1007])

    def test_every_character_is_text(self):
        for text in ("\0", "\x7f", "\x80", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\ufffd", "\ufffe", "\uffff", "\U00010000", "\U0010ffff"):
            self.assert_story(frame(TEXT, text.encode()) + BYE, [(TEXT, text.encode()), 1000])

    def test_a_close_is_answered_with_its_code(self):
        for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999):
            self.assert_story(close(code, b"a reason"), [code])
        self.assert_story(frame(CLOSE), [1005])
        self.assert_story(close(1000, b"r" * 123), [1000])
        self.assert_story(close(1000, "κόσμε".encode()), [1000])

    def test_a_close_that_must_not_be_sent_ends_it_with_1002(self):
        for code in (0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535):
            self.assert_story(close(code), [1002])
        self.assert_story(frame(CLOSE, b"\x03"), [1002])

    def test_a_close_reason_that_is_no_utf8_ends_it_with_1007(self):
        self.assert_story(close(1000, b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80"), [1007])

    def test_nothing_behind_a_close_is_heard(self):
        for more in (frame(TEXT, b"a"), frame(PING, b"a"), close(1001), frame(3, b"a"), b"\xff" * 100):
            self.assert_story(BYE + more, [1000])
        self.assert_story(frame(TEXT, b"half", fin=False) + BYE + frame(CONTINUATION, b"way"), [1000])

    def test_messages_end_at_their_bound(self):
        large = b"x" * MESSAGE_BYTES_MAX
        self.assert_story(frame(BINARY, large) + BYE, [(BINARY, large), 1000])
        self.assert_story(frame(BINARY, large + b"y"), [1009])
        half = large[:MESSAGE_BYTES_MAX // 2]
        self.assert_story(frame(BINARY, half, fin=False) + frame(CONTINUATION, half, fin=False) + frame(CONTINUATION, b"y"), [1009])
        for length in (MESSAGE_BYTES_MAX + 1, 1 << 40, (1 << 63) - 1):  # a stranger's word costs nothing
            self.assert_story(frame(BINARY, length=length, length_bytes=8), [1009])

    def test_a_peer_that_leaves_without_a_word_hurts_nobody(self):
        for half in (b"", b"\x81", frame(TEXT, b"hello")[:7], frame(TEXT, b"a", fin=False), frame(TEXT, b"x" * 100_000)):
            peer = Peer()
            peer.socket.sendall(half)
            peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset
            peer.socket.close()
        self.assert_story(frame(TEXT, b"still there") + BYE, [(TEXT, b"still there"), 1000])


class Upgrades(unittest.TestCase):
    GOOD = {"Host": "a", "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}

    def ask(self, method="GET", version="HTTP/1.1", **changes):
        fields = {**self.GOOD, **{k.replace("_", "-"): v for k, v in changes.items()}}
        with socket.create_connection(("127.0.0.1", port), timeout=20) as s:
            head = "".join(f"{k}: {v}\r\n" for k, v in fields.items() if v is not None)
            s.sendall(f"{method} /echo {version}\r\n{head}\r\n".encode())
            lines = s.recv(65536).decode().split("\r\n")
            return int(lines[0].split()[1]), {k.lower(): v for k, _, v in (x.partition(": ") for x in lines[1:])}

    def test_the_key_of_the_rfc_gets_its_answer_and_no_extension(self):
        status, fields = self.ask(Sec_WebSocket_Extensions="permessage-deflate; client_max_window_bits")
        self.assertEqual((status, fields["sec-websocket-accept"]), (101, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
        self.assertNotIn("sec-websocket-extensions", fields)
        self.assertNotIn("sec-websocket-protocol", self.ask(Sec_WebSocket_Protocol="chat, superchat")[1])

    def test_names_are_read_in_any_case_and_in_lists(self):
        self.assertEqual(self.ask(Connection="keep-alive, uPGRADE", Upgrade="WebSocket")[0], 101)

    def test_what_is_no_upgrade_is_refused(self):
        for changes, status in (({"Sec_WebSocket_Key": None}, 400), ({"Sec_WebSocket_Key": "short"}, 400), ({"Sec_WebSocket_Key": "?" * 22 + "=="}, 400),
                                ({"Sec_WebSocket_Version": "8"}, 426), ({"Sec_WebSocket_Version": None}, 426), ({"Connection": "close"}, 426),
                                ({"Upgrade": "h2c"}, 426), ({"version": "HTTP/1.0"}, 400), ({"method": "POST"}, 405), ({"Host": None}, 400),
                                ({"Content_Length": "5"}, 400), ({"Origin": "https://elsewhere.example"}, 403)):
            with self.subTest(**changes):
                self.assertEqual(self.ask(**changes)[0], status)
        self.assertEqual(self.ask(Sec_WebSocket_Version="8")[1]["sec-websocket-version"], "13")


if __name__ == "__main__":
    unittest.main()
