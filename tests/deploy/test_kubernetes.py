"""docker/kubernetes: right by the schemas of Kubernetes, of the Prometheus operator and of KEDA, and for each other."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from kubernetes_validate import ValidationError, validate

from pronoia.config.load import load
from support.container_files import DOCKER, ROOT, dockerfile
from support.processes import ServerMissing, find_binary
from support.stack import CURVES, RULE_FILES

FOLDER = DOCKER / "kubernetes"
EXAMPLES = FOLDER / "examples"
KUBERNETES_VERSION = "1.33"
OF_KUBERNETES = ("statefulset", "service", "networkpolicy")
#: The parts of custom resources that are used here, as their definitions have them: no other key is allowed.
CUSTOM = json.loads((Path(__file__).parent / "schemas" / "custom_resources.json").read_text(encoding="utf-8"))


def documents(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def document(name: str) -> dict[str, Any]:
    (found,) = documents(FOLDER / f"{name}.yaml")
    return found


def custom_resources() -> list[dict[str, Any]]:
    paths = (FOLDER / "servicemonitor.yaml", FOLDER / "prometheusrule.yaml", EXAMPLES / "scaledobject.yaml")
    return [each for path in paths for each in documents(path)]


@pytest.mark.parametrize("name", OF_KUBERNETES)
def test_kubernetes_accepts_it(name: str) -> None:
    validate(document(name), KUBERNETES_VERSION, strict=True)


def test_the_schemas_find_what_is_wrong() -> None:
    wrong = document("statefulset")
    wrong["spec"]["template"]["spec"]["containers"][0]["readOnly"] = True
    with pytest.raises(ValidationError, match="readOnly"):
        validate(wrong, KUBERNETES_VERSION, strict=True)
    wrong = document("servicemonitor")
    wrong["spec"]["endpoints"][1]["honor_labels"] = True
    assert not Draft202012Validator(CUSTOM["ServiceMonitor"]).is_valid(wrong)


@pytest.mark.parametrize("resource", custom_resources(), ids=lambda each: f"{each['kind']} {each['metadata']['name']}")
def test_the_operators_accept_it(resource: dict[str, Any]) -> None:
    errors = Draft202012Validator(CUSTOM[resource["kind"]]).iter_errors(resource)
    assert [f"{error.json_path}: {error.message}" for error in errors] == []


def test_rules_are_those_of_the_rule_files() -> None:
    made = subprocess.run(
        [sys.executable, "-c", "import render_prometheusrule as r; print(r.render(), end='')"],
        cwd=ROOT / "scripts",
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    told = "rules/ has changed: python scripts/render_prometheusrule.py"
    assert (FOLDER / "prometheusrule.yaml").read_text(encoding="utf-8") == made, told
    specs = [each["spec"] for each in documents(FOLDER / "prometheusrule.yaml")]
    assert specs == [yaml.safe_load(path.read_text(encoding="utf-8")) for path in RULE_FILES]


def test_promtool_accepts_the_rules_as_rendered(tmp_path: Path) -> None:
    try:
        promtool = find_binary("promtool")
    except ServerMissing as error:
        pytest.skip(str(error))
    for each in documents(FOLDER / "prometheusrule.yaml"):
        path = tmp_path / f"{each['metadata']['name']}.yaml"
        path.write_text(yaml.safe_dump(each["spec"]), encoding="utf-8")
        subprocess.run([promtool, "check", "rules", "--lint-fatal", str(path)], check=True, capture_output=True)


def test_all_dashboards_are_in_the_config_map() -> None:
    folder = ROOT / "grafana" / "dashboards"
    (generator,) = yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8"))["configMapGenerator"]
    assert generator["files"] == sorted(path.name for path in folder.glob("*.json"))
    assert generator["options"]["labels"] == {"grafana_dashboard": "1"}


def test_kustomize_puts_all_into_one_namespace() -> None:
    if not shutil.which("kubectl"):
        pytest.skip("kubectl is not installed")
    text = subprocess.run(["kubectl", "kustomize", str(FOLDER)], capture_output=True, text=True, check=True).stdout
    made = list(yaml.safe_load_all(text))
    assert {each["metadata"]["namespace"] for each in made} == {"monitoring"}
    maps = {each["metadata"]["name"]: each for each in made if each["kind"] == "ConfigMap"}
    (stateful_set,) = (each for each in made if each["kind"] == "StatefulSet")
    (config,) = (v for v in stateful_set["spec"]["template"]["spec"]["volumes"] if v["name"] == "config")
    assert "pronoia.yml" in maps[config["configMap"]["name"]]["data"]
    for each in made:
        if not each["apiVersion"].startswith("monitoring.coreos.com"):
            validate(each, KUBERNETES_VERSION, strict=True)


def test_what_kustomize_is_told_of_is_there() -> None:
    kustomization = yaml.safe_load((FOLDER / "kustomization.yaml").read_text(encoding="utf-8"))
    assert all((FOLDER / name).exists() for name in kustomization["resources"])
    listed = {name for name in kustomization["resources"] if name.endswith(".yaml")}
    assert listed == {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}


def test_pronoia_accepts_its_configuration_and_may_reach_what_it_reads() -> None:
    (upstream,) = load(FOLDER / "pronoia.yml").upstream_settings()
    ports = {port["port"] for rule in document("networkpolicy")["spec"]["egress"] for port in rule["ports"]}
    assert int(upstream.url.rpartition(":")[2]) in ports


def test_the_pod_runs_the_image_as_the_image_runs_itself() -> None:
    spec = document("statefulset")["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    instructions = {each.name: each for each in dockerfile()}
    assert container["args"] == instructions["CMD"].words()
    assert container["ports"] == [{"name": "http", "containerPort": int(instructions["EXPOSE"].rest)}]
    user, group = map(int, instructions["USER"].rest.split(":"))
    assert (spec["securityContext"]["runAsUser"], spec["securityContext"]["runAsGroup"]) == (user, group)
    assert {"/var/lib/pronoia", "/tmp"} <= {mount["mountPath"] for mount in container["volumeMounts"]}


def test_the_pod_may_do_little() -> None:
    spec = document("statefulset")["spec"]["template"]["spec"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["containers"][0]["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_selectors_find_the_pod_and_ports_have_their_names() -> None:
    labels = document("statefulset")["spec"]["template"]["metadata"]["labels"].items()
    service = document("service")
    (port,) = service["spec"]["ports"]
    monitor = document("servicemonitor")["spec"]
    assert service["spec"]["selector"].items() <= labels
    assert document("networkpolicy")["spec"]["podSelector"]["matchLabels"].items() <= labels
    assert monitor["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert {endpoint["port"] for endpoint in monitor["endpoints"]} == {port["name"]}


def test_predictions_keep_their_labels_and_have_a_job_of_their_own() -> None:
    own, predictions = document("servicemonitor")["spec"]["endpoints"]
    assert (own["path"], predictions["path"]) == ("/metrics", "/predictions")
    assert predictions["honorLabels"] is True
    assert "honorLabels" not in own
    assert predictions["relabelings"] == [
        {"action": "replace", "targetLabel": "job", "replacement": "pronoia_predictions"}
    ]


def test_the_operator_s_prometheus_is_told_of_the_curves() -> None:
    (patch,) = documents(EXAMPLES / "prometheus.yaml")
    reads = patch["spec"]["remoteRead"]
    assert [each["requiredMatchers"]["__name__"] for each in reads] == list(CURVES)
    (port,) = document("service")["spec"]["ports"]
    assert {each["url"] for each in reads} == {f"http://pronoia:{port['port']}/api/v1/read"}


def test_scaling_looks_at_now_and_ahead_and_takes_no_forecast_for_no_load() -> None:
    (scaled,) = documents(EXAMPLES / "scaledobject.yaml")
    now, ahead = (trigger["metadata"] for trigger in scaled["spec"]["triggers"])
    assert now["ignoreNullValues"] == ahead["ignoreNullValues"] == "false"
    assert "pronoia" not in now["query"]
    assert 'pronoia_forecast_upper{query="web_requests", horizon="15m"}' in ahead["query"]
    assert scaled["spec"]["fallback"]["replicas"] >= scaled["spec"]["minReplicaCount"]
