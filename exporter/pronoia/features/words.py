"""What each feature is called where people read why: causes of incidents, the status page, the JSON of overloads."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from pronoia.features.configured import SUMMARIES
from pronoia.features.slots import DAY, HIGH, HOUR, WEEK

if TYPE_CHECKING:
    from collections.abc import Mapping

_MINUTES_PER_SLOT = 5
_METRICS = {
    "other_ratio": "the other utilisation",
    "disk_read": "disk reads",
    "disk_write": "disk writes",
    "network_receive": "network traffic received",
    "network_transmit": "network traffic sent",
}
_SUMMARISED = {
    "mean": "mean of {}",
    "min": "lowest {}",
    "max": "highest {}",
    "median": "median of {}",
    "sum": "sum of {}",
    "std": "how much {} varied",
    "last": "newest {}",
}
_CONFIGURED = "configured_"
_SUMMARY = re.compile(rf"(.+)_({'|'.join(SUMMARIES)}|percentile_[0-9]+)_([0-9][0-9a-z_]*)", re.ASCII)


def _span(slots: int) -> str:
    for unit, length in (("week", WEEK), ("day", DAY), ("hour", HOUR)):
        if slots % length == 0:
            return unit if slots == length else f"{slots // length} {unit}s"
    return f"{slots * _MINUTES_PER_SLOT} minutes"


def _one(slots: int) -> str:
    span = _span(slots)
    return span if span[0].isdigit() else f"an {span}" if span == "hour" else f"a {span}"


def _level() -> dict[str, str]:
    words = {"load": "the load now"}
    words |= {f"load_lag_{lag}": f"the load {_one(lag)} ago" for lag in (1, 2, 3, 6, 12, 24, 48)}
    for slots in (3, 12, 48, 288):
        last = f"in the last {_span(slots)}"
        words |= {
            f"load_mean_{slots}": f"mean load {last}",
            f"load_max_{slots}": f"highest load {last}",
            f"load_std_{slots}": f"how much the load varied {last}",
        }
        if slots < DAY:
            words[f"load_min_{slots}"] = f"lowest load {last}"
    for slots in (12, 48):
        words[f"load_p95_{slots}"] = f"95th percentile of the load in the last {_span(slots)}"
    for slots in (6, 12, 48):
        words[f"load_slope_{slots}"] = f"how the load rose or fell in the last {_span(slots)}"
        words[f"load_extrapolated_{slots}"] = (
            f"where the load comes to in {_span(6)} if it goes on as in the last {_span(slots)}"
        )
    for short, long in ((3, 12), (12, 48), (48, 288)):
        words[f"growth_{short}_{long}"] = f"load of the last {_span(short)} against that of the last {_span(long)}"
    for name, level in (
        ("high", "at or above"),
        ("half", f"above {0.5 / HIGH:.0%} of"),
        ("raised", f"above {0.8 / HIGH:.0%} of"),
    ):
        for slots in {"high": (12, 48, 288), "half": (12, 48), "raised": (12,)}[name]:
            words[f"n_{name}_{slots}"] = f"how long the load was {level} the threshold in the last {_span(slots)}"
    return words | {
        "slots_up": "how long it has been seen without a gap",
        "n_up_288": "how much of the last day is known",
    }


def _past_days() -> dict[str, str]:
    return {
        "week_p50": "median load of the last week",
        "week_p95": "95th percentile of the load in the last week",
        "week_p99": "99th percentile of the load in the last week",
        "high_share": "how much of all time known it was overloaded",
        "high_share_week": "how much of the last week it was overloaded",
        "n_starts_day": "how many overloads began in the last day",
        "n_starts_week": "how many overloads began in the last week",
        "starts_per_day": "how many overloads began a day in all time known",
        "days_seen": "how far back the history goes",
        "load_per_p95": "the load now against the 95th percentile of the last week",
        "load_above_p50": "where the load is between median and 95th percentile of the last week",
    }


def _recurrence() -> dict[str, str]:
    words = {f"day_{day}_max": f"highest load at this time {_one(day * DAY)} ago" for day in range(1, 8)}
    for period in (12, 24, 36, 48, 72, 96, 144, 288, 2_016):
        cycles = f"cycles of {_one(period)}"
        words[f"cycle_{period}_start"] = f"how often overloads began at this point of earlier {cycles}"
        words[f"cycle_{period}_high"] = f"how often it was overloaded at this point of earlier {cycles}"
        if period < DAY:
            words[f"cycle_{period}_max"] = f"highest load {_one(period)} before this time"
    return words | {
        "n_days_start": "on how many of the last 7 days overloads began at this time",
        "n_days_start_wide": "on how many of the last 7 days overloads began around this time",
        "n_days_high": "on how many of the last 7 days it was overloaded at this time",
        "days_max_mean": "mean of the highest loads at this time on the last 7 days",
        "days_max_max": "highest load at this time on the last 7 days",
        "start_rate_decayed": "how often overloads began at this time on recent days",
        "start_rate_decayed_wide": "how often overloads began around this time on recent days",
        "start_share": "how often overloads began at this time on the last 42 days",
        "days_since_start": "how many days ago an overload last began at this time",
        "weeks_start_share": "how often overloads began at this time of the week in the last 4 weeks",
        "weeks_high_share": "how often it was overloaded at this time of the week in the last 4 weeks",
        "day_1_hour_max": "highest load of the hour to come as it was a day ago",
        "change_to_yesterday": "the load now against that a day ago",
        "alike_yesterday": "how alike the last 2 hours are to the same hours a day ago",
    }


def _renewal() -> dict[str, str]:
    return {
        "slots_since_start": "how long ago the last overload began",
        "last_gap": "how far apart the last two overloads began",
        "median_gap": "how far apart overloads usually begin",
        "gap_spread": "how much the gaps between overloads vary",
        "since_per_gap": "how long ago the last overload began against the usual gap",
        "gap_left": "how much of the usual gap between overloads is left",
        "renewal_hazard": "how often the next overload began at this time after gaps that had lasted so long",
        "n_longer_gaps": "how many earlier gaps between overloads lasted longer than this one",
        "slots_since_high": "how long ago it was last overloaded",
        "gaps_near_share": "how many of the earlier gaps between overloads ended around this point",
        "gaps_in_window_share": "how many of the earlier gaps between overloads ended at this point",
    }


def _period() -> dict[str, str]:
    return {
        "start_period": "after how long its overloads repeat",
        "start_period_strength": "how clearly its overloads repeat",
        "load_period": "after how long its load repeats",
        "load_period_strength": "how clearly its load repeats",
        "period_start_share": "how often overloads began at this point of its last 6 own periods",
        "period_start_last": "whether an overload began at this point of its last own period",
        "load_period_max_1": "highest load at this point of its last own period",
        "load_period_max_2": "highest load at this point of its last own period but one",
    }


def _companions() -> dict[str, str]:
    words: dict[str, str] = {}
    for name, metric in _METRICS.items():
        words |= {
            f"{name}_now": f"{metric} now",
            f"{name}_mean_3": f"{metric} in the last {_span(3)}",
            f"{name}_mean_3_over_48": f"{metric} in the last {_span(3)} against the last {_span(48)}",
            f"{name}_over_288": f"{metric} now against the last day",
            f"{name}_max_12_over_288": f"highest {metric.removeprefix('the ')} of the last hour against the last day",
            f"{name}_change_3": f"how {metric} rose or fell in the last {_span(3)}",
            f"{name}_yesterday_over_288": f"{metric} at this time a day ago against the last day",
        }
    return words


def _others() -> dict[str, str]:
    together = "among those whose overloads begin together with its own"
    return {
        "peers_high_share": "how many of its peers are overloaded now",
        **{
            f"peers_starts_{slots}": f"overloads of its peers that began in the last {_span(slots)}"
            for slots in (3, 6, 288)
        },
        "peers_days_start": "overloads of its peers that began at this time on the last 7 days",
        "group_days_start": f"overloads at this time on the last 7 days {together}",
        "group_starts_6": f"overloads that began in the last {_span(6)} {together}",
        "group_weight": "how closely its overloads begin together with those of its peers",
        "follows_jump_load": "a jump of the load just now and how often an overload followed such",
        **{
            f"follows_jump_{name}": f"a jump of {metric} just now and how often an overload followed such"
            for name, metric in _METRICS.items()
        },
        "follows_peer_start": "an overload of a peer just now and how often its own followed such",
        "follows_peer_jump": "a jump of a peer's load just now and how often its own overload followed such",
        "slot_of_hour": "the time in the hour",
        "slot_of_day": "the time of day",
        "weekday": "the day of the week",
        "cores": "how many cores it has",
        "log_memory_mebibytes": "how much memory it has",
    }


#: A phrase for each of `FEATURES`, without commas, so that they can be listed. "This time" and "this point" are those
#: of the window ahead. Times are those of slots of five minutes: compressed time is called by what it stands for.
IN_WORDS: Mapping[str, str] = MappingProxyType(
    _level() | _past_days() | _recurrence() | _renewal() | _period() | _companions() | _others()
)


def in_words(feature: str) -> str:
    """What a feature tells of, for people; the name itself of what is none.

    >>> in_words("load_max_12"), in_words("start_rate_decayed_wide")
    ('highest load in the last hour', 'how often overloads began around this time on recent days')
    >>> in_words("configured_disk_io_percentile_95_15_minutes"), in_words("configured_cpu_trend")
    ('percentile 95 of disk_io over 15 minutes', 'cpu_trend of feature_engineering')
    """
    if not feature.startswith(_CONFIGURED):
        return IN_WORDS.get(feature, feature)
    own = feature.removeprefix(_CONFIGURED)
    found = _SUMMARY.fullmatch(own)
    if not found:
        return f"{own} of feature_engineering"
    metric, summary, window = found[1], found[2], found[3].replace("_", " ")
    percentile = summary.rpartition("_")[2]
    told = _SUMMARISED.get(summary, f"percentile {percentile} of {{}}")
    return f"{told.format(metric)} over {window}"
