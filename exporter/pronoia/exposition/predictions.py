"""The predictions page: a snapshot as exposition text, rendered once per cycle."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from pronoia.exposition import families
from pronoia.exposition.anomalies import anomaly_samples
from pronoia.exposition.bottlenecks import bottleneck_samples
from pronoia.exposition.failures import alert_samples, failure_samples
from pronoia.exposition.family import Family, Place
from pronoia.exposition.page import Page
from pronoia.exposition.source_labels import SourceLabels, our_labels
from pronoia.exposition.text import format_horizon, format_labels, format_number
from pronoia.predictions.anomaly_watch import anomaly_stage
from pronoia.predictions.bottleneck import stage_name
from pronoia.predictions.failure import ALERTS_STAGE, failure_stage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from pronoia.predictions.forecast import QueryForecast
    from pronoia.predictions.snapshot import Snapshot
    from pronoia.series import LabelSet

_SHOWN = tuple(family for family in families.FAMILIES if family.place is Place.PREDICTIONS)


@dataclass(frozen=True, slots=True)
class Exposed:
    """What a page shows and what was left out of it.

    Args:
        n_series: series on the page, as Prometheus counts them.
        max_series: most series it may show.
        duration_seconds: time that rendering and compressing took.
        dropped: source series left out, by (query or `bottleneck:<resource>`, reason); reasons are `duplicate_labels`
            and `series_limit`.
        renamed: source series of each query shown with a label renamed.
    """

    n_series: int
    max_series: int
    duration_seconds: float
    dropped: Mapping[tuple[str, str], int]
    renamed: Mapping[str, int]


class PredictionRenderer:
    """Renders snapshots; keeps the spelled-out labels of each query from one rendering to the next.

    Args:
        max_series: most series on the page. Queries are taken in the snapshot's order; one that does not fit whole is
            left out whole, so that no query is ever shown in part.
        on_exposed: told of each rendering.

    Rendering is pure formatting: 100,000 series take about 0.2 s, compression included, and no forecast is made.
    Safe to call from several threads.
    """

    def __init__(self, max_series: int, on_exposed: Callable[[Exposed], None]) -> None:
        self._max_series = max_series
        self._on_exposed = on_exposed
        self._source_labels: dict[str, SourceLabels] = {}

    def render(self, snapshot: Snapshot, now_seconds: float) -> Page:
        """The page for a snapshot, without the forecasts that are too old at `now_seconds` (Unix time)."""
        started = time.monotonic()
        current = snapshot.current(now_seconds)
        known = self._source_labels
        spelled: dict[str, SourceLabels] = {}
        blocks: list[tuple[str, Callable[[SourceLabels], dict[Family, list[str]]]]] = []
        expires = [math.inf]
        for each in current.forecasts:
            spelled[each.query] = SourceLabels.of(each.forecast.labels, known.get(each.query), our_labels(each))
            blocks.append((each.query, partial(_query_samples, each, muted=current.muted.get(each.query, frozenset()))))
            expires.append(each.made_at_seconds + each.max_age_seconds)
        for risk in current.bottlenecks:
            name = stage_name(risk.resource)
            spelled[name] = SourceLabels.of(risk.labels, known.get(name), families.OUR_BOTTLENECK_LABELS)
            muted = current.muted.get(name, frozenset())
            blocks.append((name, partial(bottleneck_samples, risk, muted=muted)))
            expires.append(risk.made_at_seconds + risk.max_age_seconds)
        for watch in current.anomalies:
            name = anomaly_stage(watch.name)
            spelled[name] = SourceLabels.of(watch.labels, known.get(name), families.OUR_ANOMALY_LABELS)
            muted = current.muted.get(name, frozenset())
            blocks.append((name, partial(anomaly_samples, watch, muted=muted)))
            expires.append(watch.made_at_seconds + watch.max_age_seconds)
        for failing in current.failures:
            name = failure_stage(failing.failure)
            spelled[name] = SourceLabels.of(failing.labels, known.get(name), families.OUR_FAILURE_LABELS)
            muted = current.muted.get(name, frozenset())
            blocks.append((name, partial(failure_samples, failing, muted=muted)))
            expires.append(failing.made_at_seconds + failing.max_age_seconds)
        if current.alerts is not None:
            spelled[ALERTS_STAGE] = SourceLabels.of(
                current.alerts.labels, known.get(ALERTS_STAGE), families.OUR_ALERT_LABELS
            )
            blocks.append((ALERTS_STAGE, partial(alert_samples, current.alerts)))
            expires.append(current.alerts.made_at_seconds + current.alerts.max_age_seconds)
        self._source_labels = spelled

        samples: dict[Family, list[str]] = {family: [] for family in _SHOWN}
        dropped: dict[tuple[str, str], int] = {}
        n_series = 0
        for name, lines_of in blocks:
            labels = spelled[name]
            if labels.n_duplicates:
                dropped[name, "duplicate_labels"] = labels.n_duplicates
            block = lines_of(labels)
            n_block = sum(len(lines) for lines in block.values())
            if n_series + n_block > self._max_series:
                dropped[name, "series_limit"] = len(labels.suffixes)
                continue
            n_series += n_block
            for family, lines in block.items():
                samples[family].extend(lines)

        expires_at_seconds = min(expires)
        text = "".join(_family_text(family, lines) for family, lines in samples.items())
        page = Page.of(text.encode("utf-8", "replace"), expires_at_seconds)
        renamed = {query: labels.n_renamed for query, labels in spelled.items()}
        self._on_exposed(Exposed(n_series, self._max_series, time.monotonic() - started, dropped, renamed))
        return page


def _family_text(family: Family, lines: Sequence[str]) -> str:
    return f"# HELP {family.name} {family.help}\n# TYPE {family.name} {family.kind}\n{''.join(lines)}"


def _query_samples(
    each: QueryForecast, labels: SourceLabels, muted: AbstractSet[LabelSet] = frozenset()
) -> dict[Family, list[str]]:
    query = [("query", each.query)]
    info = [*query, ("expression", each.expression), *([("unit", each.unit)] if each.unit else [])]
    block: dict[Family, list[str]] = {family: [] for family in _SHOWN}
    block[families.QUERY_INFO].append(f"{_head(families.QUERY_INFO, info)}}} 1\n")
    block[families.FORECAST_MADE].append(
        f"{_head(families.FORECAST_MADE, query)}}} {format_number(each.made_at_seconds)}\n"
    )
    for number in map(format_number, each.thresholds):
        head = _head(families.QUERY_THRESHOLD, [*query, ("threshold", number)])
        block[families.QUERY_THRESHOLD].append(f"{head}}} {number}\n")
    for horizon_seconds in each.horizons_seconds:
        _add_horizon(block, each, labels, horizon_seconds)
    head = _head(families.FORECAST_MUTED, query)
    block[families.FORECAST_MUTED].extend(
        f"{head}{suffix}1\n" for source, suffix in labels.suffix_of.items() if source in muted
    )
    for crossing in each.crossings:
        suffix = labels.suffix_of.get(crossing.labels)
        if suffix is None:
            continue
        at_threshold = [*query, ("threshold", format_number(crossing.threshold))]
        for family, seconds in (
            (families.CROSSING, crossing.eta_seconds),
            (families.CROSSING_LOWER, crossing.lower_seconds),
            (families.CROSSING_UPPER, crossing.upper_seconds),
        ):
            block[family].append(f"{_head(family, at_threshold)}{suffix}{format_number(seconds)}\n")
    return block


def _add_horizon(
    block: dict[Family, list[str]], each: QueryForecast, labels: SourceLabels, horizon_seconds: int
) -> None:
    target_seconds = each.made_at_seconds + horizon_seconds
    target_ms, grid = round(1000 * target_seconds), each.forecast.grid
    # The grid counts from the last observation, the horizon from now, up to one step later.
    if not grid.n_steps or not grid.start_ms - grid.step_ms <= target_ms <= grid.end_ms + grid.step_ms:
        return
    pairs = [("query", each.query), ("horizon", format_horizon(horizon_seconds))]
    head = _head(families.FORECAST_TARGET, pairs)
    block[families.FORECAST_TARGET].append(f"{head}}} {format_number(target_seconds)}\n")
    forecast = each.forecast.at([target_ms])
    columns = [
        (families.FORECAST, pairs, forecast.point),
        (families.FORECAST_LOWER, pairs, forecast.lower),
        (families.FORECAST_UPPER, pairs, forecast.upper),
    ]
    for band in (band.at([target_ms]) for band in each.bands):
        at_level = [*pairs, ("level", format_number(band.level))]
        columns.append((families.FORECAST_BAND_LOWER, at_level, band.lower))
        columns.append((families.FORECAST_BAND_UPPER, at_level, band.upper))
    for family, ours, values in columns:
        head = _head(family, ours)
        numbers = values[labels.kept, 0].tolist()
        block[family].extend(
            [f"{head}{suffix}{number!r}\n" for suffix, number in zip(labels.suffixes, numbers, strict=True)]
        )


def _head(family: Family, pairs: Sequence[tuple[str, str]]) -> str:
    return f"{family.name}{{{format_labels(pairs)}"
