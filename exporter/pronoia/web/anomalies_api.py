"""`/api/v1/anomalies`: what is unusual, since when, by how much, and which metrics make it so."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from flask import Response, request

from pronoia.predictions.anomaly_watch import anomaly_stage
from pronoia.web import api_json
from pronoia.web.api_json import ApiError
from pronoia.web.parameters import TRUNCATED, is_selected, read_page, read_selectors, refuse_unknown
from pronoia.web.snapshot_api import SnapshotApi

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from pronoia.predictions.anomaly_watch import AnomalyWatch, MetricState
    from pronoia.series import LabelSet

_PARAMETERS = ("watch", "match[]", "limit", "offset")
_DIRECTIONS = {1.0: "high", -1.0: "low"}


class AnomaliesApi(SnapshotApi):
    """What is unusual, and why."""

    def anomalies(self) -> Response:
        """Those of `watch` that one of `match[]` selects, the most unusual first, `limit` from the `offset`-th on.

        Raises:
            ApiError: if a parameter is unknown or not readable, or there is no such watch; status 400.
        """
        refuse_unknown(_PARAMETERS)
        selectors = read_selectors()
        first, end = read_page()
        snapshot = self.shown
        watches = snapshot.anomalies
        if "watch" in request.args:
            name = request.args["watch"]
            known = ", ".join(each.name for each in watches[:20]) or "none yet"
            watches = tuple(each for each in watches if each.name == name)
            if not watches:
                raise ApiError(f'invalid parameter "watch": nothing is known of {name!r:.80}; there are {known}')
        found = [
            (watch, row)
            for watch in watches
            for row, labels in enumerate(watch.labels)
            if is_selected(labels, selectors)
        ]
        found.sort(key=_most_unusual_first)
        shown = [
            _described(watch, row, snapshot.muted.get(anomaly_stage(watch.name), frozenset()))
            for watch, row in found[first:end]
        ]
        return api_json.data({"total": len(found), "anomalies": shown}, [TRUNCATED] if end < len(found) else [])


def _most_unusual_first(entry: tuple[AnomalyWatch, int]) -> float:
    watch, row = entry
    worst = float(max(_or_zero(watch.score[row]), _or_zero(watch.peer_score[row])))
    return -worst


def _described(watch: AnomalyWatch, row: int, muted: AbstractSet[LabelSet]) -> dict[str, Any]:
    return {
        watch.kind: watch.name,
        "metric": dict(watch.labels[row]),
        "made_at": watch.made_at_seconds,
        "score": _finite(watch.score[row], 4),
        "is_anomalous": bool(watch.score[row] > 1.0),
        "since": _finite(watch.since_seconds[row], 0),
        "direction": _DIRECTIONS.get(float(watch.direction[row])),
        "peer_score": _finite(watch.peer_score[row], 4),
        "is_muted": watch.labels[row] in watch.quiet | muted,
        "metrics": [_metric(each) for each in watch.metrics[row]],
        "model": {
            "detector": watch.detector,
            "false_alarms_per_day": watch.false_alarms_per_day,
            "fitted_at": _finite(watch.fitted_at_seconds[row], 0),
        },
    }


def _metric(metric: MetricState) -> dict[str, Any]:
    return {
        "name": metric.name,
        "value": _finite(metric.value, None),
        "expected": {"lower": _finite(metric.lower, None), "upper": _finite(metric.upper, None)},
        "share": round(metric.share, 4),
    }


def _finite(value: float, digits: int | None) -> float | None:
    if not math.isfinite(value):
        return None
    return float(value) if digits is None else round(float(value), digits)


def _or_zero(value: float) -> float:
    return float(value) if math.isfinite(value) else 0.0
