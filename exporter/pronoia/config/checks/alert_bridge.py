"""Files that the bridge of alerts needs are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.config.checks.finding import Finding
from pronoia.config.checks.upstreams import missing_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pronoia.config.schema.settings import Settings


def doubtful_alert_bridge(settings: Settings, directory: Path) -> Iterator[Finding]:
    """Files that are not there; they may be when they are needed."""
    bridge = settings.alert_bridge
    token_file = bridge.webhook.token_file
    if token_file is not None and not (directory / token_file).is_file():
        problem = f"there is no file {directory / token_file}; without it every message is refused"
        yield Finding(("alert_bridge", "webhook", "token_file"), problem)
    if bridge.push.enabled:
        for position, alertmanager in enumerate(bridge.push.alertmanagers):
            yield from missing_files(alertmanager, ("alert_bridge", "push", "alertmanagers", position), directory)
    if bridge.mitigation.enabled:
        for position, action in enumerate(bridge.mitigation.actions):
            yield from missing_files(action, ("alert_bridge", "mitigation", "actions", position), directory)
