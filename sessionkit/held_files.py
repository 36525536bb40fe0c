"""Files that this process has locked, and must not open a second time.

On most systems a process that closes a file loses every lock that it has on it. So a second look
at a store that is open, however short, would let other processes write to it.

Bottom layer: imports nothing from the package.
"""

from __future__ import annotations

import os
from pathlib import Path

Key = tuple[int, int, int]
"""This process, and what tells a file in its file system."""

_HELD: set[Key] = set()


def key_of(path: Path) -> Key | None:
    """What tells a file; None of what is not there."""
    try:
        told = path.stat()
    except (OSError, ValueError):
        return None
    return os.getpid(), told.st_dev, told.st_ino


def hold(key: Key) -> None:
    """Note that a file is locked."""
    _HELD.add(key)


def let_go(key: Key) -> None:
    """Note that a file is locked no more."""
    _HELD.discard(key)


def is_held(path: Path) -> bool:
    """Whether this process has locked a file.

    Example:
        >>> is_held(Path("no/such/file"))
        False
    """
    return key_of(path) in _HELD
