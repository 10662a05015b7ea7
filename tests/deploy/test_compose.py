"""docker/compose.yaml and what it mounts: right by their own tools, and right for each other. No engine is needed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from jsonschema import Draft201909Validator

from pronoia.config.load import load
from support.container_files import DOCKER, ROOT, compose, dockerfile, lay_out, mounts
from support.processes import ServerMissing, find_binary
from support.stack import CURVES, RULE_FILES

COMPOSE = compose()
SERVICES: dict[str, Any] = COMPOSE["services"]
PROMETHEUS = yaml.safe_load((DOCKER / "prometheus.yml").read_text(encoding="utf-8"))
SOURCES = yaml.safe_load((ROOT / "grafana/provisioning/datasources/pronoia.yaml").read_text(encoding="utf-8"))
PROVIDERS = yaml.safe_load((ROOT / "grafana/provisioning/dashboards/pronoia.yaml").read_text(encoding="utf-8"))


def tool(*names: str) -> str:
    try:
        return find_binary(*names)
    except ServerMissing as error:
        pytest.skip(str(error))


def accepted(*command: str, folder: Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def listens_on(service: str) -> int:
    """The port on which a service answers: that of its healthcheck, or the one that our own image exposes."""
    if service == "pronoia":
        (exposed,) = (each.rest for each in dockerfile() if each.name == "EXPOSE")
        return int(exposed)
    return urlsplit(SERVICES[service]["healthcheck"]["test"][-1]).port or 80


def addresses() -> list[tuple[str, str]]:
    """Each address that a file of the installation names, and which file it is."""
    jobs = [t for job in PROMETHEUS["scrape_configs"] for each in job["static_configs"] for t in each["targets"]]
    alerts = [t for one in PROMETHEUS["alerting"]["alertmanagers"] for c in one["static_configs"] for t in c["targets"]]
    found = [("prometheus.yml", address) for address in jobs + alerts]
    found += [("prometheus.yml", urlsplit(each["url"]).netloc) for each in PROMETHEUS["remote_read"]]
    upstreams = load(DOCKER / "pronoia-compose.yml").upstream_settings()
    found += [("pronoia-compose.yml", urlsplit(each.url).netloc) for each in upstreams]
    environment = SERVICES["grafana"]["environment"]
    return found + [("compose.yaml", urlsplit(environment[name]).netloc) for name in environment if "_URL" in name]


def test_it_is_a_compose_file_by_the_specification_s_schema() -> None:
    schema = json.loads((Path(__file__).parent / "schemas" / "compose_spec.json").read_text(encoding="utf-8"))
    # The schema at hand is older than the project's name.
    document = {key: value for key, value in COMPOSE.items() if key != "name"}
    assert [f"{error.json_path}: {error.message}" for error in Draft201909Validator(schema).iter_errors(document)] == []


def test_the_schema_finds_what_is_wrong() -> None:
    schema = json.loads((Path(__file__).parent / "schemas" / "compose_spec.json").read_text(encoding="utf-8"))
    assert not Draft201909Validator(schema).is_valid({"services": {"a": {"image": "b", "port": ["1:1"]}}})


@pytest.mark.parametrize("name", SERVICES)
def test_images_of_others_are_pinned(name: str) -> None:
    if "build" not in SERVICES[name]:
        assert re.fullmatch(r"[a-z-]+/[a-z-]+:v?\d+\.\d+\.\d+", SERVICES[name]["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_services_are_hardened_and_seen_on_loopback_alone(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not service.get("privileged")
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    assert all(volume.endswith((":ro", ":ro,rslave")) for volume in service["volumes"] if volume.startswith((".", "/")))


@pytest.mark.parametrize("name", SERVICES)
def test_mounted_files_are_there_and_named_volumes_declared(name: str) -> None:
    for here, _ in mounts(SERVICES[name]):
        assert here.exists(), here
    named = {volume.split(":")[0] for volume in SERVICES[name]["volumes"] if not volume.startswith((".", "/"))}
    assert named <= COMPOSE["volumes"].keys()


@pytest.mark.parametrize("name", SERVICES)
def test_who_waits_for_health_waits_for_a_service_that_has_a_healthcheck(name: str) -> None:
    for awaited, condition in SERVICES[name].get("depends_on", {}).items():
        assert condition == {"condition": "service_healthy"}
        assert "healthcheck" in SERVICES[awaited]


def test_every_service_is_healthy_or_not_within_two_minutes() -> None:
    (ours,) = (each.rest for each in dockerfile() if each.name == "HEALTHCHECK")
    seconds = {key: int(value) for key, value in re.findall(r"--(\S+?)=(\d+)s?\b", ours)}
    assert seconds["start-period"] + seconds["interval"] * seconds["retries"] <= 120
    for service in SERVICES.values():
        check = service.get("healthcheck")
        if check:
            start, interval = (int(check[key].removesuffix("s")) for key in ("start_period", "interval"))
            assert start + interval * check["retries"] <= 120


@pytest.mark.parametrize(("file", "address"), addresses())
def test_every_address_is_a_service_s_own(file: str, address: str) -> None:
    host, port = address.split(":")
    assert int(port) == listens_on("prometheus" if host == "localhost" and file == "prometheus.yml" else host)


@pytest.mark.parametrize("name", SERVICES)
def test_published_ports_are_those_that_the_service_listens_on(name: str) -> None:
    for port in SERVICES[name].get("ports", ()):
        assert int(port.split(":")[-1]) == listens_on(name)


def test_promtool_accepts_the_configuration_with_all_rules_where_the_container_has_them(tmp_path: Path) -> None:
    lay_out(SERVICES["prometheus"], tmp_path)
    (config,) = (flag.split("=")[1] for flag in SERVICES["prometheus"]["command"] if "config.file" in flag)
    inside = tmp_path / config.removeprefix("/")
    told = accepted(tool("promtool"), "check", "config", inside.name, folder=inside.parent)
    assert all(file.name in told for file in RULE_FILES)


def test_prometheus_keeps_the_labels_of_predictions_and_asks_for_the_curves() -> None:
    (predictions,) = (job for job in PROMETHEUS["scrape_configs"] if job.get("metrics_path") == "/predictions")
    assert predictions["honor_labels"] is True
    own = [job for job in PROMETHEUS["scrape_configs"] if job["job_name"] == "pronoia"]
    assert own
    assert not own[0].get("honor_labels")
    assert [each["required_matchers"]["__name__"] for each in PROMETHEUS["remote_read"]] == list(CURVES)
    assert all(each["read_recent"] for each in PROMETHEUS["remote_read"])


def test_amtool_accepts_the_alertmanager_s_configuration(tmp_path: Path) -> None:
    lay_out(SERVICES["alertmanager"], tmp_path)
    (config,) = (flag.split("=")[1] for flag in SERVICES["alertmanager"]["command"] if "config.file" in flag)
    accepted(tool("amtool"), "check-config", str(tmp_path / config.removeprefix("/")), folder=tmp_path)


def test_the_alertmanager_s_configuration_is_rendered_and_tells_pronoia_what_came_of_alerts() -> None:
    command = [sys.executable, "-m", "pronoia", "alertmanager", "render", "--config.file", "docker/pronoia-compose.yml"]
    rendered = accepted(*command, folder=ROOT)
    assert (DOCKER / "alertmanager.yml").read_text(encoding="utf-8") == rendered
    (back,) = (each for each in yaml.safe_load(rendered)["receivers"] if each["name"] == "pronoia")
    (webhook,) = back["webhook_configs"]
    assert webhook["url"] == "http://pronoia:10190/alertmanager/webhook"
    token = webhook["http_config"]["authorization"]["credentials_file"]
    for name in ("alertmanager", "pronoia"):
        assert f"./webhook-token.txt:{token}:ro" in SERVICES[name]["volumes"]


def test_provisioning_uses_what_compose_sets(tmp_path: Path) -> None:
    environment = SERVICES["grafana"]["environment"]
    text = json.dumps([SOURCES, PROVIDERS])
    assert set(re.findall(r"\$\{(\w+)\}", text)) <= environment.keys()
    lay_out(SERVICES["grafana"], tmp_path)
    dashboards = tmp_path / environment["DASHBOARDS_PATH"].removeprefix("/")
    assert sorted(file.name for file in dashboards.glob("*.json"))
    assert (tmp_path / "etc/grafana/provisioning/datasources/pronoia.yaml").exists()
    assert (tmp_path / "etc/grafana/provisioning/dashboards/pronoia.yaml").exists()


def test_data_sources_have_ids_that_stay() -> None:
    assert {source["type"]: source["uid"] for source in SOURCES["datasources"]} == {
        "prometheus": "prometheus",
        "alertmanager": "alertmanager",
    }
    (prometheus,) = (source for source in SOURCES["datasources"] if source["type"] == "prometheus")
    assert prometheus["jsonData"]["incrementalQuerying"] is False
