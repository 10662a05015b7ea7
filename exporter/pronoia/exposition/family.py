"""What is declared of a metric family."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The exposition's metric types in use here; `_info` metrics are gauges, as in text format 0.0.4."""

    GAUGE = "gauge"
    COUNTER = "counter"
    HISTOGRAM = "histogram"


class Place(StrEnum):
    """Where a family is found."""

    METRICS = "/metrics"
    PREDICTIONS = "/predictions"
    REMOTE_READ = "remote_read"


@dataclass(frozen=True, slots=True)
class Family:
    """One metric family.

    Args:
        name: as in the text format, with `_total` for a counter.
        kind: its type.
        help: one sentence for people, without quotes or backslashes, so that both formats write it alike.
        place: the scrape path, or `remote_read`.
        unit: base unit of the value; `source` for that of the query's own series, empty for counts.
        labels: our labels.
        keeps_source_labels: whether the labels of the source series come with it.
        since: the first version that has it.
    """

    name: str
    kind: Kind
    help: str
    place: Place
    unit: str = ""
    labels: tuple[str, ...] = ()
    keeps_source_labels: bool = False
    since: str = "0.1.0"
