"""Connections whose every read from the socket is held to one deadline, over plain HTTP and TLS.

A socket timeout alone starts anew with each byte that arrives: a server that sends one byte a second would hold a
reader for ever. Here each single receive may take what is left of the whole read's time, headers included.
"""

from __future__ import annotations

import http.client
import io
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from pronoia.transport.deadline import Deadline

if TYPE_CHECKING:
    import socket
    import ssl

    import requests

# Prometheus sends a streamed answer as one HTTP chunk per frame. Reads longer than this buffer go straight into the
# caller's memory, so it should be shorter than a frame of a long range and hold many frames of a short one.
_BUFFER_BYTES = 1 << 14


class _DeadlineReader(io.RawIOBase):
    """The receiving side of a socket under a deadline."""

    def __init__(self, stream: io.RawIOBase, sock: socket.socket, deadline: Deadline) -> None:
        super().__init__()
        self._stream = stream
        self._sock = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        remaining = self._deadline.remaining()
        if remaining <= 0:
            raise TimeoutError("the deadline of the read has passed")
        self._sock.settimeout(remaining)
        received: int | None = self._stream.readinto(buffer)
        return received

    def close(self) -> None:
        self._stream.close()
        super().close()


class _DeadlineResponse(http.client.HTTPResponse):
    """An answer read under the deadline that was in force when it was asked for."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        deadline = Deadline.current()
        if deadline is not None:
            self.fp = io.BufferedReader(_DeadlineReader(self.fp.detach(), sock, deadline), _BUFFER_BYTES)


class _Connection(HTTPConnection):
    response_class = _DeadlineResponse


class _TlsConnection(HTTPSConnection):
    response_class = _DeadlineResponse


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class UpstreamAdapter(HTTPAdapter):
    """A `requests` adapter with our TLS context and deadline-bound connections, through a proxy as well.

    Args:
        context: decides alone what is trusted.
        server_name: the name to ask for and to verify instead of the URL's host.
        n_connections: connections kept open.
    """

    def __init__(self, context: ssl.SSLContext, server_name: str | None, n_connections: int) -> None:
        self._tls: dict[str, Any] = {"ssl_context": context}
        if server_name:
            self._tls["server_hostname"] = server_name
        super().__init__(pool_connections=1, pool_maxsize=n_connections)

    def init_poolmanager(self, connections: int, maxsize: int, *rest: Any, **options: Any) -> None:
        """Make the pools, with our connections and TLS context."""
        options.update(self._tls)
        super().init_poolmanager(connections, maxsize, *rest, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """The same through a proxy."""
        manager = super().proxy_manager_for(proxy, **options, **self._tls)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
        return manager

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Nothing to add: the context already says what is trusted; requests would add its own CA bundle."""


def body_stream(response: requests.Response) -> http.client.HTTPResponse:
    """The body below urllib3, which copies each block several times over; this one fills the caller's buffer."""
    stream = response.raw._original_response  # noqa: SLF001 - requests itself uses it for cookies
    if not isinstance(stream, http.client.HTTPResponse):
        raise TypeError(f"urllib3 gave {type(stream).__name__}, http.client.HTTPResponse is needed")
    return stream


def environment_proxies(url: str) -> dict[str, str]:
    """HTTP_PROXY, HTTPS_PROXY and NO_PROXY as they apply to a URL; nothing else is taken from the environment."""
    return get_environ_proxies(url)
