"""Fitted forecasts as plain arrays, for a file that survives a restart. No pickle: loading runs no code."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from pronoia.errors import StateError
from pronoia.models.forecast.calendar.effects import CalendarEffects
from pronoia.models.forecast.calendar.times import NO_CALENDAR, Calendar
from pronoia.models.forecast.fit_counts import FitCounts
from pronoia.models.forecast.settings import ForecastSettings
from pronoia.series import LabelSet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pronoia.models.forecast.fitted import FittedForecasts

_FORMAT = 3
#: Columns over series, and how they are stored.
COLUMNS: dict[str, type] = {
    "fitted_at_ms": np.int64,
    "is_guarded": np.bool_,
    "curves": np.float64,
    "persistence": np.float64,
    "sketches": np.float64,
    "dependence": np.float64,
    "units": np.float64,
    "typical_steps": np.float64,
    "lower_scores": np.float32,
    "upper_scores": np.float32,
    "member_weights": np.float32,
    "loss_ratios": np.float32,
    "shift_states": np.float64,
    "shift_patterns": np.float64,
    "shift_counts": np.float64,
    "shift_paths": np.float64,
    "shift_losses": np.float64,
    "widening": np.float64,
}

_FINITE = (
    "curves", "persistence", "sketches", "dependence", "units", "typical_steps", "member_weights", "widening",
    "shift_states", "shift_patterns", "shift_counts", "shift_paths", "shift_losses",
)  # fmt: skip


def to_arrays(fitted: FittedForecasts) -> dict[str, np.ndarray]:
    """The columns as they are, and one uint8 array of JSON with everything that is words."""
    words = {
        "format": _FORMAT,
        "settings": asdict(fitted.settings),
        "labels": [labels.pairs for labels in fitted.labels],
        "models": fitted.models,
        "skipped": [(labels.pairs, reason) for labels, reason in fitted.skipped],
        "failures": dict(fitted.failures),
    }
    arrays = {name: getattr(fitted, name) for name in (*COLUMNS, "thresholds")}
    if fitted.effects is not None:
        words["calendar_events"] = fitted.effects.events
        arrays |= fitted.effects.to_arrays()
    return {"words": np.frombuffer(json.dumps(words).encode(), dtype=np.uint8), **arrays}


def from_arrays(arrays: Mapping[str, np.ndarray]) -> FittedForecasts:
    """What `to_arrays` gave.

    Raises:
        StateError: if a part is missing, of another format or shape, or not finite where it must be.
    """
    from pronoia.models.forecast.fitted import FittedForecasts

    try:
        words = json.loads(bytes(np.asarray(arrays["words"], dtype=np.uint8)))
        if words["format"] != _FORMAT:
            raise StateError(f"fitted forecasts are of format {words['format']}, this version reads {_FORMAT}")
        columns: dict[str, Any] = {name: np.array(arrays[name], dtype=dtype) for name, dtype in COLUMNS.items()}
        for name in _FINITE:
            if not np.isfinite(columns[name]).all():
                raise StateError(f"saved {name} hold values that are not finite")
        return FittedForecasts(
            labels=tuple(_label_set(pairs) for pairs in words["labels"]),
            models=tuple(map(str, words["models"])),
            settings=_settings(words["settings"]),
            thresholds=np.array(arrays["thresholds"], dtype=np.float64),
            counts=FitCounts(
                skipped=tuple((_label_set(pairs), str(reason)) for pairs, reason in words["skipped"]),
                failures={str(name): int(count) for name, count in words["failures"].items()},
            ),
            effects=CalendarEffects.from_arrays(words["calendar_events"], arrays)
            if "calendar_events" in words
            else None,
            **columns,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StateError(f"saved fitted forecasts cannot be read: {error}") from error


def _settings(words: Mapping[str, Any]) -> ForecastSettings:
    calendar = Calendar.from_words(words["calendar"]) if "calendar" in words else NO_CALENDAR
    return ForecastSettings(**{**words, "calendar": calendar})


def _label_set(pairs: list[list[str]]) -> LabelSet:
    return LabelSet((str(name), str(value)) for name, value in pairs)
