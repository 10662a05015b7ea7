"""`/api/v1/forecasts`: which model speaks for each series, and why."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from flask import Response, request

from pronoia.web import api_json
from pronoia.web.api_json import ApiError
from pronoia.web.parameters import TRUNCATED, is_selected, read_page, read_selectors, refuse_unknown
from pronoia.web.snapshot_api import SnapshotApi

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pronoia.predictions.explanation import Explanation
    from pronoia.predictions.forecast import QueryForecast
    from pronoia.series import Matcher

_PARAMETERS = ("query", "match[]", "limit", "offset")


class ForecastsApi(SnapshotApi):
    """Which model speaks for each series, and why."""

    def forecasts(self) -> Response:
        """The series of `query` that one of `match[]` selects, `limit` of them from the `offset`-th on.

        Raises:
            ApiError: if a parameter is unknown or not readable, or there is no such query; status 400.
        """
        refuse_unknown(_PARAMETERS)
        selectors = read_selectors()
        first, end = read_page()
        forecasts = self.shown.forecasts
        if "query" in request.args:
            forecasts = _of_query(forecasts, request.args["query"])
        found = [(each, row) for each in forecasts for row in _rows(each, selectors)]
        shown = [_described(each, row) for each, row in found[first:end]]
        return api_json.data({"total": len(found), "forecasts": shown}, [TRUNCATED] if end < len(found) else [])


def _of_query(forecasts: Sequence[QueryForecast], name: str) -> tuple[QueryForecast, ...]:
    chosen = tuple(each for each in forecasts if each.query == name)
    if not chosen:
        known = ", ".join(each.query for each in forecasts[:20]) or "none yet"
        raise ApiError(f'invalid parameter "query": no forecast of a query {name!r:.80}; there are {known}')
    return chosen


def _rows(each: QueryForecast, selectors: Sequence[Sequence[Matcher]]) -> Iterator[int]:
    for row, labels in enumerate(each.forecast.labels):
        if is_selected(labels, selectors):
            yield row


def _described(each: QueryForecast, row: int) -> dict[str, Any]:
    described: dict[str, Any] = {
        "query": each.query,
        "metric": dict(each.forecast.labels[row]),
        "model": each.forecast.models[row],
    }
    return described | (_explained(each.explanation, row) if each.explanation else {})


def _explained(told: Explanation, row: int) -> dict[str, Any]:
    ratio = float(told.loss_ratios[row])
    weights = [
        {
            "from_seconds": start,
            "members": dict(zip(told.members, told.weights[row, :, bucket].round(4).tolist(), strict=True)),
        }
        for bucket, start in enumerate(told.bucket_starts_seconds.tolist())
        if told.weights[row].any()
    ]
    factors = [
        {"horizon_seconds": horizon, "lower": lower, "upper": upper}
        for horizon, (lower, upper) in zip(
            told.knots_seconds.tolist(), told.interval_factors[row].T.round(4).tolist(), strict=True
        )
    ]
    return {
        "fitted_at": float(told.fitted_at_seconds[row]),
        "loss_ratio": round(ratio, 4) if math.isfinite(ratio) else None,
        "weights": weights,
        "interval_factors": factors,
    }
