"""The power goes at random moments. With fsync = "always" nothing acknowledged is lost; with "never" something is, which
shows that the cut is real. TAGSWELL_FAULT_ROUNDS sets how often."""
import os
import random
import tempfile
import threading
import time
import unittest

import faults
import power

ROUNDS = faults.rounds(6, 200)


class PowerLoss(unittest.TestCase):
    def one_cut(self, server, ledger, r, folder):
        """Runs the server until the power goes; what is left then is its folder."""
        journal, grave = os.path.join(folder, "journal"), os.path.join(folder, "grave")
        os.mkdir(grave)
        faults.set_fault(server, journal=journal, grave=grave)
        before = power.sizes(server.data)
        server.start()
        delay = r.uniform(0, 0.3)
        killer = threading.Thread(target=lambda: (time.sleep(delay), server.kill()))
        killer.start()
        while ledger.send(server, r.choice((1, 7, 40))) != 0:
            pass
        killer.join()
        power.cut(server.data, journal, grave, before, r)
        faults.set_fault(server)

    def rounds(self, fsync, count, after):
        """Several cuts in the life of a store, then a new one."""
        r = random.Random(faults.SEED)
        done = 0
        while done < count:
            with faults.Server(fsync=fsync) as server:
                # Posts as large as they come in half of the stores: memtables are flushed within a few cuts.
                ledger = faults.Ledger(seed=faults.SEED + done, text_bytes=r.choice((0, 30_000)))
                server.start()
                server.kill()  # the folder itself is there, as a package makes it
                for _ in range(min(5, count - done)):
                    with tempfile.TemporaryDirectory(prefix="tagswell-power-") as folder:
                        self.one_cut(server, ledger, r, folder)
                        server.start()
                        after(server, ledger, f"cut {done}, seed {faults.SEED}")
                        server.kill()
                    done += 1

    def test_always_loses_nothing(self):
        acknowledged = []

        def check(server, ledger, context):
            ledger.check(server, context)
            acknowledged.append(len(ledger.acknowledged))

        self.rounds("always", ROUNDS, check)
        print(f"{ROUNDS} cuts with always: 0 lost of {sum(acknowledged)} looked up")

    def test_never_loses_something(self):
        lost = []
        self.rounds("never", max(2, ROUNDS // 10), lambda server, ledger, _: lost.append(len(ledger.lost(server))))
        print(f"{len(lost)} cuts with never: {sum(lost)} lost")
        self.assertGreater(sum(lost), 0)


if __name__ == "__main__":
    unittest.main()
