"""Where servers differ in what the same expression means."""

from __future__ import annotations

import re
from dataclasses import dataclass

_VERSION = re.compile(r"v?(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class Semantics:
    """What a server's version and settings decide about evaluation; the defaults are Prometheus 3's.

    Args:
        left_open: whether a range, and the lookback of an instant selector, leaves out its left end, as since
            Prometheus 3.0; before, both ends counted.
        lookback_ms: how old a sample may be and still be the value of an instant selector
            (`--query.lookback-delta`).
        subquery_step_ms: the step of a subquery that names none (`global.evaluation_interval`).
        zero_point_first: whether `rate` and `increase` reach back to where a counter that begins inside the range
            was zero even if that is more than half an interval before its first sample, as before Prometheus 2.51.
        counts_filtered: whether samples that a comparison of two vectors drops count when it is asked whether a match
            is ambiguous, as since Prometheus 3.9.

    Raises:
        ValueError: if a duration is not positive.
    """

    left_open: bool = True
    lookback_ms: int = 300_000
    subquery_step_ms: int = 60_000
    zero_point_first: bool = False
    counts_filtered: bool = True

    def __post_init__(self) -> None:
        if self.lookback_ms < 1 or self.subquery_step_ms < 1:
            raise ValueError(f"lookback {self.lookback_ms} ms and step {self.subquery_step_ms} ms must be positive")


def ranges_are_left_open(version: str | None) -> bool:
    """Whether a Prometheus of this version leaves out the left end of a range; an unknown one is taken for new.

    >>> ranges_are_left_open("2.42.0"), ranges_are_left_open("3.7.1"), ranges_are_left_open(None)
    (False, True, True)
    """
    return _at_least(version, (3, 0))


def zero_point_comes_first(version: str | None) -> bool:
    """Whether a Prometheus of this version has `Semantics.zero_point_first`; an unknown one is taken for new.

    >>> zero_point_comes_first("2.42.0"), zero_point_comes_first("2.51.0"), zero_point_comes_first(None)
    (True, False, False)
    """
    return not _at_least(version, (2, 51))


def filtered_samples_count(version: str | None) -> bool:
    """Whether a Prometheus of this version has `Semantics.counts_filtered`; an unknown one is taken for new.

    >>> filtered_samples_count("2.42.0"), filtered_samples_count("3.9.0"), filtered_samples_count(None)
    (False, True, True)
    """
    return _at_least(version, (3, 9))


def _at_least(version: str | None, wanted: tuple[int, int]) -> bool:
    found = _VERSION.match(version or "")
    return found is None or (int(found[1]), int(found[2])) >= wanted
