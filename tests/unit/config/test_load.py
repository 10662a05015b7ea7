from __future__ import annotations

import copy
import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pronoia.config.load import default_config, load, parse
from pronoia.errors import ConfigError
from pronoia.transport.settings import PromqlSettings

SECRET = "hunter2-secret"
JUNK = (
    None,
    5,
    -1,
    1.5,
    "",
    "x",
    "1h",
    "${A}",
    "$",
    [],
    {},
    [1],
    {"a": 1},
    True,
    math.nan,
    10**400,
    [None],
    {"x": None},
)
TESTDATA = Path(__file__).parents[2] / "config" / "testdata"


def warnings_of(text: str) -> list[str]:
    return [str(warning) for warning in parse(text, "t", directory=TESTDATA, environ={}).warnings]


def test_nothing_but_an_address_is_a_whole_configuration() -> None:
    config = default_config("http://prometheus:9090")
    (upstream,) = config.upstream_settings()
    assert (upstream.name, upstream.url) == ("prometheus", "http://prometheus:9090")
    assert config.presets == ("node-exporter",)
    assert config.workers >= 1


@pytest.mark.parametrize(
    "url", ["", "prometheus:9090", "http://me:secret@host", "ftp://host", "http://host/api/v1/read"]
)
def test_an_address_that_cannot_be_used_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match=r"--prometheus\.url") as caught:
        default_config(url)
    assert "secret" not in str(caught.value)


def test_an_empty_file_reads_the_prometheus_on_this_machine() -> None:
    (upstream,) = parse("", "t").upstream_settings()
    assert upstream.url == "http://localhost:9090"


def test_keys_with_nothing_after_them_have_their_defaults() -> None:
    assert parse("forecast:\nstorage:\n  path:\n", "t").settings == parse("", "t").settings


def test_a_file_that_cannot_be_read_is_named_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.yml: 1 problem\n  cannot be read: No such file or directory"):
        load(tmp_path / "absent.yml")
    (tmp_path / "latin.yml").write_bytes(b"a: \xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read: not UTF-8 text"):
        load(tmp_path / "latin.yml")


def test_paths_are_relative_to_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_PASSWORD", "hunter2")
    monkeypatch.setenv("MIMIR_TOKEN", "token")
    config = load(TESTDATA / "good.yml")
    main, long_term = config.upstream_settings()
    assert main.tls.ca_file == TESTDATA / "certs" / "ca.pem"
    assert main.basic_auth is not None
    assert main.basic_auth.password == "hunter2"
    assert dict(main.headers) == {"X-Scope-OrgID": "tenant-1"}
    assert main.limits.max_response_bytes == 64 * 2**20
    assert long_term.authorization is not None
    assert long_term.authorization.credentials == "token"
    assert config.storage_path == TESTDATA / "state"
    assert config.workers == 2


def test_what_expressions_mean_is_asked_of_the_server_unless_it_is_given() -> None:
    text = "upstreams: [{}, {name: old, promql: {ranges: closed, lookback: 7m, evaluation_interval: 15s}}]"
    asked, given = (upstream.promql for upstream in parse(text, "t").upstream_settings())
    assert asked == PromqlSettings()
    assert given == PromqlSettings(left_open=False, lookback_ms=420_000, evaluation_interval_ms=15_000)


def test_a_mistake_does_not_hide_those_that_are_seen_only_together() -> None:
    text = """
upstreams: [{name: a, tls_config: {ca_fil: x}}]
queries:
  - {name: one, expr: up, upstream: b}
  - {expr: up}
  - {name: one, expr: 'sum('}
"""
    with pytest.raises(ConfigError) as caught:
        parse(text, "t")
    assert [problem.path for problem in caught.value.problems] == [
        "upstreams[0].tls_config.ca_fil",
        "queries[0].upstream",
        "queries[1].name",
        "queries[2].name",
        "queries[2].expr",
    ]


def test_no_mistake_is_told_that_only_follows_from_another() -> None:
    text = """
upstreams: [{nam: a}]
forecast: {horizn: 48h, horizons: [1h, 48h], infer_every: 5, max_age: 1s}
queries: [{name: one, expr: up, upstream: a}]
"""
    with pytest.raises(ConfigError) as caught:
        parse(text, "t")
    assert {problem.path for problem in caught.value.problems} == {
        "upstreams[0].nam",
        "forecast.horizn",
        "forecast.infer_every",
    }


def test_numbers_may_come_from_the_environment() -> None:
    config = parse("workers: ${WORKERS}\nforecast: {level: '${LEVEL}'}", "t", environ={"WORKERS": "3", "LEVEL": "0.8"})
    assert (config.workers, config.settings.forecast.level) == (3, 0.8)


def test_a_query_that_replaces_a_presets_is_told() -> None:
    text = "presets: [node-exporter]\nqueries: [{name: up, expr: up}, {name: load_per_core, expr: x}]"
    assert parse(text, "t").notes == ("queries[1]: replaces load_per_core of preset node-exporter",)


def test_questions_that_are_not_answered_yet_are_told() -> None:
    text = "queries: [{name: load, expr: node_load1, feeds: [forecast, anomaly, failure]}]"
    assert parse(text, "t").notes == ("queries[0].feeds: failure noted for later; they are not answered yet",)


def test_missing_secret_files_are_warned_of() -> None:
    text = "upstreams: [{basic_auth: {username: me, password_file: no.txt}, tls_config: {ca_file: good.yml}}]"
    assert warnings_of(text) == [
        f"upstreams[0].basic_auth.password_file (line 1): there is no file {TESTDATA / 'no.txt'}"
    ]


def test_secrets_over_http_to_another_machine_are_warned_of() -> None:
    credentials = "authorization: {credentials: x}"
    assert warnings_of(f"upstreams: [{{url: 'http://far:9090', {credentials}}}]") == [
        "upstreams[0].url (line 1): credentials are sent over http, readable on the way; use https"
    ]
    assert warnings_of(f"upstreams: [{{url: 'http://localhost:9090', {credentials}}}]") == []


def test_unverified_servers_short_histories_and_bare_counters_are_warned_of() -> None:
    text = """
upstreams: [{tls_config: {insecure_skip_verify: true}}]
forecast: {history: 1d}
queries: [{name: a, expr: 'http_requests_total{job="x"}'}]
"""
    warnings = warnings_of(text)
    assert len(warnings) == 3
    assert "the server is not verified" in warnings[0]
    assert "1d is less than two days" in warnings[1]
    assert "rate(http_requests_total[5m]) is mostly meant" in warnings[2]


def places_in(tree: Any, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    entries = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [place, *(below for key, entry in entries for below in places_in(entry, (*place, key)))]


TREE = {
    key: value
    for name in ("good.yml", "guide.yml")
    for key, value in yaml.safe_load((TESTDATA / name).read_text(encoding="utf-8")).items()
}
PLACES = [place for place in places_in(TREE) if place and place[-1] != "name"]


@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(JUNK)), min_size=1, max_size=3))
def test_whatever_is_wrong_is_a_configuration_error_that_shows_no_secret(changes: list[tuple[Any, Any]]) -> None:
    tree = copy.deepcopy(TREE)
    for place, junk in changes:
        inner = tree
        try:
            for part in place[:-1]:
                inner = inner[part]
            inner[place[-1]] = copy.deepcopy(junk)
        except (KeyError, IndexError, TypeError):
            continue
    environ = {"A": SECRET, "PROMETHEUS_PASSWORD": SECRET, "MIMIR_TOKEN": SECRET}
    try:
        parse(yaml.safe_dump(tree), "t", environ=environ)
    except ConfigError as error:
        told = str(error)
    else:
        told = ""
    assert SECRET not in told


def test_files_of_the_bridge_of_alerts_that_are_not_there_are_warned_of() -> None:
    text = (
        "alert_bridge:\n"
        "  webhook: {token_file: no.txt}\n"
        "  push: {enabled: true, alertmanagers: [{url: 'http://a:9093', tls_config: {ca_file: no.pem}}]}\n"
        "  mitigation:\n"
        "    enabled: true\n"
        "    actions: [{name: a, url: 'http://b', alerts: [OomPredicted], authorization: {credentials_file: no.txt}}]\n"
    )
    missing = f"there is no file {TESTDATA / 'no.txt'}"
    assert warnings_of(text) == [
        f"alert_bridge.webhook.token_file (line 2): {missing}; without it every message is refused",
        f"alert_bridge.push.alertmanagers[0].tls_config.ca_file (line 3): there is no file {TESTDATA / 'no.pem'}",
        f"alert_bridge.mitigation.actions[0].authorization.credentials_file (line 6): {missing}",
    ]


def test_alerts_that_nobody_foretells_are_warned_of_where_they_are_acted_upon() -> None:
    text = (
        "queries: [{name: queue-depth, expr: depth, thresholds: [5]}]\n"
        "alerts:\n"
        "  channels: {webhook: {url: 'http://c'}}\n"
        "  rules:\n"
        "    disk_usage: {condition: failure_probability > 0.9, channels: [webhook]}\n"
        "    odd: {condition: anomaly_score > 2, channels: [webhook]}\n"
        "alert_bridge:\n"
        "  mitigation:\n"
        "    enabled: true\n"
        "    actions: [{name: a, url: 'http://b', alerts: [%s]}]\n"
    )
    assert warnings_of(text % "OomPredicted, DiskUsagePredicted, QueueDepthPredicted") == []
    place = "alert_bridge.mitigation.actions[0].alerts[0] (line 10): "
    (warning,) = warnings_of(text % "DiskFulPredicted")
    assert warning == (
        f"{place}neither shipped rules nor alerts.rules or thresholds foretell 'DiskFulPredicted': unless a rule of "
        "your own does, nothing is ever called; did you mean 'DiskFullPredicted'?"
    )
    # What is odd has no probability, and is acted upon by nobody.
    assert "foretell 'Odd'" in warnings_of(text % "Odd")[0]


@pytest.mark.parametrize(
    ("unit", "near"), [("byte", "bytes"), ("ratios", "ratio"), ("bytes_per_sec", "bytes_per_second"), ("core", "cores")]
)
def test_a_unit_that_is_nearly_one_that_implies_limits_is_warned_of(unit: str, near: str) -> None:
    (warning,) = warnings_of(f"queries: [{{name: q, expr: x, unit: {unit}}}]")
    assert warning.startswith(f"queries[0].unit (line 1): {unit!r} implies no minimum, as ratio, bytes, ")
    assert f"did you mean {near!r}?" in warning
    assert warnings_of(f"queries: [{{name: q, expr: x, unit: {unit}, minimum: 0}}]") == []


@pytest.mark.parametrize("unit", ["tasks", "celsius", "tasks_per_second", "queries_per_second", "packets_per_second"])
def test_any_other_word_is_a_unit(unit: str) -> None:
    assert warnings_of(f"queries: [{{name: q, expr: x, unit: {unit}}}]") == []
