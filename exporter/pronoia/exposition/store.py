"""MetricStore: the current values of declared families, for the client library's registry to collect."""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from pronoia.exposition.family import Family, Kind
from pronoia.exposition.text import format_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Remote reads take from milliseconds (an increment) to most of a minute (a first history).
BUCKETS_SECONDS = (0.01, 0.05, 0.25, 1.0, 5.0, 25.0)


class _Buckets:
    """Observations of one histogram series; `counts` has one more entry than bounds, for those above all."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS_SECONDS) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        self.counts[sum(value > bound for bound in BUCKETS_SECONDS)] += 1
        self.total += value


class MetricStore(Collector):
    """Values by family and label values; thread-safe; series can be removed again.

    Unlike the client library's instruments it takes its names from `families.py`, exposes no `_created` series and
    needs no registry of its own to be tested. Labels are given as keywords and must be the family's, all of them.

    Args:
        families: what it may hold; all are announced even while they have no value.

    >>> from pronoia.exposition.families import SERIES_ACTIVE
    >>> store = MetricStore([SERIES_ACTIVE])
    >>> store.put(SERIES_ACTIVE, 3, query="cpu")
    >>> [(sample.name, sample.labels, sample.value) for metric in store.collect() for sample in metric.samples]
    [('pronoia_series_active', {'query': 'cpu'}, 3.0)]
    """

    def __init__(self, families: Sequence[Family]) -> None:
        self._values: dict[Family, dict[tuple[str, ...], float]] = {family: {} for family in families}
        self._histograms: dict[Family, dict[tuple[str, ...], _Buckets]] = {
            family: {} for family in families if family.kind is Kind.HISTOGRAM
        }
        self._lock = threading.Lock()

    def put(self, family: Family, value: float, /, **labels: str) -> None:
        """Set a gauge."""
        key = _key(family, labels)
        with self._lock:
            self._values[family][key] = float(value)

    def add(self, family: Family, amount: float, /, **labels: str) -> None:
        """Add to a counter; 0 makes a series known before anything happened."""
        key = _key(family, labels)
        with self._lock:
            series = self._values[family]
            series[key] = series.get(key, 0.0) + amount

    def observe(self, family: Family, value: float, /, **labels: str) -> None:
        """Count a value in a histogram."""
        key = _key(family, labels)
        with self._lock:
            self._histograms[family].setdefault(key, _Buckets()).observe(value)

    def remove(self, families: Sequence[Family], **labels: str) -> None:
        """Forget the series of these families whose labels have these values."""
        with self._lock:
            for family in families:
                wanted = [(family.labels.index(name), value) for name, value in labels.items()]
                for series in (self._values[family], self._histograms.get(family, {})):
                    for key in [key for key in series if all(key[i] == value for i, value in wanted)]:
                        del series[key]

    def label_values(self, family: Family, label: str) -> set[str]:
        """The values that a label of a family has now."""
        position = family.labels.index(label)
        with self._lock:
            return {key[position] for key in (*self._values[family], *self._histograms.get(family, {}))}

    def values(self, family: Family) -> dict[tuple[str, ...], float]:
        """The current values of a gauge or counter, by the values of the family's labels in their order."""
        with self._lock:
            return dict(self._values[family])

    def describe(self) -> Iterator[Metric]:
        """The families without samples, so that registration does not collect."""
        return (_metric(family) for family in self._values)

    def collect(self) -> Iterator[Metric]:
        """The families with their current samples."""
        with self._lock:
            values = {family: dict(series) for family, series in self._values.items()}
            histograms = {
                family: {key: (list(each.counts), each.total) for key, each in series.items()}
                for family, series in self._histograms.items()
            }
        for family, series in values.items():
            metric = _metric(family)
            for key, value in series.items():
                metric.add_sample(family.name, dict(zip(family.labels, key, strict=True)), value)
            for key, (counts, total) in histograms.get(family, {}).items():
                _add_histogram(metric, dict(zip(family.labels, key, strict=True)), counts, total)
            yield metric


def _key(family: Family, labels: dict[str, str]) -> tuple[str, ...]:
    if len(labels) != len(family.labels):
        raise ValueError(f"{family.name} has the labels {family.labels}, got {tuple(labels)}")
    return tuple(labels[name] for name in family.labels)


def _metric(family: Family) -> Metric:
    # The client library calls a counter's family by its name without the suffix.
    return Metric(family.name.removesuffix("_total"), family.help, str(family.kind))


def _add_histogram(metric: Metric, labels: dict[str, str], counts: list[int], total: float) -> None:
    bounds = [*(format_number(bound) for bound in BUCKETS_SECONDS), "+Inf"]
    for bound, n_up_to_here in zip(bounds, itertools.accumulate(counts), strict=True):
        metric.add_sample(f"{metric.name}_bucket", {**labels, "le": bound}, n_up_to_here)
    metric.add_sample(f"{metric.name}_count", labels, sum(counts))
    metric.add_sample(f"{metric.name}_sum", labels, total)
