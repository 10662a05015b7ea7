"""What the other subjects of the same group do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.load import LoadHistory
    from pronoia.features.slots import Window

NAMES = ("peers_high_share", "peers_starts_3", "peers_starts_6", "peers_starts_288")


def peers(
    history: LoadHistory, rows: NDArray[np.int64], slots: NDArray[np.int64], window: Window
) -> NDArray[np.float32]:
    """Share of the group that is high now, and overloads that began lately, per known member, float32 (n_rows, 4)."""
    del window
    groups, of_group = np.unique(history.systems, return_inverse=True)
    known = _by_group(np.isfinite(history.load), of_group, len(groups))
    high = _by_group(history.is_high, of_group, len(groups))
    starts = _by_group(history.starts, of_group, len(groups))
    before = np.zeros((len(groups), starts.shape[1] + 1))
    np.cumsum(starts, axis=1, out=before[:, 1:])
    group = of_group[rows]
    members = np.maximum(known[group, slots], 1.0)
    columns = [high[group, slots] / members]
    columns += [
        (before[group, slots + 1] - before[group, np.maximum(slots + 1 - span, 0)]) / members for span in (3, 6, 288)
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def _by_group(flags: NDArray[np.bool_], of_group: NDArray[np.int64], n_groups: int) -> NDArray[np.float64]:
    sums = np.zeros((n_groups, flags.shape[1]))
    np.add.at(sums, of_group, flags)
    return sums
