"""One task under way."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pronoia.agent.families import AgentFamilies


class Task:
    """Measures the block that it is the context of; made by `AgentMetrics.task`, for one block.

    An exception that leaves the block, a cancellation as well, is a failure, and goes on its way.
    """

    def __init__(self, families: AgentFamilies, agent: str, name: str) -> None:
        self._duration = families.duration.labels(agent, name)
        # Made before anything fails, so that the counter starts with a 0 that a rate can see it rise from.
        self._failures = families.failures.labels(agent, name)
        self._recent = families.recent(agent)
        self._failed = False
        self._started = 0.0

    def fail(self) -> None:
        """Count the task as failed although no exception leaves the block: the answer was no good."""
        self._failed = True

    def __enter__(self) -> Self:
        self._started = time.perf_counter()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        failed = self._failed or kind is not None
        self._duration.observe(time.perf_counter() - self._started)
        if failed:
            self._failures.inc()
        self._recent.add(succeeded=not failed)
