from __future__ import annotations

import numpy as np
import pytest

import pronoia
from pronoia.errors import ConfigError


def test_bounds_contain_the_point_and_nest() -> None:
    values = np.random.default_rng(0).normal(size=(2, 600))
    ahead = pronoia.forecast(values, horizon=24, levels=(50, 95), quantiles=(0.9, 0.1))
    assert ahead.point.shape == (2, 24)
    assert (ahead.lower[95] <= ahead.lower[50]).all()
    assert (ahead.lower[50] <= ahead.point).all()
    assert (ahead.point <= ahead.upper[50]).all()
    assert ahead.shares == (0.1, 0.9)
    assert ahead.quantiles is not None
    assert ahead.quantiles.shape == (2, 2, 24)


def test_every_wrong_argument_is_named_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        pronoia.forecast(np.zeros((1, 0)), step_seconds=0, horizon=0, levels=(100,), quantiles=(0.0,))
    assert [problem.path for problem in caught.value.problems] == [
        "values",
        "step_seconds",
        "horizon",
        "levels",
        "quantiles",
    ]
