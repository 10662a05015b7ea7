import numpy as np
import pytest

from pronoia.errors import ModelError
from pronoia.features.matrix import FEATURES
from pronoia.models.classifiers.hazard import RATES, HazardModel, fit_hazard


def _rows(n: int = 4_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rates of which one decides, and columns that are not known."""
    rng = np.random.default_rng(seed)
    values = np.full((n, len(FEATURES)), np.nan, np.float32)
    for name in RATES:
        values[:, FEATURES.index(name)] = rng.random(n)
    values[: n // 4, FEATURES.index("renewal_hazard")] = np.nan
    decides = values[:, FEATURES.index("start_rate_decayed")]
    return values, rng.random(n) < 0.3 * decides**2


def _fitted() -> HazardModel:
    values, happened = _rows()
    return fit_hazard(values, happened, np.ones(len(happened)), features=FEATURES)


def test_a_rate_that_decides_is_found():
    values, happened = _rows(seed=1)
    said = _fitted().log_odds(values)
    assert said[happened].mean() > said[~happened].mean() + 0.5


def test_it_survives_being_saved():
    values, _ = _rows(100)
    fitted = _fitted()
    np.testing.assert_array_equal(HazardModel.from_bytes(fitted.to_bytes()).log_odds(values), fitted.log_odds(values))


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04 nothing", _fitted().to_bytes()[:-200]])
def test_what_is_no_model_is_refused(raw):
    with pytest.raises(ModelError, match="cannot be read"):
        HazardModel.from_bytes(raw)


def test_a_model_of_other_terms_is_refused():
    fitted = _fitted()
    fewer = HazardModel(fitted.features, fitted.centre[1:], fitted.scale[1:], fitted.weights[1:])
    with pytest.raises(ModelError, match="incomplete"):
        HazardModel.from_bytes(fewer.to_bytes())


def test_one_outcome_teaches_nothing():
    values, happened = _rows(50)
    with pytest.raises(ModelError, match="one outcome only"):
        fit_hazard(values, np.zeros_like(happened), np.ones(50), features=FEATURES)
