"""FailurePrior: what is known of rises before any failure happened, from made-up systems (docs/failure.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.failure.features import FEATURES
from pronoia.models.failure.odds import Odds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.classifiers.boosted_trees import BoostedTrees

#: What its trees read: the features, and within which part of the horizon the failure is asked for.
PRIOR_FEATURES: tuple[str, ...] = (*FEATURES, "within")


@dataclass(frozen=True, slots=True, eq=False)
class FailurePrior:
    """Classifiers of made-up systems, each fitted to systems of its own.

    Args:
        members: at least one, of columns `PRIOR_FEATURES`.
    """

    members: tuple[BoostedTrees, ...]

    def odds(self, features: NDArray[np.float32], within: NDArray[np.float64]) -> Odds:
        """Log-odds that the limit is reached by some times: the members' mean, the least and the greatest.

        Args:
            features: float32 (n_rows, n_features) of rows that are known.
            within: float64 (n_times,), rising, in horizons: 1 is the horizon, below a tenth is told as a tenth.
        """
        each = np.stack([self._of_member(member, features, within) for member in self.members])
        return Odds(each.mean(axis=0), each.min(axis=0), each.max(axis=0))

    @staticmethod
    def _of_member(
        member: BoostedTrees, features: NDArray[np.float32], within: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        said = [member.log_odds(prior_values(features, np.full(len(features), time))) for time in within]
        return np.asarray(np.maximum.accumulate(np.column_stack(said), axis=1))


def prior_values(features: NDArray[np.float32], within: NDArray[np.float64]) -> NDArray[np.float32]:
    """Columns `PRIOR_FEATURES`: rows of `FEATURES`, and a time in horizons for each."""
    return np.column_stack([features, within]).astype(np.float32)
