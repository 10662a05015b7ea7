"""Whether a file is still the one that was read: certificates and settings are replaced under running processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

#: What tells one state of a file from another: change time, size and inode; None if there is no file.
#: Times advance in steps of milliseconds, in which a file may be replaced.
FileMark = tuple[int, int, int] | None


def file_mark(path: Path) -> FileMark:
    """The present mark of a file."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
