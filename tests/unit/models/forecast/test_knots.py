from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pronoia.models.forecast.knots import knot_spans, knot_weights, make_knots

horizons = st.integers(min_value=1, max_value=3000)


@given(horizons)
def test_knots_rise_to_the_horizon(horizon: int) -> None:
    knots = make_knots(horizon)
    assert knots[-1] == horizon
    assert (np.diff(knots) > 0).all()


@given(horizons, st.integers(min_value=1, max_value=400))
def test_every_horizon_is_a_mean_of_knots(horizon: int, n_steps: int) -> None:
    weights = knot_weights(make_knots(horizon), n_steps)
    np.testing.assert_allclose(weights.sum(axis=0), 1.0)
    assert weights.min() >= 0.0


@given(horizons)
def test_at_a_knot_its_own_value_stands(horizon: int) -> None:
    knots = make_knots(horizon)
    values = np.arange(len(knots), dtype=float)
    np.testing.assert_allclose((values @ knot_weights(knots, horizon))[knots - 1], values, atol=1e-9)


@given(horizons)
def test_spans_hold_every_horizon_once(horizon: int) -> None:
    covered = [k for span in knot_spans(make_knots(horizon)) for k in range(span.start, span.stop)]
    assert sorted(covered) == list(range(horizon))
