"""Several models at once, for a worker process: one history that cannot be learnt from costs no other its model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.errors import ModelError
from pronoia.models.anomaly.model import AnomalyModel, AnomalySettings, fit_anomalies

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


def fit_many(histories: Sequence[NDArray[np.float64]], settings: AnomalySettings) -> list[AnomalyModel | str]:
    """A model of each history, float64 (n_steps, n_metrics), or why there is none.

    Raises:
        ConfigError: if there is no such detector, or its library is missing.
    """
    return [_fitted(history, settings) for history in histories]


def _fitted(history: NDArray[np.float64], settings: AnomalySettings) -> AnomalyModel | str:
    try:
        return fit_anomalies(history, settings)
    except ModelError as error:
        return str(error)
