from __future__ import annotations

import yaml

from pronoia.config.load import parse
from pronoia.config.redact import redacted

TEXT = """
upstreams:
  - url: https://prometheus
    basic_auth: {username: me, password: hunter2}
    headers: {X-Api-Key: hunter2}
  - name: other
    authorization: {credentials: hunter2}
alerts:
  channels:
    slack: {webhook_url: 'https://hooks/hunter2'}
    pagerduty: {integration_key: hunter2}
"""


def test_secrets_are_hidden_everywhere() -> None:
    config = parse(TEXT, "t")
    shown = redacted(config)
    assert "hunter2" not in shown
    assert shown.count("<secret>") == 5
    assert "hunter2" not in repr(config)


def test_what_is_shown_can_be_read_again_and_means_the_same() -> None:
    text = "forecast: {horizon: 48h, step: 10m}\nqueries: [{name: a, expr: up, unit: ratio}]"
    config = parse(text, "t")
    again = parse(redacted(config), "t")
    assert again.resolved_queries() == config.resolved_queries()
    assert again.upstream_settings() == config.upstream_settings()


def test_defaults_and_presets_in_use_are_shown() -> None:
    tree = yaml.safe_load(redacted(parse("", "t")))
    assert tree["presets"] == ["node-exporter"]
    assert tree["forecast"]["horizons"] == ["15m", "1h", "4h", "24h"]
    assert tree["upstreams"][0]["limits"]["max_frame_size"] == "50MiB"
