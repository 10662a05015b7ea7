"""Scoring in pieces, each from where the one before ended, is scoring everything at once."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pronoia.models.anomaly.model import AnomalySettings, fit_anomalies

N_TRAIN, N_TEST = 400, 90


def values_of(seed: int, n_metrics: int, missing: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(N_TRAIN + N_TEST, n_metrics)).cumsum(axis=0)
    values[rng.random(values.shape) < missing] = np.nan
    return values


# A day of 300 s fits into a history of 400 steps once, and of 900 s four times: then the forecast looks back a day.
@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(1, 5),
    st.floats(0.0, 0.6),
    st.lists(st.integers(0, N_TEST), max_size=6),
    st.sampled_from([300.0, 900.0]),
)
def test_pieces_of_any_length_say_what_the_whole_says(
    seed: int, n_metrics: int, missing: float, cuts: list[int], step_seconds: float
) -> None:
    values = values_of(seed, n_metrics, missing)
    fitted = fit_anomalies(values[:N_TRAIN], AnomalySettings(step_seconds))
    whole = fitted.score(values[N_TRAIN:])
    model, pieces = fitted, []
    for piece in np.split(values[N_TRAIN:], sorted(cuts)):
        said, model = model.advance(piece)
        pieces.append(said)
    for name in ("score", "direction", "lower", "upper", "contributions"):
        joined = np.concatenate([getattr(piece, name) for piece in pieces])
        np.testing.assert_allclose(joined, getattr(whole, name), rtol=1e-6, atol=1e-9, err_msg=name)
    n_gaps = sum(each.count for piece in pieces for each in piece.skipped if each.reason == "gap")
    assert n_gaps == sum(each.count for each in whole.skipped if each.reason == "gap")


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 3))
def test_the_model_one_goes_on_from_stays_where_it_was(seed: int, n_metrics: int) -> None:
    values = values_of(seed, n_metrics, 0.1)
    model = fit_anomalies(values[:N_TRAIN], AnomalySettings(300.0))
    before = model.score(values[N_TRAIN:]).score
    model.advance(values[N_TRAIN:])[1].advance(10.0 * values[N_TRAIN:])
    np.testing.assert_array_equal(model.score(values[N_TRAIN:]).score, before)
