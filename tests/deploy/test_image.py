"""docker/Dockerfile without Docker: its steps in a folder and a virtual environment of their own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import requests
import yaml

from pronoia.version import __version__
from support.container_files import DOCKER, ROOT, Instruction, dockerfile
from support.processes import Server, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INSTRUCTIONS = dockerfile()
STAGE_STARTS = [i for i, each in enumerate(INSTRUCTIONS) if each.name == "FROM"]
BUILD = INSTRUCTIONS[STAGE_STARTS[0] : STAGE_STARTS[1]]
FINAL = INSTRUCTIONS[STAGE_STARTS[1] :]


def only(instructions: list[Instruction], name: str) -> Instruction:
    (found,) = (each for each in instructions if each.name == name)
    return found


def pairs(instructions: list[Instruction], name: str) -> dict[str, str]:
    return {key: value for each in instructions if each.name == name for key, value in each.pairs().items()}


def copied_sources() -> list[str]:
    """What COPY takes from the repository."""
    copies = (each.rest.split() for each in INSTRUCTIONS if each.name == "COPY" and "--from" not in each.rest)
    return [source for *sources, _ in copies for source in sources]


def test_it_runs_as_nobody_from_a_pinned_base_of_two_stages() -> None:
    assert only(FINAL, "USER").rest == "65532:65532"
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", pairs(INSTRUCTIONS[: STAGE_STARTS[0]], "ARG")["BASE"])
    assert [INSTRUCTIONS[i].rest for i in STAGE_STARTS] == ["${BASE} AS build", "${BASE}"]


def test_its_labels_tell_what_it_is() -> None:
    labels = {key.rpartition(".")[2]: value for key, value in pairs(FINAL, "LABEL").items()}
    assert {"title", "description", "vendor", "licenses", "version", "revision"} <= labels.keys()
    assert labels["licenses"] == "Apache-2.0"
    assert pairs(FINAL, "ARG")["VERSION"] == __version__


def test_licence_and_notice_are_in_the_image() -> None:
    assert any(each.name == "COPY" and each.rest.startswith("LICENSE NOTICE ") for each in FINAL)


def test_what_is_copied_is_there_and_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    kept = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert "*" in ignored
    for source in copied_sources():
        assert (ROOT / source).exists(), source
        assert source in kept, source


def test_a_network_needs_an_index_of_builds_for_cpus(tmp_path: Path) -> None:
    assert pairs(BUILD, "ARG")["TORCH_INDEX_URL"].endswith("/cpu")
    assert pairs(BUILD, "ARG")["EXTRAS"] == ""
    python = tmp_path / "python3"
    # Instead of making an environment and installing into it, tell what would be done.
    python.write_text(
        '#!/bin/sh\nmkdir -p "$3/bin"\nprintf \'#!/bin/sh\\necho "$@" >> "%s"\\n\' "$LOG" > "$3/bin/python"\n'
        'chmod +x "$3/bin/python"\n'
    )
    python.chmod(0o755)
    log = tmp_path / "log"
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "LOG": str(log),
        "TORCH_INDEX_URL": "https://cpu.example",
    }
    for extras in ("", "calendar", "calendar,neural"):
        subprocess.run([DOCKER / "install.sh", tmp_path / "venv", extras], env=environment, check=True)
    assert [line.split(" install ")[1] for line in log.read_text().splitlines() if "torch" in line] == [
        "--index-url https://cpu.example torch"
    ]


class Container(Server):
    """The image's command, with its folders below another one."""

    ready_path = "/-/healthy"
    ready_timeout_seconds = 120.0

    def __init__(self, root: Path, environment: dict[str, str], *command: str, port: int | None = None) -> None:
        super().__init__("container", root / "log", port)
        self._environment, self._command = environment, command

    def command(self) -> list[str]:
        settings = [f"{name}={value}" for name, value in self._environment.items()]
        return ["env", "-i", *settings, *self._command, f"--web.listen-address={self.address}"]


@dataclass(frozen=True, slots=True)
class Image:
    """What the Dockerfile made, below a folder."""

    root: Path
    environment: dict[str, str]

    def moved(self, text: str) -> str:
        """A path of the image where it lies here."""
        return re.sub(r"/(opt|etc|var/lib)/pronoia", lambda found: f"{self.root}{found.group(0)}", text)

    def entry(self) -> list[str]:
        words = only(FINAL, "ENTRYPOINT").words() + only(FINAL, "CMD").words()
        return [self.moved(word) for word in words]

    def installed(self) -> dict[str, float]:
        """Every file that the image brings, and when it was written."""
        return {str(file): file.stat().st_mtime for file in (self.root / "opt").rglob("*") if file.is_file()}


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The steps of the build: COPY, then RUN; then the final stage's folders and environment."""
    root = tmp_path_factory.mktemp("image")
    source = root / "src"
    for name in copied_sources():
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, target)
    image = Image(root, {})
    (root / "opt").mkdir()
    arguments = pairs(BUILD, "ARG")
    subprocess.run(
        image.moved(only(BUILD, "RUN").rest), shell=True, cwd=source, env={**os.environ, **arguments}, check=True
    )
    for folder in ("etc/pronoia", "var/lib/pronoia"):
        (root / folder).mkdir(parents=True)
    environment = {key: image.moved(value) for key, value in pairs(FINAL, "ENV").items()}
    environment["PATH"] = environment["PATH"].replace("$PATH", "/usr/bin:/bin")
    return Image(root, environment)


@pytest.fixture
def replay(image: Image) -> Iterator[Container]:
    program = f"{image.root}/opt/pronoia/bin/pronoia"
    with Container(image.root / "replay", image.environment, program, "replay") as replay:
        yield replay


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_what_it_installs_starts_and_is_healthy_and_writes_into_its_volume_alone(
    image: Image, replay: Container
) -> None:
    query = {"name": "cpu", "expr": "cluster_cpu_utilization_ratio"}
    config = {"upstreams": [{"url": replay.url}], "queries": [query], "presets": []}
    (image.root / "etc/pronoia/pronoia.yml").write_text(yaml.safe_dump(config))
    before = image.installed()
    assert not [name for name in before if name.endswith("site-packages/torch/__init__.py")]
    with Container(image.root, image.environment, *image.entry()) as container:
        healthy = subprocess.run(
            only(FINAL, "HEALTHCHECK").words(),
            env={**image.environment, "PRONOIA_HEALTH_URL": f"{container.url}/-/healthy"},
            check=False,
        )
        assert healthy.returncode == 0
        wait_for(
            lambda: 'pronoia_forecast{query="cpu"' in requests.get(container.url + "/predictions", timeout=10).text,
            "forecast",
            400,
            1.0,
        )
    gone = subprocess.run(
        only(FINAL, "HEALTHCHECK").words(),
        env={**image.environment, "PRONOIA_HEALTH_URL": f"{container.url}/-/healthy"},
        check=False,
        capture_output=True,
    )
    assert gone.returncode != 0
    assert image.installed() == before
    assert list((image.root / "var/lib/pronoia/compiled").rglob("*.nbi"))
