"""From ragged series to one grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.series.aligned import AlignedFrame
from pronoia.series.history import History

if TYPE_CHECKING:
    from pronoia.series.frame import SeriesFrame
    from pronoia.series.timerange import Grid


def align(frame: SeriesFrame | History, grid: Grid, lookback_ms: int | None = None) -> AlignedFrame:
    """Place each series on a grid: the newest sample within the lookback before each instant, as PromQL does.

    Args:
        frame: n_series ragged series, in one part or two.
        grid: the instants wanted.
        lookback_ms: how far back a sample may lie and still count; the grid's step by default, so that no
            sample is used twice.

    Returns:
        values of shape (n_series, n_steps); NaN where the newest sample is too old, is a staleness marker (the
        series had ended), is itself not finite, or does not exist.
    """
    from pronoia.series.spans import place

    lookback_ms = grid.step_ms if lookback_ms is None else lookback_ms
    out = np.full((frame.n_series, grid.n_steps), np.nan)
    instants = (grid.start_ms, grid.step_ms, lookback_ms)
    if isinstance(frame, History):
        place(out, (frame.older.timestamps_ms, frame.older.values, *frame.older_spans()), *instants)
    newer = frame.newer if isinstance(frame, History) else frame
    place(out, (newer.timestamps_ms, newer.values, newer.indptr[:-1], newer.indptr[1:]), *instants)
    return AlignedFrame(frame.labels, grid, out)


def thin(frame: SeriesFrame, step_ms: int, before_ms: int) -> SeriesFrame:
    """Of the samples before an instant, keep the last in each step; a staleness marker counts as one.

    Steps end at multiples of `step_ms`, so `align` to a grid of such instants gives the same before and after.

    Args:
        frame: n_series ragged series.
        step_ms: length of a step.
        before_ms: samples at or after this instant are all kept.
    """
    if frame.n_samples < 2:
        return frame
    # The step a sample belongs to is named by its end: (k - 1, k] * step_ms.
    step = -(-frame.timestamps_ms // step_ms)
    is_last = np.append(step[1:] != step[:-1], True)
    is_last[frame.indptr[1:][np.diff(frame.indptr) > 0] - 1] = True
    return frame.keep_samples(is_last | (frame.timestamps_ms >= before_ms))
