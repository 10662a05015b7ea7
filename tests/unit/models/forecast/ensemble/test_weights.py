from __future__ import annotations

import numpy as np

from pronoia.models.forecast.ensemble.weights import bucket_weights, give_way, horizon_weights


def test_equal_losses_give_the_shares_and_half_the_loss_nearly_all() -> None:
    equal = bucket_weights(np.ones((2, 1, 5)), np.array([3.0, 1.0]))
    np.testing.assert_allclose(equal[:, 0, 0], [0.75, 0.25])
    better = bucket_weights(np.array([np.ones((1, 5)), np.full((1, 5), 2.0)]), np.ones(2))
    assert better[0].min() > 0.99


def test_a_member_that_said_nothing_has_no_weight() -> None:
    losses = np.ones((2, 1, 5))
    losses[1] = np.nan
    np.testing.assert_array_equal(bucket_weights(losses, np.ones(2))[:, 0], [np.ones(5), np.zeros(5)])


def test_nothing_said_and_nothing_known_are_no_division_by_zero() -> None:
    assert (bucket_weights(np.full((2, 1, 5), np.nan), np.ones(2)) == 0.0).all()
    np.testing.assert_allclose(bucket_weights(np.zeros((2, 1, 5)), np.ones(2)), 0.5)


def test_weights_over_the_horizons_sum_to_one() -> None:
    weights = bucket_weights(np.random.default_rng(0).uniform(1.0, 1.2, (3, 4, 5)), np.ones(3))
    for horizon in (1, 3, 4, 48, 720):
        np.testing.assert_allclose(horizon_weights(weights, horizon).sum(axis=0), 1.0)


def test_members_give_way_to_those_that_follow_a_new_level() -> None:
    weights = np.full((2, 1, 5), 0.5)
    moved = give_way(weights, np.array([False, True]), np.array([0.8]))
    np.testing.assert_allclose(moved[:, 0, 0], [0.1, 0.9])
    assert give_way(weights, np.array([False, False]), np.array([0.8])) is weights
