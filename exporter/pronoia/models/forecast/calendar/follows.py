"""Which clock a series follows: people's or UTC's, as a cron job does. What came after a change tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.forecast.calendar.clock import LocalClock

_DAY_MS = 86_400_000
# With less than this after the change, nothing is told from it.
_MIN_DAYS = 0.5


def follows_local(values: NDArray[np.float64], clock: LocalClock, step_ms: int) -> bool:
    """Whether a series went with the last change of the clock in its history.

    Each value after the change is compared with the one a week before (a day, where the history holds no week before
    the change), once by UTC and once by the local clock; the clock with the smaller mean deviation is followed. Without
    enough to compare the answer is yes: that is what setting a time zone says.

    Args:
        values: float64 (n_steps,), at steps of UTC; NaN where there is no sample.
        clock: of the history.
        step_ms: distance of two values.
    """
    changed = clock.changed
    enough = max(int(_MIN_DAYS * _DAY_MS) // step_ms, 2)
    if not changed or len(values) - changed < enough:
        return True
    moved = int(clock.past[changed] - clock.past[changed - 1]) - 1
    for season in (7 * _DAY_MS // step_ms, _DAY_MS // step_ms):
        if not season:
            continue
        after = np.arange(changed, len(values))
        # Whole seasons back to before the change, by either clock.
        back = after - season * -(-(after - changed + 1 + abs(moved)) // season)
        usable = np.minimum(back, back + moved) >= 0
        after, back = after[usable], back[usable]
        by_utc, by_local = values[after] - values[back], values[after] - values[back + moved]
        known = np.isfinite(by_utc) & np.isfinite(by_local)
        if known.sum() < enough:
            continue
        utc, local = (float(np.abs(d - np.median(d)).mean()) for d in (by_utc[known], by_local[known]))
        return local <= utc
    return True
