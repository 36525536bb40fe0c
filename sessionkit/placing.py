"""Putting new files in the place of older ones, so that a folder is never half of each.

Layer: above `manifest`; below `filling`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager, suppress
from pathlib import Path

import pyarrow as pa

from sessionkit.errors import FolderError
from sessionkit.manifest import MANIFEST

UNFINISHED = ".sessionkit-"
"""What the names of files begin with that are not yet in their places."""

PENDING = UNFINISHED + MANIFEST
"""The manifest to come; where it lies, the folder is sessionkit's own, but unfinished."""


def put_in_place(folder: Path, files: Mapping[str, Path], older: Set[str]) -> None:
    """Let new files take their places; the folder has no manifest until all have.

    From the first of them on the older folder is gone, so an interrupt is put off until the new
    one is whole. (A second one is not; `broken_off` tells what it leaves.)

    Args:
        folder: Where they go; `PENDING` lies in it.
        files: The name each is to have, and where it lies for now.
        older: The names of the files that were there before.

    Raises:
        KeyboardInterrupt: One came; the folder is whole.
    """
    gone = older - files.keys()
    try:
        _put_in_place(folder, files, gone)
    except KeyboardInterrupt:
        if (folder / PENDING).exists():
            _put_in_place(folder, files, gone, again=True)
        raise


def _put_in_place(
    folder: Path, files: Mapping[str, Path], gone: Set[str], *, again: bool = False
) -> None:
    (folder / MANIFEST).unlink(missing_ok=True)
    for name in gone:
        (folder / name).unlink(missing_ok=True)
        with suppress(OSError):  # a folder that holds more stays
            for home in list((folder / name).parents)[: name.count("/")]:
                home.rmdir()
    homes = {folder}
    for name, path in sorted(files.items()):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if path.exists() or not again:
            path.replace(folder / name)
        homes |= set(list((folder / name).parents)[: name.count("/")])
    for home in homes:
        _sync_folder(home)
    (folder / PENDING).replace(folder / MANIFEST)
    _sync_folder(folder)
    sweep(folder)


def write_through(path: Path, text: bytes) -> None:
    """Write a file, down to the disk."""
    with path.open("wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":  # elsewhere a folder cannot be opened
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def sweep(folder: Path, but: Set[str] = frozenset()) -> None:
    """Remove what was left unfinished, now or by a run that broke off."""
    for left in folder.glob(f"{UNFINISHED}*"):
        if left.name not in but:
            left.unlink(missing_ok=True)


@contextmanager
def plainly(folder: Path, what: str) -> Iterator[None]:
    """Tell what the system or a reader of files says in one plain line."""
    try:
        yield
    except OSError as error:
        said = os.strerror(error.errno) if error.errno else str(error)
        raise FolderError(f"{error.filename or folder}: {what}: {said}.") from error
    except (pa.ArrowException, KeyError) as error:
        raise FolderError(f"{folder}: {what}: {error}.") from error
