"""Samples on which PromQL's corner cases show: resets, gaps, markers, odd histograms, awkward labels.

Values are multiples of 2^-14 of moderate size, so that their sums are exact in whichever order and with or without
compensation (Prometheus sums with it since 3.0 only), and so that differences are exactly zero where they are zero.
What 2.x and 3.x define differently is left out on purpose: ties in `topk`, `stddev` of infinite values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pronoia.series import STALE_NAN, SeriesFrame
from support.promql_node_data import add_node
from support.promql_samples import MINUTE_MS, N_SCRAPES, SCRAPES_MS, START_MS, Samples, counted, grained

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Sample numbers a minute and five minutes apart.
PER_MINUTE, PER_RANGE = 4, 20


def stored_samples() -> SeriesFrame:
    """All of it: about 300 series of up to 561 samples in 140 minutes."""
    samples = Samples()
    for part in (_gauges, _special_gauges, _gaps, _markers, _counters, _histograms, _odd_histograms, _matched):
        part(samples)
    add_node(samples)
    return samples.frame()


def _gauges(samples: Samples) -> None:
    for i, room in enumerate(("attic", "cellar", "hall")):
        for sensor in ("0", "1"):
            values = samples.walk(20 - 15 * i, 0.5) + int(sensor) / 4
            samples.add("temperature_celsius", SCRAPES_MS, values, room=room, sensor=sensor)
    samples.add("temperature_celsius", SCRAPES_MS, samples.walk(-40), room="outside")
    samples.add("constant_gauge", SCRAPES_MS, 3.5, instance="a")
    samples.add("zero_gauge", SCRAPES_MS, 0.0, instance="a")
    for i, queue in enumerate(("mail", "print", "sync")):
        values = samples.rng.integers(0, 4 + i, N_SCRAPES).astype(float)
        samples.add("queue_length", SCRAPES_MS, values, queue=queue, instance="ab"[i % 2])
    # For trigonometry's domain.
    for i in "ab":
        samples.add("share_ratio", SCRAPES_MS, samples.rng.integers(-128, 129, N_SCRAPES) / 128, instance=i)
    path = 'C:\\temp\\"new" {a="b"}'
    samples.add("unusual_gauge", SCRAPES_MS, samples.walk(), path=path, city="Zürich", note="a,b=c")
    samples.add("unusual_gauge", SCRAPES_MS, samples.walk(), path="/", city="東京", note="$1 ${2}")
    samples.add("unusual_gauge", SCRAPES_MS, samples.walk(), path="two\nlines")
    samples.add("up", SCRAPES_MS, samples.rng.integers(0, 2, N_SCRAPES).astype(float), job="api", instance="a")
    samples.add("up", SCRAPES_MS, 1.0, job="api", instance="b")
    # Timestamps as values, for time functions: leap days, ends of years, before 1970.
    seconds = 951_696_000 + 40_000 * np.arange(N_SCRAPES) * np.where(np.arange(N_SCRAPES) % 2, 1, -60)
    samples.add("event_timestamp_seconds", SCRAPES_MS, seconds.astype(float), event="leap")
    samples.add("event_timestamp_seconds", SCRAPES_MS, SCRAPES_MS / 1000 - 86_400 * 31, event="last_month")


def _special_gauges(samples: Samples) -> None:
    special = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -2.5])
    samples.add("special_gauge", SCRAPES_MS, special[samples.rng.integers(0, 7, N_SCRAPES)], kind="mixed")
    samples.add("special_gauge", SCRAPES_MS, np.nan, kind="nan")
    samples.add("special_gauge", SCRAPES_MS, np.inf, kind="inf")
    samples.add("special_gauge", SCRAPES_MS, -np.inf, kind="neginf")
    sometimes = np.where(np.arange(N_SCRAPES) % 7 == 3, np.nan, samples.walk())
    samples.add("special_gauge", SCRAPES_MS, sometimes, kind="sometimes")
    samples.add("special_gauge", SCRAPES_MS, samples.walk(), kind="plain")


def _gaps(samples: Samples) -> None:
    # At the instants of evaluation and at the ends of windows to the millisecond: 5 minutes, and 1 ms more or less.
    edges = START_MS + 5 * MINUTE_MS * np.arange(28, dtype=np.int64)
    for name, shift_ms in (("on", 0), ("after", 1), ("before", -1)):
        samples.add("edge_gauge", edges + shift_ms, np.arange(28.0) ** 2, edge=name)
        samples.add("edge_total", edges + shift_ms, counted(np.arange(28.0) + 8, {9: 0.0, 17: 64.0}), edge=name)
    jitter = np.unique(SCRAPES_MS + samples.rng.integers(-6_000, 6_000, N_SCRAPES))
    samples.add("irregular_gauge", jitter, samples.walk()[: len(jitter)], instance="a")
    samples.add("irregular_total", jitter, samples.count(9.0)[: len(jitter)], instance="a")
    slow = np.cumsum(samples.rng.choice([5_000, 30_000, 61_000, 170_000, 299_000, 300_000, 301_000], 55))
    samples.add("irregular_gauge", START_MS + slow, samples.walk()[:55], instance="b")
    samples.add("irregular_total", START_MS + slow, samples.count(400.0, {20: 0.0, 33: 9.0})[:55], instance="b")
    minute = (SCRAPES_MS - START_MS) // MINUTE_MS
    for instance, kept in {
        "eight_minutes": (minute < 50) | (minute >= 58),
        "twice": (minute < 20) | ((minute >= 31) & (minute < 33)) | (minute >= 70),
        "every_sixth": minute % 6 == 0,
        "lossy": samples.rng.random(N_SCRAPES) < 0.3,
        "late": minute >= 44,
        "early": minute < 62,
        "middle": (minute > 51) & (minute < 73),
    }.items():
        samples.add("gap_gauge", SCRAPES_MS[kept], samples.walk()[kept], instance=instance)
        # Whole increments are lost in gaps, and a series that begins has counted for long.
        samples.add("gap_total", SCRAPES_MS[kept], 5000.0 + samples.count(6.0)[kept], instance=instance)
    for n in (1, 2, 3):
        samples.add("short_total", SCRAPES_MS[201 : 201 + n], 64.0 * np.arange(n) + 192.0, n=str(n))
        samples.add("short_gauge", SCRAPES_MS[200 : 200 + n], 8.0 - np.arange(n), n=str(n))


def _markers(samples: Samples) -> None:
    ended = samples.walk()
    ended[[100, 180, 181, 240, 300, 420]] = STALE_NAN
    samples.add("marked_gauge", SCRAPES_MS, ended, instance="back_at_once")
    for instance, first, last in (("back_later", 160, 240), ("back_in_two_minutes", 233, 241), ("for_good", 333, 561)):
        for name, values in (("marked_gauge", samples.walk()), ("marked_total", samples.count(5.0, {last: 0.0}))):
            values[first] = STALE_NAN
            kept = np.r_[0 : first + 1, last:N_SCRAPES]
            samples.add(name, SCRAPES_MS[kept], values[kept], instance=instance)
    # The version changes: one series ends with a marker where the next begins.
    for version, first, last in (("1.0", 0, 200), ("1.1", 200, 380), ("2.0", 380, 561)):
        values = np.ones(last - first + (last < N_SCRAPES))
        values[last - first :] = STALE_NAN
        times = SCRAPES_MS[first : last + 1]
        samples.add("build_info", times, values, instance="a", version=version, revision=f"r{first}")
    samples.add("build_info", SCRAPES_MS, 1.0, instance="b", version="1.1", revision="r7")
    samples.add("only_marker_gauge", SCRAPES_MS[300:301], STALE_NAN)


def _counters(samples: Samples) -> None:
    # Resets on whole minutes, on five minutes, between both, twice in a row, to zero and to more than zero.
    resets = {"a": {}, "b": {140: 0.0, 201: 3.0, 202: 0.0, 260: 0.0}, "c": {PER_RANGE * 13: 2.0, PER_MINUTE * 75: 0.0}}
    for instance, at in resets.items():
        for method, code, mean in (("GET", "200", 12.0), ("GET", "500", 0.2), ("POST", "200", 3.0)):
            if (instance, method) != ("c", "POST"):
                labels = {"job": "api", "instance": instance, "method": method, "code": code}
                samples.add("requests_total", SCRAPES_MS, samples.count(mean, at), **labels)
    samples.add("requests_total", SCRAPES_MS, samples.count(1.0), job="batch", instance="a")
    for device in ("eth0", "eth1"):
        values = 2.0**40 + samples.count(3e6, {350: 0.0})
        samples.add("bytes_total", SCRAPES_MS, values, instance="a", device=device)
    samples.add("restarting_total", SCRAPES_MS, np.arange(N_SCRAPES) % 7 * 2.0, instance="to_zero")
    samples.add("restarting_total", SCRAPES_MS, np.arange(N_SCRAPES) % 4 * 2.0 + 16, instance="every_minute")
    samples.add("idle_total", SCRAPES_MS, 12.0, instance="a")
    samples.add("idle_total", SCRAPES_MS, 0.0, instance="b")
    samples.add("negative_total", SCRAPES_MS, samples.count(2.0) - 512, instance="a")
    # Begins inside the range at zero, a little later, and having counted for long.
    samples.add("fresh_total", SCRAPES_MS[210:], counted(samples.rng.poisson(4.0, 351), {0: 0.0}), instance="zero")
    samples.add("fresh_total", SCRAPES_MS[218:], counted(samples.rng.poisson(4.0, 343), {0: 3.0}), instance="few")
    samples.add("fresh_total", SCRAPES_MS[215:], 640 + counted(samples.rng.poisson(4.0, 346), {}), instance="many")


def _histograms(samples: Samples) -> None:
    bounds = ("0.1", "0.5", "1", "2.5", "10", "+Inf")
    for job, instance, mean in (("api", "a", 4.0), ("api", "b", 9.0), ("batch", "a", 1.5)):
        reset = {290: 0.0} if instance == "b" else {}
        increments = samples.rng.poisson(mean, (len(bounds), N_SCRAPES))
        for i, le in enumerate(bounds):
            total = counted(increments[: i + 1].sum(axis=0).astype(float), reset)
            # A bucket that is lost for ten minutes, and one that is missing altogether.
            kept = np.ones(N_SCRAPES, np.bool_)
            kept[300:340] = (instance, le) != ("b", "2.5")
            kept &= (job, le) != ("batch", "0.5")
            labels = {"job": job, "instance": instance, "le": le}
            samples.add("latency_seconds_bucket", SCRAPES_MS[kept], total[kept], **labels)
        samples.add("latency_seconds_count", SCRAPES_MS, total, job=job, instance=instance)
        samples.add("latency_seconds_sum", SCRAPES_MS, total * 1.5, job=job, instance=instance)


def _odd_histograms(samples: Samples) -> None:
    def buckets(kind: str, **counts: ArrayLike) -> None:
        for le, count in counts.items():
            samples.add("odd_bucket", SCRAPES_MS, count, kind=kind, le=le)

    twos = 2.0 * np.arange(N_SCRAPES)
    buckets("twice", **{"1": twos, "1.0": twos, "1e0": twos + 6, "2": twos + 16, "+Inf": twos + 20})
    buckets("not_monotonic", **{"1": twos + 8, "2": twos + 4, "4": twos + 32, "8": twos + 24, "+Inf": twos + 40})
    buckets("no_infinity", **{"1": twos, "2": twos + 4})
    buckets("only_infinity", **{"+Inf": twos})
    buckets("empty", **{"1": 0.0, "2": 0.0, "+Inf": 0.0})
    buckets("negative", **{"-10": twos, "-1": twos + 16, "0": twos + 48, "5": twos + 64, "+Inf": twos + 65})
    buckets("below_zero", **{"-3": twos + 2, "+Inf": twos + 4})
    buckets("not_a_number", **{"1": twos, "many": twos + 2, "2": twos + 4, "+Inf": twos + 5, "": twos})
    buckets("nan_count", **{"1": np.nan, "2": twos + 4, "+Inf": twos + 5})
    buckets("all_in_last", **{"1": 0.0, "2": 0.0, "+Inf": twos + 5})
    buckets("all_in_first", **{"1": twos + 5, "2": twos + 5, "+Inf": twos + 5})


def _matched(samples: Samples) -> None:
    for instance in "abc":
        samples.add("limit_bytes", SCRAPES_MS, 2.0 ** (20 + ord(instance) % 3), instance=instance, tier="gold")
        for container in ("app", "proxy"):
            values = grained(samples.walk(2**17, 500.0))
            labels = {"instance": instance, "container": container, "zone": "" if instance == "c" else "north"}
            samples.add("usage_bytes", SCRAPES_MS, values, **labels)
            if (instance, container) != ("b", "proxy"):
                samples.add("request_bytes", SCRAPES_MS, values / 2, instance=instance, container=container)
    # Two limits for one instance for a while: matching is ambiguous then.
    samples.add("quota_bytes", SCRAPES_MS, 4096.0, instance="a", tier="gold")
    samples.add("quota_bytes", SCRAPES_MS[440:480], 8192.0, instance="a", tier="silver")
    samples.add("quota_bytes", SCRAPES_MS, 1024.0, instance="b", tier="gold")
