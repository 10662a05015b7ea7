"""`pronoia metrics`: the catalogue, as the README's table has it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pronoia.exposition.catalogue import catalogue_table

if TYPE_CHECKING:
    import argparse


def run(_: argparse.Namespace) -> int:
    """Print every exposed metric with its type, labels and meaning."""
    sys.stdout.write(catalogue_table())
    return 0
