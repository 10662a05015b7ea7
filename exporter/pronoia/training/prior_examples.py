"""Examples for training the prior: moments of recorded and made-up series, and what came after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.prior.history_inputs import N_HISTORY, history_inputs
from pronoia.models.forecast.prior.horizon_inputs import FURTHEST, N_HORIZON, calendar_periods, horizon_inputs
from pronoia.models.forecast.prior.past import make_past
from pronoia.training.synthetic import synthetic_series

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: Targets per moment.
N_TARGETS = 10
_LONGEST = 16_384
_ANCHORS_PER_SERIES = 64
# A source counts with this power of its number of values.
_SIZE_POWER = 0.35
_SHARE_MADE_UP = 1.0 / 3.0
_SHARE_WITHOUT_PERIOD = 0.2
_STEPS_SECONDS = (10, 15, 30, 60, 60, 60, 300, 300, 300, 600, 900, 3600)
# Targets farther out than this many scales teach nothing but their own size.
_LARGEST_TARGET = 8.0


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSeries:
    """One recorded series: finite float64 (n_steps,), its source (sources count the same), and its step."""

    source: str
    values: NDArray[np.float64]
    step_seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """n examples: `history` float32 (n, 267), `horizon` float32 (n, 10, 37), `targets` float32 (n, 10)."""

    history: NDArray[np.float32]
    horizon: NDArray[np.float32]
    targets: NDArray[np.float32]


def make_examples(
    series: Sequence[TrainingSeries],
    n_examples: int,
    rng: np.random.Generator,
    *,
    share_made_up: float = _SHARE_MADE_UP,
) -> Examples:
    """Draw examples: two thirds from recordings, one third made up.

    Series are varied as they are drawn: cut to any length, turned upside down, averaged or decimated to longer steps,
    and told of the wrong or no calendar, so that the network learns to look and not to believe.

    Args:
        series: recorded ones; may be empty if all are made up.
        n_examples: how many.
        rng: where chance comes from.
        share_made_up: how much of it is synthetic.
    """
    by_source: dict[str, list[TrainingSeries]] = {}
    for each in series:
        by_source.setdefault(each.source, []).append(each)
    sources = sorted(by_source)
    # Large sources are drawn more often, but by far not in proportion.
    weights = np.array([sum(len(one.values) for one in by_source[source]) ** _SIZE_POWER for source in sources])
    out = Examples(
        np.empty((n_examples, N_HISTORY), np.float32),
        np.empty((n_examples, N_TARGETS, N_HORIZON), np.float32),
        np.empty((n_examples, N_TARGETS), np.float32),
    )
    done = 0
    while done < n_examples:
        if rng.random() < share_made_up:
            step = float(rng.choice(_STEPS_SECONDS))
            values = synthetic_series(
                rng, int(np.exp(rng.uniform(np.log(600), np.log(_LONGEST)))), calendar_periods(step)
            )
        else:
            source = by_source[sources[rng.choice(len(sources), p=weights / weights.sum())]]
            values, step = _varied(source[rng.integers(len(source))], rng)
        part = _examples_of(values, step, rng)
        n_new = min(len(part.targets), n_examples - done)
        for name in ("history", "horizon", "targets"):
            getattr(out, name)[done : done + n_new] = getattr(part, name)[:n_new]
        done += n_new
    return out


def _varied(series: TrainingSeries, rng: np.random.Generator) -> tuple[NDArray[np.float64], float]:
    values, step = series.values, series.step_seconds
    if rng.random() < 0.4:
        factor = int(rng.choice([2, 3, 5, 6, 10, 12]))
        if len(values) // factor >= 800 and step * factor <= 3600:
            n_blocks = len(values) // factor
            blocks = values[len(values) - n_blocks * factor :].reshape(n_blocks, factor)
            values = blocks.mean(axis=1) if rng.random() < 0.6 else blocks[:, int(rng.integers(factor))]
            step *= factor
    length = min(len(values), _LONGEST)
    if rng.random() < 0.5:
        length = int(np.exp(rng.uniform(np.log(min(150, length)), np.log(length))))
    first = int(rng.integers(0, len(values) - length + 1))
    values = values[first : first + length]
    if rng.random() < 0.25:
        values = -values
    return values, step


def _examples_of(values: NDArray[np.float64], step_seconds: float, rng: np.random.Generator) -> Examples:
    n_values = len(values)
    n_anchors = min(_ANCHORS_PER_SERIES, max(1, n_values // 20))
    earliest = min(24, n_values - 2)
    anchors = rng.integers(earliest, n_values - 1, n_anchors)
    # Targets from log-uniform horizons; the far ones of late anchors would lie beyond the end.
    furthest = np.minimum(n_values - anchors, FURTHEST)
    horizons = np.exp(rng.random((n_anchors, N_TARGETS)) * np.log(furthest)[:, None]).astype(np.int64)
    horizons = np.clip(horizons, 1, furthest[:, None])
    periods = tuple(0 if rng.random() < _SHARE_WITHOUT_PERIOD else period for period in calendar_periods(step_seconds))
    if rng.random() < 0.5:
        periods = tuple(period if 2.2 * period < n_values else 0 for period in periods)
    past = make_past(values, periods, int(anchors.min()))
    history = history_inputs(past, anchors)
    moving = history.scale > 1e-9 * (np.abs(history.centre) + 1e-300)
    horizon = horizon_inputs(past, anchors, horizons, history)
    unit = np.where(moving, history.scale, 1.0)[:, None]
    targets = np.arcsinh((values[anchors[:, None] - 1 + horizons] - history.centre[:, None]) / unit)
    keep = np.flatnonzero(moving & (np.abs(targets).max(axis=1) < _LARGEST_TARGET))
    return Examples(history.inputs[keep], horizon[keep], targets[keep].astype(np.float32))
