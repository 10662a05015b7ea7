"""Telling people which accepted sections do nothing yet, so that none is ignored silently."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pronoia.config.schema.settings import Settings

_WAITING_FOR = {
    "performance_predictor": "bottleneck, failure and right-sizing predictions are not built yet",
    "feature_engineering": "the learnt models that use these features are not built yet",
    "alerts": "the alert bridge is not built yet; alert on the exposed metrics with Prometheus' own rules",
    "collectors": "metrics are read from upstreams; agents cannot hand metrics in yet",
}


def notes_on(settings: Settings) -> tuple[str, ...]:
    """One sentence for each section that is checked and kept, but not in use yet."""
    return tuple(
        f"{section}: accepted, not in use yet ({reason})"
        for section, reason in _WAITING_FOR.items()
        if getattr(settings, section)
    )
