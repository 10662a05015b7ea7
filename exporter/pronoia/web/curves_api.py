"""`/api/v1/curves`: the last day and the forecast of a query's series, to draw."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from flask import Response, request

from pronoia.web import api_json
from pronoia.web.api_json import ApiError
from pronoia.web.parameters import TRUNCATED, is_selected, read_page, read_selectors, refuse_unknown
from pronoia.web.snapshot_api import SnapshotApi

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pronoia.predictions.forecast import QueryForecast
    from pronoia.series import Grid

_PARAMETERS = ("query", "match[]", "limit", "offset")


class CurvesApi(SnapshotApi):
    """The last day and the forecast of a query's series."""

    def curves(self) -> Response:
        """The series of `query` that one of `match[]` selects, `limit` of them from the `offset`-th on.

        Raises:
            ApiError: if a parameter is unknown or not readable, or there is no forecast of the query; status 400.
        """
        refuse_unknown(_PARAMETERS)
        selectors = read_selectors()
        first, end = read_page()
        each = self._forecast()
        rows = [row for row, labels in enumerate(each.forecast.labels) if is_selected(labels, selectors)]
        told = {
            "query": each.query,
            "unit": each.unit,
            "level": each.forecast.level,
            "madeAtSeconds": each.made_at_seconds,
            "thresholds": list(each.thresholds),
            "total": len(rows),
            "past": _grid(each.past.grid) if each.past else None,
            "future": _grid(each.forecast.grid),
            "series": [_curve(each, row) for row in rows[first:end]],
        }
        return api_json.data(told, [TRUNCATED] if end < len(rows) else [])

    def _forecast(self) -> QueryForecast:
        name = request.args.get("query", "")
        forecasts = self.shown.forecasts
        for each in forecasts:
            if each.query == name:
                return each
        known = ", ".join(each.query for each in forecasts[:20]) or "none yet"
        raise ApiError(f'invalid parameter "query": no forecast of a query {name!r:.80}; there are {known}')


def _grid(grid: Grid) -> dict[str, float]:
    return {"startSeconds": grid.start_ms / 1000, "stepSeconds": grid.step_ms / 1000, "steps": grid.n_steps}


def _curve(each: QueryForecast, row: int) -> dict[str, Any]:
    forecast = each.forecast
    return {
        "metric": dict(forecast.labels[row]),
        "past": _numbers(each.past.values[row]) if each.past else [],
        "point": _numbers(forecast.point[row]),
        "lower": _numbers(forecast.lower[row]),
        "upper": _numbers(forecast.upper[row]),
    }


def _numbers(values: NDArray[np.float64]) -> list[float | None]:
    """Six digits are more than a screen shows; JSON knows no NaN."""
    return [float(f"{value:.6g}") if math.isfinite(value) else None for value in values.tolist()]
