"""Which deviations count today: holidays may have a rule of their own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pronoia.models.forecast.calendar.holiday_days import holiday_days

if TYPE_CHECKING:
    from pronoia.config.resolved_anomaly import ResolvedWatch

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).toordinal()


def direction_at(watch: ResolvedWatch, now_seconds: float) -> str:
    """`both`, `high`, `low` or `none`: those of the watch, or on a public holiday, local time, those of holidays."""
    if not watch.holidays or watch.direction_on_holidays == watch.direction:
        return watch.direction
    today = datetime.fromtimestamp(now_seconds, tz=ZoneInfo(watch.timezone)).toordinal() - _EPOCH
    is_holiday = bool(holiday_days(watch.holidays, today, today))
    return watch.direction_on_holidays if is_holiday else watch.direction
