from __future__ import annotations

import promql_parser
import pytest

from pronoia.config.load import default_config, parse
from pronoia.config.preset import load_preset, preset_names
from pronoia.errors import ConfigError
from pronoia.promql.compiler import compile as compile_promql
from pronoia.promql.plan import Plan

QUERIES = [query for name in preset_names() for query in load_preset(name).queries]
every_query = pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)


@every_query
def test_every_preset_query_is_promql_with_a_floor(query) -> None:
    promql_parser.parse(query.expr)
    assert query.minimum == 0
    assert (query.maximum == 1) == (query.unit == "ratio")


@every_query
def test_every_preset_query_has_a_unit_unless_its_label_tells_it(query) -> None:
    assert query.unit or query.name == "agent_resources"


@every_query
def test_every_preset_query_says_itself_whose_it_is_what_it_feeds_and_which_side_is_bad(query) -> None:
    assert {"entity", "feeds", "direction"} <= query.model_fields_set
    assert query.entity
    assert query.feeds[0] == "forecast"
    assert len(query.feeds) > 1


@every_query
def test_every_preset_query_can_be_read_by_remote_read_and_evaluated_here(query) -> None:
    assert isinstance(compile_promql(query.expr), Plan)


def test_what_is_bad_when_low_says_so() -> None:
    assert [query.name for query in QUERIES if query.direction == "down"] == [
        "agent_task_rate",
        "agent_success",
        "deployment_available",
        "targets_up",
    ]


def test_all_presets_together_have_every_query_once() -> None:
    config = parse(f"presets: [{', '.join(preset_names())}]", "pronoia.yml")
    assert len(config.resolved_queries()) == len(QUERIES)
    assert config.warnings == ()
    assert config.notes == ()


def test_node_exporter_is_the_default_and_covers_what_it_promises() -> None:
    assert [query.name for query in default_config("http://localhost:9090").resolved_queries()] == [
        "cpu_utilisation",
        "memory_utilisation",
        "swap_utilisation",
        "disk_io_utilisation",
        "disk_queue_depth",
        "disk_reads",
        "disk_writes",
        "disk_read_throughput",
        "disk_write_throughput",
        "filesystem_used",
        "filesystem_inodes_used",
        "network_receive",
        "network_transmit",
        "network_errors",
        "tcp_retransmitted",
        "conntrack_used",
        "file_descriptors_used",
        "load_per_core",
        "cpu_pressure",
        "memory_pressure",
        "io_pressure",
    ]


def test_there_is_a_preset_for_each_thing_that_measures() -> None:
    assert preset_names() == ("agents", "cadvisor", "node-exporter", "prometheus")


@pytest.mark.parametrize("metric", ["agent_queue_depth", "task_execution_time", "success_failure_rate"])
def test_agents_reads_the_names_of_the_guide(metric: str) -> None:
    assert any(metric in query.expr for query in load_preset("agents").queries)


def test_agents_reads_every_resource_once() -> None:
    resources = [query.expr for query in load_preset("agents").queries if "resource_consumption" in query.expr]
    assert [expr.removeprefix("resource_consumption") for expr in resources] == [
        '{resource="cpu_cores"}',
        '{resource="memory_bytes"}',
        '{resource!~"cpu_cores|memory_bytes"}',
    ]


def test_an_unknown_preset_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="unknown preset 'node_exporter'; did you mean 'node-exporter'"):
        load_preset("node_exporter")
    with pytest.raises(ConfigError, match="unknown preset"):
        load_preset("../example")


def test_failures_of_presets_are_of_their_queries_and_are_read_without_the_servers_help() -> None:
    config = parse(f"presets: [{', '.join(preset_names())}]", "pronoia.yml")
    failures = {failure.name: failure for failure in config.resolved_failures()}
    assert set(failures) == {
        "oom", "disk_full", "network_timeout", "file_descriptors", "target_down", "task_failures"
    }  # fmt: skip
    known = {query.name: query for query in QUERIES}
    for failure in failures.values():
        for signal in failure.signals:
            assert isinstance(compile_promql(signal.expr), Plan)
            assert not signal.query or known[signal.query].direction == "up"
            # A ratio is at its limit where it cannot grow any more.
            assert not signal.query or known[signal.query].maximum == signal.limit
        for condition in failure.conditions:
            promql_parser.parse(condition.expr)
            assert isinstance(compile_promql(condition.expr), Plan)


def test_the_default_tells_of_disks_memory_and_connections_and_reads_little_for_it() -> None:
    failures = default_config("http://localhost:9090").resolved_failures()
    assert [failure.name for failure in failures] == ["disk_full", "oom", "network_timeout", "file_descriptors"]
    assert all(signal.query for failure in failures for signal in failure.signals)
    assert [condition.expr for failure in failures for condition in failure.conditions] == [
        "increase(node_vmstat_oom_kill[5m]) > 0"
    ]


def test_a_signal_of_the_file_replaces_a_presets_and_a_condition_is_added() -> None:
    text = """
presets: [node-exporter]
failure:
  signals: [{name: memory, failure: oom, expr: own_memory}]
  conditions: [{failure: oom, expr: own_kills > 0}]
"""
    (oom,) = (failure for failure in parse(text, "t").resolved_failures() if failure.name == "oom")
    assert [signal.expr for signal in oom.signals] == ["own_memory"]
    assert len(oom.conditions) == 2
