"""How the status page writes what is known of a model's quality."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.config.duration import format_duration
from pronoia.exposition.text import format_horizon

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

#: In the place of what has not come due, or of what too little has.
NOT_KNOWN = "not known yet"


def by_horizon(horizons_seconds: Sequence[int], known: Mapping[str, float], words: Callable[[float], str]) -> str:
    """What is known at each of the horizons, by their names, in their order.

    >>> by_horizon([900, 3600], {"1h": 0.94, "15m": 0.961}, share)
    '96% at 15m, 94% at 1h'
    >>> by_horizon([900, 3600], {}, share)
    'not known yet'
    """
    names = [format_horizon(seconds) for seconds in horizons_seconds]
    return ", ".join(f"{words(known[name])} at {name}" for name in names if name in known) or NOT_KNOWN


def told(value: float | None, words: Callable[[float], str]) -> str:
    """The value in words; None is not known yet."""
    return NOT_KNOWN if value is None else words(value)


def share(ratio: float) -> str:
    """In whole per cents."""
    return f"{ratio:.0%}"


def number(value: float) -> str:
    """With two decimals."""
    return f"{value:.2f}"


def span(seconds: float) -> str:
    """As durations are written in the configuration, a second at least."""
    return format_duration(max(round(seconds), 1) * 1000)
