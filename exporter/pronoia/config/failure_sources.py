"""Signals and conditions of failures that are in use: those of the file, then those of its presets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.config.preset import load_preset, preset_names
from pronoia.config.resolved import presets_in_use

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pronoia.config.schema.failure import FailureCondition, FailureSignal, FailureSources
    from pronoia.config.schema.settings import Settings


def signals_in_use(settings: Settings) -> tuple[FailureSignal, ...]:
    """All signals; one of the file replaces a preset's of the same name and failure."""
    found: dict[tuple[str, str], FailureSignal] = {}
    for sources in _sources(settings):
        for signal in sources.signals:
            found.setdefault((signal.failure, signal.name), signal)
    return tuple(found.values())


def conditions_in_use(settings: Settings) -> tuple[FailureCondition, ...]:
    """All conditions: those of the file and those of presets, of those alike the first."""
    found: dict[tuple[str, str], FailureCondition] = {}
    for sources in _sources(settings):
        for condition in sources.conditions:
            found.setdefault((condition.failure, condition.expr), condition)
    return tuple(found.values())


def _sources(settings: Settings) -> Iterator[FailureSources]:
    yield settings.failure
    # One that does not exist is a problem of its own.
    for preset in presets_in_use(settings):
        if preset in preset_names():
            yield load_preset(preset).failure
