"""Expressions by remote-read: what a real Prometheus makes of them, and forecasts from a replay that has none."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
import yaml

import pronoia
from pronoia.cli import main
from pronoia.config.preset import load_preset
from pronoia.errors import UpstreamUnreachable
from pronoia.pipeline.upstream import Upstream
from pronoia.series import LabelSet, SeriesFrame, TimeRange
from pronoia.transport.settings import UpstreamSettings
from support.exporter import Exporter
from support.exposition_history import history
from support.parquet import write_recording
from support.processes import free_port, wait_for
from support.prometheus import Prometheus, PrometheusConfig
from support.recorder import Recorder
from support.remote_write import remote_write, remote_write_histograms

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECOND_MS = 1000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
#: A multiple of all steps used here, long enough ago for whole blocks.
END_MS = (int(time.time()) - 3600) // 3600 * HOUR_MS
PAST_MS = 50 * HOUR_MS
EXPRESSIONS = [
    "rate(node_cpu_seconds_total[5m])",
    "sum by (mode) (rate(node_cpu_seconds_total[5m])) - sum by (mode) (rate(node_cpu_seconds_total[5m] offset 1h))",
    "max_over_time(rate(node_disk_reads_completed_total[5m])[1h:5m])",
    "avg_over_time(node_load1[1d])",
    "topk(2, node_filesystem_avail_bytes / node_filesystem_size_bytes)",
    "node_load1 @ end() offset 15m + node_load1 @ start()",
    "absent(node_nothing)",
    "vector(time())",
    *(query.expr for query in load_preset("node-exporter").queries),
]


def assert_same(ours: SeriesFrame, theirs: SeriesFrame) -> None:
    order = {labels: (times, values) for labels, times, values in ours}
    assert set(order) == set(theirs.labels)
    for labels, times, values in theirs:
        np.testing.assert_array_equal(order[labels][0], times, err_msg=str(labels))
        np.testing.assert_allclose(order[labels][1], values, rtol=1e-9, err_msg=str(labels))


@pytest.fixture(scope="module")
def prometheus(real_servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    server = Prometheus(tmp_path_factory.mktemp("prometheus"))
    server.backfill(history("node.txt", END_MS, PAST_MS, job="node", instance="m1:9100"))
    with server:
        yield server


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_evaluated_here_an_expression_is_what_the_server_makes_of_it(prometheus: Prometheus, expression: str) -> None:
    """Over more than a day, so that it is read in slices."""
    start, end = (END_MS - 30 * HOUR_MS) / 1000, (END_MS + 10 * MINUTE_MS) / 1000
    ours = pronoia.read(prometheus.url, expression, start, end, step=300, path="remote_read")
    # The server takes the ends of its own query for start() and end(): this is one query.
    theirs = prometheus.query_range(expression, start, end, 300)
    assert theirs.n_samples
    assert_same(ours, theirs)


def test_a_restart_with_other_flags_is_followed(real_servers: None, tmp_path: Path) -> None:
    port = free_port()
    times = END_MS - 10 * MINUTE_MS * np.arange(100, dtype=np.int64)[::-1]
    sparse = SeriesFrame.from_series({LabelSet({"__name__": "sparse"}): (times, np.arange(100.0))})
    within = TimeRange(END_MS - 5 * HOUR_MS, END_MS)
    first = Prometheus(tmp_path / "prometheus", port=port)
    first.backfill(sparse)
    upstream = Upstream(UpstreamSettings("main", first.url, max_retries=0, read="remote_read"))
    found = []
    for flags in ([], ["--query.lookback-delta=15m"]):
        with Prometheus(tmp_path / "prometheus", PrometheusConfig(flags=flags), port) as server:
            frame = upstream.read("sparse + 0", within, MINUTE_MS)
            assert_same(frame, server.query_range("sparse + 0", within.start_ms / 1000, within.end_ms / 1000, 60))
            found.append(frame.n_samples)
        with pytest.raises(UpstreamUnreachable):
            upstream.read("sparse + 0", within, MINUTE_MS)
    assert found[1] == 301 > found[0]


@pytest.fixture(scope="module")
def clustered(real_servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Adds labels to what leaves it, some of which are stored with some of its series, too."""
    config = PrometheusConfig(external_labels={"cluster": "eu1", "replica": "1"})
    server = Prometheus(tmp_path_factory.mktemp("clustered"), config)
    times = END_MS - MINUTE_MS * np.arange(60, dtype=np.int64)[::-1]
    kinds = [{"instance": "m1"}, {"instance": "m2"}, {"instance": "m1", "cluster": "us1"}]
    series = {LabelSet({"__name__": "up", **kind}): (times, np.arange(60.0) + i) for i, kind in enumerate(kinds)}
    series[LabelSet({"__name__": "federated", "cluster": "eu1"})] = (times, np.arange(60.0))
    server.backfill(SeriesFrame.from_series(dict(sorted(series.items()))))
    with server:
        yield server


@pytest.mark.parametrize(
    ("expression", "n_series"),
    [
        ("sum by (cluster) (up)", 2),
        ("sum without (instance) (up)", 2),
        ('up{cluster="eu1"} + 0', 0),
        ('up{cluster!="us1"} + 0', 2),
        ('up{cluster=""} * on (instance, replica) group_left up{cluster="us1"}', 1),
        ('federated{cluster="eu1"} + 0', 1),
    ],
)
def test_labels_that_the_server_adds_to_what_leaves_it_are_not_seen(
    clustered: Prometheus, expression: str, n_series: int
) -> None:
    start, end = (END_MS - HOUR_MS) / 1000, END_MS / 1000
    ours = pronoia.read(clustered.url, expression, start, end, step=60, path="remote_read")
    assert ours.n_series == n_series
    assert_same(ours, clustered.query_range(expression, start, end, 60))


@pytest.mark.parametrize(
    ("selector", "n_series"), [("up", 3), ('up{cluster="eu1"}', 0), ('federated{cluster="eu1"}', 1)]
)
def test_nor_are_they_on_the_series_of_a_selector(clustered: Prometheus, selector: str, n_series: int) -> None:
    within = TimeRange(END_MS - HOUR_MS, END_MS)
    start, end = within.start_ms / 1000, within.end_ms / 1000
    ours = pronoia.read(clustered.url, selector, start, end, step=60, path="remote_read")
    assert ours.n_series == n_series
    assert_same(ours, clustered.samples(selector, within))


def test_native_histograms_are_left_to_the_server(real_servers: None, tmp_path: Path) -> None:
    config = PrometheusConfig(flags=["--enable-feature=native-histograms"])
    with Prometheus(tmp_path / "prometheus", config) as server:
        now_ms = int(time.time()) * 1000
        times = [now_ms - 15 * SECOND_MS * i for i in range(20)][::-1]
        remote_write_histograms(server.url, LabelSet({"__name__": "latency"}), times).raise_for_status()
        recorder = Recorder()
        upstream = Upstream(UpstreamSettings("main", server.url), recorder)
        expression = "sum(rate(latency[5m]))"
        assert upstream.path_of(expression) == "remote_read"
        upstream.read(expression, TimeRange(now_ms - MINUTE_MS, now_ms), 15 * SECOND_MS)
        upstream.read(expression, TimeRange(now_ms - MINUTE_MS, now_ms), 15 * SECOND_MS)
        assert upstream.path_of(expression) == "query_api"
        assert recorder.fallbacks == ["native_histograms"]
        assert [details.path for details in recorder.requests] == ["remote_read", "query_api", "query_api"]


def test_check_refuses_what_would_pass_a_limit(
    prometheus: Prometheus, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now_ms = int(time.time()) * 1000
    # Twenty samples in whichever five minutes the check looks at, however late it comes.
    times = now_ms + 15 * SECOND_MS * np.arange(-19, 21, dtype=np.int64)
    names = [LabelSet({"__name__": "crowd", "n": str(i)}) for i in range(12)] + [LabelSet({"__name__": "single"})]
    live = SeriesFrame.from_series(dict.fromkeys(names, (times, np.arange(40.0))))
    remote_write(prometheus.url, live).raise_for_status()
    file = tmp_path / "pronoia.yml"
    document = {
        "upstreams": [{"name": "small", "url": prometheus.url, "limits": {"max_series": 3, "max_samples": 30_000}}],
        "queries": [
            {"name": "good", "expr": "avg_over_time(single[1h])"},
            {"name": "wide", "expr": "1 - sum(rate(crowd[5m]))"},
            {"name": "deep", "expr": "single - avg_over_time(single[7d])"},
        ],
    }
    file.write_text(yaml.safe_dump(document))
    assert main(["check", str(file)]) == 0
    capsys.readouterr()
    assert main(["check", str(file), "--connect"]) == 1
    told = capsys.readouterr().err
    assert "2 problems" in told
    assert (
        "query wide: 300 s of these series alone are too much to read: 12 series, limits.max_series is 3; name" in told
    )
    assert "at character 14" in told
    assert "query deep: a single instant needs about 40320 samples, 40320 of them of the 1 series here" in told
    assert "at character 24" in told


def test_the_expressions_of_a_preset_are_forecast_from_a_replay(tmp_path: Path) -> None:
    """It evaluates no PromQL but selectors: nobody but Pronoia can have done it."""
    file = tmp_path / "machine.parquet"
    write_recording(file, history("node.txt", END_MS, 30 * HOUR_MS, job="node", instance="m1:9100"))
    queries = [query.name for query in load_preset("node-exporter").queries]
    with Exporter(tmp_path, "replay", f"--data={file}", name="replay") as replay:
        config = tmp_path / "pronoia.yml"
        document = {
            "upstreams": [{"name": "replay", "url": replay.url}],
            "presets": ["node-exporter"],
            "forecast": {"history": "1d", "infer_every": "5s", "model": "seasonal-naive"},
        }
        config.write_text(yaml.safe_dump(document))
        with Exporter(tmp_path, "run", f"--config.file={config}", name="run") as exporter:
            wait_for(lambda: {labels["query"] for labels in exporter.forecasts()} >= set(queries), "forecast", 120, 0.5)
            for query in queries:
                assert exporter.own("pronoia_query_path", query=query, path="remote_read") == 1, query
