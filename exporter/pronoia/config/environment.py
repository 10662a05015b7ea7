"""`${NAME}` in string values: secrets from the environment."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pronoia.config.document import Path

_REFERENCE = re.compile(r"\$(?:\$|\{([^}]*)\}|\{)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
# label_replace in PromQL writes its capture groups as $1 or ${1}.
_CAPTURE_GROUP = re.compile(r"[0-9]+", re.ASCII)


@dataclass(slots=True)
class Substituted:
    """A tree with the references replaced.

    Args:
        tree: the new tree.
        missing: path and problem of each reference that could not be replaced; the text stays as written there.
        written: what stood in the file where something was replaced, and what it became, whole and reference by
            reference; for messages, which must show the reference and never the secret.
    """

    tree: Any = None
    missing: list[tuple[Path, str]] = field(default_factory=list)
    written: dict[Path, list[tuple[str, str]]] = field(default_factory=dict)


def substitute(tree: Any, environ: Mapping[str, str]) -> Substituted:
    """Replace `${NAME}` by the environment's value in all string values (not in keys); `$$` stands for `$`.

    A lone `$`, `$1` and `${1}` stay as they are: PromQL needs them.

    >>> substitute({"password": "${P}", "price": "$$5", "regex": "sd[a-z]$"}, {"P": "x"}).tree
    {'password': 'x', 'price': '$5', 'regex': 'sd[a-z]$'}
    """
    result = Substituted()
    result.tree = _walk(tree, (), environ, result)
    return result


def _walk(value: Any, path: Path, environ: Mapping[str, str], result: Substituted) -> Any:
    if isinstance(value, dict):
        return {key: _walk(entry, (*path, key), environ, result) for key, entry in value.items()}
    if isinstance(value, list):
        return [_walk(entry, (*path, position), environ, result) for position, entry in enumerate(value)]
    if isinstance(value, str) and "$" in value:
        return _text(value, path, environ, result)
    return value


def _text(text: str, path: Path, environ: Mapping[str, str], result: Substituted) -> str:
    problems: list[str] = []
    written: list[tuple[str, str]] = []

    def replaced(match: re.Match[str]) -> str:
        whole, name = match.group(0), match.group(1)
        if whole == "$$":
            return "$"
        if name is None:
            problems.append("'${' without '}' after it; write $${ for a literal ${")
        elif _CAPTURE_GROUP.fullmatch(name):
            return whole
        elif not _NAME.fullmatch(name):
            problems.append(f"{whole} is not understood; only ${{NAME}} is, and $${{ for a literal ${{")
        elif name not in environ:
            problems.append(f"environment variable {name} is not set")
        else:
            written.append((whole, environ[name]))
            return environ[name]
        return whole

    new = _REFERENCE.sub(replaced, text)
    if problems:
        result.missing.extend((path, problem) for problem in problems)
        return text
    if new != text:
        result.written[path] = [(text, new), *written]
    return new
