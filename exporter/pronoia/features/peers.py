"""What the other subjects of the same group do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.features.slots import DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.load import LoadHistory
    from pronoia.features.slots import Window

_DAYS = 7

NAMES = ("peers_high_share", "peers_starts_3", "peers_starts_6", "peers_starts_288", "peers_days_start")


def peers(
    history: LoadHistory, rows: NDArray[np.int64], slots: NDArray[np.int64], window: Window
) -> NDArray[np.float32]:
    """Of the known members: share high now, overloads that began lately, and in the window on the last 7 days.

    float32 (n_rows, 5); the subject itself is a member.
    """
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
    in_window = _by_group(_window_ahead(history.starts_before, window.length), of_group, len(groups))
    days = [slots + window.first - day * DAY for day in range(1, _DAYS + 1)]
    columns.append(sum(np.where(at >= 0, in_window[group, np.maximum(at, 0)], 0.0) for at in days) / members)
    return np.stack(columns, axis=1).astype(np.float32)


def _window_ahead(before: NDArray[np.int32], length: int) -> NDArray[np.bool_]:
    """Whether anything was counted in the window that begins at each slot; False where it is not over yet."""
    ahead = np.zeros((before.shape[0], before.shape[1] - 1), np.bool_)
    ahead[:, : before.shape[1] - length] = before[:, length:] > before[:, :-length]
    return ahead


def _by_group(flags: NDArray[np.bool_], of_group: NDArray[np.int64], n_groups: int) -> NDArray[np.float64]:
    sums = np.zeros((n_groups, flags.shape[1]))
    np.add.at(sums, of_group, flags)
    return sums
