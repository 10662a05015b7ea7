"""Metrics over HTTP, for agents that serve nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from prometheus_client import start_http_server

if TYPE_CHECKING:
    from threading import Thread
    from wsgiref.simple_server import WSGIServer

    from prometheus_client import CollectorRegistry


@dataclass(frozen=True, slots=True)
class MetricsServer:
    """A server in a thread that ends with the process, or earlier by `close`; a context manager that closes it.

    Args:
        port: where it listens.
    """

    port: int
    _server: WSGIServer
    _thread: Thread

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def serve(registry: CollectorRegistry, port: int, address: str) -> MetricsServer:
    """Serve a registry at every path of a port.

    Raises:
        OSError: if the port is taken.
    """
    server, thread = start_http_server(port, addr=address, registry=registry)
    return MetricsServer(server.server_port, server, thread)
