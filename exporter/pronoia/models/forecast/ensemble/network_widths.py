"""How wide the network's quantiles are, and how wide they should have been on a series' past."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.ensemble.quantiles import MEDIAN, SHARES

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: What the network's offsets may be multiplied by, each side for itself.
FACTORS = (0.5, 0.65, 0.8, 1.0, 1.25, 1.6, 2.1)

# Outer quantiles in units of the outer decile's offset: Student's t with three degrees of freedom, for errors of
# metrics have heavier tails than the normal distribution.
_TAIL_RATIOS = (2.77, 1.94, 1.44)
_N_TAIL = len(_TAIL_RATIOS)
_DECILE_MEDIAN = 4


def own_offsets(deciles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distances of the network's quantiles from its median.

    Args:
        deciles: float64 (..., 9).

    Returns:
        float64 (..., 15) at `SHARES`.
    """
    offsets = deciles - deciles[..., _DECILE_MEDIAN : _DECILE_MEDIAN + 1]
    ratios = np.array(_TAIL_RATIOS)
    below, above = offsets[..., :1] * ratios, offsets[..., -1:] * ratios[::-1]
    return np.concatenate([below, offsets, above], axis=-1)


def widened(offsets: NDArray[np.float64], factors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Offsets below and above the median, each times its factor.

    Args:
        offsets: float64 (..., 15).
        factors: float64 (..., 2), below and above.
    """
    sides = np.repeat([0, 1], [MEDIAN, len(SHARES) - MEDIAN])
    return offsets * factors[..., sides]


def choose_factors(
    residuals: NDArray[np.float64], offsets: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Factors with the least pinball loss over the deciles on each side.

    Args:
        residuals: float64 (n_problems, n_samples), truth less median.
        offsets: float64 (n_problems, n_samples, 15), the same unit.
        weights: float64 (n_problems, n_samples), not negative.

    Returns:
        float64 (n_problems, 2), below and above; one where there is no weight.
    """
    chosen = np.ones((len(residuals), 2))
    sides = (range(_N_TAIL, MEDIAN), range(MEDIAN + 1, len(SHARES) - _N_TAIL))
    judged = weights.sum(axis=1) > 0.0
    for side, positions in enumerate(sides):
        losses = np.zeros((len(FACTORS), len(residuals)))
        for i, factor in enumerate(FACTORS):
            for position in positions:
                miss = residuals - factor * offsets[:, :, position]
                share = SHARES[position]
                losses[i] += (weights * np.maximum(share * miss, (share - 1.0) * miss)).sum(axis=1)
        chosen[judged, side] = np.array(FACTORS)[losses.argmin(axis=0)][judged]
    return chosen
