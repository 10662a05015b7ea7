"""A package that registers forecasters, as pip would have installed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def install_plugin(
    site: Path, *, package: str, version: str, entry_points: dict[str, str], source: str, module: str
) -> None:
    """Write a module and its metadata into a folder of the import path.

    Args:
        site: the folder.
        package: distribution name.
        version: its version.
        entry_points: name -> `module:Class`, in the group `pronoia.forecasters`.
        source: the module's text.
        module: the module's name.
    """
    site.mkdir(exist_ok=True)
    (site / f"{module}.py").write_text(source, encoding="utf-8")
    metadata = site / f"{package.replace('-', '_')}-{version}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
    lines = [f"{name} = {value}" for name, value in entry_points.items()]
    (metadata / "entry_points.txt").write_text("\n".join(["[pronoia.forecasters]", *lines, ""]))
