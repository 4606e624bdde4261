"""A Prometheus of a test's own."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "server"))
import harness

PATIENCE_SECONDS = 60


def tool(name):
    if not shutil.which(name):
        raise unittest.SkipTest(f"{name} is not installed (Debian: prometheus)")
    return name


class Prometheus:
    """Runs with this configuration until the end of the block."""

    def __init__(self, configuration):
        self.folder = tempfile.mkdtemp(prefix="tagswell-prometheus-")
        self.port = harness.free_port()
        config = os.path.join(self.folder, "prometheus.yml")
        with open(config, "w", encoding="utf-8") as f:
            f.write(configuration)
        self.log = open(os.path.join(self.folder, "log"), "wb")
        self.process = subprocess.Popen(
            [tool("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={self.folder}/data",
             f"--web.listen-address=127.0.0.1:{self.port}"], stdout=self.log, stderr=self.log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def answer(self, path, **query):
        """The whole answer, an error's too."""
        url = f"http://127.0.0.1:{self.port}{path}?{urllib.parse.urlencode(query)}"
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return json.loads(error.read())

    def ask(self, path, **query):
        answer = self.answer(path, **query)
        if answer["status"] != "success" or "warnings" in answer:
            raise AssertionError(f"{path} {query}: {answer.get('error')} {answer.get('warnings')}")
        return answer["data"]

    def values(self, expression):
        """The numbers that an instant query gives."""
        return [float(of["value"][1]) for of in self.ask("/api/v1/query", query=expression)["result"]]

    def wait_for(self, expression):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                if any(value == value for value in self.values(expression)):
                    return
            except OSError:
                pass
            time.sleep(0.2)
        raise AssertionError(f"nothing within {PATIENCE_SECONDS} s: {expression}")
