"""What is said of a slot depends neither on later slots nor on other series."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pronoia.models.failure.features import headroom_features
from pronoia.models.failure.headroom import HeadroomHistory, held

N_SERIES, N_SLOTS = 3, 60
LEVELS = st.floats(-0.5, 1.5) | st.sampled_from((np.nan, 0.0, 1.0, 1e300, -1e300, np.inf))
VALUES = arrays(np.float64, (N_SERIES, N_SLOTS), elements=LEVELS)
FLAGS = arrays(np.bool_, (N_SERIES, N_SLOTS), elements=st.booleans())
ROWS, SLOTS = np.arange(N_SERIES), np.full(N_SERIES, N_SLOTS // 2)


@settings(max_examples=60, deadline=None)
@given(VALUES, VALUES, FLAGS, VALUES, FLAGS)
def test_what_comes_later_changes_nothing(used, load, failed, later, later_failed):
    before = headroom_features(HeadroomHistory(held(used), load, failed), ROWS, SLOTS)
    now = N_SLOTS // 2 + 1
    changed = [np.concatenate([old[:, :now], new[:, now:]], axis=1) for old, new in ((used, later), (load, later))]
    flags = np.concatenate([failed[:, :now], later_failed[:, now:]], axis=1)
    after = headroom_features(HeadroomHistory(held(changed[0]), changed[1], flags), ROWS, SLOTS)
    np.testing.assert_array_equal(before, after)


@settings(max_examples=60, deadline=None)
@given(VALUES, VALUES, FLAGS, arrays(np.float64, N_SLOTS, elements=LEVELS))
def test_a_bad_series_changes_no_other(used, load, failed, bad):
    before = headroom_features(HeadroomHistory(held(used), load, failed), ROWS, SLOTS)
    spoilt = used.copy()
    spoilt[1] = bad
    after = headroom_features(HeadroomHistory(held(spoilt), load, failed), ROWS, SLOTS)
    np.testing.assert_array_equal(before[[0, 2]], after[[0, 2]])
