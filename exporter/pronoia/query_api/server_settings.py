"""What a server tells of itself that decides what an expression means to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from pronoia.errors import DecodeError, UpstreamStatus
from pronoia.query_api.answer import parse_json
from pronoia.transport.session import Call

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pronoia.transport.deadline import Deadline
    from pronoia.transport.session import UpstreamSession

# As Prometheus writes durations: prometheus/common model/time.go.
_DURATION_PART = re.compile(r"([0-9]+)(ms|[smhdwy])")
_UNITS_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000, "y": 31_536_000_000}
# The whole configuration may be megabytes of scrape jobs, its global section is a few lines.
_GLOBAL_SECTION = re.compile(r"^global:\n(?:[ \t].*\n?)*", re.MULTILINE)
# Statuses that say "not now" and not "not here".
_LATER = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What was told; None for what was not, as by proxies and by stores that only speak like Prometheus.

    Args:
        version: of Prometheus itself; other products number their versions differently.
        lookback_ms: `--query.lookback-delta`.
        evaluation_interval_ms: `global.evaluation_interval`, the step of subqueries that name none.
    """

    version: str | None = None
    lookback_ms: int | None = None
    evaluation_interval_ms: int | None = None


def ask_server_settings(session: UpstreamSession, deadline: Deadline) -> ServerSettings:
    """Ask three status pages; what a page does not tell, or is not there, is None.

    Raises:
        UpstreamError: if the server cannot be reached, or says to come later.
    """
    return ServerSettings(
        _version(_status(session, "buildinfo", deadline)),
        _milliseconds(_status(session, "flags", deadline).get("query.lookback-delta")),
        _milliseconds(_evaluation_interval(_status(session, "config", deadline))),
    )


def _status(session: UpstreamSession, page: str, deadline: Deadline) -> Mapping[str, Any]:
    try:
        reply = session.send(
            Call("GET", f"/api/v1/status/{page}", headers={"Accept": "application/json"}),
            deadline,
        )
        data = parse_json(bytes(reply.body)).get("data")
    except UpstreamStatus as error:
        if error.status in _LATER:
            raise
        return {}
    except DecodeError:
        return {}
    return data if isinstance(data, dict) else {}


def _version(buildinfo: Mapping[str, Any]) -> str | None:
    version = buildinfo.get("version")
    # Mimir names itself; Thanos counts from 0, which Prometheus left behind in 2016.
    is_prometheus = buildinfo.get("application", "Prometheus") == "Prometheus"
    return version if isinstance(version, str) and is_prometheus and not version.startswith("0.") else None


def _evaluation_interval(config: Mapping[str, Any]) -> Any:
    text = config.get("yaml")
    found = _GLOBAL_SECTION.search(text) if isinstance(text, str) else None
    if not found:
        return None
    try:
        section = yaml.safe_load(found[0])["global"]
    except yaml.YAMLError:
        return None
    return section.get("evaluation_interval") if isinstance(section, dict) else None


def _milliseconds(duration: Any) -> int | None:
    """A positive duration as Prometheus writes it.

    >>> _milliseconds("1h30m"), _milliseconds("0s"), _milliseconds(None)
    (5400000, None, None)
    """
    if not isinstance(duration, str) or _DURATION_PART.sub("", duration):
        return None
    return sum(int(count) * _UNITS_MS[unit] for count, unit in _DURATION_PART.findall(duration)) or None
