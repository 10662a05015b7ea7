"""Channels as Alertmanager's receivers.

Format: https://prometheus.io/docs/alerting/0.25/configuration/ and, for Microsoft Teams, 0.28.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pronoia.errors import ConfigError, ConfigProblem

if TYPE_CHECKING:
    from collections.abc import Callable

    from pronoia.alerting.plan import Channel, Secret

    Fields = dict[str, Any]

_UNRESOLVED = re.compile(r"\$\{[^}]*\}")
#: The first version that knows Microsoft Teams through Workflows, with its address in a file.
MSTEAMS_SINCE = (0, 28)

_TITLE = (
    '[{{ .Status | toUpper }}{{ if eq .Status "firing" }}:{{ .Alerts.Firing | len }}{{ end }}] '
    "{{ .CommonLabels.alertname }}"
)
_TEXT = (
    "{{ range .Alerts.Firing }}{{ .Annotations.description }}{{ with .Annotations.runbook_url }} ({{ . }}){{ end }}\n"
    "{{ end }}{{ range .Alerts.Resolved }}Resolved: {{ .Annotations.description }}\n{{ end }}"
)
# PagerDuty knows no emergency, and an alert without a severity is no reason to wake anybody.
_PAGERDUTY_SEVERITY = (
    '{{ if or (eq .CommonLabels.severity "critical") (eq .CommonLabels.severity "emergency") }}critical'
    '{{ else if eq .CommonLabels.severity "info" }}info{{ else }}warning{{ end }}'
)
_OPSGENIE_PRIORITY = (
    '{{ if eq .CommonLabels.severity "emergency" }}P1{{ else if eq .CommonLabels.severity "critical" }}P2'
    '{{ else if eq .CommonLabels.severity "info" }}P5{{ else }}P3{{ end }}'
)


@dataclass(frozen=True, slots=True)
class SecretStyle:
    """How secrets are rendered.

    Args:
        directory: where Alertmanager finds those that the configuration gives as values; a file each.
        is_inline: whether they are written into the configuration instead.
    """

    directory: str = "/etc/alertmanager/secrets"
    is_inline: bool = False

    def fields(self, secret: Secret, key: str = "") -> Fields:
        """The field that gives a secret to Alertmanager.

        Raises:
            ConfigError: if it is to be written inline and is not known.
        """
        key = key or secret.key
        if secret.file:
            return {f"{key}_file": secret.file}
        if not self.is_inline:
            return {f"{key}_file": f"{self.directory}/{secret.name}"}
        if secret.value is None or _UNRESOLVED.search(secret.value):
            problem = f"{secret.value or 'it'} is not set, and secrets are to be written inline"
            raise ConfigError([ConfigProblem(secret.path, problem)])
        return {key: secret.value}


def receiver(channel: Channel, style: SecretStyle) -> Fields:
    """A channel as one receiver.

    Raises:
        ConfigError: naming a secret that is not known and is to be written inline.
    """
    kind, build = _KINDS[channel.name]
    fields = build(channel, style)
    return {"name": channel.name, kind: [{"send_resolved": True, **fields}]}


def secret_files(channels: tuple[Channel, ...], style: SecretStyle) -> list[tuple[str, Secret]]:
    """Files that Alertmanager will ask for and the configuration does not name, each with what must be in it."""
    return [
        (f"{style.directory}/{secret.name}", secret)
        for channel in channels
        for secret in channel.secrets.values()
        if not secret.file and not style.is_inline
    ]


def _slack(channel: Channel, style: SecretStyle) -> Fields:
    settings = channel.settings
    mentions = " ".join(settings["mention_users"])
    fields = style.fields(channel.secrets["webhook_url"])
    if settings.get("channel"):
        fields["channel"] = settings["channel"]
    # Slack links @names in plain text only when asked to.
    return fields | {
        "link_names": bool(mentions),
        "title": _TITLE,
        "text": f"{mentions}\n{_TEXT}" if mentions else _TEXT,
    }


def _email(channel: Channel, style: SecretStyle) -> Fields:
    settings = channel.settings
    fields: Fields = {
        "to": ", ".join(settings["recipients"]),
        "from": settings["sender"],
        "smarthost": settings["smtp_server"],
        "require_tls": settings["require_tls"],
    }
    if settings.get("username"):
        fields["auth_username"] = settings["username"]
    if "password" in channel.secrets:
        fields |= style.fields(channel.secrets["password"])
    return fields | {"headers": {"Subject": _TITLE}, "text": _TEXT}


def _pagerduty(channel: Channel, style: SecretStyle) -> Fields:
    settings = channel.settings
    fields = style.fields(channel.secrets["integration_key"])
    if settings.get("url"):
        fields["url"] = settings["url"]
    details = {"firing": _TEXT}
    if settings.get("escalation_policy"):
        # The events API leaves the policy to the service; whoever looks at the incident sees which was meant.
        details["escalation_policy"] = settings["escalation_policy"]
    return fields | {"severity": _PAGERDUTY_SEVERITY, "description": _TITLE, "details": details}


def _opsgenie(channel: Channel, style: SecretStyle) -> Fields:
    settings = channel.settings
    fields = style.fields(channel.secrets["api_key"])
    if settings.get("api_url"):
        fields["api_url"] = settings["api_url"]
    fields |= {"message": _TITLE, "description": _TEXT, "priority": _OPSGENIE_PRIORITY}
    if settings.get("responders"):
        fields["responders"] = [{"name": name, "type": "team"} for name in settings["responders"]]
    return fields


def _webhook(channel: Channel, style: SecretStyle) -> Fields:
    fields: Fields = {"url": channel.settings["url"]}
    if "token" in channel.secrets:
        fields["http_config"] = bearer(channel.secrets["token"], style)
    return fields


def _msteams(channel: Channel, style: SecretStyle) -> Fields:
    return style.fields(channel.secrets["webhook_url"]) | {"title": _TITLE, "text": _TEXT}


def bearer(secret: Secret, style: SecretStyle) -> Fields:
    """Alertmanager's `http_config` that shows a token."""
    return {"authorization": {"type": "Bearer"} | style.fields(secret, "credentials")}


_KINDS: dict[str, tuple[str, Callable[[Channel, SecretStyle], Fields]]] = {
    "slack": ("slack_configs", _slack),
    "email": ("email_configs", _email),
    "pagerduty": ("pagerduty_configs", _pagerduty),
    "opsgenie": ("opsgenie_configs", _opsgenie),
    "webhook": ("webhook_configs", _webhook),
    "msteams": ("msteamsv2_configs", _msteams),
}
