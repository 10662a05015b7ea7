"""FailureModel: the trend or the prior and, where failures happened, trees, calibrated into one probability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pronoia.errors import ModelError
from pronoia.models.classifiers.boosted_trees import BoostedTrees
from pronoia.models.classifiers.platt import PlattScaling, logistic
from pronoia.models.failure.blend import supervised_share
from pronoia.models.failure.features import FEATURES
from pronoia.models.failure.shipped import shipped_prior
from pronoia.models.failure.trend import trend_odds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pronoia.models.failure.odds import Odds
    from pronoia.models.failure.prior import FailurePrior

#: What trees read: the features, and what the trend says of the horizon.
TREE_FEATURES: tuple[str, ...] = (*FEATURES, "trend_log_odds")

# `fit_platt` on all memory and disk systems of the laboratory, a quarter of an hour ahead.
_OF_TREND = PlattScaling(np.array([0.346]), 0.622, np.array([[0.003153, 0.014248], [0.014248, 0.116973]]))
_OF_PRIOR = PlattScaling(np.array([1.073]), 0.013, np.array([[0.028886, 0.033785], [0.033785, 0.109509]]))
_HORIZON = np.ones(1)
# 95 % of a normal distribution.
_BOUND = 1.96


@dataclass(frozen=True, slots=True, eq=False)
class Within:
    """Probabilities by some times, float64 (n_rows, n_times), rising along the times; NaN where nothing is known."""

    probability: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class FailureModel:
    """What turns features into probabilities.

    Args:
        platt: calibrates the blend, of one member.
        trees: the classifier; None while too few failures have happened.
        n_events: failures that it was fitted to.
        prior: what is blended with the trees, and speaks alone without them; None takes the trend.
    """

    platt: PlattScaling
    trees: BoostedTrees | None = None
    n_events: int = 0
    prior: FailurePrior | None = None

    @property
    def share(self) -> float:
        """Weight of the trees, 0-1."""
        return 0.0 if self.trees is None else supervised_share(self.n_events)

    @property
    def speaker(self) -> str:
        """`supervised` where the trees outweigh what is known without them, else that: `prior` or `trend`."""
        if self.share > 0.5:
            return "supervised"
        return "trend" if self.prior is None else "prior"

    def within(self, features: NDArray[np.float32], times: NDArray[np.float64]) -> Within:
        """Probabilities by some times; trees know the horizon alone, and move the whole curve of trend or prior there.

        Bounds hold the least and the greatest of the trend's windows or the prior's members, and 95 % of the
        calibration's doubt.

        Args:
            features: float32 (n_rows, n_features), as `headroom_features` gives them.
            times: float64 (n_times,), rising, in horizons; positive, 1 is the horizon.
        """
        known = np.isfinite(features[:, 0])
        out = [np.full((len(features), len(times)), np.nan) for _ in range(3)]
        if known.any():
            rows = features[known]
            told, blend = self._told(rows, times), self.log_odds(rows)
            moved = (blend - self._told(rows, _HORIZON).log_odds[:, 0])[:, None]
            doubt = _BOUND * self.platt.spread(blend[:, None])[:, None]
            each = [
                logistic(self.platt.weights[0] * (odds + moved) + self.platt.offset + by)
                for odds, by in ((told.log_odds, 0.0), (told.lower, -doubt), (told.upper, doubt))
            ]
            for array, values in zip(out, each, strict=True):
                array[known] = np.maximum.accumulate(values, axis=1)
        return Within(*out)

    def log_odds(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """The blend within the horizon before calibration, float64 (n_rows,), of rows that are known."""
        told = self._told(features, _HORIZON).log_odds[:, 0]
        if self.trees is None:
            return told
        learnt = self.trees.log_odds(tree_values(features))
        return (1.0 - self.share) * told + self.share * learnt

    def _told(self, features: NDArray[np.float32], times: NDArray[np.float64]) -> Odds:
        return told_odds(self.prior, features, times)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Plain arrays, no pickle; of the prior that it is the shipped one."""
        raw = b"" if self.trees is None else self.trees.to_bytes()
        return {
            "trees": np.frombuffer(raw, np.uint8),
            "weights": self.platt.weights,
            "offset": np.array(self.platt.offset),
            "covariance": self.platt.covariance,
            "n_events": np.array(self.n_events),
            "has_prior": np.array(self.prior is not None),
        }

    @staticmethod
    def from_arrays(arrays: Mapping[str, NDArray[Any]]) -> FailureModel:
        """What `to_arrays` gave.

        Raises:
            ModelError: if it is not that, or knows other features than this version computes.
        """
        try:
            raw = arrays["trees"].tobytes()
            weights, covariance = arrays["weights"], arrays["covariance"]
            platt = PlattScaling(weights, float(arrays["offset"]), covariance)
            n_events, has_prior = int(arrays["n_events"]), bool(arrays["has_prior"])
        except (KeyError, ValueError, TypeError) as error:
            raise ModelError("failure", f"the saved model cannot be read: {error}") from error
        if weights.shape != (1,) or covariance.shape != (2, 2) or n_events < 0:
            raise ModelError("failure", "the saved calibration is not of one blend")
        trees = BoostedTrees.from_bytes(raw) if raw else None
        if trees is not None and trees.features != TREE_FEATURES:
            raise ModelError("failure", "it was fitted to other features than this version computes")
        return FailureModel(platt, trees, n_events, shipped_prior() if has_prior else None)


def told_odds(prior: FailurePrior | None, features: NDArray[np.float32], times: NDArray[np.float64]) -> Odds:
    """What is said before any failure: by the prior, or by the trend where there is none."""
    return trend_odds(features, times) if prior is None else prior.odds(features, times)


def tree_values(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Columns `TREE_FEATURES` of rows of `FEATURES`."""
    return np.column_stack([features, trend_odds(features, _HORIZON).log_odds]).astype(np.float32)


def trend_alone() -> FailureModel:
    """The trend as it is calibrated on laboratory systems (docs/failure.md): what speaks where there is no prior."""
    return FailureModel(_OF_TREND)


def prior_alone() -> FailureModel:
    """The shipped prior likewise: what speaks before any failure.

    Raises:
        ModelError: if its file is missing or damaged.
    """
    return FailureModel(_OF_PRIOR, prior=shipped_prior())
