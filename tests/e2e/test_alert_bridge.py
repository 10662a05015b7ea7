"""From a prediction to the right person, and back: Prometheus, Alertmanager, and receivers on loopback.

The guide's alerts block, with one rule for Slack alone beside it, rendered by Pronoia. Time is compressed: a day is
twenty seconds.
"""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
import yaml

from pronoia.alerting.receivers import SecretStyle
from pronoia.alerting.render import render_alertmanager, render_rules
from pronoia.config.load import parse
from pronoia.pipeline.alert_plan import alert_plan
from support.exporter import Exporter
from support.exporters import Alertmanager, PageExporter, job
from support.processes import free_port, wait_for
from support.prometheus import Prometheus, PrometheusConfig
from support.receivers import HttpReceiver, MailReceiver

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "tests" / "config" / "testdata" / "guide.yml"
DAY_SECONDS = 20.0
TOKEN = "t0ken"
SLACK, PAGERDUTY = "/slack", "/v2/enqueue"
RESOLVE = '"event_action": "resolve"'


class Page:
    """Predictions made by hand, as series with their values."""

    def __init__(self) -> None:
        self.values: dict[str, float] = {}

    def __call__(self) -> str:
        return "".join(f"{series} {value}\n" for series, value in list(self.values.items()))

    def bottleneck(self, instance: str, probability: float, utilisation: float = 0.5) -> None:
        labels = f'instance="{instance}",resource="cpu"'
        for suffix in ("", "_lower"):
            self.values[f'pronoia_bottleneck_probability{suffix}{{{labels},horizon="30m",target="state"}}'] = (
                probability
            )
        self.values[f"pronoia_bottleneck_utilization_ratio{{{labels}}}"] = utilisation
        self.values[f"pronoia_bottleneck_threshold_ratio{{{labels}}}"] = 0.9

    def failure(self, probability: float) -> None:
        for suffix in ("", "_lower"):
            name = f"pronoia_failure_probability{suffix}"
            self.values[f'{name}{{instance="db03",failure="oom",horizon="4h"}}'] = probability

    def opportunity(self, workload: str, ratio: float) -> None:
        self.values[f'pronoia_optimization_opportunity_ratio{{workload="{workload}"}}'] = ratio


def configuration(http: HttpReceiver, mail: MailReceiver, prometheus: str, own: str) -> dict[str, Any]:
    alerts = yaml.safe_load(GUIDE.read_text(encoding="utf-8"))["alerts"]
    channels = alerts["channels"]
    channels["slack"]["webhook_url"] = http.url + SLACK
    channels["pagerduty"] |= {"url": http.url + PAGERDUTY, "integration_key": "k" * 32}
    channels["email"] |= {"smtp_server": f"127.0.0.1:{mail.port}", "require_tls": False}
    condition = "bottleneck_probability > 0.6"
    alerts["rules"]["warning_bottleneck"] = {"condition": condition, "channels": ["slack"], "keep_firing_for": "2s"}
    # Long enough to see that the actual alert inhibits it.
    alerts["rules"]["critical_bottleneck"]["keep_firing_for"] = "30s"
    alerts["rules"]["failure_warning"]["keep_firing_for"] = "2s"
    alerts["rules"]["resource_optimization"]["keep_firing_for"] = "1s"
    for rule in alerts["rules"].values():
        rule["hold"] = "1s"
    webhook = {"url": f"http://{own}/alertmanager/webhook", "token": TOKEN}
    return {"upstreams": [{"url": prometheus}], "alerts": alerts, "alert_bridge": {"webhook": webhook}}


def compressed_alertmanager(text: str) -> str:
    """The rendered configuration in compressed time."""
    for long, short in (
        ("group_interval: 1d", f"group_interval: {DAY_SECONDS:.0f}s"),
        ("repeat_interval: 23h", f"repeat_interval: {DAY_SECONDS - 1:.0f}s"),
        ("group_wait: 5m", "group_wait: 1s"),
        ("group_wait: 10s", "group_wait: 1s"),
        ("group_interval: 5m", "group_interval: 2s"),
        ("group_interval: 30s", "group_interval: 1s"),
    ):
        assert long in text
        text = text.replace(long, short)
    return text


def compressed_rules(text: str) -> list[dict[str, Any]]:
    """The rendered rules, and the actual alert of those that are shipped, in compressed time."""
    groups = yaml.safe_load(text.replace("[5m]", "[3s]"))["groups"]
    shipped = yaml.safe_load((ROOT / "rules" / "bottleneck.yaml").read_text().replace("[5m]", "[3s]"))["groups"]
    (actual,) = [rule for group in shipped for rule in group["rules"] if rule.get("alert") == "Bottleneck"]
    return [*groups, {"name": "actual", "rules": [actual | {"for": "0s", "keep_firing_for": "1s"}]}]


@pytest.fixture
def receivers() -> Iterator[tuple[HttpReceiver, MailReceiver]]:
    pytest.importorskip("aiosmtpd")
    with HttpReceiver() as http, MailReceiver() as mail:
        yield http, mail


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_each_alert_reaches_whom_it_should_and_comes_back(
    real_servers: None, tmp_path: Path, receivers: tuple[HttpReceiver, MailReceiver]
) -> None:
    http, mail = receivers
    page = Page()
    own, prometheus_port = f"127.0.0.1:{free_port()}", free_port()
    tree = configuration(http, mail, f"http://127.0.0.1:{prometheus_port}", own)
    file = tmp_path / "pronoia.yml"
    file.write_text(yaml.safe_dump(tree), encoding="utf-8")
    plan = alert_plan(parse(file.read_text(), "pronoia.yml"))
    routes = compressed_alertmanager(render_alertmanager(plan, SecretStyle(is_inline=True)))
    with PageExporter(page) as predictions, Alertmanager(tmp_path / "alertmanager", routes) as alertmanager:
        config = PrometheusConfig(
            scrape=[job("predictions", predictions.address, honor_labels=True)],
            rules=compressed_rules(render_rules(plan)),
            alertmanagers=[alertmanager.address],
            flags=["--rules.alert.resend-delay=1s"],
        )
        flags = [f"--config.file={file}", f"--storage.path={tmp_path / 'state'}"]
        with (
            Prometheus(tmp_path / "prometheus", config, port=prometheus_port),
            Exporter(tmp_path, "run", *flags, port=int(own.rpartition(":")[2])) as pronoia,
        ):
            page.bottleneck("db01", 0.95)
            page.bottleneck("db02", 0.7)
            page.failure(0.85)
            page.opportunity("shop", 0.3)
            wait_for(lambda: http.of(PAGERDUTY, "CriticalBottleneckPredicted"), "critical in PagerDuty", 40)
            wait_for(lambda: http.of(SLACK, "CriticalBottleneckPredicted"), "critical in Slack", 20)
            wait_for(lambda: http.of(SLACK, "WarningBottleneckPredicted", "db02"), "warning in Slack", 20)
            for place in (SLACK, PAGERDUTY):
                wait_for(lambda place=place: http.of(place, "FailureWarningPredicted"), f"failure in {place}", 20)
            wait_for(lambda: mail.of("FailureWarningPredicted"), "failure by mail", 20)
            first_daily = wait_for(lambda: http.of(SLACK, "ResourceOptimization"), "daily message", 20)[0]

            # Another comes and goes within the day.
            page.opportunity("shop", 0.0)
            page.opportunity("crm", 0.4)

            page.failure(0.1)
            wait_for(lambda: http.of(PAGERDUTY, RESOLVE, "FailureWarningPredicted"), "resolved in PagerDuty", 30)
            wait_for(lambda: http.of(SLACK, "[RESOLVED] FailureWarningPredicted"), "resolved in Slack", 20)
            wait_for(lambda: mail.of("[RESOLVED] FailureWarningPredicted"), "resolved by mail", 20)

            page.bottleneck("db01", 0.99, utilisation=0.97)
            wait_for(lambda: inhibited(alertmanager), "inhibition of the prediction", 30)
            closed = wait_for(lambda: incidents(pronoia, "came_true"), "incident that came true", 30)

            time.sleep(max(first_daily.at_seconds + DAY_SECONDS - 4.0 - time.time(), 0.0))
            if time.time() < first_daily.at_seconds + DAY_SECONDS - 1.0:
                assert len(http.of(SLACK, "ResourceOptimization")) == 1
            daily = wait_for(
                lambda: http.of(SLACK, "ResourceOptimization", "crm"), "next day's message", DAY_SECONDS + 10
            )
            report = pronoia.text(f"/incidents/{closed[0]['id']}/report")

    assert daily[0].at_seconds - first_daily.at_seconds >= DAY_SECONDS - 1.0
    days = [each.at_seconds for each in http.of(SLACK, "ResourceOptimization")]
    assert all(later - earlier >= DAY_SECONDS - 1.0 for earlier, later in pairwise(days)), "twice a day"
    # To nobody else.
    assert not http.of(PAGERDUTY, "WarningBottleneckPredicted")
    assert not http.of(PAGERDUTY, "ResourceOptimization")
    assert not mail.of("Bottleneck")
    assert not mail.of("ResourceOptimization")
    assert {mail.path for mail in mail.received} == {"ops@company.com,alerts@company.com"}
    assert http.of(SLACK, "CriticalBottleneckPredicted")[0].body["channel"] == "#performance-alerts"
    trigger = http.of(PAGERDUTY, "CriticalBottleneckPredicted")[0].body
    assert (trigger["event_action"], trigger["payload"]["severity"]) == ("trigger", "critical")
    assert trigger["payload"]["custom_details"]["escalation_policy"] == "performance-escalation"
    # What came true is told with its lead time, of both rules that had foretold it.
    assert {each["alert"] for each in closed} <= {"CriticalBottleneckPredicted", "WarningBottleneckPredicted"}
    assert all(each["subject"]["instance"] == "db01" and each["lead_seconds"] > 1.0 for each in closed)
    assert "came true" in report


def inhibited(alertmanager: Alertmanager) -> bool:
    alerts = requests.get(f"{alertmanager.url}/api/v2/alerts", timeout=5).json()
    return any(
        alert["labels"]["alertname"] == "CriticalBottleneckPredicted" and alert["status"]["inhibitedBy"]
        for alert in alerts
    )


def incidents(pronoia: Exporter, state: str) -> list[dict[str, Any]]:
    return list(requests.get(f"{pronoia.url}/incidents?state={state}", timeout=5).json()["data"]["incidents"])
