"""What was refused is not asked for again at once."""

from __future__ import annotations

import pytest

from pronoia.errors import QueryTooLarge
from pronoia.pipeline.refusals import LOOK_AGAIN_SECONDS, Refusals


def test_a_refusal_holds_for_a_while() -> None:
    now = [0.0]
    refusals = Refusals(lambda: now[0])
    asked: list[str] = []

    def refuse() -> int:
        asked.append("a")
        raise QueryTooLarge("a", "too large")

    for _ in range(3):
        with pytest.raises(QueryTooLarge):
            refusals.remember("a", refuse)
    assert len(asked) == 1
    assert refusals.remember("b", lambda: 1) == 1
    now[0] += LOOK_AGAIN_SECONDS
    assert refusals.remember("a", lambda: 2) == 2
    with pytest.raises(QueryTooLarge):
        refusals.remember("a", refuse)
