"""What to do about each failure; each line stands in its runbook (rules/runbooks/failure-*.md)."""

from __future__ import annotations

_ACTIONS = {
    "oom": (
        "Restart the process in a controlled way before the kernel does: the oldest first, while others serve.",
        "Raise the memory limit if the host has room, to gain time.",
        "Take a heap profile before the restart, and compare it with one of an hour ago.",
    ),
    "disk_full": (
        "Free space: rotate and compress logs, remove temporary files and old artefacts.",
        "If inodes run out, look for directories with very many small files.",
        "Grow the volume, or move what grows to another one.",
    ),
    "network_timeout": (
        "Take the slow upstream or link out of rotation, or shed load with a lower concurrency.",
        "Look at retransmissions and queue lengths on both ends of the connection.",
        "Shorten queues and time-outs, so that requests fail fast and retries do not add to the load.",
    ),
}
_OTHERS = ("Look at what moved the probability most, and at the runbook of the alert that it is of.",)


def recommended_actions(failure: str) -> tuple[str, ...]:
    """What to do, the most urgent first; one general line for a failure that the user defined.

    >>> len(recommended_actions("oom")), len(recommended_actions("cache_cold"))
    (3, 1)
    """
    return _ACTIONS.get(failure, _OTHERS)
