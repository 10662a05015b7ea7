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
