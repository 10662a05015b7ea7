"""External labels: a server adds them to what it hands out by remote-read, and evaluates without them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pronoia.remote_read.histograms import ignore_histograms
from pronoia.series import LabelSet, Matcher, MatchOp, SeriesFrame, merge_frames

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pronoia.pipeline.status_pages import StatusPages
    from pronoia.remote_read.client import RemoteReadClient
    from pronoia.remote_read.histograms import HistogramListener
    from pronoia.series import TimeRange
    from pronoia.transport.deadline import Deadline


class StoredSeries:
    """Reads series by remote-read as they are stored, which is how the server's own queries see them.

    Args:
        client: reads raw samples.
        pages: tell the external labels.
    """

    def __init__(self, client: RemoteReadClient, pages: StatusPages) -> None:
        self._client = client
        self._pages = pages

    def read(
        self,
        matchers: Sequence[Matcher],
        time_range: TimeRange,
        deadline: Deadline,
        *,
        on_histograms: HistogramListener = ignore_histograms,
    ) -> SeriesFrame:
        """As `RemoteReadClient.read`, of the stored labels."""
        external = self._pages.external_labels(deadline)
        asked = literal_matchers(matchers, external)
        frame = self._client.read(asked, time_range, deadline, on_histograms=on_histograms)
        return without_external(frame, matchers, external)


def literal_matchers(matchers: Sequence[Matcher], external: LabelSet) -> tuple[Matcher, ...]:
    """Matchers by which remote-read finds the series that a query with the given ones finds.

    For `label="value"` with the very value of an external label, the server looks for series without that label
    (Prometheus' storage/remote/read_handler.go); a regular expression it takes as it is.

    >>> eu1 = Matcher("cluster", MatchOp.EQUAL, "eu1")
    >>> [str(matcher) for matcher in literal_matchers([eu1], LabelSet({"cluster": "eu1"}))]
    ['cluster=~"eu1"']
    """
    return tuple(
        Matcher(matcher.name, MatchOp.REGEX, re.escape(matcher.value))
        if matcher.op is MatchOp.EQUAL and (matcher.name, matcher.value) in external.pairs
        else matcher
        for matcher in matchers
    )


def without_external(frame: SeriesFrame, matchers: Sequence[Matcher], external: LabelSet) -> SeriesFrame:
    """An answer of remote-read less the external labels that the server added.

    A stored label of the same name and value cannot be told from one that was added, unless a matcher wants the label
    to be there: then it is stored, and stays.
    """
    stored = {matcher.name for matcher in matchers if not matcher.matches({})}
    added = frozenset(pair for pair in external.pairs if pair[0] not in stored)
    if not added:
        return frame
    labels = tuple(
        LabelSet.from_sorted(tuple(pair for pair in each.pairs if pair not in added)) for each in frame.labels
    )
    bare = SeriesFrame(labels, frame.timestamps_ms, frame.values, frame.indptr)
    if len(set(labels)) == len(labels):
        return bare
    # The external labels changed between two slices.
    series = (SeriesFrame.from_series({each: (times, values)}) for each, times, values in bare)
    return merge_frames(list(series))
