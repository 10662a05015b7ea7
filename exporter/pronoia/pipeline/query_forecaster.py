"""The forecasts of one query: how to move with new samples, what to keep over a restart."""

from __future__ import annotations

import itertools
import logging
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import NoSeries, NotFitted
from pronoia.models.forecast.crossing import threshold_crossings
from pronoia.models.forecast.explain import explain
from pronoia.models.forecast.fitted import RECENT_STEPS
from pronoia.pipeline.query_learning import QueryLearning
from pronoia.pipeline.query_settings import REFIT_SLACK, settings_of
from pronoia.pipeline.query_state import QueryState
from pronoia.pipeline.rolling_fit import RollingFit
from pronoia.pipeline.why_not_yet import why_no_forecast
from pronoia.predictions.forecast import QueryForecast
from pronoia.series import Grid, align

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from pronoia.config.resolved import ResolvedQuery
    from pronoia.exposition.telemetry import Telemetry
    from pronoia.models.forecast.calendar.times import EventTimes
    from pronoia.models.forecast.fitted import FittedForecasts
    from pronoia.pipeline.event_feed import QueryEvents
    from pronoia.pipeline.fit_pool import FitPool
    from pronoia.series import AlignedFrame, History, LabelSet
    from pronoia.storage.state import StateStore

_log = logging.getLogger(__name__)

# PromQL's default lookback: how old a sample may be and still stand for now.
_LOOKBACK_MS = 300_000
# What is shown of the past beside a forecast.
_DAY_MS = 86_400_000
_SAVE_EVERY_SECONDS = 300.0
# Fits are large: those of 10,000 series are some 80 MB. After a crash, what was fitted since is fitted again.
_FIT_SAVES_PER_REFIT = 4


class QueryForecaster:
    """Fits in the pool, predicts in the caller's thread.

    Args:
        query: what is forecast, and how.
        pool: where fits run.
        store: where state is kept over a restart; None keeps none.
        telemetry: told of fits, dropped series and quality.
        on_progress: called from any thread when there is something to take up from a fit.
        events: when the query's events take place; None if it has none.
    """

    def __init__(
        self,
        query: ResolvedQuery,
        pool: FitPool,
        store: StateStore | None,
        telemetry: Telemetry,
        on_progress: Callable[[], None],
        *,
        events: QueryEvents | None = None,
    ) -> None:
        self._query = query
        self._events = events
        self._settings = settings_of(query)
        self._state = QueryState(query, store)
        self._telemetry = telemetry
        self._learning = QueryLearning(query, self._settings, telemetry)
        self._fits = RollingFit(
            query,
            self._settings,
            pool,
            telemetry,
            on_progress,
            lookback_ms=self._lookback_ms,
            event_times=self._event_times,
        )
        self._saved_at = 0.0
        self._fits_saved_at = 0.0
        self._is_first_round_saved = False
        self._restore()

    @property
    def progress(self) -> tuple[int, int]:
        """Series that were dealt with at least once, and all series."""
        return self._fits.progress

    def has_fit_work(self, frame: History, now_seconds: float) -> bool:
        """Whether a fit is due, or in progress, given the series there are now."""
        return self._fits.has_work(frame, now_seconds)

    def advance_fit(self, frame: History, now_seconds: float) -> None:
        """Take up what has been fitted meanwhile, and start what is due; only when `has_fit_work` says so."""
        before = self._fits.fitted
        self._fits.advance(frame, now_seconds)
        fitted, (n_tried, n_series) = self._fits.fitted, self._fits.progress
        if fitted is not None and fitted is not before and n_tried == n_series:
            self._learning.forget_others(fitted)

    def predict(self, frame: History, now_seconds: float, n_over_limit: int = 0) -> QueryForecast:
        """Forecast from the newest samples with what was fitted last.

        Args:
            frame: the query's history up to now.
            now_seconds: Unix time.
            n_over_limit: series that are not in the frame because there were too many, to be counted.

        Raises:
            NotFitted: if nothing is fitted yet, or the last fit is too old.
            NoSeries: if no fitted series has a sample to start from.
        """
        fitted, usable = self._usable_fits(now_seconds)
        if self._query.events:
            fitted = fitted.with_events(self._event_times(now_seconds))
        self._learning.observe(frame, now_seconds)
        n_past = max(_DAY_MS // self._settings.step_ms, RECENT_STEPS)
        past = align(frame, Grid.ending_at(int(now_seconds * 1000), self._settings.step_ms, n_past), self._lookback_ms)
        recent = past.newest(RECENT_STEPS)
        row_of = {labels: row for row, labels in enumerate(recent.labels)}
        live = [i for i in usable if _has_newest(recent, row_of.get(fitted.labels[i]))]
        dropped = Counter(reason for _, reason in fitted.skipped)
        if stale := len(usable) - len(live):
            dropped["stale"] = stale
        if waiting := _n_unknown(recent, {fitted.labels[i] for i in usable}.union(each for each, _ in fitted.skipped)):
            dropped["awaits_fit"] = waiting
        if n_over_limit:
            dropped["series_limit"] = n_over_limit
        self._telemetry.on_series(self._query.name, active=len(live), dropped=dropped)
        if not live:
            raise NoSeries(f"none of {len(usable)} fitted series has a sample of the last minutes")
        rows = [row_of[fitted.labels[i]] for i in live]
        past, recent = past.take(rows), recent.take(rows)
        fitted = self._learning.calibrated(fitted.take(live) if len(live) < fitted.n_series else fitted)
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
            explanation=explain(fitted),
            bands=tuple(fitted.at_level(forecast, recent, level) for level in self._query.bands),
            thresholds=self._query.thresholds,
            past=past,
        )

    def is_save_due(self, now_seconds: float) -> bool:
        """Whether there is something to save: the first fits, refits now and then, what was learnt in between."""
        if not self._state.is_kept or self._fits.fitted is None:
            return False
        return self._is_fit_save_due(now_seconds) or abs(now_seconds - self._saved_at) >= _SAVE_EVERY_SECONDS

    def save(self, now_seconds: float) -> None:
        """Write what has changed since the last time.

        Raises:
            StateError: if that is not possible; it is due again in a few minutes.
        """
        self._saved_at = now_seconds
        is_fit_due = self._is_fit_save_due(now_seconds)
        if is_fit_due:
            self._fits_saved_at = now_seconds
            self._is_first_round_saved |= self._has_tried_all()
        self._save(with_fits=is_fit_due)

    def close(self) -> None:
        """Drop fits in progress and save what there is.

        Raises:
            StateError: if it cannot be saved.
        """
        self._fits.cancel()
        self._save(with_fits=True)

    def _usable_fits(self, now_seconds: float) -> tuple[FittedForecasts, list[int]]:
        """The fits in use, and the numbers of those that are young enough to be read."""
        fitted = self._fits.fitted
        if fitted is None:
            raise NotFitted("the first fit is not done yet")
        if not fitted.n_series:
            n_tried, n_all = self._fits.progress
            skipped = Counter(reason for _, reason in fitted.skipped)
            raise NotFitted(why_no_forecast(skipped, n_all - n_tried, self._query.step_seconds))
        ages_seconds = now_seconds - fitted.fitted_at_ms / 1000
        # In the future after the clock was set back: its curve would be read at the wrong time of day.
        every = self._query.fit_every_seconds
        usable = np.flatnonzero((-every <= ages_seconds) & (ages_seconds <= REFIT_SLACK * every))
        if not len(usable):
            raise NotFitted("the last fit is too old")
        return fitted, usable.tolist()

    def _event_times(self, now_seconds: float) -> tuple[EventTimes, ...]:
        return self._events.times(now_seconds) if self._events is not None else ()

    def _is_fit_save_due(self, now_seconds: float) -> bool:
        fitted = self._fits.fitted
        if fitted is None or not self._state.is_other(fitted):
            return False
        # What was saved before it may be no more than the first series that was found to be too young.
        is_first_round = not self._is_first_round_saved and self._has_tried_all()
        elapsed_seconds = abs(now_seconds - self._fits_saved_at)
        return is_first_round or elapsed_seconds >= self._query.fit_every_seconds / _FIT_SAVES_PER_REFIT

    def _has_tried_all(self) -> bool:
        n_tried, n_series = self._fits.progress
        return n_tried == n_series

    def _save(self, *, with_fits: bool) -> None:
        if self._fits.fitted is not None:
            if with_fits:
                self._state.save_fits(self._fits.fitted)
            self._state.save_learnt(self._learning.to_arrays())

    def _restore(self) -> None:
        if (saved := self._state.load()) is None:
            return
        self._fits.restore(saved.fitted)
        if saved.learnt is not None:
            self._learning.restore(saved.learnt)
        _log.info("query %s: %d fitted series restored", self._query.name, saved.fitted.n_series)

    @property
    def _lookback_ms(self) -> int:
        return max(_LOOKBACK_MS, self._settings.step_ms)


def _has_newest(recent: AlignedFrame, row: int | None) -> bool:
    return row is not None and bool(np.isfinite(recent.values[row, -1]))


def _n_unknown(recent: AlignedFrame, known: AbstractSet[LabelSet]) -> int:
    """Series with a sample that are not among these, fitted or skipped: they are new, or their fit was lost."""
    return sum(labels not in known for labels in itertools.compress(recent.labels, np.isfinite(recent.values[:, -1])))
