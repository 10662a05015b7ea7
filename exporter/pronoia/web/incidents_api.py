"""`POST /alertmanager/webhook`, and what became of it: `/incidents`."""

from __future__ import annotations

import json
import logging
import threading
from typing import TYPE_CHECKING

from flask import Response, request

from pronoia.alerting.described import described
from pronoia.alerting.payload import PayloadError, parse_payload
from pronoia.errors import StateError
from pronoia.predictions.incident import OUTCOMES, VERDICTS
from pronoia.web import api_json, responses
from pronoia.web.api_json import ApiError
from pronoia.web.parameters import TRUNCATED, read_page, refuse_unknown

if TYPE_CHECKING:
    from pronoia.pipeline.alert_bridge import AlertBridge
    from pronoia.predictions.incident import Incident

_log = logging.getLogger(__name__)
_CHUNK_BYTES = 1 << 16
_MAX_FEEDBACK_BYTES = 1 << 16
_LONGEST_NOTE = 4096
# Large messages are read and decoded by so many threads at a time: the others stay free for scrapes.
_AT_A_TIME = 2
_WAIT_SECONDS = 2.0
_STATES = ("open", "closed", *OUTCOMES)


class IncidentsApi:
    """The webhook, and incidents as JSON. Whoever may not is told so before anything is read.

    Args:
        bridge: takes up what is told.
    """

    def __init__(self, bridge: AlertBridge) -> None:
        self._bridge = bridge
        self._places = threading.BoundedSemaphore(_AT_A_TIME)

    def webhook(self) -> Response:
        """Take up a message of Alertmanager: 200 once it is kept. Only 5xx is sent again."""
        if objection := self._objection():
            return self._refused(*objection)
        length, limit = request.content_length, self._bridge.max_message_bytes
        if length is not None and length > limit:
            return self._refused("too_large", f"at most {limit} bytes are read", 413)
        if not self._places.acquire(timeout=_WAIT_SECONDS):
            return self._refused("busy", "other messages are being read", 503)
        try:
            self._bridge.receive(parse_payload(_read(limit)))
        except PayloadError as error:
            return self._refused(error.cause, str(error), 413 if error.cause == "too_large" else 400)
        except StateError as error:
            _log.error("a message of Alertmanager was not kept: %s", error)
            return self._refused("store", "it cannot be kept now", 503)
        finally:
            self._places.release()
        return responses.text("OK")

    def incidents(self) -> Response:
        """Those of `state` and `verdict`, the newest first, `limit` from the `offset`-th on.

        Raises:
            ApiError: if a parameter is unknown or not readable; status 400.
        """
        refuse_unknown(("state", "verdict", "limit", "offset"))
        first, end = read_page()
        state, verdict = _choice("state", _STATES), _choice("verdict", VERDICTS)
        total, found = self._bridge.store.page(state=state, verdict=verdict, first=first, count=end - first)
        shown = {"total": total, "incidents": [described(incident) for incident in found]}
        return api_json.data(shown, [TRUNCATED] if end < total else [])

    def incident(self, incident_id: str) -> Response:
        """One incident.

        Raises:
            ApiError: if there is none; status 404.
        """
        return api_json.data(described(self._found(incident_id)))

    def report(self, incident_id: str) -> Response:
        """The report on one incident, in Markdown.

        Raises:
            ApiError: if there is none; status 404.
        """
        text = self._bridge.report(self._found(incident_id))
        return Response(text, content_type="text/markdown; charset=utf-8")

    def feedback(self, incident_id: str) -> Response:
        """Write down a person's verdict, and a note.

        Raises:
            ApiError: if nobody may, or it is not readable, or there is no such incident.
        """
        if objection := self._objection():
            _drain()
            _, message, status = objection
            raise ApiError(message, status, "unauthorized" if status == 401 else "unavailable")
        try:
            said = json.loads(_read(_MAX_FEEDBACK_BYTES))
        except (ValueError, RecursionError, PayloadError):
            _drain()
            said = None
        if not isinstance(said, dict):
            raise ApiError('a JSON object such as {"verdict": "useful", "note": "..."} is needed')
        verdict, note = said.get("verdict"), said.get("note", "")
        if verdict not in VERDICTS:
            raise ApiError(f'"verdict" must be {", ".join(VERDICTS[:-1])} or {VERDICTS[-1]}, got {verdict!r:.40}')
        if not isinstance(note, str) or len(note) > _LONGEST_NOTE or "\0" in note or not _is_text(note):
            raise ApiError(f'"note" must be text of at most {_LONGEST_NOTE} characters')
        try:
            judged = self._bridge.judge(incident_id, verdict, note)
        except StateError as error:
            raise ApiError(str(error), 503, "unavailable") from error
        if judged is None:
            raise ApiError(f"there is no incident {incident_id!r:.40}", 404, "not_found")
        return api_json.data(described(judged))

    def _objection(self) -> tuple[str, str, int] | None:
        """Why whoever asks may not: reason, message and status; None if they may."""
        # Whoever --web.config.file has let in as one of its users may; REMOTE_USER is not of the client's making.
        if request.environ.get("REMOTE_USER"):
            return None
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            return "unauthenticated", "a bearer token is needed", 401
        try:
            is_token = self._bridge.is_token(token.strip())
        except StateError as error:
            # 401 would be final, and what Alertmanager tells would be lost. The file's path is for the log alone.
            _log.error("%s: a request is refused", error)
            return "token_unreadable", "the token to compare with cannot be read now", 503
        return None if is_token else ("unauthenticated", "the token is wrong", 401)

    def _refused(self, reason: str, message: str, status: int) -> Response:
        self._bridge.rejected(reason)
        _drain()
        response = responses.text(message, status)
        if status == 401:
            response.headers["WWW-Authenticate"] = 'Bearer realm="pronoia"'
        return response

    def _found(self, incident_id: str) -> Incident:
        incident = self._bridge.store.get(incident_id)
        if incident is None:
            raise ApiError(f"there is no incident {incident_id!r:.40}", 404, "not_found")
        return incident


def _is_text(text: str) -> bool:
    """Whether it can be written down: JSON may hold lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _choice(name: str, known: tuple[str, ...]) -> str:
    value = request.args.get(name, "")
    if value and value not in known:
        raise ApiError(f'invalid parameter "{name}": {value!r:.40} is none of {", ".join(known)}')
    return value


def _read(limit_bytes: int) -> bytes:
    """The body; what is not wanted is not kept.

    Raises:
        PayloadError: if it is larger than the limit.
    """
    pieces, size = [], 0
    while piece := request.stream.read(min(_CHUNK_BYTES, limit_bytes + 1 - size)):
        pieces.append(piece)
        size += len(piece)
        if size > limit_bytes:
            raise PayloadError("too_large", f"at most {limit_bytes} bytes are read")
    return b"".join(pieces)


def _drain() -> None:
    # The server would read what is left in one piece, to keep the connection.
    while request.stream.read(_CHUNK_BYTES):
        pass
