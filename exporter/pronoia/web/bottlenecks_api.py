"""`/api/v1/bottlenecks`: which resource of which system runs out, when, how bad it is, and why."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from flask import Response, request

from pronoia.exposition.text import format_horizon
from pronoia.features.words import in_words
from pronoia.predictions.bottleneck import RISK_TARGETS
from pronoia.web import api_json
from pronoia.web.api_json import ApiError
from pronoia.web.parameters import TRUNCATED, is_selected, read_page, read_selectors, refuse_unknown
from pronoia.web.snapshot_api import SnapshotApi

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pronoia.predictions.bottleneck import BottleneckRisk

_PARAMETERS = ("resource", "match[]", "limit", "offset")


class BottlenecksApi(SnapshotApi):
    """Which resource runs out, when, how bad it is, and why."""

    def bottlenecks(self) -> Response:
        """Those of `resource` that one of `match[]` selects, the most severe first, `limit` from the `offset`-th on.

        Raises:
            ApiError: if a parameter is unknown or not readable, or there is no such resource; status 400.
        """
        refuse_unknown(_PARAMETERS)
        selectors = read_selectors()
        first, end = read_page()
        risks = self.shown.bottlenecks
        if "resource" in request.args:
            risks = _of_resource(risks, request.args["resource"])
        found = [
            (risk, row) for risk in risks for row, labels in enumerate(risk.labels) if is_selected(labels, selectors)
        ]
        found.sort(key=lambda entry: -int(entry[0].severity[entry[1]]))
        shown = [_described(risk, row) for risk, row in found[first:end]]
        return api_json.data({"total": len(found), "bottlenecks": shown}, [TRUNCATED] if end < len(found) else [])


def _of_resource(risks: Sequence[BottleneckRisk], name: str) -> tuple[BottleneckRisk, ...]:
    chosen = tuple(each for each in risks if each.resource == name)
    if not chosen:
        known = ", ".join(each.resource for each in risks[:20]) or "none yet"
        raise ApiError(f'invalid parameter "resource": nothing is known of {name!r:.80}; there are {known}')
    return chosen


def _described(risk: BottleneckRisk, row: int) -> dict[str, Any]:
    model = risk.model
    return {
        "resource": risk.resource,
        "metric": dict(risk.labels[row]),
        "made_at": risk.made_at_seconds,
        "utilization": float(risk.utilisation[row]),
        "threshold": risk.threshold,
        "severity": int(risk.severity[row]),
        "eta": _eta(risk, row),
        "probabilities": [_at_horizon(risk, row, number) for number in range(len(risk.horizons_seconds))],
        "causes": [
            {"feature": each.feature, "words": in_words(each.feature), "log_odds": round(each.log_odds, 4)}
            for each in risk.causes[row]
        ],
        "model": {
            "source": model.source,
            "fitted_at": model.fitted_at_seconds or None,
            "events": model.n_events,
            "neural": model.has_neural,
        },
        "is_young": bool(risk.is_young[row]),
    }


def _eta(risk: BottleneckRisk, row: int) -> dict[str, float | None] | None:
    if math.isnan(risk.eta_seconds[row]):
        return None
    return {
        "seconds": round(float(risk.eta_seconds[row]), 1),
        "lower_seconds": round(float(risk.eta_lower_seconds[row]), 1),
        # JSON has no infinity: null says that it may as well not come.
        "upper_seconds": _finite(risk.eta_upper_seconds[row], 1),
    }


def _at_horizon(risk: BottleneckRisk, row: int, number: int) -> dict[str, Any]:
    seconds = risk.horizons_seconds[number]
    told: dict[str, Any] = {"horizon": format_horizon(seconds), "horizon_seconds": seconds}
    for t, target in enumerate(RISK_TARGETS):
        at = (row, t, number)
        is_known = math.isfinite(risk.probability[at])
        told[target] = (
            {name: _finite(getattr(risk, name)[at], 6) for name in ("probability", "lower", "upper")}
            if is_known
            else None
        )
    return told


def _finite(value: float, digits: int) -> float | None:
    return round(float(value), digits) if math.isfinite(value) else None
