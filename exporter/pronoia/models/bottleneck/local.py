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
from pronoia.models.bottleneck.horizons import HorizonRisks
from pronoia.models.bottleneck.saved import risks_from_arrays, risks_to_arrays
from pronoia.models.bottleneck.spans import Spans
from pronoia.models.bottleneck.training_rows import draw_rows
from pronoia.models.classifiers.boosted_trees import TreeSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pronoia.features.load import LoadHistory
    from pronoia.features.slots import Window
    from pronoia.models.bottleneck.fitted import FittedRisk

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
_CLIP = 1e-6


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


def fit_local(history: LoadHistory, in_use: Mapping[str, NDArray[Any]]) -> LocalFit:
    """Fit classifiers for all targets and windows, and keep those that lose less than the ones in use.

    The loss is the log-loss on the newest tenth of the history, of which no classifier knows anything but those in use
    before, perhaps, which is to their favour.

    Cost: minutes on one core, for the 300 subjects with most overloads; meant for a worker process.

    Args:
        history: of all subjects, up to now.
        in_use: the classifiers in use, as `risks_to_arrays` gives them.
    """
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
            new = _fitted(history, target, window, spans)
            is_better = new is not None and _loss(new, history, spans.end) < _loss(old, history, spans.end)
            chosen.append(new if new is not None and is_better else old)
            n_better += is_better
        risks[target] = tuple(chosen)
    n_events = int(history.starts[:, : spans.stop].sum())
    if not n_better:
        return LocalFit(None, n_events, reason="no classifier lost less than the one in use")
    return LocalFit(risks_to_arrays(HorizonRisks(risks)), n_events, n_better)


def _fitted(history: LoadHistory, target: str, window: Window, spans: Spans) -> FittedRisk | None:
    settings = replace(RiskSettings.of(target), trees=_TREES, is_hazard=True, least_positives=LEAST_POSITIVES)
    try:
        return fit_risk(history, target, window, spans, settings)
    except ModelError:
        # Of one outcome only, say because nothing ever happens just in this window.
        return None


def _loss(risk: FittedRisk, history: LoadHistory, first: int) -> float:
    rows = draw_rows(
        history, risk.target, risk.window, first, history.grid.n_steps, rng=np.random.default_rng(0), is_hazard=True
    )
    if not len(rows.happened):
        return 0.0
    said = np.clip(risk.probability(rows.features), _CLIP, 1.0 - _CLIP)
    losses = -np.log(np.where(rows.happened, said, 1.0 - said))
    return float(np.average(losses, weights=rows.weights))


def _busiest(history: LoadHistory) -> LoadHistory:
    if history.n_subjects <= _MOST_SUBJECTS:
        return history
    kept = np.sort(np.argsort(-history.starts.sum(axis=1), kind="stable")[:_MOST_SUBJECTS])
    return history.take(kept)
