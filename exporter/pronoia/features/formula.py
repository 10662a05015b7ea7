"""Formulas over named metrics, as configuration writes them: `sqrt(disk_read_iops^2 + disk_write_iops^2)`.

Nothing is executed: the text is parsed, and only numbers, names, arithmetic and the functions below are understood.
"""

from __future__ import annotations

import ast
import difflib
import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pronoia.errors import ConfigError, ConfigProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

_FUNCTIONS: dict[str, tuple[Callable[..., NDArray[np.float64]], int]] = {
    "abs": (np.abs, 1),
    "exp": (np.exp, 1),
    "ln": (np.log, 1),
    "log10": (np.log10, 1),
    "log2": (np.log2, 1),
    "max": (np.fmax, 2),
    "min": (np.fmin, 2),
    "sqrt": (np.sqrt, 1),
}
_OPERATORS: dict[type[ast.operator], Callable[..., NDArray[np.float64]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: np.mod,
    ast.Pow: np.power,
}
_SIGNS: dict[type[ast.unaryop], Callable[..., NDArray[np.float64]]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}
# Longer, or deeper, is not a formula, and would only serve to exhaust the parser.
_MOST_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that has been read.

    Args:
        text: as it was written.
        names: the metrics that it needs, sorted.
        body: its syntax tree, of nodes that `evaluate` understands.
    """

    text: str
    names: tuple[str, ...]
    body: ast.expr

    def evaluate(self, metrics: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """The formula's value, elementwise.

        Args:
            metrics: float64 arrays of one shape, by name.

        Returns:
            float64 of that shape; NaN where a metric is not known or the formula has no value (division by zero, a root
            of what is negative).

        Raises:
            KeyError: if a metric is missing.
        """
        with np.errstate(all="ignore"):
            value = np.asarray(_value(self.body, metrics), dtype=np.float64)
        shape = np.broadcast_shapes(value.shape, *(np.shape(metrics[name]) for name in self.names))
        return np.where(np.isfinite(value), value, np.nan) + np.zeros(shape)


def parse_formula(text: str, path: str = "formula") -> Formula:
    """Read a formula: numbers, names, `+ - * / % ^`, parentheses, abs, exp, ln, log2, log10, max, min, sqrt.

    Args:
        text: the formula; `^` and `**` are powers.
        path: where it stands in the configuration, for messages.

    Raises:
        ConfigError: naming what is not understood, and where.

    >>> formula = parse_formula("sqrt(read^2 + write^2)")
    >>> formula.names
    ('read', 'write')
    >>> formula.evaluate({"read": np.array([3.0, np.nan]), "write": np.array([4.0, 1.0])}).tolist()
    [5.0, nan]
    >>> parse_formula("sqr(x)")
    Traceback (most recent call last):
    pronoia.errors.ConfigError: 1 problem
      formula: unknown function 'sqr' at character 1, did you mean 'sqrt'?
    """
    if len(text) > _MOST_CHARACTERS:
        raise _error(path, f"{len(text)} characters; at most {_MOST_CHARACTERS} are read")
    try:
        body = ast.parse(_with_powers(text).strip(), mode="eval").body
        _check(body, text, path)
    except SyntaxError as error:
        raise _error(path, f"not a formula: {text!r}: {error.msg}") from error
    except (RecursionError, MemoryError, ValueError) as error:
        raise _error(path, f"not a formula: {text[:40]!r} is nested too deeply or holds odd characters") from error
    names = {node.id for node in ast.walk(body) if isinstance(node, ast.Name)}
    return Formula(text, tuple(sorted(names - _FUNCTIONS.keys())), body)


def _with_powers(text: str) -> str:
    """With Python's sign for powers, which binds as tightly as one expects of `^`."""
    return text.replace("^", "**")


def _check(node: ast.expr, text: str, path: str) -> None:
    match node:
        case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
            return
        case ast.Name(id=name) if name not in _FUNCTIONS:
            return
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            _check(left, text, path)
            _check(right, text, path)
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _SIGNS:
            _check(operand, text, path)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            _check_call(name, arguments, node.col_offset, path)
            for argument in arguments:
                _check(argument, text, path)
        case _:
            what = ast.get_source_segment(_with_powers(text).strip(), node) or type(node).__name__
            known = f"it is made of metrics' names, numbers, + - * / % ^, brackets and {', '.join(_FUNCTIONS)}"
            raise _error(path, f"{what!r} at character {node.col_offset + 1} is not understood in a formula: {known}")


def _check_call(name: str, arguments: list[ast.expr], offset: int, path: str) -> None:
    if name not in _FUNCTIONS:
        near = difflib.get_close_matches(name, _FUNCTIONS, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(_FUNCTIONS)}"
        raise _error(path, f"unknown function {name!r} at character {offset + 1}, {hint}")
    wanted = _FUNCTIONS[name][1]
    if len(arguments) != wanted:
        raise _error(path, f"{name} at character {offset + 1} takes {wanted} value(s), got {len(arguments)}")


def _value(node: ast.expr, metrics: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64] | float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return metrics[name]
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATORS[type(op)](_value(left, metrics), np.asarray(_value(right, metrics)))
        case ast.UnaryOp(op=sign, operand=operand):
            return _SIGNS[type(sign)](_value(operand, metrics))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _FUNCTIONS[name][0](*(_value(argument, metrics) for argument in arguments))
        case _:
            raise TypeError(f"{type(node).__name__} in a formula that was checked")


def _error(path: str, message: str) -> ConfigError:
    return ConfigError([ConfigProblem(path, message)])
