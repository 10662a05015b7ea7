"""From slots to risks: probabilities, time, severity and causes of one resource."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pronoia.features.labels import TARGETS
from pronoia.features.slots import DAY, HIGH, WINDOWS
from pronoia.learning.risk_outcomes import IssuedRisks
from pronoia.models.bottleneck.causes import top_causes
from pronoia.models.bottleneck.eta import Eta, time_to_overload
from pronoia.models.bottleneck.horizons import HORIZON_SLOTS, window_features
from pronoia.models.bottleneck.severity import severity
from pronoia.models.forecast.crossing import threshold_crossings
from pronoia.pipeline.bottleneck_load import recently_clean
from pronoia.predictions.bottleneck import BottleneckRisk

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from pronoia.config.resolved_bottleneck import ResolvedResource
    from pronoia.features.matrix import FeatureMatrix
    from pronoia.models.bottleneck.horizons import Hazards, HorizonRisks
    from pronoia.pipeline.bottleneck_load import RiskInput
    from pronoia.predictions.bottleneck import Cause, RiskModel
    from pronoia.predictions.forecast import QueryForecast
    from pronoia.series import LabelSet

_LEVEL = 0.95
_STATE = TARGETS.index("state")
_ONSET = TARGETS.index("onset")
_MAX_CAUSES = 5
# Causes are told of what may come to an alarm, and of so many subjects at most: they cost milliseconds each.
_LIKELY_SHARE = 0.5
_MAX_EXPLAINED = 100


def assess(
    resource: ResolvedResource,
    asked: RiskInput,
    risks: HorizonRisks,
    model: RiskModel,
    *,
    correct: Callable[[Hazards], Hazards],
    forecast: QueryForecast | None,
    now_seconds: float,
) -> tuple[BottleneckRisk, IssuedRisks]:
    """What is to be said of each subject, and what it was made of, for learning.

    Args:
        resource: which.
        asked: its slots.
        risks: the classifiers.
        model: what to tell of them.
        correct: what was learnt of the classifiers' calibration.
        forecast: of the same query; None where there is none.
        now_seconds: Unix time.
    """
    rows, recent, at = asked.rows, asked.recent, asked.recent_slots
    features = window_features(asked.load, rows, asked.slots)
    said = risks.hazards(features, _LEVEL)
    hazards = correct(said)
    within = hazards.within()
    labels = tuple(recent.labels[row] for row in rows)
    load = recent.load[rows, at].astype(np.float64)
    utilisation = np.round(load * resource.threshold / HIGH, 6)
    ends = np.array(HORIZON_SLOTS) * float(resource.slot_seconds)
    crossing, peak = _forecast(labels, forecast, resource, ends[-1])
    eta = time_to_overload(within.point[:, _STATE], ends, crossing, recent.is_high[rows, at], _LEVEL)
    is_clean = recently_clean(recent, rows, at, resource.clean_slots)
    has_meaning = np.ones(within.point.shape, np.bool_)
    has_meaning[~is_clean, _ONSET] = False
    shown = [HORIZON_SLOTS.index(seconds // resource.slot_seconds) for seconds in resource.horizons_seconds]
    point, lower, upper = (
        np.where(has_meaning, each, np.nan)[:, :, shown] for each in (within.point, within.lower, within.upper)
    )
    risk = BottleneckRisk(
        resource=resource.name,
        labels=labels,
        made_at_seconds=now_seconds,
        max_age_seconds=resource.max_age_seconds,
        horizons_seconds=resource.horizons_seconds,
        probability=point,
        lower=lower,
        upper=upper,
        level=_LEVEL,
        eta_seconds=eta.point,
        eta_lower_seconds=eta.lower,
        eta_upper_seconds=eta.upper,
        severity=severity(
            within.point[:, _STATE, -1], eta.point, ends[-1], np.fmax(utilisation, peak), resource.threshold
        ),
        utilisation=utilisation,
        threshold=resource.threshold,
        causes=_causes(risks, features, hazards, within, resource.warning),
        model=model,
        is_young=asked.load.n_known[rows] < DAY,
    )
    newest = asked.slots == asked.load.newest
    issued = IssuedRisks(
        slot=recent.grid.end_ms // recent.grid.step_ms,
        labels=tuple(each for each, is_newest in zip(labels, newest, strict=True) if is_newest),
        hazard=said.point[newest],
        within=within.point[newest],
        is_clean=is_clean[newest],
    )
    return risk, issued


def _forecast(
    labels: tuple[LabelSet, ...], forecast: QueryForecast | None, resource: ResolvedResource, longest_seconds: float
) -> tuple[Eta, NDArray[np.float64]]:
    """When each subject's forecast crosses the threshold, and the highest point of it within the longest horizon."""
    nothing = np.full(len(labels), np.nan)
    crossing, peak = Eta(nothing.copy(), nothing.copy(), nothing.copy()), nothing.copy()
    if forecast is None:
        return crossing, peak
    row_of = {each: row for row, each in enumerate(labels)}
    made = forecast.forecast
    for each in threshold_crossings(made, resource.threshold, forecast.observed, "up"):
        row = row_of.get(each.labels)
        if row is not None:
            crossing.point[row] = each.eta_seconds
            crossing.lower[row], crossing.upper[row] = each.lower_seconds, each.upper_seconds
    n_steps = max(int(longest_seconds * 1000) // made.grid.step_ms, 1)
    for source, each_labels in enumerate(made.labels):
        row = row_of.get(each_labels)
        if row is not None and made.grid.n_steps:
            peak[row] = made.point[source, :n_steps].max()
    return crossing, peak


def _causes(
    risks: HorizonRisks, features: tuple[FeatureMatrix, ...], hazards: Hazards, within: Hazards, warning: float
) -> tuple[tuple[Cause, ...], ...]:
    """Of the likely ones, what moved the classifier of the window in which an overload is most likely."""
    longest = within.point[:, _STATE, -1]
    likely = np.flatnonzero(longest >= _LIKELY_SHARE * warning)
    likely = likely[np.argsort(-longest[likely], kind="stable")][:_MAX_EXPLAINED]
    told: list[tuple[Cause, ...]] = [()] * len(longest)
    window = np.argmax(hazards.point[:, _STATE], axis=1)
    for k in range(len(WINDOWS)):
        chosen = likely[window[likely] == k]
        of = features[k]
        matrix = replace(of, rows=of.rows[chosen], slots=of.slots[chosen], values=of.values[chosen], sequences=None)
        for row, causes in zip(chosen.tolist(), top_causes(risks.risks["state"][k], matrix, _MAX_CAUSES), strict=True):
            told[row] = causes
    return tuple(told)
