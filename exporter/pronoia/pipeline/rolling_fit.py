"""The fits of one query, renewed a few series at a time."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.explain import explain
from pronoia.models.forecast.fit_counts import FitCounts
from pronoia.models.forecast.fitted import FittedForecasts
from pronoia.models.forecast.prepare import MIN_SAMPLES
from pronoia.models.forecast.rolled import roll
from pronoia.pipeline.contests import Contests
from pronoia.pipeline.fit_job import FitJob
from pronoia.pipeline.fit_schedule import FitSchedule
from pronoia.series import Grid, align

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pronoia.config.resolved import ResolvedQuery
    from pronoia.exposition.telemetry import Telemetry
    from pronoia.models.forecast.calendar.times import EventTimes
    from pronoia.models.forecast.settings import ForecastSettings
    from pronoia.pipeline.fit_pool import FitPool
    from pronoia.series import AlignedFrame, History, LabelSet

# So many series are put on a grid at once, to be fitted chunk by chunk: minutes of work, and a few megabytes.
_MAX_JOB_SERIES = 512
# A series with too few samples is looked at again after so long.
_LOOK_AGAIN_SECONDS = 300.0
# Refits are taken up with the next round, unless that is further away than this.
_PATIENCE_SECONDS = 300
# Thresholds are pooled anew once this share of the series has new fits: over 10,000 series it takes half a second.
_POOL_SHARE = 0.05


class RollingFit:
    """Fits new series as fast as the pool can, and all others again within `fit_every`, evenly over that time.

    Not to be shared by threads.

    Args:
        query: whose series.
        settings: how they are fitted.
        pool: where fits run.
        telemetry: told of what was fitted and what failed.
        on_progress: called from any thread when there is something to take up that should not wait.
        lookback_ms: how old a sample may be and still stand for an instant of the grid.
        event_times: occurrences of the query's events, as they are known at a Unix time.
    """

    def __init__(
        self,
        query: ResolvedQuery,
        settings: ForecastSettings,
        pool: FitPool,
        telemetry: Telemetry,
        on_progress: Callable[[], None],
        *,
        lookback_ms: int,
        event_times: Callable[[float], tuple[EventTimes, ...]] = lambda _: (),
    ) -> None:
        self._query = query
        self._settings = settings
        self._lookback_ms = lookback_ms
        self._event_times = event_times
        self._pool = pool
        self._telemetry = telemetry
        self._on_progress = on_progress
        self._schedule = FitSchedule(query.fit_every_seconds)
        self._contests = Contests()
        self._jobs: list[FitJob] = []
        self._fitted: FittedForecasts | None = None
        self._n_since_pooled = 0
        self._is_resuming = False

    @property
    def fitted(self) -> FittedForecasts | None:
        """The fits in use; None before the first."""
        return self._fitted

    @property
    def progress(self) -> tuple[int, int]:
        """Series that were dealt with at least once, and all series."""
        if not self._schedule.n_series and self._fitted is not None:
            return self._fitted.n_series, self._fitted.n_series
        return self._schedule.n_series - self._schedule.n_new, self._schedule.n_series

    def restore(self, fitted: FittedForecasts) -> None:
        """Go on with fits of before a restart."""
        self._fitted, self._is_resuming = fitted, True
        self._contests.resume(fitted.labels)
        self._report(duration_seconds=0.0)

    def has_work(self, frame: History, now_seconds: float) -> bool:
        """Whether a fit is due, or in progress, given the series there are now."""
        if self._is_resuming and self._fitted is not None:
            at = dict(zip(self._fitted.labels, (self._fitted.fitted_at_ms / 1000).tolist(), strict=True))
            self._schedule.resume(at, now_seconds)
            self._is_resuming = False
        self._schedule.see(frame.labels, now_seconds)
        return bool(self._jobs) or self._schedule.is_due(now_seconds)

    def advance(self, frame: History, now_seconds: float) -> None:
        """Take up what has been fitted meanwhile, and start what is due; only when `has_work` says so."""
        for job in self._jobs:
            self._take_up(job, now_seconds)
        self._jobs = [job for job in self._jobs if not job.is_finished]
        # The next one starts while the last chunks of this one are fitted, so that no worker waits.
        if not any(job.has_waiting for job in self._jobs) and self._schedule.is_due(now_seconds):
            self._start(frame, now_seconds)

    def cancel(self) -> None:
        """Drop what is in progress."""
        for job in self._jobs:
            job.cancel()
        self._jobs = []

    def _start(self, frame: History, now_seconds: float) -> None:
        due = self._schedule.take(now_seconds, _MAX_JOB_SERIES)
        history = self._without_young(self._aligned(frame, due, now_seconds), now_seconds)
        if not history.n_series:
            return
        # Nothing waits for a refit; but series without a forecast do, and so does whatever is due after a full job.
        is_awaited = any(map(self._schedule.is_first, history.labels))
        hurries = is_awaited or len(due) == _MAX_JOB_SERIES or self._query.infer_every_seconds > _PATIENCE_SECONDS
        self._jobs.append(
            FitJob(
                self._query.name,
                self._pool,
                history,
                self._settings_at(now_seconds),
                self._on_progress if hurries else _nobody_waits,
                incumbents=self._contests.incumbents(self._winners(), history.labels),
                tells_parts=is_awaited,
                started_at_seconds=now_seconds,
            )
        )

    def _winners(self) -> dict[LabelSet, str]:
        return dict(zip(self._fitted.labels, self._fitted.models, strict=True)) if self._fitted is not None else {}

    def _settings_at(self, now_seconds: float) -> ForecastSettings:
        if not self._query.events:
            return self._settings
        return self._settings.with_events(self._event_times(now_seconds))

    def _aligned(self, frame: History, labels: Sequence[LabelSet], now_seconds: float) -> AlignedFrame:
        row_of = {each: row for row, each in enumerate(frame.labels)}
        steps = self._query.history_seconds // self._query.step_seconds
        # At multiples of the step, where the thinned part of the frame has its samples.
        end_ms = int(now_seconds * 1000) // self._settings.step_ms * self._settings.step_ms
        grid = Grid.ending_at(end_ms, self._settings.step_ms, steps)
        return align(frame.take(np.array([row_of[each] for each in labels], np.int64)), grid, self._lookback_ms)

    def _without_young(self, history: AlignedFrame, now_seconds: float) -> AlignedFrame:
        """Series with too few samples need no worker process to say so."""
        n_samples = np.isfinite(history.values).sum(axis=1)
        young = np.flatnonzero(n_samples < MIN_SAMPLES)
        if not len(young):
            return history
        labels = [history.labels[row] for row in young]
        self._schedule.put_off(labels, now_seconds + _LOOK_AGAIN_SECONDS)
        reasons = ["too_short" if n else "no_data" for n in n_samples[young].tolist()]
        skipped = FitCounts(tuple(zip(labels, reasons, strict=True)))
        self._use(FittedForecasts.from_fits([], self._settings, history.grid.end_ms, skipped))
        self._report_skipped()
        return history.take(np.flatnonzero(n_samples >= MIN_SAMPLES))

    def _take_up(self, job: FitJob, now_seconds: float) -> None:
        job.poll()
        fresh = job.take_results()
        if fresh is not None:
            self._use(fresh)
            self._schedule.done((*fresh.labels, *(labels for labels, _ in fresh.skipped)), now_seconds)
            self._telemetry.on_fit_failures(self._query.name, fresh.failures)
        if job.is_finished:
            # Those that were lost keep the fit they had, if any, and get another turn when it is theirs again.
            if job.failures:
                self._schedule.done(job.labels, now_seconds)
            self._telemetry.on_fit_failures(self._query.name, job.failures)
            self._report(now_seconds - job.started_at_seconds)

    def _use(self, fresh: FittedForecasts) -> None:
        if self._fitted is None:
            self._fitted = fresh
            return
        known = (*self._fitted.labels, *(labels for labels, _ in self._fitted.skipped))
        gone = {labels for labels in known if labels not in self._schedule}
        self._contests.forget(gone)
        rolled = roll(self._fitted, fresh, gone=gone)
        self._n_since_pooled += fresh.n_series
        if self._n_since_pooled > _POOL_SHARE * rolled.n_series:
            rolled, self._n_since_pooled = rolled.pooled(), 0
        self._fitted = rolled

    def _report(self, duration_seconds: float) -> None:
        if self._fitted is None:
            return
        if self._fitted.n_series:
            self._telemetry.on_fit(
                self._query.name,
                series_by_model=Counter(self._fitted.models),
                member_weights=explain(self._fitted).mean_weights,
                guarded=self._fitted.guarded,
                failures={},
                duration_seconds=duration_seconds,
                at_seconds=float(self._fitted.fitted_at_ms.min()) / 1000,
            )
            if self._fitted.effects is not None:
                self._telemetry.on_calendar(
                    self._query.name,
                    n_series_by_event=self._fitted.effects.n_series_by_event,
                    n_local=self._fitted.effects.n_local,
                )
        else:
            self._report_skipped()

    def _report_skipped(self) -> None:
        """Where there is a forecast, its round tells of what was skipped as well."""
        if self._fitted is not None and not self._fitted.n_series:
            dropped = Counter(reason for _, reason in self._fitted.skipped)
            self._telemetry.on_series(self._query.name, active=0, dropped=dropped)


def _nobody_waits() -> None:
    """Refits are taken up with the next round."""
