"""`alerts`: whom to tell, and when."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator, model_validator

from pronoia.config.schema.fields import Name, OneOrMore, Secret, Text, wrong
from pronoia.config.schema.section import Section
from pronoia.config.suggestion import did_you_mean

#: What a condition may look at, and the largest value it can have.
CONDITION_VALUES = {
    "bottleneck_probability": 1.0,
    "failure_probability": 1.0,
    "alert_probability": 1.0,
    "optimization_opportunity": 1.0,
    "anomaly_score": float("inf"),
}
_CONDITION = re.compile(r"\s*(\w+)\s*(>=|<=|==|!=|>|<)\s*([0-9]*\.?[0-9]+)\s*", re.ASCII)
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:]+\](:[0-9]{1,5})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of one prediction with a number."""

    value: str
    operator: str
    threshold: float

    def __str__(self) -> str:
        return f"{self.value} {self.operator} {self.threshold:g}"


def parse_condition(text: Any) -> Condition:
    """Read a condition such as `bottleneck_probability > 0.9`.

    Raises:
        ValueError: if it is not one comparison of a known prediction with a number it can reach.

    >>> parse_condition("failure_probability > 0.8")
    Condition(value='failure_probability', operator='>', threshold=0.8)
    """
    if isinstance(text, Condition):
        return text
    found = _CONDITION.fullmatch(text) if isinstance(text, str) else None
    if not found:
        raise wrong("must be a comparison such as bottleneck_probability > 0.9", text)
    name, operator, threshold = found[1], found[2], float(found[3])
    if name not in CONDITION_VALUES:
        raise ValueError(f"unknown prediction {name!r}{did_you_mean(name, CONDITION_VALUES)}")
    if threshold > CONDITION_VALUES[name]:
        raise ValueError(f"{name} lies between 0 and 1, {threshold:g} is never reached")
    return Condition(name, operator, threshold)


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise wrong("must be an address such as ops@example.com", text)
    return text


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise wrong("must be a host name, with a port if need be: smtp.example.com:587", text)
    return text


class SlackChannel(Section):
    """A Slack incoming webhook."""

    webhook_url: Secret | None = None
    """Mostly ${NAME}, from the environment."""
    webhook_url_file: Text | None = None
    """A file that holds it."""
    channel: Text | None = None
    """Where to post, such as #performance-alerts."""
    mention_users: tuple[Text, ...] = ()
    """Whom to mention."""

    @model_validator(mode="after")
    def _one_url(self) -> Self:
        if (self.webhook_url is None) == (self.webhook_url_file is None):
            raise ValueError("one of webhook_url and webhook_url_file is needed")
        return self


class EmailChannel(Section):
    """Mail through an SMTP server."""

    smtp_server: Annotated[Text, AfterValidator(_host)]
    """Host, with a port if need be."""
    recipients: OneOrMore[Annotated[Text, AfterValidator(_address)]]
    """Addresses."""


class PagerDutyChannel(Section):
    """PagerDuty's events API."""

    integration_key: Secret | None = None
    """Mostly ${NAME}, from the environment."""
    integration_key_file: Text | None = None
    """A file that holds it."""
    escalation_policy: Text | None = None
    """Name of the policy."""

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        if (self.integration_key is None) == (self.integration_key_file is None):
            raise ValueError("one of integration_key and integration_key_file is needed")
        return self


class AlertChannels(Section):
    """Whom to tell."""

    slack: SlackChannel | None = None
    """A Slack incoming webhook."""
    email: EmailChannel | None = None
    """Mail through an SMTP server."""
    pagerduty: PagerDutyChannel | None = None
    """PagerDuty's events API."""

    elsewhere: ClassVar[dict[str, str]] = {"pager_duty": "write pagerduty"}

    @property
    def names(self) -> tuple[str, ...]:
        """The channels that are set up."""
        return tuple(name for name in type(self).model_fields if getattr(self, name) is not None)


class AlertRule(Section):
    """When to tell, and whom."""

    condition: Annotated[Condition, PlainValidator(parse_condition), PlainSerializer(str, return_type=str)]
    """A comparison such as bottleneck_probability > 0.9."""
    channels: OneOrMore[Text]
    """Names of channels under alerts.channels."""
    frequency: Literal["immediate", "hourly", "daily", "weekly"] = "immediate"
    """At once, or gathered and sent once an hour, day or week."""


class Alerts(Section):
    """Whom to tell, and when."""

    channels: AlertChannels = AlertChannels()
    """Whom to tell."""
    rules: dict[Name, AlertRule] = Field(default_factory=dict)
    """When to tell, by name."""
