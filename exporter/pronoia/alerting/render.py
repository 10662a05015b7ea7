"""Rule files and Alertmanager configurations from a plan; the same plan gives the same bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

from pronoia.alerting.conditions import IDENTITY_LABELS, SHIPPED_TWINS, SUBJECT_LABELS
from pronoia.alerting.plan import MIN_JUDGED, TICKET
from pronoia.alerting.receivers import MSTEAMS_SINCE, SecretStyle, bearer, receiver
from pronoia.errors import ConfigError, ConfigProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pronoia.alerting.plan import AlertPlan, PlannedRule

#: Time to gather, between messages of a group, and until an unchanged one is repeated. Alertmanager looks at a group
#: once in `group_interval`, so that a `repeat_interval` of the same length would just miss it.
TIMINGS = {
    "immediate": ("10s", "5m", "4h"),
    "hourly": ("1m", "1h", "55m"),
    "daily": ("5m", "1d", "23h"),
    "weekly": ("5m", "1w", "6d"),
}
#: Alerts whose messages are one each, of those told at once; those gathered are one message an alert's name.
_GROUPED = {"immediate": ("alertname", *IDENTITY_LABELS)}


def render_rules(plan: AlertPlan) -> str:
    """Alert and recording rules for Prometheus (2.42 and later) of a plan's conditions and thresholds."""
    return _environment().get_template("rules.yaml.j2").render(plan=plan, ticket=TICKET, min_judged=MIN_JUDGED)


def render_alertmanager(
    plan: AlertPlan, style: SecretStyle | None = None, *, version: tuple[int, int] = (0, 25)
) -> str:
    """An Alertmanager configuration: receivers, routes, grouping, inhibition, repeat intervals.

    Args:
        plan: what is rendered.
        style: how secrets are given; in files by default.
        version: of the Alertmanager that it is for.

    Raises:
        ConfigError: if a channel needs a newer Alertmanager, or a secret is not known that is to be written inline.
    """
    style = style or SecretStyle()
    if version < MSTEAMS_SINCE and any(channel.name == "msteams" for channel in plan.channels):
        wanted, got = (".".join(map(str, each)) for each in (MSTEAMS_SINCE, version))
        problem = f"Microsoft Teams needs Alertmanager {wanted}, this is for {got}; see --alertmanager.version"
        raise ConfigError([ConfigProblem("alerts.channels.msteams", problem)], plan.source)
    receivers = [receiver(channel, style) for channel in plan.channels]
    if plan.back_url:
        config: dict[str, Any] = {"send_resolved": True, "url": plan.back_url}
        if plan.back_secret:
            config["http_config"] = bearer(plan.back_secret, style)
        receivers.append({"name": "pronoia", "webhook_configs": [config]})
    return (
        _environment()
        .get_template("alertmanager.yml.j2")
        .render(
            plan=plan,
            ticket=TICKET,
            receivers=receivers,
            timings=TIMINGS,
            groups={frequency: _GROUPED.get(frequency, ("alertname",)) for frequency in TIMINGS},
            twins=list(twins(plan)),
            identity=_identity(plan),
        )
    )


def twins(plan: AlertPlan) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Each predicted alert, the actual alerts that inhibit it, and the labels that must be equal."""
    identity = _identity(plan)
    for predicted, actual, equal in SHIPPED_TWINS:
        yield predicted, actual, tuple(dict.fromkeys((*equal, *identity)))
    for rule in plan.rules:
        ours = tuple(name for name in rule.actual if name in rule.prediction.actual)
        others = tuple(name for name in rule.actual if name not in ours)
        if ours:
            yield rule.alert, ours, identity
        if others and rule.prediction.is_predictive:
            yield rule.alert, others, tuple(label for label in identity if label not in SUBJECT_LABELS)
    for query in dict.fromkeys(threshold.alert for threshold in plan.thresholds):
        yield f"{query}Predicted", (query,), (*identity, "threshold")


def _identity(plan: AlertPlan) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*IDENTITY_LABELS, *plan.identity_labels)))


def _environment() -> Environment:
    # Prometheus' templates are written with double braces, so ours are not. Nothing here is HTML.
    environment = Environment(
        loader=PackageLoader("pronoia.alerting"),
        autoescape=False,  # noqa: S701 - YAML, whose scalars are quoted by `quoted`
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
    )
    environment.filters |= {
        "quoted": _quoted,
        "single": _single,
        "yaml": _yaml,
        "number": _number,
        "comparison": _comparison,
    }
    return environment


def _quoted(text: str) -> str:
    """A YAML scalar in double quotes, whatever is in it: JSON's strings are YAML's."""
    return json.dumps(text, ensure_ascii=False)


def _single(text: str) -> str:
    """A YAML scalar in single quotes, for what has double ones in it."""
    return "'" + text.replace("'", "''") + "'"


def _yaml(tree: Any) -> str:
    return yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=1000).rstrip("\n")


def _number(value: float) -> str:
    return f"{value:.12g}"


def _comparison(rule: PlannedRule) -> str:
    return f"{rule.operator} on () group_left () pronoia:{rule.metric_name}:threshold"
