"""From the configuration's `alerts` to what rules and Alertmanager's routes are rendered from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pronoia.alerting.conditions import PREDICTIONS
from pronoia.alerting.plan import (
    RUNBOOKS,
    TICKET,
    AlertPlan,
    Channel,
    PlannedRule,
    PlannedThreshold,
    Secret,
    metric_name,
)
from pronoia.config.resolved_bottleneck import guide_predictor, resolve_resources
from pronoia.errors import ConfigError, ConfigProblem
from pronoia.exposition.text import format_horizon, format_number
from pronoia.predictions.alert_names import alert_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pydantic import BaseModel, SecretStr

    from pronoia.config.config import Config
    from pronoia.config.resolved import ResolvedQuery
    from pronoia.config.schema.guide.alerts import AlertRule

#: Secrets by channel: key of the configuration, and Alertmanager's key.
_SECRETS = {
    "slack": (("webhook_url", "api_url"),),
    "email": (("password", "auth_password"),),
    "pagerduty": (("integration_key", "routing_key"),),
    "opsgenie": (("api_key", "api_key"),),
    "webhook": (("token", "credentials"),),
    "msteams": (("webhook_url", "webhook_url"),),
}
_PAGING = {"pagerduty", "opsgenie"}
_SEVERITIES = ("emergency", "critical", "warning", "info")
# What the guide speaks of where nobody says it: bottlenecks half an hour ahead, failures within four hours.
_BOTTLENECK_SECONDS, _FAILURE_SECONDS = 1800, 14_400
_IMMEDIATE_HOLD_SECONDS, _GATHERED_HOLD_SECONDS = 120, 900
_CROSSING_SECONDS = 14_400
_SMTP_PORT = 25


def alert_plan(config: Config) -> AlertPlan:
    """What the configuration says of alerts.

    Raises:
        ConfigError: if two names come to the same alert, or a rule asks for a horizon that is not told.
    """
    settings = config.settings
    rules = dict(settings.alerts.rules) if settings.alerts else {}
    queries = [query for query in config.resolved_queries() if query.origin.startswith("queries[")]
    back = settings.alert_bridge.webhook
    planned = tuple(_rule(name, rule, config) for name, rule in rules.items())
    problems = [*_same_names(rules, queries), *_horizon_problems(config, rules), *_floor_problems(planned, back.url)]
    if problems:
        raise ConfigError(problems, config.source)
    return AlertPlan(
        source=config.source,
        rules=planned,
        thresholds=tuple(each for query in queries for each in _thresholds(query, _runbooks(config))),
        channels=tuple(_channels(config)),
        identity_labels=tuple(dict.fromkeys(label for query in queries for label in query.entity)),
        back_url=back.url or "",
        back_secret=_secret(back, ("token", "credentials"), "alert_bridge.webhook", config.directory),
    )


def _rule(name: str, rule: AlertRule, config: Config) -> PlannedRule:
    gathered = rule.frequency != "immediate"
    hold = _GATHERED_HOLD_SECONDS if gathered else _IMMEDIATE_HOLD_SECONDS
    if rule.hold != "auto":
        hold = rule.hold.whole_seconds
    horizon = _horizon_seconds(rule, config)
    actual = PREDICTIONS[rule.condition.value].actual
    return PlannedRule(
        name=name,
        value=rule.condition.value,
        operator=rule.condition.operator,
        threshold=rule.condition.threshold,
        channels=rule.channels,
        frequency=rule.frequency,
        severity=rule.severity or _severity(name, rule, gathered=gathered),
        horizon=format_horizon(horizon) if horizon else "",
        hold_seconds=hold,
        keep_firing_seconds=rule.keep_firing_for.whole_seconds,
        actual=tuple(dict.fromkeys((*actual, *rule.actual))),
        precision_floor=rule.precision_floor,
        tickets=rule.tickets,
        runbooks=_runbooks(config),
    )


def _runbooks(config: Config) -> str:
    alerts = config.settings.alerts
    return alerts.runbooks.rstrip("/") if alerts and alerts.runbooks else RUNBOOKS


def _severity(name: str, rule: AlertRule, *, gathered: bool) -> str:
    words = re.split(r"[^a-z]+", name.lower())
    for severity in _SEVERITIES:
        if severity in words:
            return severity
    if _PAGING & set(rule.channels):
        return "critical"
    return "info" if gathered else "warning"


def _horizon_seconds(rule: AlertRule, config: Config) -> int:
    """The horizon that a rule looks at; 0 where predictions have none."""
    if rule.horizon is not None:
        return rule.horizon.whole_seconds
    if rule.condition.value == "bottleneck_probability":
        guide = guide_predictor(config.settings)
        wanted = guide.prediction_horizon * 60 if guide else _BOTTLENECK_SECONDS
        told = _told(config)
        # Those that are told may leave it out: the next longer one promises no less.
        return next((seconds for seconds in told if seconds >= wanted), told[-1]) if told else wanted
    if rule.condition.value in ("failure_probability", "alert_probability"):
        predictor = config.settings.performance_predictor
        return max(predictor.models.failure_predictor.time_horizons) * 60 if predictor else _FAILURE_SECONDS
    return 0


def _told(config: Config) -> list[int]:
    return sorted({seconds for each in resolve_resources(config.settings) for seconds in each.horizons_seconds})


def _horizon_problems(config: Config, rules: dict[str, AlertRule]) -> Iterable[ConfigProblem]:
    told = _told(config)
    for name, rule in rules.items():
        wanted = rule.horizon
        if wanted is not None and rule.condition.value == "bottleneck_probability" and wanted.whole_seconds not in told:
            known = ", ".join(format_horizon(seconds) for seconds in told)
            yield ConfigProblem(f"alerts.rules.{name}.horizon", f"{wanted} is not told of bottlenecks; {known} are")


def _floor_problems(rules: Iterable[PlannedRule], back_url: str | None) -> Iterable[ConfigProblem]:
    for rule in rules:
        place = f"alerts.rules.{rule.name}.precision_floor"
        if rule.precision_floor is None:
            continue
        if not back_url:
            yield ConfigProblem(place, "what came true is known from Alertmanager alone; set alert_bridge.webhook.url")
        if rule.severity == TICKET:
            problem = f"this rule has severity {TICKET}, which it would have below the floor; set its severity"
            yield ConfigProblem(place, problem)


def _same_names(rules: dict[str, AlertRule], queries: list[ResolvedQuery]) -> Iterable[ConfigProblem]:
    alerts: dict[str, str] = {}
    metrics: dict[str, str] = {}
    named = [(name, f"alerts.rules.{name}") for name in rules]
    named += [(query.name, query.origin) for query in queries if query.thresholds]
    for name, place in named:
        for key, known in ((alert_name(name, is_predictive=True), alerts), (metric_name(name), metrics)):
            if key in known:
                yield ConfigProblem(place, f"becomes {key}, as {known[key]} does; give one of them another name")
                break
            known[key] = place


def _thresholds(query: ResolvedQuery, runbooks: str) -> Iterable[PlannedThreshold]:
    worst = (max if query.direction == "up" else min)(query.thresholds, default=None)
    for threshold in sorted(query.thresholds):
        yield PlannedThreshold(
            query=query.name,
            threshold=format_number(threshold),
            within_seconds=min(_CROSSING_SECONDS, query.horizon_seconds),
            severity="warning" if threshold == worst else "info",
            max_age_seconds=int(query.max_age_seconds),
            runbooks=runbooks,
        )


def _channels(config: Config) -> Iterable[Channel]:
    alerts = config.settings.alerts
    for name in alerts.channels.names if alerts else ():
        section = getattr(alerts.channels, name) if alerts else None
        if section is None:
            continue
        hidden = [key for pair in _SECRETS[name] for key in (pair[0], f"{pair[0]}_file")]
        told: dict[str, Any] = {key: getattr(section, key) for key in type(section).model_fields if key not in hidden}
        if name == "email":
            told["sender"] = section.sender or f"pronoia@{section.recipients[0].rpartition('@')[2]}"
            has_port = re.search(r":[0-9]+$", section.smtp_server)
            told["smtp_server"] = section.smtp_server if has_port else f"{section.smtp_server}:{_SMTP_PORT}"
        path = f"alerts.channels.{name}"
        secrets = {
            keys[0]: found for keys in _SECRETS[name] if (found := _secret(section, keys, path, config.directory))
        }
        yield Channel(name, told, secrets)


def _secret(section: BaseModel, keys: tuple[str, str], path: str, directory: Path) -> Secret | None:
    key, theirs = keys
    value: SecretStr | None = getattr(section, key)
    file: str | None = getattr(section, f"{key}_file")
    if value is None and file is None:
        return None
    return Secret(
        theirs,
        f"{'pronoia' if path.startswith('alert_bridge') else path.rpartition('.')[2]}_{key}",
        f"{path}.{key}",
        value=value.get_secret_value() if value else None,
        file=str(directory / file) if file else "",
    )
