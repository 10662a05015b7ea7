"""What an operator gets wrong is told once, clearly, naming the cause; the exporter stays up."""

from __future__ import annotations

import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from support.exporter import PROGRAM, Exporter, pick
from support.processes import free_port, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Stranger(BaseHTTPRequestHandler):
    """Something that is no Prometheus: it answers what the path's first word says."""

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        kind = self.path.split("/")[1]
        body = {"cut": b"\xff" * 10, "huge": b"\xff\xff\xff\xff\x0f" + b"x" * 40}.get(kind, b"<html>hello</html>")
        streamed = "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse"
        types = {"cut": streamed, "huge": "application/x-protobuf", "page": "text/html"}
        self.send_response({"secret": 401}.get(kind, 200))
        self.send_header("Content-Type", types.get(kind, "text/plain"))
        if kind == "huge":
            self.send_header("Content-Encoding", "snappy")
        # One byte more than comes: the connection ends early.
        self.send_header("Content-Length", str(len(body) + (kind == "cut")))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        self.answer()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def stranger() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stranger)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://no-such-host.invalid:9090", "no-such-host.invalid"),
        ("http://127.0.0.1:{closed}", "refused"),
        ("https://{stranger}", "TLS"),
        ("http://{stranger}/secret", "401"),
        ("http://{stranger}/page", "text/html"),
        ("http://{stranger}/cut", "truncated"),
        ("http://{stranger}/huge", "4294967295"),
    ],
    ids=["unknown host", "nobody listens", "no TLS there", "401", "wrong content type", "truncated", "huge length"],
)
def test_an_upstream_that_cannot_be_read_is_one_error_naming_the_cause(
    stranger: str, tmp_path: Path, url: str, told: str
) -> None:
    config = tmp_path / "pronoia.yml"
    address = url.format(stranger=stranger, closed=free_port())
    config.write_text(
        f"upstreams: [{{name: wrong, url: '{address}', timeout: 3s}}]\n"
        "forecast: {infer_every: 1s, max_age: 10s}\n"
        "queries: [{name: load, expr: node_load1}]\n"
    )
    with Exporter(tmp_path, "run", f"--config.file={config}", f"--storage.path={tmp_path / 'state'}") as exporter:
        failures = "pronoia_stage_failures_total"
        wait_for(lambda: sum(pick(exporter.page("/metrics"), failures).values()) >= 2, "second failure", 90)
        assert exporter.own("pronoia_upstream_up", upstream="wrong") == 0
        assert not exporter.forecasts()
    errors = [line for line in exporter.log.read_text().splitlines() if "level=error" in line]
    assert len(errors) == 1, errors
    assert told in errors[0]
    assert "Traceback" not in exporter.log.read_text()


def test_a_configuration_with_three_mistakes_tells_all_three(tmp_path: Path) -> None:
    config = tmp_path / "pronoia.yml"
    config.write_text(
        "upstreams: [{name: main, url: 'http://localhost:9090'}]\n"
        "forecast: {horizon: 24, histroy: 14d}\n"
        "queries: [{name: load, expr: 'rate(node_load1['}]\n"
    )
    for command in (["check", str(config)], ["run", f"--config.file={config}"]):
        ended = subprocess.run([PROGRAM, *command], capture_output=True, text=True, timeout=60, check=False)
        told = ended.stdout + ended.stderr
        assert ended.returncode != 0
        assert "3 problems" in told
        assert "forecast.horizon" in told
        assert "24h" in told or "24s" in told
        assert "histroy" in told
        assert "history" in told
        assert "queries[0].expr" in told
        assert "Traceback" not in told
