"""Core nouns: label sets, matchers, time ranges, frames of samples. numpy only."""

from pronoia.series.aligned import AlignedFrame
from pronoia.series.frame import SeriesFrame, merge_frames
from pronoia.series.history import History
from pronoia.series.labels import LabelSet
from pronoia.series.matchers import Matcher, MatchOp
from pronoia.series.resample import align, thin
from pronoia.series.staleness import STALE_NAN, drop_stale, is_stale
from pronoia.series.timerange import Grid, TimeRange

__all__ = [
    "STALE_NAN",
    "AlignedFrame",
    "Grid",
    "History",
    "LabelSet",
    "MatchOp",
    "Matcher",
    "SeriesFrame",
    "TimeRange",
    "align",
    "drop_stale",
    "is_stale",
    "merge_frames",
    "thin",
]
