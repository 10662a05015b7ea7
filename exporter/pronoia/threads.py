"""How many threads numeric libraries take."""

from __future__ import annotations

import os

from threadpoolctl import threadpool_limits

_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def compute_on_one_thread() -> None:
    """From now on, linear algebra of this process and of those that it starts takes one thread a call.

    By default each call takes as many threads as the machine has cores, which wait for each other by spinning. Matrices
    of one series are too small to gain by that, and workers beside each other lose by it: two workers on two cores used
    four times the processor time. Meant for processes of our own, not for those that call us as a library.
    """
    # For libraries that are loaded later, and for child processes; those that are loaded have read it already.
    for name in _VARIABLES:
        os.environ[name] = "1"
    threadpool_limits(limits=1)
