"""What is known of a signal on its way to a limit: one row per series and slot, named columns.

Everything is relative to the limit, the headroom and the horizon; nothing tells the time, or how long was recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.models.failure.curve import line, saturating
from pronoia.models.failure.headroom import LOOKBACK_SLOTS, SLOTS_PER_HORIZON
from pronoia.models.failure.rise import age_of_rise, earlier_rises, load_response

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.failure.headroom import HeadroomHistory

#: Columns, in order. `use_*` is how many times the headroom would be used up within the horizon at the slope of so many
#: slots, of the rise, or of its later half.
FEATURES: tuple[str, ...] = (
    "used", "rise_age", "use_8", "use_16", "use_32", "use_rise", "use_later_half", "gained_share", "noise_ratio",
    "levels_off", "asymptote_room", "later_slope_ratio", "above_before", "above_before_ratio", "failure_share",
    "below_peak", "below_highest", "highest_recent", "use_highest", "use_4",
)  # fmt: skip

_LEAST_SLOTS = 8
_LEAST_ROOM = 5e-3
_LEAST_USE, _MOST_USE = -3.0, 20.0
_LEAST_CURVE_SLOTS = 12
_RECENT_SLOTS = 40
# Earlier peaks count against this rise if they are not yet passed, half if they are passed by less than a tenth.
_NOT_PASSED, _HARDLY_PASSED = -0.02, 0.1
_WINDOWS = (8, 16, 32)


def headroom_features(
    history: HeadroomHistory, rows: NDArray[np.int64], slots: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Features at some slots of some series, float32 (n_rows, n_features); NaN throughout where too little is known.

    A value needs its own and seven slots before without a failure, a long gap, or a large fall. Nothing after a row's
    slot is looked at, and no other series.

    Cost: some 20 microseconds a row.

    Args:
        history: of all series.
        rows: int64 (n_rows,), numbers of series.
        slots: int64 (n_rows,), the slot that is "now".

    Raises:
        ValueError: if a row or a slot is outside the history.
    """
    for name, given, size in (("row", rows, len(history.used)), ("slot", slots, history.n_slots)):
        if len(given) and not (given.min() >= 0 and given.max() < size):
            raise ValueError(f"a {name} is outside the history, which has {size}: {given.min()} .. {given.max()}")
    return _features(history.used, history.load, history.failed, rows, slots, len(FEATURES))


@compiled
def _features(
    used: NDArray[np.float64],
    load: NDArray[np.float64],
    failed: NDArray[np.bool_],
    rows: NDArray[np.int64],
    slots: NDArray[np.int64],
    n_features: int,
) -> NDArray[np.float32]:
    out = np.full((len(rows), n_features), np.nan, np.float32)
    peaks, freed = np.empty(LOOKBACK_SLOTS), np.empty(used.shape[1])
    for i in range(len(rows)):
        of, now = used[rows[i]], slots[i]
        first = max(0, now - LOOKBACK_SLOTS + 1)
        begin, n_falls, n_failures = earlier_rises(of, failed[rows[i]], first, now, peaks)
        if now + 1 - begin < _LEAST_SLOTS:
            continue
        _freed_of_load(of, load[rows[i]], first, begin, now, freed)
        level = 0.5 * (of[now] + of[now - 1])
        _slopes(of, freed, begin, now, level, out[i])
        _past(of, begin, now, level, peaks[:n_falls], n_failures, out[i])
    return out


@compiled
def _freed_of_load(
    used: NDArray[np.float64], load: NDArray[np.float64], first: int, begin: int, now: int, out: NDArray[np.float64]
) -> None:
    """The signal as it would have been under the load of now."""
    response = 0.0 if np.isnan(load[now]) else load_response(used, load, first, now + 1)
    for slot in range(begin, now + 1):
        by_load = response * (load[slot] - load[now]) if response > 0.0 else 0.0
        out[slot] = used[slot] - (0.0 if np.isnan(by_load) else by_load)


@compiled
def _use(slope: float, room: float) -> float:
    return min(max(slope * SLOTS_PER_HORIZON / room, _LEAST_USE), _MOST_USE)


@compiled
def _slopes(
    used: NDArray[np.float64],
    freed: NDArray[np.float64],
    begin: int,
    now: int,
    level: float,
    out: NDArray[np.float32],
) -> None:
    room = max(1.0 - level, _LEAST_ROOM)
    age = age_of_rise(freed, begin, now, LOOKBACK_SLOTS)
    start = max(now + 1 - max(age, _LEAST_SLOTS), begin)
    out[0], out[1] = level, age
    for i in range(len(_WINDOWS)):
        out[2 + i] = _use(line(freed, max(now + 1 - _WINDOWS[i], begin), now + 1)[0], room)
    slope, deviation = line(freed, start, now + 1)
    out[5] = _use(slope, room)
    gained = max(slope, 0.0) * (now - start)
    out[7], out[8] = gained / (room + gained), deviation / room
    middle = (start + now + 1) // 2
    earlier, later = line(freed, start, middle)[0], line(freed, middle, now + 1)[0]
    out[6] = _use(later, room)
    out[11] = min(max(later / max(abs(earlier), 1e-4), -3.0), 6.0)
    out[9], out[10] = 0.0, 5.0
    if now + 1 - start >= _LEAST_CURVE_SLOTS:
        gain, asymptote = saturating(freed, start, now + 1)
        out[9] = gain * (now + 1 - start)
        out[10] = min(max((asymptote - level) / room, -1.0), 5.0)
    out[19] = _use((used[now] - used[now - 4]) / 4.0, room)


@compiled
def _past(
    used: NDArray[np.float64],
    begin: int,
    now: int,
    level: float,
    peaks: NDArray[np.float64],
    n_failures: int,
    out: NDArray[np.float32],
) -> None:
    start = max(now + 1 - max(int(out[1]), _LEAST_SLOTS), begin)
    high, low, highest = -1.0, np.inf, -1.0
    recent, earlier = -1.0, -1.0
    for slot in range(begin, now + 1):
        value = used[slot]
        highest = max(highest, value)
        if slot < start:
            high, low = max(high, value), min(low, value)
        if slot > now - _RECENT_SLOTS:
            recent = max(recent, value)
        elif slot > now - 2 * _RECENT_SLOTS:
            earlier = max(earlier, value)
    out[12], out[13] = 0.0, 0.0
    if high >= 0.0:
        out[12], out[13] = level - high, min((level - low) / (high - low + 0.01), 10.0)
    # As of one rise that failed and one that did not, which counts less with each that is known.
    n_ends, top = n_failures + 1.0, level - 1.0
    for peak in peaks:
        top = max(top, peak)
        n_ends += 1.0 if peak - level > _NOT_PASSED else 0.5 if peak - level > -_HARDLY_PASSED else 0.0
    out[14], out[15] = (n_failures + 0.5) / n_ends, top - level
    out[16], out[17] = highest - level, recent
    out[18] = 0.0
    if earlier >= 0.0:
        out[18] = _use((recent - earlier) / _RECENT_SLOTS, max(1.0 - recent, _LEAST_ROOM))
