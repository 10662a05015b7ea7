"""Compiled loops over series, on several cores where there is much to do."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# Below, starting threads takes longer than the work.
_WORTH_POINTS = 200_000
# The server that is read, and the other queries, want cores as well.
_MOST_THREADS = 4


def by_rows(n_rows: int, n_steps: int, work: Callable[[slice], None]) -> None:
    """Do some work for all rows of a matrix, part by part.

    Args:
        n_rows: rows, mostly series.
        n_steps: columns; together they tell whether threads are worth it.
        work: does the rows of a slice; it must not hold the interpreter's lock for long, nor touch other rows.

    >>> by_rows(5, 10, print)
    slice(0, 5, None)
    """
    n_parts = min(os.cpu_count() or 1, _MOST_THREADS, n_rows)
    if n_rows * n_steps < _WORTH_POINTS or n_parts < 2:
        work(slice(0, n_rows))
        return
    bounds = [n_rows * part // n_parts for part in range(n_parts + 1)]
    with ThreadPoolExecutor(n_parts - 1) as pool:
        first, *others = (slice(start, end) for start, end in pairwise(bounds))
        waiting = [pool.submit(work, part) for part in others]
        work(first)
        for each in waiting:
            each.result()
