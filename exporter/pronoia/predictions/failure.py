"""What will break: probability by horizon, time, severity, causes, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.predictions.bounds import check_probabilities, check_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pronoia.predictions.bottleneck import Cause
    from pronoia.series.labels import LabelSet

#: That one of the others happens.
ANY = "any"
#: Failures that need no definition.
FAILURES = ("oom", "disk_full", "network_timeout", ANY)
#: What speaks: of trend and what was learnt from failures the one that outweighs the other, or when it happened before.
SPEAKERS = ("trend", "prior", "supervised", "recurrence")


def failure_stage(failure: str) -> str:
    """What a failure is called among queries, whose names have no colon.

    >>> failure_stage("oom")
    'failure:oom'
    """
    return f"failure:{failure}"


#: What the user's own alerts are called among queries.
ALERTS_STAGE = "failure:alerts"


@dataclass(frozen=True, slots=True, eq=False)
class FailureRisk:
    """The risks of one failure, of n_subjects systems, at n_horizons horizons.

    Args:
        failure: its name in the configuration.
        labels: n_subjects distinct label sets, as in the source.
        made_at_seconds: Unix time at which it was made.
        max_age_seconds: how long after that it may be shown.
        horizons_seconds: ascending.
        probability: float64 (n_subjects, n_horizons) in 0-1, that it happens within the horizon, growing with it; NaN
            throughout for a subject of which too little is known.
        lower, upper: the same, 95 % bounds.
        time_seconds: float64 (n_subjects,), time to the failure; NaN where none is expected.
        time_lower_seconds: the earliest; NaN likewise.
        time_upper_seconds: the latest, infinite where it may as well not come; NaN likewise.
        severity: n_subjects of `critical`, `high`, `medium`, `low`.
        signals: for each subject, the signal that presses most; empty where there is none.
        causes: for each subject, the strongest first; empty where they were not asked for.
        actions: what to do, the most urgent first.
        n_events: failures that are known, and learnt from once there are enough.
        speaker: one of `SPEAKERS`.
        happening: numbers of the subjects to which it happens now.

    Raises:
        ValueError: if shapes disagree, or an invariant does not hold.
    """

    failure: str
    labels: tuple[LabelSet, ...]
    made_at_seconds: float
    max_age_seconds: float
    horizons_seconds: tuple[int, ...]
    probability: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    time_seconds: NDArray[np.float64]
    time_lower_seconds: NDArray[np.float64]
    time_upper_seconds: NDArray[np.float64]
    severity: tuple[str, ...]
    signals: tuple[str, ...]
    causes: tuple[tuple[Cause, ...], ...]
    actions: tuple[str, ...]
    n_events: int
    speaker: str
    happening: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        n_subjects = len(self.labels)
        cube = (n_subjects, len(self.horizons_seconds))
        times = ("time_seconds", "time_lower_seconds", "time_upper_seconds")
        shapes = dict.fromkeys(("probability", "lower", "upper"), cube) | dict.fromkeys(times, (n_subjects,))
        for name, shape in shapes.items():
            array = getattr(self, name)
            if array.shape != shape:
                raise ValueError(f"{name} has shape {array.shape}, {shape} is needed")
            array.flags.writeable = False
        for name in ("severity", "signals", "causes"):
            if len(getattr(self, name)) != n_subjects:
                raise ValueError(f"{name} of {len(getattr(self, name))} subjects for {n_subjects}")
        if self.speaker not in SPEAKERS or self.n_events < 0:
            raise ValueError(f"speaker {self.speaker!r} with {self.n_events} events; one of {SPEAKERS} and 0 or more")
        check_probabilities(self.probability, self.lower, self.upper)
        check_times(self.time_lower_seconds, self.time_seconds, self.time_upper_seconds)

    @property
    def n_subjects(self) -> int:
        """Number of subjects."""
        return len(self.labels)

    def is_current(self, now_seconds: float) -> bool:
        """Whether it may still be shown; one from far in the future (the clock was set back) may not."""
        return abs(now_seconds - self.made_at_seconds) <= self.max_age_seconds


@dataclass(frozen=True, slots=True, eq=False)
class AlertRisk:
    """How likely the user's own alerts fire anew, of n_alerts label sets.

    Args:
        labels: n_alerts label sets, with `alertname`.
        made_at_seconds: Unix time at which it was made.
        max_age_seconds: how long after that it may be shown.
        horizons_seconds: ascending.
        probability: float64 (n_alerts, n_horizons) in 0-1, growing with the horizon; NaN while it fires.
        n_firings: int64 (n_alerts,), firings learnt from.

    Raises:
        ValueError: if shapes disagree, or probabilities are outside 0-1.
    """

    labels: tuple[LabelSet, ...]
    made_at_seconds: float
    max_age_seconds: float
    horizons_seconds: tuple[int, ...]
    probability: NDArray[np.float64]
    n_firings: NDArray[np.int64]

    def __post_init__(self) -> None:
        shape = (len(self.labels), len(self.horizons_seconds))
        if self.probability.shape != shape or self.n_firings.shape != shape[:1]:
            raise ValueError(f"probability {self.probability.shape} and firings {self.n_firings.shape} for {shape}")
        told = np.nan_to_num(self.probability)
        if not ((told >= 0.0) & (told <= 1.0)).all() or (np.diff(told, axis=1) < 0.0).any():
            raise ValueError("probabilities lie between 0 and 1 and grow with the horizon")
        for array in (self.probability, self.n_firings):
            array.flags.writeable = False

    def is_current(self, now_seconds: float) -> bool:
        """Whether it may still be shown; one from far in the future (the clock was set back) may not."""
        return abs(now_seconds - self.made_at_seconds) <= self.max_age_seconds
