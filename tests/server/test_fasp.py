"""A fediverse server takes tagswell as its auxiliary service provider (FASP) and asks it what trends: registration,
activation, signed requests, signed answers."""
import base64
import hashlib
import json
import os
import shutil
import time
import unittest

import harness
from fasp_server import PUBLIC, Key, Mastodon, sha256

CONFIG = (f'fasp_url = "{PUBLIC}"\nfasp_name = "Tags of the test"\nwebhook_addresses = ["127.0.0.0/8"]\nlog_level = "debug"\n'
          '[streams.side]\nfasp_name = "Tags at the side"\n')
TRENDS = "/trends/v0/hashtags"
ACTIVATION = "/capabilities/trends/0/activation"


def register(server, path="/v1/fasp", /, **body):
    return server.request("POST", path, json.dumps(body).encode(), {"Content-Type": "application/json"})


@unittest.skipUnless(shutil.which("openssl"), "no openssl to sign with")
class Provider(unittest.TestCase):
    def assert_refused(self, answer, status, code, detail=""):
        self.assertEqual((answer.status, answer.json()["code"]), (status, code), answer)
        self.assertIn(detail, answer.json()["detail"])

    def test_a_server_registers_activates_asks_and_is_let_go(self):
        with harness.Server(CONFIG) as server, Mastodon() as mastodon:
            server.feed(harness.run("synth", "--scenario", "metoo", "--scale", "100").stdout.splitlines())
            server.settled()
            made = register(server, server=mastodon.url + "/")
            self.assertEqual(made.status, 201, made)
            self.assertEqual(mastodon.asked, ["/.well-known/nodeinfo", "/nodeinfo/2.0", "/api/fasp/registration"])
            told = mastodon.registration
            self.assertEqual({k: told[k] for k in ("name", "baseUrl")}, {"name": "Tags of the test", "baseUrl": PUBLIC})
            key = base64.b64decode(told["publicKey"], validate=True)
            self.assertEqual((len(key), set(told)), (32, {"name", "baseUrl", "serverId", "publicKey"}))
            entry = made.json()
            self.assertTrue(entry.pop("since"))
            self.assertEqual(entry, {"id": told["serverId"], "server": mastodon.url, "base_url": mastodon.base_url, "fingerprint": sha256(key),
                                     "completion_url": mastodon.answer["registrationCompletionUri"], "capabilities": [], "by": None})

            # Its administrator compares the fingerprint and accepts: it asks what there is.
            info = mastodon.checked(mastodon.call(server, "GET", "/provider_info"))
            self.assertEqual(info.json(), {"name": "Tags of the test", "privacyPolicy": [], "capabilities": [{"id": "trends", "version": "0.1"}]})
            self.assert_refused(mastodon.checked(mastodon.call(server, "GET", TRENDS)), 403, "not_activated")
            self.assert_refused(mastodon.checked(mastodon.call(server, "POST", "/capabilities/account_search/0/activation")), 404, "unknown_capability")
            self.assert_refused(mastodon.checked(mastodon.call(server, "POST", "/capabilities/trends/1/activation")), 404, "unknown_capability")
            for body in (b"", b"null"):  # as newer versions and older ones call it
                answer = mastodon.checked(mastodon.call(server, "POST", ACTIVATION, body))
                self.assertEqual((answer.status, answer.body), (204, b""))
            self.assertEqual(server.get("/v1/fasp")["servers"][0]["capabilities"], ["trends"])

            asked = TRENDS + "?language=en&maxCount=20&withinLastHours=168"
            trends = mastodon.checked(mastodon.call(server, "GET", asked)).json()
            self.assertEqual(trends, server.get(asked))
            self.assertIn("#metoo", [h["name"].lower() for h in trends["hashtags"]])
            self.assertEqual(mastodon.checked(mastodon.call(server, "GET", "/trends/v0/content?maxCount=5")).json(), {"content": []})
            self.assertEqual(mastodon.checked(mastodon.call(server, "GET", "/trends/v0/links")).json(), {"links": []})

            # All of it stands in the store.
            before = server.get("/v1/fasp")
            server.restart()
            self.assertEqual(server.get("/v1/fasp"), before)
            self.assertEqual(mastodon.checked(mastodon.call(server, "GET", asked)).json(), trends)
            server.kill()
            server.start()
            self.assertEqual(mastodon.checked(mastodon.call(server, "GET", asked)).json(), trends)

            self.assertEqual(mastodon.checked(mastodon.call(server, "DELETE", ACTIVATION)).status, 204)
            self.assert_refused(mastodon.checked(mastodon.call(server, "GET", TRENDS)), 403, "not_activated")
            self.assert_refused(register(server, server=mastodon.url), 409, "already_registered")
            self.assertEqual(server.request("DELETE", f"/v1/fasp/{told['serverId']}").status, 204)
            self.assert_refused(server.request("DELETE", f"/v1/fasp/{told['serverId']}"), 404, "not_found")
            self.assert_refused(server.request("GET", f"/v1/fasp/{told['serverId']}"), 404, "not_found")
            self.assert_refused(mastodon.call(server, "GET", "/provider_info"), 401, "unknown_key")
            audit = server.get("/v1/audit")["entries"]
            self.assertEqual([(e["action"], e["subject"]) for e in audit], [("fasp", told["serverId"]), ("unfasp", told["serverId"])])
            self.assertEqual(audit[0]["detail"], {"server": mastodon.url, "base_url": mastodon.base_url})

            # Registered anew it gets another name and another key.
            self.assertEqual(register(server, server=mastodon.url).status, 201)
            self.assertNotEqual(mastodon.registration["serverId"], told["serverId"])
            self.assertNotEqual(mastodon.registration["publicKey"], told["publicKey"])

    def test_what_was_not_signed_for_this_request_is_refused(self):
        with harness.Server(CONFIG) as server, Mastodon() as mastodon:
            self.assertEqual(register(server, server=mastodon.url).status, 201)
            self.assertEqual(mastodon.call(server, "POST", ACTIVATION).status, 204)

            stranger = Key()
            self.addCleanup(stranger.close)

            def call(method="GET", path=TRENDS, body=None, **changed):
                headers = {k: v for k, v in {**mastodon.headers("GET", TRENDS), **changed}.items() if v is not None}
                return server.once(method, path, body, headers)

            self.assertEqual(call().status, 200)
            refusals = [
                (mastodon.call(server, "GET", TRENDS, created=time.time() - 600), "too old"),
                (mastodon.call(server, "GET", TRENDS, created=time.time() + 600), "of the future"),
                (call(path=TRENDS + "?maxCount=1"), "is not that of this request"),
                (call(path="/trends/v0/links"), "is not that of this request"),
                (call("POST", ACTIVATION, b""), "is not that of this request"),
                (call(**{"content-digest": None}), "must hold sha-256"),
                (call(**{"content-digest": f"sha-256=:{sha256(b'x')}:"}), "is not that of the body"),
                (mastodon.call(server, "POST", ACTIVATION, b"{}", key=stranger), "by the key that is registered"),
                (call(signature=None), "Signature must hold"),
                (call(signature="sig1=:AAAA:"), "is not that of this request"),
                (call(**{"signature-input": "sig1"}), "Signature-Input must be"),
                (call(**{"signature-input": 'sig1=("@method");created=1;keyid="x"'}), "does not cover @target-uri"),
            ]
            for answer, detail in refusals:
                with self.subTest(detail):
                    self.assert_refused(answer, 401, "bad_signature", detail)
                    self.assertIn("www-authenticate", answer.headers)
            tampered = mastodon.headers("POST", ACTIVATION)
            self.assert_refused(server.once("POST", ACTIVATION, b"{}", tampered), 401, "bad_signature", "is not that of the body")
            self.assert_refused(mastodon.call(server, "GET", TRENDS, keyid="0123456789abcdef"), 401, "unknown_key")
            self.assert_refused(server.once("POST", ACTIVATION, b""), 401, "signature_missing")
            # Nobody's body is not read: its end, which never comes, is not waited for.
            unknown = {**mastodon.headers("POST", ACTIVATION, keyid="nobody"), "content-length": "1000000"}
            self.assert_refused(server.once("POST", ACTIVATION, b"x" * 1000, unknown), 401, "unknown_key")
            self.assertEqual(server.get("/v1/fasp")["servers"][0]["capabilities"], ["trends"])
            self.assertEqual(server.get(TRENDS), {"hashtags": []})  # who may read needs no signature

    def test_with_tokens_a_signature_opens_what_it_is_for_and_nothing_else(self):
        tokens = {role: f"token-of-{role}" for role in ("read", "ingest", "admin")}
        config = CONFIG + "".join(f'[[token]]\nname = "{role}"\nsha256 = "{hashlib.sha256(token.encode()).hexdigest()}"\nroles = ["{role}"]\n'
                                  for role, token in tokens.items())
        bearer = {role: {"Authorization": f"Bearer {token}"} for role, token in tokens.items()}
        with harness.Server(config) as server, Mastodon() as mastodon:
            wish = json.dumps({"server": mastodon.url}).encode()
            for role, status in ((None, 401), ("read", 403), ("ingest", 403), ("admin", 201)):
                self.assertEqual(server.once("POST", "/v1/fasp", wish, bearer.get(role)).status, status, role)
            self.assertEqual(json.loads(server.once("GET", "/v1/fasp", headers=bearer["admin"]).body)["servers"][0]["by"], "admin")
            self.assertEqual(mastodon.checked(mastodon.call(server, "POST", ACTIVATION)).status, 204)
            self.assertEqual(mastodon.checked(mastodon.call(server, "GET", TRENDS)).status, 200)
            self.assert_refused(server.once("GET", TRENDS), 401, "token_missing")
            self.assert_refused(server.once("GET", TRENDS, headers=bearer["ingest"]), 403, "role_missing")
            self.assertEqual(server.once("GET", TRENDS, headers=bearer["read"]).status, 200)
            self.assertEqual(server.once("GET", "/provider_info", headers=bearer["read"]).status, 200)
            self.assert_refused(mastodon.call(server, "GET", "/v1/trends"), 401, "token_missing")
            self.assert_refused(mastodon.call(server, "GET", "/v1/fasp"), 401, "token_missing")
            self.assert_refused(server.once("POST", ACTIVATION, b"", bearer["read"]), 401, "signature_missing")
            # Nor does a head that only looks signed.
            self.assert_refused(server.once("GET", TRENDS, headers={"Signature-Input": "x"}), 401, "bad_signature")

    def test_each_stream_is_a_provider_of_its_own(self):
        with harness.Server(CONFIG) as server, Mastodon() as mastodon:
            side = "/v1/streams/side"
            self.assertEqual(register(server, side + "/fasp", server=mastodon.url).status, 201)
            self.assertEqual(mastodon.registration["name"], "Tags at the side")
            self.assertEqual(mastodon.registration["baseUrl"], PUBLIC + side)
            self.assertEqual(mastodon.checked(mastodon.call(server, "POST", side + ACTIVATION)).status, 204)
            self.assertEqual(mastodon.checked(mastodon.call(server, "GET", side + TRENDS)).json(), {"hashtags": []})
            self.assert_refused(mastodon.call(server, "GET", TRENDS), 401, "unknown_key")
            self.assertEqual(server.get("/v1/fasp"), {"servers": []})

    def test_a_registration_that_fails_says_where(self):
        with harness.Server(CONFIG) as server, Mastodon(node_info=False) as mastodon:
            self.assert_refused(register(server, server=mastodon.url), 502, "registration_failed", "no faspBaseUrl; name it as base_url")
            self.assertEqual(register(server, server=mastodon.url, base_url=mastodon.base_url).status, 201)
            self.assertEqual(mastodon.asked[2:], ["/api/fasp/registration"])
            mastodon.answer = {"faspId": "7", "publicKey": "c2hvcnQ="}
            self.assert_refused(register(server, server="http://127.0.0.2", base_url=mastodon.base_url), 502, "registration_failed", "publicKey")
            self.assert_refused(register(server, server=f"http://127.0.0.1:{harness.free_port()}"), 502, "registration_failed", "/.well-known/nodeinfo")
            for wrong in ("", "mastodon.example", "ftp://m.example", "https://u@m.example", "https://m.example/#x"):
                self.assert_refused(register(server, server=wrong), 422, "bad_url")
            self.assert_refused(register(server, server=mastodon.url, base_url="x"), 422, "bad_url")
            self.assert_refused(register(server, colour="red"), 422, "bad_body")
            self.assertEqual(len(server.get("/v1/fasp")["servers"]), 1)

    def test_nothing_inside_is_asked_unless_it_is_allowed(self):
        with harness.Server(CONFIG.replace('["127.0.0.0/8"]', "[]")) as server, Mastodon() as mastodon:
            self.assert_refused(register(server, server=mastodon.url), 502, "registration_failed", "not allowed")
            self.assertEqual(mastodon.asked, [])

    def test_the_private_keys_are_nowhere_told(self):
        with harness.Server(CONFIG) as server, Mastodon() as mastodon:
            register(server, server=mastodon.url)
            answers = [mastodon.call(server, "GET", "/provider_info"), server.request("GET", "/v1/fasp"), server.request("GET", "/v1/audit"),
                       server.request("GET", "/metrics")]
            told = server.log().encode() + b"".join(a.body + str(a.headers).encode() for a in answers)
            server.kill()
            copies = b""
            for folder, _, names in os.walk(server.data):
                for name in names:
                    with open(os.path.join(folder, name), "rb") as f:
                        copies += f.read()
            # The row holds its key behind the server's: 32 bytes with their length before.
            at = copies.index(b"\x20" + mastodon.key.public + b"\x20") + 34
            private = copies[at:at + 32]
            der = bytes.fromhex("302e020100300506032b657004220420") + private
            public = Key.run("pkey", "-inform", "DER", "-in", mastodon.key.file(der), "-pubout", "-outform", "DER")[-32:]
            self.assertEqual(base64.b64encode(public).decode(), mastodon.registration["publicKey"])
            for secret in (private, private.hex().encode(), base64.b64encode(private).rstrip(b"=")):
                self.assertNotIn(secret, told)

    def test_without_fasp_url_it_is_no_provider(self):
        with harness.Server() as server, Mastodon() as mastodon:
            self.assert_refused(register(server, server=mastodon.url), 404, "not_configured")
            for path in ("/provider_info", "/v1/fasp", "/v1/fasp/x"):
                self.assert_refused(server.request("GET", path), 404, "not_configured")
            self.assert_refused(server.request("POST", ACTIVATION), 404, "not_configured")
            self.assertEqual(server.request("GET", TRENDS, headers={"Signature-Input": "x", "Signature": "y"}).status, 200)

    def test_a_bad_url_of_its_own_is_a_bad_configuration(self):
        for url in ("tags.example", "https://", "https://tags.example/", "https://Tags.example", "https://a@tags.example", "https://tags.example?x",
                    "ftp://tags.example", "https://tags.exämple"):
            done = harness.check_config(f'fasp_url = "{url}"\n')
            self.assertEqual(done.returncode, 1, url)
            self.assertIn(b"fasp_url", done.stderr)
        self.assertIn(b"fasp_name", harness.check_config('fasp_name = ""\n').stderr)
        self.assertEqual(harness.check_config(CONFIG).returncode, 0)


if __name__ == "__main__":
    unittest.main()
