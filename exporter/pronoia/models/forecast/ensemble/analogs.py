"""Member K: what followed the stretches of the past that look most like the present."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.models.forecast.ensemble.quantiles import SHARES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pronoia.models.forecast.ensemble.panel import Panel

# Blocks of the pattern, and what a block counts relative to the next newer one.
_N_BLOCKS = 48
_AGE_WEIGHT = 0.9
_N_NEIGHBOURS = 60
# Neighbours stand at least so many blocks apart.
_APART = 4
# Neighbours' values so many steps before and after a horizon speak for it as well.
_POOLED_STEPS = 2
# With fewer neighbours there is nothing to say.
_LEAST_NEIGHBOURS = 5


class Analogs:
    """Quantiles over the raw continuations of the 60 nearest patterns of 48 blocks, without normalisation.

    The only member that can forecast exact zeros and plateaus, as they were; it cannot forecast what never was.
    """

    name = "analogs"
    seen_share = 1.0
    pretrained = False
    exact = True
    follows = False

    def fit(
        self, panel: Panel, periods: NDArray[np.int64], ends: NDArray[np.int64], knots: NDArray[np.int64]
    ) -> FittedAnalogs:
        """Nothing is learnt before the question is asked; only the block length depends on the horizon."""
        del periods, ends
        block = max(1, int(knots[-1]) // _N_BLOCKS)
        return FittedAnalogs(np.full(panel.n_series, block), np.full(panel.n_series, int(knots[-1])))

    def restore(self, arrays: Mapping[str, NDArray[np.generic]]) -> FittedAnalogs:
        """The fitted analogs whose arrays these are."""
        return FittedAnalogs(**arrays)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, eq=False)
class FittedAnalogs:
    """How to search.

    Args:
        blocks: int64 (n_series,), steps of a block.
        reaches: int64 (n_series,), steps of a continuation that must have been seen.
    """

    blocks: NDArray[np.int64]
    reaches: NDArray[np.int64]

    def quantiles(self, panel: Panel, origins: NDArray[np.int64], ahead: NDArray[np.int64]) -> NDArray[np.float64]:
        """Search from each origin and take the quantiles of what followed."""
        n_series, n_origins = origins.shape
        forecast = np.full((n_series, n_origins, len(SHARES), len(ahead)), np.nan)
        for series in range(n_series):
            block, reach = int(self.blocks[series]), int(self.reaches[series])
            for i, origin in enumerate(origins[series].tolist()):
                starts = nearest(panel.sums[series], int(panel.first[series]), origin, block, reach)
                if len(starts) >= _LEAST_NEIGHBOURS:
                    pooled = _continuations(panel.values[series], origin, starts, ahead)
                    forecast[series, i] = _row_quantiles(np.sort(pooled, axis=1))
        return forecast

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The two numbers of each series."""
        return {"blocks": self.blocks, "reaches": self.reaches}


def nearest(sums: NDArray[np.float64], first: int, origin: int, block: int, reach: int) -> NDArray[np.int64]:
    """Where the patterns most like the newest ended.

    Args:
        sums: float64 (n_steps + 1,), prefix sums of one series.
        first: index of its first value.
        origin: index of the first value not known.
        block: steps of a block; patterns stand a whole number of blocks before the newest one.
        reach: steps that must have been seen after a pattern.

    Returns:
        int64 (n_neighbours,), index of the first value after each pattern, nearest first; at most 60.
    """
    n_blocks = (origin - first) // block
    edges = origin - block * np.arange(n_blocks + 1)
    means = (sums[edges[:-1]] - sums[edges[1:]]) / block
    youngest = -(-reach // block)
    distances = _distances(means, youngest)
    chosen = _apart(_smallest(distances, _N_NEIGHBOURS * (2 * _APART - 1)), len(distances))
    starts: NDArray[np.int64] = origin - block * (youngest + chosen)
    return starts


def _smallest(distances: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Positions of the smallest distances in rising order; each neighbour taken rules out at most six others."""
    near = np.argpartition(distances, count)[:count] if len(distances) > count else np.arange(len(distances))
    order: NDArray[np.int64] = near[np.argsort(distances[near], kind="stable")]
    return order


@compiled
def _distances(means: NDArray[np.float64], youngest: int) -> NDArray[np.float64]:
    """Weighted squared distance of the newest pattern to that of every age from `youngest` blocks on."""
    n_candidates = max(len(means) - _N_BLOCKS - youngest + 1, 0)
    weights = _AGE_WEIGHT ** np.arange(_N_BLOCKS)
    distances = np.zeros(n_candidates)
    for candidate in range(n_candidates):
        total = 0.0
        for i in range(_N_BLOCKS):
            difference = means[i] - means[i + candidate + youngest]
            total += weights[i] * difference * difference
        distances[candidate] = total
    return distances


@compiled
def _apart(order: NDArray[np.int64], n_candidates: int) -> NDArray[np.int64]:
    """The first 60 candidates of an order that stand four blocks from all chosen before."""
    chosen = np.empty(_N_NEIGHBOURS, np.int64)
    taken = np.zeros(n_candidates, np.bool_)
    n_chosen = 0
    for candidate in order:
        if taken[candidate]:
            continue
        chosen[n_chosen] = candidate
        n_chosen += 1
        if n_chosen == _N_NEIGHBOURS:
            break
        taken[max(candidate - _APART + 1, 0) : candidate + _APART] = True
    return chosen[:n_chosen]


@compiled
def _continuations(
    values: NDArray[np.float64], origin: int, starts: NDArray[np.int64], ahead: NDArray[np.int64]
) -> NDArray[np.float64]:
    """What followed each pattern at each horizon and two steps around it, float64 (n_ahead, 5 * n_neighbours)."""
    width = 2 * _POOLED_STEPS + 1
    pooled = np.empty((len(ahead), len(starts) * width))
    for row in range(len(ahead)):
        for i in range(len(starts)):
            target = starts[i] + ahead[row] - 1
            for j in range(width):
                at = min(max(target + j - _POOLED_STEPS, starts[i]), origin - 1)
                pooled[row, i * width + j] = values[at]
    return pooled


def _row_quantiles(ordered: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantiles of sorted rows at `SHARES`, float64 (15, n_rows)."""
    position = np.array(SHARES) * (ordered.shape[1] - 1)
    left = position.astype(np.int64)
    share = (position - left)[:, None]
    right = np.minimum(left + 1, ordered.shape[1] - 1)
    low, high = ordered[:, left].T, ordered[:, right].T
    quantiles: NDArray[np.float64] = low + share * (high - low)
    return quantiles
