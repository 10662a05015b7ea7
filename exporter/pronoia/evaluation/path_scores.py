"""Are sampled paths calibrated as wholes: their maxima, their means, the time until a threshold is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: What is read off each path.
READINGS = ("maximum", "mean", "time_to_threshold")
#: How instants of a path depend on each other: as learnt, not at all, wholly.
DEPENDENCES = ("learnt", "independent", "comonotone")
#: Dependence parameters that stand for the last two, see `models.forecast.dependence`.
FIXED_DEPENDENCES = ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0))
#: Nominal coverage of the readings' interval.
PATH_LEVEL = 0.8

_LEAST_KNOWN = 0.5


def reading_ranks(
    paths: NDArray[np.float64], truth: NDArray[np.float64], threshold: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Where the truth's readings lie among those of the paths; uniform in 0-1 if the paths are right.

    Equal readings (a path that never reaches the threshold, a plateau) share their ranks by chance, so that no reading
    is counted as held only because many paths agree on it.

    Args:
        paths: float64 (n_series, n_paths, n_steps).
        truth: float64 (n_series, n_steps), NaN where there was no sample; paths are read where there was one.
        threshold: float64 (n_series,), whose first crossing upwards is timed.
        rng: breaks ties.

    Returns:
        float64 (n_series, 3) for `READINGS`; NaN where less than half of the truth is known.

    References:
        Czado, Gneiting, Held, Predictive model assessment for count data, Biometrics 65(4), 2009 (randomised PIT).
    """
    known = np.isfinite(truth)
    usable = known.mean(axis=1) >= _LEAST_KNOWN
    sampled = _readings(paths, known[:, None], threshold[:, None])
    seen = _readings(np.where(known, truth, 0.0), known, threshold)[:, None]
    below, equal = (sampled < seen).sum(axis=1), (sampled == seen).sum(axis=1)
    n_paths = paths.shape[1]
    ranks = (below + rng.random(below.shape) * (equal + 1.0)) / (n_paths + 1.0)
    return np.where(usable[:, None], ranks, np.nan)


def _readings(
    values: NDArray[np.float64], known: NDArray[np.bool_], threshold: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Maximum, mean and first step at or above the threshold (the number of steps if none), float64 (..., 3)."""
    maximum = np.where(known, values, -np.inf).max(axis=-1)
    mean = np.where(known, values, 0.0).sum(axis=-1) / np.maximum(known.sum(axis=-1), 1)
    beyond = known & (values >= threshold[..., None])
    first = np.where(beyond.any(axis=-1), np.argmax(beyond, axis=-1), values.shape[-1])
    return np.stack([maximum, mean, first.astype(np.float64)], axis=-1)
