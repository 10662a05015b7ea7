"""From the histories of a failure's signals to risks: slots of each horizon, what speaks, and what is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.failure.actions import recommended_actions
from pronoia.models.failure.causes import failure_causes
from pronoia.models.failure.features import FEATURES, headroom_features
from pronoia.models.failure.headroom import LOOKBACK_SLOTS, SLOTS_PER_HORIZON
from pronoia.models.failure.horizons import PARTS, join_horizons
from pronoia.models.failure.learn import headroom_history
from pronoia.models.failure.pressing import pressing_signal
from pronoia.models.failure.recurrence import past_failures, recurrence
from pronoia.models.failure.severity import failure_severity
from pronoia.pipeline.failure_systems import watched_signals
from pronoia.predictions.failure import FailureRisk
from pronoia.series import Grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pronoia.config.resolved_failure import ResolvedFailure
    from pronoia.models.failure.fitted import FailureModel
    from pronoia.models.failure.horizons import JoinedHorizons
    from pronoia.models.failure.learn import WatchedSignal
    from pronoia.models.failure.occurrences import Occurrences
    from pronoia.pipeline.failure_systems import FailureRead, FailureSystems
    from pronoia.predictions.bottleneck import Cause
    from pronoia.series import LabelSet, SeriesFrame

_MOST_CAUSES = 5


def assess_failure(
    failure: ResolvedFailure,
    read: FailureRead,
    systems: FailureSystems,
    *,
    model: FailureModel,
    n_events: int,
    now_seconds: float,
) -> FailureRisk:
    """The risks of every system that one of the signals knows of; those of which too little is known have NaN.

    Args:
        failure: which.
        read: histories of its signals, up to now.
        systems: whom they are of, and when they failed.
        model: what speaks.
        n_events: failures that are known.
        now_seconds: Unix time.
    """
    n_systems = len(systems.labels)
    signals = watched_signals(failure, read, systems)
    horizons = failure.horizons_seconds
    of_horizons, features, pressing = [], [], []
    for seconds in horizons:
        each = np.full((len(signals), n_systems, len(FEATURES)), np.nan, np.float32)
        for number, signal in enumerate(signals):
            if len(signal.systems):
                each[number, signal.systems] = _newest_features(signal, systems.occurrences, seconds, now_seconds)
        chosen = pressing_signal(each)
        features.append(each[chosen, np.arange(n_systems)])
        pressing.append(chosen)
        of_horizons.append(model.within(features[-1], PARTS))
    joined = join_horizons(of_horizons, horizons)
    # Causes are told of the nearest horizon that is likely, else of the nearest of which something is known.
    is_likely = np.nan_to_num(joined.probability) >= failure.warning
    known = np.isfinite(np.stack([each[:, 0] for each in features], axis=1))
    spoken = np.where((is_likely & known).any(axis=1), np.argmax(is_likely & known, axis=1), np.argmax(known, axis=1))
    return _risk(
        failure,
        systems.labels,
        joined,
        now_seconds,
        signals=tuple(
            failure.signals[int(pressing[at][row])].name if known[row, at] else "" for row, at in enumerate(spoken)
        ),
        causes=tuple(
            failure_causes(model, features[at][[row]], _MOST_CAUSES)[0] if (is_likely & known)[row].any() else ()
            for row, at in enumerate(spoken)
        ),
        n_events=n_events,
        speaker=model.speaker,
        happening=frozenset(
            row for row, each in enumerate(systems.occurrences) if _lasts_until(each, now_seconds - _late(failure))
        ),
    )


def assess_recurrence(failure: ResolvedFailure, conditions: Sequence[SeriesFrame], now_seconds: float) -> FailureRisk:
    """The risks of a failure without signals, of every system of which a condition told that it failed.

    Args:
        failure: which.
        conditions: samples while each condition holds.
        now_seconds: Unix time.
    """
    since = now_seconds - min(each.history_seconds for each in failure.conditions)
    failures = past_failures(conditions, since, now_seconds)
    nothing = tuple("" for _ in failures)
    return _risk(
        failure,
        tuple(each.labels for each in failures),
        recurrence(failures, failure.horizons_seconds, now_seconds),
        now_seconds,
        signals=nothing,
        causes=tuple(() for _ in failures),
        n_events=sum(len(each.starts_seconds) for each in failures),
        speaker="recurrence",
        happening=frozenset(row for row, each in enumerate(failures) if each.is_firing),
    )


def _risk(
    failure: ResolvedFailure,
    labels: tuple[LabelSet, ...],
    joined: JoinedHorizons,
    now_seconds: float,
    *,
    signals: tuple[str, ...],
    causes: tuple[tuple[Cause, ...], ...],
    n_events: int,
    speaker: str,
    happening: frozenset[int],
) -> FailureRisk:
    return FailureRisk(
        failure=failure.name,
        labels=labels,
        made_at_seconds=now_seconds,
        max_age_seconds=float(failure.max_age_seconds),
        horizons_seconds=failure.horizons_seconds,
        probability=joined.probability,
        lower=joined.lower,
        upper=joined.upper,
        time_seconds=joined.time.point,
        time_lower_seconds=joined.time.lower,
        time_upper_seconds=joined.time.upper,
        severity=failure_severity(joined.probability, failure.horizons_seconds, failure.warning),
        signals=signals,
        causes=causes,
        actions=recommended_actions(failure.name),
        n_events=n_events,
        speaker=speaker,
        happening=happening,
    )


def _lasts_until(occurrences: Occurrences, seconds: float) -> bool:
    return bool(len(occurrences.ends_seconds)) and float(occurrences.ends_seconds[-1]) >= seconds


def _late(failure: ResolvedFailure) -> float:
    """How old the newest evaluation of a condition or sample of a signal may be, and a missed one."""
    every = max((failure.infer_every_seconds, *(signal.read_every_seconds for signal in failure.signals)))
    return 2.0 * failure.step_seconds + every


def _newest_features(
    signal: WatchedSignal, occurrences: Sequence[Occurrences], horizon_seconds: int, now_seconds: float
) -> NDArray[np.float32]:
    slot_ms = max(horizon_seconds * 1_000 // SLOTS_PER_HORIZON, 1)
    grid = Grid(int(now_seconds * 1_000) - (LOOKBACK_SLOTS - 1) * slot_ms, slot_ms, LOOKBACK_SLOTS)
    history = headroom_history(signal, grid, [occurrences[system] for system in signal.systems])
    rows = np.arange(len(signal.systems))
    return headroom_features(history, rows, np.full(len(rows), LOOKBACK_SLOTS - 1))
