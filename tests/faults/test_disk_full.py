"""A full disk: 507 before RocksDB itself fails, reads go on, writes return by themselves, nothing acknowledged is lost.

A small file system of its own (tmpfs in a mount namespace) is filled by a stranger's file while posts are sent, then
emptied, again and again. TAGSWELL_FAULT_ROUNDS sets how often.
"""
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import faults
import harness

ROUNDS = faults.rounds(2, 20)
DISK_BYTES = (1000 if faults.LONG else 560) << 20
BACK_SECONDS = 10
TEXT_BYTES = 8_000
IN_NAMESPACE = "TAGSWELL_FAULT_NAMESPACE"


class Disk:
    """The small file system, and the stranger's file on it."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="tagswell-disk-")
        self.filler = os.path.join(self.path, "filler")
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", self.path], check=True)

    def close(self):
        subprocess.run(["umount", self.path], check=True)
        os.rmdir(self.path)

    def free(self):
        s = os.statvfs(self.path)
        return s.f_bavail * s.f_frsize

    def fill(self, leave=0):
        """Until so much is left, as fast as it goes."""
        with open(self.filler, "ab", buffering=0) as f:
            while self.free() > leave:
                try:
                    f.write(bytes(min(self.free() - leave, 4 << 20)))
                except OSError:
                    return

    def empty(self):
        os.unlink(self.filler)


class DiskFull(unittest.TestCase):
    def setUp(self):
        self.disk = Disk()
        self.addCleanup(self.disk.close)

    def server(self, fsync="never"):
        server = harness.Server(clock="wall", fsync=fsync)
        server.data = os.path.join(self.disk.path, "data")
        return server

    def assert_reads_go_on(self, server, ledger):
        self.assertEqual(server.get("/v1/top", window="1h", at="2024-01-01T01:00:00Z", limit=1)["topics"][0]["topic"], "all")
        number = json.loads(ledger.random.choice(ledger.acknowledged))["id"]
        post = server.request("GET", f"/v1/posts/twitter/{number}")
        self.assertEqual(post.status, 200, post)
        self.assertEqual(server.once("GET", "/livez").status, 200)
        self.assertEqual(server.once("GET", "/readyz").json()["code"], "disk_full")

    def until(self, server, ledger, wanted, seconds, posts=20):
        """Sends until the answer is `wanted`; gives how long that took. Nothing but 200 and 507 may come."""
        begin = time.monotonic()
        while True:
            status = ledger.send(server, posts)
            self.assertIn(status, (200, 429, 507), f"{ledger.refusals}\n{server.log()[-2000:]}")
            if status == wanted:
                return time.monotonic() - begin
            self.assertLess(time.monotonic() - begin, seconds, f"no {wanted}; free {self.disk.free()}")

    def test_fill_and_free_again_and_again(self):
        longest = 0.0
        ledger = faults.Ledger(text_bytes=TEXT_BYTES)
        others = [faults.Ledger(text_bytes=TEXT_BYTES, prefix=f"{i}-", seed=faults.SEED + i) for i in range(1, 4)]
        with self.server() as server:
            ledger.send(server, 20)
            for turn in range(ROUNDS):
                self.disk.fill(leave=(200 << 20) + ledger.random.randrange(20 << 20))
                crowd = []
                crowd += [threading.Thread(target=self.until, args=(server, other, 507, 20, 200)) for other in others]
                crowd.append(threading.Thread(target=self.disk.fill))
                for thread in crowd:
                    thread.start()
                self.until(server, ledger, 507, 20)
                for thread in crowd:
                    thread.join()
                self.assertLess(self.disk.free(), 1 << 20)
                self.assert_reads_go_on(server, ledger)
                for _ in range(10):
                    self.assertEqual(ledger.send(server, 20), 507)
                # The clock goes on without posts: over a minute's end, when the log would get a mark of the time.
                if faults.LONG and turn == 0:
                    begin = time.monotonic()
                    while time.monotonic() - begin < 65:
                        self.assertEqual(server.request("GET", "/readyz").json()["code"], "disk_full")
                        time.sleep(1)
                self.disk.empty()
                longest = max(longest, self.until(server, ledger, 200, BACK_SECONDS))
                self.until(server, ledger, 200, 1)
                self.assertIsNone(server.process.poll())
            for other in others:
                ledger.take_over(other)
            print(f"{ROUNDS} cycles, back within {longest:.2f} s, {len(ledger.acknowledged)} acknowledged, "
                  f"{sum(ledger.refusals.values())} requests refused")
            ledger.check(server, "after the last cycle")
            server.kill()
            server.start()
            ledger.check(server, "after a crash")
            self.assertEqual(server.stop(), 0)

    def test_a_store_that_fills_its_disk_by_itself(self):
        ledger = faults.Ledger(text_bytes=60_000)
        with self.server(fsync="always") as server:
            self.until(server, ledger, 507, 120)
            self.assert_reads_go_on(server, ledger)
            server.kill()
            server.start(wait=False)  # what was left in the log is sorted into files, which may give some room back
            server.wait_answering()
            self.until(server, ledger, 507, 60)
            self.assert_reads_go_on(server, ledger)
            stats = server.settled()
            self.assertEqual(stats["posts"], len(ledger.acknowledged))

    def test_a_start_on_a_disk_without_any_room_harms_nothing(self):
        ledger = faults.Ledger(text_bytes=TEXT_BYTES)
        with self.server(fsync="always") as server:
            for _ in range(50):
                self.assertEqual(ledger.send(server, 20), 200)
            server.kill()
            self.disk.fill()
            server.start(wait=False)
            self.assertEqual(server.process.wait(timeout=30), 1)
            self.assertIn("No space left on device", server.log())
            self.disk.empty()
            server.start()
            ledger.check(server, "after the start that failed")
            self.assertEqual(server.stop(), 0)


def may_mount():
    done = subprocess.run(["unshare", "--mount", *as_root(), "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True)
    return done.returncode == 0


def as_root():
    return [] if os.geteuid() == 0 else ["--map-root-user"]


if __name__ == "__main__":
    if IN_NAMESPACE in os.environ:
        unittest.main()
    elif may_mount():
        os.execvpe("unshare", ["unshare", "--mount", *as_root(), sys.executable, *sys.argv], {**os.environ, IN_NAMESPACE: "1"})
    else:
        DiskFull = unittest.skip("no file system can be mounted here")(DiskFull)
        unittest.main()
