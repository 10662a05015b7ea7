"""State survives, or is absent; it is never half there and never executed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pronoia.errors import StateError
from pronoia.storage.state import StateStore

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    StateStore(tmp_path).save("cpu", {"curve": np.arange(3.0)}, {"step_ms": 300_000})
    state = StateStore(tmp_path).load("cpu")
    assert state is not None
    np.testing.assert_array_equal(state.arrays["curve"], [0.0, 1.0, 2.0])
    assert state.meta == {"step_ms": 300_000}


def test_nothing_saved_is_no_error(tmp_path: Path) -> None:
    assert StateStore(tmp_path).load("cpu") is None


def test_names_that_read_alike_do_not_share_a_file(tmp_path: Path) -> None:
    store = StateStore(tmp_path)
    store.save("cpu/a", {}, {"of": 1})
    store.save("cpu a", {}, {"of": 2})
    first = store.load("cpu/a")
    assert first is not None
    assert first.meta == {"of": 1}


@pytest.mark.parametrize("damage", ["truncated", "flipped", "foreign", "empty"])
def test_a_damaged_file_is_set_aside_and_not_fatal(tmp_path: Path, damage: str) -> None:
    store = StateStore(tmp_path)
    store.save("cpu", {"curve": np.arange(100.0)}, {})
    (path,) = tmp_path.glob("*.state")
    whole = path.read_bytes()
    path.write_bytes(
        {
            "truncated": whole[:-7],
            "flipped": whole[:200] + bytes([whole[200] ^ 1]) + whole[201:],
            "foreign": b"\x80\x04 not ours",
            "empty": b"",
        }[damage]
    )
    assert store.load("cpu") is None
    assert not path.exists()
    assert path.with_suffix(".corrupt").exists()


def test_a_failed_write_leaves_the_old_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = StateStore(tmp_path)
    store.save("cpu", {}, {"generation": 1})

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StateError, match="No space left on device"):
        store.save("cpu", {}, {"generation": 2})
    state = store.load("cpu")
    assert state is not None
    assert state.meta == {"generation": 1}
    assert not list(tmp_path.glob("*.partial")), "what was half written must not keep a full disk full"


def test_object_arrays_are_refused_so_that_nothing_is_pickled(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="pickle"):
        StateStore(tmp_path).save("cpu", {"curve": np.array([object()])}, {})


def test_files_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    StateStore(tmp_path / "state").save("cpu", {}, {})
    (path,) = (tmp_path / "state").glob("*.state")
    assert path.stat().st_mode & 0o077 == 0
