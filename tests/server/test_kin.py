"""Successors and sisters on seeded streams whose kinships are known: none may be told wrongly.

TAGSWELL_KIN_STREAMS names the streams (scenario:seed).
"""
import os
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

import harness

STREAMS = os.environ.get("TAGSWELL_KIN_STREAMS", "tiny:1 tiny:2 weeks:1").split()
LOOKED_AT = 200  # of the most used topics, besides all that were announced
# A flash and the tag that a part of its people come to use; and the tag of another language that half of its people use with it.
SUCCESSORS = {("notalone", "neveralone"), ("walkwithus", "runwithus"), ("speakupnow", "speakuptoo"), ("turnthetide", "tideturned")}
SISTERS = {("metoo", "yotambien"), ("yotambien", "metoo")}
METOO = '[[alias]]\ntopic = "metoo"\ntags = ["MeToo"]\nphrases = ["me too"]\n'


def lines_of(stream, folder):
    name, seed = stream.split(":")
    maker = os.path.join(harness.shared_dir(), "tools/quality/scenarios.py")
    if not os.path.exists(maker):
        raise unittest.SkipTest(f"the maker of scenarios is absent ({maker})")
    subprocess.run([sys.executable, maker, name, "--seed", seed, "--out", folder], check=True, stdout=subprocess.DEVNULL)
    with open(os.path.join(folder, "posts.ndjson"), "rb") as f:
        return f.read().splitlines()


def kin_of(server):
    """(successors, sisters) as pairs of topics, and how many topics were asked."""
    events = server.events(type="started")
    topics = {e["topic"] for e in events}
    last = server.get("/v1/stats")["engine_time"]
    topics |= {t["topic"] for t in server.get("/v1/top", window="24h", by="authors", limit=LOOKED_AT, at=last[:17] + "00Z")["topics"]}
    found = {"successors": {}, "sisters": {}}
    for topic in sorted(topics):
        story = server.get(f"/v1/topics/{urllib.parse.quote(topic, safe='')}")
        for kind, rows in found.items():
            rows.update({(topic, row["topic"]): row for row in story.get(kind, [])})
    return found["successors"], found["sisters"], len(topics)


class Kin(unittest.TestCase):
    def test_no_kin_is_told_wrongly(self):
        for stream in STREAMS:
            with self.subTest(stream), tempfile.TemporaryDirectory() as folder, \
                    harness.Server(config=METOO if stream.startswith("metoo") else "") as server:
                server.feed(lines_of(stream, folder), batch=500)
                server.settled(seconds=300)
                successors, sisters, asked = kin_of(server)
                print(f"{stream}: of {asked} topics, successors {sorted(successors)}, sisters {sorted(sisters)}")
                self.assertEqual(set(successors) - SUCCESSORS, set(), stream)
                self.assertEqual(set(sisters) - SISTERS, set(), stream)


if __name__ == "__main__":
    unittest.main()
