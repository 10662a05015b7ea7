"""The forecasts of one query: when to refit, how to move with new samples, what to keep over a restart."""

from __future__ import annotations

import itertools
import logging
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import NoSeries, NotFitted
from pronoia.models.forecast.crossing import threshold_crossings
from pronoia.models.forecast.fitted import RECENT_STEPS
from pronoia.pipeline.fit_job import FitJob
from pronoia.pipeline.query_learning import QueryLearning
from pronoia.pipeline.query_settings import REFIT_SLACK, settings_of
from pronoia.pipeline.query_state import QueryState
from pronoia.predictions.forecast import QueryForecast
from pronoia.series import Grid, align

if TYPE_CHECKING:
    from collections.abc import Callable

    from pronoia.config.resolved import ResolvedQuery
    from pronoia.exposition.telemetry import Telemetry
    from pronoia.models.forecast.fitted import FittedForecasts
    from pronoia.pipeline.fit_pool import FitPool
    from pronoia.series import AlignedFrame, SeriesFrame
    from pronoia.storage.state import StateStore

_log = logging.getLogger(__name__)

# PromQL's default lookback: how old a sample may be and still stand for now.
_LOOKBACK_MS = 300_000
# Where nothing could be fitted, most likely for want of history, it is tried again before a refit would be due.
_RETRY_FIT_SECONDS = 300.0
_SAVE_EVERY_SECONDS = 300.0


class QueryForecaster:
    """Fits in the pool, predicts in the caller's thread.

    Args:
        query: what is forecast, and how.
        pool: where fits run.
        store: where state is kept over a restart; None keeps none.
        telemetry: told of fits, dropped series and quality.
        on_progress: called from any thread when there is something to take up from a fit.
    """

    def __init__(
        self,
        query: ResolvedQuery,
        pool: FitPool,
        store: StateStore | None,
        telemetry: Telemetry,
        on_progress: Callable[[], None],
    ) -> None:
        self._query = query
        self._settings = settings_of(query)
        self._pool = pool
        self._state = QueryState(query, store)
        self._telemetry = telemetry
        self._on_progress = on_progress
        self._learning = QueryLearning(query, self._settings, telemetry)
        self._job: FitJob | None = None
        self._fitted: FittedForecasts | None = None
        # When the fit in use was complete; 0 while it is made of the parts of the first one.
        self._fitted_at = 0.0
        self._fit_tried_at = 0.0
        self._saved_at = 0.0
        self._has_new_fit = False
        self._restore()

    @property
    def progress(self) -> tuple[int, int]:
        """Series dealt with and series to fit, of the fit in progress or the last one."""
        if self._job is not None:
            return self._job.n_fitted, self._job.n_series
        n_series = self._fitted.n_series if self._fitted else 0
        return n_series, n_series

    def has_fit_work(self, now_seconds: float) -> bool:
        """Whether a fit is due, or in progress."""
        return self._job is not None or self._is_fit_due(now_seconds)

    def advance_fit(self, frame: SeriesFrame, now_seconds: float) -> None:
        """Take up what has been fitted meanwhile, or start a fit; only when `has_fit_work` says so."""
        if self._job is not None:
            self._take_up(self._job, now_seconds)
        else:
            self._start_fit(frame, now_seconds)

    def predict(self, frame: SeriesFrame, now_seconds: float, n_over_limit: int = 0) -> QueryForecast:
        """Forecast from the newest samples with what was fitted last.

        Args:
            frame: the query's history up to now.
            now_seconds: Unix time.
            n_over_limit: series that are not in the frame because there were too many, to be counted.

        Raises:
            NotFitted: if nothing is fitted yet, or the last fit is too old.
            NoSeries: if no fitted series has a sample to start from.
        """
        fitted = self._current_fit(now_seconds)
        self._learning.observe(frame, now_seconds)
        now = Grid.ending_at(int(now_seconds * 1000), self._settings.step_ms, RECENT_STEPS)
        recent = align(frame, now, self._lookback_ms)
        row_of = {labels: row for row, labels in enumerate(recent.labels)}
        live = [i for i, labels in enumerate(fitted.labels) if _has_newest(recent, row_of.get(labels))]
        dropped = Counter(reason for _, reason in fitted.skipped)
        if stale := fitted.n_series - len(live):
            dropped["stale"] = stale
        if waiting := _n_unknown(recent, fitted):
            dropped["awaits_fit"] = waiting
        if n_over_limit:
            dropped["series_limit"] = n_over_limit
        self._telemetry.on_series(self._query.name, active=len(live), dropped=dropped)
        if not live:
            raise NoSeries(f"none of {fitted.n_series} fitted series has a sample of the last minutes")
        recent = recent.take([row_of[fitted.labels[i]] for i in live])
        fitted = self._learning.calibrated(fitted.take(live) if stale else fitted)
        forecast = fitted.predict(recent, self._settings.horizon_steps)
        self._learning.remember(forecast, fitted, recent)
        # What lies beyond the limits cannot have been: a counter that was set back, a scrape that was late.
        observed = np.clip(recent.values[:, -1], self._query.minimum, self._query.maximum)
        return QueryForecast(
            query=self._query.name,
            expression=self._query.expr,
            unit=self._query.unit,
            made_at_seconds=now_seconds,
            forecast=forecast,
            observed=observed,
            horizons_seconds=self._query.horizons_seconds,
            max_age_seconds=self._query.max_age_seconds,
            crossings=tuple(
                crossing
                for threshold in self._query.thresholds
                for crossing in threshold_crossings(forecast, threshold, observed, self._query.direction)
            ),
            bands=tuple(fitted.at_level(forecast, recent, level) for level in self._query.bands),
        )

    def is_save_due(self, now_seconds: float) -> bool:
        """Whether there is something to save: after each fit, and every few minutes what was learnt."""
        if not self._state.is_kept or self._fitted is None:
            return False
        return self._has_new_fit or abs(now_seconds - self._saved_at) >= _SAVE_EVERY_SECONDS

    def save(self, now_seconds: float) -> None:
        """Write what has changed since the last time.

        Raises:
            StateError: if that is not possible; it is due again in a few minutes.
        """
        self._has_new_fit = False
        self._saved_at = now_seconds
        self._save()

    def close(self) -> None:
        """Drop a fit in progress and save what there is.

        Raises:
            StateError: if it cannot be saved.
        """
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self._save()

    def _current_fit(self, now_seconds: float) -> FittedForecasts:
        if self._fitted is None:
            raise NotFitted("the first fit is not done yet")
        if not self._fitted.n_series:
            reasons = ", ".join(f"{n} {reason}" for reason, n in Counter(r for _, r in self._fitted.skipped).items())
            raise NotFitted(f"none of {len(self._fitted.skipped)} series could be fitted: {reasons}")
        if self._fitted_at and not self._is_usable(self._fitted, now_seconds):
            raise NotFitted("the last fit is too old")
        return self._fitted

    def _is_usable(self, fitted: FittedForecasts, now_seconds: float) -> bool:
        age_seconds = now_seconds - (self._fitted_at or fitted.fitted_at_ms / 1000)
        # In the future after the clock was set back: its curve would be read at the wrong time of day.
        return -self._query.fit_every_seconds <= age_seconds <= REFIT_SLACK * self._query.fit_every_seconds

    def _start_fit(self, frame: SeriesFrame, now_seconds: float) -> None:
        if self._fitted is not None and not self._is_usable(self._fitted, now_seconds):
            self._fitted, self._fitted_at = None, 0.0
        steps = self._query.history_seconds // self._query.step_seconds
        # At multiples of the step, where the thinned part of the frame has its samples.
        end_ms = int(now_seconds * 1000) // self._settings.step_ms * self._settings.step_ms
        history = align(frame, Grid.ending_at(end_ms, self._settings.step_ms, steps), self._lookback_ms)
        self._job = FitJob(
            self._query.name,
            self._pool,
            history,
            self._settings,
            self._on_progress,
            tells_parts=self._fitted_at == 0.0,
            started_at_seconds=now_seconds,
        )

    def _take_up(self, job: FitJob, now_seconds: float) -> None:
        has_news = job.poll()
        result = job.result() if has_news and (self._fitted_at == 0.0 or job.is_finished) else None
        if result is not None and (job.is_finished or self._fitted is None or result.n_series > self._fitted.n_series):
            self._fitted = result
        if job.is_finished:
            self._job = None
            self._fit_tried_at = now_seconds
            self._telemetry.on_fit_failures(self._query.name, job.failures)
            if result is not None:
                self._fitted_at, self._has_new_fit = now_seconds, True
                self._report_fit(result, now_seconds - job.started_at_seconds)
                self._learning.forget_others(result)

    def _is_fit_due(self, now_seconds: float) -> bool:
        wait_seconds: float = self._query.fit_every_seconds
        if self._fitted is None or not self._fitted.n_series:
            wait_seconds = min(wait_seconds, _RETRY_FIT_SECONDS)
        elif now_seconds < self._fitted.fitted_at_ms / 1000:
            return True
        return not self._fit_tried_at <= now_seconds < self._fit_tried_at + wait_seconds

    def _report_fit(self, fitted: FittedForecasts, duration_seconds: float) -> None:
        self._telemetry.on_fit(
            self._query.name,
            series_by_model=Counter(fitted.models),
            guarded=fitted.guarded,
            failures=fitted.failures,
            duration_seconds=duration_seconds,
            at_seconds=self._fitted_at,
        )
        if not fitted.n_series:
            dropped = Counter(reason for _, reason in fitted.skipped)
            self._telemetry.on_series(self._query.name, active=0, dropped=dropped)

    def _save(self) -> None:
        if self._fitted is not None:
            self._state.save(self._fitted, self._fitted_at, self._learning.to_arrays())

    def _restore(self) -> None:
        if (saved := self._state.load()) is None:
            return
        self._fitted = saved.fitted
        self._fitted_at = self._fit_tried_at = saved.fitted_at_seconds
        if saved.learnt is not None:
            self._learning.restore(saved.learnt)
        self._report_fit(self._fitted, duration_seconds=0.0)
        _log.info("query %s: %d fitted series restored", self._query.name, self._fitted.n_series)

    @property
    def _lookback_ms(self) -> int:
        return max(_LOOKBACK_MS, self._settings.step_ms)


def _has_newest(recent: AlignedFrame, row: int | None) -> bool:
    return row is not None and bool(np.isfinite(recent.values[row, -1]))


def _n_unknown(recent: AlignedFrame, fitted: FittedForecasts) -> int:
    """Series that came after the last fit, or were lost in it: neither fitted nor skipped."""
    known = {*fitted.labels, *(labels for labels, _ in fitted.skipped)}
    return sum(labels not in known for labels in itertools.compress(recent.labels, np.isfinite(recent.values[:, -1])))
