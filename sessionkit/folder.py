"""A folder of tables: one file each, empty ones too, and last of all a manifest.

Every file is first written under another name. Only when all are there do they take the places of
older ones, and the manifest comes last; so a folder is finished, or has no manifest.

Layer: above `manifest` and `table_files`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from hashlib import file_digest
from pathlib import Path

import pyarrow as pa

from sessionkit.columns import Table
from sessionkit.errors import FolderError, SchemaError, UsageError, unknown_name
from sessionkit.manifest import (
    MANIFEST,
    Manifest,
    TableFile,
    manifest_of,
    read_manifest,
    text_of_manifest,
)
from sessionkit.table_files import FORMATS, Format, read_file, rows_in, write_file
from sessionkit.tables import ALL

__all__ = ["Manifest", "is_folder", "read", "read_manifest", "verify", "write"]

_UNFINISHED = ".sessionkit-"
"""What the names of files begin with that are not yet in their places."""

_TELLING = ("sessions", "cart_items", "rejects")
"""Tables whose files, side by side, tell a folder that has lost its manifest."""

_PENDING = _UNFINISHED + MANIFEST
"""The manifest to come; where it lies, the folder is sessionkit's own, but unfinished."""


def write(tables: Mapping[str, pa.Table], path: str | Path, format: Format = "parquet") -> Path:
    """Write a folder with every table, in place of one that was written there before.

    The older folder stands until all files of the new one are on disk. Files that sessionkit did
    not write stay as they are.

    Args:
        tables: The tables by name; those that are missing are written empty.
        path: The folder; it is made if it is not there.
        format: How the tables are written.

    Returns:
        The folder. The same tables give the same bytes.

    Raises:
        UsageError: A name or format that there is not, or a folder that holds files but is none
            that sessionkit wrote.
        SchemaError: A table does not have its columns.
        FolderError: The disk is full, or the like.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as home:
        ...     out = write({}, Path(home) / "out")
        ...     verify(out), read(out)["sessions"].num_rows, read_manifest(out).counts["records"]
        ([], 0, 0)
    """
    if format not in FORMATS:
        raise UsageError(unknown_name("format", format, FORMATS))
    given, folder = _complete(tables), Path(path)
    with _plainly(folder, "could not be written"):
        folder.mkdir(parents=True, exist_ok=True)
        older, unfinished = _own_files(folder), (folder / _PENDING).is_file()
        names = {name: f"{name}.{format}" for name in given}
        _refuse_to_overwrite(folder, set(names.values()) - older)
        try:
            files = {name: (_stage(given[name], folder, names[name], format),) for name in given}
            manifest = manifest_of(given["loads"], format, files)
            _write_through(folder / _PENDING, text_of_manifest(manifest))
        except BaseException:
            _sweep(folder, but={_PENDING} if unfinished else set())
            raise
        _put_in_place(folder, set(names.values()), older)
    return folder


def read(path: str | Path) -> dict[str, pa.Table]:
    """Read every table of a folder, whatever its format, having seen that no byte has changed.

    Raises:
        FolderError: The folder is unfinished, misses a file, or a file has changed.
    """
    folder, manifest = Path(path), read_manifest(path)
    if problems := _changed(folder, manifest):
        raise FolderError(f"{folder}: {'; '.join(problems)}.")
    with _plainly(folder, "could not be read"):
        return {table.name: _read_table(folder, table, manifest) for table in ALL}


def verify(path: str | Path) -> list[str]:
    """Compare a folder with its manifest.

    Returns:
        One line for each problem: an unfinished folder or a damaged manifest; a file that is
        missing, has changed, has another number of rows, or is not in the manifest; counts that
        do not add up. Empty when all is well.
    """
    folder = Path(path)
    try:
        manifest = read_manifest(folder)
        with _plainly(folder, "could not be read"):
            strange = _table_files(folder) - {file.name for file in manifest.files}
            problems = _changed(folder, manifest) or _miscounted(folder, manifest)
    except FolderError as error:
        return [str(error)]
    return problems + [f"{name}: not in the manifest" for name in sorted(strange)]


def is_folder(path: str | Path) -> bool:
    """Whether a path is a folder that `write` made, be it finished or damaged or not."""
    folder = Path(path)
    if (folder / _PENDING).is_file():
        return True
    try:
        if b'"sessionkit"' in (folder / MANIFEST).read_bytes():
            return True
    except OSError:
        pass
    return any(all((folder / f"{name}.{end}").is_file() for name in _TELLING) for end in FORMATS)


def _complete(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Every table, with exactly its declared schema."""
    known = {table.name: table for table in ALL}
    for name in tables:
        if name not in known:
            raise UsageError(unknown_name("table", name, known))
    return {name: _declared(table, tables.get(name)) for name, table in known.items()}


def _declared(table: Table, rows: pa.Table | None) -> pa.Table:
    if rows is None:
        return table.empty()
    try:
        return rows.cast(table.arrow())
    except ValueError as error:  # pyarrow's errors are such
        raise SchemaError(f"{table.name}: not the columns of the table: {error}") from error


def _own_files(folder: Path) -> set[str]:
    """The files that may be replaced; refuses a folder that somebody else filled."""
    if (folder / _PENDING).is_file():
        return _table_files(folder)
    there = sorted(each.name for each in folder.iterdir() if not each.name.startswith("."))
    if not there:
        return set()
    try:
        return {file.name for file in read_manifest(folder).files}
    except FolderError as error:
        shown = ", ".join(there[:3]) + (", …" if len(there) > 3 else "")
        raise UsageError(
            f"{folder}: holds files, and is no folder that sessionkit wrote and can replace "
            f"({shown}). Name an empty folder or a new one. {error}"
        ) from None


def _refuse_to_overwrite(folder: Path, names: set[str]) -> None:
    if taken := sorted(name for name in names if (folder / name).exists()):
        raise UsageError(
            f"{folder / taken[0]}: sessionkit did not write this file and does not replace it. "
            "Name an empty folder or a new one."
        )


def _table_files(folder: Path) -> set[str]:
    """The files that stand where tables stand, by their names in the folder."""
    names = {f"{table.name}.{format}" for table in ALL for format in FORMATS}
    found = {name for name in names if (folder / name).is_file()}
    for table in ALL:
        parts = [part for format in FORMATS for part in (folder / table.name).glob(f"*.{format}")]
        found |= {f"{table.name}/{part.name}" for part in parts}
    return found


def _stage(rows: pa.Table, folder: Path, name: str, format: Format) -> TableFile:
    """Write a table under an unfinished name, down to the disk."""
    staged = folder / f"{_UNFINISHED}{name}"
    staged.unlink(missing_ok=True)
    write_file(rows, staged, format)
    with staged.open("rb") as file:
        os.fsync(file.fileno())
        checksum = file_digest(file, "sha256").hexdigest()
    return TableFile(name, rows.num_rows, staged.stat().st_size, checksum)


def _write_through(path: Path, text: bytes) -> None:
    with path.open("wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _put_in_place(folder: Path, names: set[str], older: set[str]) -> None:
    """Let the new files take their places; the folder has no manifest until all have."""
    (folder / MANIFEST).unlink(missing_ok=True)
    for name in older - names:
        (folder / name).unlink(missing_ok=True)
    for name in sorted(names):
        (folder / f"{_UNFINISHED}{name}").replace(folder / name)
    _sync_folder(folder)
    (folder / _PENDING).replace(folder / MANIFEST)
    _sync_folder(folder)
    _sweep(folder)


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":  # elsewhere a folder cannot be opened
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _sweep(folder: Path, but: Set[str] = frozenset()) -> None:
    """Remove what was left unfinished, now or by a run that broke off."""
    for left in folder.glob(f"{_UNFINISHED}*"):
        if left.name not in but:
            left.unlink(missing_ok=True)


@contextmanager
def _plainly(folder: Path, what: str) -> Iterator[None]:
    """Tell what the system or a reader of files says in one plain line."""
    try:
        yield
    except OSError as error:
        said = os.strerror(error.errno) if error.errno else str(error)
        raise FolderError(f"{error.filename or folder}: {what}: {said}.") from error
    except (pa.ArrowException, KeyError) as error:
        raise FolderError(f"{folder}: {what}: {error}.") from error


def _read_table(folder: Path, table: Table, manifest: Manifest) -> pa.Table:
    files = manifest.tables.get(table.name, ())
    parts = [read_file(folder / file.name, table, manifest.format) for file in files]
    return pa.concat_tables([table.empty(), *parts])


def _changed(folder: Path, manifest: Manifest) -> list[str]:
    """The files whose bytes are not those that were written."""
    problems = []
    for file in manifest.files:
        path = folder / file.name
        if not path.is_file():
            problems.append(f"{file.name}: missing")
            continue
        with _plainly(folder, "could not be read"), path.open("rb") as opened:
            checksum = file_digest(opened, "sha256").hexdigest()
        if checksum != file.sha256:
            expected, got = file.sha256[:12], checksum[:12]
            problems.append(f"{file.name}: changed: expected checksum {expected}…, got {got}…")
    return problems


def _miscounted(folder: Path, manifest: Manifest) -> list[str]:
    problems = []
    known = {table.name: table for table in ALL}
    for name, files in manifest.tables.items():
        for file in files:
            rows = rows_in(folder / file.name, known[name], manifest.format)
            if rows != file.rows:
                problems.append(f"{file.name}: expected {file.rows:,} rows, got {rows:,}")
    counts = manifest.counts
    told = sum(counts[name] for name in ("sessions", "repeats", "older", "rejects"))
    if counts["records"] != told:
        problems.append(f"{MANIFEST}: {counts['records']:,} records, but {told:,} accounted for")
    return problems
