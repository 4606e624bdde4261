"""Damage is noticed: flipped bits and cut files of each kind. A start refuses and says why, or goes on with exactly what
it says; `tagswell verify` names the file. TAGSWELL_FAULT_ROUNDS sets how often."""
import json
import os
import random
import re
import shutil
import tempfile
import unittest

import faults
import harness

ROUNDS = faults.rounds(36, 500)
KINDS = ("log", "table", "manifest", "current", "checkpoint", "log", "table")
LEFT_OUT = re.compile(r"it is whole up to block \d+, that is (\d+) posts")


class Corruption(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """Two stores: one that was killed, whose last posts stand in the log; one that was stopped, with a checkpoint."""
        cls.folder = tempfile.mkdtemp(prefix="tagswell-corruption-")
        cls.ledgers = {}
        for ending in ("killed", "stopped"):
            with faults.Server(fsync="always") as server:
                ledger = faults.Ledger(text_bytes=200)
                for _ in range(2):
                    server.start()
                    for _ in range(25):
                        ledger.send(server, 20)
                    if ending == "stopped":
                        server.stop()
                    else:
                        server.kill()
                shutil.copytree(server.data, os.path.join(cls.folder, ending))
                cls.ledgers[ending] = ledger

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def verify(self, folder):
        return harness.run("verify", folder, check=False)

    def test_stores_without_damage_are_whole(self):
        for ending in self.ledgers:
            done = self.verify(os.path.join(self.folder, ending))
            self.assertEqual(done.returncode, 0, done.stdout.decode())
            self.assertIn(f"{len(self.ledgers[ending].acknowledged)} posts accepted", done.stdout.decode())

    def files(self, folder, kind):
        """The files of a kind that count: those that the manifest names."""
        names = sorted(os.listdir(folder))
        if kind == "current":
            return ["CURRENT"]
        if kind == "manifest":
            with open(os.path.join(folder, "CURRENT"), encoding="ascii") as f:
                return [f.read().strip()]
        if kind == "log":
            return [n for n in names if n.endswith(".log") and os.path.getsize(os.path.join(folder, n))]
        tables = [n for n in names if n.endswith(".sst")]
        return tables[-1:] if kind == "checkpoint" else tables[:-1]

    def damage(self, r, path):
        size = os.path.getsize(path)
        with open(path, "r+b") as f:
            if r.random() < 0.25:
                f.truncate(r.randrange(size))
                return "cut"
            at = r.randrange(size)
            f.seek(at)
            byte = f.read(1)[0]
            f.seek(at)
            f.write(bytes([byte ^ 1 << r.randrange(8)]))
            return f"bit at {at} of {size}"

    def test_flips_and_cuts(self):
        r = random.Random(faults.SEED)
        outcomes = {"refused": 0, "told": 0, "untouched": 0}
        for turn in range(ROUNDS):
            kind = KINDS[turn % len(KINDS)]
            ending = "stopped" if kind == "checkpoint" else "killed" if kind == "log" else r.choice(sorted(self.ledgers))
            with faults.Server(fsync="always") as server:
                shutil.copytree(os.path.join(self.folder, ending), server.data)
                name = r.choice(self.files(server.data, kind))
                what = self.damage(r, os.path.join(server.data, name))
                with self.subTest(turn=turn, kind=kind, store=ending, file=name, damage=what):
                    self.assert_named(server.data, name, what)
                    outcomes[self.assert_refused_or_told(server, self.ledgers[ending], what)] += 1
        print(f"{ROUNDS} damages: " + ", ".join(f"{n} {outcome}" for outcome, n in outcomes.items()))

    def test_damage_in_the_middle_of_the_log_is_refused_and_may_be_accepted(self):
        with faults.Server(fsync="always") as server:
            shutil.copytree(os.path.join(self.folder, "killed"), server.data)
            path = os.path.join(server.data, self.files(server.data, "log")[-1])
            with open(path, "r+b") as f:
                f.seek(os.path.getsize(path) // 2)
                f.write(b"damage")
            server.start(wait=False)
            self.assertEqual(server.process.wait(timeout=30), 1)
            self.assertIn("corrupt_log", server.log())
            total = len(self.ledgers["killed"].acknowledged)
            self.assertIn(f"the store would have {total} posts", server.log())
            server.arguments[server.arguments.index("always")] = "interval"
            server.start()
            posts = server.get("/v1/stats")["posts"]
            self.assertLess(posts, total)
            self.assertEqual({int(told) for told in LEFT_OUT.findall(server.log())}, {posts})

    def assert_named(self, folder, name, what):
        done = self.verify(folder)
        text = done.stdout.decode()
        if what == "cut" and done.returncode == 0 and name.endswith(".log"):
            return  # cut between two records: the log just ends there, and the number of posts says so
        self.assertEqual(done.returncode, 1, text)
        # CURRENT is the name of the manifest: damaged, it names one that is not there.
        self.assertRegex(text, r"damaged: .*(CURRENT|MANIFEST)" if name == "CURRENT" else rf"damaged: .*{re.escape(name)}")

    def assert_refused_or_told(self, server, ledger, what):
        server.start(wait=False)
        try:
            server.wait_ready()
        except AssertionError:
            self.assertEqual(server.process.wait(timeout=30), 1, server.log()[-2000:])
            self.assertRegex(server.log(), "cannot open the store.*(store_unreadable|corrupt_|storage_failed)")
            return "refused"
        total = len(ledger.acknowledged)
        posts = server.get("/v1/stats")["posts"]
        read = sum(server.request("GET", "/v1/posts/twitter/" + json.loads(line)["id"]).status == 200
                   for line in ledger.acknowledged)
        if posts == total and read == total:
            return "untouched"
        told = LEFT_OUT.search(server.log())
        if posts < total:
            # What it left out it says, to the post; but a cut between two records is an end like any other.
            self.assertTrue(told or what == "cut", f"{posts} of {total}: {server.log()[-2000:]}")
            self.assertTrue(not told or int(told.group(1)) == posts, f"{posts} of {total}: {server.log()[-2000:]}")
        # A post that is counted and cannot be read is an error, never an empty answer.
        missing = [server.request("GET", "/v1/posts/twitter/" + json.loads(line)["id"])
                   for line in ledger.acknowledged[:posts]]
        self.assertEqual({answer.status for answer in missing} - {200, 500, 503}, set())
        return "told"


if __name__ == "__main__":
    unittest.main()
