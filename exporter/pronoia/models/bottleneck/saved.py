"""HorizonRisks as plain arrays. No pickle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pronoia.errors import ModelError
from pronoia.features.labels import TARGETS
from pronoia.features.matrix import FEATURES
from pronoia.features.slots import WINDOWS
from pronoia.models.bottleneck.horizons import HorizonRisks
from pronoia.models.bottleneck.risk_arrays import risk_from_arrays, risk_to_arrays

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pronoia.models.bottleneck.fitted import FittedRisk

_NAME = "bottleneck"


def risks_to_arrays(risks: HorizonRisks) -> dict[str, NDArray[Any]]:
    """All that is needed to make them again, by name."""
    return {
        name: array
        for target, windows in risks.risks.items()
        for number, risk in enumerate(windows)
        for name, array in risk_to_arrays(f"{target}/{number}", risk).items()
    }


def risks_from_arrays(arrays: Mapping[str, NDArray[Any]], known: tuple[str, ...] = FEATURES) -> HorizonRisks:
    """What `risks_to_arrays` gave; `known` are the features that are computed.

    Raises:
        ModelError: if something is missing or damaged, or a member asks for features that are not computed.
    """
    try:
        return HorizonRisks({target: _windows(arrays, target, known) for target in TARGETS})
    except (KeyError, ValueError, TypeError) as error:
        raise ModelError(_NAME, f"the saved classifiers are incomplete: {error}") from error


def _windows(arrays: Mapping[str, NDArray[Any]], target: str, known: tuple[str, ...]) -> tuple[FittedRisk, ...]:
    return tuple(risk_from_arrays(f"{target}/{number}", target, arrays, known) for number in range(len(WINDOWS)))
