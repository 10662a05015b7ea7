from __future__ import annotations

from pronoia.config.load import parse
from pronoia.config.resolved_features import ResolvedFeatures, ResolvedMetric
from pronoia.features.configured import ConfiguredFeatures, Trend

GUIDE = """
feature_engineering:
  time_windows: [5_minutes, 1_hour]
  aggregations: [mean, percentile_95]
  derived_features:
    cpu_trend: {type: linear_regression_slope, window: 15_minutes}
    memory_growth_rate: {type: percentage_change, window: 1_hour}
    io_intensity: {type: composite, formula: "sqrt(disk_read_iops^2 + disk_write_iops^2)"}
"""


def features_of(text: str) -> ResolvedFeatures:
    return parse(text, "t").resolved_resources()[0].features


def test_the_guides_features_are_made_of_the_presets_queries() -> None:
    features = features_of(GUIDE)
    assert features.asked == ConfiguredFeatures(
        metrics=("io_intensity", "cpu_utilisation", "memory_utilisation"),
        n_summarised=1,
        windows=(("5_minutes", 1), ("1_hour", 12)),
        summaries=("mean", "percentile_95"),
        trends=(Trend("cpu_trend", 2, 3, is_slope=True), Trend("memory_growth_rate", 3, 12, is_slope=False)),
    )
    assert features.metrics == (
        ResolvedMetric(
            "sqrt(disk_read_iops^2 + disk_write_iops^2)",
            (("disk_read_iops", "disk_reads", False), ("disk_write_iops", "disk_writes", False)),
        ),
        ResolvedMetric("cpu_utilisation", (("cpu_utilisation", "cpu_utilisation", True),)),
        ResolvedMetric("memory_utilisation", (("memory_utilisation", "memory_utilisation", True),)),
    )


def test_a_trend_is_of_the_query_that_it_names() -> None:
    features = features_of(
        """
feature_engineering:
  derived_features: {steal: {type: percentage_change, window: 30m, metric: swap_utilisation}}
bottleneck: {slot: 10m}
"""
    )
    assert features.metrics == (ResolvedMetric("swap_utilisation", (("swap_utilisation",) * 2 + (True,),)),)
    assert features.asked.trends == (Trend("steal", 1, 3, is_slope=False),)


def test_nothing_is_asked_for_without_the_section() -> None:
    assert features_of("presets: [node-exporter]") == ResolvedFeatures()
