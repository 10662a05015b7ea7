"""State on disk: named sets of arrays, written atomically, verified when read."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import logging
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pronoia.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

_FORMAT = b"pronoia-state 1\n"
_DIGEST_BYTES = 32
_META = "__meta__"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredState:
    """What was saved under one name: plain arrays and a small JSON object."""

    arrays: Mapping[str, NDArray[Any]]
    meta: Mapping[str, Any]


class StateStore:
    """A directory of state files, one per name.

    A file is a format line, a SHA-256 digest and a numpy `.npz` archive without pickled objects. It is written
    beside its destination, flushed to the disk and renamed, so that a crash leaves the old state or the new one,
    never half of either. Files are readable by their owner alone.

    Args:
        directory: created when missing.

    Raises:
        StateError: if the directory cannot be made or written to.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StateError(f"state directory {directory} cannot be used: {error.strerror}") from error

    def save(self, name: str, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> None:
        """Replace the state saved under a name.

        Raises:
            StateError: if it cannot be written (disk full, no permission); what was there before stays.
        """
        packed = io.BytesIO()
        meta_bytes = np.frombuffer(json.dumps(dict(meta)).encode(), dtype=np.uint8)
        np.savez(packed, allow_pickle=False, **{_META: meta_bytes}, **dict(arrays))
        body = packed.getvalue()
        path = self._path(name)
        partial = path.with_suffix(".partial")
        try:
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(_FORMAT + hashlib.sha256(body).digest() + body)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
            self._sync_directory()
        except OSError as error:
            # What was written of it must not keep a full disk full.
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
            raise StateError(f"state {path} cannot be written: {error.strerror}") from error

    def load(self, name: str) -> StoredState | None:
        """The state saved under a name, or None if there is none.

        A file that is damaged or of another format is set aside as `*.corrupt`, with a line in the log.
        """
        path = self._path(name)
        try:
            return _unpack(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, StateError) as error:
            _log.warning("state %s is unusable (%s), set aside; models will be fitted anew", path, error)
            self._set_aside(path)
            return None

    def _path(self, name: str) -> Path:
        # Query names are free text; the digest keeps two names apart that read alike.
        readable = re.sub(r"[^A-Za-z0-9_-]+", "-", name)[:60]
        return self._directory / f"{readable}-{hashlib.sha256(name.encode()).hexdigest()[:10]}.state"

    def _set_aside(self, path: Path) -> None:
        try:
            path.replace(path.with_suffix(".corrupt"))
        except OSError as error:
            _log.warning("state %s could not be set aside: %s", path, error)

    def _sync_directory(self) -> None:
        descriptor = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _unpack(data: bytes) -> StoredState:
    if not data.startswith(_FORMAT):
        raise StateError("not a state file of this version")
    start = len(_FORMAT) + _DIGEST_BYTES
    body = data[start:]
    if hashlib.sha256(body).digest() != data[len(_FORMAT) : start]:
        raise StateError("checksum does not match")
    with np.load(io.BytesIO(body), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files if name != _META}
        meta = json.loads(archive[_META].tobytes())
    return StoredState(arrays, meta)
