"""Building test samples: scrapes of 140 minutes, walks and counters whose sums are exact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.series import LabelSet, SeriesFrame

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import ArrayLike, NDArray

MINUTE_MS = 60_000
SCRAPE_MS = 15_000
#: A multiple of the minute in the past: a fresh server takes samples of any age.
START_MS = 1_760_000_400_000
N_SCRAPES = 561
END_MS = START_MS + (N_SCRAPES - 1) * SCRAPE_MS
#: Every scrape of 140 minutes.
SCRAPES_MS = START_MS + SCRAPE_MS * np.arange(N_SCRAPES, dtype=np.int64)


class Samples:
    """Series by their labels; random ones the same each time."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(11)
        self._n_walks = 0
        self.series: dict[LabelSet, tuple[NDArray[np.int64], NDArray[np.float64]]] = {}

    def add(self, name: str, at_ms: ArrayLike, values: ArrayLike, **labels: str) -> None:
        times = np.asarray(at_ms, np.int64)
        self.series[LabelSet({"__name__": name, **labels})] = times, np.broadcast_to(np.asarray(values), times.shape)

    def frame(self) -> SeriesFrame:
        """All that was added."""
        return SeriesFrame.from_series(self.series)

    def walk(self, around: float = 20.0, scale: float = 1.0) -> NDArray[np.float64]:
        """A random walk; no two walks ever meet, so that there are no ties."""
        self._n_walks += 1
        return grained(around + np.cumsum(self.rng.normal(scale=scale, size=N_SCRAPES))) + self._n_walks / 2**14

    def count(self, mean: float, resets: Mapping[int, float] | None = None, grain: float = 1.0) -> NDArray[np.float64]:
        """A counter that counts in steps of `grain`, and goes on from the value given at each reset."""
        return counted(self.rng.poisson(mean, N_SCRAPES) * grain, resets or {})


def grained(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rounded to a multiple of 1/128."""
    return np.round(values * 128) / 128


def counted(increments: Iterable[float], resets: Mapping[int, float]) -> NDArray[np.float64]:
    """Sum of increments; at sample number i of `resets` the total is what stands there."""
    totals, total = [], 0.0
    for i, increment in enumerate(increments):
        total = resets.get(i, total + increment)
        totals.append(total)
    return np.array(totals)
