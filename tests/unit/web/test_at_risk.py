"""What the status page lists, the soonest first."""

from __future__ import annotations

import math
from dataclasses import replace

from pronoia.predictions.forecast import ThresholdCrossing
from pronoia.predictions.snapshot import Snapshot
from pronoia.web.at_risk import AtRisk, at_risk
from support.risks import bottleneck_risk, failure_risk

from .conftest import NOW, Exporter, query_forecast


def crossing(eta: float, upper: float = math.inf) -> ThresholdCrossing:
    return ThresholdCrossing(query_forecast().forecast.labels[0], 100.0, eta, eta / 2, upper)


def test_crossings_say_when_and_how_sure() -> None:
    forecast = replace(query_forecast(), crossings=(crossing(7200.0), crossing(600.0, 1200.0)))
    soon, late = at_risk(Snapshot(NOW, (forecast,), ()))
    assert soon == AtRisk("cpu reaches 100", "instance=a", 600.0, "at the earliest 5m, at the latest 20m", "")
    assert (late.when, late.sure) == ("in 2h", "at the earliest 1h, perhaps not at all")


def test_what_is_beyond_its_threshold_is_said_to_be_beyond_it() -> None:
    forecast = replace(query_forecast(), crossings=(crossing(600.0, 1200.0), crossing(0.0, 0.0)))
    beyond, soon = at_risk(Snapshot(NOW, (forecast,), ()))
    assert beyond == AtRisk("cpu is beyond 100", "instance=a", 0.0, "it is so already", "")
    assert (beyond.when, soon.what) == ("now", "cpu reaches 100")


def test_overloads_say_how_probable_and_why() -> None:
    now, soon = at_risk(Snapshot(NOW, (), (), (bottleneck_risk(),)))
    assert (now.what, now.whom, now.when) == ("cpu", "instance=b", "now")
    assert (soon.when, soon.why) == ("in 20m", "the load 5 minutes ago")
    assert soon.sure == "10% within 15m, 70% within 30m, 80% within 1h, 90% within 4h"


def test_failures_are_listed_from_even_odds_on() -> None:
    (line,) = at_risk(Snapshot(NOW, (), (), (), (failure_risk(),)))
    assert (line.what, line.whom, line.when, line.why) == ("oom", "instance=a", "in 20m", "headroom_used_up")
    assert line.sure == "70% within 15m, 90% within 1h"


def test_what_is_so_now_comes_first_and_what_cannot_be_told_last() -> None:
    lines = [AtRisk("x", "", seconds, "", "").when for seconds in (0.0, 20.0, math.inf)]
    assert lines == ["now", "in 1m", "not known"]


def test_the_page_lists_them_and_escapes_names(exporter: Exporter) -> None:
    exporter.publish(replace(query_forecast("a<b"), crossings=(crossing(600.0),)))
    page = exporter.client.get("/").get_data(as_text=True)
    assert "a&lt;b reaches 100" in page
    assert "a<b" not in page
    exporter.publish(query_forecast())
    assert "Nothing is expected to run out" in exporter.client.get("/").get_data(as_text=True)
