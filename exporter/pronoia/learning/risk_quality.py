"""How good probabilities of overloads turned out: sums over matured ones, slowly forgotten.

References:
    Brier, Verification of forecasts expressed in terms of probability, 1950.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.predictions.bottleneck import RiskScore

if TYPE_CHECKING:
    from numpy.typing import NDArray


class RiskQuality:
    """Sums by target and horizon.

    Args:
        n_targets: targets.
        n_horizons: horizons.
        warning: probability from which it is an alarm.
    """

    def __init__(self, n_targets: int, n_horizons: int, warning: float) -> None:
        # Rows, what happened, squared differences, alarms, alarms that came true.
        self.sums = np.zeros((n_targets, n_horizons, 5))
        self._warning = warning

    def forget(self, share: float) -> None:
        """Let earlier outcomes count less: by this share of what they did."""
        self.sums *= 1.0 - share

    def add(self, target: int, horizon: int, said: NDArray[np.float64], happened: NDArray[np.bool_]) -> None:
        """Count outcomes."""
        alarm = said >= self._warning
        self.sums[target, horizon] += (
            len(said),
            happened.sum(),
            np.square(said - happened).sum(),
            alarm.sum(),
            (alarm & happened).sum(),
        )

    def score(self, target: int, horizon: int) -> RiskScore:
        """What the sums come to."""
        rows, happened, squares, alarms, hits = self.sums[target, horizon].tolist()
        rate = _share(happened, rows)
        brier = _share(squares, rows)
        return RiskScore(
            brier=brier,
            skill=1.0 - _share(brier, rate * (1.0 - rate)),
            precision=_share(hits, alarms),
            recall=_share(hits, happened),
        )


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0.0 else float("nan")
