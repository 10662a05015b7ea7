"""Horizons, steps, intervals and levels fit each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pronoia.config.checks.finding import Finding
from pronoia.config.duration import Duration, format_duration, parse_duration
from pronoia.config.resolved import merged
from pronoia.config.step import auto_step_seconds, even_step_seconds
from pronoia.errors import ConfigError
from pronoia.models.catalogue import check_model_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pronoia.config.document import Path
    from pronoia.config.schema.forecast import Forecast
    from pronoia.config.schema.query import Query
    from pronoia.config.schema.settings import Settings

#: Points of history per series: a fortnight of minutes is 20,160. Beyond this a fit takes minutes, not seconds.
MAX_HISTORY_POINTS = 50_000
#: Points of a forecast's curve per series.
MAX_CURVE_POINTS = 10_000

_DAY = parse_duration("1d")


@dataclass(frozen=True, slots=True)
class _Keys:
    """The forecast keys that apply to one query (or to all that have none of their own), and where each stands."""

    forecast: Forecast
    query: Query | None = None
    position: int = 0

    def value(self, key: str) -> Any:
        return getattr(self.forecast, key) if self.query is None else merged(self.query, self.forecast, key)

    def path(self, *keys: str) -> Path:
        """Where the first of the keys stands that is written down, in the query rather than in `forecast`."""
        if self.query is not None:
            for key in keys:
                if getattr(self.query, key) is not None:
                    return ("queries", self.position, key)
        written = (key for key in keys if key in self.forecast.model_fields_set)
        return ("forecast", next(written, keys[0]))

    def finding(self, keys: tuple[str, ...], problem: str, entry: tuple[int, ...] = ()) -> Finding:
        return Finding((*self.path(*keys), *entry), problem, tuple(self.path(key) for key in keys))


def check_timing(settings: Settings) -> Iterator[Finding]:
    """Problems of `forecast` and of each query that overrides something of it; each is told once."""
    told = set()
    for keys in _scopes(settings):
        for finding in (*_horizons(keys), *_step(keys), *_intervals(keys), *_bands(keys), *_model(keys)):
            if (finding.path, finding.problem) not in told:
                told.add((finding.path, finding.problem))
                yield finding


def doubtful_timing(settings: Settings) -> Iterator[Finding]:
    """What works, but not well."""
    for keys in _scopes(settings):
        history: Duration = keys.value("history")
        own = keys.query is None or keys.query.history is not None
        if own and history.milliseconds < 2 * _DAY.milliseconds:
            problem = f"{history} is less than two days: daily patterns cannot be learnt from it"
            yield keys.finding(("history",), problem)


def _scopes(settings: Settings) -> Iterator[_Keys]:
    yield _Keys(settings.forecast)
    for position, query in enumerate(settings.queries):
        yield _Keys(settings.forecast, query, position)


def _horizons(keys: _Keys) -> Iterator[Finding]:
    horizon: Duration = keys.value("horizon")
    horizons: tuple[Duration, ...] = keys.value("horizons")
    for position, entry in enumerate(horizons):
        if entry > horizon:
            problem = f"{entry} is beyond the horizon of {horizon}"
            yield keys.finding(("horizons", "horizon"), problem, (position,))


def _step(keys: _Keys) -> Iterator[Finding]:
    horizon: Duration = keys.value("horizon")
    horizons: tuple[Duration, ...] = keys.value("horizons")
    step: Duration | str = keys.value("step")
    shortest = min(horizons)
    involved = ("step", "horizon", "horizons")
    if not isinstance(step, Duration):
        try:
            step = Duration(auto_step_seconds(horizon.whole_seconds, shortest.whole_seconds) * 1000)
        except ValueError as error:
            yield keys.finding(("horizon", "horizons", "step"), str(error))
            return
    if step > shortest:
        yield keys.finding(involved, f"{step} is longer than the shortest horizon of {shortest}")
    elif horizon.milliseconds % step.milliseconds:
        yield keys.finding(involved, f"{step} does not divide the horizon of {horizon}")
    elif _DAY.milliseconds % step.milliseconds and step.milliseconds % _DAY.milliseconds:
        yield keys.finding(involved, f"{step} does not divide a day, so days would not line up; {_even(step)} does")
    yield from _points(keys, step)


def _points(keys: _Keys, step: Duration) -> Iterator[Finding]:
    for key, most in (("history", MAX_HISTORY_POINTS), ("horizon", MAX_CURVE_POINTS)):
        span: Duration = keys.value(key)
        points = span.milliseconds // step.milliseconds
        if points > most:
            size = f"{points} points for each series, at most {most} are possible"
            yield keys.finding(("step", key), f"{key} of {span} in steps of {step} is {size}")


def _intervals(keys: _Keys) -> Iterator[Finding]:
    infer_every: Duration = keys.value("infer_every")
    for key, why in (
        ("fit_every", "models are not fitted more often than used"),
        ("max_age", "forecasts would be withdrawn before they are renewed"),
    ):
        if keys.value(key) < infer_every:
            problem = f"{key} {keys.value(key)} is shorter than infer_every {infer_every}: {why}"
            yield keys.finding((key, "infer_every"), problem)


def _bands(keys: _Keys) -> Iterator[Finding]:
    level: float = keys.value("level")
    for position, band in enumerate(keys.value("bands")):
        if band == level:
            problem = f"{band:g} is the level of the main interval, which is exposed anyway; list others only"
            yield keys.finding(("bands", "level"), problem, (position,))


def _model(keys: _Keys) -> Iterator[Finding]:
    try:
        check_model_name(keys.value("model"))
    except ConfigError as error:
        yield keys.finding(("model",), error.problems[0].problem)


def _even(step: Duration) -> str:
    return format_duration(even_step_seconds(step.whole_seconds) * 1000)
