"""ForecastLog: what was forecast, kept until it can be compared with what came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.series import Grid, align

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pronoia.predictions.forecast import Forecast
    from pronoia.series import History, LabelSet, SeriesFrame

_DAY_MS = 86_400_000
# Forecasts of one instant made shortly after each other err alike: of a horizon of k steps, every k/8-th is kept.
_KEPT_PER_HORIZON = 8
# A late sample may still come; a forecast is compared once its instant is this much past.
_PATIENCE_STEPS = 1


@dataclass(frozen=True, slots=True, eq=False)
class MaturedErrors:
    """One horizon's forecasts for one instant, compared with what came.

    Args:
        instant_ms: when the truth was observed.
        knot: number of the horizon among the log's knots.
        labels: n_series label sets.
        missed: float64 (n_series, n_levels, 2): 1 where the truth lay below the lower, above the upper bound of the
            level, else 0; NaN where there was no sample.
        error: float64 (n_series,), |truth - point| in units of the scale recorded; NaN where there was no sample.
        seasonal_error: float64 (n_series,), likewise for the value one day (or as many as the horizon needs) earlier;
            NaN where that is not known.
    """

    instant_ms: int
    knot: int
    labels: tuple[LabelSet, ...]
    missed: NDArray[np.float64]
    error: NDArray[np.float64]
    seasonal_error: NDArray[np.float64]

    @property
    def n_known(self) -> int:
        """How many of the series had a sample."""
        return int(np.isfinite(self.error).sum())


@dataclass(frozen=True, slots=True, eq=False)
class _Pending:
    instant_ms: int
    knot: int
    labels: tuple[LabelSet, ...]
    point: NDArray[np.float64]
    bounds: NDArray[np.float64]
    scales: NDArray[np.float64]


class ForecastLog:
    """Remembers a query's forecasts at a few horizons; at most eight per horizon are under way at any time.

    Args:
        knots: int64 (n_knots,), horizons in steps, increasing.
        step_ms: length of a step.
    """

    def __init__(self, knots: NDArray[np.int64], step_ms: int) -> None:
        self._knots = knots
        self._step_ms = step_ms
        self._pending: list[_Pending] = []
        self._recorded_ms = np.full(len(knots), np.iinfo(np.int64).min // 2)

    @property
    def n_pending(self) -> int:
        """Forecasts (of all series, at one horizon) that wait for their truth."""
        return len(self._pending)

    def record(
        self,
        forecast: Forecast,
        scales: NDArray[np.float64] | None = None,
        bounds: NDArray[np.float64] | None = None,
    ) -> None:
        """Remember a forecast at those horizons where enough time has passed since the last one remembered.

        Args:
            forecast: on a grid of the log's step; horizons beyond it are left out.
            scales: float64 (n_series,), what errors are divided by, so that series of unequal size compare; source
                unit; one by default and where not positive.
            bounds: float64 (n_levels, 2, n_series, n_knots), lower and upper bounds of each level at the log's knots;
                the forecast's own by default.
        """
        origin_ms = forecast.grid.start_ms - self._step_ms
        scales = np.ones(forecast.n_series) if scales is None else np.where(scales > 0.0, scales, 1.0)
        for knot, k in enumerate(self._knots.tolist()):
            spacing_ms = max(k // _KEPT_PER_HORIZON, 1) * self._step_ms
            # The distance, not the difference: a clock that is set back must not end the learning.
            if k > forecast.grid.n_steps or abs(origin_ms - self._recorded_ms[knot]) < spacing_ms:
                continue
            self._recorded_ms[knot] = origin_ms
            own = [[forecast.lower[:, k - 1], forecast.upper[:, k - 1]]]
            # Copies: views would keep all horizons in memory for as long.
            kept = np.array(own if bounds is None else bounds[..., knot])
            point = forecast.point[:, k - 1].copy()
            self._pending.append(_Pending(origin_ms + k * self._step_ms, knot, forecast.labels, point, kept, scales))

    def mature(self, observed: SeriesFrame | History, now_ms: int) -> tuple[MaturedErrors, ...]:
        """Compare and forget every forecast whose instant is past, oldest instant first.

        Args:
            observed: samples up to now; to know the seasonal error, going back a day from the instants.
            now_ms: the present.
        """
        due_ms = now_ms - _PATIENCE_STEPS * self._step_ms
        due = sorted((p for p in self._pending if p.instant_ms <= due_ms), key=lambda p: (p.instant_ms, p.knot))
        self._pending = [pending for pending in self._pending if pending.instant_ms > due_ms]
        return tuple(self._compare(due, observed))

    def _compare(self, due: list[_Pending], observed: SeriesFrame | History) -> Iterator[MaturedErrors]:
        seen: dict[int, dict[LabelSet, float]] = {}

        def values_at(instant_ms: int, labels: tuple[LabelSet, ...]) -> NDArray[np.float64]:
            if instant_ms not in seen:
                seen[instant_ms] = _values_at(observed, instant_ms, self._step_ms)
            known = seen[instant_ms]
            return np.array([known.get(label, np.nan) for label in labels])

        for pending in due:
            lower, upper = pending.bounds.swapaxes(0, 1)
            truth = values_at(pending.instant_ms, pending.labels)
            days = -(-int(self._knots[pending.knot]) * self._step_ms // _DAY_MS)
            seasonal = values_at(pending.instant_ms - days * _DAY_MS, pending.labels)
            missed = np.stack([truth < lower, truth > upper], axis=2).swapaxes(0, 1).astype(np.float64)
            missed[np.isnan(truth)] = np.nan
            yield MaturedErrors(
                instant_ms=pending.instant_ms,
                knot=pending.knot,
                labels=pending.labels,
                missed=missed,
                error=np.abs(truth - pending.point) / pending.scales,
                seasonal_error=np.abs(truth - seasonal) / pending.scales,
            )


def _values_at(observed: SeriesFrame | History, instant_ms: int, step_ms: int) -> dict[LabelSet, float]:
    column = align(observed, Grid(instant_ms, step_ms, 1)).values[:, 0].tolist()
    return dict(zip(observed.labels, column, strict=True))
