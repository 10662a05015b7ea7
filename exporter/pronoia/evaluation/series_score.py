"""SeriesScore: sums of one series' scores over all origins of a backtest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pronoia.evaluation.path_scores import DEPENDENCES, PATH_LEVEL, READINGS
from pronoia.evaluation.scores import pinball_loss

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.evaluation.walk import OriginResult
    from pronoia.series import LabelSet


_PATHS_SHAPE = (len(DEPENDENCES), len(READINGS))


@dataclass(slots=True)
class SeriesScore:
    """What is added up while a backtest walks on; the properties are what is reported.

    Args:
        labels: the series.
        n_horizons: how many horizons are counted on their own.
    """

    labels: LabelSet
    n_horizons: int
    models: Counter[str] = field(default_factory=Counter)
    n_known: int = 0
    absolute_error: float = 0.0
    absolute_error_seasonal: float = 0.0
    absolute_error_persistence: float = 0.0
    absolute_truth: float = 0.0
    quantile_loss: float = 0.0
    n_inside: int = 0
    n_inside_further: Counter[float] = field(default_factory=Counter)
    width: float = 0.0
    known_at: list[int] = field(default_factory=list)
    inside_at: list[int] = field(default_factory=list)
    n_ranked: int = 0
    paths_hold: NDArray[np.int64] = field(default_factory=lambda: np.zeros(_PATHS_SHAPE, np.int64))

    def __post_init__(self) -> None:
        self.known_at = self.known_at or [0] * self.n_horizons
        self.inside_at = self.inside_at or [0] * self.n_horizons

    def add(self, result: OriginResult, row: int, horizon_steps: list[int]) -> None:
        """Add one origin's forecast of this series.

        Args:
            result: what was forecast and what came.
            row: of this series in the result.
            horizon_steps: the horizons counted on their own, in steps.
        """
        forecast, truth = result.forecast, result.truth[row]
        known = np.isfinite(truth)
        self.models[forecast.models[row]] += 1
        if not known.any():
            return
        point, lower, upper = forecast.point[row], forecast.lower[row], forecast.upper[row]
        inside = known & (truth >= lower) & (truth <= upper)
        tail = (1.0 - forecast.level) / 2.0
        self.n_known += int(known.sum())
        self.n_inside += int(inside.sum())
        for band in result.further:
            held = known & (truth >= band.lower[row]) & (truth <= band.upper[row])
            self.n_inside_further[band.level] += int(held.sum())
        self.absolute_error += float(np.nansum(np.abs(truth - point)))
        self.absolute_error_seasonal += float(np.nansum(np.abs(truth - result.seasonal_naive[row])))
        self.absolute_error_persistence += float(np.nansum(np.abs(truth - result.persistence[row])))
        self.absolute_truth += float(np.nansum(np.abs(truth)))
        for bound, share in ((lower, tail), (point, 0.5), (upper, 1.0 - tail)):
            self.quantile_loss += 2.0 * float(np.nansum(pinball_loss(truth, bound, share))) / 3.0
        self.width += float((upper - lower)[known].sum())
        if result.path_ranks is not None and np.isfinite(result.path_ranks[row]).all():
            self.n_ranked += 1
            self.paths_hold += np.abs(result.path_ranks[row] - 0.5) <= PATH_LEVEL / 2.0
        for i, k in enumerate(horizon_steps):
            self.known_at[i] += int(known[k - 1])
            self.inside_at[i] += int(inside[k - 1])

    @property
    def is_constant(self) -> bool:
        """Whether the series never changed in any history seen: nothing to forecast, left out of all means."""
        return set(self.models) == {"constant"}

    @property
    def coverage(self) -> float:
        """Share of truths inside the interval, over all horizons."""
        return self.n_inside / self.n_known if self.n_known else float("nan")

    @property
    def mase_to_seasonal_naive(self) -> float:
        """MASE of the forecast divided by that of the value one day earlier; the scale cancels."""
        return _ratio(self.absolute_error, self.absolute_error_seasonal)

    @property
    def mase_to_persistence(self) -> float:
        """MASE of the forecast divided by that of the last value."""
        return _ratio(self.absolute_error, self.absolute_error_persistence)

    @property
    def relative_width(self) -> float:
        """Mean width of the interval in units of the seasonal-naive error."""
        return _ratio(self.width, self.absolute_error_seasonal)


def _ratio(part: float, whole: float) -> float:
    """NaN for nothing in nothing; a limit on infinity is the mean's matter."""
    if whole > 0.0:
        return part / whole
    return float("nan") if part == 0.0 else float("inf")
