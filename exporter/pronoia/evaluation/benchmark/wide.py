"""The second bench: few series of many sources, so that nothing is tuned to the handful of open BOOM series.

Half of the entities (machines, workloads) of each source are held apart for it: what is shipped as trained must not
have seen them. Its series jump, drift and end at levels never seen far more often than BOOM's.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from pronoia.evaluation.benchmark.boom import gridded
from pronoia.evaluation.benchmark.protocol import TERMS, make_task
from pronoia.evaluation.sample import system_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.evaluation.benchmark.protocol import Task
    from pronoia.series import LabelSet, SeriesFrame

#: Sources, and how many series of each are in the bench: 89.
SERIES_PER_SOURCE = {
    "crane": 8,
    "clusters": 11,
    "alibaba": 11,
    "bitbrains": 12,
    "smd": 12,
    "asd": 12,
    "nab": 8,
    "ageing": 10,
    "network-link": 5,
}

_MOST_WINDOWS = 2
_MOST_CONTEXT = 16_384
_LEAST_CONTEXT = 300
_STEPS_MS = (10_000, 30_000, 60_000, 300_000)
# Samples that come late, as a machine's at about every minute do, hold for a second step.
_LOOKBACK_STEPS = 2


def held_apart(frame: SeriesFrame) -> frozenset[LabelSet]:
    """Entities of a source that only measure: the first half, rounded up, in the order of their hashes."""
    systems = sorted({system_of(labels) for labels in frame.labels}, key=_hash)
    return frozenset(systems[: (len(systems) + 1) // 2])


def wide_series(source: str, frame: SeriesFrame) -> SeriesFrame:
    """The series of one source that are in the bench.

    Series of entities held apart (all entities of `clusters`, which has three) that are not constant, in the order of
    their hashes, up to the source's number.
    """
    apart = held_apart(frame)
    rows = [
        row
        for row, (labels, _, values) in enumerate(frame)
        if (source == "clusters" or system_of(labels) in apart) and len(values) and np.ptp(values) > 0.0
    ]
    rows.sort(key=lambda row: _hash(frame.labels[row]))
    return frame.take(sorted(rows[: SERIES_PER_SOURCE[source]]))


def wide_tasks(source: str, frame: SeriesFrame) -> list[Task]:
    """The tasks of one source, one per step and term: at most two windows a series, at most 16 384 steps of context.

    Args:
        source: one of `SERIES_PER_SOURCE`.
        frame: its recording's series.
    """
    chosen = wide_series(source, frame)
    steps = np.array([_usual_step_ms(times) for _, times, _ in chosen])
    tasks = []
    for step_ms in np.unique(steps).tolist():
        series = gridded(chosen.take(np.flatnonzero(steps == step_ms)), step_ms, lookback_steps=_LOOKBACK_STEPS)
        name = source if len(np.unique(steps)) == 1 else f"{source}-{step_ms // 1_000}s"
        for term in TERMS:
            task = make_task(
                name,
                term,
                series,
                step_ms / 1_000,
                most_windows=_MOST_WINDOWS,
                most_context=_MOST_CONTEXT,
                least_context=_LEAST_CONTEXT,
            )
            if len(task.truths):
                tasks.append(task)
    return tasks


def _usual_step_ms(times: NDArray[np.int64]) -> int:
    """The step of the list that is nearest to the median distance of two samples."""
    median = float(np.median(np.diff(times)))
    return min(_STEPS_MS, key=lambda step: abs(np.log(step / median)))


def _hash(labels: LabelSet) -> bytes:
    return hashlib.sha256(str(labels).encode()).digest()
