"""A real Prometheus asks for the history of topics: its numbers are the oracle's."""
import collections
import datetime
import hashlib
import os
import random
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "server"))
import archive
import harness
import oracle
from prometheus import Prometheus, tool

LONG = bool(os.environ.get("TAGSWELL_LONG"))
HOUR = 3600
POSTS = "tagswell_topic_posts_total"
AUTHORS = "tagswell_topic_authors"
BUSIEST = f"topk(5, sum by (topic) (rate({POSTS}[1h])))"


def reading(port, more="", labels=""):
    """The stanzas of the guide; nothing is scraped."""
    with open(os.path.join(harness.ROOT, "docs", "guide", "promql.md"), encoding="utf-8") as f:
        stanzas = re.search(r"^```yaml\n(.*?)^```", f.read(), re.M | re.S).group(1)
    stanzas = stanzas.replace("localhost:8080", f"127.0.0.1:{port}")
    stanzas = stanzas.replace("    read_recent:", f"{more}    read_recent:")
    return f"global: {{external_labels: {{{labels}}}}}\n{stanzas}"


def seconds(stamp):
    return datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()


class Comparing(unittest.TestCase):
    maxDiff = 3000

    def posts(self, value):
        """The whole number of posts that `value` is up to what floating point loses."""
        self.assertAlmostEqual(value, round(value), delta=1e-6)
        return round(value)

    def busiest(self, prometheus, at):
        """[(topic, posts of the hour before)], most first. On whole minutes a rate is the posts over 3600 s exactly:
        the range begins and ends with a sample, so that nothing is extrapolated."""
        found = prometheus.ask("/api/v1/query", query=BUSIEST, time=at)["result"]
        rows = [(of["metric"]["topic"], self.posts(float(of["value"][1]) * HOUR)) for of in found]
        return sorted(rows, key=lambda row: (-row[1], row[0].encode()))

    def check_busiest(self, rows, wanted):
        """`wanted` has the most used topics in order. Which of those that share the last place topk leaves out is its
        own affair. In quiet hours it fills up with topics of other hours."""
        rows = [row for row in rows if row[1]]
        counts = dict(wanted)
        self.assertEqual([n for _, n in rows], [n for _, n in wanted[:5]])
        least = rows[-1][1] if rows else 0
        for topic, posts in rows:
            self.assertEqual(posts, counts.get(topic, least), topic)
        self.assertEqual([row for row in rows if row[1] > least], [row for row in wanted[:5] if row[1] > least])

    def curves(self, prometheus, expression, start, end, step=HOUR):
        """topic -> time -> value"""
        found = prometheus.ask("/api/v1/query_range", query=expression, start=start, end=end, step=step)["result"]
        return {of["metric"]["topic"]: {t: self.posts(float(v)) for t, v in of["values"]} for of in found}


class OwnStream(Comparing):
    """Thirty hours of posts, counted by the naive oracle."""

    @classmethod
    def setUpClass(cls):
        tool("prometheus")
        cls.stream = oracle.generate(5)
        cls.begin = oracle.START.timestamp()
        cls.server = harness.Server().start()
        cls.server.feed([post for _, post, _ in cls.stream])
        cls.server.settled()
        cls.prometheus = Prometheus(reading(cls.server.port, labels="site: here"))
        cls.prometheus.wait_for("vector(1)")

    @classmethod
    def tearDownClass(cls):
        cls.prometheus.__exit__()
        cls.server.close()

    def top(self, scope, end, limit):
        return oracle.top(self.stream, scope, end - HOUR, end, limit)

    def test_the_busiest_topics_of_an_hour(self):
        r = random.Random(1)
        for end in [HOUR, 24 * HOUR] + [60 * r.randrange(30 * 60) for _ in range(30)]:
            wanted = [(topic, posts) for topic, posts, _ in self.top("world", end, 1000)]
            self.check_busiest(self.busiest(self.prometheus, self.begin + end), wanted)

    def test_every_topic_of_a_day_hour_by_hour(self):
        found = self.curves(self.prometheus, f"increase({POSTS}[1h])", self.begin + HOUR, self.begin + 25 * HOUR)
        for hour in range(1, 26):
            wanted = {topic: posts for topic, posts, _ in self.top("world", hour * HOUR, 1000)}
            got = {topic: curve[self.begin + hour * HOUR] for topic, curve in found.items()}
            self.assertEqual({topic: n for topic, n in got.items() if n}, wanted, hour)

    def test_the_busiest_topics_of_every_hour_of_a_day(self):
        found = self.curves(self.prometheus, BUSIEST.replace("rate", "increase"), self.begin + HOUR, self.begin + 24 * HOUR)
        for hour in range(1, 25):
            at = self.begin + hour * HOUR
            rows = [(topic, curve[at]) for topic, curve in found.items() if at in curve]
            wanted = [(topic, posts) for topic, posts, _ in self.top("world", hour * HOUR, 1000)]
            self.check_busiest(sorted(rows, key=lambda row: (-row[1], row[0].encode())), wanted)

    def test_authors_and_posts_of_a_scope(self):
        for scope in ("country:FR", "lang:ja", "source:facebook"):
            topics = ("tag0", "tag1", "café", "i\u0307zmir")
            selector = f'{{scope="{scope}",topic=~"{"|".join(topics)}"}}'
            start, end = self.begin + 1800, self.begin + 29 * HOUR
            authors = self.curves(self.prometheus, AUTHORS + selector, start, end, 1740)
            posts = self.curves(self.prometheus, f"increase({POSTS}{selector}[1h])", start, end, 1740)
            for at in posts["tag0"]:
                wanted = {t: (n, a) for t, n, a in self.top(scope, at - self.begin, 1000)}
                # A topic that the range has no post of has no series.
                got = {t: (posts[t][at], authors[t][at]) for t in topics if t in posts}
                self.assertEqual(got, {t: wanted.get(t, (0, 0)) for t in topics if t in posts}, (scope, at))
                self.assertFalse((set(topics) - set(posts)) & set(wanted))

    def test_several_scopes_beside_each_other(self):
        found = self.prometheus.ask("/api/v1/query", time=self.begin + 20 * HOUR,
                                    query=f'sum by (scope) (increase({POSTS}{{topic="tag0",scope=~"country:.*|world"}}[1h]))')
        got = {of["metric"]["scope"]: self.posts(float(of["value"][1])) for of in found["result"]}
        wanted = {scope: dict((t, n) for t, n, _ in self.top(scope, 20 * HOUR, 1000)).get("tag0")
                  for scope in ("world", "country:US", "country:FR", "country:JP")}
        self.assertEqual(got, wanted)

    def test_which_topics_there_are(self):
        found = self.prometheus.ask("/api/v1/series", **{"match[]": f'{POSTS}{{topic=~"tag1.*"}}', "start": self.begin,
                                                        "end": self.begin + HOUR})
        self.assertEqual({of["topic"] for of in found},
                         {t for t, _, _ in self.top("world", HOUR, 1000) if t.startswith("tag1")})

    def test_what_is_too_much_is_told(self):
        answer = self.prometheus.answer("/api/v1/query", time=self.begin + 30 * HOUR,
                                        query=f'count(count_over_time({POSTS}{{topic=~"{"|".join(map(str, range(2000)))}"}}[30h]))')
        self.assertIn("exceeded sample limit (2000000)", " ".join(answer["warnings"]))


class Tokens(Comparing):
    def test_prometheus_needs_a_token_that_may_read(self):
        tool("prometheus")
        tokens = "".join(f'[[token]]\nname = "{role}"\nsha256 = "{hashlib.sha256(role.encode()).hexdigest()}"\n'
                         f'roles = ["{role}"]\n' for role in ("read", "ingest"))
        with harness.Server(config=tokens) as server:
            lines = [harness.post(i, at=oracle.stamp(60 * i)) for i in range(60)]
            body = b"\n".join(harness.json.dumps(line).encode() for line in lines)
            sent = server.request("POST", "/v1/posts", body, {"Content-Type": "application/x-ndjson",
                                                             "Authorization": "Bearer ingest"})
            self.assertEqual(sent.status, 200)
            at = oracle.START.timestamp() + 1800
            with Prometheus(reading(server.port, "    authorization: {credentials: read}\n")) as prometheus:
                prometheus.wait_for("vector(1)")
                self.wait_until_counted(server)
                self.assertEqual(self.busiest(prometheus, at), [("world", 30)])
            for bad in ("", "    authorization: {credentials: ingest}\n"):
                with Prometheus(reading(server.port, bad)) as prometheus:
                    prometheus.wait_for("vector(1)")
                    answer = prometheus.answer("/api/v1/query", query=BUSIEST, time=at)
                    self.assertEqual(answer["data"]["result"], [])
                    self.assertIn("403" if bad else "401", " ".join(answer["warnings"]))

    def wait_until_counted(self, server):
        for _ in range(1000):
            stats = server.request("GET", "/v1/stats", headers={"Authorization": "Bearer read"}).json()
            if stats["lag_posts"] == 0:
                return
        raise AssertionError(stats)


class ReferenceStream(Comparing):
    """Seven months of real posts."""

    @classmethod
    def setUpClass(cls):
        tool("prometheus")
        cls.windows = archive.windows(1)
        cls.ends = sorted(cls.windows)
        cls.server = harness.Server().start()
        cls.server.feed(archive.lines())
        cls.server.settled(seconds=120)
        cls.prometheus = Prometheus(reading(cls.server.port))
        cls.prometheus.wait_for("vector(1)")

    @classmethod
    def tearDownClass(cls):
        cls.prometheus.__exit__()
        cls.server.close()

    def test_the_busiest_topics_of_an_hour(self):
        ends = self.ends if LONG else random.Random(2).sample(self.ends, 200)
        leaders = archive.leaderboard()
        for end in ends:
            rows = self.busiest(self.prometheus, seconds(end))
            self.check_busiest(rows, [(t, n) for t, n, _ in self.windows[end]])
            hour = (datetime.datetime.fromisoformat(end.replace("Z", "+00:00")) - datetime.timedelta(hours=1))
            self.check_busiest(rows, [(t, n) for t, n, _ in leaders[hour.strftime("%Y-%m-%dT%H:%M:%SZ")]])

    def test_topics_over_the_whole_time(self):
        listed = collections.Counter(t for rows in self.windows.values() for t, _, _ in rows)
        for topic in [t for t, _ in listed.most_common(3)] + list(archive.FAMOUS):
            start, end = seconds(self.ends[0]), seconds(self.ends[-1])
            posts = self.curves(self.prometheus, f'increase({POSTS}{{topic="{topic}"}}[1h])', start, end)[topic]
            authors = self.curves(self.prometheus, f'{AUTHORS}{{topic="{topic}"}}', start, end)[topic]
            self.assertGreater(len(posts), 5000)
            seen = 0
            for at in self.ends:
                rows = self.windows[at]
                got = posts.get(seconds(at)), authors.get(seconds(at))
                wanted = next(((n, a) for t, n, a in rows if t == topic), None)
                if wanted:
                    self.assertEqual(got, wanted, (topic, at))
                    seen += 1
                else:
                    self.assertLessEqual(got[0], rows[19][1] if len(rows) >= 20 else 0, (topic, at))
            self.assertEqual(seen, listed[topic])

    def test_the_busiest_topics_of_every_hour_of_a_day(self):
        first = seconds("2015-11-24T01:00:00Z")
        for day in range(7):
            start = first + day * 24 * HOUR
            found = self.curves(self.prometheus, BUSIEST.replace("rate", "increase"), start, start + 23 * HOUR)
            for hour in range(24):
                at = start + hour * HOUR
                rows = [(topic, curve[at]) for topic, curve in found.items() if at in curve]
                end = datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
                self.check_busiest(sorted(rows, key=lambda row: (-row[1], row[0].encode())),
                                   [(t, n) for t, n, _ in self.windows.get(end, [])])


if __name__ == "__main__":
    unittest.main()
