import pytest

from pronoia.config.load import parse
from pronoia.config.resolved_failure import failure_levels
from pronoia.errors import ConfigError

GOOD = """
queries: [{name: used, expr: disk_used_ratio}]
failure: {signals: [{name: bytes, failure: disk_full, query: used}]}
"""


def test_a_signal_takes_the_expression_of_its_query():
    (failure,) = parse(GOOD, "t").resolved_failures()
    assert (failure.name, failure.signals[0].expr, failure.signals[0].limit) == ("disk_full", "disk_used_ratio", 1.0)
    assert failure.horizons_seconds == (900, 3_600, 14_400, 86_400)


def test_signals_of_one_failure_are_put_together():
    text = "presets: []\nfailure: {signals: [{name: a, failure: own, expr: a}, {name: b, failure: own, expr: b}]}"
    (failure,) = parse(text, "t").resolved_failures()
    assert [signal.name for signal in failure.signals] == ["a", "b"]


def test_conditions_go_with_the_signals_of_their_failure_or_stand_alone():
    text = """
presets: []
failure:
  signals: [{name: a, failure: oom, expr: a}]
  conditions: [{failure: oom, expr: kills > 0}, {failure: link_down, expr: up == 0, history: 2d}]
"""
    oom, down = parse(text, "t").resolved_failures()
    assert [condition.expr for condition in oom.conditions] == ["kills > 0"]
    assert (down.name, down.signals, down.conditions[0].history_seconds) == ("link_down", (), 172_800)


def test_a_signal_of_a_query_takes_its_history_and_entity():
    text = GOOD.replace("expr: disk_used_ratio", "expr: disk_used_ratio, entity: [host], step: 10m, history: 7d")
    (failure,) = parse(text, "t").resolved_failures()
    (signal,) = failure.signals
    assert (signal.query, signal.step_seconds, signal.history_seconds) == ("used", 600, 604_800)
    assert failure.entity == ("host",)


def test_disabled_watches_for_nothing():
    assert parse(GOOD.replace("failure: {", "failure: {enabled: false, "), "t").resolved_failures() == ()


@pytest.mark.parametrize(
    ("section", "complaint"),
    [
        ("{signals: [{name: a, failure: oom}]}", "one of query and expr"),
        ("{signals: [{name: a, failure: oom, query: usd}]}", "usd"),
        ("{signals: [{name: a, failure: oom, expr: '('}]}", "expr"),
        ("{signals: [{name: a, failure: any, expr: x}]}", "one of the others"),
        ("{signals: [{name: a, failure: oom, expr: x}, {name: a, failure: oom, expr: y}]}", "already"),
        ("{signals: [{name: a, failure: oom, expr: x, limit: 0}]}", "limit"),
        ("{signals: [{name: a, failure: oom, expr: x, upstream: none}]}", "upstream"),
        ("{conditions: [{failure: oom, expr: 'up =='}]}", "not PromQL"),
        ("{conditions: [{failure: oom, expr: 'up == bool 0'}]}", "leave bool out"),
        ("{conditions: [{failure: oom, expr: '1'}]}", "hold always"),
        ("{conditions: [{failure: any, expr: 'up == 0'}]}", "one of the others"),
        ("{conditions: [{failure: oom, expr: 'up == 0', upstream: none}]}", "upstream"),
        ("{conditions: [{failure: oom, query: used}]}", "write expr"),
        ("{horizons: [15m, 15m]}", "listed twice"),
        ("{max_age: 10s}", "infer_every"),
        ("{alert_thresholds: {warning: 0.9, critical: 0.8}}", "warning < critical"),
    ],
)
def test_mistakes_are_named(section, complaint):
    with pytest.raises(ConfigError, match=complaint):
        parse(f"queries: [{{name: used, expr: x}}]\nfailure: {section}", "t")


def test_the_guide_has_the_last_word_on_levels_and_horizons():
    guide = """
performance_predictor:
  models:
    failure_predictor: {alert_thresholds: {warning: 0.5, critical: 0.7, emergency: 0.9}, time_horizons: [15, 60]}
"""
    config = parse(GOOD + guide, "t")
    (failure,) = config.resolved_failures()
    assert failure.horizons_seconds == (900, 3_600)
    assert failure.warning == 0.5
    assert failure_levels(config.settings)["emergency"] == 0.9


def test_conditions_alone_are_enough_to_run():
    assert parse("presets: []\nfailure: {conditions: [{failure: own, expr: up == 0}]}", "t").resolved_failures()
    with pytest.raises(ConfigError, match="nothing to forecast"):
        parse("presets: []", "t")
