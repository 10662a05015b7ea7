"""Exponential smoothing: error, trend and damping chosen by information criterion."""

from __future__ import annotations

from typing import Any

from pronoia.models.forecast.coarse import CoarseForecaster


class Ets(CoarseForecaster):
    """StatsForecast's AutoETS without a season of its own, since it ignores seasons longer than 24."""

    name = "ets"

    def make_model(self, coarse_seasons: list[int]) -> Any:
        """AutoETS over error, trend and damping."""
        from statsforecast.models import AutoETS

        del coarse_seasons
        return AutoETS(season_length=1, model="ZZN")
