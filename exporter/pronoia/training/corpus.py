"""The recordings that the prior is trained on, and the part of them that is held apart to judge it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.evaluation.benchmark.wide import held_apart as entities_held_apart
from pronoia.evaluation.sample import system_of
from pronoia.series import Grid, align
from pronoia.storage.recording import Recording, median_step_ms
from pronoia.training.prior_examples import TrainingSeries

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pronoia.series import SeriesFrame

_FEWEST_STEPS = 150
_LEAST_KNOWN = 0.5


def load_corpus(folders: Sequence[Path], *, held_apart: bool = False) -> Iterator[TrainingSeries]:
    """The series of some recordings' folders on grids of their own step, gaps filled with the value before.

    Half of the entities (machines, pods, workloads) of each recording are held apart, with all their metrics: those
    that `pronoia.evaluation.benchmark.wide` measures on.

    Args:
        folders: recordings; the folder's name is the source.
        held_apart: give the entities that are held apart instead of the others.
    """
    for folder in folders:
        frames = [
            Recording.load(file).frame for file in sorted(folder.glob("*.parquet")) if file.name != "events.parquet"
        ]
        for frame in frames:
            yield from _series_of(frame, folder.name, held_apart=held_apart)


def _series_of(frame: SeriesFrame, source: str, *, held_apart: bool) -> Iterator[TrainingSeries]:
    apart = entities_held_apart(frame)
    for i, labels in enumerate(frame.labels):
        if (system_of(labels) in apart) != held_apart:
            continue
        one = frame.take([i])
        step_ms = median_step_ms(one)
        if not step_ms or one.n_samples < _FEWEST_STEPS:
            continue
        start_ms, end_ms = int(one.timestamps_ms[0]), int(one.timestamps_ms[-1])
        grid = Grid(start_ms, step_ms, (end_ms - start_ms) // step_ms + 1)
        values = align(one, grid, lookback_ms=step_ms).values[0]
        if np.isfinite(values).mean() < _LEAST_KNOWN:
            continue
        filled = values[np.maximum.accumulate(np.where(np.isfinite(values), np.arange(len(values)), 0))]
        filled = filled[int(np.argmax(np.isfinite(filled))) :]
        if len(filled) >= _FEWEST_STEPS and np.ptp(filled) > 0.0:
            yield TrainingSeries(source, filled, step_ms / 1000.0)
