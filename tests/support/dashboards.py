"""The committed dashboards, as their queries are asked."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FOLDER = Path(__file__).parents[2] / "grafana" / "dashboards"


def boards() -> dict[str, dict[str, Any]]:
    """By stem."""
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.json"))}


def panels(board: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All panels that show something, those of collapsed rows included."""
    found = [*board["panels"], *(inner for row in board["panels"] for inner in row.get("panels", []))]
    return [panel for panel in found if panel["type"] != "row"]


@dataclass(frozen=True)
class Asked:
    """One expression of a dashboard.

    Args:
        board: stem of the dashboard.
        where: its panel, variable or annotation.
        expr: as written.
        is_instant: asked at one instant.
        is_future: whether the range reaches into the future.
    """

    board: str
    where: str
    expr: str
    is_instant: bool = False
    is_future: bool = False

    def __str__(self) -> str:
        return f"{self.board}: {self.where}"


def asked() -> Iterator[Asked]:
    """Every expression of every panel and annotation."""
    for stem, board in boards().items():
        is_future = "+" in board["time"]["to"]
        for panel in panels(board):
            for target in panel.get("targets", []):
                where = f"{panel['title']} {target['refId']}"
                # A panel with a time of its own ends now.
                future = is_future and "timeFrom" not in panel
                yield Asked(stem, where, target["expr"], bool(target.get("instant")), future)
        for annotation in board.get("annotations", {}).get("list", []):
            if "expr" in annotation:
                yield Asked(stem, f"annotation {annotation['name']}", annotation["expr"])


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with variables put in, as Grafana does it."""
    return re.sub(r"\$(?:\{(\w+)(?::\w+)?\}|(\w+))", lambda found: values[found[1] or found[2]], text)
