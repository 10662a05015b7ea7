from __future__ import annotations

import numpy as np
import pytest

from pronoia.errors import StateError
from pronoia.models.forecast.calendar.effects import CalendarEffects
from pronoia.models.forecast.calendar.event_effect import N_POINTS
from pronoia.models.forecast.calendar.times import Calendar, EventTimes
from pronoia.series import Grid, LabelSet

LABELS = (LabelSet({"s": "a"}), LabelSet({"s": "b"}))
MINUTE = 60_000


def effects(*sizes: float) -> CalendarEffects:
    """Events of two series, flat, the second series moved twice as far."""
    profiles = np.ones((2, len(sizes), N_POINTS)) * np.array(sizes)[None, :, None] * np.array([1, 2])[:, None, None]
    names = tuple("xyz"[: len(sizes)])
    return CalendarEffects(names, profiles, 0.1 * profiles, np.zeros((2, 0)), np.array([True, False]))


def during(found: CalendarEffects, *times: EventTimes) -> np.ndarray:
    return found.during(times, LABELS, Grid(0, MINUTE, 6))[0]


def test_an_event_adds_its_effect_while_it_lasts_and_no_longer() -> None:
    added = during(effects(1.0), EventTimes("x", 2 * MINUTE, (2 * MINUTE,)))
    np.testing.assert_allclose(added, [[0, 0, 1, 1, 0, 0], [0, 0, 2, 2, 0, 0]])


def test_events_that_overlap_add_up() -> None:
    times = EventTimes("x", 2 * MINUTE, (2 * MINUTE,)), EventTimes("y", 3 * MINUTE, (3 * MINUTE,))
    np.testing.assert_allclose(during(effects(1.0, 10.0), *times)[0], [0, 0, 1, 11, 10, 10])


def test_an_occurrence_that_began_before_goes_on() -> None:
    np.testing.assert_allclose(during(effects(1.0), EventTimes("x", 3 * MINUTE, (-MINUTE,)))[0], [1, 1, 0, 0, 0, 0])


def test_an_event_shorter_than_a_step_lasts_one() -> None:
    assert during(effects(1.0), EventTimes("x", 1, (MINUTE - 1,)))[0].tolist() == [0, 1, 0, 0, 0, 0]


def test_events_without_effect_or_of_later_configurations_add_nothing() -> None:
    assert not during(effects(0.0), EventTimes("x", MINUTE, (0,))).any()
    assert not during(effects(1.0), EventTimes("other", MINUTE, (0,))).any()
    assert not during(effects(1.0), EventTimes("x", MINUTE)).any()


def test_series_are_counted_by_event_and_by_clock() -> None:
    found = effects(1.0, 0.0)
    assert found.n_series_by_event == {"x": 2, "y": 0}
    assert found.n_local == 1
    assert found.take(np.array([1])).n_local == 0


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("calendar_profiles", np.full((2, 1, N_POINTS), np.nan)),
        ("calendar_spreads", np.zeros((2, 2, N_POINTS))),
        ("calendar_is_local", np.zeros(3, dtype=bool)),
    ],
)
def test_saved_columns_that_cannot_be_are_refused(column: str, value: np.ndarray) -> None:
    arrays = effects(1.0).to_arrays() | {column: value}
    with pytest.raises(StateError):
        CalendarEffects.from_arrays(("x",), arrays)


def test_a_calendar_survives_words() -> None:
    from dataclasses import asdict

    calendar = Calendar("Asia/Tokyo", ("JP",), (EventTimes("x", 5, (1, 2), (("a", "b"),)),))
    assert Calendar.from_words(asdict(calendar)) == calendar


def test_an_event_without_length_is_refused() -> None:
    with pytest.raises(ValueError, match="lasts 0 ms"):
        EventTimes("x", 0)
