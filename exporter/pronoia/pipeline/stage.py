"""One stage of a cycle, run so that its failure stays its own."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, TypeVar

from pronoia.errors import EvaluationError, PronoiaError, SeriesError, SeriesLimitExceeded
from pronoia.predictions.outcome import OutcomeState, StageOutcome

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)
T = TypeVar("T")

# The data's, but no want of data: somebody has to change the query or a limit.
_OF_THE_QUERY = (EvaluationError, SeriesLimitExceeded)


def run_stage(
    query: str, stage: str, work: Callable[[], T], before: StageOutcome | None = None
) -> tuple[T | None, StageOutcome]:
    """Run `work`, time it, and turn whatever it raises into an outcome.

    Args:
        query: the query's name.
        stage: the stage's name.
        work: what to run.
        before: how it ended last time; the traceback of a defect that is still the same is not logged again.

    Returns:
        What `work` returned (None unless ok) and how it went: errors of ours carry their own reason; anything
        else is a defect, reported as `internal` with its traceback in the log.
    """
    started = time.monotonic()
    state, reason, detail, result = OutcomeState.OK, "", "", None
    try:
        result = work()
    except PronoiaError as error:
        is_want = isinstance(error, SeriesError) and not isinstance(error, _OF_THE_QUERY)
        state = OutcomeState.NO_DATA if is_want else OutcomeState.FAILED
        reason, detail = error.cause, str(error)
    except Exception as error:  # noqa: BLE001 - the one place where a defect in a stage is kept from the others
        state, reason, detail = OutcomeState.FAILED, "internal", f"{type(error).__name__}: {error}"
        if before is None or before.detail != detail:
            _log.exception("query %s: stage %s failed unexpectedly", query, stage)
    return result, StageOutcome(query, stage, state, time.monotonic() - started, reason, detail)


def log_change(before: StageOutcome | None, now: StageOutcome) -> None:
    """Tell a change of a stage's outcome once, not every round."""
    if before is not None and (before.state, before.reason) == (now.state, now.reason):
        return
    if now.state is OutcomeState.FAILED:
        _log.error("query %s: %s failed: %s", now.query, now.stage, now.detail)
    elif now.state is OutcomeState.NO_DATA:
        _log.info("query %s: nothing to %s: %s", now.query, now.stage, now.detail)
    elif before is not None:
        again = " again" if before.state is OutcomeState.FAILED else ""
        _log.info("query %s: %s works%s", now.query, now.stage, again)
