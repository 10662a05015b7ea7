"""How long a scrape of 100,000 prediction series takes, beside client_python rendering the same.

Run: python tests/benchmarks/bench_scrape.py [--series N] [--repeat N] [--json OUT]
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector
from rich.console import Console
from rich.table import Table

from pronoia.exposition.predictions import PredictionRenderer
from pronoia.exposition.telemetry import Telemetry
from pronoia.exposition.text import format_horizon
from pronoia.pipeline.holder import Holder
from pronoia.predictions.forecast import Forecast, QueryForecast
from pronoia.predictions.snapshot import Snapshot
from pronoia.series import Grid, LabelSet
from pronoia.web.app import create_app
from pronoia.web.listen import ListenAddress
from pronoia.web.server import WebServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HORIZONS = (900, 3600, 14_400, 86_400)
N_QUERIES = 8
LIMIT_SECONDS = 0.05


def make_snapshot(n_exposed: int, now: float) -> Snapshot:
    """Forecasts whose page has about this many series: three values at four horizons each, with four labels."""
    n_series = n_exposed // (N_QUERIES * 3 * len(HORIZONS))
    rng = np.random.default_rng(1)
    grid = Grid(int(now * 1000) + 300_000, 300_000, 289)
    labels = tuple(
        LabelSet(
            {"__name__": "node_cpu_seconds_total", "instance": f"host-{i:05d}:9100", "job": "node", "mode": "user"}
        )
        for i in range(n_series)
    )
    forecasts = []
    for number in range(N_QUERIES):
        point = np.abs(rng.normal(100.0, 30.0, (n_series, grid.n_steps)))
        forecast = Forecast(labels, grid, point, 0.9 * point, 1.1 * point, 0.95, ("theta",) * n_series)
        observed = point[:, 0].copy()
        query = QueryForecast(f"query-{number}", "up", "", now, forecast, observed, HORIZONS, 3600.0)
        forecasts.append(query)
    return Snapshot(now, tuple(forecasts))


class ClientCollector(Collector):
    """The same forecasts as client_python's families."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield one family per bound."""
        for name in ("point", "lower", "upper"):
            names = ["query", "horizon", "instance", "job", "mode"]
            family = GaugeMetricFamily(f"pronoia_forecast_{name}", "Forecast.", labels=names)
            for each in self._snapshot.forecasts:
                for horizon in HORIZONS:
                    at = each.forecast.at([round((each.made_at_seconds + horizon) * 1000)])
                    for labels, value in zip(at.labels, getattr(at, name)[:, 0].tolist(), strict=True):
                        own = [each.query, format_horizon(horizon)]
                        family.add_metric([*own, labels["instance"], labels["job"], labels["mode"]], value)
            yield family


def best_and_median(repeat: int, measured: Callable[[], float]) -> tuple[float, float]:
    seconds = [measured() for _ in range(repeat)]
    return min(seconds), statistics.median(seconds)


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def scrape(connection: http.client.HTTPConnection, encoding: str, sizes: dict[str, int]) -> None:
    accept = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2"
    connection.request("GET", "/predictions", headers={"Accept": accept, "Accept-Encoding": encoding})
    response = connection.getresponse()
    sizes[encoding] = len(response.read())
    if response.status != 200:
        raise SystemExit(f"the scrape was answered with {response.status}")


def measure(n_exposed: int, repeat: int) -> dict[str, float]:
    """All figures, in seconds, series and bytes."""
    now = time.time()
    snapshot = make_snapshot(n_exposed, now)
    telemetry = Telemetry()
    exposed = []
    renderer = PredictionRenderer(2 * n_exposed, exposed.append)
    holder = Holder(renderer.render)
    holder.publish(snapshot, now)
    figures: dict[str, float] = {"series": exposed[-1].n_series}
    best, median = best_and_median(repeat, lambda: timed(lambda: renderer.render(snapshot, now)))
    figures |= {"render_best_seconds": best, "render_median_seconds": median}
    registry = CollectorRegistry()
    registry.register(ClientCollector(snapshot))
    best, median = best_and_median(max(1, repeat // 3), lambda: timed(lambda: generate_latest(registry)))
    figures |= {"client_best_seconds": best, "client_median_seconds": median}
    app = create_app(holder, telemetry, reload=lambda: None, config_text=str)
    sizes: dict[str, int] = {}
    with WebServer(app, [ListenAddress("127.0.0.1", 0)]) as server:
        address = urlsplit(server.urls[0])
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
        for encoding in ("gzip", "identity"):
            scrape(connection, encoding, sizes)
            best, median = best_and_median(3 * repeat, lambda e=encoding: timed(lambda: scrape(connection, e, sizes)))
            figures |= {f"scrape_{encoding}_best_seconds": best, f"scrape_{encoding}_median_seconds": median}
            figures[f"scrape_{encoding}_bytes"] = sizes[encoding]
        connection.close()
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=int, default=100_100)
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--json", type=Path, metavar="OUT")
    arguments = parser.parse_args()
    figures = measure(arguments.series, arguments.repeat)
    table = Table(title=f"{figures['series']:,.0f} prediction series", title_justify="left")
    for heading, justify in (("", "left"), ("best", "right"), ("median", "right"), ("client_python takes", "right")):
        table.add_column(heading, justify=justify)
    client = figures["client_median_seconds"]
    for title, key in (
        ("scrape, gzip", "scrape_gzip"),
        ("scrape, plain", "scrape_identity"),
        ("render both formats and compress, once a cycle", "render"),
        ("client_python generate_latest, every scrape", "client"),
    ):
        best, median = figures[f"{key}_best_seconds"], figures[f"{key}_median_seconds"]
        table.add_row(title, f"{1000 * best:.1f} ms", f"{1000 * median:.1f} ms", f"{client / median:.1f} x as long")
    Console(width=110).print(table)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    slowest = max(figures["scrape_gzip_median_seconds"], figures["scrape_identity_median_seconds"])
    if slowest > LIMIT_SECONDS:
        sys.stderr.write(f"a scrape took {1000 * slowest:.0f} ms, the aim is {1000 * LIMIT_SECONDS:.0f} ms\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
