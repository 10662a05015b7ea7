"""When files were written, as far as their times tell."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def set_later(file: Path) -> None:
    """As if written a second later: a fast machine writes twice within one step of the file system's clock."""
    later_ns = file.stat().st_mtime_ns + 1_000_000_000
    os.utime(file, ns=(later_ns, later_ns))
