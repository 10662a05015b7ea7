from __future__ import annotations

import numpy as np
from prometheus_client.parser import text_string_to_metric_families

from pronoia.exposition.predictions import Exposed, PredictionRenderer
from pronoia.predictions.snapshot import Snapshot
from pronoia.series import LabelSet
from support.risks import bottleneck_risk

NOW = 1_700_000_000.0


def rendered(*risks, max_series: int = 1000, told: list[Exposed] | None = None) -> dict:
    page = PredictionRenderer(max_series, (told if told is not None else []).append).render(
        Snapshot(NOW, bottlenecks=risks), NOW
    )
    return {
        LabelSet({**sample.labels, "__name__": sample.name}): sample.value
        for family in text_string_to_metric_families(page.text.decode())
        for sample in family.samples
    }


def test_every_number_stands_on_the_page_with_the_labels_of_its_source() -> None:
    page = rendered(bottleneck_risk(NOW))
    cpu = LabelSet({"resource": "cpu", "instance": "a"})
    state = cpu.updated(horizon="30m", target="state")
    assert page[state.updated(__name__="pronoia_bottleneck_probability")] == 0.7
    assert page[state.updated(__name__="pronoia_bottleneck_probability_lower")] == 0.35
    assert page[state.updated(__name__="pronoia_bottleneck_probability_upper")] == 0.84
    for name, value in (
        ("eta_seconds", 1200),
        ("eta_seconds_lower", 600),
        ("eta_seconds_upper", np.inf),
        ("severity", 6),
        ("utilization_ratio", 0.4),
        ("threshold_ratio", 0.9),
    ):
        assert page[cpu.updated(__name__=f"pronoia_bottleneck_{name}")] == value
    cause = {"stem": "bottleneck", "subject": "cpu", "feature": "weekday", "instance": "a"}
    assert page[LabelSet(cause | {"__name__": "pronoia_attribution"})] == -0.5


def test_what_has_no_meaning_is_absent() -> None:
    targets = {(each.get("instance"), each.get("target")) for each in rendered(bottleneck_risk(NOW))}
    assert ("b", "state") in targets
    assert ("b", "onset") not in targets


def test_a_label_of_the_source_gives_way_to_ours() -> None:
    labels = (LabelSet({"instance": "a", "resource": "big"}), LabelSet({"instance": "b"}))
    told: list[Exposed] = []
    page = rendered(bottleneck_risk(NOW, labels=labels), told=told)
    shown = {"__name__": "pronoia_bottleneck_severity", "resource": "cpu", "exported_resource": "big", "instance": "a"}
    assert LabelSet(shown) in page
    assert told[0].renamed == {"bottleneck:cpu": 1}


def test_a_resource_that_does_not_fit_is_left_out_whole() -> None:
    told: list[Exposed] = []
    assert rendered(bottleneck_risk(NOW), max_series=20, told=told) == {}
    assert told[0].dropped == {("bottleneck:cpu", "series_limit"): 2}


def test_the_page_expires_with_the_risks() -> None:
    page = PredictionRenderer(1000, lambda _: None).render(Snapshot(NOW, bottlenecks=(bottleneck_risk(NOW),)), NOW)
    assert page.expires_at_seconds == NOW + 600.0
