"""The command line tells what is wrong in one place and ends with the right status."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from pronoia import __version__
from pronoia.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """A command that serves takes the log over, for its process."""
    root, own = logging.getLogger(), logging.getLogger("pronoia")
    handlers, levels = root.handlers[:], (root.level, own.level)
    yield
    root.handlers[:] = handlers
    for logger, level in zip((root, own), levels, strict=True):
        logger.setLevel(level)


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert f"version {__version__}" in capsys.readouterr().out


def test_a_configuration_with_three_mistakes_tells_all_three(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "pronoia.yml"
    file.write_text("upstreems: []\nforecast: {level: 2}\nqueries: [{name: x, expr: 'rate('}]\n")
    assert main(["check", str(file)]) == 1
    told = capsys.readouterr().err
    assert "3 problems" in told
    assert "upstreams" in told
    assert "forecast.level" in told
    assert "queries[0].expr" in told


def test_a_good_configuration_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "pronoia.yml"
    file.write_text(
        "queries: [{name: load, expr: node_load1}, {name: r, expr: 'rate(x_total[5m])'},"
        " {name: i, expr: '1 + info(x)'}]\n"
    )
    assert main(["check", str(file)]) == 0
    told = capsys.readouterr().out
    assert "query load: remote-read;" in told
    assert "query r: remote-read, evaluated here;" in told
    assert "query i: HTTP API: the function info is not evaluated here at character 5;" in told
    assert "2w of history at 5m, 12 forecast series for each source series" in told


def test_what_is_watched_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "pronoia.yml"
    file.write_text("presets: [node-exporter]\nanomaly: {series: [{query: load_per_core, false_alarms_per_day: 1}]}\n")
    assert main(["check", str(file)]) == 0
    told = capsys.readouterr().out
    assert "query load_per_core is watched: its series, 1w of history at 1m; of each 1 false alarms a day" in told
    assert "system node is watched: 12 queries by job, instance" in told


def test_failures_are_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "pronoia.yml"
    file.write_text(
        "presets: []\nqueries: [{name: used, expr: used}]\nfailure:\n"
        "  signals:\n    - {name: bytes, failure: disk_full, query: used}\n"
        "    - {name: m, failure: oom, expr: 'a /\n  b', limit: 2}\n"
        "  conditions: [{failure: link_down, expr: up == 0}, {failure: oom, expr: killed > 0}]\n"
        "  learnt_alerts: {enabled: true}\n"
    )
    assert main(["check", str(file)]) == 0
    told = capsys.readouterr().out
    assert "failure disk_full: signal bytes, at 1 of query used; foretold 15m, 1h, 4h, 24h ahead\n" in told
    assert "failure oom: signal m, at 2 of a / b; foretold" in told
    assert "failure oom: happens while killed > 0 has a value\n" in told
    assert "failure link_down: happens while up == 0 has a value; foretold 15m, 1h, 4h, 24h ahead\n" in told
    assert "your own alerts are learnt from upstream prometheus; foretold" in told


def test_what_no_rule_can_be_rendered_from_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "pronoia.yml"
    file.write_text(
        "alerts:\n  channels: {pagerduty: {integration_key: k}}\n  rules:\n"
        "    loud: {condition: bottleneck_probability > 0.9, channels: [pagerduty], precision_floor: 0.6}\n"
    )
    assert main(["check", str(file)]) == 1
    told = "alerts.rules.loud.precision_floor: what came true is known from Alertmanager alone"
    assert told in capsys.readouterr().err
    assert main(["run", f"--config.file={file}", "--config.check"]) == 1
    assert told in capsys.readouterr().err


def test_run_without_any_configuration_says_what_is_needed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["run"]) == 1
    assert "--config.file or --prometheus.url is needed" in capsys.readouterr().err


def test_an_address_that_is_none_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    arguments = ["run", "--prometheus.url", "http://localhost:9090", "--web.listen-address", "nonsense"]
    assert main([*arguments, "--storage.path", str(tmp_path)]) == 1
    assert "'nonsense' is not an address" in capsys.readouterr().err


def test_the_catalogue_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["metrics"]) == 0
    assert "`pronoia_forecast`" in capsys.readouterr().out
