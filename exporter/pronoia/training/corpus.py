"""The recordings that the prior is trained on, and the part of them that is held apart to judge it."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

from pronoia.series import Grid, align
from pronoia.storage.recording import Recording, median_step_ms
from pronoia.training.prior_examples import TrainingSeries

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pronoia.series import LabelSet

_FEWEST_STEPS = 150
# One entity in three judges and is never trained on.
_HELD_SHARE = 3


def is_held_apart(source: str, labels: LabelSet) -> bool:
    """Whether a series belongs to an entity (machine, pod, workload) that training leaves alone.

    The metric's name does not count, so that all metrics of an entity are on the same side.

    >>> from pronoia.series import LabelSet
    >>> is_held_apart("crane", LabelSet({"__name__": "value", "workload": "w0"}))
    False
    """
    entity = "/".join(value for name, value in labels.pairs if name != "__name__")
    return zlib.crc32(f"{source}/{entity}".encode()) % _HELD_SHARE == 0


def load_corpus(folders: Sequence[Path], *, held_apart: bool = False) -> Iterator[TrainingSeries]:
    """The series of some recordings' folders on grids of their own step, gaps filled with the value before.

    Args:
        folders: recordings; the folder's name is the source.
        held_apart: give the entities that are held apart instead of the others.
    """
    for folder in folders:
        for file in sorted(folder.glob("*.parquet")):
            if file.name != "events.parquet":
                yield from _series_of(file, folder.name, held_apart=held_apart)


def _series_of(file: Path, source: str, *, held_apart: bool) -> Iterator[TrainingSeries]:
    frame = Recording.load(file).frame
    for i, labels in enumerate(frame.labels):
        if is_held_apart(source, labels) != held_apart:
            continue
        one = frame.take([i])
        step_ms = median_step_ms(one)
        if not step_ms or one.n_samples < _FEWEST_STEPS:
            continue
        start_ms, end_ms = int(one.timestamps_ms[0]), int(one.timestamps_ms[-1])
        grid = Grid(start_ms, step_ms, (end_ms - start_ms) // step_ms + 1)
        values = align(one, grid, lookback_ms=step_ms).values[0]
        if np.isfinite(values).mean() < 0.5:
            continue
        filled = values[np.maximum.accumulate(np.where(np.isfinite(values), np.arange(len(values)), 0))]
        filled = filled[int(np.argmax(np.isfinite(filled))) :]
        if len(filled) >= _FEWEST_STEPS and np.ptp(filled) > 0.0:
            yield TrainingSeries(source, filled, step_ms / 1000.0)
