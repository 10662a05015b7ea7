"""Functions that change labels and leave the values alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pronoia.errors import EvaluationError
from pronoia.promql.nameless import nameless
from pronoia.promql.replacement import Replacement
from pronoia.promql.vector import Vector, relabelled
from pronoia.series.labels import LabelSet

if TYPE_CHECKING:
    from collections.abc import Callable


def without_name(vector: Vector) -> Vector:
    """The same values without metric names, as most functions give them.

    Raises:
        EvaluationError: if two series that become equal are present at the same instant.
    """
    return _with_labels(vector, nameless)


def label_replace(vector: Vector, destination: str, template: str, source: str, expression: str) -> Vector:
    """Set a label from the groups of a match on another; series whose `source` does not match stay as they are.

    Args:
        vector: any.
        destination: label to set; an empty replacement removes it.
        template: what to set it to, with Go's `$1`, `${1}`, `${name}`.
        source: label to look at; empty if a series does not have it.
        expression: regular expression, anchored at both ends.

    Raises:
        EvaluationError: if the expression or the destination is not valid, or series become equal.
    """
    try:
        replacement = Replacement.parse(expression, template)
    except ValueError as error:
        raise EvaluationError(f"invalid regular expression in label_replace(): {expression} ({error})") from error
    _check_name(destination, "destination label name in label_replace()")

    def replaced(labels: LabelSet) -> LabelSet:
        value = replacement.of(labels.get(source, ""))
        return labels if value is None else _updated(labels, destination, value)

    return _with_labels(vector, replaced)


def label_join(vector: Vector, destination: str, separator: str, *sources: str) -> Vector:
    """Set a label to the values of others, joined; labels that a series does not have count as empty.

    Raises:
        EvaluationError: if a label name is not valid, or series become equal.
    """
    for source in sources:
        _check_name(source, "source label name in label_join()")
    _check_name(destination, "destination label name in label_join()")

    def joined(labels: LabelSet) -> LabelSet:
        return _updated(labels, destination, separator.join(labels.get(source, "") for source in sources))

    return _with_labels(vector, joined)


def _with_labels(vector: Vector, change: Callable[[LabelSet], LabelSet]) -> Vector:
    return relabelled([change(labels) for labels in vector.labels], vector.values, vector.present)


def _updated(labels: LabelSet, name: str, value: str) -> LabelSet:
    return LabelSet({**dict(labels.pairs), name: value})


def _check_name(name: str, what: str) -> None:
    """Refuse what is no label name: since Prometheus 3.0 any text is one that is not empty and can be UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise EvaluationError(f"invalid {what}: {name!r}") from error
    if not name:
        raise EvaluationError(f"invalid {what}: it is empty")
