"""Fit the bottleneck prior: a classifier for each target and window, on loads of many sources together."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from pronoia.features import clock
from pronoia.features.labels import TARGETS
from pronoia.features.matrix import FEATURES
from pronoia.features.slots import WINDOWS
from pronoia.models.bottleneck.fitted import FittedRisk
from pronoia.models.bottleneck.horizons import HorizonRisks
from pronoia.models.bottleneck.training_rows import TrainingRows, balance_subjects, draw_rows, stack
from pronoia.models.classifiers.boosted_trees import BoostedTrees, TreeSettings, fit_trees
from pronoia.models.classifiers.platt import PlattScaling, fit_platt, logistic

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from pronoia.features.slots import Window
    from pronoia.training.bottleneck_corpus import SourceHistory

# Small enough to be shipped; a deeper and longer ensemble is hardly better on sources it was not fitted to.
_TREES = TreeSettings(n_trees=70, depth=5, learning_rate=0.12, least_weight=30.0, n_threads=2)
_STOP_FROM, _CALIBRATE_FROM = 0.7, 0.85
# Of one subject; states are plenty and onsets rare, so onsets of a busy subject count less beside those of others.
_MOST_POSITIVES = {"state": 600, "onset": 60}
_IDLE_SHARE, _BUSY_SHARE = 0.005, 0.012
_WARM_UP_SLOTS = 12
# Recordings' clocks are their own: what happens at which hour of theirs says nothing about others'.
_UNKNOWN = [FEATURES.index(name) for name in clock.NAMES]


def fit_prior(histories: Sequence[SourceHistory], seed: int, report: Callable[[str], None]) -> HorizonRisks:
    """Fit, stop and calibrate on consecutive parts of each source.

    Args:
        histories: what to learn from.
        seed: of what is drawn.
        report: told of progress.

    Raises:
        ModelError: if there is nothing to learn from.
    """
    risks = {}
    for target in TARGETS:
        fitted = []
        for window in WINDOWS:
            risk, n_positives = _fit(histories, target, window, seed)
            report(
                f"{target}, slots {window.first} to {window.last}: {n_positives} positives, {risk.trees.n_used} trees"
            )
            fitted.append(risk)
        risks[target] = tuple(fitted)
    return HorizonRisks(risks)


def _fit(histories: Sequence[SourceHistory], target: str, window: Window, seed: int) -> tuple[FittedRisk, int]:
    rng = np.random.default_rng(seed)
    grown, stopping, calibrating, sources = [], [], [], []
    # What goes on is asked of the first window alone: of the others, only where nothing was high before.
    goes_on = target == "state" and window == WINDOWS[0]
    for each in histories:
        if each.is_mostly_high and not goes_on:
            continue
        n_slots = each.history.grid.n_steps
        begins = [0, round(_STOP_FROM * n_slots), round(_CALIBRATE_FROM * n_slots), n_slots]
        if each.is_young:
            # Short pieces are learnt from only: cut in three, hardly anything would lie within one part.
            grown.append(_drawn(each, target, window, (0, n_slots), rng, most_positives=_MOST_POSITIVES[target]))
            continue
        rows = [
            _drawn(each, target, window, span, rng, most_positives=None if span[0] else _MOST_POSITIVES[target])
            for span in pairwise(begins)
        ]
        is_balanced = target == "onset" and rows[0].happened.any()
        grown.append(balance_subjects(rows[0]) if is_balanced else rows[0])
        stopping.append(rows[1])
        calibrating.append(rows[2])
        sources += [each.source] * len(rows[2].happened)
    grow, stop, calibrate = stack(grown), stack(stopping), stack(calibrating)
    trees = fit_trees(
        grow.features.values,
        grow.happened,
        grow.weights,
        (stop.features.values, stop.happened, stop.weights),
        features=FEATURES,
        settings=replace(_TREES, seed=seed),
    )
    trees = BoostedTrees(trees.booster[: trees.n_used], trees.features, trees.n_used)
    platt = _calibrated(trees.log_odds(calibrate.features.values), calibrate, np.array(sources))
    return FittedRisk(target, window, trees, platt), int(grow.happened.sum())


def _drawn(
    each: SourceHistory,
    target: str,
    window: Window,
    span: tuple[int, int],
    rng: np.random.Generator,
    *,
    most_positives: int | None,
) -> TrainingRows:
    rows = draw_rows(
        each.history, target, window, *span, rng=rng, idle_share=_IDLE_SHARE, busy_share=_BUSY_SHARE,
        most_positives=most_positives, is_hazard=True, warm_up_slots=_WARM_UP_SLOTS,
    )  # fmt: skip
    rows.features.values[:, _UNKNOWN] = np.nan
    return rows


def _calibrated(said: NDArray[np.float64], rows: TrainingRows, sources: NDArray[np.str_]) -> PlattScaling:
    """Weights by repetition would lie about the evidence: rows are drawn again in proportion to them."""
    rng = np.random.default_rng(0)
    share = rows.weights / rows.weights.sum()
    drawn = rng.choice(len(said), size=len(said), p=share)
    platt = fit_platt(said[drawn][:, None], rows.happened[drawn], np.ones(1), float(len(said)))
    covariance = platt.covariance.copy()
    covariance[-1, -1] += _between_sources(platt, said[drawn], rows.happened[drawn], sources[drawn])
    return PlattScaling(platt.weights, platt.offset, covariance)


def _between_sources(
    platt: PlattScaling, said: NDArray[np.float64], happened: NDArray[np.bool_], sources: NDArray[np.str_]
) -> float:
    """Variance of the offsets that sources would have of their own: how far a source never seen may be off."""
    offsets = []
    for source in np.unique(sources):
        own = sources == source
        if not 10 <= int(happened[own].sum()) < int(own.sum()):
            continue
        centre = said[own] * platt.weights[0] + platt.offset
        offset = 0.0
        for _ in range(30):
            chance = logistic(centre + offset)
            offset += float(np.clip((happened[own] - chance).sum() / (chance * (1.0 - chance)).sum(), -1.0, 1.0))
        offsets.append(offset)
    return float(np.var(offsets)) if len(offsets) > 1 else 1.0
