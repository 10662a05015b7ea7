"""An expression evaluated here: its raw samples by remote-read, then the plan over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import EvaluationError, SeriesLimitExceeded
from pronoia.pipeline.planned_read import planned_reads
from pronoia.promql.evaluator import evaluate
from pronoia.series import SeriesFrame, is_stale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pronoia.pipeline.external_labels import StoredSeries
    from pronoia.promql.plan import Plan, Selector
    from pronoia.series import AlignedFrame, Grid, Matcher, TimeRange
    from pronoia.transport.deadline import Deadline
    from pronoia.transport.settings import UpstreamLimits


class NativeHistogramsFound(EvaluationError):
    """Some of the series needed are native histograms: what the server makes of them is not known here."""


class LocalEvaluation:
    """Evaluates plans over what it reads. Safe to share by threads.

    Args:
        stored: reads raw samples.
        limits: of one read and its evaluation.
    """

    def __init__(self, stored: StoredSeries, limits: UpstreamLimits) -> None:
        self._stored = stored
        self._limits = limits

    def read(self, plan: Plan, grid: Grid, deadline: Deadline) -> SeriesFrame:
        """What a plan gives at the instants of a grid.

        Returns:
            The values that are present; NaN is a value, an instant without one is absent.

        Raises:
            NativeHistogramsFound: if the samples read are not all that the expression is about.
            UpstreamError: as the client raises it.
            SeriesLimitExceeded: if the selectors hold more samples together than allowed, or an intermediate result
                more points.
            EvaluationError: as `evaluate` raises it.
        """
        frames: dict[Selector, SeriesFrame] = {}
        n_samples = 0
        for read in planned_reads(plan, grid.start_ms, grid.end_ms):
            frame = self.raw(read.matchers, read.time_range, deadline)
            n_samples += frame.n_samples
            if n_samples > self._limits.max_samples:
                raise SeriesLimitExceeded("samples", n_samples, self._limits.max_samples, "limits.max_samples")
            frames.update(dict.fromkeys(read.selectors, frame))
        max_points = self._limits.max_samples
        try:
            result = evaluate(plan, frames, grid.start_ms, grid.end_ms, grid.step_ms, max_points=max_points)
        except SeriesLimitExceeded as error:
            raise SeriesLimitExceeded(error.what, error.got, error.limit, "limits.max_samples") from error
        if result.n_series > self._limits.max_series:
            raise SeriesLimitExceeded("series", result.n_series, self._limits.max_series, "limits.max_series")
        return present_samples(result)

    def raw(self, matchers: Sequence[Matcher], time_range: TimeRange, deadline: Deadline) -> SeriesFrame:
        """Every stored sample inside the range, none of them a native histogram's.

        Raises:
            NativeHistogramsFound: if there are such.
            UpstreamError: as the client raises it.
            SeriesLimitExceeded: likewise.
        """
        counts: list[int] = []
        frame = self._stored.read(matchers, time_range, deadline, on_histograms=counts.append)
        if counts:
            selector = ", ".join(map(str, matchers))
            raise NativeHistogramsFound(f"{{{selector}}} matches native histograms, which are not evaluated here")
        return frame


def present_samples(aligned: AlignedFrame) -> SeriesFrame:
    """The values of an evaluation that are present, as samples at the instants of its grid."""
    present = ~is_stale(aligned.values)
    indptr = np.zeros(aligned.n_series + 1, np.int64)
    np.cumsum(np.count_nonzero(present, axis=1), out=indptr[1:])
    times = np.broadcast_to(aligned.grid.timestamps_ms, present.shape)[present]
    return SeriesFrame(aligned.labels, times, aligned.values[present], indptr).without_empty()
