"""What the status page lists as unusual, the most unusual first."""

from __future__ import annotations

import numpy as np

from pronoia.predictions.snapshot import Snapshot
from pronoia.series import LabelSet
from pronoia.web.unusual import Unusual, unusual
from support.risks import anomaly_watch

from .conftest import NOW, Exporter, query_forecast

B = LabelSet({"instance": "b"})


def test_a_line_says_since_when_and_why() -> None:
    (line,) = unusual(Snapshot(NOW, anomalies=(anomaly_watch(NOW),)))
    why = 'disk{device="sda"} too low (0.1, 0.4 to 0.6 expected), unlike its siblings'
    assert line == Unusual("node", "instance=b", 2.5, "10m", why, "")


def test_what_differs_from_its_siblings_alone_is_listed() -> None:
    scores = np.array([0.25, 0.5, np.nan])
    watch = anomaly_watch(NOW, score=scores, since_seconds=np.full(3, np.nan))
    (line,) = unusual(Snapshot(NOW, anomalies=(watch,)))
    assert (line.whom, line.score, line.since, line.why) == ("instance=b", 1.5, "", "unlike its siblings")


def test_the_most_unusual_comes_first_and_what_is_muted_last() -> None:
    watches = anomaly_watch(NOW), anomaly_watch(NOW, name="pod", score=np.array([np.nan, 1.5, 4.0]))
    shown = Snapshot(NOW, anomalies=watches, muted={"anomaly:node": frozenset({B})})
    assert [(line.what, line.score, line.note) for line in unusual(shown)] == [
        ("pod", 4.0, ""),
        ("pod", 1.5, ""),
        ("node", 2.5, "muted"),
    ]


def test_the_page_says_so_and_where_nothing_is_unusual_says_that(exporter: Exporter) -> None:
    def page(*watches) -> str:
        exporter.holder.publish(Snapshot(NOW, (query_forecast(),), anomalies=watches), NOW)
        return exporter.client.get("/").get_data(as_text=True)

    assert "too low (0.1, 0.4 to 0.6 expected)" in page(anomaly_watch(NOW, name="a<b"))
    assert "a&lt;b" in page(anomaly_watch(NOW, name="a<b"))
    calm = anomaly_watch(NOW, score=np.full(3, 0.5), peer_score=np.full(3, np.nan))
    assert "Everything that is watched is as it has been" in page(calm)
    assert "Unusual now" not in page()
