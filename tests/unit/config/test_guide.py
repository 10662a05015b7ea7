"""The requirement document's YAML is accepted as it stands there, and means what it says."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
import yaml

from pronoia.config.load import load, parse
from pronoia.config.schema.guide.alerts import parse_condition
from pronoia.config.schema.guide.features import check_formula, parse_window
from pronoia.config.schema.guide.predictor import Objective

ROOT = Path(__file__).parents[3]
GUIDE = ROOT / "tests" / "config" / "testdata" / "guide.yml"
SOURCE = ROOT.parent / "shared" / "spec" / "performance-predictor-guide.md"


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SLACK_WEBHOOK_URL", raising=False)
    monkeypatch.delenv("PAGERDUTY_KEY", raising=False)
    return load(GUIDE)


@pytest.mark.skipif(not SOURCE.exists(), reason="the requirement document is not beside the repository")
def test_the_copy_is_that_of_the_document() -> None:
    blocks = re.findall(r"(?ms)^ *```yaml\n(.*?)^ *```", SOURCE.read_text(encoding="utf-8"))
    merged = {}
    for block in blocks:
        merged |= yaml.safe_load(textwrap.dedent(block))
    merged.pop("alert_thresholds")  # a part of failure_predictor, shown once more in the troubleshooting chapter
    assert yaml.safe_load(GUIDE.read_text(encoding="utf-8")) == merged


def test_models_mean_what_they_say(config) -> None:
    models = config.settings.performance_predictor.models
    assert models.bottleneck_predictor.prediction_horizon == 30
    assert models.bottleneck_predictor.update_frequency == 60
    assert models.bottleneck_predictor.features[-1] == "agent_metrics"
    assert models.resource_optimizer.optimization_objectives[1] == Objective("maximize_throughput", 0.4)
    assert models.resource_optimizer.constraints.max_cost_increase == 0.1
    assert models.failure_predictor.alert_thresholds.emergency == 0.95
    assert models.failure_predictor.time_horizons == (15, 60, 240)


def test_features_mean_what_they_say(config) -> None:
    features = config.settings.feature_engineering
    assert [window.seconds for window in features.time_windows] == [300, 900, 3600, 14_400]
    assert features.aggregations == ("mean", "max", "std", "percentile_95")
    assert features.derived_features["cpu_trend"].window.seconds == 900
    assert features.derived_features["io_intensity"].formula == "sqrt(disk_read_iops^2 + disk_write_iops^2)"


def test_alerts_and_collectors_mean_what_they_say(config) -> None:
    alerts = config.settings.alerts
    assert alerts.channels.names == ("slack", "email", "pagerduty")
    assert str(alerts.rules["critical_bottleneck"].condition) == "bottleneck_probability > 0.9"
    assert alerts.rules["resource_optimization"].frequency == "daily"
    system, agent = config.settings.collectors
    assert system.scrape_interval.seconds == 10
    assert agent.collection_interval.seconds == 5
    assert agent.metrics[0] == "agent_queue_depth"


def test_secrets_that_are_not_set_are_warned_of_as_alertmanager_may_have_them_in_files(config) -> None:
    assert [(warning.path, warning.problem) for warning in config.warnings] == [
        (
            f"alerts.channels.{place}",
            f"environment variable {name} is not set; only --secrets.inline needs it",
        )
        for place, name in (("slack.webhook_url", "SLACK_WEBHOOK_URL"), ("pagerduty.integration_key", "PAGERDUTY_KEY"))
    ]


def test_what_is_not_in_use_yet_is_said(config) -> None:
    assert [note.split(":")[0] for note in config.notes] == [
        "performance_predictor",
        "collectors",
    ]
    assert all("accepted, not in use yet" in note for note in config.notes)


def test_the_thresholds_of_the_troubleshooting_chapter_fit_in() -> None:
    text = "performance_predictor: {models: {failure_predictor: {alert_thresholds: {warning: 0.7, critical: 0.85}}}}"
    thresholds = parse(text, "t").settings.performance_predictor.models.failure_predictor.alert_thresholds
    assert (thresholds.warning, thresholds.critical, thresholds.emergency) == (0.7, 0.85, 0.95)


@pytest.mark.parametrize(("text", "seconds"), [("5_minutes", 300), ("1_hour", 3600), ("2_days", 172_800), ("90s", 90)])
def test_windows_are_read_in_the_guides_form_and_in_prometheus(text: str, seconds: int) -> None:
    assert parse_window(text).seconds == seconds


@pytest.mark.parametrize("text", ["0_minutes", "5_", "minutes", "5 minutes", "1_month", 5, None])
def test_other_windows_are_refused(text: object) -> None:
    with pytest.raises(ValueError, match="must be"):
        parse_window(text)


@pytest.mark.parametrize("text", ["probability", "bottleneck_probability > x", "anomaly_score > 1 or 1", "", 5])
def test_other_conditions_are_refused(text: object) -> None:
    with pytest.raises(ValueError, match="must be a comparison"):
        parse_condition(text)


@pytest.mark.parametrize(
    "text", ["a.b", "a[0]", "x if y else z", "lambda: 1", "'text'", "f(x)", "sqrt(x=1)", "a < b", "True"]
)
def test_formulas_are_arithmetic_and_nothing_else(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not understood in a formula|unknown function|not a formula"):
        check_formula(text)


def test_a_formula_names_a_metric() -> None:
    with pytest.raises(ValueError, match="must name a metric, got '1 \\+ 1'"):
        check_formula("1 + 1")
