"""After ten million posts and kill -9 under load the server is ready within five seconds, and says 503 until then.

TAGSWELL_LOAD names the load generator. The short form takes fewer posts.
"""
import http.client
import os
import subprocess
import time
import unittest

import faults
import harness

POSTS = 10_000_000 if faults.LONG else 200_000
READY_SECONDS = 5


def load_tool():
    named = os.environ.get("TAGSWELL_LOAD")
    if not named or not os.path.exists(named):
        raise unittest.SkipTest("no load generator: build tagswell_load and set TAGSWELL_LOAD")
    return named


class Recovery(unittest.TestCase):
    def load(self, server, seconds):
        return subprocess.Popen([load_tool(), "http-ndjson", "--port", str(server.port), "--seconds", str(seconds),
                                 "--connections", "4", "--batch", "1000", "--synthetic"],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=harness.environment())

    def start_and_watch(self, server):
        """Starts the server; gives the seconds until it is ready, and what it said before."""
        begin = time.monotonic()
        server.start(wait=False)
        said = []
        while True:
            self.assertIsNone(server.process.poll(), server.log()[-2000:])
            self.assertLess(time.monotonic() - begin, 120)
            try:
                ready = server.once("GET", "/readyz")
                if ready.status == 200:
                    return time.monotonic() - begin, said
                said.append((ready.status, ready.json()["code"]))
                refused = server.once("GET", "/v1/stats")
                said.append((refused.status, refused.json().get("code")) if refused.status != 200 else said[-1])
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.005)

    def test_ready_soon_after_a_crash(self):
        with harness.Server(fsync="always") as server:
            while server.get("/v1/stats")["posts"] < POSTS:
                self.load(server, 20 if faults.LONG else 1).wait()
            before = server.settled(seconds=300)["posts"]
            loading = self.load(server, 60)
            deadline = time.monotonic() + 30
            while server.get("/v1/stats")["posts"] < before + 10_000 and time.monotonic() < deadline:
                time.sleep(0.05)
            server.kill()
            loading.kill()
            loading.wait()
            seconds, said = self.start_and_watch(server)
            after = server.get("/v1/stats")["posts"]
            print(f"{after} posts, ready in {seconds:.2f} s")
            self.assertEqual(set(said), {(503, "starting")})
            self.assertGreaterEqual(after, before + 10_000)
            self.assertLess(seconds, READY_SECONDS)


if __name__ == "__main__":
    unittest.main()
