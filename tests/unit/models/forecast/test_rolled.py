"""Series fitted at different times stand side by side, each with its own age."""

from __future__ import annotations

import numpy as np
import pytest

from pronoia.models.forecast.fit import fit_forecasts
from pronoia.models.forecast.fit_counts import FitCounts
from pronoia.models.forecast.fitted import FittedForecasts
from pronoia.models.forecast.rolled import roll
from pronoia.models.forecast.settings import ForecastSettings
from pronoia.series import AlignedFrame, Grid, LabelSet

HOUR = 3_600_000
SETTINGS = ForecastSettings(HOUR, 24, refit_steps=6)
LABELS = tuple(LabelSet({"series": str(i)}) for i in range(4))
END_MS = 480 * HOUR


def history(end_ms: int = END_MS, *rows: int) -> AlignedFrame:
    grid = Grid.ending_at(end_ms, HOUR, 144)
    wave = np.sin(2.0 * np.pi * grid.timestamps_ms / (24 * HOUR))
    noise = np.random.default_rng(end_ms % 1000 + 1).normal(0.0, 0.3, (4, 144))
    frame = AlignedFrame(LABELS, grid, 10.0 + 3.0 * wave + noise)
    return frame.take(rows) if rows else frame


@pytest.fixture(scope="module")
def known() -> FittedForecasts:
    return fit_forecasts(history(END_MS, 0, 1, 2), SETTINGS)


@pytest.fixture(scope="module")
def fresh() -> FittedForecasts:
    return fit_forecasts(history(END_MS + 3 * HOUR, 1, 3), SETTINGS)


def test_new_fits_take_the_place_of_old_ones_and_new_series_follow(known, fresh) -> None:
    rolled = roll(known, fresh)
    assert rolled.labels == LABELS
    assert (rolled.fitted_at_ms - END_MS).tolist() == [0, 3 * HOUR, 0, 3 * HOUR]
    np.testing.assert_array_equal(rolled.curves[[0, 2]], known.curves[[0, 2]])
    np.testing.assert_array_equal(rolled.curves[[1, 3]], fresh.curves)
    assert rolled.models == (known.models[0], fresh.models[0], known.models[2], fresh.models[1])


def test_each_series_is_read_at_its_own_age(known, fresh) -> None:
    recent = history(END_MS + 4 * HOUR)
    point = roll(known, fresh).predict(recent, 24).point
    np.testing.assert_array_equal(point[[0, 2]], known.predict(recent, 24).point[[0, 2]])
    np.testing.assert_array_equal(point[[1, 3]], fresh.predict(recent, 24).point)


def test_a_series_that_is_skipped_or_gone_loses_its_fit(known) -> None:
    ended = FittedForecasts.from_fits([], SETTINGS, END_MS, FitCounts(((LABELS[1], "ended"), (LABELS[3], "no_data"))))
    rolled = roll(known, ended, gone={LABELS[2]})
    assert rolled.labels == LABELS[:1]
    assert rolled.skipped == ((LABELS[1], "ended"), (LABELS[3], "no_data"))
    again = roll(rolled, known.take([1]), gone={LABELS[3]})
    assert again.labels == LABELS[:2]
    assert again.skipped == ()


def test_guarded_series_are_counted_as_they_come_and_go(known, fresh) -> None:
    rolled = roll(known, fresh)
    assert rolled.guarded == int(known.is_guarded[[0, 2]].sum()) + fresh.guarded


def test_thresholds_are_pooled_over_all_series_when_asked(known, fresh) -> None:
    rolled = roll(known, fresh)
    np.testing.assert_array_equal(rolled.thresholds, known.thresholds)
    whole = FittedForecasts.concatenate([known.take([0]), fresh.take([0]), known.take([2]), fresh.take([1])])
    np.testing.assert_array_equal(rolled.pooled().thresholds, whole.thresholds)


def test_what_was_rolled_survives_a_restart(known, fresh) -> None:
    rolled = roll(known, fresh)
    restored = FittedForecasts.from_arrays(rolled.to_arrays())
    np.testing.assert_array_equal(restored.fitted_at_ms, rolled.fitted_at_ms)
    np.testing.assert_array_equal(restored.is_guarded, rolled.is_guarded)


def test_fits_of_other_settings_are_refused(known) -> None:
    other = fit_forecasts(history(END_MS, 0), ForecastSettings(HOUR, 24, refit_steps=6, level=0.8))
    with pytest.raises(ValueError, match="different settings"):
        roll(known, other)
