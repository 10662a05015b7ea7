"""Peer scores know no order, no unit, no future, and may be made in pieces."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pronoia.models.anomaly.peers import fit_peers

N_TRAIN, N_TEST = 300, 80


def values_of(seed: int, n_peers: int, missing: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(N_TRAIN + N_TEST, 1)).cumsum(axis=0) + 30.0
    values = common * rng.uniform(0.5, 2.0, n_peers) + rng.normal(size=(N_TRAIN + N_TEST, n_peers))
    values[rng.random(values.shape) < missing] = np.nan
    return values


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 7), st.floats(0.0, 0.5), st.lists(st.integers(0, N_TEST), max_size=5))
def test_pieces_of_any_length_say_what_the_whole_says(seed: int, n_peers: int, missing: float, cuts: list[int]) -> None:
    values = values_of(seed, n_peers, missing)
    model = fit_peers(values[:N_TRAIN], 60.0)
    whole, pieces, now = model.score(values[N_TRAIN:]), [], model
    for piece in np.split(values[N_TRAIN:], sorted(cuts)):
        said, now = now.advance(piece)
        pieces.append(said)
    for name in ("score", "direction", "expected"):
        joined = np.concatenate([getattr(piece, name) for piece in pieces])
        np.testing.assert_allclose(joined, getattr(whole, name), rtol=1e-9, err_msg=name)
    np.testing.assert_array_equal(model.score(values[N_TRAIN:]).score, whole.score)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 7), st.floats(0.0, 0.5), st.integers(1, N_TEST))
def test_what_comes_later_changes_nothing(seed: int, n_peers: int, missing: float, n_kept: int) -> None:
    values = values_of(seed, n_peers, missing)
    model, test = fit_peers(values[:N_TRAIN], 60.0), values[N_TRAIN:]
    other = test.copy()
    other[n_kept:] = 1e6
    np.testing.assert_array_equal(model.score(other).score[:n_kept], model.score(test).score[:n_kept])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 7), st.floats(0.0, 0.3), st.integers(-9, 9))
def test_neither_order_nor_unit_matters(seed: int, n_peers: int, missing: float, power: int) -> None:
    values = values_of(seed, n_peers, missing)
    order = np.random.default_rng(seed).permutation(n_peers)
    plain = fit_peers(values[:N_TRAIN], 60.0).score(values[N_TRAIN:]).score
    other = 10.0**power * values[:, order]
    turned = fit_peers(other[:N_TRAIN], 60.0).score(other[N_TRAIN:]).score
    np.testing.assert_allclose(turned, plain[:, order], rtol=1e-4, atol=1e-6)
