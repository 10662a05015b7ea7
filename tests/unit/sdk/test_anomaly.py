from __future__ import annotations

import numpy as np
import pytest

import pronoia
from pronoia.errors import ConfigError


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape)


def test_one_number_a_step_and_an_outlier_beyond_the_line() -> None:
    test = noise(200, 3)
    test[150:, 1] += 30.0
    scores = pronoia.score_anomalies(noise(2_000, 3), test, 300)
    assert scores.shape == (200,)
    assert scores[155:].min() > 1.0 > scores[:150].max()


def test_a_single_metric_may_be_a_plain_list() -> None:
    assert pronoia.score_anomalies(noise(500).tolist(), [0.0, 0.1], 300).shape == (2,)


@pytest.mark.parametrize(
    ("train", "test", "step_seconds", "rate", "problem"),
    [
        (noise(500, 2), noise(5, 3), 60, 0.1, "test: shape"),
        (noise(0, 2), noise(5, 2), 60, 0.1, "train: shape"),
        (noise(500, 2), noise(5, 2), 0, 0.1, "step_seconds: 0 is not a positive number"),
        (noise(500, 2), noise(5, 2), 60, float("nan"), "false_alarms_per_day: nan is not a positive number"),
    ],
)
def test_arguments_that_cannot_be_used_are_named(
    train: np.ndarray, test: np.ndarray, step_seconds: float, rate: float, problem: str
) -> None:
    with pytest.raises(ConfigError, match=problem):
        pronoia.score_anomalies(train, test, step_seconds, false_alarms_per_day=rate)
