"""Files that the bridge of alerts needs are there, and alerts that are acted upon are some that are foretold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.config.checks.finding import Finding
from pronoia.config.checks.upstreams import missing_files
from pronoia.config.suggestion import did_you_mean
from pronoia.predictions.alert_names import SHIPPED_PREDICTED, alert_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pronoia.config.schema.settings import Settings


def doubtful_alert_bridge(settings: Settings, directory: Path) -> Iterator[Finding]:
    """Files that are not there, and alerts that nobody knows; there may be some when they are needed."""
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
            where = ("alert_bridge", "mitigation", "actions", position)
            yield from missing_files(action, where, directory)
            known = tuple(_foretold(settings))
            for number, alert in enumerate(action.alerts):
                if alert not in known:
                    problem = (
                        f"neither shipped rules nor alerts.rules or thresholds foretell {alert!r}: unless a rule of "
                        f"your own does, nothing is ever called{did_you_mean(alert, known)}"
                    )
                    yield Finding((*where, "alerts", number), problem)


def _foretold(settings: Settings) -> Iterator[str]:
    """Alerts that have a probability or a time to come: shipped, of conditions, and of the file's own thresholds."""
    yield from SHIPPED_PREDICTED
    for name, rule in settings.alerts.rules.items() if settings.alerts else ():
        if rule.condition.value.endswith("_probability"):
            yield alert_name(name, is_predictive=True)
    for query in settings.queries:
        if query.thresholds:
            yield f"{alert_name(query.name, is_predictive=False)}Predicted"
