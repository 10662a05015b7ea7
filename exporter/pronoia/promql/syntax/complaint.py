"""What promql-parser's messages mean, in PromQL's own terms."""

from __future__ import annotations

import difflib
import re

from pronoia.promql.supported import FUNCTIONS
from pronoia.promql.syntax.grammar import AGGREGATIONS

# How alike a name must be to one that exists for that one to be suggested, of 1.
_ALIKE = 0.8
_KINDS = {
    "vector": "an instant vector",
    "matrix": "a range vector such as x[5m]",
    "scalar": "a number",
    "string": "a string",
}
_MESSAGES = (
    (r"expected type (\w+) in call to function '(\w+)', got (\w+)", "{2}() takes {1} here, got {3}"),
    (r"expected type (\w+) in aggregation \w+, got (\w+)", "the aggregation takes {1} here, got {2}"),
    (r"expected (.*?) ?argument\(s\) in call to '(\w+)', got (\d+)", "{2}() takes {1} argument(s), got {3}"),
    (
        r"wrong number of arguments for aggregate expression provided, expected (\d+), got (\d+)",
        "the aggregation takes {1} argument(s), got {2}",
    ),
    (r"no arguments for aggregate expression '(\w+)' provided", "{1}() takes an instant vector, got nothing"),
    (r"unary expression .*got: (\w+)", "a sign stands before numbers and instant vectors, got {1}"),
    (r"subquery is only allowed on vector, got (\w+) instead", "a subquery is of an instant vector, got {1}"),
    (r"ranges only allowed for vector selectors", "a range follows a selector; of an expression it is written [5m:]"),
    (r"(offset|@) modifier must be preceded by .*", "{1} follows a selector, a range or a subquery"),
    (r"binary expression must contain only .*", "operators take numbers and instant vectors"),
    (r"comparisons between scalars must use BOOL modifier", "numbers are compared with bool, as in 1 == bool 2"),
    (r"invalid promql query", "promql-parser does not take this"),
    (r"bool modifier can only be used on comparison operators", "bool goes with comparisons only"),
)  # fmt: skip


def complaint(message: str) -> str:
    """A message of promql-parser in words that a person understands; as it is where there are no better ones.

    >>> complaint("expected type matrix in call to function 'rate', got vector")
    'rate() takes a range vector such as x[5m] here, got an instant vector'
    >>> complaint("unknown function with name 'avg_overtime'")
    "there is no function 'avg_overtime'; avg_over_time is meant?"
    """
    if match := re.fullmatch(r"unknown function with name '(.*)'", message):
        near = difflib.get_close_matches(match[1].lower(), FUNCTIONS | AGGREGATIONS, 1, _ALIKE)
        return f"there is no function '{match[1]}'" + (f"; {near[0]} is meant?" if near else "")
    for pattern, wording in _MESSAGES:
        if match := re.fullmatch(pattern, message):
            return wording.format("", *(_KINDS.get(group, group) for group in match.groups()))
    return message
