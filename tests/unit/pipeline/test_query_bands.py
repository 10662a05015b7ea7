"""One query through its cycle with intervals of several levels."""

from __future__ import annotations

import numpy as np


def test_bands_come_with_the_forecast_and_nest_around_its_points(bench) -> None:
    cycle = bench.cycle(bands=(0.5, 0.99))
    bench.run(cycle, 3)
    inner, outer = cycle.forecast.bands
    main = cycle.forecast.forecast
    assert (inner.level, outer.level) == (0.5, 0.99)
    for band in (inner, outer):
        np.testing.assert_array_equal(band.point, main.point)
    assert ((outer.lower <= main.lower) & (main.lower <= inner.lower)).all()
    assert ((outer.upper >= main.upper) & (main.upper >= inner.upper)).all()
    assert (inner.upper < main.upper).any()


def test_a_query_without_bands_has_none(bench) -> None:
    cycle = bench.cycle()
    bench.run(cycle, 3)
    assert cycle.forecast.bands == ()


def test_coverage_is_told_for_the_standard_levels_and_the_querys_own(bench) -> None:
    cycle = bench.cycle(level=0.9)
    bench.run(cycle, 60, seconds=300.0)
    shares = [
        bench.metric("pronoia_forecast_coverage_ratio", query="cpu", horizon="1h", level=level)
        for level in ("0.5", "0.8", "0.9", "0.95")
    ]
    assert None not in shares
    assert shares == sorted(shares)
    assert bench.metric("pronoia_forecast_interval_level_ratio", query="cpu") == 0.9
