"""Platt scaling of one or several classifiers: a logistic regression on their log-odds, fitted on later data.

References:
    Platt, Probabilistic outputs for support vector machines, 1999 (with its smoothed targets).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_MOST_STEPS = 50
_TOLERANCE = 1e-9
_MOST_HALVINGS = 30
_FURTHEST = 30.0
# Pulls the weights towards what the members said by themselves, as so many rows would.
_RIDGE = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class PlattScaling:
    """Probability = logistic(weights . log-odds + offset).

    Args:
        weights: float64 (n_members,).
        offset: on the log-odds scale.
        covariance: float64 (n_members + 1, n_members + 1) of weights and offset, from the calibration rows.
    """

    weights: NDArray[np.float64]
    offset: float
    covariance: NDArray[np.float64]

    def probability(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Calibrated probabilities, float64 (n_rows,), of log-odds (n_rows, n_members)."""
        return logistic(log_odds @ self.weights + self.offset)

    def spread(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Standard error of the calibrated log-odds, float64 (n_rows,), for want of calibration rows."""
        design = np.column_stack([log_odds, np.ones(len(log_odds))])
        variance: NDArray[np.float64] = np.einsum("ri,ij,rj->r", design, self.covariance, design)
        return np.sqrt(np.maximum(variance, 0.0))


def identity_platt(shares: NDArray[np.float64], n_positives: int) -> PlattScaling:
    """Leaves what a blend says as it is; as uncertain as a rate counted from so many positives."""
    covariance = np.zeros((len(shares) + 1, len(shares) + 1))
    covariance[-1, -1] = 1.0 / (n_positives + 1.0)
    return PlattScaling(shares, 0.0, covariance)


def logistic(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability of log-odds.

    >>> logistic(np.array([0.0, -1000.0])).round(9).tolist()
    [0.5, 0.0]
    """
    return 1.0 / (1.0 + np.exp(-np.clip(log_odds, -_FURTHEST, _FURTHEST)))


def fit_platt(
    log_odds: NDArray[np.float64], happened: NDArray[np.bool_], shares: NDArray[np.float64], n_independent: float
) -> PlattScaling:
    """Fit by Newton's method; weights are not allowed below zero.

    Args:
        log_odds: float64 (n_rows, n_members).
        happened: bool (n_rows,).
        shares: float64 (n_members,), the blend to start from and to stay near, such as 0.7 and 0.3.
        n_independent: how many rows' worth of evidence the rows are: those of one overload say the same thing.

    Raises:
        ModelError: if nothing happened, or always.
    """
    n_events = int(happened.sum())
    if not 0 < n_events < len(happened):
        raise ModelError("platt", f"{n_events} of {len(happened)} calibration rows happened; there must be both")
    active = np.arange(log_odds.shape[1])
    while True:
        theta, inverse = _newton(log_odds[:, active], happened, shares[active])
        if (theta[:-1] >= 0.0).all() or len(active) == 1:
            break
        active = np.delete(active, int(np.argmin(theta[:-1])))
    weights = np.zeros(log_odds.shape[1])
    weights[active] = theta[:-1]
    covariance = np.zeros((len(shares) + 1, len(shares) + 1))
    places = np.append(active, len(shares))
    covariance[np.ix_(places, places)] = inverse * (len(happened) / max(n_independent, 1.0))
    return PlattScaling(weights, float(theta[-1]), covariance)


def _newton(
    log_odds: NDArray[np.float64], happened: NDArray[np.bool_], shares: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    design = np.column_stack([log_odds, np.ones(len(log_odds))])
    n_events, n_rows = float(happened.sum()), float(len(happened))
    target = np.where(happened, (n_events + 1.0) / (n_events + 2.0), 1.0 / (n_rows - n_events + 2.0))
    start = np.append(shares, 0.0)
    ridge = np.diag(np.append(np.full(len(shares), _RIDGE), 0.0))
    theta = start.copy()
    inverse: NDArray[np.float64] = np.eye(len(start))

    def loss(at: NDArray[np.float64]) -> float:
        odds = design @ at
        pulled = (at - start) @ ridge @ (at - start)
        return float(np.sum(np.logaddexp(0.0, odds) - target * odds) + 0.5 * pulled)

    for _ in range(_MOST_STEPS):
        said = logistic(design @ theta)
        gradient = design.T @ (said - target) + ridge @ (theta - start)
        hessian = (design * (said * (1.0 - said))[:, None]).T @ design + ridge + np.eye(len(start)) * 1e-9
        inverse = np.asarray(np.linalg.inv(hessian), dtype=np.float64)
        step = inverse @ gradient
        theta = _lowered(loss, theta, np.clip(step, -2.0, 2.0))
        if np.abs(step).max() < _TOLERANCE:
            break
    return theta, inverse


def _lowered(
    loss: Callable[[NDArray[np.float64]], float], theta: NDArray[np.float64], step: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The step, halved until the loss does not grow: log-odds far from what happens make whole steps swing for ever."""
    before = loss(theta)
    for _ in range(_MOST_HALVINGS):
        if loss(theta - step) <= before:
            break
        step = step / 2.0
    lowered: NDArray[np.float64] = theta - step
    return lowered
