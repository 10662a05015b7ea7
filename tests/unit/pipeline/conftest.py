"""Stand-ins for what surrounds a cycle: an upstream of made-up samples, and a pool that fits at once."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pronoia.config.resolved import ResolvedQuery
from pronoia.exposition.telemetry import Telemetry
from pronoia.models.forecast.fit import fit_forecasts
from pronoia.pipeline.query_cycle import QueryCycle
from pronoia.series import LabelSet, SeriesFrame, TimeRange
from pronoia.transport.settings import UpstreamSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pronoia.errors import UpstreamError
    from pronoia.models.forecast.fitted import FittedForecasts
    from pronoia.models.forecast.settings import ForecastSettings
    from pronoia.pipeline.event_feed import QueryEvents
    from pronoia.series import AlignedFrame
    from pronoia.storage.state import StateStore

NOW = 1_795_000_000.0
STEP_SECONDS = 900
HOUR = 3600


@dataclass
class FakeUpstream:
    """Daily waves at a sample every five minutes, one per instance, each perhaps ending early."""

    ends_at: dict[str, float] = field(default_factory=lambda: {"a": np.inf, "b": np.inf})
    starts_at: float = -np.inf
    error: UpstreamError | None = None
    name: str = "prometheus"
    settings: UpstreamSettings = field(default_factory=lambda: UpstreamSettings("prometheus", "http://localhost:9090"))
    path: str = "remote_read"
    reads: list[TimeRange] = field(default_factory=list)

    def read(self, expression: str, time_range: TimeRange, step_ms: int) -> SeriesFrame:
        self.reads.append(time_range)
        if self.error:
            raise self.error
        series = {}
        for phase, (instance, end) in enumerate(self.ends_at.items()):
            first = -(-max(time_range.start_ms, self.starts_at * 1000) // 300_000) * 300_000
            times = np.arange(first, min(time_range.end_ms, end * 1000) + 1, 300_000)
            if len(times):
                values = 0.5 + 0.3 * np.sin(2 * np.pi * times / 86_400_000 + phase)
                series[LabelSet({"__name__": expression, "instance": instance})] = (times, values)
        return SeriesFrame.from_series(series)

    def parts(self, expression: str, time_range: TimeRange, step_ms: int) -> Iterator[SeriesFrame]:
        yield self.read(expression, time_range, step_ms)

    def path_of(self, expression: str) -> str:
        return self.path

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class InlinePool:
    """Fits in the caller's thread; `break_next` futures fail with that error instead."""

    workers: int = 2
    break_next: list[Exception] = field(default_factory=list)
    n_submitted: int = 0
    suspect: Lock = field(default_factory=Lock)
    incumbents: list[dict[LabelSet, str]] = field(default_factory=list)

    def submit(
        self, history: AlignedFrame, settings: ForecastSettings, incumbents: Mapping[LabelSet, str] | None = None
    ) -> Future[FittedForecasts]:
        self.n_submitted += 1
        self.incumbents.append(dict(incumbents or {}))
        future: Future[FittedForecasts] = Future()
        if self.break_next:
            future.set_exception(self.break_next.pop())
        else:
            future.set_result(fit_forecasts(history, settings, incumbents))
        return future


@dataclass
class Bench:
    """A cycle and everything around it, with a clock that is set by hand."""

    upstream: FakeUpstream = field(default_factory=FakeUpstream)
    pool: InlinePool = field(default_factory=InlinePool)
    telemetry: Telemetry = field(default_factory=Telemetry)
    store: StateStore | None = None
    now: float = NOW
    wakes: int = 0

    def query(self, **changes: object) -> ResolvedQuery:
        defaults: dict[str, object] = {
            "name": "cpu",
            "expr": "cpu_ratio",
            "upstream": "prometheus",
            "unit": "ratio",
            "minimum": 0.0,
            "maximum": 1.0,
            "thresholds": (0.75,),
            "direction": "up",
            "horizon_seconds": 6 * HOUR,
            "horizons_seconds": (HOUR, 6 * HOUR),
            "history_seconds": 5 * 24 * HOUR,
            "step_seconds": STEP_SECONDS,
            "fit_every_seconds": HOUR,
            "infer_every_seconds": 60,
            "max_age_seconds": 600,
            "level": 0.95,
            "model": "seasonal-naive",
            "origin": "queries[0]",
        }
        return ResolvedQuery(**(defaults | changes))  # type: ignore[arg-type]

    def cycle(self, max_series: int = 100, known: QueryEvents | None = None, **changes: object) -> QueryCycle:
        return QueryCycle(
            self.query(**changes),
            self.upstream,  # type: ignore[arg-type]
            self.pool,  # type: ignore[arg-type]
            self.store,
            self.telemetry,
            max_series=max_series,
            on_due=self._wake,
            clock=lambda: self.now,
            events=known,
        )

    def run(self, cycle: QueryCycle, rounds: int = 1, seconds: float = 60.0) -> None:
        """Rounds, a minute apart."""
        for _ in range(rounds):
            cycle.run(self.now)
            self.now += seconds

    def metric(self, name: str, **labels: str) -> float | None:
        return self.telemetry.registry.get_sample_value(name, labels)

    def _wake(self) -> None:
        self.wakes += 1


@pytest.fixture
def bench() -> Bench:
    return Bench()
