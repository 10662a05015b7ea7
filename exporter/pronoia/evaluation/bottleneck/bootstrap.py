"""Intervals of scores by resampling systems: a handful carries most overloads, and the interval must say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def average_precision_interval(
    happened: NDArray[np.bool_],
    said: NDArray[np.float64],
    systems: NDArray[np.int64],
    *,
    n_draws: int = 200,
    seed: int = 0,
    level: float = 0.95,
) -> tuple[float, float]:
    """Percentile interval of the PR-AUC over resampled systems; NaN where nothing happened.

    Rows are sorted once; a draw is a weight for each system. Cost: some 15 ms per draw and million rows.

    Args:
        happened: bool (n_rows,).
        said: float64 (n_rows,).
        systems: int64 (n_rows,), each row's system.
        n_draws: resamples.
        seed: of the draws.
        level: of the interval.

    References:
        Efron, Tibshirani, An introduction to the bootstrap, 1993.
    """
    if not happened.any():
        return float("nan"), float("nan")
    order = np.argsort(-said, kind="stable")
    hit, who, sorted_said = happened[order], systems[order], said[order]
    last_of_ties = np.append(sorted_said[1:] != sorted_said[:-1], True)
    rng = np.random.default_rng(seed)
    present = np.unique(systems)
    draws = []
    for _ in range(n_draws):
        times = np.zeros(int(present[-1]) + 1)
        np.add.at(times, rng.choice(present, len(present)), 1.0)
        weights = times[who]
        alarms = np.cumsum(weights)[last_of_ties]
        hits = np.cumsum(weights * hit)[last_of_ties]
        if hits[-1] > 0.0:
            precision = hits / np.maximum(alarms, 1e-300)
            draws.append(float(np.sum(np.diff(hits, prepend=0.0) * precision) / hits[-1]))
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(draws, (tail, 1.0 - tail)) if draws else (np.nan, np.nan)
    return float(low), float(high)
