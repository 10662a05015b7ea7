import numpy as np
import pytest

from pronoia.models.failure.actions import recommended_actions
from pronoia.models.failure.features import headroom_features
from pronoia.models.failure.fitted import Within, trend_alone
from pronoia.models.failure.horizons import PARTS, join_horizons
from pronoia.models.failure.pressing import pressing_signal
from pronoia.models.failure.severity import failure_severity
from support.headroom import history_of, leak, newest, noise


def _curve(values):
    curve = np.array([values], dtype=np.float64)
    return Within(curve, curve / 2.0, np.minimum(curve * 1.5, 1.0))


def test_a_longer_horizon_is_never_less_likely():
    near, far = _curve([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]), _curve([0.0] * 6)
    joined = join_horizons((near, far), (900, 3600))
    assert joined.probability.tolist() == [[0.6, 0.6]]
    assert (joined.lower <= joined.probability).all()
    assert (joined.probability <= joined.upper).all()


def test_the_time_is_where_it_is_as_likely_as_not():
    joined = join_horizons((_curve([0.0, 0.1, 0.3, 0.5, 0.8, 0.9]),), (900,))
    assert joined.time.point[0] == pytest.approx(450.0)
    assert joined.time.lower[0] <= 450.0 <= joined.time.upper[0]


def test_a_horizon_of_which_too_little_is_known_takes_over_the_shorter():
    unknown = Within(*(np.full((1, len(PARTS)), np.nan) for _ in range(3)))
    joined = join_horizons((_curve([0.1] * 6), unknown), (900, 3600))
    assert joined.probability.tolist() == [[0.1, 0.1]]
    assert np.isnan(join_horizons((unknown,), (900,)).probability).all()
    assert np.isnan(joined.time.point[0])


def test_a_leak_is_expected_about_when_it_arrives():
    history = history_of(leak(n_slots=110, per_slot=0.01))
    within = trend_alone().within(headroom_features(history, *newest(history)), PARTS)
    joined = join_horizons((within,), (900,))
    # 0.2 of the limit are left, at 0.01 a slot of 15 s.
    assert joined.time.lower[0] <= 300.0 <= joined.time.upper[0]


def test_horizons_must_rise():
    with pytest.raises(ValueError, match="must rise"):
        join_horizons((_curve([0.1] * 6), _curve([0.1] * 6)), (3600, 900))


def test_the_signal_that_presses_is_told_from_one_that_does_not():
    history = history_of(0.5 + noise(110), leak(n_slots=110))
    features = headroom_features(history, *newest(history))[:, None, :]
    assert pressing_signal(features).tolist() == [1]


def test_severity_goes_by_the_nearest_horizon():
    said = np.array([[0.7, 0.7, 0.9], [0.1, 0.7, 0.9], [0.1, 0.1, 0.9], [0.1, 0.1, 0.5], [np.nan] * 3])
    assert failure_severity(said, (900, 3600, 14400), 0.6) == ("critical", "high", "medium", "low", "low")


def test_every_failure_has_something_to_do():
    assert all(recommended_actions(failure) for failure in ("oom", "disk_full", "network_timeout", "any", "own"))
