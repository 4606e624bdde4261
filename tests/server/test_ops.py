"""What operators touch: health, metrics, stopping, configuration, and the program's other commands."""
import csv
import datetime
import gzip
import io
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest

import harness
import streams
from harness import post

SAMPLE = re.compile(r'^[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\.)*",?)*\})? (\S+)( \d+)?$')


class Health(unittest.TestCase):
    def test_alive_and_ready(self):
        with harness.Server() as server:
            for path in ("/livez", "/readyz"):
                self.assertEqual(server.request("GET", path).status, 200)

    def test_metrics_are_prometheus_text(self):
        with harness.Server() as server:
            server.feed([post(i, text="#metric") for i in range(10)] + [post(1)])
            server.post_lines([b"{}"])
            server.settled()
            answer = server.request("GET", "/metrics")
            self.assertEqual(answer.status, 200)
            self.assertTrue(answer.headers["content-type"].startswith("text/plain"))
            text = answer.body.decode()
            names = set()
            for line in text.splitlines():
                if line and not line.startswith("#"):
                    self.assertRegex(line, SAMPLE)
                    float(SAMPLE.match(line).group(3))
                    names.add(re.split(r"[ {]", line)[0])
            for name in ("tagswell_posts_accepted_total", "tagswell_posts_rejected_total", "tagswell_queue_posts",
                         "tagswell_commit_seconds_count", "tagswell_engine_lag_posts", "tagswell_topics_live",
                         "tagswell_memory_bytes", "tagswell_subscribers"):
                self.assertIn(name, names)
            self.assertRegex(text, r"(?m)^tagswell_posts_accepted_total 10$")
            if shutil.which("promtool"):
                done = subprocess.run(["promtool", "check", "metrics"], input=answer.body, capture_output=True)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_board_and_the_contract_are_served(self):
        with harness.Server() as server:
            self.assertIn(b"<html", server.request("GET", "/").body.lower())


class Stopping(unittest.TestCase):
    def test_sigterm_under_load_answers_what_it_accepted_and_exits_0(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with harness.Server(fsync="always") as server:
                acknowledged = []

                def send():
                    k = 0
                    try:
                        while True:
                            if server.post_lines([post(f"{k}-{i}") for i in range(20)]).status != 200:
                                return
                            acknowledged.append(k)
                            k += 1
                    except (OSError, harness.http.client.HTTPException):
                        pass

                thread = threading.Thread(target=send)
                thread.start()
                while len(acknowledged) < 20:
                    harness.time.sleep(0.005)
                server.process.send_signal(number)
                self.assertEqual(server.process.wait(timeout=10), 0, server.log()[-2000:])
                thread.join()
                server.start()
                stored = server.settled()["posts"]
                self.assertGreaterEqual(stored, 20 * len(acknowledged))
                self.assertEqual(stored % 20, 0)

    def test_an_open_subscriber_does_not_hold_it_up(self):
        with harness.Server() as server, streams.WebSocket(server.port, "/v1/events") as ws:
            ws.receive()
            server.process.send_signal(signal.SIGTERM)
            with self.assertRaises(streams.Closed) as closed:
                while True:
                    ws.receive()
            self.assertEqual(closed.exception.code, 1001)
            self.assertEqual(server.process.wait(timeout=10), 0)


class Configuration(unittest.TestCase):
    def refused(self, config="", arguments=()):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "c.toml")
            with open(path, "w", encoding="utf-8") as f:
                f.write(config)
            done = harness.run("serve", "--config", path, "--data", os.path.join(folder, "d"), *arguments, timeout=20, check=False)
            self.assertNotEqual(done.returncode, 0)
            return (done.stderr + done.stdout).decode()

    def test_messages_name_the_key(self):
        for config, key in [("lateness_seconds = -1\n", "lateness_seconds"), ("latenes = 3\n", "latenes"),
                            ('fsync = "sometimes"\n', "fsync"), ('clock = 7\n', "clock"), ('listen = "nowhere"\n', "listen"),
                            ('listen = "0.0.0.0:8080"\n', "listen"), ("milestones = [5, 1]\n", "milestones"),
                            ('[[alias]]\ntopic = ""\n', "alias")]:
            with self.subTest(config=config):
                self.assertIn(key, self.refused(config))
        self.assertIn("fsync", self.refused(arguments=["--fsync", "sometimes"]))

    def test_check_config_says_what_serve_would(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "c.toml")
            with open(path, "w", encoding="utf-8") as f:
                f.write("lateness_seconds = 10\n")
            self.assertEqual(harness.run("check-config", path, check=False).returncode, 0)
            with open(path, "w", encoding="utf-8") as f:
                f.write("lateness_seconds = -1\n")
            done = harness.run("check-config", path, check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("lateness_seconds", (done.stderr + done.stdout).decode())

    def test_a_second_server_on_the_same_folder_is_refused(self):
        with harness.Server() as server:
            done = harness.run("serve", "--data", server.data, "--listen", f"127.0.0.1:{harness.free_port()}", timeout=20, check=False)
            self.assertNotEqual(done.returncode, 0)


class Commands(unittest.TestCase):
    def test_version(self):
        self.assertIn(b"0.1", harness.run("version").stdout)

    def test_replay_of_plain_gz_and_zst_tells_the_same_story(self):
        lines = harness.run("synth", "--scenario", "metoo", "--scale", "200").stdout
        stories = []
        with tempfile.TemporaryDirectory() as folder:
            plain = os.path.join(folder, "m.ndjson")
            with open(plain, "wb") as f:
                f.write(lines)
            with gzip.open(plain + ".gz", "wb") as f:
                f.write(lines)
            subprocess.run(["zstd", "-q", plain], check=True)
            for path in (plain, plain + ".gz", plain + ".zst"):
                events = path + ".events"
                harness.run("replay", path, "--events", events)
                with open(events, "rb") as f:
                    stories.append(f.read())
        told = [json.loads(line) for line in stories[0].splitlines()]
        self.assertTrue(any(e["topic"] == "metoo" and e["type"] == "started" for e in told))
        self.assertTrue(stories[0] == stories[1] == stories[2], "the same posts gave other events")

    def test_replay_into_a_server_stores_every_post(self):
        lines = harness.run("synth", "--scenario", "metoo", "--scale", "500").stdout
        with harness.Server() as server:
            harness.run("replay", "--to", f"http://127.0.0.1:{server.port}", "-", stdin=lines)
            self.assertEqual(server.settled()["posts"], len(lines.splitlines()))

    def test_score_marks_a_burst(self):
        rows = ["timestamp,value"]
        for i in range(2_000):
            value = 20 + i % 7 + (400 if 1_500 <= i < 1_506 else 0)
            rows.append(f"{stamp(i)},{value}")
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "series.csv")
            with open(path, "w", encoding="utf-8") as f:
                f.write("\n".join(rows) + "\n")
            out = list(csv.DictReader(io.StringIO(harness.run("score", path).stdout.decode())))
        self.assertEqual(len(out), 2_000)
        self.assertEqual(list(out[0]), ["timestamp", "value", "anomaly_score"])
        scores = [float(r["anomaly_score"]) for r in out]
        self.assertGreaterEqual(max(scores[1_500:1_506]), 1)
        self.assertLess(max(scores[300:1_500]), 1)


def stamp(i):
    return (datetime.datetime(2015, 2, 26, 21, 42, 53) + datetime.timedelta(minutes=5 * i)).strftime("%Y-%m-%d %H:%M:%S")


if __name__ == "__main__":
    unittest.main()
