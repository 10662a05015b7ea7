"""PromQL's words: which are operators and how strongly they bind, and where they cannot be names."""

#: How strongly binary operators bind. Those of one number group from the left, but `^` from the right.
PRECEDENCE = {
    "or": 1,
    "and": 2, "unless": 2,
    "==": 3, "!=": 3, "<=": 3, "<": 3, ">=": 3, ">": 3,
    "+": 4, "-": 4,
    "*": 5, "/": 5, "%": 5, "atan2": 5,
    "^": 6,
}  # fmt: skip
POWER = PRECEDENCE["^"]

AGGREGATIONS = frozenset({
    "sum", "avg", "count", "min", "max", "group", "stddev", "stdvar", "topk", "bottomk", "count_values", "quantile",
    "limitk", "limit_ratio",
})  # fmt: skip

#: Words that are no names of metrics, except in quotes.
RESERVED = frozenset({"bool", "on", "ignoring", "group_left", "group_right", "atan2"})
#: Words that are no names of functions.
KEYWORDS = RESERVED | {"by", "without", "offset", "and", "or", "unless"}

FILLS = frozenset({"fill", "fill_left", "fill_right"})
