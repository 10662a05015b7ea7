"""A small exporter: one query, two series, a clock that stands still."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pronoia.exposition.predictions import PredictionRenderer
from pronoia.exposition.telemetry import Telemetry
from pronoia.pipeline.holder import Holder
from pronoia.predictions.explanation import Explanation
from pronoia.predictions.forecast import Forecast, QueryForecast
from pronoia.predictions.outcome import OutcomeState, StageOutcome
from pronoia.predictions.snapshot import Snapshot
from pronoia.series import Grid, LabelSet
from pronoia.web.app import create_app

if TYPE_CHECKING:
    from flask import Flask

NOW = 1_700_000_000.0
STEP_MS = 300_000


# The first series is forecast by two members, three quarters by one of them; the second by neither.
EXPLANATION = Explanation(
    members=("analogs", "persistence"),
    bucket_starts_seconds=np.array([300.0, 1_200.0]),
    weights=np.array([[[0.7, 0.8], [0.3, 0.2]], [[0.0, 0.0], [0.0, 0.0]]]),
    loss_ratios=np.array([0.8, np.nan]),
    fitted_at_seconds=np.array([NOW - 600, NOW - 300]),
    knots_seconds=np.array([300.0, 86_400.0]),
    interval_factors=np.array([[[1.0, 1.25], [1.0, 0.5]], [[1.0, 1.0], [1.0, 1.0]]]),
)


def query_forecast(query: str = "cpu", made_at: float = NOW, max_age: float = 600.0) -> QueryForecast:
    """Two series that rise by one a step for 24 hours, with bounds one below and one above."""
    grid = Grid(int(made_at * 1000) + STEP_MS, STEP_MS, 289)
    point = np.arange(289.0) + np.array([[0.0], [1000.0]])
    labels = tuple(LabelSet({"__name__": "node_load1", "instance": name, "job": "node"}) for name in "ab")
    forecast = Forecast(labels, grid, point, point - 1, point + 1, 0.95, ("naive", "naive"))
    horizons = (900, 3600, 14_400, 86_400)
    observed = point[:, 0].copy()
    return QueryForecast(
        query, "node_load1", "", made_at, forecast, observed, horizons, max_age, explanation=EXPLANATION
    )


@dataclass
class Exporter:
    """The application under test and the handles to move it."""

    now: float = NOW
    stopping: bool = False
    reloads: list[Exception | None] = field(default_factory=list)
    telemetry: Telemetry = field(default_factory=Telemetry)

    def __post_init__(self) -> None:
        self.holder = Holder(PredictionRenderer(100_000, self.telemetry.on_exposed).render)
        self.app: Flask = create_app(
            self.holder,
            self.telemetry,
            reload=self._reload,
            config_text=lambda: "upstreams:\n- url: http://prometheus:9090\n",
            is_stopping=lambda: self.stopping,
            clock=lambda: self.now,
        )
        self.client = self.app.test_client()

    def publish(self, *forecasts: QueryForecast) -> None:
        """Show these forecasts, with outcomes of a query that fails."""
        outcomes = (
            StageOutcome("cpu", "read", OutcomeState.OK, 0.1),
            StageOutcome("disk<script>", "read", OutcomeState.FAILED, 0.1, "timeout", "no answer within 30s"),
        )
        self.holder.publish(Snapshot(self.now, forecasts, outcomes), self.now)

    def _reload(self) -> None:
        outcome = self.reloads.pop(0)
        if outcome is not None:
            raise outcome


@pytest.fixture
def exporter() -> Exporter:
    return Exporter()
