"""Detectors of scikit-learn and PyOD (extra `anomaly`), kept from what some of them do while scoring.

PyOD's ECOD and COPOD append what they score to what they were fitted to, and keep it: a step's score then depends on
the steps scored with it, and on every call before. Here they are asked for one step at a time, each time as they were
after the fit. Where a library tells no metric's share, it goes by squared distance from the mean.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from pronoia.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

# Scores are told apart by what lies above the history's median, in spreads up to this share.
_HIGH = 0.95
# Steps of the history by which that is told; fewer where each costs a copy of the detector.
_N_ASKED, _N_ALONE = 1_000, 100


@dataclass(frozen=True, slots=True, eq=False)
class FittedLibraryDetector:
    """A library's fitted detector.

    Args:
        detector: what the library made.
        method: name of the method that scores.
        sign: -1 where greater means more usual.
        is_alone: whether each step has to be scored by itself.
        middle: median raw score of the history.
        spread: from there to its high scores.
    """

    detector: Any
    method: str
    sign: float
    is_alone: bool
    middle: float
    spread: float

    def advance(self, test: NDArray[np.float64]) -> tuple[NDArray[np.float64], FittedLibraryDetector]:
        """The library's score above the history's median, shared out by squared distance from the mean."""
        raw = asked(self.detector, self.method, test, self.sign, is_alone=self.is_alone)
        above = np.maximum((raw - self.middle) / self.spread, 0.0)
        squares = test**2 + 1e-12
        shared: NDArray[np.float64] = above[:, None] * squares / squares.mean(axis=1, keepdims=True)
        return shared, self


@dataclass(frozen=True, slots=True)
class LibraryDetector:
    """A detector of another package.

    Args:
        name: of the detector, for messages.
        module: where its class lives.
        class_name: the class.
        arguments: given to the class.
        method: name of the method that scores.
        sign: -1 where greater means more usual.
        is_alone: whether scoring looks at what is scored with it, or changes the detector.
        max_train: rows of the history that are looked at, evenly spaced; more cost more and say little.
    """

    name: str
    module: str
    class_name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    method: str = "decision_function"
    sign: float = 1.0
    is_alone: bool = False
    max_train: int = 20_000

    def fit(self, train: NDArray[np.float64], step_seconds: float) -> FittedLibraryDetector:  # noqa: ARG002
        """Fit on evenly spaced rows.

        Raises:
            ModelError: if the package is not installed, or refuses the history.
        """
        try:
            make = getattr(import_module(self.module), self.class_name)
        except ImportError as error:
            raise ModelError(
                self.name, f"needs the extra 'anomaly': pip install 'pronoia[anomaly]' ({error})"
            ) from error
        rows = train[np.unique(np.linspace(0, len(train) - 1, min(self.max_train, len(train))).astype(int))]
        detector = make(**self.arguments)
        try:
            detector.fit(rows)
            # Rows in the model's own sample look too usual to it; the library's word on others is what counts.
            n_asked = min(_N_ALONE if self.is_alone else _N_ASKED, len(train))
            held = train[np.unique(np.linspace(0, len(train) - 1, n_asked).astype(int))]
            raw = asked(detector, self.method, held, self.sign, is_alone=self.is_alone)
        except (ValueError, ArithmeticError, IndexError) as error:
            raise ModelError(self.name, f"cannot be fitted to {len(train)} steps: {error}") from error
        middle = float(np.median(raw))
        spread = max(float(np.quantile(raw, _HIGH)) - middle, 1e-9)
        return FittedLibraryDetector(detector, self.method, self.sign, self.is_alone, middle, spread)


def asked(detector: Any, method: str, test: NDArray[np.float64], sign: float, *, is_alone: bool) -> NDArray[np.float64]:
    """What a library says of each row, float64 (n_steps,); `is_alone` asks a fresh copy for each row."""
    if not len(test):
        return np.empty(0)
    if not is_alone:
        return sign * np.asarray(getattr(detector, method)(test), dtype=np.float64)
    return np.array([sign * float(getattr(copy.deepcopy(detector), method)(row[None, :])[0]) for row in test])
