"""`any`: that one of the failures of a system happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.failure.actions import recommended_actions
from pronoia.models.failure.severity import SEVERITIES
from pronoia.predictions.failure import ANY, FailureRisk
from pronoia.series import LabelSet
from pronoia.series.labels import METRIC_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

_LEAST_ODDS = 1e-9


def any_failure(risks: Sequence[FailureRisk], entities: Mapping[str, tuple[str, ...]]) -> FailureRisk | None:
    """That one of several failures happens to a system; None of fewer than two failures, of which it would say no more.

    The probability is that of the likeliest, which holds however the failures depend on each other: memory that leaks
    times requests out as well, and file systems of one disk are full together. The upper bound is as if they had
    nothing to do with each other. Signal (here the failure's name) and causes are those of the likeliest, the time is
    that of the soonest, and the severity the worst.

    Args:
        risks: of each failure, at the same horizons.
        entities: for each failure, labels that name the system; job is one of them always. A series without any of them
            is a system of its own.
    """
    if len(risks) < 2:
        return None
    members = [(risk, row) for risk in risks for row in range(risk.n_subjects)]
    systems: dict[LabelSet, int] = {}
    place = np.array(
        [systems.setdefault(_system(risk.labels[row], entities[risk.failure]), len(systems)) for risk, row in members],
        np.int64,
    )
    n_systems = len(systems)
    said = {name: np.concatenate([getattr(risk, name) for risk in risks]) for name in ("probability", "lower", "upper")}
    times = {
        name: _of_systems(np.concatenate([getattr(risk, name) for risk in risks]), place, n_systems, np.fmin)
        for name in ("time_seconds", "time_lower_seconds", "time_upper_seconds")
    }
    probability, lower, upper = (_of_systems(each, place, n_systems, np.fmax) for each in said.values())
    stays = np.zeros_like(probability)
    np.add.at(stays, place, np.log(np.maximum(1.0 - np.nan_to_num(said["probability"]), _LEAST_ODDS)))
    upper = np.where(np.isfinite(probability), np.fmax(upper, -np.expm1(stays)), np.nan)
    likeliest = np.zeros(n_systems, np.int64)
    order = np.lexsort(np.nan_to_num(said["probability"], nan=-1.0).T[::-1])
    likeliest[place[order]] = order
    worst = np.zeros(n_systems, np.int64)
    np.maximum.at(worst, place, np.array([SEVERITIES.index(risk.severity[row]) for risk, row in members], np.int64))
    chosen = [members[number] for number in likeliest.tolist()]
    return FailureRisk(
        failure=ANY,
        labels=tuple(systems),
        made_at_seconds=min(risk.made_at_seconds for risk in risks),
        max_age_seconds=min(risk.max_age_seconds for risk in risks),
        horizons_seconds=risks[0].horizons_seconds,
        probability=probability,
        lower=lower,
        upper=upper,
        **times,
        severity=tuple(SEVERITIES[each] for each in worst.tolist()),
        signals=tuple(risk.failure if np.isfinite(risk.probability[row]).any() else "" for risk, row in chosen),
        causes=tuple(risk.causes[row] for risk, row in chosen),
        actions=recommended_actions(ANY),
        n_events=sum(risk.n_events for risk in risks),
        speaker=max(risks, key=lambda risk: risk.n_events).speaker,
    )


def _of_systems(
    values: NDArray[np.float64], place: NDArray[np.int64], n_systems: int, choose: np.ufunc
) -> NDArray[np.float64]:
    """The least or the greatest known value of each system; NaN where none is known."""
    out = np.full((n_systems, *values.shape[1:]), np.nan)
    choose.at(out, place, values)
    return out


def _system(labels: LabelSet, entity: Sequence[str]) -> LabelSet:
    names = {name: value for name, value in labels.items() if name in entity}
    return LabelSet({**names, "job": labels.get("job", "")}) if names else labels.without(METRIC_NAME)
