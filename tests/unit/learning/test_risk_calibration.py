from __future__ import annotations

import numpy as np
import pytest

from pronoia.learning.risk_calibration import OnlineScaling
from pronoia.learning.risk_quality import RiskQuality

RNG = np.random.default_rng(0)


def drawn(n: int, slope: float, offset: float) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities said, and outcomes of those that would have been right."""
    log_odds = RNG.normal(-2.0, 1.5, n)
    right = 1.0 / (1.0 + np.exp(-(slope * log_odds + offset)))
    return 1.0 / (1.0 + np.exp(-log_odds)), RNG.random(n) < right


def test_what_was_said_too_boldly_is_brought_to_what_happens() -> None:
    scaling = OnlineScaling(2)
    said, happened = drawn(20_000, 0.6, -0.8)
    scaling.add(1, said, happened)
    slope, offset = scaling.line(1)
    assert slope == pytest.approx(0.6, abs=0.06)
    assert offset == pytest.approx(-0.8, abs=0.12)
    corrected = scaling.corrected(1, said)
    assert corrected.mean() == pytest.approx(happened.mean(), abs=0.005)
    assert (scaling.corrected(0, said) == said).all(), "the other classifier is another"


def test_with_few_positives_all_stays_as_it_is() -> None:
    scaling = OnlineScaling(1)
    scaling.add(0, np.full(10_000, 0.5), np.arange(10_000) < 150)
    assert scaling.line(0) == (1.0, 0.0)
    scaling.add(0, np.full(100, 0.5), np.ones(100, bool))
    assert scaling.line(0) != (1.0, 0.0)


def test_the_correction_keeps_the_order() -> None:
    scaling = OnlineScaling(1)
    scaling.add(0, *drawn(5000, -1.0, 0.0))
    corrected = scaling.corrected(0, np.linspace(0.0, 1.0, 50))
    assert (np.diff(corrected) >= 0.0).all()


def test_what_is_forgotten_counts_less() -> None:
    scaling = OnlineScaling(1)
    scaling.add(0, *drawn(4000, 1.0, 0.0))
    before = scaling.counts.sum()
    scaling.forget(0.5)
    assert scaling.counts.sum() == before / 2


def test_quality_is_that_of_the_outcomes() -> None:
    quality = RiskQuality(2, 4, warning=0.6)
    said, happened = np.array([0.9, 0.7, 0.2, 0.1]), np.array([True, False, True, False])
    quality.add(0, 1, said, happened)
    score = quality.score(0, 1)
    assert score.brier == pytest.approx(np.square(said - happened).mean())
    assert score.skill == pytest.approx(1.0 - score.brier / 0.25)
    assert (score.precision, score.recall) == (0.5, 0.5)
    assert np.isnan(quality.score(1, 1).brier)
