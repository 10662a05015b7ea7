"""Which exposition format and which encoding a scraper wants (RFC 9110, section 12.5)."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class ExpositionFormat(Enum):
    """The formats on offer; the value is the Content-Type."""

    TEXT = "text/plain; version=0.0.4; charset=utf-8"
    # From 1.0.0 on, the type names the escaping of metric and label names.
    OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"


def negotiate_format(accept: str) -> ExpositionFormat:
    """The acceptable format with the highest weight, the first of equals; text if none matches.

    >>> negotiate_format("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.7").name
    'TEXT'
    >>> negotiate_format("application/openmetrics-text; version=1.0.0, */*; q=0.1").name
    'OPENMETRICS'
    """
    best, best_weight = ExpositionFormat.TEXT, 0.0
    for media_type, parameters, weight in _entries(accept):
        offered = _offered(media_type, parameters.get("version", ""))
        if offered is not None and weight > best_weight:
            best, best_weight = offered, weight
    return best


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether gzip may be sent, and plain bytes are not preferred to it.

    >>> accepts_gzip("gzip, deflate"), accepts_gzip("gzip;q=0"), accepts_gzip("*"), accepts_gzip("")
    (True, False, True, False)
    >>> accepts_gzip("identity, gzip;q=0.5")
    False
    """
    weights = {coding: weight for coding, _, weight in _entries(accept_encoding)}
    gzip_weight = weights.get("gzip", weights.get("*", 0.0))
    return gzip_weight > 0.0 and gzip_weight >= weights.get("identity", 0.0)


def _offered(media_type: str, version: str) -> ExpositionFormat | None:
    if media_type == "application/openmetrics-text" and version in ("", "1.0.0"):
        return ExpositionFormat.OPENMETRICS
    if media_type == "text/plain" and version in ("", "0.0.4"):
        return ExpositionFormat.TEXT
    return ExpositionFormat.TEXT if media_type in ("*/*", "text/*") else None


def _entries(header: str) -> Iterator[tuple[str, dict[str, str], float]]:
    for entry in header.split(","):
        value, *pairs = (part.strip() for part in entry.lower().split(";"))
        parameters = {
            name.strip(): setting.strip().strip('"') for name, _, setting in (pair.partition("=") for pair in pairs)
        }
        try:
            weight = float(parameters.get("q", "1"))
        except ValueError:
            continue
        if value and 0.0 <= weight <= 1.0:
            yield value, parameters, weight
