"""The command line: run, demo, replay, check, metrics, backtest, prior."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pronoia.cli.parser import build_parser
from pronoia.errors import PronoiaError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: as in `sys.argv[1:]`, which is the default.

    Returns:
        The exit status: 0 done, 1 an error of ours (told on standard error), 2 wrong usage, 130 interrupted.
    """
    parsed = build_parser().parse_args(arguments)
    try:
        status: int = parsed.command(parsed)
    except PronoiaError as error:
        sys.stderr.write(f"pronoia: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return status
