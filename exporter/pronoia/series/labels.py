"""Label sets: the identity of a series."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self

METRIC_NAME = "__name__"


class LabelSet(Mapping[str, str]):
    """An immutable, hashable mapping of label names to values; `__name__` is a label like any other.

    Pairs are kept sorted by name. An empty value is the same as no label in Prometheus' data model
    (https://prometheus.io/docs/concepts/data_model/), so such pairs are dropped.

    >>> up = LabelSet({"job": "node", "__name__": "up", "zone": ""})
    >>> str(up)
    'up{job="node"}'
    >>> up == LabelSet([("__name__", "up"), ("job", "node")])
    True
    >>> str(up.without("__name__"))
    '{job="node"}'
    """

    __slots__ = ("_hash", "_pairs")
    _pairs: tuple[tuple[str, str], ...]
    _hash: int

    def __init__(self, labels: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        pairs = dict(labels)
        self._pairs = tuple(sorted((name, value) for name, value in pairs.items() if value))
        self._hash = hash(self._pairs)

    @classmethod
    def from_sorted(cls, pairs: tuple[tuple[str, str], ...]) -> Self:
        """Wrap pairs known to be sorted, unique and free of empty values (a decoder's fast path)."""
        self = cls.__new__(cls)
        self._pairs = pairs
        self._hash = hash(pairs)
        return self

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """(name, value) pairs sorted by name."""
        return self._pairs

    @property
    def name(self) -> str:
        """The metric name, empty if there is none."""
        return self.get(METRIC_NAME, "")

    def without(self, *names: str) -> LabelSet:
        """The same set less the named labels."""
        return LabelSet.from_sorted(tuple(pair for pair in self._pairs if pair[0] not in names))

    def updated(self, **labels: str) -> LabelSet:
        """The same set with labels added or replaced; an empty value removes one."""
        return LabelSet({**dict(self._pairs), **labels})

    def __getitem__(self, name: str) -> str:
        for key, value in self._pairs:
            if key == name:
                return value
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if isinstance(other, LabelSet):
            return self._pairs == other._pairs
        return NotImplemented

    def __lt__(self, other: LabelSet) -> bool:
        return self._pairs < other._pairs

    def __reduce__(self) -> tuple[type[LabelSet], tuple[tuple[tuple[str, str], ...]]]:
        return LabelSet, (self._pairs,)

    def __str__(self) -> str:
        inner = ",".join(f'{name}="{escape(value)}"' for name, value in self._pairs if name != METRIC_NAME)
        return f"{self.name}{{{inner}}}" if inner or not self.name else self.name

    def __repr__(self) -> str:
        return f"LabelSet({dict(self._pairs)!r})"


def escape(value: str) -> str:
    r"""Escape a label value for the text format and for PromQL strings: backslash, quote, newline.

    >>> escape('C:\\x "y"')
    'C:\\\\x \\"y\\"'
    """
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
