from __future__ import annotations

import numpy as np
import pytest

from pronoia.models.forecast.prior.history_inputs import N_HISTORY
from pronoia.models.forecast.prior.horizon_inputs import N_HORIZON
from pronoia.training.prior_examples import N_TARGETS, Examples, TrainingSeries, make_examples

NAMES = ("history", "horizon", "targets")


def recorded() -> list[TrainingSeries]:
    rng = np.random.default_rng(0)
    return [
        TrainingSeries("long", rng.normal(size=5_000).cumsum(), 60.0),
        TrainingSeries("short", rng.gamma(0.3, size=200), 300.0),
        TrainingSeries("still", np.full(300, 5.0), 10.0),
    ]


def draw(seed: int, share_made_up: float = 0.3) -> Examples:
    return make_examples(recorded(), 500, np.random.default_rng(seed), share_made_up=share_made_up)


def test_examples_have_the_networks_shapes_and_are_finite() -> None:
    examples = draw(0)
    shapes = [getattr(examples, name).shape for name in NAMES]
    assert shapes == [(500, N_HISTORY), (500, N_TARGETS, N_HORIZON), (500, N_TARGETS)]
    assert all(np.isfinite(getattr(examples, name)).all() for name in NAMES)


def test_the_same_seed_draws_the_same_examples() -> None:
    one, again, other = draw(1), draw(1), draw(2)
    for name in NAMES:
        np.testing.assert_array_equal(getattr(one, name), getattr(again, name))
    assert not np.array_equal(one.targets, other.targets)


@pytest.mark.parametrize("share_made_up", [0.0, 1.0])
def test_all_or_none_may_be_made_up(share_made_up: float) -> None:
    assert len(draw(3, share_made_up).targets) == 500


def test_targets_are_what_came_in_units_of_the_past() -> None:
    step_up = TrainingSeries("one", np.tile([0.0, 1.0], 1_000), 3_600.0)
    targets = make_examples([step_up], 64, np.random.default_rng(0), share_made_up=0.0).targets
    # Two values, half a unit to either side of the mean, whose deviation is a half; turned upside down or cut, too.
    assert np.median(np.abs(targets)) == pytest.approx(np.arcsinh(1.0), rel=0.05)
