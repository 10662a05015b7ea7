"""Fit the risk of one target in one window: its members on the past, blend and calibration on what came later."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError
from pronoia.models.bottleneck.blend import fit_blend, shares_of
from pronoia.models.bottleneck.fitted import FittedRisk, Partner
from pronoia.models.bottleneck.members import fit_member
from pronoia.models.bottleneck.training_rows import balance_subjects, draw_rows, stack
from pronoia.models.bottleneck.virtual_thresholds import virtual_histories
from pronoia.models.classifiers.boosted_trees import BoostedTrees, TreeSettings
from pronoia.models.classifiers.isotonic import fit_isotonic
from pronoia.models.classifiers.platt import fit_platt, identity_platt
from pronoia.models.classifiers.sequence_network import NetworkSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pronoia.features.load import LoadHistory
    from pronoia.features.matrix import FeatureMatrix
    from pronoia.features.slots import Window
    from pronoia.models.bottleneck.spans import Spans
    from pronoia.models.classifiers.classifier import Classifier

_VIRTUAL_WEIGHT = 0.3
_VIRTUAL_POSITIVES = 300
_VIRTUAL_IDLE_SHARE, _VIRTUAL_BUSY_SHARE = 0.02, 0.04


#: How the blend's log-odds become probabilities.
CALIBRATIONS = ("platt", "isotonic")


@dataclass(frozen=True, slots=True)
class RiskSettings:
    """How a risk is fitted.

    Args:
        trees: how trees are grown.
        network: how networks are trained.
        members: which of `MEMBERS` are blended, trees first.
        blend: weights of the members on the scale of log-odds; none gives trees 0.7 and the others the rest.
        is_blend_fitted: whether the weights are fitted to the calibration slice instead.
        calibration: one of `CALIBRATIONS`.
        is_balanced: whether a subject with many positives counts as the square root of their number.
        has_virtual: whether copies of the history with virtual thresholds are learnt from as well.
        is_hazard: whether only rows count where it has not happened before the window.
        least_positives: with fewer in the calibration span, what the blend says stays as it is.
        seed: of what is drawn.
    """

    trees: TreeSettings = field(default_factory=TreeSettings)
    network: NetworkSettings = field(default_factory=NetworkSettings)
    members: tuple[str, ...] = ("trees",)
    blend: tuple[float, ...] = ()
    is_blend_fitted: bool = False
    calibration: str = "platt"
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

    Cost: some 40 microseconds per row drawn, and a minute of growing for half a million of them, on one core; a network
    takes several minutes more.

    Args:
        history: of all subjects of a kind.
        target: `state` or `onset`.
        window: what is to be predicted.
        spans: the parts of the history; nothing after their end is looked at.
        settings: how.

    Raises:
        ModelError: if a part holds no overload, or nothing else, or a library that a member needs is missing.
    """
    members = fit_members(history, target, window, spans, settings)
    rng = np.random.default_rng(settings.seed)
    later = draw_rows(
        history, target, window, spans.calibrate, spans.end, rng=rng, idle_share=1.0, busy_share=1.0,
        is_hazard=settings.is_hazard,
    )  # fmt: skip
    said = members_log_odds(members, later.features)
    n_overloads = int(history.starts[:, spans.calibrate : spans.end].sum())
    return calibrate_risk(
        target, window, members, said=said, happened=later.happened, n_overloads=n_overloads, settings=settings
    )


def fit_members(
    history: LoadHistory, target: str, window: Window, spans: Spans, settings: RiskSettings
) -> dict[str, Classifier]:
    """Fit each member to the first span and stop by the second, by name; see `fit_risk`."""
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
    return {name: fit_member(name, rows, stop, settings) for name in settings.members}


def calibrate_risk(
    target: str,
    window: Window,
    members: Mapping[str, Classifier],
    *,
    said: NDArray[np.float64],
    happened: NDArray[np.bool_],
    n_overloads: int,
    settings: RiskSettings,
) -> FittedRisk:
    """Blend and calibrate what the members say of later rows.

    Args:
        target: `state` or `onset`.
        window: what is predicted.
        members: by name, trees first.
        said: float64 (n_rows, n_members), their log-odds.
        happened: bool (n_rows,).
        n_overloads: how many overloads the rows are of: those of one say the same thing.
        settings: how.

    Raises:
        ModelError: if nothing happened, or always, or the first member is not trees.
        ValueError: if the weights do not fit the members.
    """
    trees, *others = members.items()
    if not isinstance(trees[1], BoostedTrees):
        raise ModelError("bottleneck", f"the members are {', '.join(members)}; trees must be the first")
    shares = shares_of(len(members), settings.blend)
    n_positives = int(happened.sum())
    if n_positives < settings.least_positives:
        own = tuple(identity_platt(np.ones(1), n_positives) for _ in members if others)
        return FittedRisk(target, window, trees[1], identity_platt(shares, n_positives), _partners(others), own)
    independent = min(n_overloads * len(happened) / max(n_positives, 1), float(len(happened)))
    platt = fit_blend(said, happened, shares, independent, is_fitted=settings.is_blend_fitted)
    own = tuple(fit_platt(said[:, [i]], happened, np.ones(1), independent) for i in range(len(members)) if others)
    isotonic = None
    if settings.calibration == "isotonic":
        isotonic = fit_isotonic(said @ platt.weights + platt.offset, happened)
    return FittedRisk(target, window, trees[1], platt, _partners(others), own, isotonic)


def _partners(others: list[tuple[str, Classifier]]) -> tuple[Partner, ...]:
    return tuple(Partner(name, classifier) for name, classifier in others)


def members_log_odds(members: Mapping[str, Classifier], features: FeatureMatrix) -> NDArray[np.float64]:
    """What each member says, float64 (n_rows, n_members)."""
    return np.column_stack([each.log_odds(features.of(each.features), features.sequences) for each in members.values()])
