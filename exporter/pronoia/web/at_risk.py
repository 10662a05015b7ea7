"""What the status page lists as at risk: overloads and failures that are likely, thresholds that forecasts cross."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.config.duration import format_duration
from pronoia.features.words import in_words
from pronoia.predictions.bottleneck import RISK_TARGETS, speaking_for
from pronoia.predictions.failure import ANY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from pronoia.predictions.bottleneck import BottleneckRisk
    from pronoia.predictions.failure import FailureRisk
    from pronoia.predictions.forecast import QueryForecast
    from pronoia.predictions.snapshot import Snapshot
    from pronoia.series import LabelSet

_MOST = 20
#: From this probability within the longest horizon on, an overload or a failure is worth a line.
_LIKELY = 0.5
_ALREADY = "it is so already"


@dataclass(frozen=True, slots=True)
class AtRisk:
    """One line: what of whom, when, how sure, and why.

    Args:
        what: the resource, the failure, or the query and the threshold that it reaches or is beyond.
        whom: the labels.
        in_seconds: time until then; 0 if it is so now, infinite if it cannot be told.
        sure: how sure that is, in words.
        why: what speaks for it; may be empty.
    """

    what: str
    whom: str
    in_seconds: float
    sure: str
    why: str

    @property
    def when(self) -> str:
        """The time in words."""
        if not math.isfinite(self.in_seconds):
            return "not known"
        return (
            "now" if self.in_seconds <= 0.0 else f"in {format_duration(round(self.in_seconds / 60) * 60_000 or 60_000)}"
        )


def at_risk(snapshot: Snapshot) -> tuple[AtRisk, ...]:
    """At most twenty lines, the soonest first."""
    lines = [line for risk in snapshot.bottlenecks for line in _overloads(risk)]
    lines += [line for failing in snapshot.failures if failing.failure != ANY for line in _failures(failing)]
    lines += [line for forecast in snapshot.forecasts for line in _crossings(forecast)]
    return tuple(sorted(lines, key=lambda line: line.in_seconds)[:_MOST])


def _overloads(risk: BottleneckRisk) -> Iterator[AtRisk]:
    state = risk.probability[:, RISK_TARGETS.index("state")]
    for row in np.flatnonzero(state[:, -1] >= _LIKELY).tolist():
        sure = _within(risk.horizons_seconds, state[row])
        eta = float(risk.eta_seconds[row])
        why = ", ".join(in_words(feature) for feature in speaking_for(risk.causes[row])[:3])
        yield AtRisk(risk.resource, _whom(risk.labels[row]), eta if math.isfinite(eta) else math.inf, sure, why)


def _failures(risk: FailureRisk) -> Iterator[AtRisk]:
    for row in np.flatnonzero(risk.probability[:, -1] >= _LIKELY).tolist():
        eta = float(risk.time_seconds[row])
        yield AtRisk(
            risk.failure,
            _whom(risk.labels[row]),
            eta if math.isfinite(eta) else math.inf,
            _within(risk.horizons_seconds, risk.probability[row]),
            ", ".join(speaking_for(risk.causes[row])[:3]),
        )


def _within(horizons_seconds: Sequence[int], probability: NDArray[np.float64]) -> str:
    told = zip(horizons_seconds, probability.tolist(), strict=True)
    return ", ".join(f"{share:.0%} within {format_duration(seconds * 1000)}" for seconds, share in told)


def _crossings(forecast: QueryForecast) -> Iterator[AtRisk]:
    for each in forecast.crossings:
        if each.eta_seconds <= 0.0:
            yield AtRisk(f"{forecast.query} is beyond {each.threshold:g}", _whom(each.labels), 0.0, _ALREADY, "")
            continue
        is_sure = math.isfinite(each.upper_seconds)
        latest = f"at the latest {_minutes(each.upper_seconds)}" if is_sure else "perhaps not at all"
        sure = f"at the earliest {_minutes(each.lower_seconds)}, {latest}"
        what = f"{forecast.query} reaches {each.threshold:g}"
        yield AtRisk(what, _whom(each.labels), each.eta_seconds, sure, "")


def _minutes(seconds: float) -> str:
    return format_duration(max(round(seconds / 60), 1) * 60_000)


def _whom(labels: LabelSet) -> str:
    shown = {name: value for name, value in labels.items() if name not in ("__name__", "job")}
    return ", ".join(f"{name}={value}" for name, value in shown.items())
