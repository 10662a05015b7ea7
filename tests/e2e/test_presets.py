"""Every query of every preset, asked of a real Prometheus that knows what the preset is for."""

from __future__ import annotations

import math
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pronoia.config.preset import load_preset
from support.exporters import PageExporter, job
from support.exposition_history import history
from support.processes import free_port, wait_for
from support.prometheus import Prometheus, PrometheusConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pronoia.series import LabelSet

DOCUMENT = Path(__file__).parents[2] / "docs" / "agents.md"
HOUR_MS = 3_600_000
Answers = dict[str, "dict[LabelSet, float]"]


def answers(prometheus: Prometheus, preset: str, at: float | None = None) -> Answers:
    """What each query gives; whatever it is, it must be possible and say whose it is."""
    found = {}
    for query in load_preset(preset).queries:
        found[query.name] = prometheus.query(query.expr, at)
        for labels, value in found[query.name].items():
            assert math.isfinite(value), f"{query.name}: {labels} is {value}"
            assert query.minimum is None or value >= query.minimum, f"{query.name}: {labels} is {value}"
            assert query.maximum is None or value <= query.maximum, f"{query.name}: {labels} is {value}"
            # cluster is there where several clusters share a Prometheus.
            assert set(query.entity) - {"cluster"} <= set(dict(labels.items())), f"{query.name}: {labels}"
    return found


def told_apart(vector: dict[LabelSet, float]) -> dict[str, float]:
    """The values by what tells the things of one namespace apart: `container/pod`, `node`, ..."""
    common = ("cluster", "namespace")
    shown = {"/".join(value for name, value in labels.items() if name not in common): v for labels, v in vector.items()}
    assert len(shown) == len(vector)
    return shown


def is_about(expected: dict[str, float]) -> object:
    return pytest.approx(expected, rel=1e-6)


def backfilled(folder: Path, page: str, **labels: str) -> tuple[Prometheus, float]:
    """A Prometheus that has scraped a page until now, and the instant of the last scrape."""
    prometheus = Prometheus(folder)
    end_ms = (int(time.time()) - 60) * 1000
    prometheus.backfill(history(page, end_ms, 2 * HOUR_MS, **labels))
    return prometheus, end_ms / 1000


def test_node_exporter(real_servers: None, tmp_path: Path) -> None:
    prometheus, at = backfilled(tmp_path, "node.txt", job="node", instance="m1:9100")
    with prometheus:
        found = answers(prometheus, "node-exporter", at)
    assert {name: list(vector.values()) for name, vector in found.items()} == {
        name: pytest.approx(values, rel=1e-6)
        for name, values in {
            "cpu_utilisation": [0.3],
            "memory_utilisation": [0.75],
            "swap_utilisation": [0.5],
            "disk_io_utilisation": [0.3],
            "disk_queue_depth": [1.5],
            "disk_reads": [100],
            "disk_writes": [50],
            "disk_read_throughput": [4e6],
            "disk_write_throughput": [2e6],
            "filesystem_used": [0.8, 0.1],
            "filesystem_inodes_used": [0.6],
            "network_receive": [125_000],
            "network_transmit": [250_000],
            "network_errors": [1.75],
            "tcp_retransmitted": [0.01],
            "conntrack_used": [0.25],
            "file_descriptors_used": [0.02],
            "load_per_core": [1.5],
            "cpu_pressure": [0.05],
            "memory_pressure": [0.01],
            "io_pressure": [0.1],
        }.items()
    }


@pytest.mark.parametrize("cluster", [{}, {"cluster": "prod"}], ids=["one cluster", "several clusters"])
def test_cadvisor_and_kube_state_metrics(real_servers: None, tmp_path: Path, cluster: dict[str, str]) -> None:
    prometheus, at = backfilled(tmp_path, "kubernetes.txt", **cluster)
    with prometheus:
        found = answers(prometheus, "cadvisor", at)
    assert {labels.get("cluster") for vector in found.values() for labels in vector} == {cluster.get("cluster")}
    # Nothing of what changes when a container or an exporter is replaced: instance, id, uid, name.
    assert {name: told_apart(vector) for name, vector in found.items()} == {
        "container_cpu": is_about({"web/web-1": 0.3, "proxy/web-1": 0.04, "db/db-0": 1.01}),
        "container_cpu_of_request": is_about({"web/web-1": 1.2, "db/db-0": 1.01 / 1.75}),
        "container_cpu_of_limit": is_about({"web/web-1": 0.6, "db/db-0": 1}),
        "container_cpu_throttled": is_about({"web/web-1": 0.4}),
        "container_memory": is_about({"web/web-1": 3e8, "proxy/web-1": 5e7, "db/db-0": 3.3e9}),
        "container_memory_of_request": is_about({"web/web-1": 1.5, "db/db-0": 3.3 / 3.8}),
        "container_memory_of_limit": is_about({"web/web-1": 0.75}),
        "pod_restarts": is_about({"web-1": 2}),
        "volume_used": is_about({"data-db-0": 0.75}),
        "volume_inodes_used": is_about({"data-db-0": 0.1}),
        "deployment_available": is_about({"web": 0.75, "rolling": 1}),
        "autoscaler_used": is_about({"web": 0.6}),
        "quota_used": is_about({"requests.cpu/compute": 0.8, "pods/compute": 1}),
        # Neither the pod that is done nor the one that has no node yet.
        "node_cpu_requested": is_about({"n1": 0.5}),
        "node_memory_requested": is_about({"n1": 0.5}),
        "node_pods": is_about({"n1": 2 / 110}),
    }


#: What servers after 2.42 say besides.
NEWER = """prometheus_build_info{version="3.8.0"} 1
prometheus_tsdb_wal_storage_size_bytes 1.5e+08
prometheus_remote_storage_queue_highest_timestamp_seconds{remote_name="far",url="http://far/"} 1.7e+09
prometheus_remote_storage_queue_highest_sent_timestamp_seconds{remote_name="far",url="http://far/"} 1.699999970e+09
prometheus_remote_storage_highest_timestamp_in_seconds 1.70000006e+09
"""


def test_prometheus_itself(real_servers: None, tmp_path: Path) -> None:
    port = free_port()
    with Prometheus(tmp_path / "far") as far, PageExporter(NEWER) as newer:
        config = PrometheusConfig(
            scrape=[job("prometheus", f"127.0.0.1:{port}"), job("newer", newer.address)],
            rules=[{"name": "rules", "rules": [{"record": "job:up:sum", "expr": "sum by (job) (up)"}]}],
            remote_write=[{"url": far.url + "/api/v1/write", "queue_config": {"batch_send_deadline": "1s"}}],
        )
        with Prometheus(tmp_path / "itself", config, port) as prometheus:
            expected = {query.name for query in load_preset("prometheus").queries}

            def everything() -> Answers | None:
                prometheus.query("up")  # for the duration of queries, of which there must be some
                found = answers(prometheus, "prometheus")
                complete = all(found.values()) and len(found["prometheus_remote_write_lag"]) == 2
                # The first scrape of itself tells of the few series that there were before it.
                scraped_again = sum(found["prometheus_head_series"].values()) > 100
                works = all(value == 1 for value in found["targets_up"].values())
                return found if complete and scraped_again and works else None

            found = wait_for(everything, "answer to every query", every_seconds=0.5)
    assert found.keys() == expected
    # Others' processes are not taken for a Prometheus.
    assert len(found["prometheus_memory"]) == len(found["prometheus_head_series"]) == 1
    lag = {labels["job"]: value for labels, value in found["prometheus_remote_write_lag"].items()}
    assert lag["newer"] == pytest.approx(30)
    assert lag["prometheus"] < 30
    assert {labels["job"]: value for labels, value in found["targets_up"].items()} == {"prometheus": 1, "newer": 1}


def example() -> str:
    """The agent of docs/agents.md: it is hard at work, and fails every fourth task."""
    (code,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    return code


@pytest.fixture
def agent() -> Iterator[str]:
    """The address of that agent."""
    port = free_port()
    code = example().replace("serve(8010)", f'serve({port}, "127.0.0.1")')
    assert str(port) in code
    process = subprocess.Popen([sys.executable, "-c", code])
    try:
        yield f"127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def test_agents(real_servers: None, tmp_path: Path, agent: str) -> None:
    with Prometheus(tmp_path, PrometheusConfig(scrape=[job("agents", agent)])) as prometheus:

        def everything() -> Answers | None:
            found = answers(prometheus, "agents")
            return found if all(found.values()) else None

        found = wait_for(everything, "answer to every query")
        # As docs/agents.md says how to get the share from the counters.
        failures = prometheus.query("rate(agent_task_failures_total[1m]) / rate(task_execution_time_count[1m])")
    for name, vector in found.items():
        (labels,) = vector
        assert labels["agent"] == "planner", name
    (success,) = found["agent_success"].values()
    assert success == pytest.approx(0.75, abs=0.1)
    (failed,) = failures.values()
    assert failed == pytest.approx(0.25, abs=0.1)
    (mean,) = found["agent_task_duration_mean"].values()
    assert 0.02 <= mean < 1
    ((tokens, in_use),) = found["agent_resources"].items()
    assert (tokens["resource"], in_use) == ("context_tokens", pytest.approx(2, abs=0.5))
