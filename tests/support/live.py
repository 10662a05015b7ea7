"""A recording that is history in a Prometheus and goes on as a target that it scrapes."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pronoia.pipeline.replay import ReplaySource
from pronoia.series import LabelSet, SeriesFrame, TimeRange
from pronoia.series.labels import METRIC_NAME, escape
from pronoia.storage.recording import Recording
from support.exporters import job

if TYPE_CHECKING:
    from collections.abc import Collection

HOUR_MS = 3_600_000
#: Series of the bundled recording that are enough for a test: label values of `cluster` and `workload`.
FEW = frozenset({"google2019", "input2", "input9"})


class LiveRecording:
    """Parts of the bundled recording, re-timed to now, with `job` and `instance` like any scraped series.

    Args:
        kept: values of `cluster` and `workload` to keep.
    """

    def __init__(self, kept: Collection[str] = FEW) -> None:
        frame = Recording.demo().frame
        frame = frame.take([i for i, labels in enumerate(frame.labels) if _owner(labels) in kept])
        labels = tuple(each.updated(job="recording", instance=_owner(each)) for each in frame.labels)
        self._source = ReplaySource(replace(frame, labels=labels))

    def history(self) -> SeriesFrame:
        """All of it up to now."""
        return self._source.select([], TimeRange(0, int(time.time() * 1000)))

    def page(self) -> str:
        """The newest value of each series, in the text exposition format."""
        now_ms = int(time.time() * 1000)
        newest = self._source.select([], TimeRange(now_ms - HOUR_MS, now_ms))
        return "".join(f"{_exposed(labels)} {float(values[-1])!r}\n" for labels, _, values in newest)

    @staticmethod
    def scrape_job(address: str) -> dict[str, Any]:
        """The job that goes on with the series of the history: their labels stay as they are."""
        return job("recording", address, honor_labels=True)


def _owner(labels: LabelSet) -> str:
    return labels.get("cluster") or labels["workload"]


def _exposed(labels: LabelSet) -> str:
    inner = ",".join(f'{name}="{escape(value)}"' for name, value in labels.items() if name != METRIC_NAME)
    return f"{labels.name}{{{inner}}}"
