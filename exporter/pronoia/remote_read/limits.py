"""How much one remote-read exchange may take."""

from __future__ import annotations

from dataclasses import dataclass

from pronoia.errors import ResponseTooLarge
from pronoia.remote_read.walk import ENTRY_BYTES

MIB = 1024 * 1024
#: Memory of one decoded sample: an int64 and a float64.
SAMPLE_BYTES = 16


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """Sizes checked before anything of that size is allocated.

    Args:
        max_frame_bytes: one frame of a streamed answer; 50 MB is the limit of Prometheus' own client.
        max_response_bytes: an answer's body as received.
        max_decompressed_bytes: a SAMPLES answer after snappy.
        max_samples: samples of one answer, 16 bytes each; 5e7 is Prometheus' own `--query.max-samples`.
        max_series: series of one answer.
        max_request_bytes: a request, compressed or not, on the serving side; 1 MiB is Mimir's limit.
        max_queries: queries of one request, on the serving side.
        n_samples_before: samples that earlier answers to the same read held; they count as well.
    """

    max_frame_bytes: int = 50 * MIB
    max_response_bytes: int = 512 * MIB
    max_decompressed_bytes: int = 1024 * MIB
    max_samples: int = 50_000_000
    max_series: int = 500_000
    max_request_bytes: int = MIB
    max_queries: int = 100
    n_samples_before: int = 0

    def check_body(self, n_bytes: int) -> None:
        """Refuse a body that is too large.

        Raises:
            ResponseTooLarge: if it is.
        """
        if n_bytes > self.max_response_bytes:
            raise ResponseTooLarge("the remote-read answer", n_bytes, self.max_response_bytes)

    def check_counts(self, n_entries: int, n_samples: int) -> None:
        """Refuse an answer with too many series or samples, before memory is taken for them.

        Raises:
            ResponseTooLarge: if there are too many.
        """
        n_samples += self.n_samples_before
        if n_samples > self.max_samples:
            reason = f"{n_samples} samples, limits.max_samples is {self.max_samples}"
            raise ResponseTooLarge("samples", n_samples * SAMPLE_BYTES, self.max_samples * SAMPLE_BYTES, reason)
        if n_entries > self.max_series:
            reason = f"{n_entries} series, limits.max_series is {self.max_series}"
            raise ResponseTooLarge("series", n_entries * ENTRY_BYTES, self.max_series * ENTRY_BYTES, reason)
