from __future__ import annotations

import numpy as np
import pytest

from pronoia.errors import StateError
from pronoia.learning.calibration import OnlineCalibration
from pronoia.learning.matured import MaturedErrors
from pronoia.series import LabelSet

A, B, C = (LabelSet({"series": name}) for name in "abc")


def matured(missed_a: float, missed_b: float, knot: int = 1) -> MaturedErrors:
    missed = np.array([[[0.0, missed_a]], [[0.0, missed_b]]])
    known = np.zeros(2)
    return MaturedErrors(0, knot, (A, B), missed, known, known)


def learnt() -> OnlineCalibration:
    calibration = OnlineCalibration(n_knots=3, levels=(0.95,))
    calibration.absorb([matured(1.0, 0.0)] * 5)
    return calibration


def test_the_series_that_was_missed_widens_most() -> None:
    upper = learnt().widening((A, B, C))[:, 0, 1, 1]
    assert upper[0] > upper[2] > 0.0
    assert upper[1] < upper[2]


def test_a_series_never_seen_has_the_common_factor() -> None:
    assert not OnlineCalibration(3, (0.95,)).widening((C,)).any()
    assert learnt().widening((C,)).any()


def test_an_unknown_truth_teaches_nothing() -> None:
    calibration = OnlineCalibration(3, (0.95,))
    calibration.absorb([matured(np.nan, np.nan)])
    np.testing.assert_array_equal(calibration.widening((A,))[0, 0, 1], 0.0)


def test_each_level_learns_from_its_own_misses() -> None:
    calibration = OnlineCalibration(3, (0.5, 0.95))
    missed = np.array([[[0.0, 1.0], [0.0, 0.0]], [[0.0, 1.0], [0.0, 0.0]]])
    calibration.absorb([MaturedErrors(0, 1, (A, B), missed, np.zeros(2), np.zeros(2))] * 5)
    narrow, wide = calibration.widening((A,))[0, :, 1, 1]
    assert narrow > 0.0 > wide
    alone = OnlineCalibration(3, (0.95,))
    alone.absorb([matured(0.0, 0.0)] * 5)
    np.testing.assert_allclose(wide, alone.widening((A,))[0, 0, 1, 1])


def test_what_was_learnt_survives_being_saved() -> None:
    restored = OnlineCalibration.from_arrays(learnt().to_arrays(), (0.95,))
    np.testing.assert_array_equal(restored.widening((B, A, C)), learnt().widening((B, A, C)))
    restored.absorb([matured(1.0, 1.0)])


def test_series_that_are_gone_are_forgotten() -> None:
    calibration = learnt()
    calibration.forget_others((B,))
    np.testing.assert_array_equal(calibration.widening((A,)), calibration.widening((C,)))
    assert calibration.to_arrays()["own"].shape == (1, 1, 2, 3)


@pytest.mark.parametrize("part", ["words", "shared", "own"])
def test_spoilt_state_is_a_state_error(part: str) -> None:
    arrays = learnt().to_arrays()
    arrays[part] = arrays[part][:-1]
    with pytest.raises(StateError):
        OnlineCalibration.from_arrays(arrays, (0.95,))


def test_state_that_is_not_finite_is_a_state_error() -> None:
    arrays = learnt().to_arrays()
    with pytest.raises(StateError, match="not finite"):
        OnlineCalibration.from_arrays({**arrays, "own": arrays["own"] * np.nan}, (0.95,))


def test_what_was_learnt_of_other_levels_is_a_state_error() -> None:
    with pytest.raises(StateError, match=r"levels \[0.95\], \[0.5, 0.95\] are needed"):
        OnlineCalibration.from_arrays(learnt().to_arrays(), (0.5, 0.95))
