"""From ragged series to one grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.series.aligned import AlignedFrame

if TYPE_CHECKING:
    from pronoia.series.frame import SeriesFrame
    from pronoia.series.timerange import Grid


def align(frame: SeriesFrame, grid: Grid, lookback_ms: int | None = None) -> AlignedFrame:
    """Place each series on a grid: the newest sample within the lookback before each instant, as PromQL does.

    Args:
        frame: n_series ragged series.
        grid: the instants wanted.
        lookback_ms: how far back a sample may lie and still count; the grid's step by default, so that no
            sample is used twice.

    Returns:
        values of shape (n_series, n_steps); NaN where the newest sample is too old, is a staleness marker (the
        series had ended), is itself not finite, or does not exist.
    """
    lookback_ms = grid.step_ms if lookback_ms is None else lookback_ms
    instants = grid.timestamps_ms
    out = np.full((frame.n_series, grid.n_steps), np.nan)
    bounds = frame.indptr.tolist()
    for i in range(frame.n_series):
        times = frame.timestamps_ms[bounds[i] : bounds[i + 1]]
        if not len(times):
            continue
        newest = np.searchsorted(times, instants, side="right") - 1
        found = newest >= 0
        newest[~found] = 0
        found &= instants - times[newest] < lookback_ms
        out[i, found] = frame.values[bounds[i] + newest[found]]
    # Not before: frames are far larger than what is taken from them. A staleness marker is a NaN already.
    out[np.isinf(out)] = np.nan
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
