"""Whom a failure is told of: systems that its signals know, and when each of them failed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.models.failure.firings import SAME_FIRING_SECONDS
from pronoia.models.failure.learn import WatchedSignal, WatchedSystems
from pronoia.models.failure.occurrences import Occurrences, occurrences_of
from pronoia.series import History
from pronoia.series.labels import METRIC_NAME

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.config.resolved_failure import ResolvedFailure
    from pronoia.series import LabelSet, SeriesFrame

# A fit looks at so many systems: all that failed, and some of the others.
_MOST_SYSTEMS = 300


@dataclass(frozen=True, slots=True, eq=False)
class FailureRead:
    """What was read for one round.

    Args:
        histories: one for each signal, up to now.
        conditions: one for each condition, samples while it holds.
        is_whole: whether each query that a history is taken from had been read once.
    """

    histories: tuple[History, ...]
    conditions: tuple[SeriesFrame, ...] = ()
    is_whole: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class FailureSystems:
    """Systems of one failure; those of different signals are the same if their labels are, the metric's name apart.

    Args:
        labels: n_systems distinct label sets.
        rows: for each signal, which of its series is which system, by the system's number; of twins the last.
        occurrences: for each system, when it failed.
    """

    labels: tuple[LabelSet, ...]
    rows: tuple[dict[int, int], ...]
    occurrences: tuple[Occurrences, ...]


def failure_systems(failure: ResolvedFailure, read: FailureRead) -> FailureSystems:
    """The systems that one of the signals knows of."""
    places: dict[LabelSet, int] = {}
    rows = tuple(
        {
            places.setdefault(labels.without(METRIC_NAME), len(places)): series
            for series, labels in enumerate(history.labels)
        }
        for history in read.histories
    )
    at_limit: dict[int, list[NDArray[np.float64]]] = {}
    for signal, history, of_system in zip(failure.signals, read.histories, rows, strict=True):
        times = _at_limit(history, signal.limit)
        for system, series in of_system.items():
            if series in times:
                at_limit.setdefault(system, []).append(times[series])
    joined = {system: np.concatenate(each) for system, each in at_limit.items()}
    steps = [failure.step_seconds, *(signal.step_seconds for signal in failure.signals)]
    same_seconds = max(SAME_FIRING_SECONDS, 2.0 * max(steps))
    labels = tuple(places)
    return FailureSystems(labels, rows, occurrences_of(labels, read.conditions, joined, same_seconds))


def watched_signals(failure: ResolvedFailure, read: FailureRead, systems: FailureSystems) -> tuple[WatchedSignal, ...]:
    """The signals with those of their series that are systems."""
    return tuple(
        WatchedSignal(
            history.take(np.array(list(of_system.values()), np.int64)),
            np.array(list(of_system), np.int64),
            signal.limit,
            signal.step_seconds,
        )
        for signal, history, of_system in zip(failure.signals, read.histories, systems.rows, strict=True)
    )


def watched_systems(
    failure: ResolvedFailure, read: FailureRead, systems: FailureSystems, now_seconds: float
) -> WatchedSystems:
    """What a fit looks at: of more than 300 systems those that failed, and some of the others by chance."""
    failed = [number for number, each in enumerate(systems.occurrences) if len(each.starts_seconds)]
    quiet = [number for number, each in enumerate(systems.occurrences) if not len(each.starts_seconds)]
    n_quiet = min(len(quiet), max(_MOST_SYSTEMS - len(failed), _MOST_SYSTEMS // 2))
    drawn = np.random.default_rng(int(now_seconds)).permutation(quiet)[:n_quiet].astype(np.int64)
    chosen = np.sort(np.concatenate([np.array(failed, np.int64), drawn]))
    place = {number: new for new, number in enumerate(chosen.tolist())}
    signals = []
    for signal in watched_signals(failure, read, systems):
        kept = np.flatnonzero(np.isin(signal.systems, chosen))
        numbers = np.array([place[number] for number in signal.systems[kept].tolist()], np.int64)
        # Joined: the older part of a history is shared by all its series, also by those left out here.
        history = History.of(signal.history.take(kept).joined())
        signals.append(WatchedSignal(history, numbers, signal.limit, signal.step_seconds))
    known_seconds = min((each.history_seconds for each in failure.signals), default=failure.history_seconds)
    return WatchedSystems(
        ids=np.array([_id(systems.labels[number]) for number in chosen.tolist()], np.int64),
        signals=tuple(signals),
        occurrences=tuple(systems.occurrences[number] for number in chosen.tolist()),
        horizons_seconds=failure.horizons_seconds,
        since_seconds=now_seconds - known_seconds,
        now_seconds=now_seconds,
        quiet_share=n_quiet / len(quiet) if quiet else 1.0,
    )


def _at_limit(history: History, limit: float) -> dict[int, NDArray[np.float64]]:
    """For each series that ever was at its limit, when, in seconds."""
    found: dict[int, list[NDArray[np.float64]]] = {}
    begins, ends = history.older_spans()
    if len(history.older.values) and np.nanmax(history.older.values, initial=-np.inf) >= limit:
        times, values = history.older.timestamps_ms, history.older.values
        for series, (begin, end) in enumerate(zip(begins.tolist(), ends.tolist(), strict=True)):
            found.setdefault(series, []).append(times[begin:end][values[begin:end] >= limit] / 1_000.0)
    reached = np.flatnonzero(history.newer.values >= limit)
    numbers = history.newer.series_index()[reached]
    for series in np.unique(numbers).tolist():
        found.setdefault(series, []).append(history.newer.timestamps_ms[reached[numbers == series]] / 1_000.0)
    whole = {series: np.concatenate(each) for series, each in found.items()}
    return {series: times for series, times in whole.items() if len(times)}


def _id(labels: LabelSet) -> int:
    """The same for the same labels over restarts."""
    digest = hashlib.blake2b(repr(labels.pairs).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
