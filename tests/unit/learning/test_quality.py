from __future__ import annotations

import numpy as np
import pytest

from pronoia.learning.matured import MaturedErrors
from pronoia.learning.quality import LiveQuality, nearest_knot
from pronoia.series import LabelSet

LABELS = tuple(LabelSet({"series": str(i)}) for i in range(4))
DAY = 86_400_000


def matured(instant_ms: int = 0, knot: int = 0, n_missed: int = 0, error: float = 1.0) -> MaturedErrors:
    missed = np.zeros((4, 1, 2))
    missed[:n_missed, 0, 1] = 1.0
    return MaturedErrors(instant_ms, knot, LABELS, missed, np.full(4, error), np.full(4, 2.0))


def test_nothing_matured_is_not_known() -> None:
    quality = LiveQuality(2).quality
    assert np.isnan(quality.mase)
    assert np.isnan(quality.coverage).all()
    assert quality.n_matured == 0


def test_coverage_is_per_horizon() -> None:
    live = LiveQuality(2, min_truths=1)
    live.absorb([matured(n_missed=1), matured(knot=1), matured(knot=1, n_missed=2)])
    assert live.quality.coverage == ((0.75, 0.75),)
    assert live.quality.n_matured == 12


def test_coverage_is_per_level() -> None:
    live = LiveQuality(2, min_truths=3, n_levels=2)
    missed = np.array([[[0, 0], [0, 0]], [[1, 0], [0, 0]], [[0, 1], [0, 1]], [[np.nan] * 2] * 2], dtype=float)
    seen = np.array([1.0, 1.0, 1.0, np.nan])
    live.absorb([MaturedErrors(0, 0, LABELS, missed, seen, seen)])
    np.testing.assert_allclose(live.quality.coverage, [[1 / 3, np.nan], [2 / 3, np.nan]])


def test_figures_of_few_truths_are_not_told() -> None:
    live = LiveQuality(2)
    live.absorb([matured(n_missed=4), *(matured(knot=1) for _ in range(5))])
    np.testing.assert_equal(live.quality.coverage, ((np.nan, 1.0),))
    assert live.quality.mase == pytest.approx(0.5)
    assert live.quality.n_matured == 24


def test_mase_is_relative_to_seasonal_naive() -> None:
    live = LiveQuality(2, min_truths=1)
    live.absorb([matured(error=1.0), matured(knot=1, error=4.0)])
    assert live.quality.mase == pytest.approx(1.0)


def test_what_left_the_window_is_forgotten() -> None:
    live = LiveQuality(1, min_truths=1)
    live.absorb([matured(n_missed=4), matured(instant_ms=8 * DAY)])
    assert live.quality.coverage == ((1.0,),)


def test_a_truth_that_never_came_counts_for_nothing() -> None:
    errors = matured()
    unknown = MaturedErrors(0, 0, LABELS, errors.missed * np.nan, errors.error * np.nan, errors.seasonal_error)
    live = LiveQuality(1, min_truths=1)
    live.absorb([unknown])
    assert live.quality.n_matured == 0


def test_the_knot_nearest_in_ratio_speaks_for_a_horizon() -> None:
    assert nearest_knot(np.array([1, 10, 100]), 40) == 2
    assert nearest_knot(np.array([1, 10, 100]), 25) == 1
