"""What a fit learnt of the calendar, as columns over series, for when forecasts are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pronoia.errors import StateError
from pronoia.models.forecast.calendar.event_effect import N_POINTS, profile_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from pronoia.models.forecast.calendar.times import EventTimes
    from pronoia.series import Grid, LabelSet


@dataclass(frozen=True, slots=True, eq=False)
class CalendarEffects:
    """Events' profiles and holidays' doubt of n_series series.

    Args:
        events: distinct names.
        profiles: float64 (n_series, n_events, 8), source unit, added while the event lasts; zero where it is not used.
        spreads: likewise, standard deviations.
        curve_spreads: float64 (n_series, curve_steps + 1), standard deviation of what holidays add to the fitted
            curve; (n_series, 0) if there are none.
        is_local: bool (n_series,), whose history was brought onto a clock that changed.
    """

    events: tuple[str, ...]
    profiles: NDArray[np.float64]
    spreads: NDArray[np.float64]
    curve_spreads: NDArray[np.float64]
    is_local: NDArray[np.bool_]

    @property
    def n_series_by_event(self) -> dict[str, int]:
        """For how many series each event is used."""
        used = self.profiles.any(axis=2).sum(axis=0).tolist()
        return dict(zip(self.events, used, strict=True))

    @property
    def n_local(self) -> int:
        """How many series follow the local clock through a change."""
        return int(self.is_local.sum())

    def during(
        self, times: Sequence[EventTimes], labels: Sequence[LabelSet], grid: Grid
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What events add at the instants of a grid, and its variance, each float64 (n_series, n_steps).

        Events that overlap add up; of one event, the newest occurrence counts.

        Args:
            times: occurrences; those of other names than `events` are left out.
            labels: of the n_series series.
            grid: the instants.
        """
        added = np.zeros((len(labels), grid.n_steps))
        variance = np.zeros((len(labels), grid.n_steps))
        instants = grid.timestamps_ms
        for each in times:
            if each.name not in self.events or not each.starts_ms or not grid.n_steps:
                continue
            starts = np.array(each.starts_ms)
            newest = np.searchsorted(starts, instants, side="right") - 1
            duration = max(each.duration_ms, grid.step_ms)
            since = np.where(newest >= 0, instants - starts[np.maximum(newest, 0)], -1) / duration
            weights = profile_weights(since)
            if not weights.any():
                continue
            event = self.events.index(each.name)
            rows = np.flatnonzero(self.profiles[:, event].any(axis=1))
            rows = rows[[each.concerns(labels[row]) for row in rows.tolist()]] if each.on else rows
            added[rows] += self.profiles[rows, event] @ weights
            variance[rows] += np.square(self.spreads[rows, event] @ weights)
        return added, variance

    def take(self, series: NDArray[np.int64]) -> CalendarEffects:
        """The series with these numbers, in this order."""
        columns: dict[str, Any] = {name: getattr(self, name)[series] for name in _COLUMNS}
        return CalendarEffects(self.events, **columns)

    @staticmethod
    def joined(parts: Sequence[CalendarEffects | None]) -> CalendarEffects | None:
        """What was learnt of several parts of a query, fitted with the same settings; None where nothing is set."""
        known = [part for part in parts if part is not None]
        if not known:
            return None
        columns: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in known]) for name in _COLUMNS}
        return CalendarEffects(known[0].events, **columns)

    @staticmethod
    def rolled(
        known: CalendarEffects | None,
        fresh: CalendarEffects | None,
        n_series: tuple[int, int],
        roll: Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]],
    ) -> CalendarEffects | None:
        """What is in use after some series were fitted anew, perhaps with other events known by then.

        Args:
            known: of the fits in use; None where nothing was set.
            fresh: of the new ones; likewise.
            n_series: how many series each is of.
            roll: puts the rows of a column of the new fits in the place of the old.
        """
        if known is None and fresh is None:
            return None
        parts = [part for part in (known, fresh) if part is not None]
        names = tuple(dict.fromkeys(name for part in parts for name in part.events))
        width = max(part.curve_spreads.shape[1] for part in parts)
        before, after = (
            (part or CalendarEffects.nothing(n)).over(names, width)
            for part, n in zip((known, fresh), n_series, strict=True)
        )
        columns: dict[str, Any] = {name: roll(getattr(before, name), getattr(after, name)) for name in _COLUMNS}
        return CalendarEffects(names, **columns)

    @classmethod
    def nothing(cls, n_series: int) -> CalendarEffects:
        """No event and no holiday known."""
        empty = np.zeros((n_series, 0, N_POINTS))
        return cls((), empty, empty, np.zeros((n_series, 0)), np.zeros(n_series, np.bool_))

    def over(self, names: tuple[str, ...], width: int) -> CalendarEffects:
        """The same over more events, and with spreads of so many instants, zero where none were known."""
        n_series = len(self.profiles)
        profiles = np.zeros((2, n_series, len(names), N_POINTS))
        places = [names.index(name) for name in self.events]
        profiles[:, :, places] = self.profiles, self.spreads
        curve_spreads = self.curve_spreads if self.curve_spreads.shape[1] == width else np.zeros((n_series, width))
        return CalendarEffects(names, profiles[0], profiles[1], curve_spreads, self.is_local)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """The columns by name; the events' names are words."""
        return {f"calendar_{name}": getattr(self, name) for name in _COLUMNS}

    @classmethod
    def from_arrays(cls, events: Sequence[str], arrays: Mapping[str, NDArray[Any]]) -> CalendarEffects:
        """What `to_arrays` gave.

        Raises:
            KeyError: if a column is missing.
            StateError: if one is not finite or of another shape.
        """
        columns: dict[str, Any] = {
            name: np.array(arrays[f"calendar_{name}"], dtype=dtype) for name, dtype in _COLUMNS.items()
        }
        profiles, spreads = columns["profiles"], columns["spreads"]
        if len({len(column) for column in columns.values()}) != 1:
            raise StateError("saved calendar effects are of different series")
        if not all(np.isfinite(column).all() for column in columns.values()):
            raise StateError("saved calendar effects are not finite")
        shape = (len(profiles), len(events), N_POINTS)
        if profiles.shape != shape or spreads.shape != shape:
            raise StateError(f"saved calendar effects have shape {profiles.shape}, {shape} is needed")
        return cls(tuple(events), **columns)


_COLUMNS: dict[str, type] = {
    "profiles": np.float64,
    "spreads": np.float64,
    "curve_spreads": np.float64,
    "is_local": np.bool_,
}
