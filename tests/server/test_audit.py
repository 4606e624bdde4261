"""Who changed what: every change of an operator leaves an entry that lasts."""
import hashlib
import json
import unittest

import harness


def bearer(name):
    return {"Authorization": "Bearer " + name}


class Audit(unittest.TestCase):
    def test_every_change_is_told_once_and_outlasts_kills(self):
        text = 'blocks = ["nsfw"]\n'
        for name, role in (("desk", "admin"), ("board", "read")):
            digest = hashlib.sha256(name.encode()).hexdigest()
            text += f'[[token]]\nname = "{name}"\nsha256 = "{digest}"\nroles = ["{role}"]\n'
        with harness.Server(fsync="always", config=text) as server:
            def call(method, path, body=None, name="desk"):
                return server.request(method, path, json.dumps(body).encode() if body else None, headers=bearer(name))

            group = {"tags": ["MeToo"], "phrases": ["me too"]}
            for status, method, path, body in (
                    (201, "PUT", "/v1/blocks/spam", None), (200, "PUT", "/v1/blocks/spam", None),
                    (204, "DELETE", "/v1/blocks/spam", None), (404, "DELETE", "/v1/blocks/spam", None),
                    (201, "PUT", "/v1/aliases/metoo", group), (200, "PUT", "/v1/aliases/metoo", group),
                    (409, "PUT", "/v1/aliases/other", {"tags": ["metoo"]}), (204, "DELETE", "/v1/aliases/metoo", None)):
                self.assertEqual(call(method, path, body).status, status, (method, path))
            audit = call("GET", "/v1/audit").json()
            told = [(e["role"], e["by"], e["action"], e["subject"], e["detail"]) for e in audit["entries"]]
            self.assertEqual(told, [("configuration", None, "block", "nsfw", None),
                                    ("admin", "desk", "block", "spam", None),
                                    ("admin", "desk", "unblock", "spam", None),
                                    ("admin", "desk", "alias", "metoo", group),
                                    ("admin", "desk", "unalias", "metoo", None)])
            self.assertEqual([e["seq"] for e in audit["entries"]], [1, 2, 3, 4, 5])
            self.assertTrue(audit["entries"][1]["remote"].startswith("127.0.0.1:"))
            self.assertEqual(audit["next"], 5)

            self.assertEqual(call("GET", "/v1/audit?since=1&limit=2").json()["entries"], audit["entries"][1:3])
            self.assertEqual(call("GET", "/v1/audit?since=5").json(), {"entries": [], "next": 5})
            self.assertEqual(call("GET", "/v1/audit?since=x").status, 400)
            self.assertEqual(call("GET", "/v1/audit", name="board").status, 403)
            copy = call("POST", "/v1/checkpoint").json()
            entry = call("GET", "/v1/audit?since=5").json()["entries"][0]
            self.assertEqual((entry["seq"], entry["by"], entry["action"], entry["subject"], entry["detail"]),
                             (6, "desk", "checkpoint", copy["path"], None))
            self.assertTrue(entry["remote"].startswith("127.0.0.1:"))
            audit["entries"].append(entry)
            audit["next"] = 6
            server.kill()
            server.start()
            self.assertEqual(call("GET", "/v1/audit").json(), audit)
            self.assertEqual(call("PUT", "/v1/blocks/spam").status, 201)
            self.assertEqual(call("GET", "/v1/audit?since=6").json()["entries"][0]["seq"], 7)


if __name__ == "__main__":
    unittest.main()
