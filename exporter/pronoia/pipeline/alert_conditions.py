"""The conditions of `alerts.rules` and the thresholds of queries, looked up in a snapshot as rules do in Prometheus."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

import numpy as np

from pronoia.alerting.push import Candidate
from pronoia.exposition.families import OUR_BOTTLENECK_LABELS
from pronoia.exposition.source_labels import our_labels
from pronoia.exposition.text import exposed_labels, format_horizon, format_number
from pronoia.predictions.bottleneck import RISK_TARGETS, stage_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pronoia.alerting.plan import AlertPlan, PlannedRule, PlannedThreshold
    from pronoia.predictions.bottleneck import BottleneckRisk
    from pronoia.predictions.forecast import QueryForecast
    from pronoia.predictions.snapshot import Snapshot
    from pronoia.series import LabelSet

#: What can be looked up here.
PUSHED_VALUES = frozenset({"bottleneck_probability"})
_DOUBT = 0.5
_CROSSING_HOLD_SECONDS, _CROSSING_KEEP_SECONDS = 600.0, 900.0
_COMPARE = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}


def known_sources(snapshot: Snapshot) -> frozenset[str]:
    """Resources and queries of which the snapshot knows something."""
    resources = (f"bottleneck:{risk.resource}" for risk in snapshot.bottlenecks)
    return frozenset((*resources, *(f"query:{each.query}" for each in snapshot.forecasts)))


def candidates(plan: AlertPlan, snapshot: Snapshot) -> Iterator[Candidate]:
    """Every condition that holds, with the labels and annotations that the rendered rules would give it."""
    for rule in plan.rules:
        if rule.value in PUSHED_VALUES:
            for risk in snapshot.bottlenecks:
                muted = snapshot.muted.get(stage_name(risk.resource), frozenset())
                yield from _bottlenecks(rule, risk, muted)
    forecasts = {each.query: each for each in snapshot.forecasts}
    for threshold in plan.thresholds:
        if threshold.query in forecasts:
            muted = snapshot.muted.get(threshold.query, frozenset())
            yield from _crossings(threshold, forecasts[threshold.query], muted)


def _bottlenecks(rule: PlannedRule, risk: BottleneckRisk, muted: frozenset[LabelSet]) -> Iterator[Candidate]:
    horizons = [format_horizon(seconds) for seconds in risk.horizons_seconds]
    if rule.horizon not in horizons:
        return
    place = (slice(None), RISK_TARGETS.index("state"), horizons.index(rule.horizon))
    holds = _COMPARE[rule.operator](risk.probability[place], rule.threshold)
    if rule.operator in (">", ">="):
        holds &= risk.lower[place] >= min(_DOUBT, rule.threshold)
        holds &= risk.utilisation < risk.threshold
    for row in np.flatnonzero(holds):
        source = risk.labels[row]
        shown, _ = exposed_labels(source, OUR_BOTTLENECK_LABELS)
        probability = float(risk.probability[place][row])
        system = next((shown[name] for name in ("instance", "workload", "pod", "job") if name in shown), "a system")
        yield Candidate(
            shown.updated(
                alertname=rule.alert,
                severity=rule.severity,
                predictive="true",
                pronoia_rule=rule.name,
                resource=risk.resource,
                horizon=rule.horizon,
                target="state",
            ),
            {
                "summary": f"{rule.value} {rule.operator} {rule.threshold:.12g}",
                "description": f"{risk.resource} of {system}: {rule.value} within {rule.horizon} is {probability:.3g}.",
                "probability": f"{probability:.12g}",
                "actual": ",".join(rule.actual),
                "runbook_url": "rules/runbooks/bottleneck.md",
            },
            f"bottleneck:{risk.resource}",
            source not in muted,
            float(rule.hold_seconds),
            float(rule.keep_firing_seconds),
        )


def _crossings(threshold: PlannedThreshold, forecast: QueryForecast, muted: frozenset[LabelSet]) -> Iterator[Candidate]:
    for crossing in forecast.crossings:
        if format_number(crossing.threshold) != threshold.threshold:
            continue
        is_there = crossing.eta_seconds == 0.0
        if not is_there and not crossing.upper_seconds <= threshold.within_seconds:
            continue
        shown, _ = exposed_labels(crossing.labels, our_labels(forecast))
        labels = shown.updated(severity=threshold.severity, query=threshold.query, threshold=threshold.threshold)
        predicted = {} if is_there else {"predictive": "true"}
        name = threshold.alert if is_there else f"{threshold.alert}Predicted"
        verb = "is beyond" if is_there else "is likely to cross"
        yield Candidate(
            labels.updated(alertname=name, **predicted),
            {
                "summary": f"{threshold.query} {verb} {threshold.threshold}.",
                "description": f"{threshold.query} of {shown} {verb} {threshold.threshold}.",
                "runbook_url": "rules/runbooks/forecast.md",
            },
            f"query:{threshold.query}",
            is_true=is_there or crossing.labels not in muted,
            hold_seconds=_CROSSING_HOLD_SECONDS,
            keep_firing_seconds=_CROSSING_KEEP_SECONDS,
        )
