"""Guard: what `--web.config.file` asks of every request, in front of an application."""

from __future__ import annotations

import base64
import logging
import time
from typing import TYPE_CHECKING

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

from pronoia.errors import ConfigError
from pronoia.web.passwords import PasswordChecker
from pronoia.web.rate_limit import TokenBucket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from _typeshed import OptExcInfo

    from pronoia.web.web_config import WebConfigFile
    from pronoia.web.web_config_schema import RateLimit, WebSettings

_log = logging.getLogger(__name__)


class Guard:
    """A WSGI application around another: rate limit, then headers, then basic authentication.

    The file is looked at anew for each request. While it cannot be used every request is answered with 500: a
    mistake never opens the door.

    Args:
        app: the application behind it.
        web_config: the file.
        clock: monotonic seconds.
    """

    def __init__(
        self, app: WSGIApplication, web_config: WebConfigFile, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self._web_config = web_config
        self._clock = clock
        self._passwords = PasswordChecker()
        self._limit: tuple[RateLimit, TokenBucket] | None = None
        self._told = ""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        try:
            settings = self._web_config.current()
        except ConfigError as error:
            self._tell(str(error))
            return _text("The web configuration cannot be used; see the log.", 500)(environ, start_response)
        if not self._within_rate(settings.rate_limit):
            return _text("Too many requests.", 429)(environ, start_response)
        start_response = _with_headers(start_response, settings.http_server_config.headers)
        if settings.basic_auth_users and not self._is_let_in(settings, environ.get("HTTP_AUTHORIZATION", "")):
            refusal = _text("Unauthorized", 401)
            refusal.headers["WWW-Authenticate"] = 'Basic realm="pronoia", charset="UTF-8"'
            return refusal(environ, start_response)
        if settings.basic_auth_users:
            # As CGI names it (RFC 3875, 4.1.11): whoever asks for a user need not check the password again.
            environ["REMOTE_USER"] = _user(environ.get("HTTP_AUTHORIZATION", ""))
        return self._app(environ, start_response)

    def _tell(self, problem: str) -> None:
        if problem != self._told:
            self._told = problem
            _log.error("every request is refused until the web configuration is right: %s", problem)

    def _within_rate(self, wanted: RateLimit) -> bool:
        if not wanted.interval.milliseconds:
            return True
        now = self._clock()
        if self._limit is None or self._limit[0] != wanted:
            self._limit = wanted, TokenBucket(wanted.interval.seconds, wanted.burst, now)
        return self._limit[1].take(now)

    def _is_let_in(self, settings: WebSettings, authorization: str) -> bool:
        scheme, _, credentials = authorization.partition(" ")
        if scheme.lower() != "basic":
            return False
        try:
            user, colon, password = base64.b64decode(credentials.strip(), validate=True).partition(b":")
            return bool(colon) and self._passwords.is_right(settings.basic_auth_users, user.decode(), password)
        except ValueError:
            # Not base64, or not UTF-8.
            return False


def _user(authorization: str) -> str:
    return base64.b64decode(authorization.partition(" ")[2].strip()).partition(b":")[0].decode()


def _text(message: str, status: int) -> Response:
    return Response(f"{message}\n", status, content_type="text/plain; charset=utf-8")


def _with_headers(start_response: StartResponse, wanted: Mapping[str, str]) -> StartResponse:
    if not wanted:
        return start_response

    def start(
        status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None, /
    ) -> Callable[[bytes], object]:
        merged = Headers(headers)
        for name, value in wanted.items():
            merged[name] = value
        return start_response(status, merged.to_wsgi_list(), exc_info)

    return start
