"""Pronoia: a predictive exporter and alert bridge for Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pronoia.version import __version__

if TYPE_CHECKING:
    from pronoia.sdk.read import read

__all__ = ["__version__", "read"]


def __getattr__(name: str) -> Any:
    # Lazy, so that `import pronoia.series` costs numpy alone.
    if name == "read":
        from pronoia.sdk.read import read

        return read
    raise AttributeError(f"module 'pronoia' has no attribute {name!r}")
