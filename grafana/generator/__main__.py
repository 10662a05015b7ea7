"""Write the dashboards, or say which of the committed ones differ: `python grafana/generator [--check]`."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path

import boards

DASHBOARDS = Path(__file__).parents[1] / "dashboards"


def main(arguments: list[str]) -> int:
    """0 if all is as it should be."""
    differing = []
    for found in pkgutil.iter_modules(boards.__path__):
        frame = importlib.import_module(f"boards.{found.name}").board()
        file, wanted = DASHBOARDS / f"{frame.stem}.json", frame.to_json()
        if not file.exists() or file.read_text(encoding="utf-8") != wanted:
            differing.append(file.name)
            if "--check" not in arguments:
                file.write_text(wanted, encoding="utf-8")
    if differing and "--check" in arguments:
        print(f"{', '.join(differing)}: not what `python grafana/generator` writes", file=sys.stderr)
        return 1
    print(f"{', '.join(differing) or 'nothing'} {'differs' if '--check' in arguments else 'written'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
