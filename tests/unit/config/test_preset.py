from __future__ import annotations

import promql_parser
import pytest

from pronoia.config.load import default_config
from pronoia.config.preset import load_preset, preset_names
from pronoia.errors import ConfigError

QUERIES = [query for name in preset_names() for query in load_preset(name).queries]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_every_preset_query_is_promql_with_a_unit_and_a_floor(query) -> None:
    promql_parser.parse(query.expr)
    assert query.unit
    assert query.minimum == 0
    assert (query.maximum == 1) == (query.unit == "ratio")


def test_preset_queries_have_names_of_their_own() -> None:
    names = [query.name for query in QUERIES]
    assert len(names) == len(set(names))


def test_node_exporter_covers_what_it_promises() -> None:
    assert [query.name for query in default_config("http://localhost:9090").resolved_queries()] == [
        "cpu_utilisation",
        "memory_utilisation",
        "disk_io_utilisation",
        "filesystem_used",
        "network_receive",
        "network_transmit",
        "load_per_core",
        "cpu_pressure",
        "memory_pressure",
        "io_pressure",
    ]


def test_an_unknown_preset_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="unknown preset 'node_exporter'; did you mean 'node-exporter'"):
        load_preset("node_exporter")
    with pytest.raises(ConfigError, match="unknown preset"):
        load_preset("../example")
