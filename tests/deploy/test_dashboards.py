"""The rules of Grafana's dashboard linter that apply to ours, and what provisioning needs."""
import os
import re
import unittest

import dashboards

SELECTOR = re.compile(r"([a-z_:][a-z0-9_:]*)\{([^}]*)\}")
COUNTER = re.compile(r"(_total|_sum|_count|_bucket)$")


class Dashboards(unittest.TestCase):
    def each(self):
        for name, dashboard in dashboards.load():
            with self.subTest(dashboard=name):
                yield dashboard

    def test_are_found_under_a_uid_that_stays(self):
        uids = [dashboard["uid"] for dashboard in self.each()]
        self.assertEqual(sorted(uids), ["tagswell-operations", "tagswell-trends"])

    def test_are_not_edited_where_they_would_be_overwritten(self):
        for dashboard in self.each():
            self.assertIs(dashboard["editable"], False)

    def test_have_data_source_job_and_instance_to_choose(self):
        for dashboard in self.each():
            variables = {variable["name"]: variable for variable in dashboard["templating"]["list"]}
            self.assertEqual((variables["datasource"]["type"], variables["datasource"]["query"]), ("datasource", "prometheus"))
            for name in ("job", "instance"):
                variable = variables[name]
                self.assertEqual(variable["type"], "query")
                self.assertEqual(variable["label"], name.capitalize())
                self.assertTrue(variable["multi"] and variable["includeAll"])
                self.assertEqual(variable["allValue"], ".+")
            for variable in variables.values():
                if variable["type"] != "query":
                    continue
                self.assertEqual(variable["datasource"]["uid"], "${datasource}")
                self.assertEqual(variable["refresh"], 2, f"{variable['name']} is asked anew when the time changes")
                self.assertRegex(variable["query"]["query"], r"^label_values\([a-z_]+(\{[^}]*\})?, [a-z]+\)$")

    def test_every_panel_says_what_it_shows_and_in_what_unit(self):
        for dashboard in self.each():
            for panel in dashboard["panels"]:
                with self.subTest(panel=panel["title"]):
                    self.assertTrue(panel["title"] and panel["description"])
                    self.assertTrue(panel["fieldConfig"]["defaults"]["unit"])
                    self.assertTrue(panel["targets"])
                    self.assertEqual(panel["datasource"]["uid"], "${datasource}")
                    for target in panel["targets"]:
                        self.assertEqual(target["datasource"]["uid"], "${datasource}")

    def test_panels_lie_side_by_side_and_have_numbers_of_their_own(self):
        for dashboard in self.each():
            panels = dashboard["panels"]
            self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
            taken = set()
            for panel in panels:
                at = panel["gridPos"]
                self.assertLessEqual(at["x"] + at["w"], 24)
                cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
                self.assertFalse(cells & taken, panel["title"])
                taken |= cells

    def test_every_expression_asks_the_chosen_job_and_instance(self):
        for dashboard in self.each():
            for title, expression in dashboards.targets(dashboard):
                with self.subTest(panel=title, expression=expression):
                    selectors = SELECTOR.findall(expression)
                    self.assertTrue(selectors)
                    for _, labels in selectors:
                        self.assertIn('job=~"$job"', labels)
                        self.assertIn('instance=~"$instance"', labels)

    def test_counters_are_rates_over_the_interval_that_grafana_knows(self):
        for dashboard in self.each():
            for title, expression in dashboards.targets(dashboard):
                with self.subTest(panel=title, expression=expression):
                    for match in SELECTOR.finditer(expression):
                        if not COUNTER.search(match.group(1)):
                            continue
                        self.assertTrue(expression[:match.start()].endswith("rate("))
                        self.assertTrue(expression[match.end():].startswith("[$__rate_interval])"))

    def test_link_to_each_other(self):
        found = dashboards.load()
        for _, dashboard in found:
            others = {f"/d/{other['uid']}" for _, other in found if other is not dashboard}
            self.assertEqual({link["url"] for link in dashboard["links"]}, others)

    def test_annotations_mark_the_time_that_the_value_is(self):
        of = dict(dashboards.load())["trends.json"]["annotations"]["list"][-1]
        self.assertIn("_timestamp_seconds", of["expr"])
        self.assertTrue(of["useValueForTime"] and of["expr"].startswith("1000 * "))

    def test_provisioning_names_the_folder_that_the_compose_file_mounts(self):
        with open(os.path.join(dashboards.ROOT, "deploy/grafana/provisioning/dashboards/tagswell.yaml"), encoding="utf-8") as f:
            path = re.search(r"path: (\S+)", f.read()).group(1)
        with open(os.path.join(dashboards.ROOT, "deploy/compose.yaml"), encoding="utf-8") as f:
            self.assertIn(f"./grafana/dashboards:{path}", f.read())


if __name__ == "__main__":
    unittest.main()
