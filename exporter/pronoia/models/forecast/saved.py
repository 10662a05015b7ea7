"""Fitted forecasts as plain arrays, for a file that survives a restart. No pickle: loading runs no code."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from pronoia.errors import StateError
from pronoia.models.forecast.settings import ForecastSettings
from pronoia.series import LabelSet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pronoia.models.forecast.fitted import FittedForecasts

_FORMAT = 2
#: Columns over series, and how they are stored.
COLUMNS: dict[str, type] = {
    "curves": np.float64,
    "persistence": np.float64,
    "sketches": np.float64,
    "units": np.float64,
    "typical_steps": np.float64,
    "lower_scores": np.float32,
    "upper_scores": np.float32,
    "shift_states": np.float64,
    "shift_patterns": np.float64,
    "shift_counts": np.float64,
    "shift_paths": np.float64,
    "widening": np.float64,
}

_SHIFTS = tuple(name for name in COLUMNS if name.startswith("shift_"))


def to_arrays(fitted: FittedForecasts) -> dict[str, np.ndarray]:
    """The columns as they are, and one uint8 array of JSON with everything that is words."""
    words = {
        "format": _FORMAT,
        "settings": asdict(fitted.settings),
        "fitted_at_ms": fitted.fitted_at_ms,
        "labels": [labels.pairs for labels in fitted.labels],
        "models": fitted.models,
        "skipped": [(labels.pairs, reason) for labels, reason in fitted.skipped],
        "guarded": fitted.guarded,
        "failures": dict(fitted.failures),
    }
    arrays = {name: getattr(fitted, name) for name in (*COLUMNS, "thresholds")}
    return {"words": np.frombuffer(json.dumps(words).encode(), dtype=np.uint8), **arrays}


def from_arrays(arrays: Mapping[str, np.ndarray]) -> FittedForecasts:
    """What `to_arrays` gave.

    Raises:
        StateError: if a part is missing, of another format or shape, or not finite where it must be.
    """
    from pronoia.models.forecast.fitted import FitCounts, FittedForecasts

    try:
        words = json.loads(bytes(np.asarray(arrays["words"], dtype=np.uint8)))
        if words["format"] != _FORMAT:
            raise StateError(f"fitted forecasts are of format {words['format']}, this version reads {_FORMAT}")
        columns: dict[str, Any] = {name: np.array(arrays[name], dtype=dtype) for name, dtype in COLUMNS.items()}
        for name in ("curves", "persistence", "sketches", "units", "typical_steps", "widening", *_SHIFTS):
            if not np.isfinite(columns[name]).all():
                raise StateError(f"saved {name} hold values that are not finite")
        return FittedForecasts(
            labels=tuple(_label_set(pairs) for pairs in words["labels"]),
            models=tuple(map(str, words["models"])),
            settings=ForecastSettings(**words["settings"]),
            fitted_at_ms=int(words["fitted_at_ms"]),
            thresholds=np.array(arrays["thresholds"], dtype=np.float64),
            counts=FitCounts(
                skipped=tuple((_label_set(pairs), str(reason)) for pairs, reason in words["skipped"]),
                guarded=int(words["guarded"]),
                failures={str(name): int(count) for name, count in words["failures"].items()},
            ),
            **columns,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StateError(f"saved fitted forecasts cannot be read: {error}") from error


def _label_set(pairs: list[list[str]]) -> LabelSet:
    return LabelSet((str(name), str(value)) for name, value in pairs)
