"""From what the HTTP libraries raise to one clear sentence and a type of ours."""

from __future__ import annotations

import errno
import http.client
import json
import re
import ssl
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import requests
import urllib3.exceptions

from pronoia.errors import DecodeError, UpstreamError, UpstreamStatus, UpstreamTimeout, UpstreamUnreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pronoia.transport.credentials import Credentials
    from pronoia.transport.reply import Reply

_Cause = TypeVar("_Cause", bound=BaseException)
_SHOWN_CHARACTERS = 200

_UNKNOWN_CA = "is from an unknown CA ({}); name its CA as ca_file"
# X509_V_ERR_* of openssl-verification-options(1).
_CERTIFICATE_FAULTS = {
    2: _UNKNOWN_CA,
    9: "is not valid yet",
    10: "has expired",
    18: _UNKNOWN_CA,
    19: _UNKNOWN_CA,
    20: _UNKNOWN_CA,
    21: _UNKNOWN_CA,
    62: "is for another name ({})",
    64: "is for another address ({})",
}


class TlsFailure(UpstreamUnreachable):
    """The peer could not be trusted, or did not trust us; asking again changes nothing."""

    cause = "tls"


class UnknownHost(UpstreamUnreachable):
    """The host name has no address."""

    cause = "unknown_host"


class TruncatedBody(UpstreamUnreachable):
    """The connection ended before the body did."""

    cause = "truncated"


class WrongContentType(DecodeError):
    """The body is of another kind than what was asked for."""

    cause = "content_type"


def connection_error(error: Exception, url: str) -> UpstreamError:
    """What went wrong with a connection, as one of ours.

    Args:
        error: raised by requests, urllib3, http.client or the socket.
        url: the address asked.
    """
    chain = list(_causes(error))
    host = urlsplit(url).hostname or url
    kind: type[UpstreamError] = UpstreamUnreachable
    if (tls := _first(chain, ssl.SSLError)) and not isinstance(tls, ssl.SSLEOFError):
        kind, reason = TlsFailure, _tls_reason(tls, host)
    elif _first(chain, http.client.IncompleteRead):
        kind, reason = TruncatedBody, "truncated body: the connection ended before the answer was complete"
    elif _first(chain, urllib3.exceptions.NameResolutionError):
        kind, reason = UnknownHost, f"unknown host {host!r}"
    elif _first(chain, ConnectionRefusedError):
        reason = f"connection refused: nothing listens at {_address(url)}"
    elif _first(chain, urllib3.exceptions.ProxyError):
        reason = "the proxy named by HTTP_PROXY or HTTPS_PROXY could not be used"
    elif _first(chain, TimeoutError, requests.Timeout, urllib3.exceptions.TimeoutError):
        kind, reason = UpstreamTimeout, "no complete answer in time"
    elif _first(chain, http.client.RemoteDisconnected):
        reason = "the server closed the connection without an answer"
    else:
        reason = _last_words(chain)
    if (
        kind is UpstreamUnreachable
        and url.startswith("https:")
        and _first(chain, ConnectionResetError, BrokenPipeError, ssl.SSLEOFError)
    ):
        # In TLS 1.3 the refusal may be lost: the server hangs up on a request that was already on its way.
        reason += " (so do servers that want a client certificate)"
    return kind(f"{url}: {reason}")


def status_error(reply: Reply, credentials: Credentials) -> UpstreamStatus:
    """An answer that is not 200, with what the server said and, where that matters, what we had sent."""
    try:
        phrase = f"{reply.status} {HTTPStatus(reply.status).phrase}"
    except ValueError:
        phrase = str(reply.status)
    said = credentials.redact(said_by(reply))
    message = f"{reply.url}: HTTP {phrase}"
    if reply.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        message += f" ({credentials.description})"
    return UpstreamStatus(reply.status, f"{message}: {said}" if said else message)


def redirect_error(reply: Reply, target: str) -> UpstreamStatus:
    """A redirect that is not followed: to another origin, or one too many."""
    # A login page's address carries state that is nobody's business.
    parts = urlsplit(target)
    target = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    return UpstreamStatus(
        reply.status,
        f"{reply.url}: HTTP {reply.status} redirects to {target}, which is not followed: credentials are sent to the "
        f"configured address alone; if that is where the server is, make it the upstream's url",
    )


def wrong_content_type(reply: Reply, wanted: str) -> WrongContentType:
    """An answer of another kind; a login page mostly."""
    got = reply.content_type or "none"
    hint = " (a login page or a user interface?)" if got == "text/html" else ""
    return WrongContentType(f"{reply.url}: content type is {got}{hint}, {wanted} is needed")


def said_by(reply: Reply) -> str:
    """The start of an error answer on one line; the `error` of an API answer; nothing of a page."""
    text = bytes(reply.body[: 16 * _SHOWN_CHARACTERS]).decode("utf-8", "replace")
    if reply.content_type == "text/html" or text.lstrip()[:1] == "<":
        return "(an HTML page)"
    try:
        answer = json.loads(text)
        text = f"{answer['errorType']}: {answer['error']}"
    except (ValueError, TypeError, KeyError):
        pass
    line = re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", " ", text).strip()
    return line if len(line) <= _SHOWN_CHARACTERS else line[:_SHOWN_CHARACTERS] + "..."


def _tls_reason(error: ssl.SSLError, host: str) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        fault = _CERTIFICATE_FAULTS.get(error.verify_code, "is refused ({})")
        return "TLS: the server's certificate " + fault.format(error.verify_message.rstrip("."))
    reason = (error.reason or str(error)).replace("_", " ").lower()
    if "wrong version number" in reason or "record layer failure" in reason:
        return f"TLS: {host} does not speak TLS there; is the url's scheme http?"
    if any(words in reason for words in ("certificate required", "handshake failure", "bad certificate")):
        return f"TLS: the server refuses our client certificate or wants one ({reason})"
    return f"TLS: {reason}"


def _first(chain: list[BaseException], *kinds: type[_Cause]) -> _Cause | None:
    return next((cause for cause in chain if isinstance(cause, kinds)), None)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all it was made from: causes, contexts, and the `reason` and arguments urllib3 wraps."""
    waiting: list[BaseException] = [error]
    seen: set[int] = set()
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        inner = (current.__cause__, current.__context__, getattr(current, "reason", None), *current.args)
        waiting.extend(cause for cause in inner if isinstance(cause, BaseException))


def _address(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def _last_words(chain: list[BaseException]) -> str:
    for cause in reversed(chain):
        if isinstance(cause, OSError) and cause.errno is not None:
            return f"connection failed: {(cause.strerror or errno.errorcode.get(cause.errno, 'unknown')).lower()}"
    return f"connection failed: {type(chain[-1]).__name__}"
