"""MSTL: seasons that change slowly, by repeated local regression, and a smoothed rest."""

from __future__ import annotations

from typing import Any

from pronoia.models.forecast.coarse import CoarseForecaster


class Mstl(CoarseForecaster):
    """StatsForecast's MSTL on the coarse grid with exponential smoothing for what remains."""

    name = "mstl"

    def own_seasons(self, seasons: tuple[int, ...]) -> tuple[int, ...]:
        """Seasons of a whole number of coarse steps, at least four."""
        return tuple(s for s in seasons if s % self._coarse_steps == 0 and s >= 4 * self._coarse_steps)

    def make_model(self, coarse_seasons: list[int]) -> Any:
        """MSTL over these seasons; without one, nothing but its trend forecaster."""
        from statsforecast.models import MSTL, AutoETS

        trend = AutoETS(season_length=1, model="ZZN")
        return MSTL(season_length=sorted(coarse_seasons), trend_forecaster=trend) if coarse_seasons else trend
