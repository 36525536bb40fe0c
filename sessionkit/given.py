"""Tables as they are given: the files that hold them, and whether they have their columns.

Layer: above `tables`; `database` stands on it.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pyarrow as pa

from sessionkit.columns import INSTANT_TYPE, MONEY_TYPE, Kind, Table
from sessionkit.errors import FolderError, UsageError
from sessionkit.tables import ALL, HISTORY, RECORDS_KEPT

_EXACT = (MONEY_TYPE, INSTANT_TYPE)


def files_of(folder: Path) -> dict[str, list[Path]]:
    """The Parquet files of each table; the tables filled from records must be there."""
    if not folder.is_dir():
        raise FolderError(
            f"{folder}: no such folder, and no store; a question needs what `flatten` wrote."
        )
    files = {
        table.name: [one]
        if (one := folder / f"{table.name}.parquet").is_file()
        else sorted((folder / table.name).glob("*.parquet"))
        for table in ALL
    }
    if any((folder / "sessions").glob("*=*")):
        raise FolderError(
            f"{folder}: an export in parts, for DuckDB, Polars or Spark to read. Ask the store, or "
            "an export of it without partition_by."
        )
    if not any(files.values()):
        raise FolderError(
            f"{folder}: no Parquet tables in it. For a folder of dumps run `sessionkit flatten` "
            "first, or read it with sessionkit.read."
        )
    optional = {table.name for table in (*HISTORY, *RECORDS_KEPT)}
    missing = [name for name, found in files.items() if not found and name not in optional]
    if missing or not (folder / "manifest.json").is_file():
        lacks = f"no {', '.join(missing)}" if missing else "no manifest.json"
        raise FolderError(f"{folder}: {lacks}: the folder is not finished; write it again.")
    return files


class _File(msgspec.Struct):
    bytes: int
    rows: int


class _Told(msgspec.Struct):
    tables: dict[str, list[_File]]
    single_versions: int = 0


SEVERAL = ("sessions", "snapshots")
"""The tables of which a manifest tells where sessions with several versions begin."""


def several_from(folder: Path) -> int:
    """The row from which on tables are about sessions with several versions; 0 if unknown.

    A hint for speed, from the manifest of a folder. It holds for the files as they were written:
    where one has another size by now, or there are several, nothing is known. (One that was
    written anew in the very same size is believed; `verify` tells.)
    """
    try:
        told = msgspec.json.decode((folder / "manifest.json").read_bytes(), type=_Told)
        first = max(told.single_versions, 0)
        as_written = all(
            [(folder / f"{name}.parquet").stat().st_size]
            == [file.bytes for file in told.tables.get(name, ()) if file.rows >= first]
            for name in SEVERAL
        )
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return 0
    return first if as_written else 0


def as_told(table: Table) -> list[tuple[str, str]]:
    """The columns of a table as DuckDB calls them where nothing is amiss."""
    return [(column.name, _TYPES[column.kind]) for column in table.columns]


_TYPES = {
    Kind.TEXT: "VARCHAR",
    Kind.STATE: "VARCHAR",
    Kind.WHOLE: "BIGINT",
    Kind.FLAG: "BOOLEAN",
    Kind.INSTANT: "TIMESTAMP WITH TIME ZONE",
    Kind.MONEY: "DECIMAL(38,18)",
    Kind.MEASURE: "DECIMAL(38,18)",
    Kind.JSON: "VARCHAR",
    Kind.TEXTS: "VARCHAR[]",
    Kind.WHOLES: "BIGINT[]",
    Kind.BYTES: "BLOB",
    Kind.REASONS: "STRUCT(code VARCHAR, path VARCHAR, expected VARCHAR, found VARCHAR)[]",
}


def check_columns(table: Table, schema: pa.Schema, where: Path | None = None) -> None:
    """Refuse a table that lacks a column, or holds money as floats or times without a zone."""
    for column in table.columns:
        if column.name not in schema.names:
            fault = "there is no such column"
        elif column.kind.arrow in _EXACT and schema.field(column.name).type != column.kind.arrow:
            fault = f"expected {column.kind.arrow}, got {schema.field(column.name).type}"
        else:
            continue
        text = f"table {table.name!r}, column {column.name!r}: {fault}."
        raise FolderError(f"{where}: {text}") if where else UsageError(text)
