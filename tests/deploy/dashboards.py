"""The dashboards as their tests see them: panels, and expressions with the variables put in."""
import json
import os
import re

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
FOLDER = os.path.join(ROOT, "deploy", "grafana", "dashboards")


def load():
    """File name and dashboard, of every dashboard."""
    found = []
    for name in sorted(os.listdir(FOLDER)):
        with open(os.path.join(FOLDER, name), encoding="utf-8") as f:
            found.append((name, json.load(f)))
    return found


def targets(dashboard):
    """(title, expression) of everything that asks Prometheus, annotations included."""
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]
    for annotation in dashboard["annotations"]["list"]:
        if "expr" in annotation:
            yield annotation["name"], annotation["expr"]


def filled_in(expression, **values):
    """The expression as Grafana would send it."""
    known = {"__rate_interval": "10s", "job": ".+", "instance": ".+", **values}
    return re.sub(r"\$(\w+)", lambda match: known[match.group(1)], expression)
