"""A naive count of everything, to hold the server's numbers against."""
import collections
import datetime
import random

UTC = datetime.timezone.utc
START = datetime.datetime(2024, 3, 1, tzinfo=UTC)
WINDOWS = {"1h": 3600, "6h": 6 * 3600, "12h": 12 * 3600, "24h": 24 * 3600}


def stamp(seconds):
    return (START + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def generate(seed, count=20_000, hours=30):
    """Posts in order of time: Zipf tags in several spellings, several scopes. Each carries its truth in `_tags`."""
    r = random.Random(seed)
    spell = [lambda t: t, str.upper, str.title]
    names = [f"tag{i}" for i in range(300)] + ["straße", "café", "日本", "İzmir"]
    keys = {n: n for n in names}
    keys.update({"straße": "strasse", "İzmir": "i\u0307zmir"})
    places = [("US", "en"), ("FR", "fr"), ("JP", "ja"), (None, None)]
    posts = []
    for i, at in enumerate(sorted(r.randrange(hours * 3600) for _ in range(count))):
        chosen = [names[min(len(names) - 1, int(len(names) ** r.random()) - 1 if r.random() < .9 else r.randrange(len(names)))]
                  for _ in range(r.choice((0, 0, 1, 1, 2, 3)))]
        text = "w%d " % i + " ".join("#" + (r.choice(spell)(n) if n.isascii() else n) for n in chosen)
        country, lang = r.choice(places)
        post = {"id": f"g{i}", "source": r.choice(("twitter", "facebook")), "author": f"u{int(400 * r.random() ** 2)}",
                "created_at": stamp(at), "text": text}
        if country:
            post.update(country=country, lang=lang)
        posts.append((at, post, {keys[n] for n in chosen}))
    return posts


def scopes_of(post):
    scopes = ["world", "source:" + post["source"]]
    scopes += ["country:" + post["country"]] if "country" in post else []
    scopes += ["lang:" + post["lang"]] if "lang" in post else []
    return scopes


def top(posts, scope, begin, end, limit):
    """Rows (topic, posts, authors) of [begin, end), by posts and then by the topic's bytes."""
    counts, authors = collections.Counter(), collections.defaultdict(set)
    for at, post, tags in posts:
        if begin <= at < end and scope in scopes_of(post):
            for tag in tags:
                counts[tag] += 1
                authors[tag].add(post["author"])
    order = sorted(counts, key=lambda t: (-counts[t], t.encode()))
    return [(t, counts[t], len(authors[t])) for t in order[:limit]]


def totals(posts):
    return {"posts": len(posts), "posts_with_topic": sum(1 for p in posts if p[2]),
            "topics_seen": len(set().union(*(p[2] for p in posts))), "mentions": sum(len(p[2]) for p in posts)}


def shuffled_within(posts, seconds, seed):
    """An order of arrival in which no post comes more than `seconds` after a newer one."""
    r = random.Random(seed)
    return [p for _, p in sorted(((p[0] + r.uniform(0, seconds - 1), p) for p in posts), key=lambda x: x[0])]


def milestones(posts, steps):
    """Of the posts of one topic: when each count of posts and authors was reached, in all and on each network, as its story tells it."""
    posts = sorted(posts, key=lambda p: p["created_at"])
    first = _time(posts[0]["created_at"])
    rows = []
    for source in [None, *sorted({p["source"] for p in posts})]:
        seen, authors = 0, set()
        left = {"posts": list(steps), "authors": list(steps)}
        for p in posts:
            if source not in (None, p["source"]):
                continue
            seen += 1
            authors.add(p["author"])
            reached = _time(p["created_at"]).replace(second=0, microsecond=0) + datetime.timedelta(minutes=1)
            for counted, count in (("posts", seen), ("authors", len(authors))):
                while left[counted] and count >= left[counted][0]:
                    row = {"time": reached.strftime("%Y-%m-%dT%H:%M:%SZ"), "counted": counted, "count": left[counted].pop(0)}
                    row |= {"source": source} if source else {}
                    rows.append(row | {"seconds_since_first_post": int((reached - first).total_seconds())})
    return sorted(rows, key=lambda r: (r["time"], r.get("source", ""), r["counted"] == "authors", r["count"]))


def _time(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
