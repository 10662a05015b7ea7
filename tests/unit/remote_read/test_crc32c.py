import numpy as np
import pytest

from pronoia.remote_read.crc32c import crc32c, crc32c_sse42, crc32c_tables, has_sse42
from pronoia.remote_read.wire import byte_view

KERNELS = [crc32c, crc32c_tables, *([crc32c_sse42] if has_sse42() else [])]


# RFC 3720, appendix B.4, and the check value of the Rocksoft catalogue.
@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize(
    ("content", "checksum"),
    [
        (b"", 0),
        (b"123456789", 0xE3069283),
        (32 * b"\0", 0x8A9136AA),
        (32 * b"\xff", 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
    ],
)
def test_published_values_are_met(kernel, content, checksum):
    assert int(kernel(byte_view(content), 0, len(content))) == checksum


@pytest.mark.parametrize("kernel", KERNELS)
def test_any_span_of_a_buffer_can_be_checked(kernel):
    buf = byte_view(np.random.default_rng(1).bytes(100))
    for start in range(17):
        for end in range(start, 60):
            part = bytes(buf[start:end])
            assert kernel(buf, start, end) == crc32c_tables(byte_view(part), 0, len(part))
