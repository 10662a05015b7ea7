"""BOOM: sets of real observability metrics, and what published models scored on them."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np

from pronoia.evaluation.benchmark.protocol import TERMS, make_task
from pronoia.series import Grid, align

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from pronoia.evaluation.benchmark.protocol import Task
    from pronoia.series import SeriesFrame

#: The published model that everything is divided by.
YARDSTICK = "seasonalnaive"

Scores = dict[tuple[str, str], tuple[float, float]]


def boom_tasks(source: str, frame: SeriesFrame) -> list[Task]:
    """The tasks of one set, one per term.

    Args:
        source: the set's name, which ends in its step: `ds-100-T` (a minute), `-5T`, `-10S`.
        frame: the set's series.
    """
    step_seconds = {"T": 60, "5T": 300, "10S": 10}[source.rpartition("-")[2]]
    series = gridded(frame, step_seconds * 1_000)
    return [make_task(source, term, series, step_seconds) for term in TERMS]


def gridded(frame: SeriesFrame, step_ms: int, lookback_steps: int = 1) -> list[NDArray[np.float64]]:
    """Every series on its own grid from its first to its last sample, NaN where there is no sample.

    Args:
        frame: the series.
        step_ms: step of the grids.
        lookback_steps: how many steps a sample holds unless another follows.
    """
    rows = []
    for row in range(frame.n_series):
        one = frame.take([row])
        if one.n_samples:
            start, end = int(one.timestamps_ms[0]), int(one.timestamps_ms[-1])
            grid = Grid.ending_at(end, step_ms, (end - start) // step_ms + 1)
            rows.append(align(one, grid, lookback_steps * step_ms).values[0])
    return rows


def read_published(path: Path) -> dict[str, Scores]:
    """Published scores: model -> (set, term) -> (MASE, CRPS).

    Args:
        path: a CSV file with the columns set, term, model, MASE, CRPS.
    """
    published: dict[str, Scores] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            scores = published.setdefault(line["model"], {})
            scores[line["set"], line["term"]] = float(line["MASE"]), float(line["CRPS"])
    return published


def mean_ratios(scores: Scores, yardstick: Scores, pairs: Iterable[tuple[str, str]]) -> tuple[float, float]:
    """Geometric means over (set, term) of MASE and CRPS relative to the yardstick.

    Pairs on which the yardstick makes no error have no ratio and are left out.
    """
    ratios = [
        np.divide(scores[pair], yardstick[pair]) for pair in pairs if pair in scores and min(yardstick[pair]) > 0.0
    ]
    mase, crps = np.exp(np.log(np.maximum(ratios, 1e-9)).mean(axis=0)) if ratios else (np.nan, np.nan)
    return float(mase), float(crps)
