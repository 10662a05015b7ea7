"""Alarms as people meet them: was each overload announced, and was each spell of alarms worth getting up for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.features.slots import Window

# Alarms less than half an hour apart are one episode; it was right if an overload begins within an hour of its start.
_EPISODE_GAP = 6
_EPISODE_REACH = 12


@dataclass(frozen=True, slots=True, eq=False)
class EventScore:
    """How alarms announced overloads.

    Args:
        n_events: overloads that could have been announced: some row before them, at the window's distance, was scored.
        n_announced: how many of them were, with an alarm at that distance.
        n_episodes: spells of alarms.
        n_true_episodes: spells within an hour of whose start an overload began.
        false_per_day: false spells per subject and day.
        leads: float64 (n_announced,), slots from the first alarm of the spell that was on to the overload.
    """

    n_events: int
    n_announced: int
    n_episodes: int
    n_true_episodes: int
    false_per_day: float
    leads: NDArray[np.float64]

    @property
    def recall(self) -> float:
        """Share of the overloads that were announced; NaN without any."""
        return self.n_announced / self.n_events if self.n_events else float("nan")

    @property
    def episode_precision(self) -> float:
        """Share of the spells that were right; NaN without any."""
        return self.n_true_episodes / self.n_episodes if self.n_episodes else float("nan")


def score_events(
    starts: NDArray[np.bool_], scored: NDArray[np.bool_], alarms: NDArray[np.bool_], window: Window, slots_per_day: int
) -> EventScore:
    """Compare alarms with the overloads that began.

    Args:
        starts: bool (n_subjects, n_slots), where an overload begins.
        scored: bool (n_subjects, n_slots), rows that were judged.
        alarms: bool (n_subjects, n_slots), where there was an alarm; only among scored rows.
        window: at which distance an alarm counts.
        slots_per_day: for rates.
    """
    n_events, n_announced, n_episodes, n_true = 0, 0, 0, 0
    leads: list[float] = []
    for subject in range(len(starts)):
        events, on = np.flatnonzero(starts[subject]), np.flatnonzero(alarms[subject])
        begins = on[np.diff(on, prepend=-(10**9)) >= _EPISODE_GAP]
        n_episodes += len(begins)
        place = np.searchsorted(events, begins, side="right")
        following = np.append(events, 10**9)[place]
        n_true += int((following - begins <= _EPISODE_REACH).sum())
        for event in events.tolist():
            before = slice(max(event - window.last, 0), max(event - window.first + 1, 0))
            if not scored[subject, before].any():
                continue
            n_events += 1
            if alarms[subject, before].any():
                n_announced += 1
                newest = begins[begins <= event - window.first]
                leads.append(float(event - newest[-1]))
    n_days = scored.sum() / slots_per_day
    return EventScore(
        n_events, n_announced, n_episodes, n_true, (n_episodes - n_true) / n_days if n_days else 0.0, np.array(leads)
    )
