"""Classifier: what trees, networks and regressions have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray


class Classifier(Protocol):
    """Something fitted that says how likely it is, row by row."""

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the columns that it was fitted to."""
        ...

    def log_odds(
        self, values: NDArray[np.float32], read: Callable[[NDArray[np.int64]], NDArray[np.float32]] | None = None
    ) -> NDArray[np.float64]:
        """Log-odds, float64 (n_rows,), before any calibration.

        Args:
            values: float32 (n_rows, n_features), columns as fitted; NaN where nothing is known.
            read: gives the sequences of the rows of some numbers, float32 (n, n_slots, n_channels), if they are needed.

        Raises:
            ValueError: if the number of columns is another than fitted to.
            ModelError: if a library that it needs is not installed.
        """
        ...

    def to_bytes(self) -> bytes:
        """What its own `from_bytes` makes it of again; no pickle."""
        ...
