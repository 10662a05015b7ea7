from __future__ import annotations

import numpy as np
import pytest

from pronoia.evaluation.anomaly.episodes import count_episodes
from pronoia.models.anomaly.calibration import fit_line, gap_steps

STEP_SECONDS = 60.0
DAY = 1_440


def seen_rate(shape: float, rate: float) -> float:
    """False alarms a day in twenty months, by lines laid on four days each; heights fall off by a power of `shape`."""
    rng = np.random.default_rng(0)
    n_false = n_days = 0.0
    for _ in range(20):
        line = fit_line(rng.pareto(shape, 4 * DAY), rate, STEP_SECONDS)
        later = rng.pareto(shape, 30 * DAY) / line
        counts = count_episodes(np.zeros(len(later), np.bool_), later, gap_steps(STEP_SECONDS), STEP_SECONDS)
        n_false, n_days = n_false + counts.n_false, n_days + counts.normal_days
    return n_false / n_days


@pytest.mark.parametrize("rate", [0.1, 0.3, 1.0])
@pytest.mark.parametrize("shape", [1.0, 1.5, 2.0])
def test_four_days_tell_a_rate_that_they_hold_no_example_of(rate: float, shape: float) -> None:
    assert rate / 2.0 < seen_rate(shape, rate) < rate * 2.0


@pytest.mark.parametrize("rate", [0.1, 0.3, 1.0])
@pytest.mark.parametrize("shape", [3.0, 6.0])
def test_scores_that_fall_off_faster_than_usual_alarm_more_rarely_and_never_more_often(
    rate: float, shape: float
) -> None:
    assert seen_rate(shape, rate) < rate * 2.0


def test_a_line_for_fewer_alarms_is_higher() -> None:
    raw = np.random.default_rng(1).exponential(size=2_000)
    assert fit_line(raw, 0.1, STEP_SECONDS) > fit_line(raw, 1.0, STEP_SECONDS) > fit_line(raw, 10.0, STEP_SECONDS)


def test_silence_has_a_line_as_well() -> None:
    assert fit_line(np.zeros(500), 0.1, STEP_SECONDS) > 0.0


def test_a_single_incident_in_two_hours_of_history_does_not_lay_the_line_beyond_itself() -> None:
    raw = np.random.default_rng(2).exponential(size=120)
    usual = fit_line(raw, 1.0, STEP_SECONDS)
    raw[60:75] = 500.0
    assert usual < fit_line(raw, 1.0, STEP_SECONDS) < 500.0
