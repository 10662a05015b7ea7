"""StateLock: one process per state directory."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

from pronoia.errors import StateError

if TYPE_CHECKING:
    from pathlib import Path


class StateLock:
    """Held from its making until it is released or the process ends, however it ends.

    Args:
        directory: an existing state directory.

    Raises:
        StateError: if another process holds it, or the directory cannot be written to.
    """

    def __init__(self, directory: Path) -> None:
        path = directory / "lock"
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StateError(f"state directory {directory} cannot be written to: {error.strerror}") from error
        try:
            # The kernel lets go of it with the process: there is no stale lock to clean up.
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._descriptor)
            raise StateError(
                f"state directory {directory} is in use by another process; give each its own --storage.path"
            ) from error

    def release(self) -> None:
        """Let others have it."""
        os.close(self._descriptor)
