from __future__ import annotations

import numpy as np
import pytest

from pronoia.errors import ModelError
from pronoia.models.forecast.coarse import CoarseForecaster, block_means, deseasonalise, draw_back
from pronoia.models.forecast.settings import ForecastSettings


class Exploding(CoarseForecaster):
    name = "exploding"

    def make_model(self, coarse_seasons: list[int]) -> object:
        class Model:
            def fit(self, values: np.ndarray) -> None:
                raise ZeroDivisionError("of the library")

        return Model()


def coarse_by(steps: int) -> ForecastSettings:
    """Settings whose coarse grid takes this many steps of the series for one."""
    return ForecastSettings(60_000, horizon_steps=24 * steps)


def test_what_a_library_raises_becomes_a_model_error() -> None:
    with pytest.raises(ModelError, match="exploding: ZeroDivisionError: of the library"):
        Exploding(coarse_by(1)).fit(np.arange(50.0), ())


def test_a_history_too_short_for_the_coarse_grid_is_refused() -> None:
    with pytest.raises(ModelError, match="4 coarse values, at least 10"):
        Exploding(coarse_by(12)).fit(np.arange(50.0), ())


def test_a_constant_needs_no_library() -> None:
    np.testing.assert_array_equal(Exploding(coarse_by(2)).fit(np.full(50, 3.0), ()).predict(7), np.full(8, 3.0))


def test_block_means_of_a_line_are_drawn_back_onto_the_line() -> None:
    line = np.arange(40.0)
    ahead = block_means(line, 4) + 40.0
    drawn = draw_back(ahead, 4, 30)
    np.testing.assert_allclose(drawn[3:], 39.0 + np.arange(3, 31))


def test_taking_out_and_adding_back_a_season_is_the_identity() -> None:
    shape = np.sin(2.0 * np.pi * np.arange(24) / 24)
    rest, ahead = deseasonalise(np.tile(shape, 6), (24,), 1, 24)
    np.testing.assert_allclose(rest, 0.0, atol=1e-9)
    np.testing.assert_allclose(ahead[1:], shape, atol=1e-9)
