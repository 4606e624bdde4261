"""A write or a sync fails (EIO): never a false acknowledgement, and after a restart all that was acknowledged is there,
once. The calls that fail are drawn from those that a run without faults makes. TAGSWELL_FAULT_ROUNDS sets how many."""
import collections
import os
import random
import tempfile
import unittest

import faults

ROUNDS = faults.rounds(14, 300)
KINDS = ("log", "table", "staged", "manifest", "current", "folder")
BATCHES = 12


class IoErrors(unittest.TestCase):
    def work(self, server, ledger, big=False):
        """A start, some posts, a stop, as far as the fault lets them; gives whether the server died of it."""
        server.start(wait=False)
        try:
            server.wait_ready()
        except AssertionError:
            self.assertEqual(server.process.wait(timeout=30), 1, server.log()[-2000:])
            return
        for _ in range(BATCHES):
            status = ledger.send(server, 250 if big else 7)
            self.assertIn(status, (200, 503), server.log()[-2000:])
            if status == 503 and ledger.refusals[503] == 1:
                # Everything after the failure is refused too, what the failed write held above all: it is in no log.
                failed, ledger.unsure = ledger.unsure, []
                self.assertEqual(ledger.resend(server, failed), 503)
                self.assertEqual(server.once("GET", "/readyz").json()["code"], "storage_failed")
                self.assertEqual(server.once("GET", "/livez").status, 200)
        code = server.stop()
        self.assertIn(code, (0, 1), server.log()[-2000:])

    def points(self, r, count, big):
        """Drawn from a run without faults: each kind and call whatever its share, the log's own more often."""
        with tempfile.TemporaryDirectory(prefix="tagswell-journal-") as folder, faults.Server(fsync="always") as server:
            journal = os.path.join(folder, "journal")
            ledger = faults.Ledger(seed=faults.SEED, text_bytes=60_000 if big else 0)
            self.prepare(server, ledger)
            faults.set_fault(server, journal=journal)
            self.work(server, ledger, big)
            seen = collections.Counter((kind, call) for call, kind, *_ in faults.calls(journal)
                                       if kind in KINDS and call in ("write", "sync", "create", "rename", "link"))
        self.assertIn(("log", "sync"), seen, "the library of faults sees nothing: is the program linked statically?")
        pairs = sorted(seen)
        pairs += 2 * [pair for pair in pairs if pair[0] == "log"]  # what every answer waits for
        for i in range(count):
            kind, call = pairs[i % len(pairs)]
            action = r.choice(("error", "torn", "stick") if call == "write" else ("error", "stick"))
            yield faults.Point(kind, call, "*", r.randint(1, seen[kind, call]), action)

    @staticmethod
    def prepare(server, ledger):
        """A store that has something to recover: the start under faults sorts it into files."""
        server.start()
        for _ in range(3):
            ledger.send(server, 5)
        server.kill()

    def run_points(self, count, big):
        r = random.Random(faults.SEED)
        refused = 0
        for point in self.points(r, count, big):
            with self.subTest(point=point), faults.Server(fsync="always") as server:
                ledger = faults.Ledger(text_bytes=60_000 if big else 0)
                self.prepare(server, ledger)
                faults.set_fault(server, point)
                self.work(server, ledger, big)
                refused += ledger.refusals[503] > 0
                faults.set_fault(server)
                server.start()
                ledger.check(server, point)
                self.assertEqual(server.stop(), 0)
        return refused

    def test_the_nth_write_or_sync_fails(self):
        refused = self.run_points(ROUNDS, big=False)
        print(f"{ROUNDS} points, writes were refused at {refused} of them")
        self.assertGreater(refused, 0, "no fault ever reached a commit")

    def test_the_nth_write_or_sync_fails_while_memtables_are_flushed(self):
        self.run_points(max(1, ROUNDS // 10), big=True)


if __name__ == "__main__":
    unittest.main()
