"""Series as monitoring has them, made up: what the recordings lack, in every mixture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Maker = Callable[[np.random.Generator, int, tuple[int, ...]], NDArray[np.float64]]


def synthetic_series(rng: np.random.Generator, n_steps: int, periods: tuple[int, ...]) -> NDArray[np.float64]:
    """One made-up series, float64 (n_steps,): one to four components, added, or one switched by another.

    Args:
        rng: where chance comes from.
        n_steps: length.
        periods: lengths of the cycles that a calendar gives, in steps; 0 for none.
    """
    n_parts = int(rng.choice([1, 2, 3, 4], p=[0.3, 0.35, 0.25, 0.1]))
    makers = rng.choice(len(_MAKERS), n_parts, p=_SHARES)
    parts = [_MAKERS[i](rng, n_steps, periods) for i in makers]
    sizes = np.exp(rng.normal(0.0, 1.0, n_parts))
    series = sum(size * _standardised(part) for size, part in zip(sizes, parts, strict=True))
    if rng.random() < 0.1:
        series = series * np.maximum(_standardised(_levels(rng, n_steps, periods)), 0.0)
    if rng.random() < 0.15:
        series = np.maximum(series, np.quantile(series, rng.uniform(0.0, 0.6)))
    if rng.random() < 0.1:
        series = np.minimum(series, np.quantile(series, rng.uniform(0.5, 1.0)))
    if rng.random() < 0.15:
        step = series.std() * rng.choice([0.1, 0.5, 1.0]) or 1.0
        series = np.round(series / step) * step
    return np.asarray(series, np.float64)


def _standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    spread = values.std()
    return np.asarray((values - values.mean()) / (spread if spread > 0.0 else 1.0))


def _cycle(rng: np.random.Generator, n_steps: int, periods: tuple[int, ...]) -> NDArray[np.float64]:
    known = [period for period in periods if period]
    if known and rng.random() < 0.7:
        period = float(rng.choice(known))
    else:
        period = float(np.exp(rng.uniform(np.log(6), np.log(3000))))
    phase = 2.0 * np.pi * (np.arange(n_steps) / period + rng.random())
    if rng.random() < 0.3:
        return np.asarray(np.maximum(np.sin(phase) - rng.uniform(-0.5, 0.9), 0.0))
    orders = np.arange(1, int(rng.integers(2, 8)))
    sizes = rng.normal(0.0, 1.0, len(orders)) / orders ** rng.uniform(0.5, 2.0)
    shape = sum(size * np.sin(order * phase + rng.random() * 6.28) for order, size in zip(orders, sizes, strict=True))
    if rng.random() < 0.3:
        # Week-ends, or other cycles on which less happens.
        quiet = (np.arange(n_steps) // max(int(period), 1)) % 7 >= 5
        shape = np.where(quiet, shape * rng.random(), shape)
    return np.asarray(shape)


def _noise(rng: np.random.Generator, n_steps: int, _: tuple[int, ...]) -> NDArray[np.float64]:
    kind = rng.integers(4)
    if kind == 0:
        return rng.normal(0.0, 1.0, n_steps)
    if kind == 1:
        return rng.standard_t(rng.uniform(2.0, 6.0), n_steps)
    if kind == 2:
        return rng.gamma(rng.uniform(0.1, 3.0), 1.0, n_steps)
    return rng.poisson(np.exp(rng.uniform(-4.0, 3.0)), n_steps).astype(np.float64)


def _autoregressive(rng: np.random.Generator, n_steps: int, _: tuple[int, ...]) -> NDArray[np.float64]:
    from scipy.signal import lfilter

    persistence = 1.0 - np.exp(rng.uniform(np.log(0.0005), np.log(0.7)))
    noise = rng.normal(0.0, 1.0, n_steps) if rng.random() < 0.6 else rng.standard_t(3, n_steps)
    return np.asarray(lfilter([1.0], [1.0, -persistence], noise))


def _walk(rng: np.random.Generator, n_steps: int, _: tuple[int, ...]) -> NDArray[np.float64]:
    drift = rng.normal(0.0, 0.05) * (rng.random() < 0.5)
    moves = rng.normal(drift, 1.0, n_steps) * (rng.random(n_steps) < np.exp(rng.uniform(-5.0, 0.0)))
    return np.asarray(np.cumsum(moves))


def _levels(rng: np.random.Generator, n_steps: int, _: tuple[int, ...]) -> NDArray[np.float64]:
    """A few levels between which the series jumps."""
    levels = rng.normal(0.0, 1.0, int(rng.integers(2, 6)))
    leave = np.exp(rng.uniform(np.log(0.0003), np.log(0.1)))
    jumps = np.cumsum(rng.random(n_steps) < leave)
    order = rng.integers(0, len(levels), int(jumps[-1]) + 1)
    return np.asarray(levels[order[jumps]])


def _new_levels(rng: np.random.Generator, n_steps: int, _: tuple[int, ...]) -> NDArray[np.float64]:
    """Levels that never come back."""
    jumps = rng.random(n_steps) < np.exp(rng.uniform(np.log(0.0002), np.log(0.01)))
    return np.asarray(np.cumsum(np.where(jumps, rng.normal(0.0, 1.0, n_steps), 0.0)))


def _spikes(rng: np.random.Generator, n_steps: int, periods: tuple[int, ...]) -> NDArray[np.float64]:
    """Bursts, at random or on the clock."""
    out = np.zeros(n_steps)
    if rng.random() < 0.5:
        known = [period for period in periods if period] or [60]
        period = int(rng.choice(known)) if rng.random() < 0.7 else int(np.exp(rng.uniform(2.0, 7.0)))
        starts = np.arange(int(rng.integers(period)), n_steps, period)
        starts = starts + rng.integers(-1, 2, len(starts)) * (rng.random() < 0.3)
    else:
        starts = np.flatnonzero(rng.random(n_steps) < np.exp(rng.uniform(-8.0, -2.0)))
    width = int(np.exp(rng.uniform(0.0, 4.0)))
    heights = rng.lognormal(0.0, rng.uniform(0.05, 1.0), len(starts))
    decays = rng.random() < 0.5
    for start, height in zip(starts.tolist(), heights.tolist(), strict=True):
        span = np.arange(max(start, 0), min(start + width, n_steps))
        out[span] += height * (np.exp(-3.0 * (span - start) / width) if decays else 1.0)
    return out


def _ramps(rng: np.random.Generator, n_steps: int, _: tuple[int, ...]) -> NDArray[np.float64]:
    """Growth with resets: disks that are cleaned, processes that leak and restart, batches."""
    length = np.exp(rng.uniform(np.log(20), np.log(4000)))
    jitter = rng.uniform(0.0, 0.5) if rng.random() < 0.7 else 0.0
    lengths = np.maximum(length * (1.0 + jitter * rng.normal(0.0, 1.0, int(4 * n_steps / length) + 4)), 2.0)
    ends = np.cumsum(lengths)
    piece = np.searchsorted(ends, np.arange(n_steps), side="right")
    since = np.arange(n_steps) - np.concatenate([[0.0], ends])[piece]
    slopes = rng.lognormal(0.0, rng.uniform(0.0, 0.5), len(lengths) + 1)
    return np.asarray(since * slopes[piece] * rng.choice([-1.0, 1.0, 1.0]))


def _trend(rng: np.random.Generator, n_steps: int, _: tuple[int, ...]) -> NDArray[np.float64]:
    """Straight pieces."""
    n_bends = int(rng.integers(0, 6))
    at = np.sort(rng.integers(0, n_steps, n_bends))
    slopes = rng.normal(0.0, 1.0, n_bends + 1)
    return np.asarray(np.cumsum(slopes[np.searchsorted(at, np.arange(n_steps), side="right")]))


_MAKERS: tuple[Maker, ...] = (
    _cycle, _noise, _autoregressive, _walk, _levels, _new_levels, _spikes, _ramps, _trend,
)  # fmt: skip
_SHARES = np.array([0.24, 0.16, 0.2, 0.06, 0.08, 0.05, 0.1, 0.06, 0.05])
