"""The commands people type at a terminal: watch, top, replay."""
import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import tempfile
import time
import unittest

import harness
from harness import PATIENCE_SECONDS, Command

def at_a_terminal(*arguments, until=None, **environment):
    """What the program writes to its terminal, until it ends or has written `until`."""
    terminal, end = pty.openpty()
    process = subprocess.Popen([harness.binary(), *arguments], stdin=end, stdout=end, stderr=end, start_new_session=True,
                               env={**harness.environment(), "TERM": "xterm", **environment})
    os.close(end)
    written = b""
    with contextlib.suppress(OSError):  # the program has gone
        while piece := os.read(terminal, 4096):
            written += piece
            if until and until in written:
                process.send_signal(signal.SIGINT)
                until = None
    os.close(terminal)
    return process.wait(timeout=PATIENCE_SECONDS), written.decode()


def story():
    return harness.run("synth", "--scenario", "metoo", "--scale", "200").stdout.splitlines()


class Watch(unittest.TestCase):
    def subscribed(self, server):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while server.get("/v1/stats")["subscribers"] != 1:
            self.assertLess(time.monotonic(), deadline, "nobody subscribed")

    def test_goes_on_over_restarts_of_the_server_and_misses_and_repeats_nothing(self):
        lines = story()
        half = len(lines) // 2
        with harness.Server() as server, Command("watch", f"http://127.0.0.1:{server.port}", "--json") as watch:
            self.subscribed(server)
            server.restart()  # before it has seen any event
            server.feed(lines[:half])
            server.settled()
            first = server.events()
            self.assertTrue(first)
            self.assertEqual([json.loads(line) for line in watch.take(len(first))], first)
            server.restart()
            server.feed(lines[half:])
            server.settled()
            rest = server.events()[len(first):]
            self.assertTrue(rest)
            self.assertEqual([json.loads(line) for line in watch.take(len(rest))], rest)
            self.assertEqual(watch.interrupt(), 0)
            self.assertTrue(watch.lines.empty())
            for notice in ("watching", "lost the connection", "again watching"):
                self.assertIn(notice, watch.notices.get(timeout=PATIENCE_SECONDS))

    def test_a_server_that_was_never_there_or_refuses_ends_it(self):
        done = harness.run("watch", f"http://127.0.0.1:{harness.free_port()}", check=False)
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        with harness.Server() as server:
            done = harness.run("watch", f"http://127.0.0.1:{server.port}", "--type", "nothing", check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(b"type", done.stderr)


class Told(unittest.TestCase):
    """A story that has been told."""

    @classmethod
    def setUpClass(cls):
        cls.lines = story()
        cls.server = harness.Server().start()
        cls.url = f"http://127.0.0.1:{cls.server.port}"
        cls.server.feed(cls.lines)
        cls.server.settled()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def test_watch_filters(self):
        for flags, query in ((["--scope", "country:FR"], {"scope": "country:FR"}),
                             (["--type", "started", "--type", "ended"], {"type": ["started", "ended"]}),
                             (["--topic", "metoo", "--scope", "world", "--scope", "lang:en"],
                              {"topic": "metoo", "scope": ["world", "lang:en"]})):
            wanted = self.server.events(**query)
            self.assertTrue(wanted, query)
            with Command("watch", self.url, "--since", "0", "--json", *flags) as watch:
                self.assertEqual([json.loads(line) for line in watch.take(len(wanted))], wanted)
                self.assertEqual(watch.interrupt(), 0)
                self.assertTrue(watch.lines.empty())

    def test_watch_writes_a_line_an_event_and_a_line_a_day(self):
        wanted = self.server.events(scope="world", topic="metoo")
        days = len({event["time"][:10] for event in wanted})
        with Command("watch", self.url, "--since", "0", "--scope", "world", "--topic", "metoo") as watch:
            lines = watch.take(len(wanted) + days)
        told = [line for line in lines if not re.fullmatch(r"\d{4}-\d\d-\d\d", line)]
        self.assertEqual(len(told), len(wanted))
        for line, event in zip(told, wanted):
            self.assertTrue(line.startswith(event["time"][11:16] + "  "), line)
            self.assertIn("#MeToo", line)
            self.assertNotIn("\x1b", line)

    def test_watch_has_colours_on_a_terminal_only(self):
        arguments = ("watch", self.url, "--since", "0", "--scope", "world", "--topic", "metoo")
        code, coloured = at_a_terminal(*arguments, until=b"\n2017-10-16")
        self.assertEqual(code, 0)
        self.assertIn("\x1b[", coloured)
        for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            _, plain = at_a_terminal(*arguments, until=b"\n2017-10-16", **environment)
            self.assertIn("#MeToo", plain)
            self.assertNotIn("\x1b[", plain)

    def test_top_prints_the_board(self):
        at = "2017-10-15T23:00:00Z"
        board = self.server.get("/v1/top", at=at, window="6h", by="posts", limit=5)["topics"]
        out = harness.run("top", self.url, "--at", at, "--window", "6h", "--by", "posts", "--limit", "5").stdout.decode()
        head, _, *rows = out.splitlines()
        self.assertEqual(head, f"world, 6h before {at}")
        wanted = [[str(i + 1), "#" + t["display"], str(t["authors"]), str(t["posts"])] for i, t in enumerate(board)]
        self.assertEqual([row.replace(",", "").split() for row in rows], wanted)
        done = harness.run("top", self.url, "--window", "2h", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"window must be", done.stderr)

    def test_replay_shows_how_far_it_is_on_a_terminal_only(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "story.ndjson")
            with open(path, "wb") as f:
                f.write(b"\n".join(self.lines) + b"\n")
            _, written = at_a_terminal("replay", path, "--speed", "50000", "--quiet", until=b" %")
            self.assertRegex(written, r"story\.ndjson +\[=* *\] +\d+ %")
            self.assertIn("posts in", written)
            done = harness.run("replay", path, "--to", self.url)
            self.assertNotIn(b"%", done.stdout + done.stderr)
            self.assertIn(f"{len(self.lines):,} duplicates".encode(), done.stderr)


class Help(unittest.TestCase):
    def test_shows_examples(self):
        for command in ("serve", "connect", "replay", "synth", "watch", "top", "score", "check-config", "backup", "verify"):
            text = harness.run(command, "--help").stdout.decode()
            self.assertRegex(text, rf"(?s)\nExamples?:\n.*tagswell {command}", command)
        self.assertEqual(harness.run("watch", "--nothing", check=False).returncode, 2)


if __name__ == "__main__":
    unittest.main()
