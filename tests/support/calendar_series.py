"""Made-up series with known calendar effects, each a future that is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np

from pronoia.models.forecast.calendar.clock import offsets_ms
from pronoia.models.forecast.calendar.times import Calendar, EventTimes
from pronoia.series import AlignedFrame, Grid, LabelSet

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
BERLIN = "Europe/Berlin"
#: Public holidays in all of Germany in spring 2026 that are no Sundays.
SPRING_2026 = ("2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14", "2026-05-25")
# Share of its value that a public holiday in Germany makes of a weekday, if it is a Sunday.
_SUNDAY = 0.4


def at(text: str, zone: str = BERLIN) -> int:
    """Local time in milliseconds of UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@dataclass(frozen=True, eq=False)
class MadeUp:
    """History and future of some series, and where in the future an effect shows.

    Args:
        history: n_series series.
        truth: float64 (n_series, horizon).
        matters: bool (horizon,): the steps at which an effect shows.
        calendar: what to tell the fit.
    """

    history: AlignedFrame
    truth: np.ndarray
    matters: np.ndarray
    calendar: Calendar


def people(
    times_ms: np.ndarray, zone: str, holidays: frozenset[int] = frozenset(), rest: float = _SUNDAY
) -> np.ndarray:
    """A working day's shape by the local clock, less on weekends and holidays."""
    local = times_ms + offsets_ms(times_ms, zone)
    hour, day = local % DAY_MS / HOUR_MS, local // DAY_MS
    shape = np.exp(-(((hour - 9.5) / 2.0) ** 2)) + 0.8 * np.exp(-(((hour - 15.0) / 3.0) ** 2))
    weekday = (day + 3) % 7
    share = np.where(weekday == 6, rest, np.where(weekday == 5, 0.5 * (1.0 + rest), 1.0))
    share = np.where(np.isin(day, list(holidays)), rest, share)
    return 100.0 * (0.3 + share * shape)


def made_up(
    now_ms: int,
    value: object,
    calendar: Calendar,
    matters: object,
    *,
    step_ms: int = 300_000,
    n_series: int = 4,
    n_days: int = 21,
    horizon_ms: int = DAY_MS,
    noise: float = 2.0,
    seed: int = 0,
) -> MadeUp:
    """Series of `value(times_ms)` with noise that persists for a while.

    Args:
        now_ms: end of the history.
        value: from instants to values, the noise aside.
        calendar: what to tell the fit.
        matters: from instants to where an effect shows.
    """
    rng = np.random.default_rng(seed)
    now_ms = now_ms // step_ms * step_ms
    n_past, n_ahead = n_days * DAY_MS // step_ms, horizon_ms // step_ms
    grid = Grid.ending_at(now_ms, step_ms, n_past)
    times = np.concatenate([grid.timestamps_ms, grid.following(n_ahead).timestamps_ms])
    rows = []
    for _ in range(n_series):
        white = rng.normal(0.0, noise, len(times))
        drift = np.zeros(len(times))
        for i in range(1, len(times)):
            drift[i] = 0.9 * drift[i - 1] + 0.3 * white[i]
        rows.append(value(times) + drift + 0.5 * white)
    values = np.array(rows)
    labels = tuple(LabelSet({"__name__": "made_up", "series": str(i)}) for i in range(n_series))
    return MadeUp(
        AlignedFrame(labels, grid, values[:, :n_past].copy()), values[:, n_past:], matters(times[n_past:]), calendar
    )


def clock_change(now: str, zone: str = BERLIN, *, follows: str | None = None, **options: object) -> MadeUp:
    """A series that people make (or, with `follows="UTC"`, a clock without changes), around a change of the clock."""
    calendar = Calendar(timezone=zone)
    return made_up(
        at(now, zone),
        lambda times: people(times, follows or zone),
        calendar,
        lambda times: np.ones(len(times), dtype=bool),
        **options,
    )


def day_number(text: str) -> int:
    """Days since 1970-01-01."""
    return date.fromisoformat(text).toordinal() - date(1970, 1, 1).toordinal()


def holiday(now: str, *, observed: bool = True, rest: float = _SUNDAY, **options: object) -> MadeUp:
    """A series in spring 2026 that keeps Germany's holidays, or takes no notice of them."""
    calendar = Calendar(timezone=BERLIN, holidays=("DE",))
    days = frozenset(day_number(day) for day in SPRING_2026)

    def matters(times: np.ndarray) -> np.ndarray:
        return np.isin((times + offsets_ms(times, BERLIN)) // DAY_MS, list(days))

    own = days if observed else frozenset()
    return made_up(at(now), lambda times: people(times, BERLIN, own, rest), calendar, matters, **options)


def with_event(
    now: str,
    starts: tuple[str, ...],
    duration_ms: int,
    *,
    size: float = 60.0,
    known: int | None = None,
    **options: object,
) -> MadeUp:
    """A series that a job loads, rising fast and falling slowly, at known times.

    Args:
        starts: of all occurrences.
        size: of the effect at its highest.
        known: how many of the starts are known.
    """
    starts_ms = tuple(at(start) for start in starts)

    def value(times: np.ndarray) -> np.ndarray:
        total = people(times, BERLIN)
        for start in starts_ms:
            since = (times - start) / duration_ms
            total = total + np.where((since >= 0) & (since < 1), size * np.minimum(1.0, 4.0 * (1.0 - since)), 0.0)
        return total

    def matters(times: np.ndarray) -> np.ndarray:
        return np.any([(times >= start) & (times < start + duration_ms) for start in starts_ms], axis=0)

    event = EventTimes("job", duration_ms, starts_ms[:known])
    return made_up(at(now), value, Calendar(timezone=BERLIN, events=(event,)), matters, **options)
