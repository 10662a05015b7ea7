"""WebServer: a WSGI application on sockets, with threads, TLS and a graceful end."""

from __future__ import annotations

import logging
import re
import threading
from typing import TYPE_CHECKING

from cheroot.wsgi import Server

from pronoia.errors import ConfigError, ConfigProblem
from pronoia.web.guard import Guard
from pronoia.web.listen import ListenAddress
from pronoia.web.tls import TlsContexts
from pronoia.web.tls_socket import TlsAdapter, TlsConnection

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self
    from wsgiref.types import WSGIApplication

    from pronoia.web.web_config import WebConfigFile

_log = logging.getLogger(__name__)

_MAX_HEADER_BYTES = 64 * 1024
_MAX_BODY_BYTES = 32 * 1024 * 1024
_BACKLOG = 128


class WebServer:
    """Serves an application on all its addresses until it is stopped; a context manager.

    Args:
        app: the application.
        addresses: where to listen.
        web_config: TLS, users and limits; plain HTTP for everybody without it.
        threads: requests answered at the same time, per address.
        stop_within_seconds: how long requests in progress may take to end.

    Raises:
        ConfigError: if a certificate cannot be used.
    """

    def __init__(
        self,
        app: WSGIApplication,
        addresses: Sequence[ListenAddress],
        web_config: WebConfigFile | None = None,
        *,
        threads: int = 16,
        stop_within_seconds: int = 5,
    ) -> None:
        tls = TlsContexts(web_config) if web_config and web_config.current().tls_server_config else None
        guarded = Guard(app, web_config) if web_config else app
        self._scheme = "https" if tls else "http"
        self._servers = [_HttpServer(address, guarded, tls, threads, stop_within_seconds) for address in addresses]
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Bind all addresses and serve them in the background.

        Raises:
            ConfigError: naming the address that cannot be bound; none is served then.
        """
        try:
            for server in self._servers:
                server.prepare()
        except ConfigError:
            self.stop()
            raise
        for server in self._servers:
            thread = threading.Thread(target=server.serve, name=f"web {server.address}", daemon=True)
            thread.start()
            self._threads.append(thread)
        _log.info("listening on %s", ", ".join(self.urls))

    def stop(self) -> None:
        """Take no more connections, let requests in progress end, and close."""
        for server in self._servers:
            server.stop()
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    @property
    def urls(self) -> tuple[str, ...]:
        """What is served, with the ports really bound."""
        return tuple(f"{self._scheme}://{server.address}/" for server in self._servers)


class _HttpServer(Server):
    """Cheroot's server with our limits, our log and, where asked for, our TLS."""

    max_request_header_size = _MAX_HEADER_BYTES
    max_request_body_size = _MAX_BODY_BYTES
    keep_alive_conn_limit = 100
    # How often it looks whether to stop.
    expiration_interval = 0.2

    def __init__(
        self, address: ListenAddress, app: WSGIApplication, tls: TlsContexts | None, threads: int, stop_within: int
    ) -> None:
        super().__init__(
            (address.host, address.port),
            app,
            numthreads=threads,
            server_name="pronoia",
            request_queue_size=_BACKLOG,
            shutdown_timeout=stop_within,
        )
        if tls is not None:
            self.ssl_adapter = TlsAdapter(tls)
            self.ConnectionClass = TlsConnection

    @property
    def address(self) -> ListenAddress:
        """Where it listens, once bound."""
        return ListenAddress(*self.bind_addr)

    def prepare(self) -> None:
        """Bind the address.

        Raises:
            ConfigError: if that is not possible.
        """
        try:
            super().prepare()
        except OSError as error:
            # Cheroot wraps what the system said for each address it tried.
            reason = re.search(r"\[Errno -?\d+\] ([^)]+)", str(error))
            problem = f"cannot listen on {self.address}: {reason[1] if reason else error}"
            raise ConfigError([ConfigProblem("--web.listen-address", problem)]) from error

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:  # noqa: FBT001, FBT002 - cheroot's signature
        """Into our log. What a client does wrong is no error of ours, so `info` becomes `debug`."""
        _log.log(level if level > logging.INFO else logging.DEBUG, "%s", msg, exc_info=traceback)
