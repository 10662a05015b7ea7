"""What is rendered stays as it is unless somebody means to change it: UPDATE_GOLDEN=1 writes it anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pronoia.alerting.render import render_alertmanager, render_rules
from pronoia.config.load import parse
from pronoia.pipeline.alert_plan import alert_plan

HERE = Path(__file__).parent
SOURCES = {"guide": HERE.parents[1] / "config" / "testdata" / "guide.yml", "everything": HERE / "everything.yml"}
SECRETS = dict.fromkeys(
    ("SMTP_PASSWORD", "PAGERDUTY_KEY", "OPSGENIE_KEY", "PRONOIA_TOKEN", "SLACK_WEBHOOK_URL"), "s3cr3t"
)


@pytest.mark.parametrize("kind", ["rules.yaml", "alertmanager.yml"])
@pytest.mark.parametrize("name", SOURCES)
def test_rendered_files_are_those_that_are_kept(name: str, kind: str) -> None:
    text = SOURCES[name].read_text(encoding="utf-8")
    plan = alert_plan(parse(text, f"{name}.yml", directory=Path("/etc/pronoia"), environ=SECRETS))
    rendered = render_rules(plan) if kind == "rules.yaml" else render_alertmanager(plan)
    assert "s3cr3t" not in rendered
    golden = HERE / f"{name}.{kind}"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(rendered, encoding="utf-8")
    assert rendered == golden.read_text(encoding="utf-8")
