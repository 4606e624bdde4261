"""Faults while history and index are written: kill -9, and a disk that is full for a moment. Both come only once many
posts wait, so a store that is about to write them is made first, and copied for each fault."""
import os
import shutil
import tempfile
import unittest

import faults
import harness

LATE_POSTS = 6_000
BATCH = 1_000
KILLS = (("staged", "write", 1, "kill"), ("staged", "write", 2, "tear"), ("staged", "sync", 1, "after"),
         ("staged", "sync", 2, "kill"), ("table", "link", 1, "kill"), ("table", "link", 1, "after"),
         ("table", "link", 2, "after"), ("manifest", "write", 1, "kill"), ("manifest", "write", 1, "tear"),
         ("manifest", "write", 1, "after"), ("manifest", "sync", 1, "kill"), ("manifest", "sync", 1, "after"))


def lines(begin, end, tags):
    """Posts by different people, all tagged #all and some more."""
    return [(f'{{"id":"{i}","source":"twitter","author":"a{i}","created_at":"{faults.AT}",'
             f'"text":"#all {" ".join(f"#t{(i * 7 + k) % 9973}" for k in range(tags - 1))}"}}').encode()
            for i in range(begin, end)]


class IndexPoints(unittest.TestCase):
    def prepare(self, posts, tags):
        """A store that waits for a few more posts before it writes; gives its folder."""
        folder = tempfile.mkdtemp(prefix="tagswell-index-")
        self.addCleanup(shutil.rmtree, folder)
        with faults.Server(fsync="never") as server:
            server.start()
            for begin in range(0, posts, 100_000):
                server.feed(lines(begin, min(posts, begin + 100_000), tags), batch=10_000)
            server.settled(300)
            self.assertEqual(server.stop(), 0)
            shutil.copytree(server.data, os.path.join(folder, "data"))
        return os.path.join(folder, "data")

    def assert_exact(self, server, late, posts, context):
        report = server.feed(late, batch=BATCH)
        self.assertEqual(sum(report), len(late), context)
        stats = server.settled(120)
        self.assertEqual(stats["posts"], posts + len(late), context)
        for when in ({"at": "2024-01-01T01:00:00Z"}, {}):
            top = server.get("/v1/top", window="1h", by="posts", limit=1, **when)["topics"][0]
            self.assertEqual((top["topic"], top["posts"]), ("all", posts + len(late)), f"{context} {when}")

    def run_faults(self, posts, tags):
        store = self.prepare(posts, tags)
        late = lines(posts, posts + LATE_POSTS, tags)
        died = 0
        for kind, call, nth, action in KILLS:
            context = f"{kind} {call} {nth} {action}"
            with faults.Server(fsync="always") as server, self.subTest(context):
                shutil.copytree(store, server.data)
                faults.set_fault(server, faults.Point(kind, call, "indexer", nth, action))
                server.start()
                try:
                    server.feed(late, batch=BATCH)
                    server.process.wait(timeout=10)
                except Exception:  # it died while it was sent to, or has nothing to die of
                    pass
                died += server.process.poll() is not None
                server.kill()
                faults.set_fault(server)
                server.start()
                self.assert_exact(server, late, posts, context)
                self.assertEqual(server.stop(), 0)
                self.assertEqual(harness.run("verify", server.data, check=False).stdout.splitlines()[-1], b"whole")
        print(f"{died} kills of {len(KILLS)} while it was written")
        self.assertGreater(died, len(KILLS) // 2)

        with faults.Server(fsync="always") as server:
            shutil.copytree(store, server.data)
            faults.set_fault(server, faults.Point("staged", "write", "indexer", 1, "full"))
            server.start()
            self.assert_exact(server, late, posts, "a full disk")
            self.assertIn("No space left on device", server.log())
            self.assertEqual(server.once("GET", "/readyz").status, 200)
            self.assertEqual(server.stop(), 0)
            self.assertEqual(harness.run("verify", server.data, check=False).stdout.splitlines()[-1], b"whole")

    def test_history(self):
        self.run_faults(665_000, 3)

    def test_index(self):
        self.run_faults(896_000, 2)


if __name__ == "__main__":
    unittest.main()
