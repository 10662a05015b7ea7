"""Events found and alarms that were wrong, at the line; nothing is adjusted afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class EpisodeCounts:
    """What alarms were worth on one system.

    Args:
        n_events: labelled spans.
        n_found: those in which an alarm was on at some step.
        n_episodes: alarms, those within `gap` steps of each other being one.
        n_right: those that overlap a labelled span.
        normal_days: days of unlabelled steps.
    """

    n_events: int
    n_found: int
    n_episodes: int
    n_right: int
    normal_days: float

    @property
    def n_false(self) -> int:
        """Episodes with no labelled step."""
        return self.n_episodes - self.n_right


def count_episodes(
    label: NDArray[np.bool_], score: NDArray[np.float64], gap: int, step_seconds: float
) -> EpisodeCounts:
    """Compare alarms (score > 1) with labelled spans, both over (n_steps,).

    >>> label = np.array([0, 0, 1, 1, 0, 0, 0, 0, 0], bool)
    >>> score = np.array([0, 2, 2, 0, 0, 0, 0, 2, 0.0])
    >>> counts = count_episodes(label, score, gap=2, step_seconds=60)
    >>> counts.n_found, counts.n_episodes, counts.n_right, counts.n_false
    (1, 2, 1, 1)
    """
    events, episodes = _spans(label, 1), _spans(score > 1.0, gap)
    return EpisodeCounts(
        n_events=len(events),
        n_found=sum(bool((score[a:b] > 1.0).any()) for a, b in events),
        n_episodes=len(episodes),
        n_right=sum(bool(label[a:b].any()) for a, b in episodes),
        normal_days=float((~label).sum()) * step_seconds / _DAY_SECONDS,
    )


def _spans(on: NDArray[np.bool_], gap: int) -> list[tuple[int, int]]:
    """First and one past the last step of each run; runs that lie no more than `gap` steps apart are one."""
    at = np.flatnonzero(on)
    if not len(at):
        return []
    parts = np.split(at, np.flatnonzero(np.diff(at) > gap) + 1)
    return [(int(part[0]), int(part[-1]) + 1) for part in parts]
