"""What the prior's network sees of a series' past.

Every number is relative to where the series is (`centre`) and how much it moves (`scale`), through asinh, which is
linear for what is usual and logarithmic for what is not. So one network serves all units and magnitudes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.models.forecast.prior.past import LAGS, deviation_of, mean_move, mean_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.forecast.prior.past import Past

N_SINGLE = 48
#: (block length, how many blocks): means that reach back 6,144 steps.
MEANS = ((4, 32), (16, 32), (64, 32), (256, 24))
#: (block length, how many blocks): spread inside blocks.
SPREADS = ((4, 32), (16, 16), (64, 16))
#: (how many of the newest values, every how many-th): a day of minutes says as much by every fifth.
QUANTILE_WINDOWS = ((48, 1), (288, 1), (1440, 5))
QUANTILES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
_CENTRE_WINDOW, _SCALE_WINDOW, _LONG_SCALE_WINDOW, _LONG_CENTRE_WINDOW, _UNMOVED_WINDOW = 256, 1024, 8192, 2048, 128
_N_RELATIVE = N_SINGLE + sum(n for _, n in MEANS) + len(QUANTILE_WINDOWS) * len(QUANTILES) + 2
_N_SPREADS = sum(n for _, n in SPREADS) + len(LAGS)
_N_PLAIN = 2
N_HISTORY = _N_RELATIVE + _N_SPREADS + _N_PLAIN

# As arrays, which compiled code can loop over.
_MEANS, _SPREADS, _QUANTILE_WINDOWS, _QUANTILES = (
    np.array(MEANS), np.array(SPREADS), np.array(QUANTILE_WINDOWS), np.array(QUANTILES)
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class HistoryInputs:
    """Inputs at n_anchors moments of one series.

    Args:
        centre: float64 (n_anchors,), mean of the last 256 steps, source unit.
        scale: float64 (n_anchors,), standard deviation of the last 1,024 steps (8,192 where that is zero), source
            unit; zero where the series has not moved.
        inputs: float32 (n_anchors, 267).
    """

    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    inputs: NDArray[np.float32]


def history_inputs(past: Past, anchors: NDArray[np.int64]) -> HistoryInputs:
    """The network's inputs at some moments of a series.

    Args:
        past: of the series.
        anchors: int64 (n_anchors,), how many values are past at each moment, at least 1.
    """
    centre, scale = np.empty(len(anchors)), np.empty(len(anchors))
    raw = np.empty((len(anchors), N_HISTORY))
    _fill(
        past.values, past.sums, past.lags, past.windows, past.moves, anchors, centre, scale, raw,
        _MEANS, _SPREADS, _QUANTILE_WINDOWS, _QUANTILES,
    )  # fmt: skip
    inputs = raw.astype(np.float32)
    relative = inputs[:, :-_N_PLAIN]
    # What lay before the series began is nothing: as if it had always been where it is.
    relative[:] = np.nan_to_num(np.arcsinh(relative))
    return HistoryInputs(centre, scale, inputs)


@compiled
def _fill(
    values: NDArray[np.float64],
    sums: NDArray[np.float64],
    lags: NDArray[np.int64],
    windows: NDArray[np.int64],
    moves: NDArray[np.float64],
    anchors: NDArray[np.int64],
    centre: NDArray[np.float64],
    scale: NDArray[np.float64],
    out: NDArray[np.float64],
    means: NDArray[np.int64],
    spreads: NDArray[np.int64],
    quantile_windows: NDArray[np.int64],
    quantiles: NDArray[np.float64],
) -> None:
    for row in range(len(anchors)):
        at, offset = anchors[row], values[0]
        middle = mean_of(sums, offset, at - _CENTRE_WINDOW, at)
        unit = deviation_of(values, at - _SCALE_WINDOW, at)
        if unit == 0.0:
            unit = deviation_of(values, at - _LONG_SCALE_WINDOW, at)
        centre[row], scale[row] = middle, unit
        unit = unit if unit > 0.0 else 1.0
        column = 0
        for i in range(N_SINGLE):
            out[row, column] = (values[at - 1 - i] - middle) / unit if at > i else np.nan
            column += 1
        for length, count in means:
            for block in range(count):
                end = max(at - block * length, 0)
                out[row, column] = (mean_of(sums, offset, end - length, end) - middle) / unit
                column += 1
        for window, stride in quantile_windows:
            taken = np.sort(values[max(at - window, 0) : at][::-1][::stride])
            for share in quantiles:
                out[row, column] = (taken[round(share * (len(taken) - 1))] - middle) / unit
                column += 1
        out[row, column] = (mean_of(sums, offset, at - _LONG_CENTRE_WINDOW, at) - middle) / unit
        out[row, column + 1] = (values[at - 1] - middle) / unit
        column += 2
        for length, count in spreads:
            for block in range(count):
                end = max(at - block * length, 0)
                out[row, column] = deviation_of(values, end - length, end) / unit
                column += 1
        for i in range(len(lags) - 3):
            out[row, column] = mean_move(moves[i], lags[i], windows[i], at) / unit
            column += 1
        unmoved, begin = 0, max(at - _UNMOVED_WINDOW, 1)
        for i in range(begin, at):
            unmoved += values[i] == values[i - 1]
        out[row, column] = unmoved / max(at - begin, 1)
        out[row, column + 1] = np.log(at) / 10.0
