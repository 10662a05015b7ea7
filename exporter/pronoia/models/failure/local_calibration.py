"""What the trend says, calibrated on one's own systems, before enough of them have failed to learn from.

That systems did not fail is known of all of them, and says how often the trend is wrong. Of failures too few are known,
so that it is as if fifteen more had happened that looked like the laboratory's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.classifiers.platt import fit_platt
from pronoia.models.failure.blend import EQUAL_AT
from pronoia.models.failure.fitted import FailureModel, laboratory_calibration
from pronoia.models.failure.trend import trend_odds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.failure.learnt_rows import LearntRows

#: Rows that one failure makes, a fifteenth of the horizon apart.
ROWS_OF_FAILURE = 15
# The trend's log-odds on the laboratory's memory and disks, quantiles 0.025, 0.075, ..., 0.975: within a quarter of an
# hour of a failure, and at other times, of which there were so many times as many rows.
_BEFORE_FAILURES = (
    -12.43, -9.21, -9.21, -7.3, -5.99, -5.32, -4.17, -3.06, -1.92, -1.19,
    -0.64, -0.24, 0.12, 0.38, 0.63, 1.01, 1.33, 1.73, 2.27, 3.04,
)  # fmt: skip
_AT_OTHER_TIMES = (
    -14.01, -13.37, -12.43, -11.53, -10.94, -9.22, -9.21, -9.21, -9.21, -9.21,
    -9.21, -9.21, -9.21, -8.76, -7.73, -6.8, -5.36, -3.8, -2.4, -0.36,
)  # fmt: skip
_OTHER_ROWS = 3.86
_QUANTILES = np.linspace(0.025, 0.975, 20)


def calibrated_trend(rows: LearntRows) -> FailureModel:
    """The trend, calibrated on what is known and fifteen failures of the laboratory; without rows, close to theirs.

    Where systems rise often without a failure it says less of rises, where they rest it says less of rest.

    Args:
        rows: with known outcomes, with or without failures; rows without one may have been thinned.
    """
    n_failing = max(len(rows.until_seconds), 1) * round(EQUAL_AT) * ROWS_OF_FAILURE
    before = _drawn(_BEFORE_FAILURES, n_failing)
    # Thinned as the others are: the offset makes up for both.
    other = _drawn(_AT_OTHER_TIMES, max(round(n_failing * _OTHER_ROWS * rows.share), 1))
    log_odds = np.concatenate([trend_odds(rows.features, np.ones(1)).log_odds[:, 0], before, other])
    happened = np.concatenate([rows.happened, np.ones(len(before), np.bool_), np.zeros(len(other), np.bool_)])
    n_independent = len(happened) / ROWS_OF_FAILURE
    laboratory = laboratory_calibration()
    platt = fit_platt(log_odds[:, None], happened, laboratory.weights, n_independent)
    # Systems that always rest would make any rise at all a sure sign; it is one no sooner than in the laboratory.
    most = laboratory.offset - float(np.log(rows.share))
    return FailureModel(replace(platt, offset=min(platt.offset, most)), None, rows.n_events)


def _drawn(quantiles: tuple[float, ...], n_rows: int) -> NDArray[np.float64]:
    return np.interp((np.arange(n_rows) + 0.5) / n_rows, _QUANTILES, quantiles)
