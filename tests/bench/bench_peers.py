#!/usr/bin/env python3
"""The load generator's stream into Redis and PostgreSQL, each the way it is usually done. Prints JSON lines.

usage: bench_peers.py [POSTS]    default 300,000; a peer that is not installed is named on standard error and skipped

Redis: the post as a string, a sorted set of counts a minute, a HyperLogLog of authors a topic and minute; pipelined by
1,000 posts; append-only file synced every second. PostgreSQL: COPY in batches of 10,000, then a minute's roll-up.
The client's work is done before the clock starts, so what is measured is the peer. The posts are spread over an hour, so
that a top of the last hour is what a user of theirs would ask for.
"""
import glob
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
LOAD = os.path.join(ROOT, "build/release/tests/bench/load/tagswell_load")
TICKS = os.sysconf("SC_CLK_TCK")
TAG = re.compile(r"#(\w+)")


def figure(bench, value, unit, label=""):
    print(json.dumps({"bench": bench, "label": label, "value": round(value, 3), "unit": unit}), flush=True)


def fields_of(pid):
    with open(f"/proc/{pid}/stat") as f:
        return f.read().rpartition(") ")[2].split()


def cpu_of(pid):
    """Seconds of the process, of its reaped children and of those that live."""
    total = sum(int(x) for x in fields_of(pid)[11:15])
    for path in glob.glob(f"/proc/{pid}/task/*/children"):
        with open(path) as f:
            for child in f.read().split():
                total += sum(int(x) for x in fields_of(child)[11:13])
    return total / TICKS


def posts_of(count):
    done = subprocess.run([LOAD, "dump", "--posts", str(count)], capture_output=True, check=True)
    posts = []
    for i, line in enumerate(done.stdout.splitlines()):
        post = json.loads(line)
        post["created_at"] = f"2026-01-01T10:{i * 60 // count:02}:00Z"
        posts.append((json.dumps(post, ensure_ascii=False).encode(), post))
    return posts


def median_ms(work):
    times = []
    for _ in range(5):
        start = time.monotonic()
        work()
        times.append(time.monotonic() - start)
    return sorted(times)[2] * 1e3


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def command(*parts):
    out = [b"*%d\r\n" % len(parts)]
    for part in parts:
        part = part if isinstance(part, bytes) else str(part).encode()
        out.append(b"$%d\r\n%s\r\n" % (len(part), part))
    return b"".join(out)


def redis(posts, folder):
    program = shutil.which("redis-server")
    if not program:
        print("redis-server is not installed: skipped", file=sys.stderr)
        return
    batches = []
    for at in range(0, len(posts), 1_000):
        parts, replies = [], 0
        for line, post in posts[at:at + 1_000]:
            minute = post["created_at"][:16]
            parts.append(command("SET", "post:" + post["source"] + ":" + post["id"], line))
            replies += 1
            for tag in set(TAG.findall(post["text"])):
                parts.append(command("ZINCRBY", "top:" + minute, 1, tag))
                parts.append(command("PFADD", "authors:" + minute + ":" + tag, post["author"]))
                replies += 2
        batches.append((b"".join(parts), replies))
    port = free_port()
    server = subprocess.Popen([program, "--port", str(port), "--dir", folder, "--appendonly", "yes", "--appendfsync", "everysec",
                               "--save", "", "--bind", "127.0.0.1"], stdout=subprocess.DEVNULL)
    try:
        peer = connect(port)
        before, start = cpu_of(server.pid), time.monotonic()
        for data, replies in batches:
            peer.sendall(data)
            seen = 0
            while seen < replies:  # each of these replies is one line
                seen += peer.recv(1 << 20).count(b"\r\n")
        seconds = time.monotonic() - start
        figure("redis_rate", len(posts) / seconds, "posts/s", "pipelined by 1000, AOF every second")
        figure("redis_cpu", (cpu_of(server.pid) - before) * 1e6 / len(posts), "us/post", "server only")
        minutes = sorted({p["created_at"][:16] for _, p in posts})
        question = (command("ZUNIONSTORE", "sum", len(minutes), *["top:" + m for m in minutes]) +
                    command("ZREVRANGE", "sum", 0, 19, "WITHSCORES"))

        def ask():
            peer.sendall(question)
            got = b""
            while got.count(b"\r\n") < 1 + 1 + 2 * 40:
                got += peer.recv(1 << 20)

        figure("redis_top20", median_ms(ask), "ms", f"union of {len(minutes)} minutes")
        peer.close()
    finally:
        server.terminate()
        server.wait()


def connect(port):
    for _ in range(200):
        try:
            return socket.create_connection(("127.0.0.1", port))
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"nobody listens on port {port}")


ROLL_UP = """
insert into minutes(topic, minute, posts, authors)
select topic, minute, count(*), count(distinct author) from mentions group by topic, minute
on conflict (topic, minute) do update set posts = excluded.posts, authors = excluded.authors;
"""
TABLES = """
create table posts(source text, id text, author text, created_at timestamptz, body text, primary key(source, id));
create table mentions(topic text, minute timestamptz, author text);
create table minutes(topic text, minute timestamptz, posts bigint, authors bigint, primary key(topic, minute));
"""


def postgres_programs():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    return os.path.dirname(found[-1]) if found and shutil.which("psql") else None


def postgres(posts, folder):
    programs = postgres_programs()
    if not programs:
        print("PostgreSQL is not installed: skipped", file=sys.stderr)
        return
    as_user = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        as_user = ["runuser", "-u", "postgres", "--"]
        shutil.chown(folder, "postgres")
    data, port = os.path.join(folder, "pg"), free_port()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    subprocess.run([*as_user, programs + "/initdb", "-D", data, "-A", "trust", "-U", "bench"], check=True, **quiet)
    subprocess.run([*as_user, programs + "/pg_ctl", "-D", data, "-w", "-l", folder + "/pg.log", "-o",
                    f"-p {port} -k {folder} -c listen_addresses='' -c synchronous_commit=off -c max_wal_size=4GB", "start"],
                   check=True, **quiet)
    try:
        with open(data + "/postmaster.pid") as f:
            pid = int(f.readline())
        psql = [*as_user, "psql", "-h", folder, "-p", str(port), "-U", "bench", "-d", "postgres", "-q", "-v", "ON_ERROR_STOP=1"]
        subprocess.run(psql, input=TABLES.encode(), check=True, cwd=folder)
        script = []
        for at in range(0, len(posts), 10_000):
            part = posts[at:at + 10_000]
            script.append("copy posts from stdin;\n")
            for line, p in part:
                body = line.decode().replace("\\", "\\\\")
                script.append(f"{p['source']}\t{p['id']}\t{p['author']}\t{p['created_at']}\t{body}\n")
            script.append("\\.\ncopy mentions from stdin;\n")
            for _, p in part:
                script += [f"{tag}\t{p['created_at'][:16]}\t{p['author']}\n" for tag in set(TAG.findall(p["text"]))]
            script.append("\\.\n")
        script.append(ROLL_UP)
        text = "".join(script).encode()
        before, start = cpu_of(pid), time.monotonic()
        subprocess.run(psql, input=text, check=True, cwd=folder)
        seconds = time.monotonic() - start
        figure("postgres_rate", len(posts) / seconds, "posts/s", "COPY by 10000, one roll-up")
        figure("postgres_cpu", (cpu_of(pid) - before) * 1e6 / len(posts), "us/post", "server only")
        question = "select topic, sum(posts) from minutes group by topic order by 2 desc, 1 limit 20;\n"
        done = subprocess.run(psql, input=("\\timing on\n" + question * 5).encode(), check=True, capture_output=True, cwd=folder)
        times = sorted(float(ms) for ms in re.findall(rb"^Time: ([0-9.]+) ms", done.stdout, re.MULTILINE))
        figure("postgres_top20", times[2], "ms", "sum of the hour's minutes")
    finally:
        subprocess.run([*as_user, programs + "/pg_ctl", "-D", data, "-m", "immediate", "stop"], **quiet)


def ready(url):
    try:
        return urllib.request.urlopen(url + "/readyz").status == 200
    except urllib.error.HTTPError:
        return False


def tagswell():
    """The same posts into tagswell over HTTP, in the same run."""
    program = os.path.join(ROOT, "build/release/tagswell")
    if not os.access(program, os.X_OK):
        print("build/release/tagswell is not built: skipped", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        server = subprocess.Popen([program, "serve", "--data", folder, "--listen", f"127.0.0.1:{port}", "--fsync", "interval",
                                   "--clock", "event"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            connect(port).close()
            url = f"http://127.0.0.1:{port}"
            while urllib.request.urlopen(url + "/livez") and not ready(url):
                time.sleep(0.05)
            subprocess.run([LOAD, "http-ndjson", "--port", str(port), "--pid", str(server.pid), "--synthetic", "--seconds", "10",
                            "--label", "tagswell fsync=interval"], check=True)
            top = url + "/v1/top?window=1h&by=posts&limit=20"
            figure("tagswell_top20", median_ms(lambda: urllib.request.urlopen(top).read()), "ms", "over HTTP, a connection each")
        finally:
            server.terminate()
            server.wait()


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    tagswell()
    posts = posts_of(count)
    for peer in (redis, postgres):
        with tempfile.TemporaryDirectory() as folder:
            peer(posts, folder)


if __name__ == "__main__":
    main()
