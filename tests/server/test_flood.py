"""A flood of tags that nobody else uses, with a real stream mixed in: memory has a bound, and what people use stays exact.

TAGSWELL_FLOOD_TAGS turns on the long form: so many different tags, at the default bound, and a bar on memory.
"""
import datetime
import json
import os
import unittest

import harness

LONG_TAGS = int(os.environ.get("TAGSWELL_FLOOD_TAGS", "0"))
TAGS = LONG_TAGS or 200_000
TOPICS_MAX = 20_000
RESIDENT_BYTES_MAX = 1.5e9
TAGS_A_POST = 20
POSTS_A_BODY = 1_000
REAL_TAGS = 150
REAL_POSTS_A_BODY = 200


def resident_peak_bytes(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return next(int(line.split()[1]) * 1024 for line in f if line.startswith("VmHWM"))


class Flood(unittest.TestCase):
    def test_what_people_use_stays_exact_and_memory_has_a_bound(self):
        config = "" if LONG_TAGS else f"topics_max = {TOPICS_MAX}\n"
        counts = [0] * REAL_TAGS
        sent = 0

        def real(first):
            # Tag k is used by one post in k + 2; each post has an author of its own.
            for number in range(first, first + REAL_POSTS_A_BODY):
                tags = [k for k in range(REAL_TAGS) if number % (k + 2) == 0][:30]
                for k in tags:
                    counts[k] += 1
                yield {"id": f"r{number}", "author": f"p{number}", "tags": [f"real{k}" for k in tags]}

        with harness.Server(config=config, clock="wall") as server:
            while sent < TAGS:
                now = datetime.datetime.now(datetime.timezone.utc).isoformat()
                lines = []
                number = sent // TAGS_A_POST
                for i in range(number, min(number + POSTS_A_BODY, TAGS // TAGS_A_POST)):
                    tags = [f"junk{i * TAGS_A_POST + k}" for k in range(TAGS_A_POST)]
                    lines.append({"id": f"j{i}", "author": f"bot{i}", "tags": tags})
                sent += TAGS_A_POST * len(lines)
                lines += real(number // POSTS_A_BODY * REAL_POSTS_A_BODY)
                self.assertEqual(server.feed([json.dumps({**line, "source": "s", "created_at": now, "text": ""}).encode()
                                              for line in lines], batch=len(lines))[0], len(lines))
            stats = server.settled(600)
            resident = resident_peak_bytes(server.process.pid)
            figures = {key: stats[key] for key in ("topics_seen", "topics_live", "topics_forgotten", "mentions_unadmitted",
                                                   "memory_bytes")}
            print(json.dumps({"tags": sent, "resident_peak_bytes": resident, **figures}), flush=True)
            self.assertGreater(stats["topics_seen"], 0.95 * TAGS)
            self.assertGreater(stats["topics_forgotten"] + stats["mentions_unadmitted"], 0, "the bound is not tried")
            if not LONG_TAGS:
                self.assertLessEqual(stats["topics_live"], 1.01 * TOPICS_MAX)
            expected = sorted(((-n, f"real{k}") for k, n in enumerate(counts)))[:100]
            rows = server.get("/v1/top", window="1h", by="posts", limit=100)["topics"]
            for row, (n, topic) in zip(rows, expected, strict=True):
                self.assertEqual(row["topic"], topic)
                # The first post of a tag that began within the flood may be missing.
                self.assertIn(-n - row["posts"], (0, 1), row)
            if LONG_TAGS:
                self.assertLessEqual(resident, RESIDENT_BYTES_MAX)
            # A tag that nobody else used is on the disk all the same.
            at = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=1)).isoformat()
            steps = server.get("/v1/topics/junk7/history", step="1h", to=at)["steps"]
            self.assertEqual(sum(step["posts"] for step in steps), 1)


if __name__ == "__main__":
    unittest.main()
