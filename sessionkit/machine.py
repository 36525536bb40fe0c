"""How much of the machine there is to use.

Bottom layer: imports nothing from the package.
"""

from __future__ import annotations

import os

THREADS = "SESSIONKIT_THREADS"
"""The variable of the environment that tells how many cores to use, if not all there are."""


def told_cores() -> int | None:
    """How many cores the environment tells to use; None where it tells nothing."""
    told = os.environ.get(THREADS, "")
    return int(told) if told.isdecimal() and int(told) else None


def cores() -> int:
    """How many cores this process is to use."""
    if told := told_cores():
        return told
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
