"""The reference archive and what is known to be true of it."""
import collections
import csv
import functools
import json
import os
import re
import subprocess

import harness

TOTALS = {"posts": 512_388, "posts_with_topic": 233_008, "topics_seen": 16_947, "mentions": 373_496}
FAMOUS = {  # tag: the days on which the burst is to be announced
    "kochfarms": ("2015-11-26", "2015-11-27"), "prayers4california": ("2015-12-03",), "stopthegop": ("2016-01-29",),
    "oscarhasnocolor": ("2016-02-29",), "islamkills": ("2016-03-22",), "brussels": ("2016-03-22",)}


def folder():
    return os.path.join(harness.shared_dir(), "data", "stream")


@functools.lru_cache(maxsize=1)
def lines():
    """All posts as bytes, one a line, sorted by event time."""
    packed = os.path.join(folder(), "dev.ndjson.zst")
    return subprocess.run(["zstd", "-dc", packed], capture_output=True, check=True).stdout.splitlines()


@functools.lru_cache(maxsize=None)
def windows(hours):
    """end -> rows (topic, posts, authors) in the oracle's order."""
    out = collections.defaultdict(list)
    with open(os.path.join(folder(), "oracle", f"window_{hours}h.csv"), encoding="utf-8", newline="") as f:
        for row in csv.DictReader(f):
            out[row["end"]].append((row["hashtag"], int(row["posts"]), int(row["authors"])))
    return out


def leaderboard():
    """hour -> rows, as windows()."""
    out = collections.defaultdict(list)
    with open(os.path.join(folder(), "oracle", "hourly_leaderboard.csv"), encoding="utf-8", newline="") as f:
        for row in csv.DictReader(f):
            out[row["hour"]].append((row["hashtag"], int(row["posts"]), int(row["authors"])))
    return out


def top():
    """The fifty most used hashtags: first and last use, peak hour."""
    with open(os.path.join(folder(), "oracle", "top.csv"), encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def bursts():
    with open(os.path.join(folder(), "bursts.csv"), encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def hourly(tags):
    """tag -> hour -> posts, for a few tags of plain ASCII letters."""
    pattern = re.compile(r"#(" + "|".join(tags) + r")(?!\w)", re.IGNORECASE)
    out = {tag: collections.Counter() for tag in tags}
    for line in lines():
        if b"#" not in line:
            continue
        post = json.loads(line)
        for tag in {m.casefold() for m in pattern.findall(post["text"])}:
            out[tag][post["created_at"][:13]] += 1
    return out
