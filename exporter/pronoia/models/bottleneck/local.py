"""Classifiers of one's own history, taken up where they beat those in use on its newest part."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from pronoia.errors import ModelError
from pronoia.features.labels import TARGETS
from pronoia.features.matrix import columns_of
from pronoia.features.slots import WEEK, WINDOWS
from pronoia.models.bottleneck.fit import RiskSettings, fit_risk
from pronoia.models.bottleneck.horizons import PARTNERS_FROM, HorizonRisks
from pronoia.models.bottleneck.saved import risks_from_arrays, risks_to_arrays
from pronoia.models.bottleneck.spans import Spans
from pronoia.models.bottleneck.training_rows import draw_rows
from pronoia.models.classifiers.boosted_trees import TreeSettings
from pronoia.models.classifiers.sequence_network import NETWORKS, NetworkSettings, need_torch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pronoia.features.load import LoadHistory
    from pronoia.features.slots import Window
    from pronoia.models.bottleneck.fitted import FittedRisk
    from pronoia.models.bottleneck.training_rows import TrainingRows

#: What it takes: a week, and overloads that began in each part of it.
LEAST_SLOTS = WEEK
LEAST_ONSETS = (20, 5, 5, 5)
# Parts of the history: to grow on, to stop by, to calibrate on, to judge by.
_STOP_FROM, _CALIBRATE_FROM, _JUDGE_FROM = 0.6, 0.75, 0.9
#: Platt scaling takes so many positives; with fewer, what the trees say stays as it is.
LEAST_POSITIVES = 200
# Those with most overloads: what the others would add costs more than it is worth.
_MOST_SUBJECTS = 300
_TREES = TreeSettings(n_trees=250, learning_rate=0.08)
# Eight of them are trained, each in half a minute of one core.
_NETWORK = NetworkSettings(most_rows=30_000, most_later_rows=10_000)
_CLIP = 1e-6


@dataclass(frozen=True, slots=True)
class LocalBlend:
    """What is fitted, and how it is blended.

    Args:
        members: which of `MEMBERS`, trees first.
        weights: of the members; none gives trees 0.7 and the others the rest.
        is_fitted: whether the weights are fitted to the calibration slice instead.
    """

    members: tuple[str, ...] = ("trees",)
    weights: tuple[float, ...] = ()
    is_fitted: bool = False


@dataclass(frozen=True, slots=True)
class LocalFit:
    """What became of a fit; plain data, to be sent between processes.

    Args:
        arrays: the classifiers to use from now on, as `risks_from_arrays` takes them; None if those in use stay.
        n_events: overloads that it was fitted to.
        n_better: classifiers, of eight, that beat the one in use.
        reason: why nothing came of it; empty if something did.
    """

    arrays: Mapping[str, NDArray[Any]] | None
    n_events: int
    n_better: int = 0
    reason: str = ""


def local_spans(history: LoadHistory) -> tuple[Spans | None, str]:
    """The parts of a history that is long and eventful enough, else why it is not."""
    n_slots = history.grid.n_steps
    if n_slots < LEAST_SLOTS:
        return None, f"{n_slots} of {LEAST_SLOTS} slots are known"
    begins = [0, *(round(share * n_slots) for share in (_STOP_FROM, _CALIBRATE_FROM, _JUDGE_FROM)), n_slots]
    counts = [int(history.starts[:, i:j].sum()) for i, j in pairwise(begins)]
    if any(count < least for count, least in zip(counts, LEAST_ONSETS, strict=True)):
        told, wanted = (", ".join(map(str, each)) for each in (counts, LEAST_ONSETS))
        return None, f"{told} overloads began in the four parts of the history; {wanted} are needed"
    return Spans(*begins[:-1]), ""


def fit_local(
    history: LoadHistory,
    in_use: Mapping[str, NDArray[Any]],
    blend: LocalBlend = LocalBlend(),
) -> LocalFit:
    """Fit classifiers for all targets and windows, and keep those that lose less than the ones in use.

    Where there are several members, the blend and its trees alone are both tried. The loss is the log-loss on the
    newest tenth of the history, of which no classifier knows anything but those in use before, perhaps, which is to
    their favour.

    Cost: minutes on one core, for the 300 subjects with most overloads, and some four more with a network; meant for a
    worker process. A network is trained on a GPU if torch sees one.

    Args:
        history: of all subjects, up to now.
        in_use: the classifiers in use, as `risks_to_arrays` gives them.
        blend: what is fitted.

    Raises:
        ModelError: if a member is not known, or a library that it needs is missing.
    """
    for name in blend.members:
        if name in NETWORKS:
            need_torch()
    spans, reason = local_spans(history)
    if spans is None:
        return LocalFit(None, 0, reason=reason)
    history = _busiest(history)
    champion = risks_from_arrays(in_use, columns_of(history))
    risks: dict[str, tuple[FittedRisk, ...]] = {}
    n_better = 0
    for target in TARGETS:
        chosen = []
        for window, old in zip(WINDOWS, champion.risks[target], strict=True):
            best = _best(old, _fitted(history, target, window, spans, blend), history, spans.end)
            chosen.append(best)
            n_better += best is not old
        risks[target] = tuple(chosen)
    n_events = int(history.starts[:, : spans.stop].sum())
    if not n_better:
        return LocalFit(None, n_events, reason="no classifier lost less than the one in use")
    return LocalFit(risks_to_arrays(HorizonRisks(risks)), n_events, n_better)


def _fitted(
    history: LoadHistory, target: str, window: Window, spans: Spans, blend: LocalBlend
) -> tuple[FittedRisk, ...]:
    """The blend and its trees alone; nothing if there is nothing to tell apart."""
    settings = replace(
        RiskSettings.of(target),
        trees=_TREES,
        network=_NETWORK,
        members=blend.members,
        blend=blend.weights,
        is_blend_fitted=blend.is_fitted,
        is_hazard=True,
        least_positives=LEAST_POSITIVES,
    )
    try:
        risk = fit_risk(history, target, window, spans, settings)
    except ModelError:
        # Of one outcome only, say because nothing ever happens just in this window.
        return ()
    return (risk, risk.alone()) if risk.partners else (risk,)


def _best(old: FittedRisk, new: tuple[FittedRisk, ...], history: LoadHistory, first: int) -> FittedRisk:
    """Which of them loses least from a slot on; the one in use, unless another loses less."""
    if not new:
        return old
    rows = draw_rows(
        history, old.target, old.window, first, history.grid.n_steps, rng=np.random.default_rng(0), is_hazard=True
    )
    # The first of those that lose the same.
    return min((old, *new), key=lambda risk: _loss(risk, rows))


def _loss(risk: FittedRisk, rows: TrainingRows) -> float:
    if not len(rows.happened):
        return 0.0
    probability = risk.probability_of(risk.log_odds(rows.features, PARTNERS_FROM))
    said = np.clip(probability, _CLIP, 1.0 - _CLIP)
    losses = -np.log(np.where(rows.happened, said, 1.0 - said))
    return float(np.average(losses, weights=rows.weights))


def _busiest(history: LoadHistory) -> LoadHistory:
    if history.n_subjects <= _MOST_SUBJECTS:
        return history
    kept = np.sort(np.argsort(-history.starts.sum(axis=1), kind="stable")[:_MOST_SUBJECTS])
    return history.take(kept)
