"""What an expression comes to once it is compiled: nodes to evaluate, and the raw samples they need."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Literal

from pronoia.series.timerange import TimeRange

if TYPE_CHECKING:
    from pronoia.promql.semantics import Semantics
    from pronoia.series.matchers import Matcher

#: A fixed time: UTC milliseconds, or the first or last instant of the whole evaluation.
At = int | Literal["start", "end"]


def fixed_ms(at: At, start_ms: int, end_ms: int) -> int:
    """The instant that `@` fixes in an evaluation from `start_ms` to `end_ms`."""
    if at == "start":
        return start_ms
    return end_ms if at == "end" else at


class Kind(Enum):
    """PromQL's value types; the words are those of its documentation."""

    SCALAR = "scalar"
    VECTOR = "instant vector"
    RANGE = "range vector"
    STRING = "string"


@dataclass(frozen=True, slots=True)
class Selector:
    """Raw samples that a plan needs; hashable, so that frames can be given by selector.

    Args:
        matchers: which series.
        before_ms: how far before the first instant of an evaluation its samples reach.
        offset_ms: how far before the last instant they end; negative where they lie after it.
        at: the instant that both count from instead, where the expression fixes one with `@`.
        position: where it first stands in the expression, counted in characters from 0; for messages only, selectors
            that differ in nothing else are the same.
    """

    matchers: tuple[Matcher, ...]
    before_ms: int
    offset_ms: int = 0
    at: At | None = None
    position: int = field(default=0, compare=False)

    def time_range(self, start_ms: int, end_ms: int) -> TimeRange:
        """The samples needed to evaluate from `start_ms` to `end_ms`, both ends included.

        >>> Selector((), before_ms=360_000, offset_ms=60_000).time_range(1_000_000, 2_000_000)
        TimeRange(start_ms=640000, end_ms=1940000)
        """
        first_ms, last_ms = (start_ms, end_ms) if self.at is None else 2 * (fixed_ms(self.at, start_ms, end_ms),)
        return TimeRange(first_ms - self.before_ms, last_ms - self.offset_ms)


@dataclass(frozen=True, slots=True)
class Timing:
    """`offset` and `@` of a selector or a subquery."""

    offset_ms: int = 0
    at: At | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """A number literal."""

    value: float
    kind = Kind.SCALAR


@dataclass(frozen=True, slots=True)
class String:
    """A string literal."""

    value: str
    kind = Kind.STRING


@dataclass(frozen=True, slots=True)
class Select:
    """An instant vector selector."""

    selector: Selector
    timing: Timing
    kind = Kind.VECTOR


@dataclass(frozen=True, slots=True)
class SelectRange:
    """A range vector selector, `x[5m]`."""

    selector: Selector
    timing: Timing
    range_ms: int
    kind = Kind.RANGE


@dataclass(frozen=True, slots=True)
class Subquery:
    """`expression[range:step]`: the expression evaluated at the multiples of the step inside the range.

    `position` is where it begins in the text, counted in characters from 0; for messages only.
    """

    expression: Node
    timing: Timing
    range_ms: int
    step_ms: int
    position: int = field(default=0, compare=False)
    kind = Kind.RANGE


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments, defaults filled in where PromQL has them."""

    function: str
    arguments: tuple[Node, ...]
    kind: Kind = Kind.VECTOR


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregation over series.

    Args:
        operator: `sum`, `topk`, ...
        expression: an instant vector.
        parameter: of `topk`, `bottomk`, `quantile` (scalar) and `count_values` (string).
        grouping: the labels named.
        without: whether `grouping` names the labels to drop and not those to keep.
    """

    operator: str
    expression: Node
    parameter: Node | None = None
    grouping: tuple[str, ...] = ()
    without: bool = False
    kind = Kind.VECTOR


@dataclass(frozen=True, slots=True)
class Matching:
    """How two instant vectors find each other.

    Args:
        labels: of `on` or `ignoring`.
        on: whether `labels` are those to compare and not those to ignore.
        group: which side may have many series for one of the other: `left` (`group_left`), `right`, or none.
        include: labels of `group_left(...)`, copied from the one side.
    """

    labels: tuple[str, ...] = ()
    on: bool = False
    group: Literal["left", "right"] | None = None
    include: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic, comparison or set operation; `matching` counts between two instant vectors."""

    operator: str
    left: Node
    right: Node
    matching: Matching = Matching()
    returns_bool: bool = False

    @property
    def kind(self) -> Kind:
        """A scalar if both sides are."""
        return Kind.SCALAR if self.left.kind is self.right.kind is Kind.SCALAR else Kind.VECTOR


@dataclass(frozen=True, slots=True)
class Negate:
    """Unary minus."""

    expression: Node

    @property
    def kind(self) -> Kind:
        """That of the expression."""
        return self.expression.kind


Node = Number | String | Select | SelectRange | Subquery | Call | Aggregate | Binary | Negate


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled expression.

    Args:
        expression: as written.
        root: gives an instant vector or a scalar.
        selectors: what to read, each once, in the order of the text.
        semantics: of the server whose answers are to be matched.
    """

    expression: str
    root: Node
    selectors: tuple[Selector, ...]
    semantics: Semantics


@dataclass(frozen=True, slots=True)
class Unsupported:
    """An expression that is PromQL, but is not evaluated here.

    Args:
        reason: what is not supported, in one sentence without a full stop.
        position: where it stands in the expression, counted in characters from 0.
    """

    reason: str
    position: int
