"""Things that Prometheus scrapes or notifies: node_exporter, Alertmanager, and a page set by the test."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

from support.processes import Server, find_binary

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


NOBODY = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"


class NodeExporter(Server):
    """A real node_exporter; its debug metrics of the scrape itself are left on."""

    ready_path = "/metrics"

    def __init__(self, folder: Path, port: int | None = None) -> None:
        super().__init__("node_exporter", folder, port)

    def command(self) -> list[str]:
        return [find_binary("node_exporter", "prometheus-node-exporter"), f"--web.listen-address={self.address}"]


class Alertmanager(Server):
    """A real Alertmanager, alone; it sends nothing to anybody unless its configuration says so.

    Args:
        folder: for its data, configuration and log.
        config: its configuration file.
        flags: further command line flags, such as those of a cluster.
        port: to listen on; a free one if not given.
    """

    def __init__(
        self,
        folder: Path,
        config: str = NOBODY,
        flags: Sequence[str] = ("--cluster.listen-address=",),
        port: int | None = None,
    ) -> None:
        super().__init__("alertmanager", folder, port)
        self.config = config
        self._flags = flags

    def command(self) -> list[str]:
        config = self.folder / "alertmanager.yml"
        config.write_text(self.config)
        return [
            find_binary("alertmanager", "prometheus-alertmanager"),
            f"--config.file={config}",
            f"--storage.path={self.folder / 'alertmanager-data'}",
            f"--web.listen-address={self.address}",
            *self._flags,
        ]


class PageExporter:
    """An exporter whose page is whatever the test says; a context manager.

    Args:
        page: text exposition format, or what makes it at each scrape.
    """

    def __init__(self, page: str | Callable[[], str] = "") -> None:
        self.page = page
        exporter = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = (exporter.page if isinstance(exporter.page, str) else exporter.page()).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def job(name: str, *targets: str, **settings: Any) -> dict[str, Any]:
    """A scrape job with static targets."""
    return {"job_name": name, "static_configs": [{"targets": list(targets)}], **settings}
