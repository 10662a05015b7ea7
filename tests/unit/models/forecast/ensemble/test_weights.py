from __future__ import annotations

import numpy as np

from pronoia.models.forecast.ensemble.weights import bucket_weights, first_weights, give_way, horizon_weights


def test_equal_losses_give_the_shares_and_half_the_loss_nearly_all() -> None:
    equal = bucket_weights(np.ones((2, 1, 5)), np.array([[3.0], [1.0]]))
    np.testing.assert_allclose(equal[:, 0, 0], [0.75, 0.25])
    better = bucket_weights(np.array([np.ones((1, 5)), np.full((1, 5), 2.0)]), np.ones((2, 1)))
    assert better[0].min() > 0.99


def test_a_member_that_said_nothing_has_no_weight() -> None:
    losses = np.ones((2, 1, 5))
    losses[1] = np.nan
    np.testing.assert_array_equal(bucket_weights(losses, np.ones((2, 1)))[:, 0], [np.ones(5), np.zeros(5)])


def test_nothing_said_and_nothing_known_are_no_division_by_zero() -> None:
    assert (bucket_weights(np.full((2, 1, 5), np.nan), np.ones((2, 1))) == 0.0).all()
    np.testing.assert_allclose(bucket_weights(np.zeros((2, 1, 5)), np.ones((2, 1))), 0.5)


def test_weights_over_the_horizons_sum_to_one() -> None:
    weights = bucket_weights(np.random.default_rng(0).uniform(1.0, 1.2, (3, 4, 5)), np.ones((3, 4)))
    for horizon in (1, 3, 4, 48, 720):
        np.testing.assert_allclose(horizon_weights(weights, horizon).sum(axis=0), 1.0)


def test_members_give_way_to_those_that_follow_a_new_level() -> None:
    weights = np.full((2, 1, 5), 0.5)
    moved = give_way(weights, np.array([False, True]), np.array([0.8]))
    np.testing.assert_allclose(moved[:, 0, 0], [0.1, 0.9])
    assert give_way(weights, np.array([False, False]), np.array([0.8])) is weights


def test_a_young_series_is_left_to_members_that_know_others() -> None:
    lengths = np.array([300, 1_500, 16_000])
    shares = np.array([first_weights(1.0, lengths, pretrained=pretrained) for pretrained in (True, False)])
    weights = bucket_weights(np.ones((2, 3, 5)), shares)
    np.testing.assert_allclose(weights[:, :, 0].T, [[1.0, 0.0], [2 / 3, 1 / 3], [0.523, 0.477]], atol=1e-3)


def test_a_young_series_is_not_left_alone_where_no_member_knows_others() -> None:
    shares = first_weights(0.3, np.array([100]), pretrained=False)[None, :].repeat(2, axis=0)
    np.testing.assert_allclose(bucket_weights(np.ones((2, 1, 5)), shares), 0.5)
