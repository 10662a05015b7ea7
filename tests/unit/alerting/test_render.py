"""Rules and routes are what Prometheus and Alertmanager accept, and do what the configuration says."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from pronoia.alerting.conditions import SHIPPED_TWINS
from pronoia.alerting.receivers import SecretStyle
from pronoia.alerting.render import render_alertmanager, render_rules
from pronoia.cli import main
from pronoia.config.load import parse
from pronoia.errors import ConfigError
from pronoia.pipeline.alert_plan import alert_plan
from pronoia.predictions.alert_names import SHIPPED_PREDICTED
from support.processes import ServerMissing, find_binary

ROOT = Path(__file__).parents[3]
GUIDE = ROOT / "tests" / "config" / "testdata" / "guide.yml"
GOLDEN = ROOT / "tests" / "golden" / "alerting"


def plan_of(text: str, **environ: str):
    return alert_plan(parse(text, "t.yml", directory=Path("/etc/pronoia"), environ=environ))


def run(name: str, *arguments: str) -> str:
    try:
        binary = find_binary(name)
    except ServerMissing as error:
        pytest.skip(str(error))
    done = subprocess.run([binary, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def receivers(config: Path, **labels: str) -> str:
    told = (f"{name}={value}" for name, value in labels.items())
    return run("amtool", "config", "routes", "test", f"--config.file={config}", *told).strip()


@pytest.mark.parametrize("name", ["guide", "everything"])
def test_promtool_accepts_rendered_rules(name: str) -> None:
    run("promtool", "check", "rules", "--lint=all", "--lint-fatal", str(GOLDEN / f"{name}.rules.yaml"))


@pytest.mark.parametrize("name", ["guide", "everything"])
def test_amtool_accepts_rendered_configurations(name: str) -> None:
    run("amtool", "check-config", str(GOLDEN / f"{name}.alertmanager.yml"))


@pytest.mark.parametrize("name", ["guide", "everything"])
def test_rendered_rules_fire_where_they_should_and_nowhere_else(name: str) -> None:
    run("promtool", "test", "rules", str(GOLDEN / f"{name}_test.yaml"))


def test_each_alert_of_the_guide_goes_where_its_block_says() -> None:
    config = GOLDEN / "guide.alertmanager.yml"
    assert receivers(config, pronoia_rule="critical_bottleneck") == "slack,pagerduty"
    assert receivers(config, pronoia_rule="resource_optimization") == "slack"
    assert receivers(config, pronoia_rule="failure_warning") == "slack,email,pagerduty"
    assert receivers(config, alertname="SomebodyElses", severity="critical") == "nobody"


def test_predictions_and_what_came_of_them_come_back_and_go_on_to_people() -> None:
    config = GOLDEN / "everything.alertmanager.yml"
    assert receivers(config, pronoia_rule="queue", predictive="true") == "pronoia,slack,webhook"
    assert receivers(config, alertname="Bottleneck") == "pronoia"
    assert receivers(config, alertname="NodeOutOfMemory") == "pronoia"
    assert receivers(config, alertname="Watchdog") == "nobody"


def test_what_has_yet_to_show_that_it_is_right_goes_to_tickets_alone() -> None:
    config = GOLDEN / "everything.alertmanager.yml"
    assert receivers(config, pronoia_rule="proven", predictive="true", severity="info") == "pronoia,email"
    assert receivers(config, pronoia_rule="proven", predictive="true", severity="critical") == "pronoia,slack,pagerduty"
    assert receivers(config, pronoia_rule="unheard", predictive="true", severity="info") == "pronoia,nobody"


BACK = "alert_bridge: {webhook: {url: 'http://pronoia:10190/alertmanager/webhook', token: x}}"


@pytest.mark.parametrize(
    ("rule", "back", "problem"),
    [
        ("precision_floor: 0.6", "", r"precision_floor: what came true is known from Alertmanager alone"),
        ("precision_floor: 0.6, severity: info", BACK, r"precision_floor: this rule has severity info"),
        ("tickets: [slack]", BACK, "tickets are for the time until precision_floor is reached"),
        ("precision_floor: 0.6, tickets: [slak]", BACK, r"tickets\[0\] .*there is no channel 'slak'"),
        ("precision_floor: 60", BACK, r"precision_floor .*at most 1"),
    ],
)
def test_a_floor_that_could_never_be_reached_is_refused_with_its_place(rule: str, back: str, problem: str) -> None:
    condition = f"{{condition: bottleneck_probability > 0.5, channels: [slack], {rule}}}"
    text = f"alerts: {{channels: {{slack: {{webhook_url_file: x}}}}, rules: {{a: {condition}}}}}\n{back}"
    with pytest.raises(ConfigError, match=problem):
        plan_of(text)


def test_savings_have_no_precision() -> None:
    rule = "{condition: optimization_opportunity > 0.5, channels: [slack], precision_floor: 0.5, severity: critical}"
    with pytest.raises(ConfigError, match="an opportunity has no incidents"):
        plan_of(f"alerts: {{channels: {{slack: {{webhook_url_file: x}}}}, rules: {{a: {rule}}}}}\n{BACK}")


def test_what_is_gathered_is_not_sent_twice_within_its_time() -> None:
    routes = yaml.safe_load((GOLDEN / "everything.alertmanager.yml").read_text())["route"]["routes"]
    intervals = {route["matchers"][0]: (route["group_interval"], route["repeat_interval"]) for route in routes}
    assert intervals['pronoia_rule="odd_values"'] == ("1h", "55m")
    assert intervals['pronoia_rule="savings"'] == ("1w", "6d")


def test_secrets_are_named_by_file_and_written_only_when_asked_for() -> None:
    text = "alerts: {channels: {slack: {webhook_url: '${HOOK}'}}, rules: {}}"
    plan = plan_of(text, HOOK="https://hooks.example/s3cr3t")
    assert "s3cr3t" not in render_alertmanager(plan) + repr(plan)
    assert "api_url_file: /run/secrets/slack_webhook_url" in render_alertmanager(plan, SecretStyle("/run/secrets"))
    assert "api_url: https://hooks.example/s3cr3t" in render_alertmanager(plan, SecretStyle(is_inline=True))


def test_a_secret_that_is_not_known_cannot_be_written() -> None:
    plan = plan_of("alerts: {channels: {slack: {webhook_url: '${HOOK}'}}, rules: {}}")
    with pytest.raises(ConfigError, match=r"alerts\.channels\.slack\.webhook_url: \$\{HOOK\} is not set"):
        render_alertmanager(plan, SecretStyle(is_inline=True))


def test_teams_need_an_alertmanager_that_knows_them() -> None:
    plan = plan_of("alerts: {channels: {msteams: {webhook_url_file: teams.txt}}, rules: {}}")
    with pytest.raises(ConfigError, match=r"needs Alertmanager 0\.28, this is for 0\.25"):
        render_alertmanager(plan)
    (_, teams) = yaml.safe_load(render_alertmanager(plan, version=(0, 28)))["receivers"]
    assert teams["msteamsv2_configs"][0]["webhook_url_file"] == "/etc/pronoia/teams.txt"


#: Of `MSTeamsV2Config` in Alertmanager 0.28 and later (config/notifiers.go), newer than the amtool of these tests.
TEAMS_FIELDS = {"send_resolved", "http_config", "webhook_url", "webhook_url_file", "title", "text"}


def test_all_but_the_teams_receiver_is_what_an_older_amtool_accepts(tmp_path: Path) -> None:
    rule = "{condition: failure_probability > 0.5, channels: [msteams]}"
    plan = plan_of(f"alerts: {{channels: {{msteams: {{webhook_url_file: teams.txt}}}}, rules: {{a: {rule}}}}}")
    config = yaml.safe_load(render_alertmanager(plan, version=(0, 28)))
    (teams,) = config["receivers"][-1].pop("msteamsv2_configs")
    assert teams.keys() < TEAMS_FIELDS
    # The titles and texts are those of the others, which amtool looks at in their receivers.
    config["receivers"][-1]["slack_configs"] = [
        {"api_url_file": teams["webhook_url_file"], "title": teams["title"], "text": teams["text"]}
    ]
    file = tmp_path / "alertmanager.yml"
    file.write_text(yaml.safe_dump(config))
    run("amtool", "check-config", str(file))
    assert receivers(file, pronoia_rule="a") == "msteams"


def test_two_rules_of_one_alert_are_refused_with_their_place() -> None:
    rule = "{condition: failure_probability > 0.5, channels: [slack]}"
    text = f"alerts: {{channels: {{slack: {{webhook_url_file: x}}}}, rules: {{a_b: {rule}, a-b: {rule}}}}}"
    with pytest.raises(ConfigError, match=r"alerts\.rules\.a-b: becomes ABPredicted, as alerts\.rules\.a_b does"):
        plan_of(text)


def test_a_horizon_that_is_not_told_is_refused() -> None:
    rule = "{condition: bottleneck_probability > 0.5, channels: [slack], horizon: 2h}"
    text = f"alerts: {{channels: {{slack: {{webhook_url_file: x}}}}, rules: {{a: {rule}}}}}"
    with pytest.raises(
        ConfigError, match=r"alerts\.rules\.a\.horizon: 2h is not told of bottlenecks; 15m, 30m, 1h, 4h"
    ):
        plan_of(text)


@pytest.mark.parametrize("end", ["", "/"])
def test_runbooks_of_rendered_rules_are_where_the_configuration_has_them(end: str) -> None:
    base = "https://wiki.example/pronoia/runbooks"
    rule = "{condition: failure_probability > 0.5, channels: [slack]}"
    own = f"alerts: {{channels: {{slack: {{webhook_url_file: x}}}}, rules: {{a: {rule}}}, runbooks: '{base}{end}'}}"
    text = f"{own}\nqueries: [{{name: depth, expr: x, thresholds: [5]}}]"
    (_, group) = yaml.safe_load(render_rules(plan_of(text)))["groups"]
    assert [each["annotations"]["runbook_url"].removeprefix(f"{base}/") for each in group["rules"]] == [
        "failure.md",
        "forecast.md#thresholdcrossingpredicted",
        "forecast.md#thresholdcrossing",
    ]


def test_nothing_to_say_is_a_file_without_rules() -> None:
    assert yaml.safe_load(render_rules(plan_of("presets: [node-exporter]")))["groups"] == []


def test_the_commands_write_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules, config = tmp_path / "rules.yaml", tmp_path / "alertmanager.yml"
    assert main(["rules", "render", "--config", str(GUIDE), "--output", str(rules)]) == 0
    assert main(["alertmanager", "render", "--config", str(GUIDE), "--output", str(config)]) == 0
    assert "CriticalBottleneckPredicted" in rules.read_text()
    assert "receiver: pagerduty" in config.read_text()
    assert "slack_webhook_url must hold alerts.channels.slack.webhook_url" in capsys.readouterr().err


def test_the_predicted_alerts_that_are_known_are_those_of_the_rule_files() -> None:
    shipped = {
        rule["alert"]
        for path in (ROOT / "rules").glob("*.yaml")
        for group in (yaml.safe_load(path.read_text()).get("groups") or ())
        for rule in group["rules"]
        if rule.get("labels", {}).get("predictive") == "true"
    }
    assert set(SHIPPED_PREDICTED) == shipped == {predicted for predicted, _, _ in SHIPPED_TWINS}
