"""POST /api/v1/read as a client by hand meets it. What a real Prometheus makes of it: tests/deploy/test_remote_read.py."""
import concurrent.futures
import struct
import unittest

import harness

READ = "/api/v1/read"
HEADERS = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"}


def varint(number):
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def field(number, value):
    """A protobuf field: a number, or text, or a message that is encoded already."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def matcher(name, value, kind=0):
    return field(1, kind) + field(2, name) + field(3, value)


POSTS = matcher("__name__", "tagswell_topic_posts_total")


def query(start, end, *matchers):
    """A prometheus.Query in seconds."""
    return field(1, start * 1000) + field(2, end * 1000) + b"".join(field(3, of) for of in matchers)


def snappy(data):
    """A block of literals only."""
    out = varint(len(data))
    for at in range(0, len(data), 60):
        piece = data[at:at + 60]
        out += bytes([len(piece) - 1 << 2]) + piece
    return out


def unsnappy(block):
    at, size, shift = 0, 0, 0
    while True:
        size |= (block[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if block[at - 1] < 128:
            break
    out = bytearray()
    while at < len(block):
        tag = block[at]
        kind, at = tag & 3, at + 1
        if kind == 0:
            length = (tag >> 2) + 1
            if length > 60:
                more = length - 60
                length = int.from_bytes(block[at:at + more], "little") + 1
                at += more
            out += block[at:at + length]
            at += length
            continue
        if kind == 1:
            length, offset, more = (tag >> 2 & 7) + 4, (tag >> 5) << 8 | block[at], 1
        else:
            more = 2 if kind == 2 else 4
            length, offset = (tag >> 2) + 1, int.from_bytes(block[at:at + more], "little")
        at += more
        for _ in range(length):
            out.append(out[-offset])
    assert len(out) == size
    return bytes(out)


def fields(data):
    """(number, value) of each field of a message."""
    def read_varint():
        nonlocal at
        number, shift = 0, 0
        while True:
            byte = data[at]
            at, number, shift = at + 1, number | (byte & 127) << shift, shift + 7
            if byte < 128:
                return number

    at = 0
    while at < len(data):
        key = read_varint()
        if key & 7 == 0:
            yield key >> 3, read_varint()
        elif key & 7 == 1:
            yield key >> 3, struct.unpack("<d", data[at:at + 8])[0]
            at += 8
        else:
            length = read_varint()
            yield key >> 3, data[at:at + length]
            at += length


def series(message):
    """({label: value}, [(seconds, value)]) of a prometheus.TimeSeries."""
    labels, samples = {}, []
    for number, value in fields(message):
        inner = dict(fields(value))
        if number == 1:
            labels[inner[1].decode()] = inner[2].decode()
        else:
            samples.append((inner[2] // 1000, inner.get(1, 0.0)))
    return labels, samples


class RemoteRead(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = harness.Server().start()
        cls.server.feed([harness.post(i, at=f"2017-10-15T20:{i:02}:30Z", text=text) for i, text in
                         enumerate(("#rain", "#rain #sun", "", "#Rain"))])
        cls.server.settled()
        cls.at = 1508097600  # 20:00

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def post(self, body, **headers):
        return self.server.once("POST", READ, body, {**HEADERS, **headers})

    def read(self, *queries):
        answer = self.post(snappy(b"".join(field(1, of) for of in queries)))
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.headers["content-type"], "application/x-protobuf")
        self.assertEqual(answer.headers["content-encoding"], "snappy")
        return [[series(of) for _, of in fields(result)] for _, result in fields(unsnappy(answer.body))]

    def refused(self, body, status, code, **headers):
        answer = self.post(body, **headers)
        self.assertEqual((answer.status, answer.json()["code"]), (status, code), answer)
        self.assertEqual(answer.headers["content-type"], "application/problem+json")

    def test_a_counter_a_minute_that_starts_at_zero(self):
        (rain, sun), = self.read(query(self.at, self.at + 180, POSTS))
        labels = {"__name__": "tagswell_topic_posts_total", "scope": "world"}
        self.assertEqual(rain, ({**labels, "topic": "rain"}, [(self.at + 60 * i, n) for i, n in enumerate((0, 1, 2, 2))]))
        self.assertEqual(sun, ({**labels, "topic": "sun"}, [(self.at + 60 * i, n) for i, n in enumerate((0, 0, 1, 1))]))

    def test_results_come_in_the_order_of_the_queries(self):
        authors = matcher("__name__", "tagswell_topic_authors")
        first, none, last = self.read(query(self.at, self.at + 60, POSTS),
                                      query(self.at, self.at + 60, matcher("__name__", "up")),
                                      query(self.at + 120, self.at + 120, authors, matcher("topic", "rain")))
        self.assertEqual([labels["topic"] for labels, _ in first], ["rain"])
        self.assertEqual(none, [])
        self.assertEqual(last, [({"__name__": "tagswell_topic_authors", "scope": "world", "topic": "rain"},
                                 [(self.at + 120, 2)])])

    def test_the_range_is_cut_to_what_there_is(self):
        (rain, _), = self.read(query(0, self.at + 10**9, POSTS))
        self.assertEqual((rain[1][0], rain[1][-1]), ((self.at, 0), (self.at + 240, 3)))
        self.assertEqual(self.read(query(self.at + 10**6, self.at + 10**9, POSTS)), [[]])
        self.assertEqual(self.read(), [])

    def test_what_is_wrong_is_named(self):
        good = field(1, query(self.at, self.at + 60, POSTS))
        self.refused(b"", 400, "malformed_encoding")
        self.refused(b"\xff\xff\xff\xff\xff", 400, "malformed_encoding")
        self.refused(snappy(good)[:-1], 400, "malformed_encoding")
        self.refused(snappy(b"\xff" + good), 400, "malformed_protobuf")
        self.refused(snappy(good), 400, "malformed_protobuf", **{"Content-Encoding": "identity"})
        self.refused(snappy(good), 415, "unsupported_media_type", **{"Content-Type": "application/json"})
        self.refused(snappy(good), 415, "unsupported_encoding", **{"Content-Encoding": "br"})
        self.refused(snappy(good + field(2, 1)), 400, "unsupported_response_type")
        self.refused(snappy(good * 11), 400, "too_many_queries")
        self.refused(snappy(field(1, query(self.at, self.at + 60, matcher("topic", "rain")))), 400, "missing_metric")
        self.refused(snappy(field(1, query(self.at, self.at + 60, POSTS, matcher("topic", "(", 2)))), 400, "bad_matcher")
        self.refused(snappy(good + field(9, b"x" * (64 << 10))), 413, "body_too_large")
        self.refused(varint(1 << 30) + b"\0x", 413, "body_too_large")
        many = matcher("topic", "|".join(map(str, range(20_000))), 2)
        self.refused(snappy(field(1, query(0, 10**10, POSTS, many))), 413, "body_too_large")
        self.assertEqual(self.server.once("GET", READ).status, 405)
        self.assertEqual(self.server.once("POST", READ + "?a=1", b"", HEADERS).status, 400)

    def test_many_at_once_are_answered_or_told_to_come_back(self):
        body = snappy(field(1, query(0, self.at + 10**9, POSTS)))
        with concurrent.futures.ThreadPoolExecutor(40) as pool:
            answers = list(pool.map(lambda _: self.post(body), range(200)))
        self.assertLessEqual({answer.status for answer in answers}, {200, 429})
        good = [answer.body for answer in answers if answer.status == 200]
        self.assertTrue(good)
        self.assertEqual(len(set(good)), 1)
        self.assertTrue(all(a.headers["retry-after"] == "1" for a in answers if a.status == 429))


if __name__ == "__main__":
    unittest.main()
