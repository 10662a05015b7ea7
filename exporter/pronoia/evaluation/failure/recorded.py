"""From a recording to signals on their way to limits, system by system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.evaluation.failure.signals import SIGNALS
from pronoia.models.failure.features import headroom_features
from pronoia.models.failure.headroom import SLOTS_PER_HORIZON, HeadroomHistory, held
from pronoia.models.failure.pressing import pressing_signal
from pronoia.series import Grid, align
from pronoia.series.labels import METRIC_NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pronoia.evaluation.failure.signals import Signals
    from pronoia.series import SeriesFrame

_NEVER = np.inf


@dataclass(frozen=True, slots=True, eq=False)
class SystemRecord:
    """One system, slot by slot.

    Args:
        name: its `instance`.
        failure: which failure its signals lead to.
        at_seconds: float64 (n_slots,), Unix time of each slot's end.
        features: float32 (n_slots, n_features) of the signal that presses most.
        events_seconds: float64 (n_events,), when it failed, rising.
        horizon_seconds: how far ahead is told; all other times of the protocol are parts of it.
    """

    name: str
    failure: str
    at_seconds: NDArray[np.float64]
    features: NDArray[np.float32]
    events_seconds: NDArray[np.float64]
    horizon_seconds: int = 900

    @property
    def next_event_seconds(self) -> NDArray[np.float64]:
        """Time of the next failure after each slot, infinite where none is known."""
        place = np.searchsorted(self.events_seconds, self.at_seconds, side="left")
        return np.append(self.events_seconds, _NEVER)[place]


def recorded_systems(
    frame: SeriesFrame,
    events: Sequence[tuple[int, str, str]] | None,
    horizon_seconds: int,
    step_ms: int,
) -> list[SystemRecord]:
    """The systems of a recording whose metrics a signal can be made of, each for the first such failure.

    Args:
        frame: the recording's series; `instance` names the system.
        events: time in milliseconds, instance, failure; None takes those that the signals themselves tell.
        horizon_seconds: of which a slot is a sixtieth.
        step_ms: usual distance of two samples.
    """
    slot_ms = horizon_seconds * 1_000 // SLOTS_PER_HORIZON
    start_ms = int(frame.timestamps_ms.min()) // slot_ms * slot_ms + slot_ms
    grid = Grid(start_ms, slot_ms, (int(frame.timestamps_ms.max()) - start_ms) // slot_ms + 1)
    at_seconds = (grid.start_ms + np.arange(grid.n_steps) * slot_ms) / 1_000
    metrics: dict[str, dict[str, NDArray[np.float64]]] = {}
    for labels, values in zip(frame.labels, align(frame, grid, max(slot_ms, step_ms)).values, strict=True):
        metrics.setdefault(labels.get("instance") or "", {})[labels.get(METRIC_NAME) or ""] = values
    systems = []
    for name in sorted(metrics):
        for failure, make in SIGNALS.items():
            made = make(metrics[name], slot_ms / 1_000)
            if made is None:
                continue
            if events is None:
                times = at_seconds[made.failed]
            else:
                times = np.array([at / 1_000 for at, who, what in events if (who, what) == (name, failure)])
            features = _features(made, _failed(times, at_seconds))
            systems.append(SystemRecord(name, failure, at_seconds, features, times, horizon_seconds))
            break
    return systems


def _failed(times: NDArray[np.float64], at_seconds: NDArray[np.float64]) -> NDArray[np.bool_]:
    failed = np.zeros(len(at_seconds), np.bool_)
    place = np.searchsorted(at_seconds, times, side="left")
    failed[place[place < len(at_seconds)]] = True
    return failed


def _features(made: Signals, failed: NDArray[np.bool_]) -> NDArray[np.float32]:
    n_slots = len(failed)
    each = []
    for used in made.used:
        history = HeadroomHistory(held(used[None, :]), made.load[None, :], failed[None, :])
        each.append(headroom_features(history, np.zeros(n_slots, np.int64), np.arange(n_slots)))
    features = np.stack(each)
    return features[pressing_signal(features), np.arange(n_slots)]
