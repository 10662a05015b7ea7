"""The part of a tree that a mistake leaves standing, so that its other mistakes can be found in the same run."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pronoia.config.document import Path

_REMOVED = object()
# Lists whose entries stand for themselves: one that is wrong does not spoil the others.
_INDEPENDENT = {("upstreams",), ("queries",), ("collectors",)}


@dataclass(frozen=True, slots=True)
class Pruned:
    """A tree without the given paths.

    Args:
        tree: what is left.
        kept: for each list that lost entries, the original positions of those left.
        removed: what was taken out; of most lists the whole.
    """

    tree: dict[str, Any]
    kept: dict[Path, list[int]]
    removed: tuple[Path, ...]

    def original(self, path: Path) -> Path:
        """Where a path of the pruned tree lies in the whole one."""
        kept = self.kept.get(path[:1])
        if kept is None or len(path) < 2 or not isinstance(path[1], int):
            return path
        return (path[0], kept[path[1]], *path[2:])

    def spoils(self, path: Path) -> bool:
        """Whether what a path (of the whole tree) leads to is not all there; `*` stands for every position."""
        # A path is spoiled by what lies above it and by what lies below.
        return any(
            all(part in {gone_part, "*"} for part, gone_part in zip(path, gone, strict=False)) for gone in self.removed
        )


def prune(tree: dict[str, Any], paths: Iterable[Path]) -> Pruned:
    """Take out what the paths lead to.

    >>> pruned = prune({"queries": [{"nmae": "a"}, {"name": "b"}], "workers": 0}, [("queries", 0), ("workers",)])
    >>> pruned.tree, pruned.original(("queries", 0, "name"))
    ({'queries': [{'name': 'b'}]}, ('queries', 1, 'name'))
    """
    left = deepcopy(tree)
    removed = tuple(_whole_lists(path) for path in paths)
    for path in removed:
        _remove(left, path)
    kept: dict[Path, list[int]] = {}
    for key, value in left.items():
        if isinstance(value, list) and any(entry is _REMOVED for entry in value):
            kept[(key,)] = [position for position, entry in enumerate(value) if entry is not _REMOVED]
    for (name,), positions in kept.items():
        entries = left.pop(str(name))
        if positions:
            left[str(name)] = [entries[position] for position in positions]
    return Pruned(left, kept, removed)


def _whole_lists(path: Path) -> Path:
    for length, part in enumerate(path):
        if isinstance(part, int) and path[:length] not in _INDEPENDENT:
            return path[:length]
    return path


def _remove(tree: Any, path: Path) -> None:
    if not path:
        tree.clear()
        return
    *parents, last = path
    for part in parents:
        try:
            tree = tree[part]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(tree, list) and isinstance(last, int) and last < len(tree):
        tree[last] = _REMOVED
    elif isinstance(tree, dict):
        tree.pop(last, None)
