"""ARIMA of automatic order."""

from __future__ import annotations

from typing import Any

from pronoia.models.forecast.coarse import CoarseForecaster


class AutoArima(CoarseForecaster):
    """StatsForecast's AutoARIMA without a season of its own: with one, its cost explodes."""

    name = "autoarima"

    def make_model(self, coarse_seasons: list[int]) -> Any:
        """AutoARIMA, searching with the approximation."""
        from statsforecast.models import AutoARIMA

        del coarse_seasons
        return AutoARIMA(season_length=1, approximation=True)
