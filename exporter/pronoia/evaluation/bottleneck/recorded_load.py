"""From a recording to a LoadHistory."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ConfigError, ConfigProblem
from pronoia.evaluation.sample import system_of
from pronoia.features.load import OTHERS, STATIC, LoadHistory, bridge_single_gaps, to_scale
from pronoia.series import Grid, align

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pronoia.features.formula import Formula
    from pronoia.series import LabelSet, SeriesFrame

_BYTES_PER_KILOBYTE = 1_024.0
_MEBIBYTE = 2.0**20


def recorded_load(
    frame: SeriesFrame, load: Formula, other_ratio: Formula, *, threshold: float, slot_ms: int
) -> LoadHistory:
    """One subject per system of a recording that has all metrics of the formula.

    Args:
        frame: the recording's series; `__name__` is the metric, all other labels are the system.
        load: utilisation from metrics, such as `memory_used_bytes / memory_limit_bytes`.
        other_ratio: the utilisation of another resource of the same system.
        threshold: the utilisation that counts as too high, in the formula's unit.
        slot_ms: length of a slot.

    Raises:
        ConfigError: if the recording has no such metrics.
    """
    if not frame.n_samples:
        raise ConfigError([ConfigProblem("--data", "the recording holds no samples")])
    start_ms = int(frame.timestamps_ms.min()) // slot_ms * slot_ms
    end_ms = int(frame.timestamps_ms.max()) // slot_ms * slot_ms
    # A slot's value is the newest sample inside it: the grid stands at the slots' ends.
    grid = Grid(start_ms + slot_ms - 1, slot_ms, (end_ms - start_ms) // slot_ms + 1)
    systems = tuple(dict.fromkeys(system_of(labels) for labels in frame.labels))
    metrics = _by_metric(frame, grid, systems)
    missing = [name for name in load.names if name not in metrics]
    if missing:
        raise ConfigError([ConfigProblem("--load", f"no metric {', '.join(missing)}; there are {', '.join(metrics)}")])
    utilisation = load.evaluate(metrics)
    nothing = np.full(utilisation.shape, np.nan)
    rates = (metrics.get(f"{name}_bytes_per_second", nothing) for name in OTHERS[1:])
    throughputs = (np.log1p(np.maximum(rate, 0.0) / _BYTES_PER_KILOBYTE) for rate in rates)
    others = [_ratio(other_ratio, metrics, nothing), *throughputs]
    static = np.full((len(systems), len(STATIC)), np.nan)
    static[:, 0] = _largest(metrics.get("cpu_cores", nothing))
    static[:, 1] = np.log1p(_largest(metrics.get("memory_limit_bytes", nothing)) / _MEBIBYTE)
    return LoadHistory(
        labels=systems,
        grid=Grid(start_ms, slot_ms, grid.n_steps),
        load=bridge_single_gaps(to_scale(utilisation, threshold)),
        others=np.array(others, dtype=np.float32),
        static=static.astype(np.float32),
        systems=np.zeros(len(systems), np.int64),
    )


def _by_metric(frame: SeriesFrame, grid: Grid, systems: tuple[LabelSet, ...]) -> dict[str, NDArray[np.float64]]:
    row_of = {system: row for row, system in enumerate(systems)}
    aligned = align(frame, grid, grid.step_ms)
    metrics: dict[str, NDArray[np.float64]] = {}
    for labels, values in zip(aligned.labels, aligned.values, strict=True):
        name = labels.name or ""
        if name not in metrics:
            metrics[name] = np.full((len(systems), grid.n_steps), np.nan)
        metrics[name][row_of[system_of(labels)]] = values
    return metrics


def _ratio(
    formula: Formula, metrics: Mapping[str, NDArray[np.float64]], nothing: NDArray[np.float64]
) -> NDArray[np.float64]:
    return formula.evaluate(metrics) if all(name in metrics for name in formula.names) else nothing


def _largest(values: NDArray[np.float64]) -> NDArray[np.float64]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # systems that do not say
        largest: NDArray[np.float64] = np.nanmax(values, axis=1)
    return largest
