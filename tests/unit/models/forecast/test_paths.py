from __future__ import annotations

import numpy as np

from pronoia.models.forecast.dependence import PRIOR_DEPENDENCE
from pronoia.models.forecast.knots import knot_weights, make_knots
from pronoia.models.forecast.paths import error_dependence, paths_at
from pronoia.models.forecast.sketch import SCORES
from pronoia.predictions.forecast import Forecast
from pronoia.series import Grid, LabelSet

HORIZON = 48
KNOTS = make_knots(HORIZON)
# Errors are normal scores themselves.
NORMAL = np.tile(SCORES, (len(KNOTS), 1))


def test_errors_that_stay_off_are_told_from_errors_without_dependence() -> None:
    rng = np.random.default_rng(1)
    weights = knot_weights(KNOTS, HORIZON)
    apart = error_dependence(rng.standard_normal((200, HORIZON)), NORMAL, weights, 0.01)
    together = error_dependence(np.repeat(rng.standard_normal((200, 1)), HORIZON, axis=1), NORMAL, weights, 0.01)
    assert apart[0] <= 0.2
    assert together[0] >= 0.8


def test_without_errors_the_prior_holds() -> None:
    found = error_dependence(np.full((24, HORIZON), np.nan), NORMAL, knot_weights(KNOTS, HORIZON), 0.01)
    np.testing.assert_allclose(found, PRIOR_DEPENDENCE, atol=0.1)


def forecasts(width: float) -> list[Forecast]:
    point = np.full((1, 2), 5.0)
    return [
        Forecast(
            (LabelSet({"series": "a"}),), Grid.ending_at(120_000, 60_000, 2), point, point - w, point + w, level, ("x",)
        )
        for level, w in ((0.5, 0.6745 * width), (0.95, 1.96 * width))
    ]


def test_bounds_are_met_at_their_own_scores() -> None:
    scores = np.array([[[-1.96, 0.0], [0.6745, 1.96]]])
    np.testing.assert_allclose(paths_at(scores, forecasts(2.0)), 5.0 + 2.0 * scores, atol=1e-3)


def test_an_interval_without_width_has_paths_without_width() -> None:
    scores = np.random.default_rng(0).standard_normal((1, 50, 2)) * 3.0
    np.testing.assert_array_equal(paths_at(scores, forecasts(0.0)), np.full((1, 50, 2), 5.0))
