"""The package: what is in it, that it works where it is unpacked, and with TAGSWELL_LONG in a clean Debian."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import shells

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
LONG = os.environ.get("TAGSWELL_LONG")
BUILD = os.environ.get("TAGSWELL_BUILD", os.path.join(ROOT, "build", "release"))


# Ours without any TAGSWELL_ variable: those configure the program.
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("TAGSWELL_")}


def run(*command, **more):
    done = subprocess.run(command, capture_output=True, **{"env": ENVIRONMENT, **more})
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: exit {done.returncode}\n{(done.stdout + done.stderr).decode()[-3000:]}")
    return done.stdout.decode()


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for tool in ("cpack", "dpkg-deb", "dpkg-shlibdeps"):
            if not shutil.which(tool):
                raise unittest.SkipTest(f"{tool} is not installed")
        cls.folder = tempfile.mkdtemp(prefix="tagswell-package-")
        run("cpack", "-G", "DEB", "-B", cls.folder, cwd=BUILD)
        cls.package = next(os.path.join(cls.folder, name) for name in os.listdir(cls.folder) if name.endswith(".deb"))
        cls.root = os.path.join(cls.folder, "root")
        run("dpkg-deb", "-x", cls.package, cls.root)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.root, name)

    def test_holds_everything_and_nothing_of_the_build(self):
        for name in ("usr/bin/tagswell", "usr/lib/systemd/system/tagswell.service", "usr/lib/sysusers.d/tagswell.conf",
                     "etc/tagswell/tagswell.toml", "usr/share/man/man1/tagswell.1", *shells.SHELLS.values(),
                     "usr/share/tagswell/grafana/dashboards/trends.json", "usr/share/tagswell/prometheus/alerts.yml",
                     "usr/share/doc/tagswell/copyright", "usr/share/doc/tagswell/guide/getting-started.md"):
            self.assertTrue(os.path.isfile(self.path(name)), name)
        self.assertEqual(sorted(os.listdir(self.root)), ["etc", "usr"])
        self.assertEqual(os.listdir(self.path("usr/bin")), ["tagswell"])

    def test_says_what_it_needs_and_keeps_what_was_edited(self):
        fields = run("dpkg-deb", "--field", self.package)
        for library in ("librocksdb7.8", "libsimdjson14", "libprometheus-cpp-core1.0"):
            self.assertIn(library, fields)
        control = os.path.join(self.folder, "control")
        run("dpkg-deb", "-e", self.package, control)
        with open(os.path.join(control, "conffiles"), encoding="utf-8") as f:
            self.assertEqual(f.read().split(), ["/etc/tagswell/tagswell.toml"])

    def test_its_program_takes_its_configuration(self):
        self.assertIn("0.1", run(self.path("usr/bin/tagswell"), "version"))
        run(self.path("usr/bin/tagswell"), "check-config", self.path("etc/tagswell/tagswell.toml"))

    def test_its_unit_is_sound(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze is not installed")
        out = run("systemd-analyze", "verify", "--root", self.root, "--man=no", "--recursive-errors=no", "tagswell.service")
        self.assertEqual(out, "")
        # 0 is closed, 10 is open; a service without any hardening has 9.6.
        run("systemd-analyze", "security", "--offline=yes", "--root", self.root, "--threshold=25", "tagswell.service")

    def test_completes_commands_options_and_values(self):
        environment = {**ENVIRONMENT, "PATH": self.path("usr/bin") + os.pathsep + ENVIRONMENT["PATH"]}
        commands = re.findall(r"^  ([a-z-]+) ", run(self.path("usr/bin/tagswell"), "--help").split("Subcommands:")[1], re.M)
        self.assertIn("watch", commands)
        for shell in shells.installed():
            def completed(line):
                return sorted(shell(self.path(shells.SHELLS[shell]), line, environment))
            with self.subTest(shell=shell.__name__):
                self.assertEqual(completed("tagswell re"), ["replay"])
                self.assertLessEqual(set(commands), set(completed("tagswell ")))
                for command in commands:
                    options = re.findall(r"^  (?:-h,)?(--[a-z_-]+)", run(self.path("usr/bin/tagswell"), command, "--help"), re.M)
                    self.assertEqual(completed(f"tagswell {command} --"), sorted(options), command)
                for option, values in (("serve --clock", "event wall"), ("serve --fsync", "always interval never"),
                                       ("connect", "jetstream mastodon"),
                                       ("serve --log_level", "debug error info off warn"), ("serve --log_format", "json text"),
                                       ("top --window", "12h 1h 24h 5m 6h"), ("top --by", "authors posts"),
                                       ("watch --type", "ended milestone peaked rank retracted started")):
                    self.assertEqual(completed(f"tagswell {option} "), values.split(), option)
                file = self.path("etc/tagswell/tagswell.toml")
                found = completed(f"tagswell check-config {file[:-3]}")
                self.assertEqual([os.path.basename(name) for name in found], ["tagswell.toml"])

    def test_the_manual_page_tells_every_option(self):
        page = subprocess.run(["gzip", "-dcf", self.path("usr/share/man/man1/tagswell.1")], capture_output=True, check=True)
        text = page.stdout.decode().replace("\\-", "-")
        chapters = dict(re.findall(r"^\.SS (\S+).*\n((?:(?!\.S[SH] ).*\n)*)", text, re.M))
        for command in re.findall(r"^  ([a-z-]+) ", run(self.path("usr/bin/tagswell"), "--help").split("Subcommands:")[1], re.M):
            said = run(self.path("usr/bin/tagswell"), command, "--help").split("Every other key")[0]
            for option in set(re.findall(r"^  (--[a-z_-]+)", said, re.M)):
                self.assertRegex(chapters[command], rf"{option}(?![a-z_-])", f"{command} {option}")
        if shutil.which("man"):
            shown = subprocess.run(["man", "--warnings", "-l", self.path("usr/share/man/man1/tagswell.1")], capture_output=True,
                                   env={**ENVIRONMENT, "MANWIDTH": "80", "LC_ALL": "C.UTF-8"}, check=True)
            self.assertEqual(shown.stderr, b"")

    def installs_into_a_clean_debian_and_goes_again(self):
        if os.geteuid() != 0 or not shutil.which("debootstrap"):
            self.skipTest("needs root and debootstrap")
        root = os.path.join(self.folder, "debian")
        run("debootstrap", "--variant=minbase", "bookworm", root)
        shutil.copy(self.package, os.path.join(root, "tagswell.deb"))
        inside = ["chroot", root, "env", "DEBIAN_FRONTEND=noninteractive"]
        run(*inside, "apt-get", "update")
        run(*inside, "apt-get", "install", "-y", "--no-install-recommends", "/tagswell.deb")
        self.assertIn("tagswell", run(*inside, "getent", "passwd", "tagswell"))
        self.assertIn("0.1", run(*inside, "tagswell", "version"))
        self.assertIn("started", run(*inside, "bash", "-c", "tagswell synth --scale 200 | tagswell replay --quiet --events /tmp/events - && cat /tmp/events"))
        run(*inside, "apt-get", "remove", "-y", "tagswell")
        self.assertFalse(os.path.exists(os.path.join(root, "usr/bin/tagswell")))
        self.assertTrue(os.path.exists(os.path.join(root, "etc/tagswell/tagswell.toml")))
        run(*inside, "apt-get", "purge", "-y", "tagswell")
        self.assertFalse(os.path.exists(os.path.join(root, "etc/tagswell/tagswell.toml")))

    if LONG:
        test_installs_into_a_clean_debian_and_goes_again = installs_into_a_clean_debian_and_goes_again


if __name__ == "__main__":
    unittest.main()
