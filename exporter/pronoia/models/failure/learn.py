"""Learn from failures that happened: rows of the histories of signals, and a model of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pronoia.models.failure.blend import LEAST_EVENTS, LEAST_SYSTEMS
from pronoia.models.failure.catalogue import make_failure_model
from pronoia.models.failure.features import FEATURES, headroom_features
from pronoia.models.failure.headroom import SLOTS_PER_HORIZON, HeadroomHistory, held
from pronoia.models.failure.learnt_rows import LearntRows
from pronoia.models.failure.pressing import pressing_signal
from pronoia.series import Grid, align

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from pronoia.models.failure.fitted import FailureModel
    from pronoia.models.failure.occurrences import Occurrences
    from pronoia.series import History

#: A sample counts for a slot if it is no older than this many steps of what is kept.
LATE_STEPS = 1.25
# Of a horizon's sixty slots each fourth becomes a row: neighbours say the same.
_STRIDE_SLOTS = 4
# Samples farther apart than so many slots would leave most slots unknown.
_MOST_SLOTS_PER_STEP = 4


@dataclass(frozen=True, slots=True, eq=False)
class WatchedSignal:
    """The history of one signal.

    Args:
        history: of its series.
        systems: int64 (n_series,), which system each series is of.
        limit: where the failure is, in the signal's unit.
        step_seconds: distance of the samples of its older part.
    """

    history: History
    systems: NDArray[np.int64]
    limit: float
    step_seconds: int


@dataclass(frozen=True, slots=True, eq=False)
class WatchedSystems:
    """All that is known of some systems' way to a failure; plain data, to be sent between processes.

    Args:
        ids: int64 (n_systems,), which systems they are, from fit to fit.
        signals: what leads to the failure.
        occurrences: for each system, when it failed.
        horizons_seconds: ascending.
        since_seconds: from when on something is known.
        now_seconds: Unix time.
        quiet_share: of the systems that never failed, the share that is here; those that failed are here all.
    """

    ids: NDArray[np.int64]
    signals: tuple[WatchedSignal, ...]
    occurrences: tuple[Occurrences, ...]
    horizons_seconds: tuple[int, ...]
    since_seconds: float
    now_seconds: float
    quiet_share: float = 1.0


@dataclass(frozen=True, slots=True)
class LearntFit:
    """What became of a fit; plain data, to be sent between processes.

    Args:
        model: as `FailureModel.from_arrays` takes it; None if what speaks goes on.
        rows: as `LearntRows.from_arrays` takes it.
        reason: why the prior goes on alone; empty if trees were fitted.
    """

    model: Mapping[str, NDArray[Any]] | None
    rows: Mapping[str, NDArray[Any]]
    reason: str = ""


def learn_failures(watched: WatchedSystems, known: Mapping[str, NDArray[Any]], seed: int = 0) -> LearntFit:
    """Add what has come to be known, and fit a model where failures suffice: five, of three systems.

    Until then the prior goes on alone, calibrated on what is known.

    Rows are of those horizons whose slots are no finer than a quarter of the distance of samples. Rows without a
    failure are thinned; the model's offset makes up for that (King, Zeng, Logistic regression in rare events data,
    Political Analysis 9, 2001).

    Cost: some six seconds on one core for 300 systems of two signals and two weeks; meant for a worker process.

    Args:
        watched: the systems now.
        known: rows of before, as `LearntRows.to_arrays` gives them.
        seed: of draws.

    Raises:
        ModelError: if the rows of before are damaged.
    """
    rows = LearntRows.from_arrays(known)
    for horizon_seconds in watched.horizons_seconds:
        rows = rows.added(_rows_of(watched, horizon_seconds, rows, seed))
    n_events, n_failing = rows.n_events, rows.n_failing
    if n_events < LEAST_EVENTS or n_failing < LEAST_SYSTEMS:
        reason = f"{n_events} failures of {n_failing} systems are known; {LEAST_EVENTS} of {LEAST_SYSTEMS} are needed"
        return LearntFit(
            _of_all_rows(make_failure_model("calibrated_prior", rows), rows.share).to_arrays(), rows.to_arrays(), reason
        )
    if rows.happened.all():
        return LearntFit(None, rows.to_arrays(), "nothing is known of times without a failure")
    model = make_failure_model("supervised", rows, seed)
    return LearntFit(_of_all_rows(model, rows.share).to_arrays(), rows.to_arrays())


def _of_all_rows(model: FailureModel, share: float) -> FailureModel:
    """The model as of all rows, where only a share of those without a failure was seen."""
    platt = replace(model.platt, offset=model.platt.offset + float(np.log(share)))
    return replace(model, platt=platt)


def headroom_history(signal: WatchedSignal, grid: Grid, occurrences: Sequence[Occurrences]) -> HeadroomHistory:
    """A signal on slots, with the failures that are over or under way.

    Args:
        signal: which.
        grid: slots; the last instant is now.
        occurrences: of each series' system.
    """
    slot_ms = grid.step_ms
    late_ms = max(slot_ms, round(LATE_STEPS * signal.step_seconds * 1_000))
    used = held(align(signal.history, grid, late_ms).values / signal.limit)
    failed = np.zeros(used.shape, np.bool_)
    for row, each in enumerate(occurrences):
        first = np.ceil((each.starts_seconds * 1_000 - grid.start_ms) / slot_ms).astype(np.int64)
        last = np.floor((each.ends_seconds * 1_000 - grid.start_ms) / slot_ms).astype(np.int64)
        for begin, end in zip(first.tolist(), last.tolist(), strict=True):
            # At the limit until now: what it does there goes on being looked at.
            is_over = end < grid.n_steps - 1
            at_limit = used[row, max(begin, 0) : max(end + 1, 0)] >= 1.0
            if is_over:
                used[row, max(begin, 0) : max(end + 1, 0)][at_limit] = np.nan
            if 0 <= begin < grid.n_steps and (is_over or not at_limit.any()):
                failed[row, begin] = True
    return HeadroomHistory(used, np.full(used.shape, np.nan), failed)


def _rows_of(watched: WatchedSystems, horizon_seconds: int, known: LearntRows, seed: int) -> LearntRows:
    slot_ms = max(horizon_seconds * 1_000 // SLOTS_PER_HORIZON, 1)
    stride_ms = _STRIDE_SLOTS * slot_ms
    until = watched.now_seconds - horizon_seconds
    since = max(watched.since_seconds, known.until_seconds.get(horizon_seconds, -np.inf))
    n_systems = len(watched.ids)
    first_ms = int(watched.since_seconds * 1_000) // stride_ms * stride_ms + stride_ms
    n_slots = (int(until * 1_000) - first_ms) // slot_ms + 1
    signals = [each for each in watched.signals if each.step_seconds * 1_000 <= _MOST_SLOTS_PER_STEP * slot_ms]
    if n_slots < 1 or until <= since or not n_systems or len(signals) < len(watched.signals):
        return replace(_picked(known, np.empty(0, np.int64)), until_seconds={})
    grid = Grid(first_ms, slot_ms, n_slots)
    at_seconds = (first_ms + np.arange(n_slots) * slot_ms) / 1_000
    next_event, is_failing = _outcomes(watched.occurrences, at_seconds)
    rng = np.random.default_rng([seed, horizon_seconds, int(until)])
    # Of a share of the systems, the rows that are left have the smaller draws.
    is_quiet = np.array([not len(each.starts_seconds) for each in watched.occurrences])
    draws = rng.uniform(size=next_event.shape) * np.where(is_quiet, watched.quiet_share, 1.0)[:, None]
    share = min(known.share, watched.quiet_share)
    happens = next_event - at_seconds <= horizon_seconds
    asked = (np.arange(n_slots) % _STRIDE_SLOTS == 0) & (at_seconds > since) & ~is_failing
    systems, slots = np.nonzero(asked & (happens | (draws < share)))
    features = np.full((len(signals), len(systems), len(FEATURES)), np.nan, np.float32)
    for number, signal in enumerate(signals):
        row_of = np.full(n_systems, -1, np.int64)
        row_of[signal.systems] = np.arange(len(signal.systems))
        there = row_of[systems] >= 0
        history = headroom_history(signal, grid, [watched.occurrences[each] for each in signal.systems])
        features[number, there] = headroom_features(history, row_of[systems[there]], slots[there])
    chosen = features[pressing_signal(features), np.arange(len(systems))]
    kept = np.isfinite(chosen[:, 0])
    systems, slots = systems[kept], slots[kept]
    return LearntRows(
        chosen[kept],
        watched.ids[systems],
        np.where(happens, next_event, np.nan)[systems, slots],
        draws[systems, slots],
        share,
        {horizon_seconds: until},
    )


def _outcomes(
    occurrences: Sequence[Occurrences], at_seconds: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """When each system fails next, infinite where it does not, and whether it is failing, both (n_systems, n_slots)."""
    shape = (len(occurrences), len(at_seconds))
    next_event, is_failing = np.full(shape, np.inf), np.zeros(shape, np.bool_)
    for row, each in enumerate(occurrences):
        if len(each.starts_seconds):
            place = np.searchsorted(each.starts_seconds, at_seconds, side="right")
            next_event[row] = np.append(each.starts_seconds, np.inf)[place]
            is_failing[row] = (place > 0) & (at_seconds <= each.ends_seconds[place - 1])
    return next_event, is_failing


def _picked(rows: LearntRows, which: NDArray[np.int64]) -> LearntRows:
    return replace(
        rows,
        features=rows.features[which],
        systems=rows.systems[which],
        events_seconds=rows.events_seconds[which],
        draws=rows.draws[which],
    )
