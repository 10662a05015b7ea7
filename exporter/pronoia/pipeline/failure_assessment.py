"""From the histories of a failure's signals to risks: slots of each horizon, the trend, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.failure.actions import recommended_actions
from pronoia.models.failure.causes import failure_causes
from pronoia.models.failure.features import FEATURES, headroom_features
from pronoia.models.failure.headroom import LOOKBACK_SLOTS, SLOTS_PER_HORIZON, HeadroomHistory, held
from pronoia.models.failure.horizons import PARTS, join_horizons
from pronoia.models.failure.pressing import pressing_signal
from pronoia.models.failure.severity import failure_severity
from pronoia.predictions.failure import FailureRisk
from pronoia.series import Grid, align
from pronoia.series.labels import METRIC_NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pronoia.config.resolved_failure import ResolvedFailure
    from pronoia.models.failure.fitted import FailureModel
    from pronoia.series import History, LabelSet

# A sample counts for a slot if it is no older than this many steps of what is kept.
_LATE_STEPS = 1.25
_MOST_CAUSES = 5


@dataclass(frozen=True, slots=True, eq=False)
class _Subjects:
    labels: tuple[LabelSet, ...]
    rows: tuple[dict[int, int], ...]


def assess_failure(
    failure: ResolvedFailure, histories: Sequence[History], model: FailureModel, now_seconds: float
) -> FailureRisk:
    """The risks of every system that one of the signals knows of; those of which too little is known have NaN.

    Systems of different signals are the same if their labels are, the metric's name apart.

    Args:
        failure: which.
        histories: one for each of its signals, up to now.
        model: what speaks.
        now_seconds: Unix time.
    """
    subjects = _subjects(histories)
    n_subjects = len(subjects.labels)
    horizons = failure.horizons_seconds
    of_horizons, features, pressing = [], [], []
    for seconds in horizons:
        each = np.full((len(histories), n_subjects, len(FEATURES)), np.nan, np.float32)
        for number, (signal, history) in enumerate(zip(failure.signals, histories, strict=True)):
            if history.n_series:
                told = _newest_features(history, signal.limit, seconds, failure.step_seconds, now_seconds)
                each[number, list(subjects.rows[number].values())] = told[list(subjects.rows[number])]
        chosen = pressing_signal(each)
        features.append(each[chosen, np.arange(n_subjects)])
        pressing.append(chosen)
        of_horizons.append(model.within(features[-1], PARTS))
    joined = join_horizons(of_horizons, horizons)
    severity = failure_severity(joined.probability, horizons, failure.warning)
    # Causes are told of the nearest horizon that is likely, else of the nearest of which something is known.
    is_likely = np.nan_to_num(joined.probability) >= failure.warning
    known = np.isfinite(np.stack([each[:, 0] for each in features], axis=1))
    spoken = np.where((is_likely & known).any(axis=1), np.argmax(is_likely & known, axis=1), np.argmax(known, axis=1))
    return FailureRisk(
        failure=failure.name,
        labels=subjects.labels,
        made_at_seconds=now_seconds,
        max_age_seconds=float(failure.max_age_seconds),
        horizons_seconds=horizons,
        probability=joined.probability,
        lower=joined.lower,
        upper=joined.upper,
        time_seconds=joined.time.point,
        time_lower_seconds=joined.time.lower,
        time_upper_seconds=joined.time.upper,
        severity=severity,
        signals=tuple(
            failure.signals[int(pressing[at][row])].name if known[row, at] else "" for row, at in enumerate(spoken)
        ),
        causes=tuple(
            failure_causes(model, features[at][[row]], _MOST_CAUSES)[0] if (is_likely & known)[row].any() else ()
            for row, at in enumerate(spoken)
        ),
        actions=recommended_actions(failure.name),
        n_events=model.n_events if model.trees is not None else 0,
        speaker=model.speaker,
    )


def _subjects(histories: Sequence[History]) -> _Subjects:
    """Distinct label sets, and for each signal which of its series is which subject; of twins the last counts."""
    places: dict[LabelSet, int] = {}
    rows = []
    for history in histories:
        of_subject = {
            places.setdefault(labels.without(METRIC_NAME), len(places)): series
            for series, labels in enumerate(history.labels)
        }
        rows.append({series: subject for subject, series in of_subject.items()})
    return _Subjects(tuple(places), tuple(rows))


def _newest_features(
    history: History, limit: float, horizon_seconds: int, step_seconds: int, now_seconds: float
) -> NDArray[np.float32]:
    slot_ms = max(horizon_seconds * 1_000 // SLOTS_PER_HORIZON, 1)
    end_ms = int(now_seconds * 1_000)
    grid = Grid(end_ms - (LOOKBACK_SLOTS - 1) * slot_ms, slot_ms, LOOKBACK_SLOTS)
    used = held(align(history, grid, max(slot_ms, round(_LATE_STEPS * step_seconds * 1_000))).values / limit)
    nothing = HeadroomHistory(used, np.full(used.shape, np.nan), np.zeros(used.shape, np.bool_))
    rows = np.arange(len(used))
    return headroom_features(nothing, rows, np.full(len(rows), LOOKBACK_SLOTS - 1))
