"""Names are unique, and what is named exists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.config.checks.finding import Finding
from pronoia.config.preset import preset_names
from pronoia.config.resolved import presets_in_use
from pronoia.config.suggestion import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pronoia.config.schema.settings import Settings


def check_names(settings: Settings) -> Iterator[Finding]:
    """Problems with names of upstreams, queries, events, presets, collectors and alert channels."""
    for section in ("upstreams", "queries", "events", "collectors"):
        yield from _unique(section, [entry.name for entry in getattr(settings, section)])
    upstreams = [upstream.name for upstream in settings.upstreams]
    for position, query in enumerate(settings.queries):
        if query.upstream is not None and query.upstream not in upstreams:
            problem = f"there is no upstream {query.upstream!r}{did_you_mean(query.upstream, upstreams)}"
            yield Finding(("queries", position, "upstream"), problem, (("upstreams", "*", "name"),))
    for position, preset in enumerate(settings.presets or ()):
        if preset not in preset_names():
            yield Finding(("presets", position), f"unknown preset {preset!r}{did_you_mean(preset, preset_names())}")
    if (
        not settings.queries
        and not presets_in_use(settings)
        and not (
            settings.bottleneck.resources
            or settings.failure.signals
            or settings.failure.conditions
            or settings.failure.learnt_alerts.enabled
        )
    ):
        problem = "nothing to forecast: presets is empty and there are no queries"
        yield Finding(("presets",), problem, (("queries",),))
    yield from _channels(settings)


def _unique(section: str, names: list[str]) -> Iterator[Finding]:
    for position, name in enumerate(names):
        first = names.index(name)
        if first < position:
            problem = f"{name!r} is the name of {section}[{first}] already"
            yield Finding((section, position, "name"), problem)


def _channels(settings: Settings) -> Iterator[Finding]:
    if settings.alerts is None:
        return
    known = settings.alerts.channels.names
    for name, rule in settings.alerts.rules.items():
        for key, channels in (("channels", rule.channels), ("tickets", rule.tickets)):
            for position, channel in enumerate(channels):
                if channel not in known:
                    hint = did_you_mean(channel, known) if known else "; none is set up under alerts.channels"
                    problem = f"there is no channel {channel!r}{hint}"
                    yield Finding(("alerts", "rules", name, key, position), problem, (("alerts", "channels"),))
