"""A user's alert that fires periodically, learnt from a real Prometheus' own history of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
import yaml

from pronoia.series import LabelSet, SeriesFrame
from support.exporter import Exporter
from support.exporters import job
from support.processes import free_port, wait_for
from support.prometheus import Prometheus, PrometheusConfig

if TYPE_CHECKING:
    from pathlib import Path

PERIOD_SECONDS, FIRES_SECONDS = 7_200.0, 600.0
#: Each was backfilled so that it fires anew in so many seconds: the one soon, the other not.
DUE = {"BackupRuns": 400.0, "ReportRuns": 4_000.0}


def history(now_seconds: float) -> SeriesFrame:
    """Two days of firings, and what Pronoia itself would have said of them."""
    series = {}
    for name, due in DUE.items():
        begins = now_seconds + due - PERIOD_SECONDS * np.arange(1, 24)[::-1]
        times = (begins[:, None] + np.arange(0.0, FIRES_SECONDS, 60.0)).ravel()
        times = (times[times < now_seconds - 700.0] * 1_000).astype(np.int64)
        ones = np.ones(len(times))
        labels = {"__name__": "ALERTS", "alertstate": "firing", "job": "batch"}
        series[LabelSet({**labels, "alertname": name})] = (times, ones)
        series[LabelSet({**labels, "alertname": f"{name}Predicted", "predictive": "true"})] = (times, ones)
    return SeriesFrame.from_series(series)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_its_probability_rises_before_it_fires_again(real_servers: None, tmp_path: Path) -> None:
    own = f"127.0.0.1:{free_port()}"
    config = PrometheusConfig(scrape=[job("predictions", own, metrics_path="/predictions", honor_labels=True)])
    prometheus = Prometheus(tmp_path / "prometheus", config)
    prometheus.backfill(history(time.time()))
    with prometheus:
        document = {
            "upstreams": [{"url": prometheus.url}],
            "presets": [],
            "failure": {"learnt_alerts": {"enabled": True, "history": "2d"}, "infer_every": "1s", "max_age": "30s"},
        }
        file = tmp_path / "pronoia.yml"
        file.write_text(yaml.safe_dump(document), encoding="utf-8")
        flags = [f"--config.file={file}", f"--storage.path={tmp_path / 'state'}"]
        with Exporter(tmp_path, "run", *flags, port=int(own.rpartition(":")[2])):
            query = 'pronoia_alert_probability{horizon="15m"}'
            wait_for(lambda: len(prometheus.query(query)) == len(DUE), "probability of both alerts", 90, 1.0)
            said = {labels["alertname"]: value for labels, value in prometheus.query(query).items()}
    assert said["BackupRuns"] > 0.8
    assert said["ReportRuns"] < 0.2
    assert set(said) == set(DUE), "predicted alerts are not learnt from"
