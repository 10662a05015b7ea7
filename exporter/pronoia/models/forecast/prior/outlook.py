"""What the prior says of many series, at many moments and horizons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.forecast.prior.history_inputs import HistoryInputs, history_inputs
from pronoia.models.forecast.prior.horizon_inputs import calendar_periods, horizon_inputs
from pronoia.models.forecast.prior.network import DECILES
from pronoia.models.forecast.prior.past import make_past

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pronoia.models.forecast.prior.network import PriorNetwork

# The network goes through so many targets at once: more would not fit into a core's cache.
_TARGETS_AT_ONCE = 2_048
# Deciles are at most so far from the centre, as asinh of scales: one and a half thousand scales.
_FURTHEST = 8.0
# A series that moves less than this share of its level stands still, but for rounding.
_STILL = 1e-9


def outlook(
    network: PriorNetwork,
    series: Sequence[NDArray[np.float64]],
    step_seconds: float,
    anchors: NDArray[np.int64],
    horizons: NDArray[np.int64],
    levels: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Deciles of the values some steps after some moments.

    Args:
        network: the prior's.
        series: float64 (n_values,) each, finite, at least one value, source unit.
        step_seconds: distance of two values.
        anchors: int64 (n_series, n_anchors), how many values are past, at least 1; nothing after is looked at.
        horizons: int64 (n_horizons,), steps from the last past value to the target, from 1.
        levels: float64 (n_series,), what was subtracted from each series; zero if not given.

    Returns:
        float64 (n_series, n_anchors, n_horizons, 9), source unit, never falling along the last axis. Where a series
        has stood still all deciles are its value.
    """
    periods = calendar_periods(step_seconds)
    deciles = np.empty((*anchors.shape, len(horizons), len(DECILES)))
    levels = np.zeros(len(series)) if levels is None else levels
    group = max(1, _TARGETS_AT_ONCE // (anchors.shape[1] * len(horizons)))
    for begin in range(0, len(series), group):
        rows = range(begin, min(begin + group, len(series)))
        inputs = [_inputs(series[row], periods, anchors[row], horizons) for row in rows]
        raw = _run(network, inputs)
        for row, (history, _), one in zip(rows, inputs, raw, strict=True):
            moves = history.scale > _STILL * np.abs(history.centre + levels[row])
            unit = np.where(moves, history.scale, 0.0)[:, None, None]
            middle = np.where(moves, history.centre, series[row][anchors[row] - 1])[:, None, None]
            deciles[row] = middle + unit * np.sinh(np.clip(one, -_FURTHEST, _FURTHEST))
    return deciles


def _inputs(
    values: NDArray[np.float64], periods: Sequence[int], anchors: NDArray[np.int64], horizons: NDArray[np.int64]
) -> tuple[HistoryInputs, NDArray[np.float32]]:
    past = make_past(values, periods, int(anchors.min()))
    history = history_inputs(past, anchors)
    return history, horizon_inputs(past, anchors, np.tile(horizons, (len(anchors), 1)), history)


def _run(network: PriorNetwork, inputs: Sequence[tuple[HistoryInputs, NDArray[np.float32]]]) -> NDArray[np.float64]:
    """The network's deciles of series with the same number of moments each, float64 (n_series, n_moments, ...)."""
    horizon = np.concatenate([targets for _, targets in inputs])
    code = network.encode(np.concatenate([history.inputs for history, _ in inputs]))
    at_once = max(1, _TARGETS_AT_ONCE // horizon.shape[1])
    parts = [network.deciles(code[i : i + at_once], horizon[i : i + at_once]) for i in range(0, len(horizon), at_once)]
    deciles = np.concatenate(parts).astype(np.float64)
    return deciles.reshape(len(inputs), -1, *deciles.shape[1:])
