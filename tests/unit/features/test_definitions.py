"""All features, against their definitions written out."""

import numpy as np
import pytest

from pronoia.features.matrix import FEATURES, features_at
from pronoia.features.slots import DAY, WINDOWS, Window
from support.loads import load_history, made_up_load
from support.plain_features import PlainRow


def _with_gaps(seed: int):
    history = made_up_load(45 if seed == 1 else 17, seed)
    rng = np.random.default_rng(seed)
    load, others = history.load.astype(np.float64), history.others.copy()
    load[:, rng.integers(0, load.shape[1], 40)] = np.nan
    load[2, 300:900] = np.nan
    load[5, :700] = np.nan
    others[rng.random(others.shape) < 0.02] = np.nan
    return load_history(
        load, others=others, systems=history.systems, clean_slots=(6, 3)[seed % 2], hold_slots=(1, 2)[seed % 2]
    )


@pytest.mark.parametrize(("seed", "window"), list(enumerate((*WINDOWS, Window(1, DAY), Window(200, DAY)))))
def test_features_are_what_they_are_defined_to_be(seed, window):
    history = _with_gaps(seed)
    rng = np.random.default_rng(window.last)
    n_slots = history.grid.n_steps
    slots = np.sort(np.concatenate([rng.integers(0, 2 * DAY, 4), rng.integers(0, n_slots, 4), [n_slots - 1]]))
    rows, slots = np.tile(np.arange(8), len(slots)), np.repeat(slots, 8)
    values = features_at(history, rows, slots, window).values
    for row, slot, row_values in zip(rows.tolist(), slots.tolist(), values, strict=True):
        plain = PlainRow(history, row, slot, window).values()
        assert not plain.keys() - set(FEATURES)
        wanted = np.array([plain.get(name, np.nan) for name in FEATURES], dtype=np.float32)
        differs = ~np.isclose(row_values, wanted, rtol=1e-5, atol=2e-6, equal_nan=True)
        named = [(name, got, want) for name, got, want in zip(FEATURES, row_values, wanted, strict=True)]
        assert not differs.any(), (row, slot, [named[i] for i in np.flatnonzero(differs)])


def test_rows_in_any_order_are_the_same_rows():
    history = made_up_load(20)
    rows, slots = np.nonzero(np.ones((8, 3 * DAY), bool))
    slots += 15 * DAY
    order = np.random.default_rng(0).permutation(len(rows))
    in_order, shuffled = (
        features_at(history, rows[which], slots[which], WINDOWS[1]).values for which in (np.arange(len(rows)), order)
    )
    np.testing.assert_array_equal(in_order[order], shuffled)


def test_no_rows_have_no_features():
    nothing = np.empty(0, np.int64)
    assert features_at(made_up_load(2), nothing, nothing, WINDOWS[0]).values.shape == (0, len(FEATURES))
