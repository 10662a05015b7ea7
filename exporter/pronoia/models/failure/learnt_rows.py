"""What is kept of the past to learn failures from: rows with known outcomes, added to from fit to fit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pronoia.errors import ModelError
from pronoia.models.failure.features import FEATURES
from pronoia.models.failure.firings import SAME_FIRING_SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

#: Rows in which nothing happened are thinned to so many, by a share that is known and made up for.
MOST_QUIET_ROWS = 20_000
#: Of rows before failures, the newest so many are kept.
MOST_FAILING_ROWS = 10_000
_COLUMNS = ("features", "systems", "events_seconds", "draws")


@dataclass(frozen=True, slots=True, eq=False)
class LearntRows:
    """Rows with known outcomes, in the order in which they were added.

    Args:
        features: float32 (n_rows, n_features), none NaN.
        systems: int64 (n_rows,), which system each row is of.
        events_seconds: float64 (n_rows,), when the failure came that each row is before, NaN where none came in time.
        draws: float64 (n_rows,), uniform between 0 and 1; rows without a failure are kept where it is below `share`.
        share: of rows without a failure that are kept, in (0, 1].
        until_seconds: for each horizon in seconds, until when outcomes were known.
    """

    features: NDArray[np.float32]
    systems: NDArray[np.int64]
    events_seconds: NDArray[np.float64]
    draws: NDArray[np.float64]
    share: float
    until_seconds: Mapping[int, float]

    @property
    def happened(self) -> NDArray[np.bool_]:
        """Whether the failure came within the row's horizon, bool (n_rows,)."""
        return np.isfinite(self.events_seconds)

    @property
    def n_events(self) -> int:
        """Failures that the rows are before; one that was seen at slightly different times counts once."""
        happened = self.happened
        order = np.lexsort((self.events_seconds[happened], self.systems[happened]))
        systems, times = self.systems[happened][order], self.events_seconds[happened][order]
        is_other = np.append(True, (np.diff(systems) != 0) | (np.diff(times) > SAME_FIRING_SECONDS))
        return int(is_other[: len(times)].sum())

    @property
    def n_failing(self) -> int:
        """Systems that failed."""
        return len(np.unique(self.systems[self.happened]))

    def added(self, newer: LearntRows) -> LearntRows:
        """These and newer ones, of the smaller share of the two, thinned to what is kept at most."""
        share = min(self.share, newer.share)
        rows = replace(
            self,
            **{name: np.concatenate([getattr(self, name), getattr(newer, name)]) for name in _COLUMNS},
            share=share,
            until_seconds={**self.until_seconds, **newer.until_seconds},
        )
        n_quiet = int((~rows.happened & (rows.draws < share)).sum())
        share *= min(1.0, MOST_QUIET_ROWS / max(n_quiet, 1))
        failing = np.flatnonzero(rows.happened)[-MOST_FAILING_ROWS:]
        kept = np.sort(np.concatenate([failing, np.flatnonzero(~rows.happened & (rows.draws < share))]))
        return replace(rows, **{name: getattr(rows, name)[kept] for name in _COLUMNS}, share=share)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Plain arrays, no pickle."""
        horizons = sorted(self.until_seconds)
        return {
            **{name: getattr(self, name) for name in _COLUMNS},
            "share": np.array(self.share),
            "horizons": np.array(horizons, np.int64),
            "until": np.array([self.until_seconds[each] for each in horizons]),
        }

    @staticmethod
    def from_arrays(arrays: Mapping[str, NDArray[Any]]) -> LearntRows:
        """What `to_arrays` gave.

        Raises:
            ModelError: if it is not that, or of other features than this version computes.
        """
        try:
            columns = {name: arrays[name] for name in _COLUMNS}
            until = dict(zip(arrays["horizons"].tolist(), arrays["until"].tolist(), strict=True))
            rows = LearntRows(**columns, share=float(arrays["share"]), until_seconds=until)
        except (KeyError, ValueError, TypeError) as error:
            raise ModelError("failure", f"the saved rows cannot be read: {error}") from error
        n_rows = len(rows.systems)
        if rows.features.shape != (n_rows, len(FEATURES)) or not 0.0 < rows.share <= 1.0:
            raise ModelError("failure", f"the saved rows have features {rows.features.shape} for {n_rows} rows")
        if len(rows.events_seconds) != n_rows or len(rows.draws) != n_rows:
            raise ModelError("failure", "the saved rows are of different lengths")
        return rows


def no_rows() -> LearntRows:
    """Nothing is known yet."""
    none = np.empty(0)
    return LearntRows(np.empty((0, len(FEATURES)), np.float32), none.astype(np.int64), none, none, 1.0, {})
