"""Real answers of Prometheus decode to what had been written to it."""

import json
from pathlib import Path

import numpy as np
import pytest

from pronoia.remote_read.codec import ReadLimits, decode_samples, decode_streamed, encode_streamed
from pronoia.remote_read.request import decode_request
from pronoia.series import STALE_NAN, LabelSet, Matcher, MatchOp, SeriesFrame, TimeRange, is_stale

HERE = Path(__file__).parent
WRITTEN = json.loads((HERE / "written.json").read_text())


def written_within(time_range: TimeRange) -> dict[LabelSet, tuple[list[int], list[str]]]:
    series = {}
    for entry in WRITTEN["series"]:
        kept = [
            (time, bits)
            for time, bits in zip(entry["timestamps_ms"], entry["value_bits"], strict=True)
            if time_range.start_ms <= time <= time_range.end_ms
        ]
        if kept:
            series[LabelSet(entry["labels"])] = ([time for time, _ in kept], [bits for _, bits in kept])
    return series


def as_written(frame: SeriesFrame) -> dict[LabelSet, tuple[list[int], list[str]]]:
    return {
        labels: (times.tolist(), [f"{bits:016x}" for bits in values.view(np.uint64).tolist()])
        for labels, times, values in frame
    }


@pytest.mark.parametrize("name", ["whole", "part"])
@pytest.mark.parametrize(("form", "decode"), [("streamed", decode_streamed), ("samples", decode_samples)])
def test_a_real_answer_holds_exactly_what_was_written(name, form, decode):
    time_range = TimeRange(*WRITTEN["ranges"][name])
    frame = decode((HERE / f"{name}.{form}.bin").read_bytes(), time_range, ReadLimits())
    frame.check_order()
    expected = written_within(time_range)
    if form == "samples":
        # Prometheus leaves out a value that equals zero, and minus zero does: the sign is lost at the server.
        minus_zero = "8" + 15 * "0"
        expected = {
            labels: (times, [bits.replace(minus_zero, 16 * "0") for bits in values])
            for labels, (times, values) in expected.items()
        }
    assert as_written(frame) == expected


def test_the_captures_hold_the_cases_that_matter():
    time_range = TimeRange(*WRITTEN["ranges"]["whole"])
    frame = decode_streamed((HERE / "whole.streamed.bin").read_bytes(), time_range, ReadLimits())
    assert is_stale(frame.values).sum() == 2
    assert np.isnan(STALE_NAN)
    assert "late_samples" in {labels.name for labels in frame.labels}


def test_chunks_are_encoded_bit_for_bit_as_prometheus_does():
    # Prometheus cuts chunks of in-order samples at the same count, so whole answers can be compared.
    body = (HERE / "whole.streamed.bin").read_bytes()
    frame = decode_streamed(body, TimeRange(*WRITTEN["ranges"]["whole"]), ReadLimits())
    irregular = [i for i, labels in enumerate(frame.labels) if labels.name in {"irregular_gaps", "odd_values"}]
    for encoded in encode_streamed(frame.take(irregular)):
        assert encoded in body


def test_prometheus_own_request_is_understood():
    queries, accepted = decode_request((HERE / "prometheus-2.42.request.bin").read_bytes(), ReadLimits())
    assert accepted == ()
    (query,) = queries
    assert set(query.matchers) == {
        Matcher("__name__", MatchOp.EQUAL, "pronoia_forecast"),
        Matcher("query", MatchOp.EQUAL, "cpu"),
        Matcher("horizon", MatchOp.NOT_EQUAL, "15m"),
        Matcher("instance", MatchOp.REGEX, "a.*|b"),
        Matcher("job", MatchOp.NOT_REGEX, "test.*"),
    }
    assert query.time_range == TimeRange(1_700_000_000_000 - 5 * 60_000, 1_700_003_600_000)
