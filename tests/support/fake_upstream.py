"""An HTTP server on loopback that answers as a test tells it to, well or badly."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator
    from typing import Self


@dataclass(frozen=True)
class Received:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Handler(BaseHTTPRequestHandler):
    """What a test's answer function gets: the request, and ways to answer it."""

    protocol_version = "HTTP/1.1"
    received: Received

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_CONNECT(self) -> None:
        self._answer()

    def reply(
        self,
        status: int = 200,
        body: bytes = b"ok",
        content_type: str = "text/plain",
        headers: dict[str, str] | None = None,
        length: int | None = None,
    ) -> None:
        """A whole answer; `length` declares another Content-Length than the true one."""
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        if length not in (None, len(body)):
            self.close_connection = True

    def reply_chunked(
        self, chunks: Iterator[bytes], content_type: str = "text/plain", *, is_ended: bool = True
    ) -> None:
        """An answer in HTTP chunks; without the last one if it is not to be ended."""
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for chunk in chunks:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        if is_ended:
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Tests read what the client says."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.received = Received(self.command, self.path, dict(self.headers), body)
        server = self.server
        assert isinstance(server, _Server)
        server.owner.received.append(self.received)
        # The client may have given up, which is what some tests are about.
        with contextlib.suppress(OSError):
            server.owner.answer(self)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    owner: FakeUpstream

    def handle_error(self, request: object, client_address: object) -> None:
        """A handshake that fails is part of the test."""


@dataclass
class FakeUpstream:
    """Answers with a function; remembers what it was asked. A context manager.

    Args:
        answer: called for each request, in a thread of its own.
        tls: the server's context, for https.
        host: as it stands in the url.
    """

    answer: Callable[[Handler], None] = Handler.reply
    tls: ssl.SSLContext | None = None
    host: str = "127.0.0.1"
    received: list[Received] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.owner = self
        if self.tls:
            self._server.socket = self.tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        # Answers still being sent are not waited for.
        self._server.block_on_close = False
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"
