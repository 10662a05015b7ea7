import numpy as np
import pytest

from pronoia.training.failure_growth import made_growth
from pronoia.training.failure_harmless import made_harmless
from pronoia.training.failure_rest import N_SLOTS, made_rest
from pronoia.training.failure_systems import made_system


@pytest.fixture(scope="module")
def systems():
    rng = np.random.default_rng(0)
    return [made_system(rng) for _ in range(300)]


def test_systems_are_histories_between_nothing_and_their_limit(systems):
    for system in systems:
        assert system.used.shape == (1, N_SLOTS)
        known = system.used[np.isfinite(system.used)]
        assert ((known > 0.0) & (known <= 1.0)).all()


def test_some_fail_again_and_again_and_half_never_do(systems):
    failures = np.array([system.failed.sum() for system in systems])
    assert 0.4 < (failures == 0).mean() < 0.8
    assert (failures > 1).mean() > 0.05


def test_what_fails_was_high_before_or_leapt(systems):
    before = [
        np.nanmax(system.used[0, max(slot - 5, 0) : slot])
        for system in systems
        for slot in np.flatnonzero(system.failed[0])
        if slot > 5
    ]
    assert np.median(before) > 0.85


def test_the_load_is_told_of_some_only(systems):
    told = np.mean([np.isfinite(system.load).all() for system in systems])
    assert 0.4 < told < 0.8


@pytest.mark.parametrize("seed", range(20))
def test_growth_reaches_the_limit_at_the_end_of_its_time_and_never_falls(seed):
    rng = np.random.default_rng(seed)
    grown = made_growth(rng)(rng)(np.linspace(0.0, 1.0, 50))
    assert grown[-1] == pytest.approx(1.0)
    assert (np.diff(grown) >= 0.0).all()


@pytest.mark.parametrize("seed", range(20))
def test_what_is_harmless_stays_below_the_limit_of_a_quiet_system(seed):
    rng = np.random.default_rng(seed)
    rest = made_rest(rng)
    assert rest.base + made_harmless(rng, rest).max() < 1.0


def test_the_same_seed_makes_the_same_system():
    one, other = (made_system(np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(one.used, other.used, equal_nan=True)
