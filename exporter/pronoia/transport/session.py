"""UpstreamSession: requests to one upstream, with everything that must hold for each of them."""

from __future__ import annotations

import http.client
import itertools
import logging
import random
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
import urllib3.exceptions

from pronoia.errors import DecodeError, ResponseTooLarge, UpstreamError, UpstreamTimeout, UpstreamUnreachable
from pronoia.transport.backoff import RETRIED_STATUSES, backoff_seconds, retry_after_seconds
from pronoia.transport.body import read_body
from pronoia.transport.connection import UpstreamAdapter, body_stream, environment_proxies
from pronoia.transport.credentials import Credentials
from pronoia.transport.deadline import Deadline
from pronoia.transport.failures import TlsFailure, connection_error, redirect_error, status_error
from pronoia.transport.observer import SilentObserver
from pronoia.transport.reply import Reply
from pronoia.transport.tls import file_marks, tls_context
from pronoia.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pronoia.transport.file_mark import FileMark
    from pronoia.transport.observer import RequestObserver
    from pronoia.transport.settings import UpstreamSettings

_log = logging.getLogger(__name__)
_MOST_REDIRECTS = 3
# 303 is not among them: it asks for a GET of something else.
_REDIRECTS = frozenset({301, 302, 307, 308})
_ERROR_BODY_BYTES = 1 << 16
# snappy is part of remote-read. gzip is not asked for: Prometheus compresses JSON at some 12 MB/s, slower than
# most networks carry it plain, and on the CPU of the server that is being watched.
_ENCODINGS = frozenset({"identity", "snappy"})


@dataclass(frozen=True, slots=True)
class Call:
    """One request to be made, perhaps several times.

    Args:
        method: `GET` or `POST`.
        path: below the upstream's url, such as `/api/v1/read`.
        body: what is sent; empty for none.
        headers: about the body and the answer wanted; credentials and extra headers are the session's to add.
    """

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class UpstreamSession:
    """Keeps connections to one upstream, and to no other.

    For every call: TLS is verified; credentials and extra headers go to the configured origin alone; the whole
    call, retries and waiting for a slot included, ends by its deadline; no more than `max_in_flight` requests run
    at a time over all threads; bodies are read against limits; connection errors, 429, 502, 503 and 504 are tried
    again with exponential backoff and full jitter, not before a Retry-After. Cookies, .netrc and CA bundles named
    in the environment are ignored; HTTP_PROXY, HTTPS_PROXY and NO_PROXY are honoured. Safe to share by threads.

    Args:
        settings: the upstream.
        observer: told about retries, here, and about finished requests by the clients.
        clock: monotonic seconds.
        sleep: waits for that many seconds.
        rng: jitter of the backoff.
    """

    def __init__(
        self,
        settings: UpstreamSettings,
        observer: RequestObserver | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Any] = time.sleep,
        rng: random.Random | None = None,
    ) -> None:
        self.settings = settings
        self.observer = observer or SilentObserver()
        self.clock = clock
        self._sleep = sleep
        self._rng = rng or random.Random()  # noqa: S311 - jitter, not a secret
        self._slots = threading.BoundedSemaphore(settings.max_in_flight)
        self._adapter_lock = threading.Lock()
        self._adapter: UpstreamAdapter | None = None
        self._adapter_files: tuple[FileMark, ...] = ()
        if settings.tls.insecure_skip_verify:
            _log.warning("upstream %s: TLS is not verified (insecure_skip_verify)", settings.name)
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def deadline(self) -> Deadline:
        """A new allowance for one whole read, which may take several calls."""
        return Deadline(self.settings.timeout_seconds, self.clock)

    def close(self) -> None:
        """Close the connections kept open; the session can still be used."""
        with self._adapter_lock:
            if self._adapter:
                self._adapter.close()
            self._adapter = None

    def send(self, call: Call, deadline: Deadline) -> Reply:
        """Make a call and return its answer, which is one with status 200.

        Raises:
            UpstreamUnreachable: no connection, TLS not verified, or an answer cut off.
            UpstreamTimeout: the deadline passed first.
            UpstreamStatus: another status, or a redirect to another origin.
            ResponseTooLarge: a body over the limit, declared or received.
            DecodeError: a content encoding that was not asked for.
            ConfigError: a secret or certificate file that cannot be used.
        """
        for attempt in itertools.count():
            failure: UpstreamError
            pause_seconds = 0.0
            try:
                credentials = Credentials.of(self.settings)
                reply = self._follow(call, credentials, deadline)
            except TlsFailure:
                raise
            except UpstreamUnreachable as error:
                failure = error
            else:
                if reply.status == requests.codes.ok:
                    return _decodable(reply)
                failure = status_error(reply, credentials)
                if reply.status not in RETRIED_STATUSES:
                    raise failure
                pause_seconds = retry_after_seconds(reply.headers.get("Retry-After"))
            pause_seconds = max(pause_seconds, backoff_seconds(attempt, self._rng))
            if attempt >= self.settings.max_retries or pause_seconds >= deadline.remaining():
                raise failure
            self.observer.on_retry(self.settings.name, failure.cause)
            _log.debug("upstream %s: trying again in %.2f s: %s", self.settings.name, pause_seconds, failure)
            self._sleep(pause_seconds)
        raise AssertionError  # the loop above has no end of its own

    def _follow(self, call: Call, credentials: Credentials, deadline: Deadline) -> Reply:
        url = self.settings.endpoint(call.path)
        for _ in range(_MOST_REDIRECTS):
            reply = self._exchange(call, url, credentials, deadline)
            location = reply.headers.get("Location")
            if reply.status not in _REDIRECTS or not location:
                return reply
            target = urljoin(url, location)
            if _origin(target) != _origin(url):
                break
            url = target
        raise redirect_error(reply, credentials.redact(target))

    def _exchange(self, call: Call, url: str, credentials: Credentials, deadline: Deadline) -> Reply:
        if not self._slots.acquire(timeout=deadline.remaining()):
            raise UpstreamTimeout(
                f"{url}: {self.settings.max_in_flight} other reads were in flight for all of {deadline.seconds:g} s"
            )
        try:
            with deadline.in_force():
                return self._receive(self._transmit(call, url, credentials, deadline), url)
        except (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as error:
            failure = connection_error(error, url)
            if isinstance(failure, UpstreamTimeout):
                failure = self._timeout(url, deadline)
            # The libraries' messages may hold headers: they are not chained on.
            raise failure from None
        finally:
            self._slots.release()

    def _transmit(self, call: Call, url: str, credentials: Credentials, deadline: Deadline) -> requests.Response:
        headers: dict[str, str | bytes] = {"User-Agent": f"pronoia/{__version__}", "Accept-Encoding": "identity"}
        headers.update((name, value.encode()) for name, value in self.settings.headers.items())
        headers.update(call.headers)
        if credentials.header:
            headers["Authorization"] = credentials.header
        request = requests.Request(call.method, url, headers=headers, data=call.body or None).prepare()
        left_seconds = max(deadline.remaining(), 1e-3)
        return self._current_adapter().send(
            request,
            stream=True,
            timeout=(min(left_seconds, self.settings.connect_timeout_seconds), left_seconds),
            verify=not self.settings.tls.insecure_skip_verify,
            proxies=environment_proxies(url),
        )

    def _receive(self, response: requests.Response, url: str) -> Reply:
        limit_bytes = self.settings.limits.max_response_bytes
        is_ok = response.status_code == requests.codes.ok
        stream = body_stream(response)
        declared = stream.length
        is_whole = False
        try:
            try:
                received = read_body(stream, declared, limit_bytes if is_ok else _ERROR_BODY_BYTES)
                is_whole = True
            except ResponseTooLarge:
                if is_ok:
                    raise
                received = memoryview(b"")
        finally:
            if is_whole:
                response.raw.release_conn()
            else:
                response.raw.close()
        return Reply(
            url=url,
            status=response.status_code,
            headers=response.headers,
            body=received,
            is_delimited=declared is not None or bool(stream.chunked),
        )

    def _current_adapter(self) -> UpstreamAdapter:
        tls = self.settings.tls
        with self._adapter_lock:
            files = file_marks(tls)
            if self._adapter is None or files != self._adapter_files:
                # The old adapter's connections end with the requests that still use them.
                self._adapter = UpstreamAdapter(tls_context(tls), tls.server_name, self.settings.max_in_flight)
                self._adapter_files = files
            return self._adapter

    def _timeout(self, url: str, deadline: Deadline) -> UpstreamTimeout:
        if deadline.remaining() > 0:
            return UpstreamTimeout(f"{url}: no connection within {self.settings.connect_timeout_seconds:g} s")
        return UpstreamTimeout(f"{url}: no complete answer within {deadline.seconds:g} s")


def _decodable(reply: Reply) -> Reply:
    encoding = reply.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in _ENCODINGS:
        raise DecodeError(f"{reply.url}: content encoding is {encoding}, which was not asked for")
    return reply


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    default_port = 443 if parts.scheme == "https" else 80
    return parts.scheme, parts.hostname or "", parts.port or default_port
