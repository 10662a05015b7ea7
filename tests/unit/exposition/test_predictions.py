"""The predictions page: what is on it, what is left out, and that both formats can be read back."""

from __future__ import annotations

import gzip
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from pronoia.exposition.negotiation import ExpositionFormat
from pronoia.exposition.predictions import Exposed, PredictionRenderer
from pronoia.predictions.forecast import Forecast, QueryForecast, ThresholdCrossing
from pronoia.predictions.snapshot import Snapshot
from pronoia.series import Grid, LabelSet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pronoia.exposition.page import Page

NOW = 1_700_000_000.0
HORIZONS = (900, 3600)


def query_forecast(
    labels: Sequence[LabelSet],
    query: str = "cpu",
    *,
    horizons: tuple[int, ...] = HORIZONS,
    crossings: tuple[ThresholdCrossing, ...] = (),
    max_age: float = 600.0,
) -> QueryForecast:
    grid = Grid(int(NOW * 1000) + 300_000, 300_000, 12)
    point = 0.1 * np.arange(12.0) + np.arange(float(len(labels)))[:, None]
    forecast = Forecast(tuple(labels), grid, point, point - 0.5, point + 0.5, 0.95, ("naive",) * len(labels))
    return QueryForecast(query, "up", "ratio", NOW, forecast, point[:, 0].copy(), horizons, max_age, crossings)


def render(*forecasts: QueryForecast, max_series: int = 1000, now: float = NOW) -> tuple[Page, Exposed]:
    seen: list[Exposed] = []
    page = PredictionRenderer(max_series, seen.append).render(Snapshot(NOW, forecasts), now)
    return page, seen[0]


def samples(page: Page, name: str) -> list[tuple[dict[str, str], float]]:
    families = {family.name: family for family in parse_text(page.text.decode())}
    return [(sample.labels, sample.value) for sample in families[name].samples]


A = LabelSet({"__name__": "up", "instance": "a", "job": "node"})
B = LabelSet({"__name__": "up", "instance": "b", "job": "node"})


def test_each_horizon_has_its_value_with_bounds_and_the_source_labels() -> None:
    page, exposed = render(query_forecast([A, B]))
    assert samples(page, "pronoia_forecast") == [
        ({"query": "cpu", "horizon": "15m", "instance": "a", "job": "node"}, 0.2),
        ({"query": "cpu", "horizon": "15m", "instance": "b", "job": "node"}, 1.2),
        ({"query": "cpu", "horizon": "1h", "instance": "a", "job": "node"}, 1.1),
        ({"query": "cpu", "horizon": "1h", "instance": "b", "job": "node"}, 2.1),
    ]
    assert [value for _, value in samples(page, "pronoia_forecast_lower")] == pytest.approx([-0.3, 0.7, 0.6, 1.6])
    assert [value for _, value in samples(page, "pronoia_forecast_upper")] == pytest.approx([0.7, 1.7, 1.6, 2.6])
    assert samples(page, "pronoia_forecast_made_timestamp_seconds") == [({"query": "cpu"}, NOW)]
    assert [value for _, value in samples(page, "pronoia_forecast_target_timestamp_seconds")] == [NOW + 900, NOW + 3600]
    assert samples(page, "pronoia_query_info") == [({"query": "cpu", "expression": "up", "unit": "ratio"}, 1.0)]
    assert exposed.n_series == page.text.count(b"\n") - page.text.count(b"\n#") - 1


def with_bands(labels: Sequence[LabelSet]) -> QueryForecast:
    """A forecast with bands a fifth and two fifths to either side."""
    plain = query_forecast(labels)
    forecast = plain.forecast
    bands = tuple(
        replace(forecast, lower=forecast.point - width, upper=forecast.point + width, level=level)
        for level, width in ((0.5, 0.2), (0.8, 0.4))
    )
    return replace(plain, bands=bands)


def test_bands_are_shown_with_their_level_and_leave_the_main_bounds_alone() -> None:
    page, exposed = render(with_bands([A]))
    plain, _ = render(query_forecast([A]))
    ours = {"query": "cpu", "instance": "a", "job": "node"}
    assert samples(page, "pronoia_forecast_band_upper")[:2] == [
        ({**ours, "horizon": "15m", "level": "0.5"}, pytest.approx(0.4)),
        ({**ours, "horizon": "15m", "level": "0.8"}, pytest.approx(0.6)),
    ]
    assert [value for _, value in samples(page, "pronoia_forecast_band_lower")] == pytest.approx([0.0, -0.2, 0.9, 0.7])
    for name in ("pronoia_forecast", "pronoia_forecast_lower", "pronoia_forecast_upper"):
        assert samples(page, name) == samples(plain, name)
    assert exposed.n_series == page.text.count(b"\n") - page.text.count(b"\n#") - 1
    assert samples(plain, "pronoia_forecast_band_lower") == []


def test_only_a_query_with_bands_renames_a_source_label_called_level() -> None:
    logs = LabelSet({"__name__": "log_messages", "level": "warn"})
    shown = {
        "with": samples(render(with_bands([logs]))[0], "pronoia_forecast")[0][0],
        "without": samples(render(query_forecast([logs]))[0], "pronoia_forecast")[0][0],
    }
    assert shown["with"] == {"query": "cpu", "horizon": "15m", "exported_level": "warn"}
    assert shown["without"] == {"query": "cpu", "horizon": "15m", "level": "warn"}


def test_labels_are_spelled_anew_once_a_query_gains_bands() -> None:
    logs = LabelSet({"__name__": "log_messages", "level": "warn"})
    renderer = PredictionRenderer(1000, lambda _: None)
    renderer.render(Snapshot(NOW, (query_forecast([logs]),)), NOW)
    page = renderer.render(Snapshot(NOW, (with_bands([logs]),)), NOW)
    assert samples(page, "pronoia_forecast_band_lower")[0][0]["exported_level"] == "warn"


def test_a_horizon_the_forecast_does_not_reach_is_not_shown() -> None:
    page, _ = render(query_forecast([A], horizons=(900, 86_400)))
    assert {labels["horizon"] for labels, _ in samples(page, "pronoia_forecast")} == {"15m"}


def test_a_horizon_at_the_forecasts_end_is_shown_although_now_is_past_the_last_observation() -> None:
    late = query_forecast([A], horizons=(3600,))
    page, _ = render(
        QueryForecast(late.query, late.expression, late.unit, NOW + 40, late.forecast, late.observed, (3600,), 600.0)
    )
    assert [value for _, value in samples(page, "pronoia_forecast")] == pytest.approx([1.1])


def test_a_crossing_shows_when_and_an_open_end_as_infinity() -> None:
    crossing = ThresholdCrossing(B, 0.9, 1800.0, 600.0, math.inf)
    page, _ = render(query_forecast([A, B], crossings=(crossing,)))
    labels = {"query": "cpu", "threshold": "0.9", "instance": "b", "job": "node"}
    assert samples(page, "pronoia_threshold_crossing_seconds") == [(labels, 1800.0)]
    assert samples(page, "pronoia_threshold_crossing_seconds_lower") == [(labels, 600.0)]
    assert samples(page, "pronoia_threshold_crossing_seconds_upper") == [(labels, math.inf)]


def test_labels_of_the_source_that_are_called_like_ours_are_renamed_and_counted() -> None:
    clash = LabelSet(
        {"__name__": "x", "query": "select 1", "horizon": "far", "exported_query": "kept", "level": "warn"}
    )
    page, exposed = render(query_forecast([clash, A]))
    assert samples(page, "pronoia_forecast")[0][0] == {
        "query": "cpu",
        "horizon": "15m",
        "exported_exported_query": "select 1",
        "exported_query": "kept",
        "exported_horizon": "far",
        "level": "warn",
    }
    assert exposed.renamed == {"cpu": 1}


def test_label_names_that_the_text_format_cannot_write_are_spelled_with_underscores() -> None:
    page, exposed = render(query_forecast([LabelSet({"app.kubernetes.io/name": "x", "app_kubernetes_io_name": "y"})]))
    assert samples(page, "pronoia_forecast")[0][0] == {
        "query": "cpu",
        "horizon": "15m",
        "app_kubernetes_io_name": "y",
        "exported_app_kubernetes_io_name": "x",
    }
    assert exposed.renamed == {"cpu": 1}


def test_of_series_that_differ_in_the_metric_name_alone_the_first_is_shown() -> None:
    other = LabelSet({**A, "__name__": "down"})
    page, exposed = render(query_forecast([A, other, B], crossings=(ThresholdCrossing(other, 1.0, 1.0, 1.0, 1.0),)))
    assert [value for labels, value in samples(page, "pronoia_forecast") if labels["horizon"] == "15m"] == [0.2, 2.2]
    assert samples(page, "pronoia_threshold_crossing_seconds") == []
    assert exposed.dropped == {("cpu", "duplicate_labels"): 1}


def test_a_series_without_labels_is_shown() -> None:
    page, _ = render(query_forecast([LabelSet()]))
    assert samples(page, "pronoia_forecast")[0][0] == {"query": "cpu", "horizon": "15m"}


def test_a_query_that_does_not_fit_the_limit_is_left_out_whole_and_the_next_may_still_fit() -> None:
    big, small = query_forecast([A, B], "big"), query_forecast([A], "small")
    n_small = render(small)[1].n_series
    page, exposed = render(big, small, query_forecast([A], "late"), max_series=n_small + 1)
    assert {labels["query"] for labels, _ in samples(page, "pronoia_forecast")} == {"small"}
    assert exposed.dropped == {("big", "series_limit"): 2, ("late", "series_limit"): 1}
    assert exposed.n_series == n_small


def test_forecasts_that_are_too_old_are_not_rendered_and_the_page_says_when_the_next_will_be() -> None:
    old, young = query_forecast([A], "old", max_age=60.0), query_forecast([A], "young", max_age=90.0)
    page, _ = render(old, young)
    assert page.expires_at_seconds == NOW + 60
    page, _ = render(old, young, now=NOW + 61)
    assert {labels["query"] for labels, _ in samples(page, "pronoia_forecast")} == {"young"}
    assert page.expires_at_seconds == NOW + 90
    assert render(old, young, now=NOW + 91)[0].expires_at_seconds == math.inf


def test_labels_are_spelled_out_anew_only_when_the_series_change() -> None:
    renderer = PredictionRenderer(1000, lambda _: None)
    first = renderer.render(Snapshot(NOW, (query_forecast([A]),)), NOW)
    spelled = renderer._source_labels["cpu"]
    assert renderer.render(Snapshot(NOW, (query_forecast([A]),)), NOW) == first
    assert renderer._source_labels["cpu"] is spelled
    renderer.render(Snapshot(NOW, (query_forecast([B]),)), NOW)
    assert renderer._source_labels["cpu"] is not spelled
    renderer.render(Snapshot(NOW), NOW)
    assert not renderer._source_labels


label_names = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=6).filter(
    lambda n: n != "__name__"
)
label_sets = st.dictionaries(
    label_names | st.sampled_from(["query", "horizon", "exported_query", "a.b", "a_b", "le"]),
    st.text(st.characters(blacklist_categories=["Cs"]), max_size=6),
    max_size=4,
).map(LabelSet)


@given(st.lists(label_sets, min_size=1, max_size=5, unique=True))
def test_whatever_the_labels_a_page_can_be_read_back_without_duplicates(labels: list[LabelSet]) -> None:
    page, exposed = render(query_forecast(labels))
    shown = [tuple(sorted(labels.items())) for labels, _ in samples(page, "pronoia_forecast")]
    assert len(shown) == len(set(shown)) == 2 * (len(labels) - exposed.dropped.get(("cpu", "duplicate_labels"), 0))


def test_both_formats_say_the_same_and_their_compressed_forms_too() -> None:
    page, _ = render(query_forecast([A, B], crossings=(ThresholdCrossing(B, 0.9, 1800.0, 600.0, math.inf),)))
    text = b"".join(page.body(ExpositionFormat.TEXT, gzip=False))
    openmetrics = b"".join(page.body(ExpositionFormat.OPENMETRICS, gzip=False))
    assert openmetrics == text + b"# EOF\n"
    assert gzip.decompress(b"".join(page.body(ExpositionFormat.TEXT, gzip=True))) == text
    assert gzip.decompress(b"".join(page.body(ExpositionFormat.OPENMETRICS, gzip=True))) == openmetrics
    as_text = [sample for family in parse_text(text.decode()) for sample in family.samples]
    as_openmetrics = [sample for family in parse_openmetrics(openmetrics.decode()) for sample in family.samples]
    assert [tuple(sample[:3]) for sample in as_text] == [tuple(sample[:3]) for sample in as_openmetrics]
