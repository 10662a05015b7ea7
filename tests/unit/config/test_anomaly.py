import pytest

from pronoia.config.load import parse
from pronoia.errors import ConfigError

QUERIES = """
presets: []
queries:
  - {name: cpu, expr: cpu_busy, feeds: [forecast, anomaly]}
  - {name: disk, expr: disk_busy, step: 1m, horizon: 1h, horizons: [15m]}
"""


def watches(section: str = "", queries: str = QUERIES):
    return {watch.name: watch for watch in parse(f"{queries}\nanomaly: {section or '{}'}", "t").resolved_watches()}


def test_a_query_of_the_file_that_feeds_anomaly_has_its_series_watched():
    (watch,) = watches().values()
    assert (watch.kind, watch.name, watch.origin) == ("query", "cpu", "queries[0]")
    assert (watch.queries[0].expr, watch.step_seconds, watch.history_seconds) == ("cpu_busy", 60, 7 * 86_400)


def test_what_is_said_of_a_watch_goes_before_what_is_said_of_all():
    section = "{direction: low, min_absolute: 2, series: [{query: disk, direction: high, siblings: [job]}]}"
    found = watches(section)
    assert (found["disk"].direction, found["disk"].min_absolute, found["disk"].siblings) == ("high", 2.0, ("job",))
    assert found["cpu"].direction == "low"


def test_holidays_are_those_of_the_query_and_count_as_other_days_unless_told():
    (watch,) = watches("{direction: high}").values()
    assert watch.direction_on_holidays == "high"
    (watch,) = watches("{direction_on_holidays: none}").values()
    assert watch.direction_on_holidays == "none"


def test_systems_put_queries_together():
    found = watches("{systems: [{name: node, by: [instance], queries: [cpu, disk], false_alarms_per_day: 1}]}")
    node = found["node"]
    assert (node.kind, node.by, node.false_alarms_per_day) == ("system", ("instance",), 1.0)
    assert [query.name for query in node.queries] == ["cpu", "disk"]


def test_presets_bring_systems_and_one_of_the_same_name_replaces_theirs():
    assert watches(queries="presets: [node-exporter]")["node"].origin == "preset node-exporter"
    section = "{systems: [{name: node, by: [instance], queries: [cpu_utilisation]}]}"
    assert watches(section, "presets: [node-exporter]")["node"].origin == "anomaly.systems[0]"


@pytest.mark.parametrize("preset", ["node-exporter", "cadvisor", "prometheus", "agents"])
def test_systems_of_presets_know_their_queries_and_name_what_those_are_of(preset):
    config = parse(f"presets: [{preset}]", "t")
    entities = {query.name: query.entity for query in config.resolved_queries()}
    for watch in config.resolved_watches():
        assert {frozenset(entities[query.name]) for query in watch.queries} == {frozenset(watch.by) - {"job"}}


def test_disabled_watches_nothing():
    assert watches("{enabled: false}") == {}
    assert watches("{enabled: false}", "presets: [node-exporter]") == {}


@pytest.mark.parametrize(
    ("section", "complaint"),
    [
        ("{detector: ensembel}", "did you mean 'ensemble'"),
        ("{detector: lof, series: [{query: disk, detector: lofx}]}", "unknown detector 'lofx'"),
        ("{series: [{query: dsk}]}", "there is no query 'dsk'; did you mean 'disk'"),
        ("{series: [{query: disk}, {query: disk}]}", r"watched already, anomaly.series\[0\]"),
        ("{systems: [{name: disk, by: [a], queries: [disk]}], series: [{query: disk}]}", "watched already"),
        ("{systems: [{name: cpu, by: [a], queries: [disk]}]}", r"watched already, queries\[0\]"),
        ("{systems: [{name: node, by: [a], queries: [cpu, dsk]}]}", "there is no query 'dsk'"),
        ("{systems: [{name: node, by: [], queries: [cpu]}]}", "by"),
        ("{series: [{query: disk, mute: ['{a=']}]}", "no selector"),
        ("{series: [{query: disk, direction: up}]}", "direction"),
        ("{false_alarms_per_day: 0}", "false_alarms_per_day"),
        ("{threshold: 3}", "where false_alarms_per_day puts it"),
        ("{warm_up: 1h}", "holds fewer than 64 steps of 1m"),
        ("{history: 12h}", "shorter than warm_up 1d"),
        ("{max_age: 10s}", "shorter than infer_every 1m"),
    ],
)
def test_mistakes_are_named(section, complaint):
    with pytest.raises(ConfigError, match=complaint):
        watches(section)
