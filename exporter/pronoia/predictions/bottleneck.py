"""Which resource of which system becomes a bottleneck: probability, time, severity, causes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pronoia.predictions.bounds import check_probabilities, check_times

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from pronoia.series.labels import LabelSet

#: What each probability is of: `state`, that it is overloaded at some time within the horizon; `onset`, that an
#: overload begins within it, from a clean state.
RISK_TARGETS = ("state", "onset")


def stage_name(resource: str) -> str:
    """What a resource is called among queries, whose names have no colon.

    >>> stage_name("cpu")
    'bottleneck:cpu'
    """
    return f"bottleneck:{resource}"


@dataclass(frozen=True, slots=True)
class Cause:
    """What moved a probability.

    Args:
        feature: name of what was looked at.
        log_odds: by how much it raised the log-odds of an overload; negative where it lowered them.
    """

    feature: str
    log_odds: float


def speaking_for(causes: Iterable[Cause]) -> tuple[str, ...]:
    """Features that raised a probability, in the order of the causes: what people mean by a cause.

    >>> speaking_for((Cause("load", 2.1), Cause("n_days_start", -1.3), Cause("load_max_12", 0.4)))
    ('load', 'load_max_12')
    """
    return tuple(cause.feature for cause in causes if cause.log_odds > 0.0)


@dataclass(frozen=True, slots=True)
class RiskModel:
    """Which model speaks.

    Args:
        source: `prior` if it came with the package, `local` if it was fitted to this upstream's history, `file` if the
            configuration names it.
        fitted_at_seconds: Unix time of the newest sample it was fitted to; 0 where that is not known.
        n_events: overloads it was fitted to; 0 where that is not known.
        has_neural: whether a neural network is among its members.
    """

    source: str
    fitted_at_seconds: float = 0.0
    n_events: int = 0
    has_neural: bool = False


@dataclass(frozen=True, slots=True)
class RiskScore:
    """How good probabilities of one target and horizon turned out; NaN where nothing can be said.

    Args:
        brier: mean squared difference between probability and outcome.
        skill: one minus that over what saying the base rate always would have come to.
        precision: share of alarms that came true.
        recall: share of what happened that an alarm spoke of.
    """

    brier: float
    skill: float
    precision: float
    recall: float


@dataclass(frozen=True, slots=True, eq=False)
class BottleneckRisk:
    """The risks of one resource, of n_subjects systems (or devices), at n_horizons horizons.

    Args:
        resource: its name in the configuration.
        labels: n_subjects distinct label sets, as in the source.
        made_at_seconds: Unix time at which it was made.
        max_age_seconds: how long after that it may be shown.
        horizons_seconds: ascending.
        probability: float64 (n_subjects, 2, n_horizons) in 0-1, in the order of `RISK_TARGETS`, growing with the
            horizon; NaN throughout where a target has no meaning (an onset, while it is not clean).
        lower: the same, lower bounds.
        upper: the same, upper bounds.
        level: nominal coverage of the bounds.
        eta_seconds: float64 (n_subjects,), time to the overload; 0 while it lasts, NaN where none is expected.
        eta_lower_seconds: the earliest, NaN where none is expected.
        eta_upper_seconds: the latest, infinite where it may as well not come; NaN where none is expected.
        severity: int64 (n_subjects,) in 1-10.
        utilisation: float64 (n_subjects,), the newest, in the query's own unit.
        threshold: where an overload begins, in the same unit.
        causes: for each subject, the strongest first; empty where they were not asked for.
        model: which model speaks.
        is_young: bool (n_subjects,), whether less than a day of the subject is known.

    Raises:
        ValueError: if shapes disagree, or an invariant does not hold.
    """

    resource: str
    labels: tuple[LabelSet, ...]
    made_at_seconds: float
    max_age_seconds: float
    horizons_seconds: tuple[int, ...]
    probability: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    level: float
    eta_seconds: NDArray[np.float64]
    eta_lower_seconds: NDArray[np.float64]
    eta_upper_seconds: NDArray[np.float64]
    severity: NDArray[np.int64]
    utilisation: NDArray[np.float64]
    threshold: float
    causes: tuple[tuple[Cause, ...], ...]
    model: RiskModel
    is_young: NDArray[np.bool_]

    def __post_init__(self) -> None:
        n_subjects = len(self.labels)
        cube = (n_subjects, len(RISK_TARGETS), len(self.horizons_seconds))
        of_subjects = ("eta_seconds", "eta_lower_seconds", "eta_upper_seconds", "severity", "utilisation", "is_young")
        shapes = dict.fromkeys(("probability", "lower", "upper"), cube) | dict.fromkeys(of_subjects, (n_subjects,))
        for name, shape in shapes.items():
            array = getattr(self, name)
            if array.shape != shape:
                raise ValueError(f"{name} has shape {array.shape}, {shape} is needed")
            array.flags.writeable = False
        if len(self.causes) != n_subjects:
            raise ValueError(f"causes of {len(self.causes)} subjects for {n_subjects}")
        check_probabilities(self.probability, self.lower, self.upper)
        check_times(self.eta_lower_seconds, self.eta_seconds, self.eta_upper_seconds)
        if len(self.severity) and not (self.severity.min() >= 1 and self.severity.max() <= 10):
            raise ValueError("severity lies between 1 and 10")

    @property
    def n_subjects(self) -> int:
        """Number of subjects."""
        return len(self.labels)

    def is_current(self, now_seconds: float) -> bool:
        """Whether it may still be shown; one from far in the future (the clock was set back) may not."""
        return abs(now_seconds - self.made_at_seconds) <= self.max_age_seconds
