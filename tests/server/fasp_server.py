"""A fediverse server as auxiliary service providers (FASP) meet it: it takes their registration, and calls them as
Mastodon does, each request signed. Ed25519 is openssl's."""
import base64
import hashlib
import http.server
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time

PUBLIC = "https://tags.example/fasp"  # the provider, behind a proxy that takes the path away


def sha256(data):
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


class Key:
    """An Ed25519 key, in files, for `openssl pkeyutl`."""

    PUBLIC_PREFIX = bytes.fromhex("302a300506032b6570032100")  # of the DER that holds the 32 bytes

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="tagswell-key-")
        self.path = os.path.join(self.folder, "key.pem")
        self.run("genpkey", "-algorithm", "ed25519", "-out", self.path)
        self.public = self.run("pkey", "-in", self.path, "-pubout", "-outform", "DER")[-32:]

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    @staticmethod
    def run(*arguments, check=True):
        done = subprocess.run(["openssl", *arguments], capture_output=True, timeout=60, check=check)
        return done.stdout

    def file(self, data):
        handle, path = tempfile.mkstemp(dir=self.folder)
        with os.fdopen(handle, "wb") as f:
            f.write(data)
        return path

    def sign(self, text):
        return self.run("pkeyutl", "-sign", "-inkey", self.path, "-rawin", "-in", self.file(text.encode()))

    def verifies(self, public, text, signature):
        key = self.file(self.PUBLIC_PREFIX + public)
        out = self.run("pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", key, "-rawin", "-in", self.file(text.encode()),
                       "-sigfile", self.file(signature), check=False)
        return b"Verified Successfully" in out


class Mastodon:
    """Takes the registration of providers, and calls them."""

    def __init__(self, node_info=True):
        self.key = Key()
        self.asked = []
        self.registration = None
        self.answer = {"faspId": "dfkl3msw6ps3", "publicKey": base64.b64encode(self.key.public).decode(),
                       "registrationCompletionUri": "https://fedi.example/admin/fasp/providers/7/registration/new"}
        mastodon = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                mastodon.asked.append(self.path)
                if self.path == "/.well-known/nodeinfo":
                    return self.say(200, {"links": [{"rel": "http://nodeinfo.diaspora.software/ns/schema/2.0", "href": mastodon.url + "/nodeinfo/2.0"}]})
                return self.say(200, {"version": "2.0", "metadata": {"faspBaseUrl": mastodon.base_url} if node_info else {}})

            def do_POST(self):
                mastodon.asked.append(self.path)
                mastodon.registration = json.loads(self.rfile.read(int(self.headers["content-length"])))
                self.say(201, mastodon.answer)

            def say(self, status, value):
                body = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.base_url = self.url + "/api/fasp"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.key.close()

    def headers(self, method, path, body=b"", created=None, keyid=None, key=None):
        digest = f"sha-256=:{sha256(body)}:"
        params = (f'("@method" "@target-uri" "content-digest");created={int(created if created is not None else time.time())}'
                  f';keyid="{keyid or self.registration["serverId"]}"')
        text = f'"@method": {method}\n"@target-uri": {PUBLIC}{path}\n"content-digest": {digest}\n"@signature-params": {params}'
        return {"accept": "application/json", "content-type": "application/json", "content-digest": digest, "signature-input": f"sig1={params}",
                "signature": f"sig1=:{base64.b64encode((key or self.key).sign(text)).decode()}:"}

    def call(self, provider, method, path, body=b"", **how):
        headers = self.headers(method, path, body, **how)
        return provider.once(method, path, body, {**headers, "content-length": str(len(body))})

    def checked(self, answer):
        """The answer, whose signature is the provider's."""
        headers = answer.headers
        assert headers["content-digest"] == f"sha-256=:{sha256(answer.body)}:", headers
        params = headers["signature-input"].removeprefix("sig1=")
        assert re.fullmatch(r'\("@status" "content-digest"\);created=\d+;keyid="dfkl3msw6ps3"', params), params
        assert abs(int(re.search(r"created=(\d+)", params)[1]) - time.time()) < 120
        text = f'"@status": {answer.status}\n"content-digest": {headers["content-digest"]}\n"@signature-params": {params}'
        signature = base64.b64decode(headers["signature"].removeprefix("sig1=:").removesuffix(":"))
        assert self.key.verifies(base64.b64decode(self.registration["publicKey"]), text, signature)
        assert not self.key.verifies(base64.b64decode(self.registration["publicKey"]), text + " ", signature)
        return answer
