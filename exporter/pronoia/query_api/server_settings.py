"""What a server tells of itself that decides what an expression means to it, page by page."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from pronoia.errors import DecodeError, UpstreamStatus
from pronoia.query_api.answer import parse_json
from pronoia.series import LabelSet
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
class GlobalSection:
    """What the `global` section of a server's configuration tells; nothing, where the server does not show it.

    Args:
        evaluation_interval_ms: the step of subqueries that name none.
        external_labels: added to every series that leaves the server, as by remote-read.
    """

    evaluation_interval_ms: int | None = None
    external_labels: LabelSet = field(default_factory=LabelSet)


def ask_version(session: UpstreamSession, deadline: Deadline) -> str | None:
    """The version of a Prometheus; other products number their versions differently.

    Returns:
        None from proxies and from stores that only speak like Prometheus.

    Raises:
        UpstreamError: if the server cannot be reached, or says to come later.
    """
    buildinfo = _status(session, "buildinfo", deadline)
    version = buildinfo.get("version")
    # Mimir names itself; Thanos counts from 0, which Prometheus left behind in 2016.
    is_prometheus = buildinfo.get("application", "Prometheus") == "Prometheus"
    return version if isinstance(version, str) and is_prometheus and not version.startswith("0.") else None


def ask_lookback_ms(session: UpstreamSession, deadline: Deadline) -> int | None:
    """`--query.lookback-delta`; None where it is not told.

    Raises:
        UpstreamError: if the server cannot be reached, or says to come later.
    """
    return _milliseconds(_status(session, "flags", deadline).get("query.lookback-delta"))


def ask_global_section(session: UpstreamSession, deadline: Deadline) -> GlobalSection:
    """What the server's configuration says for everything in it.

    Raises:
        UpstreamError: if the server cannot be reached, or says to come later.
    """
    section = _global_section(_status(session, "config", deadline).get("yaml"))
    labels = section.get("external_labels")
    return GlobalSection(
        _milliseconds(section.get("evaluation_interval")),
        LabelSet(labels if isinstance(labels, dict) else {}),
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


def _global_section(text: Any) -> Mapping[str, Any]:
    found = _GLOBAL_SECTION.search(text) if isinstance(text, str) else None
    if not found:
        return {}
    try:
        # Every scalar stays the text that it is: labels are text, also where they look like numbers.
        section = yaml.load(found[0], Loader=yaml.BaseLoader)["global"]  # noqa: S506 - makes texts, lists and maps only
    except yaml.YAMLError:
        return {}
    return section if isinstance(section, dict) else {}


def _milliseconds(duration: Any) -> int | None:
    """A positive duration as Prometheus writes it.

    >>> _milliseconds("1h30m"), _milliseconds("0s"), _milliseconds(None)
    (5400000, None, None)
    """
    if not isinstance(duration, str) or _DURATION_PART.sub("", duration):
        return None
    return sum(int(count) * _UNITS_MS[unit] for count, unit in _DURATION_PART.findall(duration)) or None
