"""TLS: what a client, an attacker and an operator with a new certificate see."""
import contextlib
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

from harness import Server, post, run
from streams import WebSocket

WAIT_SECONDS = 20


def make_certificate(folder, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", os.path.join(folder, "key.pem"), "-out", os.path.join(folder, "certificate.pem"),
                    "-days", "2", "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1"],
                   check=True, capture_output=True)


def client(version=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if version:
        context.minimum_version = context.maximum_version = version
    return context


@unittest.skipUnless(shutil.which("openssl"), "no openssl to make a certificate with")
class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="tagswell-tls-")
        make_certificate(cls.folder, "first")
        cls.config = (f'tls_certificate = "{cls.folder}/certificate.pem"\ntls_key = "{cls.folder}/key.pem"\n')
        cls.server = Server(cls.config, tls=client()).start()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()
        shutil.rmtree(cls.folder, ignore_errors=True)

    def connect(self, context=None, server=None):
        plain = socket.create_connection(("127.0.0.1", (server or self.server).port), timeout=WAIT_SECONDS)
        return (context or client()).wrap_socket(plain, server_hostname="127.0.0.1")

    def test_posts_of_many_records_go_in_and_come_out(self):
        lines = [post(f"many{n}", text="#tls " + "x" * 400) for n in range(5000)]
        self.assertEqual(self.server.feed(lines, batch=5000), (5000, 0))
        self.assertEqual(self.server.get("/v1/posts/twitter/many4999")["id"], "many4999")

    def test_a_large_answer_comes_whole(self):
        self.server.feed([post(f"large{n}", text="#large " + "y" * 2000) for n in range(200)])
        self.server.settled()
        page = self.server.get("/v1/topics/large/posts", limit=200)
        self.assertEqual(len(page["posts"]), 200)

    def test_versions_from_1_2_on_and_authenticated_ciphers_only(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.connect(client(version)) as peer:
                self.assertEqual(peer.version(), version.name.replace("_", "."))
        old = client()
        old.set_ciphers("ALL:@SECLEVEL=0")
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        with self.assertRaises(ssl.SSLError):
            self.connect(old)
        weak = client(ssl.TLSVersion.TLSv1_2)
        weak.set_ciphers("ECDHE+AES:!AESGCM:!AESCCM")
        with self.assertRaises(ssl.SSLError):
            self.connect(weak)

    def test_a_websocket_gets_events_and_a_clean_close(self):
        with WebSocket(self.server.port, "/v1/events", tls=client()) as stream:
            self.assertEqual(stream.receive_json()["type"], "hello")
        with WebSocket(self.server.port, "/v1/ingest", tls=client()) as stream:
            stream.send('{"id":"w1","source":"s","author":"a","created_at":"2017-10-15T20:21:45Z","text":"#w"}')
            self.assertEqual(stream.receive_json()["accepted"], 1)

    def test_plain_text_is_not_answered(self):
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=WAIT_SECONDS) as peer:
            peer.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
            with contextlib.suppress(ConnectionResetError):
                self.assertNotIn(b"HTTP/1.1", peer.recv(4096))

    def test_who_never_shakes_hands_is_closed(self):
        start = time.monotonic()
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=WAIT_SECONDS) as peer:
            self.assertEqual(peer.recv(1), b"")
        self.assertLess(time.monotonic() - start, 15)

    def test_a_refused_request_is_answered_and_ended_in_order(self):
        with self.connect() as peer:
            peer.sendall(b"POST /v1/posts HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 100_000)
            answer = b""
            while chunk := peer.recv(65536):
                answer += chunk
            self.assertIn(b" 413 ", answer.split(b"\r\n")[0])
            self.assertIn(b'"code":"body_too_large"', answer)

    def test_a_key_of_another_certificate_ends_the_start(self):
        with tempfile.TemporaryDirectory() as other:
            make_certificate(other, "other")
            config = os.path.join(other, "t.toml")
            with open(config, "w", encoding="utf-8") as f:
                f.write(f'tls_certificate = "{self.folder}/certificate.pem"\ntls_key = "{other}/key.pem"\n')
            done = run("serve", "--config", config, "--data", other + "/data", "--listen", "127.0.0.1:0", check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(b"tls_failed", done.stderr)
            self.assertIn(b"key", done.stderr)


@unittest.skipUnless(shutil.which("openssl"), "no openssl to make a certificate with")
class Renewal(unittest.TestCase):
    def certificate(self, server):
        return ssl.get_server_certificate(("127.0.0.1", server.port))

    def wait_for_log(self, server, words):
        deadline = time.monotonic() + WAIT_SECONDS
        while words not in server.log():
            self.assertLess(time.monotonic(), deadline, server.log()[-2000:])
            self.assertIsNone(server.process.poll())

    def test_sighup_brings_the_new_certificate_and_cuts_nobody(self):
        with tempfile.TemporaryDirectory() as folder:
            make_certificate(folder, "old")
            config = f'tls_certificate = "{folder}/certificate.pem"\ntls_key = "{folder}/key.pem"\n'
            with Server(config, tls=client()) as server:
                before = self.certificate(server)
                with WebSocket(server.port, "/v1/ingest", tls=client()) as stream:
                    make_certificate(folder, "new")
                    server.process.send_signal(signal.SIGHUP)
                    self.wait_for_log(server, "certificate reloaded")
                    after = self.certificate(server)
                    self.assertNotEqual(before, after)

                    with open(os.path.join(folder, "certificate.pem"), "w", encoding="utf-8") as f:
                        f.write("no certificate")
                    server.process.send_signal(signal.SIGHUP)
                    self.wait_for_log(server, "the old certificate stays")
                    self.assertEqual(self.certificate(server), after)

                    stream.send('{"id":"1","source":"s","author":"a","created_at":"2017-10-15T20:21:45Z","text":"#w"}')
                    self.assertEqual(stream.receive_json()["accepted"], 1)
                    self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
