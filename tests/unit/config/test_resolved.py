from __future__ import annotations

from pathlib import Path

import pytest

from pronoia.config.load import load, parse

GOOD = Path(__file__).parents[2] / "config" / "testdata" / "good.yml"


@pytest.fixture
def queries(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PROMETHEUS_PASSWORD", "hunter2")
    monkeypatch.setenv("MIMIR_TOKEN", "token")
    return {query.name: query for query in load(GOOD).resolved_queries()}


def test_what_a_query_does_not_say_comes_from_forecast(queries) -> None:
    errors = queries["checkout_errors"]
    assert (errors.level, errors.history_seconds, errors.infer_every_seconds) == (0.9, 14 * 86_400, 60)
    assert errors.upstream == "main"
    assert errors.origin == "queries[0]"


def test_horizons_beyond_the_querys_own_are_left_out_and_the_step_follows_the_horizon(queries) -> None:
    errors = queries["checkout_errors"]
    assert (errors.horizon_seconds, errors.horizons_seconds, errors.step_seconds) == (7200, (900, 3600), 60)


def test_thresholds_are_ascending_and_units_imply_limits(queries) -> None:
    assert queries["checkout_errors"].thresholds == (0.01, 0.05)
    assert (queries["checkout_errors"].minimum, queries["checkout_errors"].maximum) == (0.0, 1.0)
    assert (queries["disk_growth"].minimum, queries["disk_growth"].maximum) == (0.0, None)


def test_a_query_overrides_whatever_it_names(queries) -> None:
    disk = queries["disk_growth"]
    assert disk.upstream == "long-term"
    assert (disk.overlap_seconds, queries["checkout_errors"].overlap_seconds) == (600, 300)
    assert disk.horizons_seconds == (86_400, 604_800)
    assert disk.step_seconds == 1800
    assert (disk.fit_every_seconds, disk.infer_every_seconds, disk.max_age_seconds) == (21_600, 300, 3600)
    assert disk.model == "theta"


def test_a_query_of_the_same_name_replaces_a_presets(queries) -> None:
    assert queries["cpu_utilisation"].expr == "instance:cpu:ratio"
    assert queries["memory_utilisation"].origin == "preset node-exporter"
    assert queries["memory_utilisation"].horizon_seconds == 48 * 3600


def test_presets_apply_by_default_only_where_there_are_no_queries() -> None:
    assert parse("", "t").presets == ("node-exporter",)
    assert parse("queries: [{name: a, expr: up}]", "t").presets == ()


def test_default_horizons_stay_within_a_shorter_horizon() -> None:
    (query,) = parse("forecast: {horizon: 10m}\nqueries: [{name: a, expr: up}]", "t").resolved_queries()
    assert query.horizons_seconds == (600,)
    assert query.step_seconds == 60


def test_a_query_carries_whose_it_is_and_what_it_feeds(queries) -> None:
    assert (queries["checkout_errors"].entity, queries["checkout_errors"].feeds) == ((), ("forecast",))
    assert queries["disk_growth"].entity == ("instance", "mountpoint")
    assert queries["disk_growth"].feeds == ("forecast", "failure", "rightsizing")
    assert queries["memory_utilisation"].entity == ("instance",)


def test_bands_are_ascending_and_an_inherited_one_of_the_querys_level_is_left_out() -> None:
    text = """
forecast: {bands: [0.8, 0.5]}
queries:
  - {name: a, expr: up}
  - {name: b, expr: up, level: 0.8}
  - {name: c, expr: up, bands: [0.9]}
  - {name: d, expr: up, bands: []}
"""
    assert [query.bands for query in parse(text, "t").resolved_queries()] == [(0.5, 0.8), (0.5,), (0.9,), ()]


def test_without_a_word_there_are_no_bands() -> None:
    assert {query.bands for query in parse("", "t").resolved_queries()} == {()}
