"""A short newest part of each range tells what all of it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pronoia.errors import QueryTooLarge, ResponseTooLarge, SeriesLimitExceeded
from pronoia.pipeline.planned_read import planned_reads
from pronoia.pipeline.probe import measured_parts
from pronoia.promql.compiler import compile as compile_promql
from pronoia.promql.plan import Plan

if TYPE_CHECKING:
    from pronoia.series import SeriesFrame

NOW = 86_400_000_000


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (SeriesLimitExceeded("series", 11, 10), "11 series, the limit is 10; name fewer"),
        (ResponseTooLarge("the body", 2, 1), "the body is 2 bytes, the limit is 1 bytes; name fewer"),
    ],
)
def test_a_window_that_is_itself_too_large_is_a_refusal(error: Exception, told: str) -> None:
    plan = compile_promql("1 + a")
    assert isinstance(plan, Plan)

    def read(*_: object) -> SeriesFrame:
        raise error

    with pytest.raises(QueryTooLarge, match=f"300 s of these series alone are too much to read: {told}") as caught:
        tuple(measured_parts("1 + a", planned_reads(plan, NOW, NOW), read))
    assert caught.value.position == 4
