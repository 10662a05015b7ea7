"""A fixed sample of a recording: the same systems every time, on every machine."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pronoia.series.labels import METRIC_NAME

if TYPE_CHECKING:
    from pronoia.series import LabelSet, SeriesFrame


def system_of(labels: LabelSet) -> LabelSet:
    """What a series belongs to: its labels without the metric's name."""
    return labels.without(METRIC_NAME)


def sample_series(frame: SeriesFrame, max_series: int) -> SeriesFrame:
    """Whole systems, in the order of the SHA-256 of their label sets, until `max_series` is reached.

    Args:
        frame: a recording's series.
        max_series: at least 1; the last system taken may pass it by a few series, and none is cut.

    Returns:
        the chosen series in the frame's order.
    """
    members: dict[LabelSet, list[int]] = {}
    for row, labels in enumerate(frame.labels):
        members.setdefault(system_of(labels), []).append(row)
    chosen: list[int] = []
    for system in sorted(members, key=lambda labels: hashlib.sha256(str(labels).encode()).digest()):
        if len(chosen) >= max_series:
            break
        chosen += members[system]
    return frame.take(sorted(chosen))
