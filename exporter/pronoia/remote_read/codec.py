"""Remote-read answers to and from frames, both forms. Pure: bytes in, bytes out, no sockets.

>>> from pronoia.series import LabelSet, SeriesFrame, TimeRange
>>> frame = SeriesFrame.from_series({LabelSet({"__name__": "up"}): ([1000, 2000], [1.0, 0.0])})
>>> body = b"".join(encode_streamed(frame))
>>> decode_streamed(body, TimeRange(1500, 9999), ReadLimits()).timestamps_ms.tolist()
[2000]
>>> decode_samples(encode_samples([frame]), TimeRange(0, 9999), ReadLimits()).values.tolist()
[1.0, 0.0]
"""

from pronoia.remote_read.limits import ReadLimits
from pronoia.remote_read.samples import decode_samples
from pronoia.remote_read.samples_encode import encode_samples
from pronoia.remote_read.streamed import decode_streamed
from pronoia.remote_read.streamed_encode import encode_streamed

__all__ = ["ReadLimits", "decode_samples", "decode_streamed", "encode_samples", "encode_streamed"]
