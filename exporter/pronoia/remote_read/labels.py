"""Label messages: `Label { string name = 1; string value = 2; }`, repeated as field 1 of a series."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.compiled import compiled
from pronoia.errors import DecodeError
from pronoia.remote_read import protobuf
from pronoia.remote_read.fault import MESSAGE, REASONS
from pronoia.remote_read.wire import SPAN, read_field, read_span
from pronoia.series import LabelSet

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Labels of one series that are accepted; Prometheus' own limits, where set, are far lower.
MAX_LABELS = 1024


def encode_labels(labels: LabelSet) -> bytes:
    """All labels of a series, as fields 1 of a TimeSeries or ChunkedSeries."""
    return b"".join(
        protobuf.span(1, protobuf.span(1, name.encode()) + protobuf.span(2, value.encode()))
        for name, value in labels.pairs
    )


class LabelReader:
    """Reads label sets from one body; equal strings become one object, equal series are parsed once.

    Args:
        buf: the body, uint8.
    """

    def __init__(self, buf: NDArray[np.uint8]) -> None:
        self._buf = buf
        self._bytes = buf.data
        self._spans = np.empty((MAX_LABELS, 4), np.int64)
        self._strings: dict[bytes, str] = {b"": ""}
        self._known: dict[bytes, LabelSet] = {}

    def read(self, start: int, end: int) -> LabelSet:
        """The labels among the fields in `buf[start:end]`.

        Raises:
            DecodeError: if they are malformed, not UTF-8, or too many.
        """
        raw = bytes(self._bytes[start:end])
        labels = self._known.get(raw)
        if labels is None:
            labels = self._known[raw] = self._parse(start, end)
        return labels

    def _parse(self, start: int, end: int) -> LabelSet:
        n = find_labels(self._buf, start, end, self._spans)
        if n > MAX_LABELS:
            raise DecodeError(f"a series has more than {MAX_LABELS} labels", start)
        if n < 0:
            raise DecodeError(REASONS[MESSAGE], start)
        pairs = [(self._text(a, b), self._text(c, d)) for a, b, c, d in self._spans[:n].tolist()]
        rising = all(pairs[i][0] < pairs[i + 1][0] for i in range(n - 1))
        return LabelSet.from_sorted(tuple(pairs)) if rising and all(v for _, v in pairs) else LabelSet(pairs)

    def _text(self, start: int, end: int) -> str:
        raw = bytes(self._bytes[start:end])
        text = self._strings.get(raw)
        if text is None:
            try:
                text = self._strings[raw] = raw.decode()
            except UnicodeDecodeError as error:
                raise DecodeError("a label is not UTF-8", start) from error
        return text


@compiled
def find_labels(buf: NDArray[np.uint8], pos: int, end: int, spans: NDArray[np.int64]) -> int:
    """Where names and values stand: rows (name start, name end, value start, value end).

    Returns:
        the number of labels, -1 if a message is malformed, len(spans) + 1 if there is no room for all.
    """
    n = 0
    while pos < end:
        field, wire_type, content, pos = read_field(buf, pos, end)
        if pos < 0:
            return -1
        if field != 1 or wire_type != SPAN:
            continue
        if n == len(spans):
            return n + 1
        spans[n] = 0
        inner, stop = read_span(buf, content, end)
        while inner < stop:
            field, wire_type, content, inner = read_field(buf, inner, stop)
            if inner < 0:
                return -1
            if field in (1, 2) and wire_type == SPAN:
                start, finish = read_span(buf, content, stop)
                spans[n, 2 * field - 2] = start
                spans[n, 2 * field - 1] = finish
        n += 1
    return n
