"""The conditions of `alerts.rules` and the thresholds of queries, looked up in a snapshot as rules do in Prometheus."""

from __future__ import annotations

import math
import operator
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from pronoia.alerting.push import Candidate
from pronoia.exposition.families import OUR_ANOMALY_LABELS, OUR_BOTTLENECK_LABELS, OUR_FAILURE_LABELS
from pronoia.exposition.source_labels import our_labels
from pronoia.exposition.text import exposed_labels, format_horizon, format_number
from pronoia.predictions.anomaly_watch import ANOMALY_STEM, anomaly_stage
from pronoia.predictions.bottleneck import RISK_TARGETS, stage_name
from pronoia.predictions.failure import failure_stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pronoia.alerting.plan import AlertPlan, PlannedRule, PlannedThreshold
    from pronoia.predictions.anomaly_watch import AnomalyWatch
    from pronoia.predictions.bottleneck import BottleneckRisk
    from pronoia.predictions.failure import FailureRisk
    from pronoia.predictions.forecast import QueryForecast
    from pronoia.predictions.snapshot import Snapshot
    from pronoia.series import LabelSet

#: What can be looked up here.
PUSHED_VALUES = frozenset({"bottleneck_probability", "failure_probability", "anomaly_score"})
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
    """Resources, failures, watches and queries of which the snapshot knows something."""
    return frozenset(
        (
            *(stage_name(risk.resource) for risk in snapshot.bottlenecks),
            *(failure_stage(risk.failure) for risk in snapshot.failures),
            *(anomaly_stage(watch.name) for watch in snapshot.anomalies),
            *(f"query:{each.query}" for each in snapshot.forecasts),
        )
    )


def candidates(
    plan: AlertPlan, snapshot: Snapshot, precision: Mapping[str, float] = MappingProxyType({})
) -> Iterator[Candidate]:
    """Every condition that holds, with the labels and annotations that the rendered rules would give it.

    Args:
        plan: the conditions.
        snapshot: what is predicted now.
        precision: share of the incidents that were right, by alert, as far as it is known.
    """
    for planned in plan.rules:
        rule = replace(planned, severity=planned.severity_at(precision.get(planned.alert, math.nan)))
        if rule.value == "bottleneck_probability":
            for risk in snapshot.bottlenecks:
                muted = snapshot.muted.get(stage_name(risk.resource), frozenset())
                yield from _bottlenecks(rule, risk, muted)
        elif rule.value == "failure_probability":
            # That any of them happens is no failure besides.
            for failing in (each for each in snapshot.failures if each.failure != "any"):
                muted = snapshot.muted.get(failure_stage(failing.failure), frozenset())
                yield from _failures(rule, failing, muted)
        elif rule.value == "anomaly_score":
            for watch in snapshot.anomalies:
                muted = snapshot.muted.get(anomaly_stage(watch.name), frozenset())
                yield from _anomalies(rule, watch, muted | watch.quiet)
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
        yield _candidate(
            rule,
            (source, OUR_BOTTLENECK_LABELS),
            {"resource": risk.resource, "horizon": rule.horizon, "target": "state", "predictive": "true"},
            (risk.resource, f" within {rule.horizon}", float(risk.probability[place][row])),
            stage_name(risk.resource),
            is_muted=source in muted,
        )


def _failures(rule: PlannedRule, risk: FailureRisk, muted: frozenset[LabelSet]) -> Iterator[Candidate]:
    horizons = [format_horizon(seconds) for seconds in risk.horizons_seconds]
    if rule.horizon not in horizons:
        return
    place = (slice(None), horizons.index(rule.horizon))
    # NaN, of which too little is known, compares as false, but for `!=`.
    holds = _COMPARE[rule.operator](risk.probability[place], rule.threshold) & np.isfinite(risk.probability[place])
    if rule.operator in (">", ">="):
        holds &= risk.lower[place] >= min(_DOUBT, rule.threshold)
        holds[list(risk.happening)] = False
    for row in np.flatnonzero(holds):
        source = risk.labels[row]
        probability = float(risk.probability[place][row])
        yield _candidate(
            rule,
            (source, OUR_FAILURE_LABELS),
            {"failure": risk.failure, "horizon": rule.horizon, "predictive": "true"},
            (risk.failure, f" within {rule.horizon}", probability),
            failure_stage(risk.failure),
            is_muted=source in muted,
        )


def _anomalies(rule: PlannedRule, watch: AnomalyWatch, muted: frozenset[LabelSet]) -> Iterator[Candidate]:
    holds = _COMPARE[rule.operator](watch.score, rule.threshold) & np.isfinite(watch.score)
    for row in np.flatnonzero(holds):
        source = watch.labels[row]
        yield _candidate(
            rule,
            (source, OUR_ANOMALY_LABELS),
            {watch.kind: watch.name, "stem": ANOMALY_STEM},
            (watch.name, "", float(watch.score[row])),
            anomaly_stage(watch.name),
            is_muted=source in muted,
        )


def _candidate(
    rule: PlannedRule,
    subject: tuple[LabelSet, frozenset[str]],
    ours: Mapping[str, str],
    told: tuple[str, str, float],
    source: str,
    *,
    is_muted: bool,
) -> Candidate:
    """What a rule says of a subject: its labels in the source, those that give way; what it is, when, and the value."""
    shown, _ = exposed_labels(*subject)
    system = next((shown[name] for name in ("instance", "workload", "pod", "job") if name in shown), "a system")
    what, when, value = told
    return Candidate(
        shown.updated(alertname=rule.alert, severity=rule.severity, pronoia_rule=rule.name, **ours),
        {
            "summary": f"{rule.value} {rule.operator} {rule.threshold:.12g}",
            "description": f"{what} of {system}: {rule.value}{when} is {value:.3g}.",
            "probability" if rule.prediction.is_predictive else "score": f"{value:.12g}",
            **({"actual": ",".join(rule.actual)} if rule.actual else {}),
            "runbook_url": f"{rule.runbooks}/{rule.prediction.runbook}.md",
        },
        source,
        not is_muted,
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
                "runbook_url": f"{threshold.runbooks}/forecast.md",
            },
            f"query:{threshold.query}",
            is_true=is_there or crossing.labels not in muted,
            hold_seconds=_CROSSING_HOLD_SECONDS,
            keep_firing_seconds=_CROSSING_KEEP_SECONDS,
        )
