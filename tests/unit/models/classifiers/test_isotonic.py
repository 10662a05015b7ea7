import numpy as np
import pytest

from pronoia.errors import ModelError
from pronoia.models.classifiers.isotonic import fit_isotonic
from pronoia.models.classifiers.platt import logistic


def _said(n: int = 20_000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    said = rng.normal(size=n) * 2.0
    # Not a straight line in log-odds: Platt scaling cannot mend this.
    truth = logistic(np.where(said > 0.0, 0.2 * said, 3.0 * said))
    return said, truth, rng.random(n) < truth


def test_a_crooked_curve_is_straightened():
    said, truth, happened = _said()
    fitted = fit_isotonic(said, happened).probability(said)
    assert np.abs(fitted - truth).mean() < 0.02
    assert np.abs(logistic(said) - truth).mean() > 0.05


def test_more_is_never_less():
    said, _, happened = _said(3_000)
    fitted = fit_isotonic(said, happened).probability(np.linspace(-20.0, 20.0, 999))
    assert (np.diff(fitted) >= 0.0).all()
    assert fitted[0] > 0.0
    assert fitted[-1] < 1.0


def test_one_outcome_teaches_nothing():
    with pytest.raises(ModelError, match="one outcome only"):
        fit_isotonic(np.zeros(5), np.ones(5, bool))
