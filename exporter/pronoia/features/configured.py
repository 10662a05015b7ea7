"""Features that a configuration asks for, beside those that every model reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.past import LoadPast

#: How a window can be summarised, besides `percentile_N`.
SUMMARIES = ("mean", "min", "max", "median", "sum", "std", "last")
_MEAN, _MIN, _MAX, _QUANTILE, _SUM, _STD, _LAST = range(7)
_PERCENTILE = "percentile_"


@dataclass(frozen=True, slots=True)
class Trend:
    """How one metric moves.

    Args:
        name: of the feature.
        metric: number of the metric; 0 is the load.
        slots: over how many.
        is_slope: the slope of a straight line, per slot, in place of the relative change from the first to the last.
    """

    name: str
    metric: int
    slots: int
    is_slope: bool


@dataclass(frozen=True, slots=True)
class ConfiguredFeatures:
    """Which features there are of the load and of further metrics.

    Args:
        metrics: names of the further metrics, distinct.
        n_summarised: how many of them are summarised, the first ones; the others have trends alone.
        windows: how each span is called, and its slots, at most a day of them.
        summaries: of `SUMMARIES`, or `percentile_N`.
        trends: further features.
    """

    metrics: tuple[str, ...] = ()
    n_summarised: int = 0
    windows: tuple[tuple[str, int], ...] = ()
    summaries: tuple[str, ...] = ()
    trends: tuple[Trend, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Of the columns, in order.

        >>> ConfiguredFeatures(("io",), 1, (("15m", 3),), ("mean",), (Trend("io_trend", 1, 3, True),)).names
        ('configured_load_mean_15m', 'configured_io_mean_15m', 'configured_io_trend')
        """
        summarised = ("load", *self.metrics[: self.n_summarised])
        return (
            *(
                f"configured_{metric}_{summary}_{window}"
                for metric in summarised
                for window, _ in self.windows
                for summary in self.summaries
            ),
            *(f"configured_{trend.name}" for trend in self.trends),
        )


def configured(
    history: LoadPast, rows: NDArray[np.int64], slots: NDArray[np.int64], asked: ConfiguredFeatures
) -> NDArray[np.float32]:
    """What was asked for, float32 (n_rows, n_names); NaN where nothing is known of it."""
    out = np.full((len(rows), len(asked.names)), np.nan, np.float32)
    spans = np.array([slots for _, slots in asked.windows], np.int64)
    kinds, quantiles = _codes(asked.summaries)
    past, column = history.past, 0
    for metric in range(asked.n_summarised + 1):
        values, first = (past.load, past.load_first) if not metric else (past.further[metric - 1], past.further_first)
        _summarise(values, rows, slots - first, spans, kinds, quantiles, out[:, column:])
        column += len(spans) * len(kinds)
    for trend in asked.trends:
        values, first = (
            (past.load, past.load_first) if not trend.metric else (past.further[trend.metric - 1], past.further_first)
        )
        _follow(values, rows, slots - first, trend.slots, trend.is_slope, out[:, column])
        column += 1
    return out


def _codes(summaries: tuple[str, ...]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    kinds, quantiles = np.full(len(summaries), _QUANTILE), np.full(len(summaries), 0.5)
    for i, name in enumerate(summaries):
        if name.startswith(_PERCENTILE):
            quantiles[i] = int(name.removeprefix(_PERCENTILE)) / 100.0
        else:
            kinds[i] = SUMMARIES.index(name)
    return kinds, quantiles


@compiled
def _summarise(
    values: NDArray[np.float32],
    rows: NDArray[np.int64],
    slots: NDArray[np.int64],
    spans: NDArray[np.int64],
    kinds: NDArray[np.int64],
    quantiles: NDArray[np.float64],
    out: NDArray[np.float32],
) -> None:
    for i in range(len(rows)):
        for s in range(len(spans)):
            span = values[rows[i], max(slots[i] + 1 - spans[s], 0) : slots[i] + 1].astype(np.float64)
            known = np.sort(span[np.isfinite(span)])
            if not len(known):
                continue
            for k in range(len(kinds)):
                if kinds[k] == _MEAN:
                    value = known.mean()
                elif kinds[k] == _MIN:
                    value = known[0]
                elif kinds[k] == _MAX:
                    value = known[-1]
                elif kinds[k] == _STD:
                    value = known.std()
                elif kinds[k] == _SUM:
                    value = known.sum()
                elif kinds[k] == _LAST:
                    value = span[-1]
                else:
                    at = quantiles[k] * (len(known) - 1)
                    below = int(at)
                    above = min(below + 1, len(known) - 1)
                    value = known[below] + (at - below) * (known[above] - known[below])
                out[i, s * len(kinds) + k] = value


@compiled
def _follow(
    values: NDArray[np.float32],
    rows: NDArray[np.int64],
    slots: NDArray[np.int64],
    n_slots: int,
    is_slope: bool,
    out: NDArray[np.float32],
) -> None:
    for i in range(len(rows)):
        first = slots[i] + 1 - n_slots
        if not is_slope:
            before = values[rows[i], first - 1] if first >= 1 else np.float32(np.nan)
            if before != 0.0:
                out[i] = (values[rows[i], slots[i]] - before) / abs(before)
            continue
        n, sum_t, sum_x, sum_tt, sum_tx = 0, 0.0, 0.0, 0.0, 0.0
        for slot in range(max(first, 0), slots[i] + 1):
            x = np.float64(values[rows[i], slot])
            if np.isfinite(x):
                t = np.float64(slot - first)
                n, sum_t, sum_x, sum_tt, sum_tx = n + 1, sum_t + t, sum_x + x, sum_tt + t * t, sum_tx + t * x
        if n >= 2:
            out[i] = (n * sum_tx - sum_t * sum_x) / (n * sum_tt - sum_t * sum_t)
