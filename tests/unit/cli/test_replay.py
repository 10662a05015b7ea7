"""`pronoia replay` prints a configuration that can be pasted as it stands."""

from __future__ import annotations

from pronoia.cli.replay import _config
from pronoia.config.load import parse


def test_the_printed_configuration_is_valid_also_for_names_of_recording_rules() -> None:
    config = parse(_config("http://127.0.0.1:10191/", ["instance:node_cpu:rate5m", "up"]), "printed")
    assert [query.expr for query in config.resolved_queries()] == ["instance:node_cpu:rate5m", "up"]
    assert config.upstream_settings()[0].url == "http://127.0.0.1:10191/"
