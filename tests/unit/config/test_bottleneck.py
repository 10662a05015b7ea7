from __future__ import annotations

import pytest

from pronoia.config.load import default_config, parse
from pronoia.config.preset import load_preset, preset_names
from pronoia.config.resolved_bottleneck import HORIZON_SLOTS
from pronoia.config.schema.blend import MEMBERS
from pronoia.errors import ConfigError
from pronoia.models.bottleneck.horizons import HORIZON_SLOTS as SLOTS_OF_THE_MODEL
from pronoia.models.bottleneck.members import MEMBERS as MEMBERS_OF_THE_MODEL
from pronoia.promql.compiler import compile as compile_promql
from pronoia.promql.plan import Plan


def resources(text: str) -> dict:
    return {each.name: each for each in parse(text, "t").resolved_resources()}


def test_horizons_are_those_of_the_model() -> None:
    assert HORIZON_SLOTS == SLOTS_OF_THE_MODEL


def test_a_prometheus_url_alone_watches_a_machines_resources() -> None:
    found = default_config("http://localhost:9090").resolved_resources()
    assert [each.name for each in found] == ["cpu", "memory", "disk_io", "network", "disk_space"]
    cpu = found[0]
    assert (cpu.query, cpu.threshold, cpu.entity, cpu.origin) == (
        "cpu_utilisation",
        0.9,
        ("instance",),
        "preset node-exporter",
    )
    assert dict(cpu.companions)["disk_read"] == "disk_read_throughput"
    assert (cpu.hold_slots, cpu.clean_slots, cpu.slot_seconds) == (1, 6, 300)
    assert cpu.horizons_seconds == (900, 1800, 3600, 14_400)


@pytest.mark.parametrize("preset", preset_names())
def test_presets_resources_have_queries_that_are_evaluated_here(preset: str) -> None:
    for each in parse(f"presets: [{preset}]", "t").resolved_resources():
        assert isinstance(compile_promql(each.expr), Plan)
        assert each.entity
    known = {query.name for query in load_preset(preset).queries}
    for resource in load_preset(preset).bottleneck.resources:
        assert {name for _, name in resource.companions if name} <= known


def test_all_presets_together_have_every_resource_once() -> None:
    found = parse(f"presets: [{', '.join(preset_names())}]", "t").resolved_resources()
    assert [each.name for each in found] == [
        *("queue", "container_cpu", "container_memory", "volume_space"),
        *("cpu", "memory", "disk_io", "network", "disk_space"),
    ]


def test_a_resource_of_the_file_replaces_the_presets() -> None:
    text = "presets: [node-exporter]\nbottleneck: {resources: [{name: cpu, query: cpu_pressure, threshold: 0.2}]}"
    found = resources(text)
    assert list(found) == ["cpu", "memory", "disk_io", "network", "disk_space"]
    assert (found["cpu"].query, found["cpu"].threshold, found["cpu"].companions) == ("cpu_pressure", 0.2, ())


def test_times_are_counted_in_slots_rounded_up() -> None:
    text = """
bottleneck:
  slot: 5s
  horizons: [30s, 15s]
  infer_every: 1s
  history: 1h
  resources: [{name: pool, expr: pool_used, hold: 12s, clean: 20s, entity: [instance]}]
presets: []
queries: [{name: load, expr: node_load1}]
"""
    config = parse(text, "t")
    pool = config.resolved_resources()[0]
    assert (pool.hold_slots, pool.clean_slots, pool.horizons_seconds) == (3, 4, (15, 30))
    assert (pool.query, pool.expr, pool.upstream, pool.history_seconds) == ("", "pool_used", "prometheus", 3600)
    slot, _ = config.warnings
    assert (slot.path, slot.problem) == ("bottleneck.slot", "with slots of 5s a day of the model lasts 24m")


def test_it_can_be_turned_off() -> None:
    assert resources("bottleneck: {enabled: false}") == {}


def test_a_model_file_that_is_not_there_is_doubtful() -> None:
    (warning,) = parse("bottleneck: {model: nowhere.bin}", "t").warnings
    assert warning.path == "bottleneck.model"
    assert "there is no file" in warning.problem


def test_what_the_guide_says_is_taken_up() -> None:
    text = "performance_predictor: {models: {bottleneck_predictor: {update_frequency: 30, features: [memory_usage]}}}"
    found = resources(text)
    assert list(found) == ["memory"]
    assert found["memory"].infer_every_seconds == 30


@pytest.mark.parametrize(
    ("keys", "members", "blend", "is_fitted"),
    [
        ("", ("trees", "lstm"), (), False),
        ("members: [trees, hazard], blend: [0.6, 0.4]", ("trees", "hazard"), (0.6, 0.4), False),
        ("members: [trees, hazard], blend: fitted", ("trees", "hazard"), (), True),
    ],
)
def test_what_is_fitted_to_local_history_is_configured(
    keys: str, members: tuple, blend: tuple, is_fitted: bool
) -> None:
    for each in resources(f"presets: [node-exporter]\nbottleneck: {{{keys}}}").values():
        assert (each.members, each.blend, each.is_blend_fitted) == (members, blend, is_fitted)


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ("members: [hazard]", "must be auto or a list that begins with trees"),
        ("members: [trees, oracle]", "lstm, transformer, hazard, got 'oracle'"),
        ("members: [trees, hazard, hazard]", "'hazard' is listed twice"),
        ("members: [trees, lstm]", r"lstm needs the extra 'neural': pip install 'pronoia\[neural\]'"),
        ("members: [trees, hazard], blend: [1.0]", r"1 weight\(s\) for 2 member"),
        ("members: [trees, hazard], blend: [1.0, -1.0]", "must not be below 0"),
        ("blend: [0.7, 0.3]", "weights belong to members that are listed"),
        ("blend: some", "must be auto, fitted, or a list of weights"),
    ],
)
def test_a_blend_that_cannot_be_is_refused(keys: str, problem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pronoia.config.checks.bottleneck.has_torch", lambda: False)
    with pytest.raises(ConfigError, match=problem):
        parse(f"presets: [node-exporter]\nbottleneck: {{{keys}}}", "t")


def test_members_are_those_of_the_model() -> None:
    assert MEMBERS == MEMBERS_OF_THE_MODEL


def test_members_without_trees_at_first_are_refused_by_name() -> None:
    with pytest.raises(ConfigError, match=r"a list that begins with trees .*; the first of these is 'lstm'"):
        parse("bottleneck: {members: [lstm, trees]}", "t")
