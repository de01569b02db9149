"""What Prometheus, Alertmanager and the runbook are told fits together, by their own tools."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from streams import metrics
from tests.debian import program

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "deploy" / "prometheus"
RUNBOOK = (ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")

Rule = dict[str, Any]


def read(name: str) -> Any:
    """A YAML file of deploy/prometheus."""
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


RULES: list[Rule] = [rule for group in read("rules.yml")["groups"] for rule in group["rules"]]


def checked(package: str, tool: str, *words: str) -> None:
    """Runs a tool of Debian's package, which must be content."""
    done = subprocess.run(
        [program(package, f"usr/bin/{tool}"), *words], cwd=FOLDER, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_takes_its_configuration_and_rules() -> None:
    """promtool reads the files without a complaint."""
    checked("prometheus", "promtool", "check", "config", "prometheus.yml")
    checked("prometheus", "promtool", "check", "config", "up.yml")
    checked("prometheus", "promtool", "check", "rules", "--lint-fatal", "rules.yml")


def test_alertmanager_takes_its_configuration() -> None:
    """amtool reads the file without a complaint."""
    checked("prometheus-alertmanager", "amtool", "check-config", "alertmanager.yml")


def test_rules_fire_when_they_must_and_not_else() -> None:
    """promtool's unit tests pass."""
    checked("prometheus", "promtool", "test", "rules", "rules_test.yml")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_each_alert_is_tried_both_ways(rule: Rule) -> None:
    """At least one moment in the unit tests at which it fires, and one at which it does not."""
    tries = [
        bool(moment["exp_alerts"])
        for test in read("rules_test.yml")["tests"]
        for moment in test["alert_rule_test"]
        if moment["alertname"] == rule["alert"]
    ]
    assert {True, False} <= set(tries)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_each_alert_says_what_it_is(rule: Rule) -> None:
    """Its weight, what happened, what that means, and where it stands what to do."""
    assert rule["labels"]["severity"] in ("critical", "warning")
    notes = rule["annotations"]
    assert set(notes) == {"summary", "description", "runbook"}
    assert notes["runbook"] == f"docs/monitoring.md#{rule['alert'].lower()}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_each_alert_looks_at_what_is_there(rule: Rule) -> None:
    """Every metric of ours in it is declared, with the labels that it is asked for."""
    declared = {collector._name: collector for collector in metrics.all_metrics()}
    found = re.findall(r"(dongtin_\w+?)(?:_total|_bucket)?\b(?:\{(.*?)\})?", rule["expr"])
    for name, chosen in found:
        labels = re.findall(r"(\w+)(?:=|!)", chosen)
        assert set(labels) <= {"le", *declared[name]._labelnames}, name
    assert found or "up{job=" in rule["expr"]


def test_each_alert_has_its_paragraph_and_each_paragraph_its_alert() -> None:
    """The runbook's headings are the alerts, in their order; under each one stands something to do."""
    parts = re.split(r"^### (.*)$", RUNBOOK, flags=re.MULTILINE)
    assert parts[1::2] == [rule["alert"] for rule in RULES]
    assert all(len(text.split()) > 25 for text in parts[2::2])


def test_alertmanager_knows_only_alerts_that_exist_and_ships_no_secret() -> None:
    """A misspelt name in an inhibition would never match; passwords are names of files."""
    text = (FOLDER / "alertmanager.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"Dongtin\w+", text)) <= {rule["alert"] for rule in RULES}
    secrets = re.findall(r"(\w*(?:password|credentials|token|secret)\w*): *(\S*)", text)
    assert secrets
    assert all(key.endswith("_file") and at.startswith("/run/dongtin/") for key, at in secrets)
    hosts = re.findall(r"@([\w.]+)|https?://([\w.-]+)", text)
    assert all("".join(host).endswith("example.org") for host in hosts)
