import importlib.util
import sys

import numpy as np
import pytest

from pronoia.errors import ModelError
from pronoia.models.bottleneck.members import available_members
from pronoia.models.classifiers import fit_network as fitting
from pronoia.models.classifiers import sequence_network
from pronoia.models.classifiers.fit_network import fit_network
from pronoia.models.classifiers.sequence_network import NETWORKS, NetworkSettings, SequenceNetwork, has_torch

needs_torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed")
FEATURES = ("one", "other")
SETTINGS = NetworkSettings(most_rows=1_500, most_later_rows=500, n_epochs=3, batch=64)


def _rows(n: int, seed: int = 0):
    """It happens where the sequence rises at its end; the features say nothing."""
    rng = np.random.default_rng(seed)
    sequences = rng.normal(size=(n, 48, 8)).astype(np.float32) * 0.1
    happened = rng.random(n) < 0.3
    sequences[happened, -4:, 0] += 1.0
    values = rng.normal(size=(n, 2)).astype(np.float32)
    values[::7, 1] = np.nan
    return values, lambda which: sequences[which], happened, np.ones(n)


def _fit(kind: str) -> SequenceNetwork:
    values, read, happened, weights = _rows(2_000)
    return fit_network(
        kind,
        values=values,
        read=read,
        happened=happened,
        weights=weights,
        later=_rows(600, seed=1),
        features=FEATURES,
        settings=SETTINGS,
    )


@needs_torch
@pytest.mark.parametrize("kind", NETWORKS)
def test_what_the_sequence_shows_is_learnt_and_survives_being_saved(kind):
    fitted = _fit(kind)
    values, read, happened, _ = _rows(400, seed=2)
    said = fitted.log_odds(values, read)
    assert np.median(said[happened]) > np.median(said[~happened]) + 2.0
    restored = SequenceNetwork.from_bytes(fitted.to_bytes())
    np.testing.assert_array_equal(restored.log_odds(values, read), said)


@needs_torch
def test_the_same_rows_and_seed_give_the_same_network():
    values, read, _, _ = _rows(50, seed=3)
    np.testing.assert_array_equal(_fit("lstm").log_odds(values, read), _fit("lstm").log_odds(values, read))


@needs_torch
def test_weights_of_another_network_are_refused():
    fitted = _fit("lstm")
    odd = SequenceNetwork("transformer", FEATURES, fitted.centre, fitted.scale, fitted.weights)
    values, read, _, _ = _rows(3)
    with pytest.raises(ModelError, match="do not fit"):
        odd.log_odds(values, read)


@needs_torch
def test_one_outcome_teaches_nothing():
    values, read, happened, weights = _rows(20)
    with pytest.raises(ModelError, match="one outcome only"):
        fit_network(
            "lstm",
            values=values,
            read=read,
            happened=np.zeros_like(happened),
            weights=weights,
            later=_rows(20),
            features=FEATURES,
            settings=SETTINGS,
        )


def _untrained() -> SequenceNetwork:
    return SequenceNetwork("lstm", FEATURES, np.zeros(2, np.float32), np.ones(2, np.float32), {"w": np.zeros(1)})


def test_without_torch_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(sequence_network, "has_torch", lambda: False)
    values, read, _, _ = _rows(3)
    with pytest.raises(ModelError, match=r"pronoia\[neural\]"):
        _untrained().log_odds(values, read)
    with pytest.raises(ModelError, match=r"pronoia\[neural\]"):
        _fit("lstm")


def test_torch_that_is_installed_but_broken_is_told_once_and_leaves_networks_out(monkeypatch, tmp_path, caplog):
    (tmp_path / "torch.py").write_text('raise OSError("libc10.so: cannot open shared object file")')
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    has_torch.cache_clear()
    try:
        assert [available_members(("trees", "lstm", "hazard")) for _ in range(3)] == [("trees", "hazard")] * 3
        assert caplog.text.count("libc10.so") == 1
    finally:
        has_torch.cache_clear()


def test_a_network_without_sequences_is_refused():
    with pytest.raises(ValueError, match="none were given"):
        _untrained().log_odds(np.zeros((1, 2), np.float32))


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04 nothing", b"\x00" * 64])
def test_what_is_no_network_is_refused(raw):
    with pytest.raises(ModelError, match="cannot be read"):
        SequenceNetwork.from_bytes(raw)


def test_a_network_of_a_kind_unknown_is_refused():
    unknown = SequenceNetwork("gru", FEATURES, np.zeros(2), np.ones(2), {"w": np.zeros(1)})
    with pytest.raises(ModelError, match="'gru' is incomplete"):
        SequenceNetwork.from_bytes(unknown.to_bytes())


def test_of_too_many_rows_those_where_it_happened_are_kept_and_the_total_stays():
    happened = np.arange(1_000) < 30
    drawn, weights = fitting._draw(happened, np.full(1_000, 2.0), 100, np.random.default_rng(0))
    assert len(drawn) == 100
    assert happened[drawn].sum() == 30
    assert weights.sum() == pytest.approx(2_000.0)
