import numpy as np
import pytest

from pronoia.models.bottleneck.blend import fit_blend, shares_of
from pronoia.models.classifiers.platt import logistic


def _members() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=20_000) - 2.0
    happened = rng.random(20_000) < logistic(truth)
    return np.column_stack([truth + rng.normal(size=20_000), rng.normal(size=20_000)]), happened


def test_given_weights_keep_their_ratio_and_are_calibrated():
    said, happened = _members()
    blend = fit_blend(said, happened, np.array([0.7, 0.3]), 1_000.0, is_fitted=False)
    assert blend.weights[0] / blend.weights[1] == pytest.approx(7.0 / 3.0)
    assert blend.probability(said).mean() == pytest.approx(happened.mean(), rel=0.01)
    assert (blend.spread(said) > 0.0).all()


def test_fitted_weights_leave_out_a_member_that_says_nothing():
    said, happened = _members()
    blend = fit_blend(said, happened, np.array([0.5, 0.5]), 1_000.0, is_fitted=True)
    assert blend.weights[1] < 0.05 < blend.weights[0]


def test_trees_take_seven_tenths_unless_told_otherwise():
    np.testing.assert_allclose(shares_of(3, ()), [0.7, 0.15, 0.15])
    np.testing.assert_allclose(shares_of(2, (2.0, 2.0)), [0.5, 0.5])


@pytest.mark.parametrize("weights", [(0.7,), (-1.0, 2.0), (0.0, 0.0)])
def test_weights_that_are_none_are_refused(weights):
    with pytest.raises(ValueError, match="as many are needed"):
        shares_of(2, weights)
