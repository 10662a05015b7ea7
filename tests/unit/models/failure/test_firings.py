import numpy as np
import pytest

from pronoia.models.failure.firings import Firings, firing_probability, firings_of
from pronoia.series import LabelSet, SeriesFrame

DAY, HOUR = 86_400.0, 3_600.0
NOW = 1_795_600_000.0
HORIZONS = (900, 3_600, 14_400)
NAME = LabelSet({"alertname": "Backup"})


def _every(period: float, since_last: float, n: int = 20) -> Firings:
    starts = NOW - since_last - period * np.arange(n)[::-1]
    return Firings(NAME, starts, NOW - period * n - since_last, is_firing=False)


def test_what_fires_every_two_hours_is_expected_when_they_are_over():
    early = firing_probability(_every(2 * HOUR, 0.5 * HOUR), HORIZONS, NOW)
    late = firing_probability(_every(2 * HOUR, 1.9 * HOUR), HORIZONS, NOW)
    assert early[0] < 0.1
    assert late[0] > 0.9
    assert early[2] > 0.9


def test_what_fires_at_the_same_time_each_day_is_expected_then():
    soon = firing_probability(_every(DAY, DAY - 600.0, 10), HORIZONS, NOW)
    later = firing_probability(_every(DAY, DAY - 3 * HOUR, 10), HORIZONS, NOW)
    assert soon[0] > 0.8
    assert later[0] < 0.1
    assert later[2] > 0.8


def test_what_fired_once_is_rare_and_grows_with_the_horizon():
    said = firing_probability(_every(10 * DAY, 5 * DAY, 1), HORIZONS, NOW)
    assert (np.diff(said) > 0.0).all()
    assert said[-1] < 0.1


def test_what_fires_is_not_foretold():
    assert np.isnan(
        firing_probability(Firings(NAME, np.array([NOW - 60]), NOW - DAY, is_firing=True), HORIZONS, NOW)
    ).all()


def _history(**series: tuple[dict[str, str], list[float]]) -> SeriesFrame:
    frame = {
        LabelSet({"__name__": "ALERTS", "alertstate": "firing", "alertname": name, **labels}): (
            (np.array(times) * 1_000).astype(np.int64),
            np.ones(len(times)),
        )
        for name, (labels, times) in series.items()
    }
    return SeriesFrame.from_series(frame)


def test_starts_are_told_from_samples_that_go_on():
    times = [NOW - 7_200 + 60 * i for i in range(10)] + [NOW - 3_600 + 60 * i for i in range(5)]
    (found,) = firings_of(_history(Backup=({}, times)), NOW - DAY, NOW)
    assert found.starts_seconds.tolist() == [NOW - 7_200, NOW - 3_600]
    assert not found.is_firing
    assert found.labels == NAME


def test_a_firing_that_goes_on_at_the_beginning_has_no_start():
    (found,) = firings_of(_history(Backup=({}, [NOW - DAY + 60, NOW - DAY + 120])), NOW - DAY, NOW)
    assert found.starts_seconds.tolist() == []


def test_predicted_alerts_are_never_learnt_from():
    history = _history(
        OomPredicted=({"predictive": "true"}, [NOW - 7_200, NOW - 3_600]), Backup=({"predictive": "no"}, [NOW - 7_200])
    )
    assert [found.labels.get("alertname") for found in firings_of(history, NOW - DAY, NOW)] == ["Backup"]


def test_an_alert_that_fires_now_says_so():
    (found,) = firings_of(_history(Backup=({}, [NOW - 60, NOW])), NOW - DAY, NOW)
    assert found.is_firing
    assert found.starts_seconds == pytest.approx([NOW - 60])
