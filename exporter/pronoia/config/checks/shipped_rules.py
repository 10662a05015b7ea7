"""The horizons that the shipped rule files look at are among those that are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.config.checks.finding import Finding
from pronoia.config.duration import format_duration
from pronoia.config.resolved_bottleneck import HORIZON_SLOTS, resolve_resources
from pronoia.config.resolved_failure import resolve_failures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pronoia.config.document import Path
    from pronoia.config.schema.settings import Settings

#: What rules/failure.yaml and rules/bottleneck.yaml look at, whatever the configuration says.
FAILURE_RULES_HORIZON_SECONDS, BOTTLENECK_RULES_HORIZON_SECONDS = 900, 1800

_GUIDE = ("performance_predictor", "models", "failure_predictor", "time_horizons")


def doubtful_horizons(settings: Settings) -> Iterator[Finding]:
    """Horizons with which no alert of a shipped rule file could ever fire; rules of one's own may be meant."""
    for failure in resolve_failures(settings)[:1]:
        predictor = settings.performance_predictor
        guide = predictor.models.failure_predictor if predictor else None
        is_guides = guide is not None and "time_horizons" in guide.model_fields_set
        place: Path = _GUIDE if is_guides else ("failure", "horizons")
        yield from _untold("failure", FAILURE_RULES_HORIZON_SECONDS, failure.horizons_seconds, place, "name it")
    for resource in resolve_resources(settings)[:1]:
        place = ("bottleneck", "horizons" if settings.bottleneck.horizons else "slot")
        wanted = BOTTLENECK_RULES_HORIZON_SECONDS
        is_possible = wanted in [slots * resource.slot_seconds for slots in HORIZON_SLOTS]
        remedy = "name it" if is_possible else "a slot of 5m allows it"
        yield from _untold("bottleneck", wanted, resource.horizons_seconds, place, remedy)


def _untold(stem: str, seconds: int, told_seconds: tuple[int, ...], place: Path, remedy: str) -> Iterator[Finding]:
    if seconds not in told_seconds:
        told = ", ".join(format_duration(each * 1000) for each in told_seconds)
        yield Finding(
            place,
            f"told are {told}, but rules/{stem}.yaml looks at {format_duration(seconds * 1000)}: none of its predicted "
            f"alerts would ever fire; {remedy}, or render rules of your own from alerts.rules",
        )
