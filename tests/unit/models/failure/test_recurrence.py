"""A failure of which only is known when it happened."""

from __future__ import annotations

import numpy as np

from pronoia.models.failure.recurrence import past_failures, recurrence
from pronoia.series import LabelSet, SeriesFrame

NOW = 1_795_602_000.0
DAYS = 86_400.0


def _frame(**starts: np.ndarray) -> SeriesFrame:
    return SeriesFrame.from_series(
        {
            LabelSet({"__name__": "up", "instance": name}): ((times * 1_000).astype(np.int64), np.zeros(len(times)))
            for name, times in starts.items()
        }
    )


def test_what_recurs_is_likely_when_it_is_due_and_what_happened_once_is_not() -> None:
    frame = _frame(often=NOW - 7_000.0 - 7_200.0 * np.arange(24)[::-1], once=np.array([NOW - 10 * DAYS]))
    failures = past_failures([frame], NOW - 14 * DAYS, NOW)
    said = recurrence(failures, (900, 3_600, 86_400), NOW)
    often, once = ([each.labels["instance"] for each in failures].index(name) for name in ("often", "once"))
    assert said.probability[often, 0] > 0.7
    assert said.time.point[often] < 900.0
    assert said.probability[once, 0] < 0.05
    assert 0.02 < said.probability[once, 2] < 0.3
    assert (said.lower <= said.probability).all()
    assert (said.probability <= said.upper).all()


def test_while_it_lasts_nothing_is_told() -> None:
    failures = past_failures([_frame(a=np.array([NOW - 9_000.0, NOW - 30.0]))], NOW - DAYS, NOW)
    assert np.isnan(recurrence(failures, (900,), NOW).probability).all()


def test_two_conditions_of_one_failure_are_joined() -> None:
    one, other = _frame(a=np.array([NOW - 9_000.0])), _frame(a=np.array([NOW - 8_990.0, NOW - 4_000.0]))
    (failure,) = past_failures([one, other], NOW - DAYS, NOW)
    assert len(failure.starts_seconds) == 2


def test_nobody_failed() -> None:
    assert recurrence(past_failures([SeriesFrame.empty()], NOW - DAYS, NOW), (900,), NOW).probability.shape == (0, 1)
