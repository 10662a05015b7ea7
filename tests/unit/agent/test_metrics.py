from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.parser import text_string_to_metric_families

from pronoia.agent import AgentMetrics
from pronoia.agent.process import CpuCores


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def metrics(registry: CollectorRegistry) -> AgentMetrics:
    return AgentMetrics("planner", registry=registry)


def ended(registry: CollectorRegistry, agent: str = "planner", task: str = "search") -> tuple[float | None, ...]:
    """Tasks that ended, and those of them that failed."""
    labels = {"agent": agent, "task": task}
    names = ("task_execution_time_count", "agent_task_failures_total")
    return tuple(registry.get_sample_value(name, labels) for name in names)


def success(registry: CollectorRegistry, agent: str = "planner") -> float | None:
    return registry.get_sample_value("success_failure_rate", {"agent": agent})


def test_the_names_are_those_of_the_guide(metrics: AgentMetrics, registry: CollectorRegistry) -> None:
    metrics.queue_depth(1)
    metrics.resource("memory_bytes", 1)
    with metrics.task("search"):
        pass
    families = {family.name: family.type for family in registry.collect()}
    assert families == {
        "agent_queue_depth": "gauge",
        "task_execution_time": "histogram",
        "success_failure_rate": "gauge",
        "resource_consumption": "gauge",
        "agent_task_failures": "counter",
    }


def test_a_task_that_ends_well_is_a_success(metrics: AgentMetrics, registry: CollectorRegistry) -> None:
    with metrics.task("search"):
        pass
    assert ended(registry) == (1, 0)
    assert success(registry) == 1


def test_an_exception_makes_a_failure_and_goes_on(metrics: AgentMetrics, registry: CollectorRegistry) -> None:
    with pytest.raises(KeyError), metrics.task("search"):
        raise KeyError
    assert ended(registry) == (1, 1)
    assert success(registry) == 0


def test_a_cancelled_task_is_no_success(metrics: AgentMetrics, registry: CollectorRegistry) -> None:
    async def search() -> None:
        with metrics.task("search"):
            await asyncio.Event().wait()

    async def cancel_it() -> None:
        task = asyncio.create_task(search())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel_it())
    assert ended(registry) == (1, 1)


def test_a_task_may_fail_without_an_exception(metrics: AgentMetrics, registry: CollectorRegistry) -> None:
    with metrics.task("search") as task:
        task.fail()
    assert ended(registry) == (1, 1)


def test_failures_are_zero_before_the_first(metrics: AgentMetrics, registry: CollectorRegistry) -> None:
    with metrics.task("search"):
        assert ended(registry) == (0, 0)


def test_success_is_not_known_before_a_task_ends(metrics: AgentMetrics, registry: CollectorRegistry) -> None:
    assert str(success(registry)) == "nan"


def test_tasks_of_many_threads_are_all_counted(metrics: AgentMetrics, registry: CollectorRegistry) -> None:
    def work(number: int) -> None:
        with metrics.task("search") as task:
            if number % 4 == 0:
                task.fail()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(400)))
    assert ended(registry) == (400, 100)
    assert success(registry) == 0.75


def test_made_twice_it_counts_as_one(metrics: AgentMetrics, registry: CollectorRegistry) -> None:
    again = AgentMetrics("planner", registry=registry)
    for one in (metrics, again):
        with one.task("search"):
            pass
    with again.task("search") as task:
        task.fail()
    again.queue_depth(7)
    assert ended(registry) == (3, 1)
    assert success(registry) == pytest.approx(2 / 3)
    assert registry.get_sample_value("agent_queue_depth", {"agent": "planner"}) == 7


def test_agents_of_one_process_are_told_apart(metrics: AgentMetrics, registry: CollectorRegistry) -> None:
    coder = AgentMetrics("coder", registry=registry)
    with coder.task("search") as task:
        task.fail()
    with metrics.task("search"):
        pass
    assert (success(registry), success(registry, "coder")) == (1, 0)
    assert ended(registry, "coder") == (1, 1)


def test_registries_do_not_know_each_other(metrics: AgentMetrics) -> None:
    other = CollectorRegistry()
    AgentMetrics("planner", registry=other).queue_depth(2)
    metrics.queue_depth(5)
    assert other.get_sample_value("agent_queue_depth", {"agent": "planner"}) == 2


def test_a_name_that_is_taken_is_refused(registry: CollectorRegistry) -> None:
    Gauge("resource_consumption", "Somebody else's.", registry=registry)
    with pytest.raises(ValueError, match="resource_consumption"):
        AgentMetrics("planner", registry=registry)


def test_the_process_is_measured_at_each_scrape(
    metrics: AgentMetrics, registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pronoia.agent.metrics.CpuCores", lambda: CpuCores(clock=lambda: 0.0))
    metrics.measure_process()
    memory = registry.get_sample_value("resource_consumption", {"agent": "planner", "resource": "memory_bytes"})
    cores = registry.get_sample_value("resource_consumption", {"agent": "planner", "resource": "cpu_cores"})
    assert memory is not None
    assert memory > 10e6
    assert cores == 0


def test_it_serves_its_metrics_until_it_is_closed(metrics: AgentMetrics) -> None:
    metrics.queue_depth(4)
    with metrics.serve(0, "127.0.0.1") as server:
        url = f"http://127.0.0.1:{server.port}/metrics"
        page = requests.get(url, timeout=10).text
    samples = {sample.name: sample for family in text_string_to_metric_families(page) for sample in family.samples}
    assert samples["agent_queue_depth"].value == 4
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=10)


def test_the_default_is_the_registry_that_prometheus_client_serves() -> None:
    from prometheus_client import REGISTRY

    AgentMetrics("of the default registry").queue_depth(1)
    assert REGISTRY.get_sample_value("agent_queue_depth", {"agent": "of the default registry"}) == 1
