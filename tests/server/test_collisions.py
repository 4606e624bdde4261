"""Names that were crafted to meet in one slot of a hash table cost no more than any others.

TAGSWELL_COLLIDING_POSTS sets how many posts (20,000), TAGSWELL_COLLIDING_BITS how many bits of their hashes are the same (10).
"""
import functools
import json
import os
import subprocess
import unittest

import harness

POSTS = int(os.environ.get("TAGSWELL_COLLIDING_POSTS", "20000"))
BITS = int(os.environ.get("TAGSWELL_COLLIDING_BITS", "10"))
THROUGHPUT_MIN = 0.9
# Of a short run the start and the clock's tick are a part: it only tells what is out of all proportion.
SHORT_THROUGHPUT_MIN = 0.5
LONG = POSTS >= 100_000
# The best of so many of each, by turns: the machine's own noise is more than a tenth.
ROUNDS = 5 if LONG else 2
BATCH = 2000
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


@functools.cache
def names(kind, bits):
    tool = os.environ.get("TAGSWELL_COLLIDING_NAMES")
    if not tool or not os.path.exists(tool):
        raise unittest.SkipTest("no tool for it: build colliding_names and set TAGSWELL_COLLIDING_NAMES")
    return subprocess.run([tool, kind, str(POSTS), str(bits)], check=True, capture_output=True).stdout.decode().split()


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def cost(ids, authors, tags, config=""):
    """The server's CPU seconds for a post of each."""
    lines = [json.dumps(harness.post(i, author=a, text=f"#{t}")).encode() for i, a, t in zip(ids, authors, tags)]
    with harness.Server(config=config) as server:
        before = cpu_seconds(server.process.pid)
        accepted, _ = server.feed(lines, batch=BATCH)
        server.settled(600)
        assert accepted == POSTS
        return cpu_seconds(server.process.pid) - before


class Collisions(unittest.TestCase):
    def test_crafted_names_cost_no_more_than_others(self):
        plain = names("name", 0)
        cost(plain, plain, plain)  # warms the machine up
        runs = {"usual": (plain,) * 3}
        attacks = {"unkeyed": ("unkeyed",) * 3, "standard": ("standard",) * 3, "public salt": ("post", "name", "name")}
        for attack, kinds in attacks.items():
            runs[attack] = tuple(names(kind, BITS) for kind in kinds)
        figures = dict.fromkeys(runs, float("inf"))
        for _ in range(ROUNDS):
            for run, crafted in runs.items():
                figures[run] = min(figures[run], cost(*crafted))
        print(json.dumps(figures))
        for attack in attacks:
            self.assertGreaterEqual(figures["usual"] / figures[attack], THROUGHPUT_MIN if LONG else SHORT_THROUGHPUT_MIN, attack)


if __name__ == "__main__":
    unittest.main()
