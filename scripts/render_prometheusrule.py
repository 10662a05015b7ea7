"""Write rules/*.yaml anew as PrometheusRule objects: docker/kubernetes/prometheusrule.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

_ROOT = Path(__file__).parents[1]
TARGET = _ROOT / "docker" / "kubernetes" / "prometheusrule.yaml"


class _Plain(yaml.SafeDumper):
    """Texts of several lines as blocks, nothing by reference."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the signature is PyYAML's
        return True

    def represent_text(self, data: str) -> yaml.ScalarNode:
        """A block where the text has lines, else plain or quoted."""
        return self.represent_scalar("tag:yaml.org,2002:str", data, style="|" if "\n" in data else None)


_Plain.add_representer(str, _Plain.represent_text)


def render() -> str:
    """The text of the file, an object for each rule file."""
    documents = [_prometheus_rule(path) for path in sorted((_ROOT / "rules").glob("*.yaml"))]
    text = yaml.dump_all(documents, Dumper=_Plain, sort_keys=False, width=120, allow_unicode=True, explicit_start=True)
    return f"# Made from rules/ by scripts/render_prometheusrule.py.\n{text}"


def _prometheus_rule(path: Path) -> dict[str, Any]:
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": f"pronoia-{path.stem}", "labels": {"app.kubernetes.io/name": "pronoia"}},
        "spec": yaml.safe_load(path.read_text(encoding="utf-8")),
    }


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8")
    print(TARGET)
