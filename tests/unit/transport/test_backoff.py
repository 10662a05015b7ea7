from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from pronoia.transport.backoff import backoff_seconds, retry_after_seconds


def test_waits_are_jittered_over_the_whole_span_which_doubles_up_to_ten_seconds() -> None:
    rng = random.Random(1)
    for attempt, longest in enumerate([0.25, 0.5, 1, 2, 4, 8, 10, 10]):
        waits = [backoff_seconds(attempt, rng) for _ in range(500)]
        assert min(waits) < 0.05 * longest
        assert 0.95 * longest < max(waits) <= longest


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0.0),
        ("0", 0.0),
        (" 120 ", 120.0),
        ("-5", 0.0),
        ("tomorrow", 0.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 60.0),
        ("Wed, 21 Oct 2015 07:26:00 GMT", 0.0),
        ("Wed, 21 Oct 2015 07:28:00 -0000", 60.0),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str | None, seconds: float) -> None:
    assert retry_after_seconds(header, datetime(2015, 10, 21, 7, 27, tzinfo=UTC)) == seconds
