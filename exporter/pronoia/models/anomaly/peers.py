"""Peer outliers: an instance that differs from its siblings, while what all of them do together is no outlier.

Each sibling is compared with where the group's median has it (`pronoia.models.anomaly.relation`), in spreads of its own
past differences: one that always was higher, or moves more, is no outlier for that. A step at which most of them differ
says nothing about one: there, differences count in spreads of that step's own (median of absolute ones over the
siblings, as in Iglewicz and Hoaglin, How to detect and handle outliers, 1993).

It does not work where siblings have nothing to do with each other, nor where half of them fail at once: the group is
then where the failed ones are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ModelError
from pronoia.models.anomaly.calibration import fit_line, unseen
from pronoia.models.anomaly.model import FALSE_ALARMS_PER_DAY
from pronoia.models.anomaly.moving import MovingScale
from pronoia.models.anomaly.prepare import MIN_STEPS, carried
from pronoia.models.anomaly.relation import relations_of
from pronoia.models.anomaly.smoothed import WINDOWS, scan
from pronoia.predictions.anomaly import PeerScore, Skipped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.models.anomaly.relation import Relation

#: Siblings below which nobody can say who differs from whom.
MIN_PEERS = 3
# Beyond so many spreads a difference says no more.
_CLIP = 30.0
_NORMAL = 1.4826
# Least raw score of the line, in squared spreads over the longest window: usual differences are no outliers, however
# alike siblings were.
_LEAST_LINE = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class PeerModel:
    """How siblings usually differ.

    Args:
        n_peers: siblings of the history.
        kept: int64 (n_kept,), those with enough samples in it.
        relations: of these.
        scales: level and spread of differences by each relation, at the end of the history.
        last: float64 (n_relations, n_kept), newest differences.
        tail: float64 (n_steps, n_kept), squared differences of the newest steps, for means over several.
        line: raw score where alarms begin.
    """

    n_peers: int
    kept: NDArray[np.int64]
    relations: tuple[Relation, ...]
    scales: tuple[MovingScale, ...]
    last: NDArray[np.float64]
    tail: NDArray[np.float64]
    line: float

    def score(self, test: NDArray[np.float64]) -> PeerScore:
        """Score the steps right after the history, float64 (n_steps, n_peers); changes nothing in the model.

        Raises:
            ModelError: if there are other siblings than in the history.
        """
        return self.advance(test)[0]

    def advance(self, test: NDArray[np.float64]) -> tuple[PeerScore, PeerModel]:
        """The score, and the same model at the end of these steps, so that no step has to be scored twice.

        Raises:
            ModelError: if there are other siblings than in the history.
        """
        if test.ndim != 2 or test.shape[1] != self.n_peers:
            raise ModelError("peers", f"values of shape {test.shape}; (n_steps, {self.n_peers}) is needed")
        values = np.where(np.isfinite(test), test, np.nan)[:, self.kept]
        raw, signed, expected, later = _walk(self, values)
        comparable = np.isfinite(values).sum(axis=1) >= MIN_PEERS
        known = np.isfinite(values) & comparable[:, None]
        skipped = (
            ("few samples", self.n_peers - len(self.kept)),
            ("few peers", int((~comparable).sum())),
        )
        result = PeerScore(
            score=self._spread_out(np.where(known, raw / self.line, np.nan)),
            direction=self._spread_out(np.where(known, np.sign(signed), np.nan)),
            expected=self._spread_out(np.where(comparable[:, None], expected, np.nan)),
            skipped=tuple(Skipped(reason, count) for reason, count in skipped if count),
        )
        return result, later

    def _spread_out(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        full = np.full((len(values), self.n_peers), np.nan)
        full[:, self.kept] = values
        return full


def fit_peers(
    train: NDArray[np.float64], step_seconds: float, false_alarms_per_day: float = FALSE_ALARMS_PER_DAY
) -> PeerModel:
    """Learn how siblings differ, from float64 (n_steps, n_peers): one metric of one job, NaN where nothing is known.

    Some microseconds a step and sibling.

    Args:
        train: their common history, evenly spaced, oldest first; it may hold some anomalies.
        step_seconds: distance of two steps.
        false_alarms_per_day: episodes a day that are aimed at, of the whole group.

    Raises:
        ModelError: if fewer than three siblings have enough samples, or none moves.

    >>> rng = np.random.default_rng(0)
    >>> load = rng.normal(50.0, 10.0, (1_000, 1)) * [1.0, 1.1, 2.0, 0.9] + rng.normal(size=(1_000, 4))
    >>> load[900:, 1] *= 1.5
    >>> model = fit_peers(load[:800], 60.0)
    >>> model.score(load[800:]).outliers(105), model.score(2.0 * load[800:]).outliers(50)
    ((1,), ())
    """
    if train.ndim != 2 or len(train) < 2 * MIN_STEPS:
        raise ModelError("peers", f"history of shape {train.shape}; at least ({2 * MIN_STEPS}, n_peers) is needed")
    known = np.where(np.isfinite(train), train, np.nan)
    # Enough in each part of the history that something is learnt from.
    kept = np.flatnonzero(np.isfinite(known[: len(known) // 2]).sum(axis=0) >= MIN_STEPS // 2)
    if len(kept) < MIN_PEERS:
        raise ModelError("peers", f"{len(kept)} siblings with enough samples; at least {MIN_PEERS} are needed")
    values = known[:, kept]
    values = values[np.isfinite(values).any(axis=1)]
    raw = unseen(values, lambda before, after: _walk(_fit(before, step_seconds), after)[0].max(axis=1))
    line = max(fit_line(raw, false_alarms_per_day, step_seconds), _LEAST_LINE)
    return replace(_fit(values, step_seconds), n_peers=train.shape[1], kept=kept, line=line)


def _fit(values: NDArray[np.float64], step_seconds: float) -> PeerModel:
    relations = relations_of(values)
    if not relations:
        raise ModelError("peers", "no sibling moved in the first half of the history")
    n_peers = values.shape[1]
    start = MovingScale.start(n_peers, step_seconds)
    tail, last = np.zeros((WINDOWS[-1] - 1, n_peers)), np.zeros((len(relations), n_peers))
    scales = (start,) * len(relations)
    model = PeerModel(n_peers, np.arange(n_peers), relations, scales, last, tail, 1.0)
    return _walk(model, values)[3]


def _walk(
    model: PeerModel, values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], PeerModel]:
    """Raw scores, signed differences, expected values, (n_steps, n_kept) each, and the model afterwards."""
    differences, places, scales, last = [], [], [], []
    for relation, scale, newest in zip(model.relations, model.scales, model.last, strict=True):
        residuals, expected, counts = relation.residuals(values)
        filled = carried(np.concatenate((newest[None, :], residuals)))
        levels, _, deviations, later = scale.expected(filled[1:])
        # One is an outlier against the others, not against a quiet past that none of them keeps to.
        common = _NORMAL * np.median(np.abs(deviations), axis=1, keepdims=True)
        differences.append(np.where(counts, deviations / np.maximum(common, 1.0), np.inf))
        places.append(expected + relation.unit * levels)
        scales.append(later)
        last.append(filled[-1])
    best = np.abs(differences).argmin(axis=0)[None]
    signed = np.take_along_axis(np.stack(differences), best, axis=0)[0]
    expected = np.take_along_axis(np.stack(places), best, axis=0)[0]
    parts = np.concatenate((model.tail, np.clip(signed, -_CLIP, _CLIP) ** 2))
    raw = np.empty_like(signed)
    for i in range(signed.shape[1]):
        scan(parts[:, i : i + 1], np.array(WINDOWS), raw[:, i : i + 1])
    after = replace(model, scales=tuple(scales), last=np.stack(last), tail=parts[len(signed) :].copy())
    return raw, signed, expected, after
