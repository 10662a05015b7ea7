"""Whoever loads the shipped rules hears of horizons with which none of their alerts could fire."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pronoia.config.checks.shipped_rules import BOTTLENECK_RULES_HORIZON_SECONDS, FAILURE_RULES_HORIZON_SECONDS
from pronoia.config.load import parse
from pronoia.exposition.text import format_horizon

RULES = Path(__file__).parents[3] / "rules"
GUIDE = "performance_predictor: {models: {failure_predictor: {time_horizons: [%s]}}}"


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("failure: {horizons: [1h, 4h]}", "failure.horizons", "told are 1h, 4h, but rules/failure.yaml looks at 15m"),
        (GUIDE % "60", "performance_predictor.models.failure_predictor.time_horizons", "told are 1h"),
        ("bottleneck: {horizons: [15m, 1h]}", "bottleneck.horizons", "rules/bottleneck.yaml looks at 30m"),
        ("bottleneck: {slot: 15m}", "bottleneck.slot", "a slot of 5m allows it"),
    ],
)
def test_horizons_that_the_shipped_rules_do_not_look_at_are_warned_of(text: str, place: str, problem: str) -> None:
    warning = parse(text, "t").warnings[-1]
    assert warning.path == place
    assert problem in warning.problem


@pytest.mark.parametrize(
    "text",
    [
        "failure: {horizons: [15m, 2h]}",
        GUIDE % "15, 60",
        "bottleneck: {horizons: [30m]}",
        "failure: {enabled: false, horizons: [1h]}",
        "bottleneck: {enabled: false, horizons: [1h]}",
    ],
)
def test_others_are_not(text: str) -> None:
    assert parse(text, "t").warnings == ()


@pytest.mark.parametrize(
    ("stem", "seconds"), [("failure", FAILURE_RULES_HORIZON_SECONDS), ("bottleneck", BOTTLENECK_RULES_HORIZON_SECONDS)]
)
def test_these_are_the_horizons_that_the_rule_files_look_at(stem: str, seconds: int) -> None:
    looked_at = set(re.findall(r'horizon="([^"]+)"', (RULES / f"{stem}.yaml").read_text()))
    assert looked_at == {format_horizon(seconds)}
