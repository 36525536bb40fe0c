"""A folder of tables: one file each, empty ones too, and last of all a manifest.

Layer: above `filling`.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import file_digest
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq

from sessionkit.columns import Table
from sessionkit.errors import FolderError, SchemaError, UsageError, unknown_name
from sessionkit.filling import Filling, table_files_in
from sessionkit.manifest import MANIFEST, NOWHERE, Manifest, read_manifest
from sessionkit.placing import PENDING, plainly
from sessionkit.table_files import FORMATS, ROWS, Format, held_to, read_file, rows_in
from sessionkit.tables import ALL, LOADS

__all__ = ["Manifest", "is_folder", "read", "read_manifest", "verify", "write"]

_TELLING = ("sessions", "cart_items", "rejects")
"""Tables whose files, side by side, tell a folder that has lost its manifest."""


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
    given, folder = _complete(tables), Path(path)
    with Filling(folder, format) as filling:
        for name, rows in given.items():
            for start in range(0, rows.num_rows, ROWS):
                filling.write(name, rows.slice(start, ROWS).combine_chunks())
            filling.close(name)
        filling.finish(given["loads"])
    return folder


def rewrite(path: str | Path, other: str | Path, format: Format) -> Path:
    """Write a folder of Parquet tables once more in another format, a stretch of rows at a time.

    Args:
        path: A folder that is finished.
        other: Where it goes; otherwise as for `write`.
        format: How its tables are written.
    """
    folder, manifest = Path(path), read_manifest(path)
    with Filling(Path(other), format) as filling:
        for table in ALL:
            for file in manifest.tables[table.name]:
                with pq.ParquetFile(folder / file.name) as parquet:
                    for batch in parquet.iter_batches(ROWS):
                        rows = pa.Table.from_batches([batch]).cast(table.arrow())
                        filling.write(table.name, rows)
            filling.close(table.name)
        filling.finish(_read_table(folder, LOADS, manifest))
    return Path(other)


def read(path: str | Path) -> dict[str, pa.Table]:
    """Read every table of a folder, whatever its format, having seen that no byte has changed.

    Raises:
        FolderError: The folder is unfinished, misses a file, or a file has changed.
    """
    folder, manifest = Path(path), read_manifest(path)
    if problems := _changed(folder, manifest):
        raise FolderError(f"{folder}: {'; '.join(problems)}.")
    with plainly(folder, "could not be read"):
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
        with plainly(folder, "could not be read"):
            strange = table_files_in(folder) - {file.name for file in manifest.files}
            problems = _changed(folder, manifest) or _miscounted(folder, manifest)
    except FolderError as error:
        return [str(error)]
    return problems + [f"{name}: not in the manifest" for name in sorted(strange)]


def is_folder(path: str | Path) -> bool:
    """Whether a path is a folder that `write` made, be it finished or damaged or not."""
    folder = Path(path)
    if (folder / PENDING).is_file():
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


def _read_table(folder: Path, table: Table, manifest: Manifest) -> pa.Table:
    files = manifest.tables.get(table.name, ())
    parts = [
        _read_part(folder, file.name, table)
        if "=" in file.name
        else read_file(folder / file.name, table, manifest.format)
        for file in files
    ]
    return pa.concat_tables([table.empty(), *parts])


def _read_part(folder: Path, name: str, table: Table) -> pa.Table:
    """Read one part of a table, with the columns that only its folders tell."""
    rows = pq.ParquetFile(folder / name, page_checksum_verification=True).read()
    for told in name.split("/")[1:-1]:
        column, _, value = told.partition("=")
        if column in table.names:
            each = pa.scalar(None if value == NOWHERE else unquote(value), pa.string())
            values = pa.repeat(each, rows.num_rows).cast(table[column].kind.arrow)
            rows = rows.append_column(column, values)
    with held_to(table):
        return rows.select(table.names).cast(table.arrow())


def _changed(folder: Path, manifest: Manifest) -> list[str]:
    """The files whose bytes are not those that were written."""
    problems = []
    for file in manifest.files:
        path = folder / file.name
        if not path.is_file():
            problems.append(f"{file.name}: missing")
            continue
        with plainly(folder, "could not be read"), path.open("rb") as opened:
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
    fates = ("sessions", "repeats", "older", "effects", "rejects")
    told = sum(counts.get(name, 0) for name in fates)
    if counts["records"] != told:
        problems.append(f"{MANIFEST}: {counts['records']:,} records, but {told:,} accounted for")
    return problems
