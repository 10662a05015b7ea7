"""`/api/v1/alerts`: how likely the user's own alerts begin to fire."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pronoia.exposition.text import format_horizon
from pronoia.web import api_json
from pronoia.web.parameters import TRUNCATED, is_selected, read_page, read_selectors, refuse_unknown
from pronoia.web.snapshot_api import SnapshotApi

if TYPE_CHECKING:
    from flask import Response

    from pronoia.predictions.failure import AlertRisk

_PARAMETERS = ("match[]", "limit", "offset")


class AlertsApi(SnapshotApi):
    """How likely the user's own alerts begin to fire."""

    def alerts(self) -> Response:
        """Those that one of `match[]` selects, the likeliest first, `limit` from the `offset`-th on.

        Raises:
            ApiError: if a parameter is unknown or not readable; status 400.
        """
        refuse_unknown(_PARAMETERS)
        selectors = read_selectors()
        first, end = read_page()
        risk = self.shown.alerts
        rows = [] if risk is None else [row for row, each in enumerate(risk.labels) if is_selected(each, selectors)]
        found = sorted((_described(risk, row) for row in rows if risk is not None), key=_likeliest_first)
        return api_json.data({"total": len(found), "alerts": found[first:end]}, [TRUNCATED] if end < len(found) else [])


def _likeliest_first(described: dict[str, Any]) -> tuple[float, ...]:
    return tuple(-(each["probability"] or 0.0) for each in described["probabilities"])


def _described(risk: AlertRisk, row: int) -> dict[str, Any]:
    said = risk.probability[row].tolist()
    return {
        "alert": risk.labels[row].get("alertname", ""),
        "metric": dict(risk.labels[row]),
        "made_at": risk.made_at_seconds,
        # While it fires, nothing is told of its next firing.
        "firing": not math.isfinite(said[0]),
        "probabilities": [
            {
                "horizon": format_horizon(seconds),
                "horizon_seconds": seconds,
                "probability": round(probability, 6) if math.isfinite(probability) else None,
            }
            for seconds, probability in zip(risk.horizons_seconds, said, strict=True)
        ],
        "model": {"speaker": "recurrence", "firings": int(risk.n_firings[row])},
    }
