"""OnlineCalibration: how much wider or narrower each series' bounds must be than the backtest thought."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import StateError
from pronoia.models.forecast.widening import adapt_own, adapt_shared
from pronoia.series import LabelSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from pronoia.learning.matured import MaturedErrors


class OnlineCalibration:
    """Learns from matured errors, over refits and restarts; see `pronoia.models.forecast.widening` for the method.

    Args:
        n_knots: number of horizons told apart.
        levels: nominal coverages of the intervals, ascending; each learns from its own misses.
    """

    def __init__(self, n_knots: int, levels: Sequence[float]) -> None:
        self._levels = np.array(levels, dtype=np.float64)[:, None, None]
        self._shared = np.zeros((len(self._levels), 2, n_knots))
        self._own: dict[LabelSet, NDArray[np.float64]] = {}

    def absorb(self, matured: Iterable[MaturedErrors]) -> None:
        """Learn from errors, in the order given (oldest first)."""
        for errors in matured:
            missed = np.full((len(errors.labels), *self._shared.shape), np.nan)
            missed[..., errors.knot] = errors.missed
            self._shared = adapt_shared(self._shared, missed, self._levels)
            own = self._rows(errors.labels)
            self._own.update(zip(errors.labels, adapt_own(own, missed, self._levels), strict=True))

    def widening(self, labels: tuple[LabelSet, ...]) -> NDArray[np.float64]:
        """What `FittedForecasts.with_widening` takes, float64 (n_series, n_levels, 2, n_knots)."""
        together: NDArray[np.float64] = self._shared + self._rows(labels)
        return together

    def forget_others(self, labels: Iterable[LabelSet]) -> None:
        """Keep only these series' own factors: what is no longer fitted must not pile up."""
        kept = set(labels)
        self._own = {label: own for label, own in self._own.items() if label in kept}

    def to_arrays(self) -> dict[str, np.ndarray]:
        """The state as arrays, labels as JSON in bytes."""
        words = {"levels": self._levels.ravel().tolist(), "labels": [label.pairs for label in self._own]}
        own = np.array(list(self._own.values())).reshape(len(self._own), *self._shared.shape)
        meta = np.frombuffer(json.dumps(words).encode(), dtype=np.uint8)
        return {"words": meta, "shared": self._shared.copy(), "own": own}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray], levels: Sequence[float]) -> OnlineCalibration:
        """What `to_arrays` gave of a calibration of these levels.

        Raises:
            StateError: if it is not that.
        """
        try:
            words = json.loads(bytes(np.asarray(arrays["words"], dtype=np.uint8)))
            shared = np.array(arrays["shared"], dtype=np.float64)
            own = np.array(arrays["own"], dtype=np.float64)
            labels = [LabelSet((str(name), str(value)) for name, value in pairs) for pairs in words["labels"]]
            saved_levels = [float(level) for level in words["levels"]]
        except (KeyError, TypeError, ValueError) as error:
            raise StateError(f"saved calibration cannot be read: {error}") from error
        if saved_levels != list(levels):
            raise StateError(f"saved calibration is of the levels {saved_levels}, {list(levels)} are needed")
        if shared.ndim != 3 or shared.shape[:-1] != (len(levels), 2) or own.shape != (len(labels), *shared.shape):
            raise StateError(f"saved calibration has shapes {shared.shape} and {own.shape} for {len(labels)} series")
        if not (np.isfinite(shared).all() and np.isfinite(own).all()):
            raise StateError("saved calibration holds values that are not finite")
        self = cls(shared.shape[-1], levels)
        self._shared = shared
        self._own = dict(zip(labels, own, strict=True))
        return self

    def _rows(self, labels: tuple[LabelSet, ...]) -> NDArray[np.float64]:
        nothing = np.zeros_like(self._shared)
        return np.array([self._own.get(label, nothing) for label in labels]).reshape(len(labels), *nothing.shape)
