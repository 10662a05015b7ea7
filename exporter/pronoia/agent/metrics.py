"""The metrics of an agent, from the agent's side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import REGISTRY

from pronoia.agent.families import families_of
from pronoia.agent.process import CpuCores, resident_bytes
from pronoia.agent.serving import serve
from pronoia.agent.task import Task

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from pronoia.agent.serving import MetricsServer


class AgentMetrics:
    """What one agent says of itself. Safe for threads; made twice for one agent and registry, both count as one.

    Args:
        agent: its name, the value of the `agent` label.
        registry: where the metrics go; prometheus_client's own by default.

    Raises:
        ValueError: if the registry has one of the names from elsewhere.

    >>> from prometheus_client import CollectorRegistry
    >>> registry = CollectorRegistry()
    >>> metrics = AgentMetrics("planner", registry=registry)
    >>> metrics.queue_depth(3)
    >>> with metrics.task("summarise"):
    ...     summary = "short"
    >>> registry.get_sample_value("agent_queue_depth", {"agent": "planner"})
    3.0
    >>> registry.get_sample_value("task_execution_time_count", {"agent": "planner", "task": "summarise"})
    1.0
    """

    def __init__(self, agent: str, registry: CollectorRegistry = REGISTRY) -> None:
        self._agent = agent
        self._registry = registry
        self._families = families_of(registry)
        self._families.recent(agent)

    def queue_depth(self, n_tasks: float) -> None:
        """Say how many tasks wait now."""
        self._families.queue_depth.labels(self._agent).set(n_tasks)

    def task(self, name: str) -> Task:
        """The context of one task: `with metrics.task("summarise"): ...`, in async functions as well.

        Its time counts into `task_execution_time`. If an exception leaves the block, or `fail()` was called on what
        `with` gives, it counts as failed.

        Args:
            name: the kind of task, of which there are a few; not an id, which would make a time series for each.

        >>> from prometheus_client import CollectorRegistry
        >>> registry = CollectorRegistry()
        >>> metrics = AgentMetrics("planner", registry=registry)
        >>> with metrics.task("search") as task:
        ...     if not []:
        ...         task.fail()
        >>> registry.get_sample_value("success_failure_rate", {"agent": "planner"})
        0.0
        """
        return Task(self._families, self._agent, name)

    def resource(self, resource: str, value: float) -> None:
        """Say how much of a resource is in use now.

        Args:
            resource: what it is, with its unit: `memory_bytes`, `cpu_cores`, `context_tokens`, `budget_dollars`.
            value: in that unit.
        """
        self._families.resources.labels(self._agent, resource).set(value)

    def measure_process(self) -> None:
        """Show what this process uses, `cpu_cores` and `memory_bytes`, whenever it is scraped (Linux).

        Raises:
            OSError: where there is no /proc.
        """
        resident_bytes()
        self._families.resources.labels(self._agent, "memory_bytes").set_function(resident_bytes)
        self._families.resources.labels(self._agent, "cpu_cores").set_function(CpuCores())

    def serve(self, port: int, address: str = "0.0.0.0") -> MetricsServer:  # noqa: S104 Prometheus is mostly elsewhere
        """Serve the registry's metrics over HTTP from a thread of its own.

        An agent that has a web server mounts `prometheus_client.make_wsgi_app` or `make_asgi_app` there instead.

        Args:
            port: 0 takes a free one; see `port` of what is returned.
            address: of the interface to listen on; all of them by default.

        Raises:
            OSError: if the port is taken.
        """
        return serve(self._registry, port, address)
