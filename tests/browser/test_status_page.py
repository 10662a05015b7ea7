"""The status page as people see it: on a desk and on a phone, in light and dark, by eye, keyboard and ear."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pronoia.config.load import parse
from pronoia.exposition.predictions import PredictionRenderer
from pronoia.exposition.telemetry import Telemetry
from pronoia.pipeline.alert_bridge import AlertBridge
from pronoia.pipeline.holder import Holder
from pronoia.predictions.bottleneck import RiskScore
from pronoia.predictions.forecast import Forecast, QueryForecast, ThresholdCrossing
from pronoia.predictions.incident import Incident
from pronoia.predictions.outcome import OutcomeState, StageOutcome
from pronoia.predictions.snapshot import Snapshot
from pronoia.series import AlignedFrame, Grid, LabelSet
from pronoia.web.app import create_app
from pronoia.web.listen import ListenAddress
from pronoia.web.server import WebServer
from support.processes import wait_for
from support.risks import anomaly_watch, bottleneck_risk, failure_risk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

STEP_MS = 300_000
DESK, PHONE = (1280, 900), (375, 740)
#: Where screenshots are left; a folder of the test's own unless the environment names one.
KEPT = os.environ.get("PRONOIA_SCREENSHOTS")


def made_up(query: str, n_series: int) -> QueryForecast:
    """Days and nights, with a forecast that goes on so."""
    now_ms = int(time.time() * 1000) // STEP_MS * STEP_MS
    labels = tuple(LabelSet({"__name__": query, "instance": f"machine-{row}"}) for row in range(n_series))
    past = Grid.ending_at(now_ms, STEP_MS, 288)
    future = Grid(now_ms + STEP_MS, STEP_MS, 288)

    def wave(grid: Grid) -> np.ndarray:
        base = 0.5 + 0.3 * np.sin(2 * np.pi * grid.timestamps_ms / 86_400_000)
        return base + 0.02 * np.arange(n_series)[:, None]

    width = 0.03 + 0.1 * np.sqrt(np.arange(288) / 288)
    point = wave(future)
    forecast = Forecast(labels, future, point, point - width, point + width, 0.95, ("theta",) * n_series)
    observed = wave(past) + 0.02 * np.random.default_rng(0).standard_normal((n_series, 288))
    return QueryForecast(
        query, query, "ratio", now_ms / 1000, forecast, observed[:, -1], (3600,), 3600.0,
        (ThresholdCrossing(labels[0], 0.8, 7200.0, 3600.0, np.inf),),
        thresholds=(0.8,), past=AlignedFrame(labels, past, observed),
    )  # fmt: skip


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    holder, telemetry = Holder(PredictionRenderer(1000, lambda _: None).render), Telemetry()
    telemetry.on_quality("cpu", level=0.95, coverage={0.95: {"1h": 0.94}}, mase=0.82, n_matured=864)
    scores = {("30m", "state"): RiskScore(brier=0.02, skill=0.6, precision=0.8, recall=0.5)}
    telemetry.on_bottleneck_quality(
        "cpu", scores, n_matured=96, n_corrected=0, leads_seconds=[1200.0], mean_lead_seconds=1200.0
    )
    outcomes = (
        StageOutcome("cpu", "read", OutcomeState.OK, 0.1),
        StageOutcome("disk", "read", OutcomeState.FAILED, 0.1, "timeout", "no answer within 30s"),
    )
    now = time.time()
    risk = replace(bottleneck_risk(), made_at_seconds=now)
    forecasts, watches = (made_up("cpu", 3), made_up("memory", 1)), (anomaly_watch(now),)
    failures = (failure_risk(now),)
    holder.publish(Snapshot(now, forecasts, outcomes, (risk,), failures, anomalies=watches), now)
    bridge = AlertBridge(parse("queries: [{name: cpu, expr: up}]", "t"), None, holder.snapshot, telemetry)
    subject = LabelSet({"instance": "machine-0", "resource": "cpu"})
    bridge.store.save(
        Incident("abc", "BottleneckPredicted", "warning", subject, ("Bottleneck",), 1800.0, now, now, probability=0.7)
    )
    telemetry.on_incidents(n_muted=0, quality={"BottleneckPredicted": (4, 0.75, 900.0)})
    app = create_app(holder, telemetry, reload=lambda: None, config_text=lambda: "", bridge=bridge)
    with WebServer(app, [ListenAddress("127.0.0.1", 0)]) as server:
        yield server.urls[0]


class Opened:
    """A page, and what its console said."""

    def __init__(self, browser: Browser, url: str, size: tuple[int, int], scheme: str) -> None:
        width, height = size
        self.context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        self.page: Page = self.context.new_page()
        self.said: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.goto(url)
        self.page.wait_for_selector("#chart canvas")
        wait_for(lambda: self.page.text_content("#words"), "words about the chart", 10, 0.05)


@pytest.fixture(params=[(DESK, "light"), (DESK, "dark"), (PHONE, "light"), (PHONE, "dark")], ids=str)
def opened(browser: Browser, url: str, request: pytest.FixtureRequest) -> Iterator[Opened]:
    size, scheme = request.param
    opened = Opened(browser, url, size, scheme)
    yield opened
    opened.context.close()


def colours_drawn(page: Page) -> dict[str, int]:
    """How many pixels of the chart are near the colours of the actual values and of the forecast."""
    return page.evaluate(
        """() => {
            const canvas = document.querySelector("#chart canvas");
            const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            const probe = document.createElement("canvas").getContext("2d");
            const counts = {};
            for (const name of ["actual", "forecast", "limit"]) {
                probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
                const [r, g, b] = probe.fillStyle.match(/[0-9a-f]{2}/g).map((part) => parseInt(part, 16));
                let n = 0;
                for (let i = 0; i < pixels.length; i += 4)
                    if (pixels[i + 3] > 128 && Math.abs(pixels[i] - r) + Math.abs(pixels[i + 1] - g)
                        + Math.abs(pixels[i + 2] - b) < 60) n += 1;
                counts[name] = n;
            }
            return counts;
        }"""
    )


def test_the_chart_is_drawn_and_nothing_goes_wrong(opened: Opened, tmp_path: Path, request: Any) -> None:
    assert min(colours_drawn(opened.page).values()) > 100, colours_drawn(opened.page)
    assert opened.said == []
    name = "".join(each if each.isalnum() else "-" for each in request.node.callspec.id).strip("-")
    opened.page.screenshot(path=str(Path(KEPT or tmp_path) / f"status-{name}.png"), full_page=True)


def test_it_fits_the_screen(opened: Opened) -> None:
    assert opened.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_axe_finds_nothing(opened: Opened) -> None:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(opened.page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []


def test_another_query_and_series_are_chosen_by_keyboard(browser: Browser, url: str) -> None:
    opened = Opened(browser, url, DESK, "light")
    page = opened.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.focus("#series")
    before = page.text_content("#words")
    page.keyboard.press("ArrowDown")
    wait_for(lambda: page.text_content("#words") != before, "words about the next series", 10, 0.05)
    assert "machine-1" in page.get_attribute("#chart", "aria-label")
    page.focus("#query")
    page.keyboard.press("ArrowDown")
    wait_for(lambda: "memory" in page.get_attribute("#chart", "aria-label"), "the other query", 10, 0.05)
    assert "Expected in 24 hours" in page.text_content("#words")
    opened.context.close()


def test_what_is_at_risk_is_read_before_all_else(browser: Browser, url: str) -> None:
    opened = Opened(browser, url, DESK, "light")
    headings = opened.page.locator("h1, h2").all_text_contents()
    assert headings == [
        "Pronoia",
        "At risk",
        "Unusual now",
        "Forecasts",
        "Latest incidents",
        "Models, and how right they have been",
        "Queries and resources",
    ]
    first = opened.page.locator("section").first.locator("tbody tr").first.text_content()
    assert "cpu" in first
    assert "now" in first
    opened.context.close()
