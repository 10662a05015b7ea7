"""What the prior's network is told of a target: how far ahead, and what was there a cycle ago."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.models.forecast.prior.past import mean_move, mean_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.forecast.prior.history_inputs import HistoryInputs
    from pronoia.models.forecast.prior.past import Past

#: Hour, day, week.
CALENDAR_SECONDS = (3_600, 86_400, 604_800)
#: The furthest target that the network knows; beyond, it is told this distance, and the target's own seasons.
FURTHEST = 1_440
_CYCLES = 5
_PER_PERIOD, _PLAIN_PER_PERIOD, _N_LEVELS, _N_DISTANCE = 8, 2, 3, 4
_N_RELATIVE = _PER_PERIOD * len(CALENDAR_SECONDS) + _N_LEVELS
N_HORIZON = _N_RELATIVE + _PLAIN_PER_PERIOD * len(CALENDAR_SECONDS) + _N_DISTANCE
# Shortest period that has a shape.
_MIN_STEPS = 6


def calendar_periods(step_seconds: float) -> tuple[int, ...]:
    """Hour, day and week in steps; 0 for one that is shorter than six steps.

    >>> calendar_periods(300)
    (12, 288, 2016)
    >>> calendar_periods(3600)
    (0, 24, 168)
    """
    periods = (round(seconds / step_seconds) for seconds in CALENDAR_SECONDS)
    return tuple(period if period >= _MIN_STEPS else 0 for period in periods)


def horizon_inputs(
    past: Past, anchors: NDArray[np.int64], horizons: NDArray[np.int64], history: HistoryInputs
) -> NDArray[np.float32]:
    """The network's inputs for targets `horizons` steps after the anchors.

    Args:
        past: of the series.
        anchors: int64 (n_anchors,), how many values are past.
        horizons: int64 (n_anchors, n_horizons), from 1.
        history: the inputs at the anchors.

    Returns:
        float32 (n_anchors, n_horizons, 37).
    """
    raw = np.zeros((*horizons.shape, N_HORIZON))
    unit = np.where(history.scale > 0.0, history.scale, 1.0)
    _fill(past.values, past.sums, past.lags, past.windows, past.moves, anchors, horizons, history.centre, unit, raw)
    out = raw.astype(np.float32)
    relative = out[..., :_N_RELATIVE]
    relative[:] = np.nan_to_num(np.arcsinh(relative))
    known = np.minimum(horizons, FURTHEST)
    logs = np.log(known) / 5.0
    out[..., -_N_DISTANCE:] = np.stack([logs, logs * logs, 1.0 / known, 1.0 / np.sqrt(known)], axis=-1)
    return out


@compiled
def _fill(
    values: NDArray[np.float64],
    sums: NDArray[np.float64],
    lags: NDArray[np.int64],
    windows: NDArray[np.int64],
    moves: NDArray[np.float64],
    anchors: NDArray[np.int64],
    horizons: NDArray[np.int64],
    centre: NDArray[np.float64],
    unit: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    n_fixed = len(lags) - 3
    known = np.empty(n_fixed)
    for row in range(len(anchors)):
        at, offset, middle, per = anchors[row], values[0], centre[row], 1.0 / unit[row]
        for i in range(n_fixed):
            known[i] = mean_move(moves[i], lags[i], windows[i], at)
        for target in range(horizons.shape[1]):
            ahead = horizons[row, target]
            cell = out[row, target]
            for slot in range(3):
                period = lags[n_fixed + slot]
                newest = at - 1 + ahead - (ahead + period - 1) // max(period, 1) * period
                if period == 0 or newest < 0:
                    continue
                narrow = period // 288
                block = cell[slot * _PER_PERIOD : (slot + 1) * _PER_PERIOD]
                last = mean_of(sums, offset, newest - narrow, min(newest + narrow + 1, at))
                profile, spread, count = _profile(sums, offset, newest, period, at)
                here, _, _ = _profile(sums, offset, at - 1 - period, period, at)
                block[0] = (values[newest] - middle) * per
                block[1] = (last - middle) * per
                block[2] = (profile - middle) * per
                block[3] = (here - middle) * per
                block[4] = (profile - here) * per
                then = newest - ahead
                half = max(1, period // 72)
                before = mean_of(sums, offset, then - half, min(then + half + 1, at)) if then >= 0 else np.nan
                block[5] = (last - before) * per
                block[6] = spread * per
                block[7] = mean_move(moves[n_fixed + slot], period, windows[n_fixed + slot], at) * per
                cell[_N_RELATIVE + slot] = count / _CYCLES
                cell[_N_RELATIVE + 3 + slot] = 1.0
            reach = min(ahead, FURTHEST)
            cell[_N_RELATIVE - 3] = (mean_of(sums, offset, at - reach, at) - middle) * per
            cell[_N_RELATIVE - 2] = (mean_of(sums, offset, at - 4 * reach, at) - middle) * per
            cell[_N_RELATIVE - 1] = _move_at(known, reach) * per


@compiled
def _profile(sums: NDArray[np.float64], offset: float, newest: int, period: int, past: int) -> tuple[float, float, int]:
    """Mean and spread over up to five cycles of the smoothed value at a phase, and how many cycles there were."""
    half = max(1, period // 72)
    total, squares, count = 0.0, 0.0, 0
    first = 0.0
    for cycle in range(_CYCLES):
        middle = newest - cycle * period
        if middle < 0:
            break
        mean = mean_of(sums, offset, middle - half, min(middle + half + 1, past))
        if count == 0:
            first = mean
        total += mean - first
        squares += (mean - first) ** 2
        count += 1
    if count == 0:
        return np.nan, np.nan, 0
    total /= count
    return first + total, np.sqrt(max(squares / count - total * total, 0.0)), count


@compiled
def _move_at(known: NDArray[np.float64], ahead: int) -> float:
    """Mean move over any distance, linear in its logarithm between the powers of two; NaN where none is known."""
    position = np.log2(float(ahead))
    left = min(int(position), len(known) - 1)
    right = min(left + 1, len(known) - 1)
    if np.isnan(known[right]):
        right = left
    while left > 0 and np.isnan(known[left]):
        left -= 1
        right = left
    share = min(position - left, 1.0) if right > left else 0.0
    return float(known[left] * (1.0 - share) + known[right] * share)
