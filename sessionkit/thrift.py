"""Giving memory back that is not in use, so that a long read does not hold more and more of it.

Bottom layer: imports nothing from the package.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock

import pyarrow as pa

_GUARD = Lock()
_POOLS: list[pa.MemoryPool] = []
"""Arrow's pool before the first of the reads that go on, then the system's for each other one."""

_TRIM, _MAP, _ARENAS = -1, -3, -8
"""What `mallopt` of the GNU library calls these settings."""


@contextmanager
def thrifty() -> Iterator[None]:
    """Have Arrow take its memory from the system, and the system take it back when it is free.

    Arrow's own pool keeps what threads that have ended gave back. What was taken before stays
    where it is. The settings of the system's allocator stay for the rest of the process, as none
    of them can be read; they cost up to a twentieth of the time of a read.

    Example:
        >>> with thrifty():
        ...     pa.default_memory_pool().backend_name
        'system'
    """
    with _GUARD:
        if not _POOLS:
            _set_allocator()
        _POOLS.append(pa.default_memory_pool())
        pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        with _GUARD:
            first = _POOLS[0]
            _POOLS.pop()
            if not _POOLS:
                pa.set_memory_pool(first)


def _set_allocator() -> None:
    """Few arenas, and no large free blocks kept; where the allocator knows these settings."""
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):
            mallopt = ctypes.CDLL(None).mallopt
            for setting, value in ((_ARENAS, 2), (_MAP, 2**20), (_TRIM, 4 * 2**20)):
                mallopt(setting, value)
