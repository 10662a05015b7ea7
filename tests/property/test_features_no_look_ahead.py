"""No feature sees the future: whatever comes after now, the row of now stays the same."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pronoia.features.matrix import features_at
from pronoia.features.sequence import sequences_at
from pronoia.features.slots import WINDOWS, Window
from support.loads import load_history, made_up_load


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    now=st.integers(0, 2_879),
    window=st.sampled_from((*WINDOWS, Window(1, 288))),
    future=st.sampled_from(("gone", "high", "low", "noise", "odd")),
)
def test_the_future_changes_no_feature(seed, now, window, future):
    history = made_up_load(seed=seed)
    rng = np.random.default_rng(seed)
    load, others = history.load.astype(np.float64), history.others.astype(np.float64)
    shape = load[:, now + 1 :].shape
    load[:, now + 1 :] = {
        "gone": np.full(shape, np.nan),
        "high": np.full(shape, 0.99),
        "low": np.zeros(shape),
        "noise": rng.random(shape) * 1.2,
        "odd": np.where(rng.random(shape) < 0.5, np.nan, 1e30),
    }[future]
    others[:, :, now + 1 :] = rng.normal(size=others[:, :, now + 1 :].shape) * 100.0
    changed = load_history(load, others=others, systems=history.systems)
    rows, slots = np.arange(8), np.full(8, now)
    np.testing.assert_array_equal(
        features_at(history, rows, slots, window).values, features_at(changed, rows, slots, window).values
    )
    np.testing.assert_array_equal(sequences_at(history, rows, slots), sequences_at(changed, rows, slots))
