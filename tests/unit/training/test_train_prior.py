from __future__ import annotations

import numpy as np
import pytest

from pronoia.models.forecast.prior.shipped import pack_weights, shipped_network, unpack_weights
from pronoia.training.prior_examples import TrainingSeries
from pronoia.training.train_prior import judge, train_weights


def recorded() -> list[TrainingSeries]:
    rng = np.random.default_rng(0)
    phase = 2.0 * np.pi * np.arange(3_000) / 288
    return [TrainingSeries("day", 5.0 * np.sin(phase) + rng.normal(size=3_000), 300.0)]


def test_the_shipped_network_is_far_better_than_saying_nothing() -> None:
    # Saying zero, all deciles alike, costs half the mean absolute target.
    losses = judge(shipped_network(), recorded(), seed=0)
    assert losses["day"] < 0.25


def test_training_repeats_with_its_seed_and_learns() -> None:
    pytest.importorskip("torch")
    said: list[str] = []
    one, again = (train_weights(recorded(), 40, 3, said.append) for _ in range(2))
    assert one.keys() == again.keys()
    for name, value in one.items():
        np.testing.assert_array_equal(value, again[name])
    short = train_weights(recorded(), 1, 3, said.append)
    losses = [judge(unpack_weights(pack_weights(weights)), recorded(), seed=0)["day"] for weights in (short, one)]
    assert losses[1] < 0.9 * losses[0]
