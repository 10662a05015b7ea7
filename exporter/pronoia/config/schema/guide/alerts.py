"""`alerts`: whom to tell, and when."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator, model_validator

from pronoia.config.duration import parse_duration
from pronoia.config.schema.fields import AutoSpan, Distinct, Name, OneOrMore, Ratio, Secret, Span, Text, wrong
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
# What would end a line of YAML, or begin a template of Prometheus, is in no address.
_WEB_ADDRESS = re.compile(r"https?://[^\s/?#{}\"'<>\\^`|]+(/[^\s?#{}\"'<>\\^`|]*)?")
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


def _web_address(text: str) -> str:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise ValueError(str(error)) from None
    if parts.username is not None or parts.password is not None:
        raise ValueError("holds a user or password, which everybody would see who is told of an alert")
    if parts.query or parts.fragment:
        raise wrong("a base address has no query and no fragment: names of runbooks are appended", text)
    if not _WEB_ADDRESS.fullmatch(text):
        raise wrong("must be an address such as https://github.com/acme/pronoia/blob/main/rules/runbooks/", text)
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
    """Host, with a port if need be; 25 if not given."""
    recipients: OneOrMore[Annotated[Text, AfterValidator(_address)]]
    """Addresses."""
    sender: Annotated[Text, AfterValidator(_address)] | None = None
    """From whom it comes; pronoia@ the first recipient's domain if not given."""
    username: Text | None = None
    """Where the server wants to know who sends."""
    password: Secret | None = None
    """Mostly ${NAME}, from the environment."""
    password_file: Text | None = None
    """A file that holds it."""
    require_tls: bool = True
    """False sends in the clear to a server that has no STARTTLS."""

    @model_validator(mode="after")
    def _who(self) -> Self:
        if self.password is not None and self.password_file is not None:
            raise ValueError("password and password_file are both given; one of the two is possible")
        if (self.username is None) != (self.password is None and self.password_file is None):
            raise ValueError("username and a password go together")
        return self


class PagerDutyChannel(Section):
    """PagerDuty's events API."""

    integration_key: Secret | None = None
    """Mostly ${NAME}, from the environment."""
    integration_key_file: Text | None = None
    """A file that holds it."""
    escalation_policy: Text | None = None
    """Name of the policy. PagerDuty chooses it by the key's service; it is shown in the incident."""
    url: Text | None = None
    """Of the events API; PagerDuty's own if not given."""

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        if (self.integration_key is None) == (self.integration_key_file is None):
            raise ValueError("one of integration_key and integration_key_file is needed")
        return self


class WebhookChannel(Section):
    """Any receiver of Alertmanager's webhooks."""

    url: Text
    """Where to post."""
    token: Secret | None = None
    """Shown as a bearer token; mostly ${NAME}, from the environment."""
    token_file: Text | None = None
    """A file that holds it."""

    @model_validator(mode="after")
    def _one_token(self) -> Self:
        if self.token is not None and self.token_file is not None:
            raise ValueError("token and token_file are both given; one of the two is possible")
        return self


class OpsgenieChannel(Section):
    """Opsgenie's alert API."""

    api_key: Secret | None = None
    """Mostly ${NAME}, from the environment."""
    api_key_file: Text | None = None
    """A file that holds it."""
    api_url: Text | None = None
    """Of the API; Opsgenie's own if not given (of the EU: https://api.eu.opsgenie.com/)."""
    responders: Distinct[Text] = ()
    """Names of teams."""

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        if (self.api_key is None) == (self.api_key_file is None):
            raise ValueError("one of api_key and api_key_file is needed")
        return self


class MsTeamsChannel(Section):
    """A Microsoft Teams workflow that posts what it receives; needs Alertmanager 0.28."""

    webhook_url: Secret | None = None
    """Mostly ${NAME}, from the environment."""
    webhook_url_file: Text | None = None
    """A file that holds it."""

    @model_validator(mode="after")
    def _one_url(self) -> Self:
        if (self.webhook_url is None) == (self.webhook_url_file is None):
            raise ValueError("one of webhook_url and webhook_url_file is needed")
        return self


class AlertChannels(Section):
    """Whom to tell."""

    slack: SlackChannel | None = None
    """A Slack incoming webhook."""
    email: EmailChannel | None = None
    """Mail through an SMTP server."""
    pagerduty: PagerDutyChannel | None = None
    """PagerDuty's events API."""
    webhook: WebhookChannel | None = None
    """Any receiver of Alertmanager's webhooks."""
    opsgenie: OpsgenieChannel | None = None
    """Opsgenie's alert API."""
    msteams: MsTeamsChannel | None = None
    """A Microsoft Teams workflow."""

    elsewhere: ClassVar[dict[str, str]] = {
        "pager_duty": "write pagerduty",
        "teams": "write msteams",
        "microsoft_teams": "write msteams",
        "mail": "write email",
    }

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
    severity: Literal["info", "warning", "critical", "emergency"] | None = None
    """Label of the alert. Without it, a word in the rule's name tells (critical_bottleneck); else channels that page
    make it critical, gathered messages info, and the rest a warning."""
    horizon: Span | None = None
    """How far ahead, one of those that are told; without it, that of performance_predictor, or 30m of bottlenecks and
    4h of failures."""
    hold: AutoSpan = "auto"
    """How long it must be so before it is told. auto: 2m, or 15m of what is gathered."""
    keep_firing_for: Span = parse_duration("15m")
    """How long it goes on after it was last so: forecasts waver."""
    actual: Distinct[Text] = ()
    """Names of your own alerts that say that it has come true; while one of them fires, the prediction is inhibited."""
    precision_floor: Ratio | None = None
    """Until so large a share of its incidents is known to have been right, it has severity info and goes to `tickets`
    instead of `channels`. Without it, it goes to channels from the first hour."""
    tickets: Distinct[Text] = ()
    """Names of channels that hear of it until then; without any, Pronoia alone keeps count of it."""

    elsewhere: ClassVar[dict[str, str]] = {"for": "write hold", "threshold": "it belongs into condition"}

    @model_validator(mode="after")
    def _floor(self) -> Self:
        if self.tickets and self.precision_floor is None:
            raise ValueError("tickets are for the time until precision_floor is reached; set that as well")
        if self.precision_floor is not None and self.condition.value == "optimization_opportunity":
            raise ValueError("precision_floor: an opportunity has no incidents that could be right")
        return self


class Alerts(Section):
    """Whom to tell, and when."""

    channels: AlertChannels = AlertChannels()
    """Whom to tell."""
    rules: dict[Name, AlertRule] = Field(default_factory=dict)
    """When to tell, by name."""
    runbooks: Annotated[Text, AfterValidator(_web_address)] | None = None
    """Base address of the runbooks that alerts point to, http or https; without it, paths of Pronoia's repository,
    which lead nowhere from Slack or PagerDuty."""

    elsewhere: ClassVar[dict[str, str]] = {"runbook_url": "write runbooks, the address of the folder"}
