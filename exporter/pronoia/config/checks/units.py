"""Units that imply limits are written as they are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.config.checks.finding import Finding
from pronoia.config.schema.query import UNIT_LIMITS
from pronoia.config.suggestion import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pronoia.config.schema.settings import Settings

# Any word may be a unit, and tasks_per_second is no slip of the pen for bytes_per_second.
_LIKENESS = 0.85


def doubtful_units(settings: Settings) -> Iterator[Finding]:
    """Units that are nearly one that implies limits, of queries that have none of their own."""
    for position, query in enumerate(settings.queries):
        unit = query.unit
        if unit is None or unit in UNIT_LIMITS or query.minimum is not None:
            continue
        if near := nearest(unit, UNIT_LIMITS, _LIKENESS):
            problem = (
                f"{unit!r} implies no minimum, as {', '.join(UNIT_LIMITS)} do; did you mean {near!r}? "
                "If not, give the minimum"
            )
            yield Finding(("queries", position, "unit"), problem)
