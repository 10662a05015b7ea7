"""Property tests meet compiled code: its compilation belongs to no single example's time or memory."""

import pytest
from hypothesis import settings

from pronoia.remote_read.codec import ReadLimits, decode_samples, decode_streamed, encode_samples, encode_streamed
from pronoia.series import LabelSet, SeriesFrame, TimeRange

# A cold Numba cache makes the first example of a test slow; that is no fault of the example.
settings.register_profile("compiled", deadline=None, print_blob=True)
settings.load_profile("compiled")


@pytest.fixture(scope="session", autouse=True)
def _compiled_codec():
    frame = SeriesFrame.from_series({LabelSet({"a": "b"}): ([1, 2], [1.0, 2.0])})
    decode_streamed(b"".join(encode_streamed(frame)), TimeRange(0, 9), ReadLimits())
    decode_samples(encode_samples([frame]), TimeRange(0, 9), ReadLimits())
