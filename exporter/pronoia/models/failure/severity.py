"""How bad and how near, in one word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: From the mildest on.
SEVERITIES = ("low", "medium", "high", "critical")

_QUARTER, _HOUR = 15 * 60, 3_600


def failure_severity(
    probability: NDArray[np.float64], horizons_seconds: tuple[int, ...], warning: float
) -> tuple[str, ...]:
    """By the nearest horizon whose probability reaches the level of a warning.

    A quarter of an hour is critical, an hour high, any longer one medium; low where none does.

    Args:
        probability: float64 (n_rows, n_horizons), NaN where not known.
        horizons_seconds: ascending.
        warning: level of a warning, 0-1.

    >>> failure_severity(np.array([[0.7, 0.8], [0.1, 0.9], [0.0, 0.2]]), (900, 14400), 0.6)
    ('critical', 'medium', 'low')
    """
    by_horizon = tuple(
        "critical" if seconds <= _QUARTER else "high" if seconds <= _HOUR else "medium" for seconds in horizons_seconds
    )
    reached = np.nan_to_num(probability) >= warning
    return tuple(by_horizon[int(np.argmax(row))] if row.any() else SEVERITIES[0] for row in reached)
