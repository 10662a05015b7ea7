"""FitCounts: what did not come out of a fit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pronoia.series import LabelSet


@dataclass(frozen=True, slots=True)
class FitCounts:
    """How a fit went.

    Args:
        skipped: series that were not fitted, with the reason.
        failures: how often a member failed on a series, by `member:stage`.
    """

    skipped: tuple[tuple[LabelSet, str], ...] = ()
    failures: Mapping[str, int] = field(default_factory=dict)

    @staticmethod
    def total(parts: Sequence[FitCounts]) -> FitCounts:
        """The counts of several parts together."""
        failures: dict[str, int] = {}
        for part in parts:
            for reason, count in part.failures.items():
                failures[reason] = failures.get(reason, 0) + count
        skipped = tuple(skip for part in parts for skip in part.skipped)
        return FitCounts(skipped, failures)
