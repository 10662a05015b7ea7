"""The agent metrics of one registry: names, help and buckets."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from prometheus_client import Counter, Gauge, Histogram

from pronoia.agent.recent import RecentOutcomes

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

#: Seconds. Agents' tasks take from a lookup's 10 ms to an hour of research; a quantile is as exact as its bucket.
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)


class AgentFamilies:
    """What all agents that share a registry write into.

    The names are those of the performance predictor guide. Two of them say less than names in Prometheus should (no
    unit, a share that is called a rate), and are kept because dashboards and rules ask for them by name.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.queue_depth = Gauge("agent_queue_depth", "Tasks that wait for the agent.", ["agent"], registry=registry)
        self.duration = Histogram(
            "task_execution_time",
            "Time in seconds that tasks took, however they ended.",
            ["agent", "task"],
            buckets=BUCKETS,
            registry=registry,
        )
        self.failures = Counter(
            "agent_task_failures",
            "Tasks that failed; all that ended are task_execution_time_count.",
            ["agent", "task"],
            registry=registry,
        )
        self.success = Gauge(
            "success_failure_rate",
            "Share of the tasks that ended in the last five minutes that succeeded; NaN if none ended.",
            ["agent"],
            registry=registry,
        )
        self.resources = Gauge(
            "resource_consumption",
            "What the agent uses of a resource, in the unit that the label names.",
            ["agent", "resource"],
            registry=registry,
        )
        self._recent: dict[str, RecentOutcomes] = {}
        self._lock = threading.Lock()

    def recent(self, agent: str) -> RecentOutcomes:
        """The latest outcomes of an agent, shown as its success_failure_rate from now on."""
        with self._lock:
            if agent not in self._recent:
                self._recent[agent] = RecentOutcomes()
                self.success.labels(agent).set_function(self._recent[agent].success_ratio)
            return self._recent[agent]


# A registry takes a name once, and a process may have several agents, or one of them in two places: they share.
_of_registry: WeakKeyDictionary[CollectorRegistry, AgentFamilies] = WeakKeyDictionary()
_lock = threading.Lock()


def families_of(registry: CollectorRegistry) -> AgentFamilies:
    """The registry's agent metrics, registered when they are first asked for.

    Raises:
        ValueError: if something else in the registry has one of the names.
    """
    with _lock:
        if registry not in _of_registry:
            _of_registry[registry] = AgentFamilies(registry)
        return _of_registry[registry]
