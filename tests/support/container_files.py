"""What docker/ says, as data: the Dockerfile's instructions, and the files that a Compose service sees."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction of a Dockerfile: its name in capitals, and the rest of the (joined) line."""

    name: str
    rest: str

    def words(self) -> list[str]:
        """The rest as a list: JSON where it is written so, else as a shell would split it."""
        start = self.rest.find("[")
        return json.loads(self.rest[start:]) if start >= 0 else shlex.split(self.rest)

    def pairs(self) -> dict[str, str]:
        """`NAME=value ...` of ENV, ARG and LABEL; a name alone has an empty value."""
        return dict((word + "=").split("=", 1) if "=" not in word else word.split("=", 1) for word in self.words())


def dockerfile(path: Path = DOCKER / "Dockerfile") -> list[Instruction]:
    """The instructions in order, comments left out, continued lines joined."""
    text = re.sub(r"^#.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    return [Instruction(*line.split(None, 1)) for line in text.splitlines() if line.strip()]


def compose() -> dict[str, Any]:
    """docker/compose.yaml, merge keys resolved."""
    return yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))


def mounts(service: dict[str, Any]) -> list[tuple[Path, Path]]:
    """Bind mounts of files of the repository: where they lie here, and where in the container."""
    pairs = (volume.split(":")[:2] for volume in service.get("volumes", ()))
    return [((DOCKER / here).resolve(), Path(there)) for here, there in pairs if here.startswith(".")]


def lay_out(service: dict[str, Any], root: Path) -> None:
    """Copy the bind mounts of a service below a folder, as its container has them below `/`."""
    for here, there in mounts(service):
        target = root / there.relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if here.is_dir():
            shutil.copytree(here, target)
        else:
            shutil.copy(here, target)
