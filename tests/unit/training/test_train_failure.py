import numpy as np
import pytest

from pronoia.cli import main
from pronoia.models.failure.features import headroom_features
from pronoia.models.failure.shipped import unpack_prior
from pronoia.training.train_failure import fit_failure_prior
from support.headroom import history_of, leak, newest, noise


@pytest.fixture(scope="module")
def prior():
    return fit_failure_prior(120, 1, lambda line: None)


def test_a_leak_is_more_likely_to_fail_than_a_flat_line(prior):
    history = history_of(leak(n_slots=110), 0.4 + noise(110))
    said = prior.odds(headroom_features(history, *newest(history)), np.ones(1)).log_odds[:, 0]
    assert said[0] > said[1] + 2.0


def test_members_know_systems_of_their_own(prior):
    first, second = (member.to_bytes() for member in prior.members[:2])
    assert first != second


def test_the_command_writes_what_can_be_read(tmp_path, capsys):
    out = tmp_path / "failure.bin"
    assert main(["prior", "train-failure", "--systems", "60", "--out", str(out)]) == 0
    assert len(unpack_prior(out.read_bytes()).members) == 3
    assert "bytes" in capsys.readouterr().out


def test_too_few_systems_and_no_place_are_named(tmp_path, capsys):
    assert main(["prior", "train-failure", "--systems", "3", "--out", str(tmp_path / "none" / "x.bin")]) != 0
    said = capsys.readouterr().err
    assert "--systems" in said
    assert "--out" in said
