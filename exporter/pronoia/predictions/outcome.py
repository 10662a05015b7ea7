"""How a stage of a cycle ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class OutcomeState(StrEnum):
    """Three states, not two: nothing to do is no failure."""

    OK = "ok"
    NO_DATA = "no_data"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StageOutcome:
    """How one stage (`read`, `fit`, `predict`, `save`) ended for one query.

    Args:
        query: the query's name.
        stage: which stage.
        state: ok, no_data or failed.
        duration_seconds: wall time it took.
        reason: a short bounded word for a metric label (`timeout`, `too_short`); empty when ok.
        detail: one sentence for people; empty when ok.
    """

    query: str
    stage: str
    state: OutcomeState
    duration_seconds: float
    reason: str = ""
    detail: str = ""
