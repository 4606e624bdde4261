"""The programs of docs/guide/clients.md, as they stand there, against a server."""
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import harness

GUIDE = os.path.join(harness.ROOT, "docs", "guide", "clients.md")


def program(chapter, language):
    """The block of this language in a chapter of the guide."""
    with open(GUIDE, encoding="utf-8") as f:
        text = f.read().split(f"\n## {chapter}\n", 1)[1].split("\n## ", 1)[0]
    return re.search(rf"^```{language}\n(.*?)^```", text, re.M | re.S).group(1)


class Clients(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="tagswell-guide-")
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(content)
        return path

    def environment(self, server, **more):
        return {**harness.environment(), "TAGSWELL_URL": f"http://127.0.0.1:{server.port}", **more}

    def posts(self, prefix, count):
        return "".join(json.dumps(harness.post(f"{prefix}{i}", text="#guide")) + "\n" for i in range(count))

    def run_with(self, server, *command, **more):
        done = subprocess.run(command, cwd=self.folder, env=self.environment(server), capture_output=True, timeout=60, **more)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout.decode()

    def test_shell_sends(self):
        self.write("posts.ndjson", self.posts("sh", 20))
        with harness.Server() as server:
            out = self.run_with(server, "sh", "-c", program("Sending posts", "sh"))
            self.assertEqual(json.loads(out)["accepted"], 20)

    def test_python_sends_in_batches_and_waits_for_a_server_that_restarts(self):
        path = self.write("send.py", program("Sending posts", "python"))
        with harness.Server() as server:
            self.run_with(server, "python3", path, input=self.posts("py", 2_500).encode())
            self.assertEqual(server.settled()["posts"], 2_500)
            server.stop()
            sender = subprocess.Popen(["python3", path], env=self.environment(server), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            sender.stdin.write(self.posts("again", 10).encode())
            sender.stdin.close()
            with self.assertRaises(subprocess.TimeoutExpired):
                sender.wait(timeout=0.5)
            server.start()
            self.assertEqual(sender.wait(timeout=40), 0)
            sender.stdout.close()
            self.assertEqual(server.settled()["posts"], 2_510)

    def test_javascript_sends(self):
        if not shutil.which("node"):
            self.skipTest("node is not installed")
        path = self.write("send.mjs", program("Sending posts", "js"))
        with harness.Server(clock="wall") as server:
            self.assertIn("accepted: 1", self.run_with(server, "node", path))
            self.assertEqual(server.settled()["posts"], 1)

    def test_python_follows_through_a_restart_and_curl_reads_the_same(self):
        lines = harness.run("synth", "--scenario", "metoo", "--scale", "400").stdout.splitlines()
        path = self.write("follow.py", program("Following trends", "python"))
        half = len(lines) * 3 // 4
        with harness.Server() as server:
            server.feed(lines[:half], batch=500)
            server.settled()
            seen = os.path.join(self.folder, "seen")
            with open(seen, "wb") as out:
                follower = subprocess.Popen(["python3", path], env=self.environment(server), stdout=out)
            try:
                server.restart()
                server.feed(lines[half:], batch=500)
                server.settled()
                wanted = [f"{e['time']} {e['type']} {e['scope']} #{e['display']}" for e in server.events()]
                self.assertTrue(wanted)
                for _ in range(200):
                    with open(seen, encoding="utf-8") as f:
                        got = f.read().splitlines()
                    if len(got) >= len(wanted):
                        break
                    with self.assertRaises(subprocess.TimeoutExpired):
                        follower.wait(timeout=0.1)
                self.assertEqual(got, wanted)
            finally:
                follower.kill()
                follower.wait()
            done = subprocess.run(["sh", "-c", program("Following trends", "sh")], capture_output=True, timeout=60,
                                  env=self.environment(server, SECONDS_TO_WATCH="2"))
            events = [json.loads(line[6:]) for line in done.stdout.decode().splitlines() if line.startswith("data: ")]
            self.assertEqual([e["seq"] for e in events], [e["seq"] for e in server.events(type="started")])


if __name__ == "__main__":
    unittest.main()
