"""What several members say, weighed and calibrated into one.

Log-odds are averaged with given weights, and the average is calibrated by Platt scaling; or the weights are fitted with
the calibration, none below nought.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.classifiers.platt import PlattScaling, fit_platt

if TYPE_CHECKING:
    from numpy.typing import NDArray


def shares_of(n_members: int, blend: tuple[float, ...]) -> NDArray[np.float64]:
    """Weights of so many members that sum to one: those given, or trees 0.7 and the others the rest in equal parts.

    Raises:
        ValueError: if there are as many given as members, but none is positive, or one is negative.

    >>> shares_of(2, ()).tolist()
    [0.7, 0.3]
    >>> shares_of(1, (0.7, 0.3)).tolist()
    [1.0]
    """
    given = np.array(blend[:n_members], dtype=np.float64)
    if not len(given):
        given = np.array([1.0]) if n_members == 1 else np.append(0.7, np.full(n_members - 1, 0.3 / (n_members - 1)))
    if len(given) != n_members or (given < 0.0).any() or not given.sum() > 0.0:
        raise ValueError(f"weights {blend} for {n_members} members; as many are needed, none below 0, not all 0")
    weights: NDArray[np.float64] = given / given.sum()
    return weights


def fit_blend(
    log_odds: NDArray[np.float64],
    happened: NDArray[np.bool_],
    shares: NDArray[np.float64],
    n_independent: float,
    *,
    is_fitted: bool,
) -> PlattScaling:
    """Calibrate a blend on later rows.

    Args:
        log_odds: float64 (n_rows, n_members).
        happened: bool (n_rows,).
        shares: float64 (n_members,), see `shares_of`.
        n_independent: how many rows' worth of evidence the rows are.
        is_fitted: whether the weights are fitted too, starting from the shares.

    Raises:
        ModelError: if nothing happened, or always.
    """
    if is_fitted or len(shares) == 1:
        return fit_platt(log_odds, happened, shares, n_independent)
    of_one = fit_platt((log_odds @ shares)[:, None], happened, np.ones(1), n_independent)
    spread = np.zeros((len(shares) + 1, 2))
    spread[:-1, 0], spread[-1, 1] = shares, 1.0
    return PlattScaling(of_one.weights[0] * shares, of_one.offset, spread @ of_one.covariance @ spread.T)
