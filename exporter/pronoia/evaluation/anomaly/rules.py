"""What a rule in an alerting file would do: the score to beat, 1 = its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.anomaly.prepare import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

_SIGMAS = 3.0


def three_sigma(train: NDArray[np.float64], test: NDArray[np.float64]) -> NDArray[np.float64]:
    """The worst metric's distance from its mean, in three standard deviations, float64 (n_test,)."""
    worst: NDArray[np.float64] = np.abs(prepare(train)[0](test)).max(axis=1) / _SIGMAS
    return worst


def last_value(train: NDArray[np.float64], test: NDArray[np.float64]) -> NDArray[np.float64]:
    """The worst metric's change from the step before, in three standard deviations of such changes."""
    preparation, prepared = prepare(train)
    changes = np.maximum(np.diff(prepared, axis=0).std(axis=0), 1e-9)
    seen = np.concatenate((prepared[-1:], preparation(test)))
    worst: NDArray[np.float64] = (np.abs(np.diff(seen, axis=0)) / changes).max(axis=1) / _SIGMAS
    return worst


#: By name, in the order of reports.
SIMPLE_RULES: Mapping[str, Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]] = {
    "3-sigma rule": three_sigma,
    "last-value rule": last_value,
}
