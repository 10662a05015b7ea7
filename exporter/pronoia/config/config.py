"""A configuration that has passed all checks."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pronoia.config.resolved import ResolvedQuery, presets_in_use, resolve
from pronoia.config.resolved_anomaly import ResolvedWatch, resolve_watches
from pronoia.config.resolved_bottleneck import ResolvedResource, resolve_resources
from pronoia.config.resolved_failure import ResolvedAlerts, ResolvedFailure, resolve_alerts, resolve_failures
from pronoia.config.upstream_settings import endpoint_settings, upstream_settings

if TYPE_CHECKING:
    from pronoia.config.schema.settings import Settings
    from pronoia.errors import ConfigProblem
    from pronoia.transport.settings import UpstreamSettings


@dataclass(frozen=True, slots=True)
class Config:
    """What runs. Made by `pronoia.config.load`; never changed, a reload makes another.

    Args:
        settings: the file's keys with their defaults, frozen.
        source: the file's path, or what else it was made from; for messages.
        directory: what relative paths in it are relative to.
        warnings: what works but is doubtful, with its place.
        notes: what was accepted and is not in use yet; one sentence each.
    """

    settings: Settings
    source: str
    directory: Path
    warnings: tuple[ConfigProblem, ...] = ()
    notes: tuple[str, ...] = ()

    def resolved_queries(self) -> tuple[ResolvedQuery, ...]:
        """All queries with nothing left open: the file's own first, then those of presets."""
        return tuple(resolve(self.settings))

    def resolved_resources(self) -> tuple[ResolvedResource, ...]:
        """All resources that may become bottlenecks: the file's own first, then those of presets."""
        return resolve_resources(self.settings)

    def resolved_watches(self) -> tuple[ResolvedWatch, ...]:
        """All that is watched for the unusual."""
        return resolve_watches(self.settings)

    def resolved_failures(self) -> tuple[ResolvedFailure, ...]:
        """All failures that are watched for."""
        return resolve_failures(self.settings)

    def resolved_alerts(self) -> ResolvedAlerts | None:
        """How the user's own alerts are learnt; None if they are not."""
        return resolve_alerts(self.settings)

    def upstream_settings(self) -> tuple[UpstreamSettings, ...]:
        """The upstreams as the clients take them, in the file's order."""
        return tuple(upstream_settings(upstream, self.directory) for upstream in self.settings.upstreams)

    def alertmanager_settings(self) -> tuple[UpstreamSettings, ...]:
        """Alertmanagers that are posted to; none if nothing is pushed."""
        push = self.settings.alert_bridge.push
        return tuple(
            endpoint_settings(each, each.url, self.directory, max_retries=3)
            for each in push.alertmanagers
            if push.enabled
        )

    def action_settings(self) -> tuple[tuple[UpstreamSettings, tuple[str, ...]], ...]:
        """Webhooks that mitigate, with the alerts that each is for; none if that is not asked for."""
        mitigation = self.settings.alert_bridge.mitigation
        return tuple(
            # Another attempt might be a second call.
            (endpoint_settings(each, each.name, self.directory, max_retries=0), each.alerts)
            for each in mitigation.actions
            if mitigation.enabled
        )

    @property
    def presets(self) -> tuple[str, ...]:
        """The presets in use."""
        return presets_in_use(self.settings)

    @property
    def workers(self) -> int:
        """Processes that fit models; at least 1."""
        workers = self.settings.workers
        return usable_processors() if workers == "auto" else workers

    @property
    def storage_path(self) -> Path:
        """Directory of the state."""
        return self.directory / self.settings.storage.path


def usable_processors() -> int:
    """Processors that this process may use: the affinity mask and, in a container, the cgroup's quota; at least 1."""
    available = len(os.sched_getaffinity(0))
    try:
        # cgroup v2: "max 100000" or "200000 100000", microseconds of processor time per period.
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        available = min(available, int(quota) // int(period))
    except (OSError, ValueError):
        pass
    return max(available, 1)
