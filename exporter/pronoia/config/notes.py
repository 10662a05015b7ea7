"""Telling people what a configuration does that they may not expect, so that nothing is ignored silently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.config.preset import load_preset
from pronoia.config.resolved import presets_in_use

if TYPE_CHECKING:
    from pronoia.config.schema.settings import Settings

_WAITING_FOR = {
    "performance_predictor": "of its models, resource_optimizer is not built yet",
    "collectors": "metrics are read from upstreams; agents cannot hand metrics in yet",
}


def notes_on(settings: Settings) -> tuple[str, ...]:
    """One sentence for each section or key that is not in use yet, and for each preset query that is replaced."""
    waiting = [
        f"{section}: accepted, not in use yet ({reason})"
        for section, reason in _WAITING_FOR.items()
        if getattr(settings, section)
    ]
    feeding = [
        f"queries[{position}].feeds: {' and '.join(later)} noted for later; they are not answered yet"
        for position, query in enumerate(settings.queries)
        if (later := [stem for stem in query.feeds if stem not in ("forecast", "anomaly", "bottleneck")])
    ]
    replaced = [
        f"queries[{position}]: replaces {query.name} of preset {preset}"
        for preset in presets_in_use(settings)
        for position, query in enumerate(settings.queries)
        if query.name in {other.name for other in load_preset(preset).queries}
    ]
    return (*waiting, *feeding, *replaced)
