"""Alarms as people meet them: was each failure announced in time, and was each spell of alarms right."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.evaluation.failure.recorded import SystemRecord

# Parts of the horizon, in brackets for a quarter of an hour. An alarm counts that comes within the horizon and with at
# least so much lead (3 minutes); for so long after a failure a system is being repaired and nothing is judged (150 s);
# alarms less far apart are one episode (5 minutes).
_LEAD, _REPAIR, _GAP = 1 / 5, 1 / 6, 1 / 3


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """When it alarms: where the score has been at the threshold or above for so many slots."""

    threshold: float
    n_slots: int = 1

    def alarms(self, score: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Bool (n_slots,); NaN does not alarm.

        >>> AlarmRule(0.5, 2).alarms(np.array([0.6, 0.7, 0.1, 0.9])).tolist()
        [False, True, False, False]
        """
        above = np.nan_to_num(score, nan=-np.inf) >= self.threshold
        return np.convolve(above, np.ones(self.n_slots), "full")[: len(above)] > self.n_slots - 0.5


@dataclass(frozen=True, slots=True)
class EpisodeScore:
    """Counts of one system.

    Args:
        n_events: failures.
        n_announced: of them, those with an alarm within the horizon and with a fifth of it to spare.
        n_episodes: spells of alarms whose truth is known.
        n_right: of them, those with a failure within the horizon of their beginning.
        n_right_by_end: of them, those with a failure within the horizon of any of their alarms.
        hours: that were judged.
        leads_seconds: from the first alarm in reach to the failure, of those announced.
    """

    n_events: int
    n_announced: int
    n_episodes: int
    n_right: int
    n_right_by_end: int
    hours: float
    leads_seconds: tuple[float, ...] = field(default=())


def is_repaired(system: SystemRecord) -> NDArray[np.bool_]:
    """Bool (n_slots,): whether the last failure is long enough ago to judge what is said."""
    place = np.searchsorted(system.events_seconds, system.at_seconds, side="left")
    last = np.append(-np.inf, system.events_seconds)[place]
    return np.asarray(system.at_seconds - last > _REPAIR * system.horizon_seconds)


def score_episodes(system: SystemRecord, alarms: NDArray[np.bool_]) -> EpisodeScore:
    """Compare a system's alarms with its failures.

    A failure ends an episode. Episodes that begin in the last horizon without a failure have no known truth and are
    left out.
    """
    reach = float(system.horizon_seconds)
    at, repaired, following = system.at_seconds, is_repaired(system), system.next_event_seconds
    on = np.flatnonzero(alarms & repaired)
    n_episodes, n_right, n_right_by_end = 0, 0, 0
    if len(on):
        begins = np.append(True, (np.diff(at[on]) > _GAP * reach) | (np.diff(np.nan_to_num(following[on])) > 0.0))
        firsts, lasts = on[begins], on[np.append(np.flatnonzero(begins)[1:] - 1, len(on) - 1)]
        for first, last in zip(firsts, lasts, strict=True):
            is_right = following[first] - at[first] <= reach
            if not is_right and at[first] > at[-1] - reach:
                continue
            n_episodes += 1
            n_right += is_right
            n_right_by_end += following[first] - at[last] <= reach
    leads = []
    for event in system.events_seconds:
        ahead = event - at
        in_reach = alarms & repaired & (ahead <= reach) & (ahead >= _LEAD * reach)
        if in_reach.any():
            leads.append(float(ahead[np.argmax(in_reach)]))
    n_judged = int((repaired & np.isfinite(system.features[:, 0])).sum())
    hours = n_judged * float(at[1] - at[0]) / 3_600
    return EpisodeScore(
        len(system.events_seconds), len(leads), n_episodes, n_right, n_right_by_end, hours, tuple(leads)
    )
