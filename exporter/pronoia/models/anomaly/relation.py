"""How siblings go together: where each of them would be if it went with the others.

The group goes where the median of its members goes. What that means for one of them, history tells as far as the group
has moved in it; a load never seen before may as well add the same to all, or multiply all by the same. So there are
three relations, and only what none of those that count explains is a difference.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Median absolute deviations of a normal distribution in a standard deviation.
_NORMAL = 1.4826
# Least unit of a member, as a share of the median of all units: one that stands still is measured by the others.
_LEAST_UNIT = 0.1
# What a history has to show, as variance of the group in units, before a factor other than one is believed.
_PRIOR_VARIANCE = 0.05
# Huber's bound, in spreads, and how often weights are taken anew.
_HUBER = 1.345
_N_ITERATIONS = 5
# A relation is backed by the history if its residuals are no greater than so many times those of the learnt one.
_BACKED = 1.5
# Share of the history that reaches no farther than what units are made for.
_USUAL = 0.99


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    """Of n_peers siblings.

    Args:
        centre: float64 (n_peers,), medians, source unit.
        unit: float64 (n_peers,), usual swings, source unit, positive.
        stride: float64 (n_peers,), how far each goes, source unit, when the group goes by one; positive.
        factor: float64 (n_peers,), share of that which each follows.
        reach: how far the group went in the history.
        is_backed: whether the history agrees with it; else it counts only beyond that.
    """

    centre: NDArray[np.float64]
    unit: NDArray[np.float64]
    stride: NDArray[np.float64]
    factor: NDArray[np.float64]
    reach: float
    is_backed: bool

    def residuals(
        self, values: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
        """Of values (n_steps, n_peers).

        Returns:
            how far each is from where the group has it, in units, NaN where unknown; where that is, source unit; and
            whether the relation counts, bool (n_steps, 1). Farther out than the history ever was, units grow with the
            distance.
        """
        away = values - self.centre
        group = _medians(away / self.stride)[:, None]
        followed = self.factor * self.stride * group
        beyond = np.maximum(np.abs(group) / self.reach, 1.0)
        return (away - followed) / self.unit / beyond, self.centre + followed, self.is_backed | (beyond > 1.0)


def relations_of(train: NDArray[np.float64]) -> tuple[Relation, ...]:
    """Learn the three from a history (n_steps, n_peers), NaN where nothing is known; none if no sibling moves.

    As learnt, each by its factor: robust regressions (Huber, Robust estimation of a location parameter, 1964) shrunk
    towards one; all by the same amount; all by the same ratio.
    """
    centre = np.nanmedian(train, axis=0)
    unit = _NORMAL * np.nanmedian(np.abs(train - centre), axis=0)
    # Most samples alike: the rest tells how far it swings.
    unit = np.where(unit > 0.0, unit, np.nanstd(train, axis=0))
    moving = unit > 1e-9 * np.abs(centre)
    if not moving.any():
        return ()
    unit = np.maximum(unit, _LEAST_UNIT * float(np.median(unit[moving])))
    group, ones = _medians((train - centre) / unit), np.ones_like(unit)
    factor = np.array([_factor(group, column) for column in ((train - centre) / unit).T])
    same, ratio = np.full_like(unit, float(np.median(unit))), np.maximum(np.abs(centre), unit)
    relations = [
        Relation(centre, unit, stride, follows, _reach((train - centre) / stride), is_backed=True)
        for stride, follows in ((unit, factor), (same, ones), (ratio, ones))
    ]
    spreads = [float(np.nanmedian(np.abs(relation.residuals(train)[0]))) for relation in relations]
    return tuple(
        replace(relation, is_backed=spread <= _BACKED * spreads[0])
        for relation, spread in zip(relations, spreads, strict=True)
    )


def _reach(scaled: NDArray[np.float64]) -> float:
    return max(float(np.nanquantile(np.abs(_medians(scaled)), _USUAL)), 1e-12)


def _medians(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each row's known values; NaN where there is none."""
    medians = np.full(len(values), np.nan)
    some = np.isfinite(values).any(axis=1)
    medians[some] = np.nanmedian(values[some], axis=1)
    return medians


def _factor(group: NDArray[np.float64], own: NDArray[np.float64]) -> float:
    known = np.isfinite(own)
    x, y = group[known], own[known]
    weight, factor = np.ones(len(x)), 1.0
    for _ in range(_N_ITERATIONS):
        prior = _PRIOR_VARIANCE * float(weight.sum())
        factor = (float((weight * x) @ y) + prior) / (float((weight * x) @ x) + prior)
        away = np.abs(y - factor * x)
        bound = _HUBER * max(_NORMAL * float(np.median(away)), 1e-9)
        weight = bound / np.maximum(away, bound)
    return factor
