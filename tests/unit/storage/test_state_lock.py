"""Two exporters on one state directory would overwrite each other's state: the second is told so at its start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pronoia.errors import StateError
from pronoia.storage.state_lock import StateLock

if TYPE_CHECKING:
    from pathlib import Path


def test_a_second_holder_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    first = StateLock(tmp_path)
    with pytest.raises(StateError, match="in use by another process"):
        StateLock(tmp_path)
    first.release()
    StateLock(tmp_path).release()


def test_a_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="cannot be written to"):
        StateLock(tmp_path / "missing")
