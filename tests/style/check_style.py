#!/usr/bin/env python3
"""What compilers don't check. Prints file:line: rule for each breach and exits 1 when there is one.

usage: check_style.py [ROOT] | check_style.py --selftest
"""
import os
import re
import sys

ROOMS = ("proto", "trend", "storage", "server")
SEES = {"proto": {"proto"}, "trend": {"proto", "trend"}, "storage": {"proto", "storage"}, "server": set(ROOMS)}
SKIPPED = {"build", ".git", ".cache", "__pycache__", "node_modules", "corpus"}
LINES_MAX = 400
SOURCE = (".cc", ".h")
TEXT = SOURCE + (".py", ".js", ".css", ".html", ".md", ".sh", ".toml", ".yaml", ".yml", ".proto", ".txt", ".json", ".cmake")

# Where a clock may be read: the server's own clock, programs that measure (they are no part of the server), and what moves
# the clock for a test.
CLOCKS_ALLOWED = ("server/clock.h", "server/clock.cc", "tests/bench/", "tests/server/clock_preload.cc")
CLOCK = re.compile(r"\b(system_clock|steady_clock|high_resolution_clock)::now\b|\b(clock_gettime|gettimeofday|time\((NULL|nullptr|0)\))")
TREND_FORBIDDEN = re.compile(r"<(thread|mutex|shared_mutex|condition_variable|filesystem|fstream|atomic)>|boost/asio|boost/beast|rocksdb/")

LINE_RULES = [
    # name, what it looks for, which files
    ("detached", re.compile(r"\bdetached\b"), SOURCE),
    ("sleep", re.compile(r"\bsleep_(for|until)\b|\busleep\(|\bnanosleep\("), SOURCE),
    ("stopped-loop", re.compile(r"\b(io_context|ioc|io|context|loop)\w*_?(\.|->)stop\(\)"), SOURCE),
    ("await-temporary", re.compile(r"\bco_await\b[^;]*[(,]\s*[A-Z]\w*(::\w+)*\s*\{"), SOURCE),
    ("unfinished", re.compile(r"\b(TODO|FIXME|XXX|HACK)\b"), SOURCE + (".py", ".js", ".sh")),
]
MACHINE_PATH = re.compile(r"(?<![\w.])/(work|farm|root|home/\w+)/|/tmp/bash_jobs")
SHARED_PATH = re.compile(r"\.\./shared")
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')
CODE_COMMENT = re.compile(r"//.*$")


class Tree:
    """All files under a root, relative names with '/'."""

    def __init__(self, root):
        self.root = root
        self.files = []
        for folder, subfolders, names in os.walk(root):
            subfolders[:] = sorted(f for f in subfolders if f not in SKIPPED)
            for name in sorted(names):
                self.files.append(os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/"))

    def text(self, name):
        with open(os.path.join(self.root, name), encoding="utf-8", errors="replace") as f:
            return f.read()


def check_line_rules(name, lines, breach):
    for number, line in enumerate(lines, 1):
        code = CODE_COMMENT.sub("", line) if name.endswith(SOURCE) else line
        for rule, pattern, suffixes in LINE_RULES:
            subject = line if rule == "unfinished" else code
            if name.endswith(suffixes) and pattern.search(subject):
                breach(name, number, rule)
        if name.endswith(SOURCE) and not name.startswith(CLOCKS_ALLOWED) and CLOCK.search(code):
            breach(name, number, "clock outside server/clock")
        if MACHINE_PATH.search(line):
            breach(name, number, "a path of one machine")
        if SHARED_PATH.search(line) and not name.startswith(("tests/", ".ci/")):
            breach(name, number, "a path of reference data in the product")


def check_includes(name, lines, known, breach):
    room = name.split("/")[0]
    for number, line in enumerate(lines, 1):
        found = INCLUDE.match(line)
        if found:
            target = found.group(1)
            head = target.split("/")[0]
            if head in ROOMS and room in SEES and head not in SEES[room]:
                breach(name, number, f"{room} must not include {head}/")
            if "/" not in target and os.path.dirname(name) + "/" + target in known:
                breach(name, number, "includes are written from the root")
        if room == "trend" and TREND_FORBIDDEN.search(line):
            breach(name, number, "trend knows no thread, socket or disk")


def check_built(tree, breach):
    """Every .cc and every test_*.py is named by a CMakeLists.txt of its own folder or one above it."""
    lists = {os.path.dirname(n): tree.text(n) for n in tree.files if os.path.basename(n) == "CMakeLists.txt"}
    for name in tree.files:
        is_test = name.startswith("tests/") and re.fullmatch(r"test_\w+\.py", os.path.basename(name))
        is_source = name.endswith(".cc") and name.startswith(tuple(r + "/" for r in ROOMS) + ("tests/",))
        if not is_test and not is_source:
            continue
        folder = os.path.dirname(name)
        named = False
        while True:
            relative = os.path.relpath(name, folder or ".").replace(os.sep, "/")
            if folder in lists and re.search(r"(?<![\w/.-])" + re.escape(relative) + r"(?![\w.-])", lists[folder]):
                named = True
            if named or not folder:
                break
            folder = os.path.dirname(folder)
        if not named:
            breach(name, 1, "no CMakeLists.txt names it")


def check(root):
    breaches = []

    def breach(name, number, rule):
        breaches.append(f"{name}:{number}: {rule}")

    tree = Tree(root)
    known = set(tree.files)
    for name in tree.files:
        if name == "tests/style/check_style.py":
            continue
        base = os.path.basename(name)
        if not name.endswith(TEXT) and base not in ("Makefile", "run"):
            continue
        lines = tree.text(name).splitlines()
        check_line_rules(name, lines, breach)
        if name.endswith(SOURCE):
            check_includes(name, lines, known, breach)
        if name.endswith(SOURCE + (".py", ".js", ".css")) and len(lines) > LINES_MAX:
            breach(name, LINES_MAX, f"{len(lines)} lines, at most {LINES_MAX}")
    check_built(tree, breach)
    return breaches


def selftest():
    """Each rule finds a breach made for it, and a clean tree has none."""
    import tempfile
    cases = {
        "trend/a.cc": ('#include "server/clock.h"\n', "trend must not include server/"),
        "storage/b.cc": ('#include "trend/x.h"\n', "storage must not include trend/"),
        "proto/c.cc": ("auto t = std::chrono::steady_clock::now();\n", "clock outside"),
        "server/d.cc": ("co_spawn(x, y, asio::detached);\n", "detached"),
        "server/e.cc": ("std::this_thread::sleep_for(1s);\n", "sleep"),
        "server/f.cc": ("io_context.stop();\n", "stopped-loop"),
        "server/g.cc": ("co_await session.Send(Reply{.status = 201});\n", "await-temporary"),
        "server/h.cc": ("// TO" + "DO later\n", "unfinished"),
        "server/i.cc": ("\n" * 500, "500 lines"),
        "server/j.cc": ('const char* p = "/wo' + 'rk/x";\n', "a path of one machine"),
        "docs/k.md": ("see ../sha" + "red/api.md\n", "reference data"),
        "trend/l.cc": ("#include <mutex>\n", "trend knows no thread"),
        "server/unbuilt.cc": ("int x;\n", "no CMakeLists.txt names it"),
        "tests/server/test_a.py": ("\n", "no CMakeLists.txt names it"),
    }
    with tempfile.TemporaryDirectory() as root:
        for name, (text, _) in cases.items():
            os.makedirs(os.path.join(root, os.path.dirname(name)), exist_ok=True)
            with open(os.path.join(root, name), "w") as f:
                f.write(text)
        built = " ".join(os.path.basename(n) for n in cases if n.endswith(".cc") and "unbuilt" not in n)
        for room in ("trend", "storage", "proto", "server"):
            with open(os.path.join(root, room, "CMakeLists.txt"), "w") as f:
                f.write(f"add_library(x {built})\n")
        found = check(root)
        for name, (_, rule) in cases.items():
            assert any(b.startswith(name + ":") and rule in b for b in found), (name, rule, found)
        assert len(found) == len(cases), found
    with tempfile.TemporaryDirectory() as root:
        os.makedirs(os.path.join(root, "server"))
        with open(os.path.join(root, "server/a.cc"), "w") as f:
            f.write("// detached and sleep_for may be spoken of\nco_await session.Send(reply);\n")
        with open(os.path.join(root, "server/CMakeLists.txt"), "w") as f:
            f.write("add_library(x a.cc)\n")
        assert check(root) == [], check(root)
    print("selftest passed")


def main():
    if sys.argv[1:] == ["--selftest"]:
        selftest()
        return 0
    here = os.path.dirname(os.path.abspath(__file__))
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "..", "..")
    breaches = check(root)
    for line in breaches:
        print(line)
    print(f"{len(breaches)} breaches of style" if breaches else "style: clean")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
