"""YAML text to plain Python values, with the line of each, and without YAML's surprises."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from pronoia.errors import ConfigError, ConfigProblem

#: Where a value stands: keys and list positions from the root.
Path = tuple[str | int, ...]

_TAG = "tag:yaml.org,2002:"
# Values that YAML would turn into dates stay text; all other tags (binary, sets, Python objects) are refused.
_TEXT_TAGS = {_TAG + "str", _TAG + "timestamp", _TAG + "value"}
_NUMBER_TAGS = {_TAG + "int", _TAG + "float", _TAG + "bool", _TAG + "null"}
_COLLECTION_TAGS = {_TAG + "map", _TAG + "seq"}
_MERGE_TAG = _TAG + "merge"

_MAX_CHARACTERS = 2**20
# Aliases let a small text stand for an exponentially large tree, or one that contains itself.
_MAX_VALUES = 200_000


@dataclass(slots=True)
class Document:
    """One YAML document.

    Args:
        tree: mappings, lists, text, numbers, booleans and None; keys are always text.
        lines: line number (from 1) of each key and list entry.
        problems: duplicate keys and values of kinds a configuration does not have.
    """

    tree: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[ConfigProblem] = field(default_factory=list)

    def line_of(self, path: Path) -> int:
        """The line of a path, or of the nearest parent that has one; 0 if none has."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 0)


def read_document(text: str, source: str) -> Document:
    """Read YAML text that holds one mapping (an empty text is an empty mapping).

    Raises:
        ConfigError: if the text is not YAML at all; other problems are collected in the document.
    """
    if len(text) > _MAX_CHARACTERS:
        problem = f"{len(text)} characters long, at most {_MAX_CHARACTERS} are read"
        raise ConfigError([ConfigProblem("", problem)], source)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        document = Document()
        document.tree = _Reader(document).value(root, ()) if root is not None else {}
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ConfigError([ConfigProblem(where, f"not valid YAML: {error.problem}")], source) from error
    except (yaml.YAMLError, RecursionError, _TooLarge) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise ConfigError([ConfigProblem("", f"not valid YAML: {reason}")], source) from error
    if document.tree is None:
        document.tree = {}
    if not isinstance(document.tree, dict):
        raise ConfigError([ConfigProblem("", "the file must hold keys and values (key: value)")], source)
    return document


def show_path(path: Path) -> str:
    """A path as people write it.

    >>> show_path(("queries", 2, "horizon"))
    'queries[2].horizon'
    """
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


class _TooLarge(Exception):
    """The tree grew past the limit, by aliases or by sheer size."""


class _Reader:
    """Walks a node graph and writes into a document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._scalars = yaml.SafeLoader("")
        self._n_values = 0

    def value(self, node: yaml.Node, path: Path) -> Any:
        """The plain value of a node."""
        self._n_values += 1
        if self._n_values > _MAX_VALUES:
            raise _TooLarge(f"more than {_MAX_VALUES} values (are aliases nested?)")
        self._document.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.CollectionNode) and node.tag not in _COLLECTION_TAGS:
            return self._unsupported(node, path)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(entry, (*path, position)) for position, entry in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if key_node.tag == _MERGE_TAG:
                merged = self._merged(value_node, path) | merged
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                self._problem(path, "a key must be text", line)
                continue
            key = key_node.value
            if key in mapping:
                self._problem((*path, key), f"given twice, first on line {self._document.lines[*path, key]}", line)
                continue
            self._document.lines[*path, key] = line
            mapping[key] = self.value(value_node, (*path, key))
        return merged | mapping

    def _merged(self, node: yaml.Node, path: Path) -> dict[str, Any]:
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        merged: dict[str, Any] = {}
        for part in nodes:
            value = self.value(part, path)
            if not isinstance(value, dict):
                self._problem(path, "'<<' merges mappings only", node.start_mark.line + 1)
                continue
            merged = value | merged
        return merged

    def _scalar(self, node: yaml.Node, path: Path) -> Any:
        if node.tag in _TEXT_TAGS:
            return node.value
        if node.tag in _NUMBER_TAGS:
            try:
                return self._scalars.construct_object(node)
            except ValueError:
                self._problem(path, f"{node.value[:40]!r} is not a number", node.start_mark.line + 1)
                return None
        return self._unsupported(node, path)

    def _unsupported(self, node: yaml.Node, path: Path) -> None:
        self._problem(path, f"the YAML tag {node.tag} is not supported", node.start_mark.line + 1)

    def _problem(self, path: Path, problem: str, line: int) -> None:
        self._document.problems.append(ConfigProblem(show_path(path), problem, line))
