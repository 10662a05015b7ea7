"""Fit the risk of one target in one window: trees on the past, calibration on what came later."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pronoia.features.matrix import FEATURES
from pronoia.models.bottleneck.fitted import FittedRisk
from pronoia.models.bottleneck.training_rows import balance_subjects, draw_rows, stack
from pronoia.models.bottleneck.virtual_thresholds import virtual_histories
from pronoia.models.classifiers.boosted_trees import TreeSettings, fit_trees
from pronoia.models.classifiers.platt import fit_platt, identity_platt

if TYPE_CHECKING:
    from pronoia.features.load import LoadHistory
    from pronoia.features.slots import Window
    from pronoia.models.bottleneck.spans import Spans

_VIRTUAL_WEIGHT = 0.3
_VIRTUAL_POSITIVES = 300
_VIRTUAL_IDLE_SHARE, _VIRTUAL_BUSY_SHARE = 0.02, 0.04


@dataclass(frozen=True, slots=True)
class RiskSettings:
    """How a risk is fitted.

    Args:
        trees: how trees are grown.
        is_balanced: whether a subject with many positives counts as the square root of their number.
        has_virtual: whether copies of the history with virtual thresholds are learnt from as well.
        is_hazard: whether only rows count where it has not happened before the window.
        least_positives: with fewer in the calibration span, what the trees say stays as it is.
        seed: of what is drawn.
    """

    trees: TreeSettings = field(default_factory=TreeSettings)
    is_balanced: bool = True
    has_virtual: bool = True
    is_hazard: bool = False
    least_positives: int = 1
    seed: int = 0

    @staticmethod
    def of(target: str, seed: int = 0) -> RiskSettings:
        """What has proved best for a target: states are plenty, and need no balance."""
        is_onset = target == "onset"
        return RiskSettings(is_balanced=is_onset, has_virtual=is_onset, seed=seed)


def fit_risk(history: LoadHistory, target: str, window: Window, spans: Spans, settings: RiskSettings) -> FittedRisk:
    """Fit to the first span, stop by the second, calibrate by the third.

    Cost: some 40 microseconds per row drawn, and a minute of growing for half a million of them, on one core.

    Args:
        history: of all subjects of a kind.
        target: `state` or `onset`.
        window: what is to be predicted.
        spans: the parts of the history; nothing after their end is looked at.
        settings: how.

    Raises:
        ModelError: if a part holds no overload, or nothing else.
    """
    rng = np.random.default_rng(settings.seed)
    grown = draw_rows(history, target, window, spans.grow, spans.stop, rng=rng, is_hazard=settings.is_hazard)
    if settings.is_balanced and grown.happened.any():
        grown = balance_subjects(grown)
    parts = [grown]
    if settings.has_virtual:
        for copy in virtual_histories(history, spans.grow, spans.stop):
            drawn = draw_rows(
                copy, target, window, spans.grow, spans.stop, rng=rng,
                idle_share=_VIRTUAL_IDLE_SHARE, busy_share=_VIRTUAL_BUSY_SHARE, most_positives=_VIRTUAL_POSITIVES,
                is_hazard=settings.is_hazard,
            )  # fmt: skip
            parts.append(type(drawn)(drawn.features, drawn.happened, drawn.weights * _VIRTUAL_WEIGHT))
    rows = stack(parts)
    stop = draw_rows(history, target, window, spans.stop, spans.calibrate, rng=rng, is_hazard=settings.is_hazard)
    trees = fit_trees(
        rows.features.values,
        rows.happened,
        rows.weights,
        (stop.features.values, stop.happened, stop.weights),
        features=FEATURES,
        settings=settings.trees,
    )
    later = draw_rows(
        history, target, window, spans.calibrate, spans.end, rng=rng, idle_share=1.0, busy_share=1.0,
        is_hazard=settings.is_hazard,
    )  # fmt: skip
    n_positives = int(later.happened.sum())
    if n_positives < settings.least_positives:
        return FittedRisk(target, window, trees, identity_platt(n_positives))
    said = trees.log_odds(later.features.values)[:, None]
    n_overloads = float(history.starts[:, spans.calibrate : spans.end].sum())
    independent = n_overloads * len(later.happened) / max(float(later.happened.sum()), 1.0)
    platt = fit_platt(said, later.happened, np.ones(1), min(independent, float(len(later.happened))))
    return FittedRisk(target, window, trees, platt)
