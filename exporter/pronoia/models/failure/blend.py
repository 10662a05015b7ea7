"""Who speaks how loud: what is known before any failure, or what was learnt from those that happened."""

from __future__ import annotations

#: With so many failures both weigh the same: a rate counted from as many has a standard error of a quarter of itself.
EQUAL_AT = 15.0
#: What it takes to learn at all: a failure of some systems, to be judged on others.
LEAST_EVENTS, LEAST_SYSTEMS = 5, 3


def supervised_share(n_events: int) -> float:
    """Weight of the classifier on the scale of log-odds, n / (n + 15); the rest is the prior's.

    The shrinkage of an estimate from n events towards one that needs none (Efron, Morris, Data analysis using Stein's
    estimator and its generalizations, JASA 70, 1975, with the variances' ratio as a constant).

    >>> [round(supervised_share(n), 2) for n in (0, 4, 15, 45)]
    [0.0, 0.0, 0.5, 0.75]
    """
    return n_events / (n_events + EQUAL_AT) if n_events >= LEAST_EVENTS else 0.0
