"""The alert rules: promtool agrees, each fires in a test, and each has its entry in the runbook."""

import re
import subprocess
from pathlib import Path

import yaml

from tests.fixtures.programs import program

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "ops"
RULES = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"][0]["rules"]
TESTS = yaml.safe_load((FOLDER / "alerts_test.yml").read_text())["tests"]


def test_rules_fire_when_they_should() -> None:
    """Prometheus' own tool checks the rules and runs their tests."""
    promtool = program("promtool", "prometheus")
    for command in (["check", "rules", "alerts.yml"], ["test", "rules", "alerts_test.yml"]):
        run = subprocess.run([promtool, *command], cwd=FOLDER, capture_output=True, text=True)
        assert run.returncode == 0, run.stdout + run.stderr


def test_each_rule_is_seen_firing() -> None:
    """A rule that no test makes fire might never fire."""
    fired = {case["alertname"] for test in TESTS for case in test["alert_rule_test"] if case["exp_alerts"]}
    assert fired == {rule["alert"] for rule in RULES}


def test_each_rule_has_its_entry_in_the_runbook() -> None:
    """Under a heading of its own name, where the alert's link leads; and no entry is of a rule that is gone."""
    headings = re.findall(r"^## (\w+)$", (FOLDER / "runbook.md").read_text(), re.M)
    assert sorted(headings) == sorted(rule["alert"] for rule in RULES)
    for rule in RULES:
        assert rule["annotations"]["runbook"] == f"docs/ops/runbook.md#{rule['alert'].lower()}"
        assert rule["labels"]["severity"] in ("page", "warn")
