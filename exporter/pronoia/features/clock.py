"""Where in the hour, the day and the week a slot lies, and what a system is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.features.load import STATIC
from pronoia.features.slots import DAY, HOUR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.past import LoadPast
    from pronoia.features.slots import Window

# 1970-01-01 was a Thursday.
_FIRST_WEEKDAY = 3

NAMES: tuple[str, ...] = ("slot_of_hour", "slot_of_day", "weekday", *STATIC)


def clock(history: LoadPast, rows: NDArray[np.int64], slots: NDArray[np.int64], window: Window) -> NDArray[np.float32]:
    """Calendar in UTC and what is fixed, float32 (n_rows, 5)."""
    del window
    since_epoch = history.grid.start_ms // history.grid.step_ms + slots
    weekday = (since_epoch // DAY + _FIRST_WEEKDAY) % 7
    calendar = np.stack([since_epoch % HOUR, since_epoch % DAY, weekday], axis=1)
    return np.hstack([calendar.astype(np.float32), history.static[rows]])
