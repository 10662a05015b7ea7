import numpy as np
import pytest

from pronoia.errors import ModelError
from pronoia.models.classifiers.platt import fit_platt, logistic


def _drawn(n: int = 20_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.normal(-2.0, 1.5, n)
    return truth, rng.random(n) < logistic(truth)


def test_overconfidence_is_taken_back():
    truth, happened = _drawn()
    platt = fit_platt((2.0 * truth + 1.0)[:, None], happened, np.ones(1), len(truth))
    assert platt.weights[0] == pytest.approx(0.5, abs=0.03)
    assert platt.offset == pytest.approx(-0.5, abs=0.06)


def test_log_odds_far_from_what_happens_are_brought_back():
    """Whole Newton steps swing for ever here, between the start and the far side."""
    truth, happened = _drawn()
    platt = fit_platt((4.0 * truth - 6.0)[:, None], happened, np.ones(1), len(truth))
    assert platt.weights[0] == pytest.approx(0.25, abs=0.02)
    assert platt.offset == pytest.approx(1.5, abs=0.1)


def test_what_is_calibrated_stays():
    truth, happened = _drawn()
    said = fit_platt(truth[:, None], happened, np.ones(1), len(truth)).probability(truth[:, None])
    assert said.mean() == pytest.approx(happened.mean(), abs=1e-3)


def test_a_member_that_knows_nothing_gets_next_to_no_weight():
    truth, happened = _drawn()
    noise = np.random.default_rng(1).normal(size=len(truth))
    platt = fit_platt(np.column_stack([truth, noise]), happened, np.array([0.7, 0.3]), len(truth))
    assert platt.weights[0] == pytest.approx(1.0, abs=0.05)
    assert abs(platt.weights[1]) < 0.05


def test_weights_are_never_negative():
    truth, happened = _drawn()
    platt = fit_platt(np.column_stack([truth, -truth + 0.1]), happened, np.array([0.5, 0.5]), len(truth))
    assert (platt.weights >= 0.0).all()


def test_fewer_independent_rows_spread_more():
    truth, happened = _drawn(2_000)
    few = fit_platt(truth[:, None], happened, np.ones(1), 20.0).spread(truth[:, None])
    many = fit_platt(truth[:, None], happened, np.ones(1), 2_000.0).spread(truth[:, None])
    np.testing.assert_allclose(few, 10.0 * many)


def test_one_outcome_alone_cannot_be_calibrated_by():
    with pytest.raises(ModelError, match="0 of 5"):
        fit_platt(np.zeros((5, 1)), np.zeros(5, bool), np.ones(1), 5.0)
