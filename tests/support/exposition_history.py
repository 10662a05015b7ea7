"""What exporters say, written down: pages whose counters grow evenly, turned into a past to backfill."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from prometheus_client.parser import text_string_to_metric_families

from pronoia.series import LabelSet, SeriesFrame
from pronoia.series.labels import METRIC_NAME

_FOLDER = Path(__file__).parent / "expositions"
SCRAPE_INTERVAL_MS = 15_000


def history(page: str, end_ms: int, duration_ms: int, **labels: str) -> SeriesFrame:
    """The series of a page of `expositions/`, scraped every fifteen seconds up to an end.

    Args:
        page: the file's name; each line is a sample, its value as `value` or `value+growth a second`.
        end_ms: of the last scrape.
        duration_ms: of the past.
        labels: those that the scrape adds to every series.
    """
    times = np.arange(end_ms - duration_ms, end_ms + 1, SCRAPE_INTERVAL_MS, dtype=np.int64)
    seconds = (times - times[0]) / 1000
    series = {}
    for line in (_FOLDER / page).read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        sample, value = line.rsplit(" ", 1)
        start, _, growth = value.partition("+")
        ((found,),) = (family.samples for family in text_string_to_metric_families(f"{sample} 0\n"))
        identity = LabelSet({**found.labels, **labels, METRIC_NAME: found.name})
        series[identity] = (times, float(start) + float(growth or 0) * seconds)
    return SeriesFrame.from_series(dict(sorted(series.items())))
