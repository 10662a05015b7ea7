"""`pronoia demo`: a bundled recording, replayed, read, forecast and shown. Needs nothing but Python."""

from __future__ import annotations

import re
import time
from importlib.resources import files
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from pronoia.cli.exporter import Exporter
from pronoia.cli.logs import configure
from pronoia.cli.parser import DEFAULT_LISTEN_ADDRESS
from pronoia.cli.replay import load_recording, queries_of
from pronoia.cli.run import listen_addresses, web_config
from pronoia.cli.signals import Signals
from pronoia.cli.summary import forecast_table
from pronoia.config.load import parse
from pronoia.pipeline.replay import ReplaySource
from pronoia.web.listen import ListenAddress
from pronoia.web.replay_api import create_replay_app
from pronoia.web.server import WebServer

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from rich.console import RenderableType

    from pronoia.config.config import Config

_URL_VARIABLE = "PRONOIA_DEMO_URL"
_REFRESH_SECONDS = 1.0


def run(arguments: argparse.Namespace) -> int:
    """Serve and show until SIGTERM or SIGINT, or until `--duration` is over."""
    configure(arguments.log_level, arguments.log_format)
    console = Console()
    recording = load_recording(arguments.data)
    source = ReplaySource(recording.frame)
    with WebServer(create_replay_app(source.select), [ListenAddress("127.0.0.1", 0)]) as replay:
        text = _bundled_config() if arguments.data is None else _config_of(recording.metrics)
        exporter = Exporter(
            lambda: _parse(text, replay.urls[0]),
            listen_addresses(arguments.web_listen_address, DEFAULT_LISTEN_ADDRESS),
            web_config(arguments.web_config_file),
            keeps_state=False,
        )
        with Signals() as signals, exporter:
            _announce(console, replay.urls[0], exporter.urls[0])
            screen = _Screen(exporter, console)
            with Live(console=console, get_renderable=screen.render, refresh_per_second=1 / _REFRESH_SECONDS):
                signals.wait(on_hangup=lambda: None, timeout_seconds=arguments.duration)
    return 0


class _Screen:
    """What the terminal shows: a bar while reading and fitting, then the forecasts."""

    def __init__(self, exporter: Exporter, console: Console) -> None:
        self._exporter = exporter
        self._console = console
        self._progress = Progress(
            TextColumn("reading and fitting"), BarColumn(), MofNCompleteColumn(), TextColumn("series"), console=console
        )
        self._task = self._progress.add_task("fit", total=None)

    def render(self) -> RenderableType:
        """The screen as of now."""
        done, total = map(sum, zip(*(cycle.fit_progress for cycle in self._exporter.application.cycles), strict=True))
        parts: list[RenderableType] = []
        if done < total or not total:
            self._progress.update(self._task, completed=done, total=total or None)
            parts.append(self._progress)
        snapshot = self._exporter.application.holder.snapshot(time.time())
        if snapshot.forecasts:
            width, height = self._console.size
            parts.append(forecast_table(snapshot, width, max_lines=max(height - 12, 10)))
        return Group(*parts)


def _announce(console: Console, replay_url: str, url: str) -> None:
    shown = re.sub(r"//(\[::\]|0\.0\.0\.0)", "//localhost", url)
    console.print(f"replaying a recording at [bold]{replay_url}[/] as a Prometheus would serve it", highlight=False)
    for path, meaning in (
        ("predictions", "the forecasts, to be scraped"),
        ("metrics", "Pronoia's own health"),
        ("", "what runs"),
    ):
        console.print(f"  [bold]{shown}{path}[/] {meaning}", highlight=False)


def _bundled_config() -> str:
    return (files("pronoia") / "_data" / "demo.yml").read_text(encoding="utf-8")


def _config_of(metrics: Iterable[str]) -> str:
    """A query for each metric of any recording, livelier than the default as in the bundled configuration."""
    head = f"upstreams: [{{name: demo, url: '${{{_URL_VARIABLE}}}'}}]\nforecast: {{infer_every: 15s, max_age: 2m}}\n"
    return head + queries_of(metrics)


def _parse(text: str, replay_url: str) -> Config:
    return parse(text, "demo", environ={_URL_VARIABLE: replay_url})
