"""A real Prometheus scrapes a server into which a story is played: every panel shows something, every alert is sound."""
import os
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "server"))
import dashboards
import harness
from prometheus import Prometheus, tool

RULES = os.path.join(dashboards.ROOT, "deploy", "prometheus")


class Rules(unittest.TestCase):
    def promtool(self, *arguments, **more):
        done = subprocess.run([tool("promtool"), *arguments], capture_output=True, **more)
        self.assertEqual(done.returncode, 0, (done.stdout + done.stderr).decode())
        return done.stdout.decode()

    def test_alert_rules_do_what_they_say(self):
        self.promtool("check", "rules", os.path.join(RULES, "alerts.yml"))
        self.promtool("test", "rules", os.path.join(RULES, "alerts_test.yml"))

    def test_every_alert_is_tried_and_has_its_chapter(self):
        with open(os.path.join(RULES, "alerts.yml"), encoding="utf-8") as f:
            alerts = [line.split()[-1] for line in f if line.strip().startswith("- alert:")]
        with open(os.path.join(RULES, "alerts_test.yml"), encoding="utf-8") as f:
            tried = f.read()
        with open(os.path.join(dashboards.ROOT, "docs", "operations.md"), encoding="utf-8") as f:
            chapters = f.read()
        self.assertTrue(alerts)
        for alert in alerts:
            self.assertIn(f"alertname: {alert}\n", tried)
            self.assertIn(f"### {alert}\n", chapters)

    def test_the_configuration_is_one(self):
        self.promtool("check", "config", os.path.join(RULES, "prometheus.yml"))


def scraping(server):
    return ("global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
            f"rule_files: ['{RULES}/alerts.yml']\n"
            "scrape_configs:\n- job_name: tagswell\n"
            f"  static_configs: [{{targets: ['127.0.0.1:{server.port}']}}]\n")


class Scraped(unittest.TestCase):
    def test_no_panel_is_empty_while_a_story_is_told(self):
        tool("prometheus")
        # The first half of it: it is still number one when the posts end.
        lines = harness.run("synth", "--scenario", "metoo", "--scale", "60").stdout.splitlines()
        lines = lines[:len(lines) * 3 // 4]
        with harness.Server(fsync="interval") as server, Prometheus(scraping(server)) as prometheus:
            prometheus.wait_for('up{job="tagswell"} == 1')
            pieces = 12
            for i in range(pieces):
                piece = lines[len(lines) * i // pieces:len(lines) * (i + 1) // pieces]
                for at in range(0, len(piece), 500):
                    self.assertEqual(server.post_lines(piece[at:at + 500]).status, 200)
                # Twice, no good, and no such page.
                server.post_lines([piece[0], b"{}"])
                server.once("GET", "/nothing")
                time.sleep(0.7)
            server.settled()
            prometheus.wait_for('tagswell_trend_rank{scope="world",topic="metoo"} == 1')
            prometheus.wait_for("count_over_time(up[60s]) >= 12")
            for name, dashboard in dashboards.load():
                for title, expression in dashboards.targets(dashboard):
                    with self.subTest(dashboard=name, panel=title, expression=expression):
                        asked = dashboards.filled_in(expression, scope="world", topic="metoo")
                        # What Grafana draws over the last minute: some point of it must be there.
                        values = prometheus.values(f"max_over_time(({asked})[60s:1s])")
                        self.assertTrue(any(value == value for value in values), asked)
            answer = server.request("GET", "/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
            self.assertTrue(answer.headers["content-type"].startswith("application/openmetrics-text"))
            self.assertTrue(answer.body.endswith(b"# EOF\n"))
            scraped = prometheus.ask("/api/v1/targets")["activeTargets"][0]
            self.assertEqual((scraped["health"], scraped["lastError"]), ("up", ""))
            firing = {of["labels"]["alertname"] for of in prometheus.ask("/api/v1/alerts")["alerts"] if of["state"] == "firing"}
            self.assertEqual(firing, set())


if __name__ == "__main__":
    unittest.main()
