r"""RE2's regular expressions, compiled by Python's `re` and held to what RE2 means.

`\d`, `\w` and `\s` are ASCII, the dot matches everything. Syntax: https://github.com/google/re2/wiki/Syntax
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""
      (?P<only_re2> \\[pPCQE] | \\x\{ | \[\^? (?: \\. | [^]\\] )* \[:\^?[a-z]+:\] | \(\?[ims-]*U | (?<!^)\(\?[ims-]+\) )
    | (?P<only_python> \\[1-9uUNZ] | \(\?(?: [=!>\#(] | <[=!] | P= | [imsU-]*[aLux] ) | (?: [*+?] | \{[0-9,]+\} )\+ )
    | (?P<named> \(\?< )
    | \\.
    | \[\^?\]?(?: \\. | [^]\\] )*\]
    """,
    re.DOTALL | re.VERBOSE,
)


class NotPython(ValueError):
    """A regular expression that RE2 takes and Python's `re` does not."""


def compile_re2(expression: str) -> re.Pattern[str]:
    r"""The pattern of a regular expression; `fullmatch` anchors it at both ends, as Prometheus does.

    Raises:
        NotPython: if it may well be valid, but cannot be compiled here.
        ValueError: if it is not valid; also look-around, back-references and what else RE2 does not have.

    >>> bool(compile_re2(r"\d+").fullmatch("12")), bool(compile_re2(r"\d+").fullmatch("\u0663"))
    (True, False)
    """
    try:
        return re.compile(_TOKEN.sub(_pythonic, expression), re.DOTALL | re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(str(error)) from error


def _pythonic(token: re.Match[str]) -> str:
    text = token[0]
    if token["only_re2"]:
        raise NotPython(f"{text} is not supported")
    if token["only_python"]:
        raise ValueError(f"{text} is not valid")
    if token["named"]:
        return "(?P<"
    return r"\Z" if text == r"\z" else text
