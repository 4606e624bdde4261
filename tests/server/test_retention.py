"""Retention: what is old goes, everything else stays as it is in a server that drops nothing, whatever crashes meanwhile."""
import datetime
import json
import unittest

import harness

SCALE = 100
ROUNDS = 4  # the same days again and again
DAYS_APART = 5
SALT = 'salt = "00000000000000aa"\n'
POSTS_DAYS, HISTORY_DAYS, EVENTS_DAYS = 7, 6, 5
KEYS = (f"retention_posts_days = {POSTS_DAYS}\nretention_history_days = {HISTORY_DAYS}\n"
        f"retention_events_days = {EVENTS_DAYS}\n")
FORMAT = "%Y-%m-%dT%H:%M:%S"


def time_of(text):
    return datetime.datetime.strptime(text[:19], FORMAT)


def stamp(time):
    return time.strftime(FORMAT) + "Z"


def days(number):
    return datetime.timedelta(days=number)


def rounds():
    """The scenario, each time some days later, by other ids."""
    posts = [json.loads(line) for line in harness.run("synth", "--scenario", "metoo", "--scale", str(SCALE)).stdout.splitlines()]
    out = []
    for number in range(ROUNDS):
        def moved(post, number=number):
            post = dict(post, id=f"{post['id']}-{number}",
                        created_at=stamp(time_of(post["created_at"]) + days(DAYS_APART * number)))
            for key in ("in_reply_to", "repost_of"):
                if key in post:
                    post[key] = f"{post[key]}-{number}"
            return post
        out.append([moved(post) for post in posts])
    return out


class Retention(unittest.TestCase):
    def setUp(self):
        self.rounds = rounds()

    def test_drops_what_is_old_and_nothing_else(self):
        with harness.Server(config=SALT) as whole, harness.Server(config=SALT + KEYS) as short:
            for posts in self.rounds:
                for server in (whole, short):
                    self.assertEqual(server.feed(posts, batch=500), (len(posts), 0))
                    server.settled()
                    server.restart()
            self.compare(whole, short)
            # A crash: from the checkpoint and the log as they are on the disk.
            short.kill()
            short.start()
            self.compare(whole, short)
            self.goes_on(whole, short)
            self.assertEqual(short.stop(), 0)
            verified = harness.run("verify", short.data, check=False)
            self.assertEqual((verified.returncode, verified.stdout.decode().splitlines()[-1]), (0, "whole"),
                             verified.stdout.decode())
            self.assertIn("dropped ", verified.stdout.decode())

    def compare(self, whole, short):
        stats, all_stats = short.get("/v1/stats"), whole.get("/v1/stats")
        for key in ("engine_time", "posts", "mentions", "topics_live", "trends", "last_seq"):
            self.assertEqual(stats[key], all_stats[key], key)
        now = time_of(stats["engine_time"]).replace(second=0)  # minutes that are closed
        every = [post for posts in self.rounds for post in posts]
        self.assertEqual(time_of(all_stats["oldest_post"]), min(time_of(p["created_at"]) for p in every))
        self.assertIsNone(all_stats["history_since"])
        oldest = time_of(stats["oldest_post"])
        self.assertLessEqual(oldest, now - days(POSTS_DAYS))
        self.assertGreater(oldest, now - days(POSTS_DAYS + 3))
        metric = [line for line in short.once("GET", "/metrics").body.decode().splitlines()
                  if line.startswith("tagswell_oldest_post_timestamp_seconds ")]
        seconds = (oldest - datetime.datetime(1970, 1, 1)).total_seconds()
        self.assertAlmostEqual(float(metric[0].split()[1]), seconds, delta=1)

        self.posts(whole, short, now, every)
        self.events(whole, short, now)
        self.counts_and_boards(whole, short, now)

    def posts(self, whole, short, now, every):
        for post in every[::97] + every[-1:]:
            path = f"/v1/posts/{post['source']}/{post['id']}"
            found = short.request("GET", path)
            self.assertEqual(whole.request("GET", path).status, 200)
            if time_of(post["created_at"]) >= now - days(POSTS_DAYS):
                self.assertEqual(found.status, 200, post)
            elif time_of(post["created_at"]) < now - days(POSTS_DAYS + 3):
                self.assertEqual((found.status, found.json()["code"]), (404, "not_found"), post)
        listed, all_listed = self.pages(short), self.pages(whole)
        self.assertLess(len(listed), len(all_listed))
        self.assertEqual(listed, all_listed[:len(listed)])
        recent = [p for p in all_listed if time_of(p["created_at"]) >= now - days(POSTS_DAYS)]
        self.assertGreater(len(recent), 50)
        self.assertTrue(all(p in listed for p in recent[::20]))
        story = short.get("/v1/topics/metoo")
        self.assertEqual(story["told_from"]["kept_since"], short.get("/v1/stats")["oldest_post"])
        self.assertGreater(time_of(story["first_post"]["created_at"]), now - days(POSTS_DAYS + 3))
        self.assertNotIn("kept_since", whole.get("/v1/topics/metoo")["told_from"])
        self.gone(short, "/v1/topics/metoo/explain", time_of(every[0]["created_at"]) + days(2))

    @staticmethod
    def pages(server):
        out, before = [], {}
        while True:
            page = server.get("/v1/topics/metoo/posts", limit=200, **before)
            out += page["posts"]
            if page["next"] is None:
                return out
            before = {"before": page["next"]}

    def gone(self, server, path, at, **query):
        answer = server.request("GET", f"{path}?at={stamp(at)}&" + "&".join(f"{k}={v}" for k, v in query.items()))
        self.assertEqual((answer.status, answer.json()["code"]), (410, "not_kept"), answer)

    def events(self, whole, short, now):
        all_events = [harness.without_epoch(event) for event in whole.events()]
        refused = short.request("GET", "/v1/events?since=0")
        self.assertEqual((refused.status, refused.json()["code"]), (410, "cursor_gone"))
        oldest = refused.json()["oldest"]
        self.assertEqual(oldest + 1, short.get("/v1/stats")["oldest_seq"])
        page = short.get("/v1/events", since=oldest, limit=1000)
        kept = [harness.without_epoch(event) for event in page["events"]]
        self.assertEqual(kept, all_events[oldest:oldest + 1000])
        self.assertEqual(short.get("/v1/events", limit=1)["events"], page["events"][:1])
        for event in all_events:
            self.assertEqual(time_of(event["time"]) >= now - days(EVENTS_DAYS), event["seq"] > oldest, event)

    def counts_and_boards(self, whole, short, now):
        for back in range(0, HISTORY_DAYS * 24 - 30, 7):
            at = stamp(now - datetime.timedelta(hours=back))
            for window in ("1h", "24h"):
                self.assertEqual(short.get("/v1/top", at=at, window=window), whole.get("/v1/top", at=at, window=window))
        for back in range(0, EVENTS_DAYS * 24, 5):
            at = stamp(now - datetime.timedelta(hours=back))
            self.assertEqual(short.get("/v1/trends", at=at), whole.get("/v1/trends", at=at))
        self.gone(short, "/v1/top", now - days(HISTORY_DAYS) - datetime.timedelta(hours=2), window="24h")
        self.gone(short, "/v1/trends", now - days(EVENTS_DAYS) - datetime.timedelta(hours=2))
        since = time_of(short.get("/v1/stats")["history_since"])
        self.assertEqual(since, (now - days(HISTORY_DAYS)).replace(minute=0, second=0))
        steps = {}
        for server in (whole, short):
            found = server.get("/v1/topics/metoo/history", step="1h", to=stamp(now), **{"from": stamp(now - days(60))})
            steps[server] = found["steps"]
        left = [step for step in steps[whole] if time_of(step["time"]) >= since]
        self.assertEqual(steps[short], left)
        self.assertLess(len(left), len(steps[whole]))

    def goes_on(self, whole, short):
        """Posts that follow are judged alike; one that was dropped is a new one when it comes again."""
        more = [dict(post, id=post["id"] + "-more", created_at=stamp(time_of(post["created_at"]) + days(DAYS_APART)))
                for post in self.rounds[-1][:3000]]
        for server in (whole, short):
            server.feed(more, batch=500)
            server.settled()
        since = short.get("/v1/stats")["oldest_seq"] - 1
        self.assertEqual([harness.without_epoch(e) for e in short.get("/v1/events", since=since, limit=1000)["events"]],
                         [harness.without_epoch(e) for e in whole.get("/v1/events", since=since, limit=1000)["events"]])
        self.assertEqual(short.post_json(self.rounds[0][0]).status, 201)
        self.assertEqual(whole.post_json(self.rounds[0][0]).status, 200)
        self.assertEqual(short.post_json(self.rounds[-1][-1]).status, 200)

    def test_of_one_stream_alone(self):
        with harness.Server(config=f"[streams.short]\n{KEYS}") as server:
            for posts in self.rounds:
                for path in ("/v1/posts", "/v1/streams/short/posts"):
                    for at in range(0, len(posts), 1000):
                        self.assertEqual(server.post_lines(posts[at:at + 1000], path=path).status, 200)
                server.restart()
            first = self.rounds[0][0]
            self.assertEqual(server.request("GET", f"/v1/posts/{first['source']}/{first['id']}").status, 200)
            self.assertEqual(server.request("GET", f"/v1/streams/short/posts/{first['source']}/{first['id']}").status, 404)

    def test_keys_are_checked(self):
        for text, field in (("retention_posts_days = 6", "retention_posts_days"),
                            ("retention_posts_days = 36501", "retention_posts_days"),
                            ("retention_history_days = 36501", "retention_history_days"),
                            ("retention_events_days = -1", "retention_events_days"),
                            ("[streams.a]\nretention_posts_days = 1", "streams.a.retention_posts_days")):
            checked = harness.check_config(text + "\n")
            self.assertNotEqual(checked.returncode, 0, text)
            self.assertIn(field, checked.stderr.decode())
        self.assertEqual(harness.check_config(KEYS).returncode, 0)


if __name__ == "__main__":
    unittest.main()
