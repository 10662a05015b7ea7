"""The demo replays any recording."""

from __future__ import annotations

from pronoia.cli.demo import _config_of, _parse


def test_a_recording_of_recording_rules_makes_a_valid_configuration() -> None:
    config = _parse(_config_of(["instance:node_cpu:rate5m", "up"]), "http://localhost:1")
    assert [(query.name, query.expr) for query in config.resolved_queries()] == [
        ("instance.node_cpu.rate5m", "instance:node_cpu:rate5m"),
        ("up", "up"),
    ]
