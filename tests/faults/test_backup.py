"""A backup of a running server holds everything that was acknowledged before it, is whole, and starts."""
import os
import shutil
import threading
import unittest

import faults
import harness


class Backup(unittest.TestCase):
    def test_a_backup_under_load_is_whole_and_starts(self):
        ledger, later = faults.Ledger(text_bytes=300), faults.Ledger(prefix="later-", seed=2)
        with harness.Server(fsync="always") as server:
            for _ in range(40):
                ledger.send(server, 25)
            # A group's mentions are no damage, though history has them beside its members'.
            made = server.request("PUT", "/v1/aliases/few", b'{"tags": ["t1", "t2"]}', {"Content-Type": "application/json"})
            self.assertEqual(made.status, 201, made)
            done = threading.Event()

            def load():
                while not done.is_set():
                    later.send(server, 10)

            loader = threading.Thread(target=load)
            loader.start()
            for name in ("first", "second"):
                copy = os.path.join(server.folder, name)
                made = harness.run("backup", copy, "--to", f"http://127.0.0.1:{server.port}")
                self.assertEqual(made.stdout.decode().splitlines()[-1], "whole")
            done.set()
            loader.join()
            self.assertEqual(os.listdir(os.path.join(server.data, "backups")), [])
            self.assertIn("action=checkpoint", server.log())
            self.assertEqual(harness.run("verify", copy).returncode, 0)
            epoch = server.get("/v1/stats")["epoch"]
            self.assertEqual(server.stop(), 0)

            shutil.rmtree(server.data)
            os.rename(copy, server.data)
            server.start()
            self.assertEqual(server.get("/v1/stats")["epoch"], epoch)
            # Of the later ones some came after the copy: sent again they are new, once.
            restored = server.get("/v1/stats")["posts"]
            self.assertLessEqual(len(ledger.acknowledged), restored)
            report = server.post_lines(ledger.acknowledged).json()
            self.assertEqual(report["duplicates"], len(ledger.acknowledged))
            later.lost(server)
            ledger.take_over(later)
            ledger.check(server, "after the restore")

    def test_says_why_it_cannot(self):
        with harness.Server() as server:
            url = f"http://127.0.0.1:{server.port}"
            taken = os.path.join(server.folder, "taken")
            os.mkdir(taken)
            with open(os.path.join(taken, "file"), "w", encoding="ascii"):
                pass
            self.assertIn(b"not empty", harness.run("backup", taken, "--to", url, check=False).stderr)
            server.stop()
            nobody = harness.run("backup", os.path.join(server.folder, "copy"), "--to", url, check=False)
            self.assertEqual(nobody.returncode, 1)
            self.assertIn(b"127.0.0.1", nobody.stderr)

    def test_verify_refuses_what_a_server_has_open(self):
        with harness.Server() as server:
            server.feed([harness.post(i) for i in range(100)])
            done = harness.run("verify", server.data, check=False)
            self.assertEqual((done.returncode, done.stdout), (1, b""))
            self.assertIn(f"a running process ({server.process.pid}) has {server.data} open".encode(), done.stderr)
            self.assertEqual(server.settled()["posts"], 100)
            server.stop()
            self.assertEqual(harness.run("verify", server.data).stdout.splitlines()[-1], b"whole")

    def test_verify_refuses_what_is_no_store(self):
        with harness.Server() as server:
            done = harness.run("verify", server.folder, check=False)
            self.assertEqual((done.returncode, done.stdout), (1, b"damaged: CURRENT is missing: this is no store\nnot whole\n"))


if __name__ == "__main__":
    unittest.main()
