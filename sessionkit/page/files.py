"""A file that appears whole or not at all. Layer: imports nothing from the package."""

from __future__ import annotations

import os
from pathlib import Path


def write_file(path: Path, data: bytes) -> None:
    """Write a file beside its place and move it there.

    A device or a pipe, such as `/dev/stdout`, is written to as it is.

    Raises:
        OSError: It could not be written; what was there before is untouched.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    unfinished = path.with_name(f".{path.name[:100]}.{os.getpid()}.unfinished")
    try:
        unfinished.write_bytes(data)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
