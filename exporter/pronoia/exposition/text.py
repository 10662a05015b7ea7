"""The spelling of numbers, durations and labels in the exposition formats."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from pronoia.exposition.families import OUR_PREDICTION_LABELS
from pronoia.series.labels import METRIC_NAME, LabelSet, escape

if TYPE_CHECKING:
    from collections.abc import Iterable

# Names that begin with two underscores are Prometheus' own.
_LABEL_NAME = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*")
_NOT_IN_LABEL_NAME = re.compile(r"[^a-zA-Z0-9_]")


def format_number(value: float) -> str:
    """A float64 as both formats write it, short and exact.

    >>> [format_number(x) for x in (90.0, 0.9, 1e21, float("inf"), float("-inf"), float("nan"))]
    ['90', '0.9', '1e+21', '+Inf', '-Inf', 'NaN']
    """
    if math.isfinite(value):
        return repr(float(value)).removesuffix(".0")
    return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"


def format_horizon(seconds: int) -> str:
    """A horizon as a label value: in the largest of hours, minutes and seconds that fits evenly.

    >>> [format_horizon(s) for s in (45, 900, 3600, 86400, 604800, 5400)]
    ['45s', '15m', '1h', '24h', '168h', '90m']
    """
    for unit_seconds, unit in ((3600, "h"), (60, "m")):
        if seconds % unit_seconds == 0:
            return f"{seconds // unit_seconds}{unit}"
    return f"{seconds}s"


def format_labels(pairs: Iterable[tuple[str, str]]) -> str:
    r"""Label pairs without the braces.

    >>> format_labels([("query", "disk"), ("path", 'C:\\"x"')])
    'query="disk",path="C:\\\\\\"x\\""'
    """
    return ",".join(f'{name}="{escape(value)}"' for name, value in pairs)


def exposed_labels(source: LabelSet, ours: frozenset[str] = OUR_PREDICTION_LABELS) -> tuple[LabelSet, bool]:
    """The labels under which a source series is shown, and whether any had to be renamed.

    The metric name goes. A label called like one of ours becomes `exported_<name>`, as Prometheus itself does for
    scraped labels that collide with the target's. Characters outside `[a-zA-Z0-9_]`, which text format 0.0.4 cannot
    write, become underscores, as in Prometheus' `underscores` escaping scheme.

    >>> labels, renamed = exposed_labels(LabelSet({"__name__": "up", "query": "a", "app.kubernetes.io/name": "b"}))
    >>> str(labels), renamed
    ('{app_kubernetes_io_name="b",exported_query="a"}', True)
    """
    shown: dict[str, str] = {}
    unfit: list[tuple[str, str]] = []
    for name, value in source.pairs:
        if name == METRIC_NAME:
            continue
        if name in ours or not _LABEL_NAME.fullmatch(name):
            unfit.append((name, value))
        else:
            shown[name] = value
    for name, value in unfit:
        fitting = _NOT_IN_LABEL_NAME.sub("_", name)
        if fitting[:1].isdigit():
            fitting = f"_{fitting}"
        while fitting in shown or fitting in ours or not _LABEL_NAME.fullmatch(fitting):
            fitting = f"exported_{fitting}"
        shown[fitting] = value
    return LabelSet(shown), bool(unfit)
