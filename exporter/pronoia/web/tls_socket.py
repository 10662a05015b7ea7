"""TLS on cheroot's sockets: the context anew for each connection, the handshake in the worker's thread."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from cheroot.errors import FatalSSLAlert
from cheroot.makefile import MakeFile
from cheroot.server import HTTPConnection
from cheroot.ssl import Adapter

from pronoia.errors import ConfigError

if TYPE_CHECKING:
    import socket
    import ssl
    from typing import Any

    from pronoia.web.tls import TlsContexts

_log = logging.getLogger(__name__)


class TlsAdapter(Adapter):
    """Wraps accepted sockets. Cheroot's own adapter fixes the certificate at the start."""

    def __init__(self, contexts: TlsContexts) -> None:
        self._contexts = contexts

    def bind(self, sock: socket.socket) -> socket.socket:
        """The listening socket needs nothing."""
        return sock

    def wrap(self, sock: socket.socket) -> tuple[ssl.SSLSocket, dict[str, str]]:
        """The connection's socket and what the application is told of it."""
        try:
            context = self._contexts.current()
        except ConfigError as error:
            _log.error("a connection is refused until the web configuration is right: %s", error)
            sock.close()
            raise FatalSSLAlert(str(error)) from error
        # The thread that accepts connections must not wait for a slow client.
        wrapped = context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        return wrapped, self.get_environ()

    def get_environ(self) -> dict[str, str]:
        """For the WSGI environment."""
        return {"wsgi.url_scheme": "https", "HTTPS": "on"}

    def makefile(self, sock: ssl.SSLSocket, mode: str = "r", bufsize: int = -1) -> Any:
        """A file of the socket."""
        return MakeFile(sock, mode, bufsize)


class TlsConnection(HTTPConnection):
    """A connection that shakes hands before its first request."""

    _has_shaken_hands = False

    def communicate(self) -> bool:
        """Answer the next request; whether to keep the connection."""
        if not self._has_shaken_hands:
            try:
                self.socket.do_handshake()
            except OSError as error:
                _log.debug("no TLS with %s: %s", self.remote_addr, error)
                return False
            self._has_shaken_hands = True
        untyped: Any = super()
        return bool(untyped.communicate())
