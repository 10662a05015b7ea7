"""Prometheus durations: `15s`, `1h30m`, `14d`, `500ms`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

# Units from the longest to the shortest, as Prometheus' model.ParseDuration defines them: a year has 365 days.
_UNITS_MS = {"y": 31_536_000_000, "w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
_PATTERN = re.compile("".join(rf"(?:([0-9]+){unit})?" for unit in _UNITS_MS), re.ASCII)
# Prometheus counts nanoseconds in a signed 64-bit number, so about 292 years is the longest it can hold.
_LONGEST_MS = (2**63 - 1) // 1_000_000
_RIGHT = "a duration is numbers with units from long to short (y, w, d, h, m, s, ms), such as 15s, 1h30m or 14d"


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A span of time, whole milliseconds; equal and ordered by length, shown as it was written.

    >>> str(parse_duration("24h")), parse_duration("24h") == parse_duration("1d")
    ('24h', True)
    """

    milliseconds: int
    text: str = field(default="", compare=False)

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.milliseconds / 1000

    @property
    def whole_seconds(self) -> int:
        """Length in seconds, rounded down to a whole number."""
        return self.milliseconds // 1000

    def __str__(self) -> str:
        return self.text or format_duration(self.milliseconds)


def parse_duration(text: str) -> Duration:
    """Read a duration as Prometheus does.

    Raises:
        ValueError: if it is not one; the message says what is right.

    >>> parse_duration("1h30m").seconds
    5400.0
    """
    stripped = text.strip()
    if stripped == "0":
        return Duration(0, "0s")
    found = _PATTERN.fullmatch(stripped)
    if not stripped or not found:
        raise ValueError(f"{text!r} is not a duration; {_RIGHT}{_hint(stripped)}")
    # The count of digits is looked at first: Python refuses to convert very long ones, in its own words.
    counts = [count or "0" for count in found.groups()]
    total = sum(int(count[:20]) * unit for count, unit in zip(counts, _UNITS_MS.values(), strict=True))
    if max(map(len, counts)) > 20 or total > _LONGEST_MS:
        raise ValueError(f"{text[:40]!r} is longer than 292 years")
    return Duration(total, stripped)


def format_duration(milliseconds: int) -> str:
    """The canonical form, as Prometheus writes it: weeks and days only where they come out even.

    >>> format_duration(86_400_000), format_duration(90_000_000), format_duration(5_400_000)
    ('1d', '25h', '1h30m')
    """
    if milliseconds == 0:
        return "0s"
    parts, rest = [], milliseconds
    for unit, length in _UNITS_MS.items():
        if unit in {"y", "w", "d"} and rest % length:
            continue
        count, rest = divmod(rest, length)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)


def _hint(text: str) -> str:
    if re.fullmatch(r"[0-9]+", text):
        return f". Did you mean {text}s?"
    if re.search(r"[0-9]\.[0-9]", text):
        return ". Fractions are written in the next smaller unit: 1.5h is 1h30m"
    return ""
