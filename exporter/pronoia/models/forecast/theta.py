"""Theta: half the trend, and a smoothed level."""

from __future__ import annotations

from typing import Any

from pronoia.models.forecast.coarse import CoarseForecaster


class Theta(CoarseForecaster):
    """StatsForecast's dynamic optimised theta model (AutoTheta of 2.1.1 fails on ordinary series)."""

    name = "theta"

    def make_model(self, coarse_seasons: list[int]) -> Any:
        """DynamicOptimizedTheta without a season of its own."""
        from statsforecast.models import DynamicOptimizedTheta

        del coarse_seasons
        return DynamicOptimizedTheta(season_length=1)
