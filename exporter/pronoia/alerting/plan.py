"""What is to be rendered: rules, thresholds, channels. Plain values, made from the configuration."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pronoia.alerting.conditions import PREDICTIONS, Prediction
from pronoia.predictions.alert_names import alert_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

#: Severity of what has yet to show that it is right.
TICKET = "info"
#: Where runbooks lie if the configuration does not say: seen from the repository.
RUNBOOKS = "rules/runbooks"
#: A precision of fewer incidents is luck.
MIN_JUDGED = 5


@dataclass(frozen=True, slots=True)
class PlannedRule:
    """One entry of `alerts.rules`.

    Args:
        name: as in the configuration.
        value: the guide's name of what is looked at.
        operator: `>`, `>=`, `<`, `<=`, `==` or `!=`.
        threshold: what it is compared with.
        channels: names of channels, in the order of the configuration.
        frequency: immediate, hourly, daily or weekly.
        severity: label of the alert.
        horizon: value of the `horizon` label; empty where there is none.
        hold_seconds: how long it must be so.
        keep_firing_seconds: how long it is told after it was last so.
        actual: alerts that say that it has come true.
        precision_floor: until so large a share of at least `MIN_JUDGED` incidents is known to have been right, it is a
            ticket; None if it has its severity from the first hour.
        tickets: names of channels that hear of it as a ticket.
        runbooks: address under which runbooks lie, without a slash at its end.
    """

    name: str
    value: str
    operator: str
    threshold: float
    channels: tuple[str, ...]
    frequency: str
    severity: str
    horizon: str = ""
    hold_seconds: int = 120
    keep_firing_seconds: int = 900
    actual: tuple[str, ...] = ()
    precision_floor: float | None = None
    tickets: tuple[str, ...] = ()
    runbooks: str = RUNBOOKS

    @property
    def prediction(self) -> Prediction:
        """What its condition looks at."""
        return PREDICTIONS[self.value]

    @property
    def alert(self) -> str:
        """Name of its alert, which says so if it is a prediction.

        >>> PlannedRule("critical_bottleneck", "bottleneck_probability", ">", 0.9, (), "daily", "critical").alert
        'CriticalBottleneckPredicted'
        """
        return alert_name(self.name, is_predictive=self.prediction.is_predictive)

    @property
    def metric_name(self) -> str:
        """Its name as a part of the names of recording rules."""
        return metric_name(self.name)

    def severity_at(self, precision: float) -> str:
        """Its severity while that share of its incidents was right; NaN where nothing is known."""
        if self.precision_floor is None or precision >= self.precision_floor:
            return self.severity
        return TICKET


@dataclass(frozen=True, slots=True)
class PlannedThreshold:
    """One threshold of one query of the configuration.

    Args:
        query: its name.
        threshold: value of the `threshold` label.
        within_seconds: how far ahead a crossing is told.
        severity: label of the alerts.
        max_age_seconds: age at which its forecasts say nothing any more.
        runbooks: address under which runbooks lie, without a slash at its end.
    """

    query: str
    threshold: str
    within_seconds: int
    severity: str
    max_age_seconds: int
    runbooks: str = RUNBOOKS

    @property
    def alert(self) -> str:
        """Name of the alert that says that it is so; the prediction's has `Predicted` after it."""
        return alert_name(self.query, is_predictive=False)

    @property
    def metric_name(self) -> str:
        """The query's name as a part of the names of recording rules."""
        return metric_name(self.query)


@dataclass(frozen=True, slots=True)
class Secret:
    """Something that must not be shown.

    Args:
        key: Alertmanager's key for it; `<key>_file` names a file that holds it.
        name: what its file is called where the configuration names none.
        path: where it stands in the configuration, for messages.
        value: the secret; None if it is in a file.
        file: the file; empty if it is not in one.
    """

    key: str
    name: str
    path: str
    value: str | None = field(default=None, repr=False)
    file: str = ""


@dataclass(frozen=True, slots=True)
class Channel:
    """One entry of `alerts.channels`.

    Args:
        name: its name, which is its kind: slack, email, pagerduty, webhook, opsgenie or msteams.
        settings: keys of the configuration with their values, without secrets.
        secrets: by key of the configuration.
    """

    name: str
    settings: Mapping[str, Any]
    secrets: Mapping[str, Secret] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AlertPlan:
    """Everything that rules and the Alertmanager configuration are rendered from.

    Args:
        source: what the configuration is called.
        rules: conditions, in its order.
        thresholds: of the configuration's own queries, in its order.
        channels: those that are set up.
        identity_labels: labels that tell systems apart, besides the usual ones.
        back_url: address at which Alertmanager reaches Pronoia; empty if nothing is to come back.
        back_secret: the token that Alertmanager shows there.
    """

    source: str
    rules: tuple[PlannedRule, ...] = ()
    thresholds: tuple[PlannedThreshold, ...] = ()
    channels: tuple[Channel, ...] = ()
    identity_labels: tuple[str, ...] = ()
    back_url: str = ""
    back_secret: Secret | None = None


def metric_name(name: str) -> str:
    """A name of the configuration as a part of a metric's name.

    >>> metric_name("disk-usage.predicted")
    'disk_usage_predicted'
    """
    return re.sub(r"[^A-Za-z0-9_]", "_", name)
