"""Pronoia: a predictive exporter and alert bridge for Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pronoia.version import __version__

if TYPE_CHECKING:
    from pronoia.sdk.anomaly import score_anomalies
    from pronoia.sdk.forecast import forecast
    from pronoia.sdk.read import read

__all__ = ["__version__", "forecast", "read", "score_anomalies"]


def __getattr__(name: str) -> Any:
    # Lazy, so that `import pronoia.series` costs numpy alone.
    if name == "read":
        from pronoia.sdk.read import read

        return read
    if name == "forecast":
        from pronoia.sdk.forecast import forecast

        return forecast
    if name == "score_anomalies":
        from pronoia.sdk.anomaly import score_anomalies

        return score_anomalies
    raise AttributeError(f"module 'pronoia' has no attribute {name!r}")
