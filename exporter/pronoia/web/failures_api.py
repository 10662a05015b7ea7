"""`/api/v1/failures`: what will break, when, how bad it is, why, and what to do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from flask import Response, request

from pronoia.exposition.text import format_horizon
from pronoia.web import api_json
from pronoia.web.api_json import ApiError
from pronoia.web.parameters import TRUNCATED, is_selected, read_page, read_selectors, refuse_unknown
from pronoia.web.snapshot_api import SnapshotApi

if TYPE_CHECKING:
    from pronoia.predictions.failure import FailureRisk

_PARAMETERS = ("failure", "match[]", "limit", "offset")


class FailuresApi(SnapshotApi):
    """What will break, when, why, and what to do."""

    def failures(self) -> Response:
        """Those of `failure` that one of `match[]` selects, the likeliest first, `limit` from the `offset`-th on.

        Raises:
            ApiError: if a parameter is unknown or not readable, or there is no such failure; status 400.
        """
        refuse_unknown(_PARAMETERS)
        selectors = read_selectors()
        first, end = read_page()
        risks = self.shown.failures
        if "failure" in request.args:
            name = request.args["failure"]
            known = ", ".join(each.failure for each in risks[:20]) or "none yet"
            risks = tuple(each for each in risks if each.failure == name)
            if not risks:
                raise ApiError(f'invalid parameter "failure": nothing is known of {name!r:.80}; there are {known}')
        found = [
            (risk, row) for risk in risks for row, labels in enumerate(risk.labels) if is_selected(labels, selectors)
        ]
        found.sort(key=_likeliest_first)
        shown = [_described(risk, row) for risk, row in found[first:end]]
        return api_json.data({"total": len(found), "failures": shown}, [TRUNCATED] if end < len(found) else [])


def _likeliest_first(entry: tuple[FailureRisk, int]) -> tuple[float, ...]:
    risk, row = entry
    return tuple(-p if math.isfinite(p) else 0.0 for p in risk.probability[row].tolist())


def _described(risk: FailureRisk, row: int) -> dict[str, Any]:
    return {
        "failure": risk.failure,
        "metric": dict(risk.labels[row]),
        "made_at": risk.made_at_seconds,
        "severity": risk.severity[row],
        "happening": row in risk.happening,
        "time_to_failure": None
        if math.isnan(risk.time_seconds[row])
        else {
            "seconds": round(float(risk.time_seconds[row]), 1),
            "lower_seconds": round(float(risk.time_lower_seconds[row]), 1),
            # JSON has no infinity: null says that it may as well not come.
            "upper_seconds": _finite(risk.time_upper_seconds[row], 1),
        },
        "probabilities": [
            {
                "horizon": format_horizon(seconds),
                "horizon_seconds": seconds,
                **{name: _finite(getattr(risk, name)[row, h], 6) for name in ("probability", "lower", "upper")},
            }
            for h, seconds in enumerate(risk.horizons_seconds)
        ],
        "signal": risk.signals[row] or None,
        "causes": [{"feature": each.feature, "log_odds": round(each.log_odds, 4)} for each in risk.causes[row]],
        "recommended_actions": list(risk.actions),
        "model": {"speaker": risk.speaker, "events": risk.n_events},
    }


def _finite(value: float, digits: int) -> float | None:
    return round(float(value), digits) if math.isfinite(value) else None
