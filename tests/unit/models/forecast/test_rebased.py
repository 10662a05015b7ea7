from __future__ import annotations

import numpy as np

from pronoia.models.forecast.rebased import rebase


def test_all_shifts_before_the_end_are_added_up() -> None:
    values = np.array([0.0, 0.0, 5.0, 5.0, 3.0])
    np.testing.assert_array_equal(rebase(values, np.array([[2.0, 5.0], [4.0, -2.0]])), np.full(5, 3.0))


def test_without_shifts_a_history_stays_as_it_is() -> None:
    values = np.arange(4.0)
    np.testing.assert_array_equal(rebase(values, np.empty((0, 2))), values)
