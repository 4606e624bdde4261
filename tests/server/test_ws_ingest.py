"""GET /v1/ingest upgraded to a WebSocket."""
import json
import unittest

import harness
import streams
from harness import post


def lines(*posts):
    return "\n".join(json.dumps(p) for p in posts)


class WebSocketIngest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = harness.Server(fsync="always").start()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def test_each_message_is_acknowledged_in_order(self):
        with streams.WebSocket(self.server.port, "/v1/ingest") as ws:
            for k in range(200):
                ws.send(lines(*(post(f"ws-{k}-{i}") for i in range(k % 7 + 1))))
            for k in range(200):
                ack = ws.receive_json()
                self.assertEqual((ack["ack"], ack["accepted"]), (k + 1, k % 7 + 1), ack)

    def test_binary_messages_are_the_same(self):
        with streams.WebSocket(self.server.port, "/v1/ingest") as ws:
            ws.send(lines(post("bin-1"), post("bin-2")), streams.BINARY)
            self.assertEqual(ws.receive_json()["accepted"], 2)

    def test_bad_lines_are_reported_and_the_rest_is_stored(self):
        with streams.WebSocket(self.server.port, "/v1/ingest") as ws:
            ws.send(lines(post("mixed-1"), {"id": "x"}, post("mixed-2"), post("mixed-1")))
            ack = ws.receive_json()
            self.assertEqual((ack["accepted"], ack["duplicates"], ack["rejected"]), (2, 1, 1))
            self.assertEqual(ack["errors"][0]["line"], 2)

    def test_what_was_not_acknowledged_can_be_sent_again(self):
        with streams.WebSocket(self.server.port, "/v1/ingest") as ws:
            ws.send(lines(post("again-1")))
        with streams.WebSocket(self.server.port, "/v1/ingest") as ws:
            ws.send(lines(post("again-1"), post("again-2")))
            ack = ws.receive_json()
            self.assertEqual(ack["ack"], 1)
            self.assertEqual(ack["accepted"] + ack["duplicates"], 2)

    def test_without_an_upgrade_it_is_426(self):
        self.assertEqual(self.server.request("GET", "/v1/ingest").status, 426)


if __name__ == "__main__":
    unittest.main()
