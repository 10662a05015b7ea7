"""What the prior says, calibrated on one's own systems, before enough of them have failed to learn from.

That systems did not fail is known of all of them, and says how often the prior is wrong. Of failures too few are known,
so that it is as if fifteen more had happened that looked like the laboratory's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.classifiers.platt import fit_platt
from pronoia.models.failure.blend import EQUAL_AT
from pronoia.models.failure.fitted import FailureModel, prior_alone, told_odds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.failure.learnt_rows import LearntRows

#: Rows that one failure makes, a fifteenth of the horizon apart.
ROWS_OF_FAILURE = 15
# The prior's log-odds on the laboratory's memory and disks, quantiles 0.025, 0.075, ..., 0.975: within a quarter of an
# hour of a failure, and at other times, of which there were so many times as many rows.
_BEFORE_FAILURES = (
    -2.89, -2.62, -2.2, -1.72, -1.25, -0.71, -0.2, 0.14, 0.3, 0.6,
    0.87, 1.17, 1.44, 1.74, 2.09, 2.47, 2.98, 3.45, 3.98, 5.09,
)  # fmt: skip
_AT_OTHER_TIMES = (
    -4.07, -3.2, -3.12, -3.05, -2.94, -2.87, -2.82, -2.77, -2.71, -2.65,
    -2.59, -2.52, -2.45, -2.38, -2.3, -2.18, -1.99, -1.57, -0.88, 0.52,
)  # fmt: skip
_OTHER_ROWS = 3.86
_QUANTILES = np.linspace(0.025, 0.975, 20)


def calibrated_prior(rows: LearntRows) -> FailureModel:
    """The prior, calibrated on what is known and fifteen failures of the laboratory; without rows, close to theirs.

    Where systems rise often without a failure it says less of rises, where they rest it says less of rest.

    Args:
        rows: with known outcomes, with or without failures; rows without one may have been thinned.
    """
    n_failing = max(len(rows.until_seconds), 1) * round(EQUAL_AT) * ROWS_OF_FAILURE
    before = _drawn(_BEFORE_FAILURES, n_failing)
    # Thinned as the others are: the offset makes up for both.
    other = _drawn(_AT_OTHER_TIMES, max(round(n_failing * _OTHER_ROWS * rows.share), 1))
    alone = prior_alone()
    told = told_odds(alone.prior, rows.features, np.ones(1)).log_odds[:, 0]
    log_odds = np.concatenate([told, before, other])
    happened = np.concatenate([rows.happened, np.ones(len(before), np.bool_), np.zeros(len(other), np.bool_)])
    n_independent = len(happened) / ROWS_OF_FAILURE
    platt = fit_platt(log_odds[:, None], happened, alone.platt.weights, n_independent)
    # Systems that always rest would make any rise at all a sure sign; it is one no sooner than in the laboratory.
    most = alone.platt.offset - float(np.log(rows.share))
    return FailureModel(replace(platt, offset=min(platt.offset, most)), None, rows.n_events, alone.prior)


def _drawn(quantiles: tuple[float, ...], n_rows: int) -> NDArray[np.float64]:
    return np.interp((np.arange(n_rows) + 0.5) / n_rows, _QUANTILES, quantiles)
