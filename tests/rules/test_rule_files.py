"""Rule files: accepted and tested by promtool, and written as users of Prometheus expect them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.processes import find_binary

ROOT = Path(__file__).parents[2]
RULE_FILES = sorted((ROOT / "rules").glob("*.yaml"))
SEVERITIES = {"info", "warning", "critical", "emergency"}


def _promtool(*arguments: str) -> str:
    done = subprocess.run([find_binary("promtool"), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _alerts(path: Path) -> list[dict[str, Any]]:
    groups = yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"] if "alert" in rule]


def test_there_are_rule_files() -> None:
    assert RULE_FILES


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.stem)
def test_promtool_accepts_the_rules(path: Path) -> None:
    _promtool("check", "rules", "--lint=all", "--lint-fatal", str(path))


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.stem)
def test_the_rules_do_what_their_tests_say(path: Path) -> None:
    _promtool("test", "rules", str(Path(__file__).with_name(f"{path.stem}_test.yaml")))


def test_the_files_do_not_tell_of_the_same_twice() -> None:
    _promtool("test", "rules", str(Path(__file__).with_name("together_test.yaml")))


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.stem)
def test_every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not(path: Path) -> None:
    tests = yaml.safe_load(Path(__file__).with_name(f"{path.stem}_test.yaml").read_text(encoding="utf-8"))["tests"]
    cases = [case for test in tests for case in test.get("alert_rule_test", [])]
    for name in {alert["alert"] for alert in _alerts(path)}:
        expected = [bool(case["exp_alerts"]) for case in cases if case["alertname"] == name]
        assert True in expected, f"{name} never fires in a test"
        assert False in expected, f"{name} is never quiet in a test"


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.stem)
def test_alerts_follow_the_conventions(path: Path) -> None:
    for alert in _alerts(path):
        assert re.fullmatch(r"([A-Z][a-z0-9]*)+", alert["alert"]), alert["alert"]
        assert alert["labels"]["severity"] in SEVERITIES
        assert {"summary", "description", "runbook_url"} <= alert["annotations"].keys()
        assert "{{" not in alert["annotations"]["summary"], "a summary is fixed text"
        assert "for" in alert
        assert "keep_firing_for" in alert
        is_predictive = alert["labels"].get("predictive") == "true"
        assert is_predictive == alert["alert"].endswith("Predicted"), "what is predicted says so, by label and name"


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.stem)
def test_runbooks_have_the_section_that_an_alert_points_to(path: Path) -> None:
    for alert in _alerts(path):
        page, _, anchor = alert["annotations"]["runbook_url"].partition("#")
        headings = re.findall(r"^#+ (.+)$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
        assert anchor in {heading.lower().replace(" ", "-") for heading in headings}, anchor


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.stem)
def test_thresholds_are_recording_rules_that_an_operator_can_override(path: Path) -> None:
    for alert in _alerts(path):
        if alert["labels"].get("predictive"):
            assert re.search(r":threshold\b", alert["expr"]), f"{alert['alert']} has its number in the expression"
            assert not re.search(r"[<>]=? *[0-9]", alert["expr"])
