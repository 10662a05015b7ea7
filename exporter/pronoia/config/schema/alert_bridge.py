"""`alert_bridge`: what becomes of alerts."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from pronoia.config.duration import parse_duration
from pronoia.config.schema.fields import Count, Name, OneOrMore, Ratio, Secret, Size, Span, Text, Timeout
from pronoia.config.schema.section import Section
from pronoia.config.schema.upstream import Authorization, BasicAuth, TlsConfig


class BackChannel(Section):
    """`POST /alertmanager/webhook`: Alertmanager tells what fired and resolved."""

    url: Text | None = None
    """Where Alertmanager reaches Pronoia, such as http://pronoia:10190/alertmanager/webhook. With it, `pronoia
    alertmanager render` sends predictions and what came of them there."""
    token: Secret | None = None
    """What a sender must show as a bearer token; mostly ${NAME}, from the environment."""
    token_file: Text | None = None
    """A file that holds it; read anew for each message. Without either, users of --web.config.file are let in, and
    nobody else."""
    max_size: Size = 4 * 2**20
    """Bytes of one message, at most."""

    @model_validator(mode="after")
    def _one_token(self) -> Self:
        if self.token is not None and self.token_file is not None:
            raise ValueError("token and token_file are both given; one of the two is possible")
        return self


class Incidents(Section):
    """Predicted alerts and what became of them."""

    lost_after: Span = parse_duration("1d")
    """A predicted alert that nobody has spoken of for so long, neither firing nor resolved, is closed as lost."""
    mute_false_alarms: Span = parse_duration("7d")
    """How long a series stays quiet that someone called a false alarm."""
    retention: Span = parse_duration("90d")
    """How long closed incidents are kept."""


class Endpoint(Section):
    """One address that is posted to."""

    url: Text
    """The base address, http or https; no user or password: they belong under basic_auth."""
    timeout: Timeout = parse_duration("10s")
    """For one post with its retries."""
    tls_config: TlsConfig = TlsConfig()
    """What is trusted, and who we are."""
    basic_auth: BasicAuth | None = None
    """User and password; not together with authorization."""
    authorization: Authorization | None = None
    """A bearer token; not together with basic_auth."""


class Push(Section):
    """Alerts straight to Alertmanager, for those who have no Prometheus that evaluates rules."""

    enabled: bool = False
    """True posts what alerts.rules say; do not load rendered rules besides, or all comes twice."""
    alertmanagers: tuple[Endpoint, ...] = ()
    """Every member of the cluster, never a load balancer before them."""
    resend: Span = parse_duration("1m")
    """How often what lasts is posted again; Alertmanager ends what it has not heard of for four times that."""

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if self.enabled and not self.alertmanagers:
            raise ValueError("alertmanagers is empty: there is nobody to post to")
        return self


class Action(Endpoint):
    """One webhook that mitigates."""

    name: Name
    """What it is called in the log, metrics and the audit."""
    alerts: OneOrMore[Text]
    """Names of predicted alerts for whose incidents it is called."""


class Mitigation(Section):
    """Webhooks that are called for incidents that are as good as sure."""

    elsewhere: ClassVar[dict[str, str]] = {"threshold": "write confidence", "webhooks": "write actions"}

    enabled: bool = False
    """True calls actions."""
    dry_run: bool = True
    """True writes down what would have been called, and calls nobody."""
    confidence: Annotated[Ratio, Field(ge=0.5)] = 0.95
    """Probability from which an incident is acted upon."""
    max_per_hour: Count = 6
    """Calls within an hour, over all actions; what comes on top is left, and written down."""
    actions: tuple[Action, ...] = ()
    """Whom to call."""

    @model_validator(mode="after")
    def _actions(self) -> Self:
        names = [action.name for action in self.actions]
        if self.enabled and not names:
            raise ValueError("actions is empty: there is nobody to call")
        if len(set(names)) < len(names):
            raise ValueError("two actions have the same name")
        return self


class AlertBridge(Section):
    """What becomes of alerts."""

    elsewhere: ClassVar[dict[str, str]] = {
        "channels": "it belongs under alerts",
        "rules": "it belongs under alerts",
        "frequency": "it belongs under alerts.rules.*",
        "alertmanagers": "it belongs under push",
    }

    webhook: BackChannel = BackChannel()
    """Alertmanager tells what fired and resolved."""
    incidents: Incidents = Incidents()
    """Predicted alerts and what became of them."""
    push: Push = Push()
    """Alerts straight to Alertmanager."""
    mitigation: Mitigation = Mitigation()
    """Webhooks that are called for incidents that are as good as sure."""
