import numpy as np
import pytest

from pronoia.models.forecast.dependence import N_PROCESSES, draw_scores, fit_dependence

AHEAD = np.unique(np.round(np.geomspace(1, 200, 30)).astype(np.int64))


def _only(process: int) -> np.ndarray:
    return np.eye(N_PROCESSES)[process : process + 1]


def _drawn(shares: np.ndarray, n_paths: int = 400) -> np.ndarray:
    return draw_scores(shares, int(AHEAD[-1]), n_paths, np.random.default_rng(0))[:, :, AHEAD - 1]


@pytest.mark.parametrize("process", range(N_PROCESSES))
def test_every_process_keeps_unit_variance(process):
    scores = draw_scores(_only(process), 50, 4_000, np.random.default_rng(1))
    np.testing.assert_allclose(scores.std(axis=1), 1.0, atol=0.06)


@pytest.mark.parametrize("process", range(N_PROCESSES))
def test_a_process_that_made_the_scores_is_found(process):
    shares = fit_dependence(_drawn(_only(process)), AHEAD)[0]
    assert shares.sum() == pytest.approx(1.0)
    correlations = np.corrcoef(_drawn(_only(process))[0].T)
    found = np.corrcoef(_drawn(shares[None])[0].T)
    assert np.abs(correlations - found).mean() < 0.1


def test_a_few_forecasts_are_drawn_towards_all_series():
    walk = _drawn(_only(1), 4)
    alone = fit_dependence(walk, AHEAD)[0]
    among = fit_dependence(np.concatenate([walk, *(_drawn(_only(N_PROCESSES - 1), 4) for _ in range(20))]), AHEAD)[0]
    assert among[-1] > alone[-1]


def test_nothing_known_gives_what_is_usual():
    shares = fit_dependence(np.full((2, 3, len(AHEAD)), np.nan), AHEAD)
    assert (shares >= 0.0).all()
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)


def test_a_horizon_of_one_step_needs_no_dependence():
    assert fit_dependence(np.zeros((1, 5, 1)), np.array([1])).shape == (1, N_PROCESSES)
