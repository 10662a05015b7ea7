"""Receivers of alerts on loopback: one that speaks HTTP as Slack and PagerDuty do, and an SMTP server."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from support.processes import free_port


@dataclass
class Received:
    """One message: when, where, and what."""

    at_seconds: float
    path: str
    body: Any

    @property
    def text(self) -> str:
        """All of it as text, to look for words in."""
        return self.body if isinstance(self.body, str) else json.dumps(self.body)


class HttpReceiver:
    """Takes JSON posts and keeps them; answers as PagerDuty does, which is fine for Slack, too. A context manager."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.received.append(Received(time.time(), self.path, json.loads(body)))
                # Slack says ok, PagerDuty 202.
                answer = b"ok" if self.path.startswith("/slack") else b'{"status": "success"}'
                self.send_response(200 if self.path.startswith("/slack") else 202)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """Its base address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def of(self, path: str, *words: str) -> list[Received]:
        """Messages to a path that hold all the words."""
        return [each for each in self.received if each.path == path and all(word in each.text for word in words)]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class MailReceiver:
    """An SMTP server that keeps what it gets; a context manager. Needs aiosmtpd."""

    received: list[Received] = field(default_factory=list)
    port: int = field(default_factory=free_port)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep one mail: its subject, recipients and text."""
        mail = message_from_bytes(envelope.content)
        text = "\n".join(str(part.get_payload(decode=True)) for part in mail.walk() if not part.is_multipart())
        self.received.append(Received(time.time(), ",".join(envelope.rcpt_tos), f"{mail['Subject']}\n{text}"))
        return "250 OK"

    def of(self, *words: str) -> list[Received]:
        """Mails that hold all the words."""
        return [each for each in self.received if all(word in each.text for word in words)]

    def __enter__(self) -> Self:
        from aiosmtpd.controller import Controller

        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()
