import numpy as np
import pytest

from support.loads import load_history


def test_a_start_needs_half_an_hour_below_the_threshold_before_it():
    load = np.full((1, 30), 0.1)
    load[0, [3, 10, 13, 20]] = 0.95
    assert np.flatnonzero(load_history(load).starts[0]).tolist() == [10, 20]


def test_a_gap_is_not_known_to_be_clean():
    load = np.full((1, 20), 0.1)
    load[0, 5] = np.nan
    load[0, [10, 19]] = 0.95
    assert np.flatnonzero(load_history(load).starts[0]).tolist() == [19]


def test_what_must_hold_counts_once_it_has_held():
    load = np.full((1, 20), 0.1)
    load[0, 8] = 0.95
    load[0, 12:16] = 0.95
    high = load_history(load, hold_slots=3).is_high[0]
    assert np.flatnonzero(high).tolist() == [14, 15]


def test_counts_before_a_slot_leave_the_slot_out():
    load = np.full((1, 10), 0.95)
    history = load_history(load)
    assert history.high_before[0].tolist() == list(range(11))


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="systems has shape"):
        load_history(np.zeros((2, 5)), systems=np.zeros(3, np.int64))
