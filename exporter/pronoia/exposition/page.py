"""Page: one rendered exposition in every form a scraper may ask for."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass

from pronoia.exposition.negotiation import ExpositionFormat

_END_OF_OPENMETRICS = b"# EOF\n"
# Measured on 100,000 gauges (11 MB): 0.05 s and 1.5 MB at level 1, 0.12 s and 1.4 MB at level 6.
_GZIP_LEVEL = 1
_GZIP_WINDOW_BITS = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Page:
    """An exposition as bytes, plain and gzip, in both formats.

    Bodies come in pieces, to be sent one after the other, so that both formats share one copy of the samples.

    Args:
        text: the text format 0.0.4; OpenMetrics only adds its end marker.
        text_gzip: the text format as one gzip stream.
        openmetrics_gzip: OpenMetrics as one gzip stream.
        expires_at_seconds: Unix time after which something on the page is too old to be shown.
    """

    text: bytes
    text_gzip: bytes
    openmetrics_gzip: bytes
    expires_at_seconds: float = math.inf

    @classmethod
    def of(cls, text: bytes, expires_at_seconds: float = math.inf) -> Page:
        """Compress a page once, for all scrapes; the samples must read alike in both formats (gauges do)."""
        deflate = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW_BITS)
        common = deflate.compress(text)
        for_openmetrics = deflate.copy()
        return cls(
            text,
            common + deflate.flush(),
            common + for_openmetrics.compress(_END_OF_OPENMETRICS) + for_openmetrics.flush(),
            expires_at_seconds,
        )

    def body(self, exposition_format: ExpositionFormat, *, gzip: bool) -> tuple[bytes, ...]:
        """The pieces of the body in one form."""
        if exposition_format is ExpositionFormat.OPENMETRICS:
            return (self.openmetrics_gzip,) if gzip else (self.text, _END_OF_OPENMETRICS)
        return (self.text_gzip,) if gzip else (self.text,)
