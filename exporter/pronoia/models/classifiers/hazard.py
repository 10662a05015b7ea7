"""A logistic regression on how often it happened in the same phase: of the day, of cycles, since the last one.

Where overloads follow a schedule, the logarithms of a few counted rates say nearly all there is to say, and a straight
line through them errs elsewhere than trees do.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError
from pronoia.models.classifiers.platt import logistic
from pronoia.models.classifiers.standardise import mean_and_deviation

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

#: Features that are rates, counts, ages or levels, of which the logarithm is taken.
RATES: tuple[str, ...] = (
    "n_days_start", "n_days_start_wide", "n_days_high", "days_since_start", "start_rate_decayed",
    "start_rate_decayed_wide", "start_share", "weeks_start_share", "period_start_share",
    *(f"cycle_{period}_start" for period in (12, 24, 36, 48, 72, 96, 144, 288, 2_016)),
    "renewal_hazard", "gaps_near_share", "gaps_in_window_share", "slots_since_start", "slots_since_high",
    "since_per_gap", "n_starts_day", "n_starts_week", "starts_per_day", "high_share_week", "n_high_288", "n_half_48",
    "peers_starts_6", "peers_starts_288", "peers_days_start", "follows_peer_start", "follows_jump_load",
    "load", "load_mean_12", "load_max_48", "load_max_288", "load_std_48", "week_p95", "week_p99",
)  # fmt: skip

_NAME = "hazard"
# What a rate of nothing counts as: a logarithm must be taken.
_LEAST = 0.02
_HAZARD, _PER_DAY = RATES.index("renewal_hazard"), RATES.index("starts_per_day")
_RIDGE = 1e-5
_MOST_STEPS = 150


@dataclass(frozen=True, slots=True, eq=False)
class HazardModel:
    """A fitted logistic regression.

    Args:
        features: names of the columns of the matrix that it is given, in order.
        centre: float64 (n_terms,), mean of each term.
        scale: float64 (n_terms,), its standard deviation.
        weights: float64 (n_terms + 1,), of the terms brought to mean 0 and deviation 1; the last is the offset.
    """

    features: tuple[str, ...]
    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    weights: NDArray[np.float64]

    def log_odds(
        self, values: NDArray[np.float32], read: Callable[[NDArray[np.int64]], NDArray[np.float32]] | None = None
    ) -> NDArray[np.float64]:
        """Log-odds, float64 (n_rows,), before any calibration; sequences are not read.

        Raises:
            ValueError: if the number of columns is another than fitted to.
        """
        del read
        if values.shape[1] != len(self.features):
            raise ValueError(f"{values.shape[1]} columns, the model was fitted to {len(self.features)}")
        terms = np.nan_to_num((_terms(values, self.features) - self.centre) / self.scale)
        said: NDArray[np.float64] = terms @ self.weights[:-1] + self.weights[-1]
        return said

    def to_bytes(self) -> bytes:
        """As a numpy archive of plain arrays."""
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            allow_pickle=False,
            features=np.array(self.features),
            centre=self.centre,
            scale=self.scale,
            weights=self.weights,
        )
        return buffer.getvalue()

    @staticmethod
    def from_bytes(raw: bytes) -> HazardModel:
        """What `to_bytes` gave.

        Raises:
            ModelError: if it is not that.
        """
        try:
            with np.load(io.BytesIO(raw), allow_pickle=False) as archive:
                features = tuple(str(name) for name in archive["features"])
                model = HazardModel(features, archive["centre"], archive["scale"], archive["weights"])
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise ModelError(_NAME, f"the saved model cannot be read: {error}") from error
        n_terms = len(RATES) + 3
        if not set(RATES) <= set(features) or not len(model.weights) - 1 == len(model.scale) == len(model.centre) == (
            n_terms
        ):
            raise ModelError(_NAME, f"the saved model is incomplete; it has {n_terms} terms")
        return model


def fit_hazard(
    values: NDArray[np.float32],
    happened: NDArray[np.bool_],
    weights: NDArray[np.float64],
    *,
    features: tuple[str, ...],
) -> HazardModel:
    """Fit by L-BFGS; there is nothing to stop early.

    Cost: about ten seconds for half a million rows, on one core.

    Args:
        values: float32 (n_rows, n_features), NaN where nothing is known.
        happened: bool (n_rows,).
        weights: float64 (n_rows,), positive.
        features: names of the columns; all of `RATES` must be among them.

    Raises:
        ModelError: if nothing ever happened, or always.
    """
    from scipy.optimize import minimize

    if not happened.any() or happened.all():
        raise ModelError(_NAME, f"the training slice holds one outcome only, in {len(happened)} rows")
    terms = _terms(values, features)
    centre, scale = mean_and_deviation(terms)
    # Single precision halves the time, and is exact enough for a regression that is pulled towards nought.
    design = np.nan_to_num((terms - centre) / scale).astype(np.float32)
    del terms
    shares = weights / weights.sum()

    def loss(theta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        said = (design @ theta[:-1].astype(np.float32)).astype(np.float64) + theta[-1]
        error = shares * (logistic(said) - happened)
        gradient = np.append(error.astype(np.float32) @ design + 2.0 * _RIDGE * theta[:-1], error.sum())
        each = np.logaddexp(0.0, np.where(happened, -said, said))
        return float(each @ shares + _RIDGE * theta[:-1] @ theta[:-1]), gradient

    mean = float(shares @ happened)
    start = np.append(np.zeros(design.shape[1]), np.log(mean / (1.0 - mean)))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _MOST_STEPS})
    return HazardModel(features, centre, scale, np.asarray(found.x))


def _terms(values: NDArray[np.float32], features: tuple[str, ...]) -> NDArray[np.float64]:
    """Logarithms, which of the two that need an earlier overload are not known, and how a phase goes with a rate."""
    columns = [features.index(name) for name in RATES]
    logs = np.log(np.maximum(values[:, columns], 0.0) + _LEAST).astype(np.float64)
    return np.column_stack(
        [
            logs,
            np.isnan(logs[:, _HAZARD]),
            np.isnan(logs[:, RATES.index("slots_since_start")]),
            logs[:, _HAZARD] * logs[:, _PER_DAY],
        ]
    )
