from __future__ import annotations

from itertools import pairwise
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pronoia.models.forecast.levels import STANDARD_LEVELS, known_levels, threshold_at, thresholds_of


def needed(scores: np.ndarray) -> np.ndarray:
    """Scores of 400 series and 36 origins at two knots."""
    return np.repeat(scores[:, :, None], 2, axis=2).astype(np.float32)


def test_each_level_needs_what_its_share_of_the_scores_needed() -> None:
    # Short in the middle and long in the tails: the normal's ratio of levels is wrong for it.
    scores = np.random.default_rng(0).laplace(size=(40_000, 36))
    found = thresholds_of(-needed(scores), needed(scores), STANDARD_LEVELS)
    for level, thresholds in zip(STANDARD_LEVELS, found, strict=True):
        # Of a pool as large as this, the prior is left with a tenth of the say.
        np.testing.assert_allclose(thresholds, np.quantile(scores, 0.5 + level / 2.0), rtol=0.12)
    assert found[2, 0, 0] / found[0, 0, 0] > 3.2 > NormalDist().inv_cdf(0.975) / NormalDist().inv_cdf(0.75)


@given(st.integers(0, 2**32 - 1), st.integers(0, 30), st.floats(0.01, 0.99))
def test_a_higher_level_never_has_a_lower_threshold(seed: int, n_series: int, own: float) -> None:
    scores = needed(np.random.default_rng(seed).standard_t(1.5, size=(n_series, 36)))
    levels = known_levels(own)
    found = thresholds_of(-scores, scores, levels)
    assert (np.diff(found, axis=0) >= 0.0).all()
    between = [threshold_at(found, levels, level) for level in np.linspace(0.02, 0.999, 40)]
    assert all((higher >= lower - 1e-12).all() for lower, higher in pairwise(between))


@pytest.mark.parametrize(("level", "expected"), [(0.5, 1.0), (0.8, 2.0), (0.95, 4.0)])
def test_known_levels_keep_their_thresholds(level: float, expected: float) -> None:
    assert threshold_at(np.array([1.0, 2.0, 4.0]), STANDARD_LEVELS, level) == expected


def test_beyond_the_known_levels_thresholds_go_with_the_normals_score() -> None:
    low, high = (threshold_at(np.array([1.0, 2.0, 4.0]), STANDARD_LEVELS, level) for level in (0.2, 0.99))
    assert low == pytest.approx(NormalDist().inv_cdf(0.6) / NormalDist().inv_cdf(0.75))
    assert high == pytest.approx(4.0 * NormalDist().inv_cdf(0.995) / NormalDist().inv_cdf(0.975))
