"""Exporting a store: a folder of tables, for whatever reads Parquet, CSV or Arrow.

Without parts it is the folder that `flatten` writes. In parts, the tables of the model lie as Hive
lays them out, `sessions/month=2026-11/part-0.parquet`, the rows below a session in its part.

Layer: inside `store`, above `privacy`; imports `filling` from below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from sessionkit.columns import Table
from sessionkit.database import Connection, quoted
from sessionkit.errors import FolderError, UsageError, unknown_name
from sessionkit.filling import Filling
from sessionkit.manifest import NOWHERE
from sessionkit.plain_words import in_plain_words
from sessionkit.store.privacy import Pseudonyms, already
from sessionkit.table_files import FORMATS, ROWS, Format
from sessionkit.tables import ALL, LOADS, MODEL, SESSION_KEY

_DAY = "created_at at time zone 'UTC'"
PARTS = {
    "application_id": "cast(application_id as varchar)",
    "store_id": "nullif(store_id, '')",
    "state": "state",
    "dialect": "dialect",
    "day": f"strftime({_DAY}, '%Y-%m-%d')",
    "week": f"strftime(date_trunc('week', {_DAY}), '%Y-%m-%d')",
    "month": f"strftime({_DAY}, '%Y-%m')",
    "quarter": f"strftime({_DAY}, '%Y-Q') || quarter({_DAY})",
    "year": f"strftime({_DAY}, '%Y')",
}
"""What a table can be parted by, as text, from the columns of its session; times are UTC."""

_ESCAPED = {ord(sign): f"%{ord(sign):02X}" for sign in "\"#%'*/:=?\\{}[]^<>|\x7f"} | {
    code: f"%{code:02X}" for code in range(32)
}


@dataclass(frozen=True)
class Exported:
    """What an export wrote.

    Attributes:
        folder: Where it lies.
        files: How many files of tables there are.
        rows: How many rows each table has.
        defused_cells: How many cells of CSV files have an apostrophe before them now, as a
            spreadsheet would run them as formulas.
    """

    folder: Path
    files: int
    rows: dict[str, int]
    defused_cells: int = 0


def export_to(
    connection: Connection,
    folder: Path,
    format: Format,
    by: Sequence[str] = (),
    pseudonyms: Pseudonyms | None = None,
) -> Exported:
    """Write all tables of a store into a folder, as of one moment.

    Args:
        connection: To the store; of its own.
        folder: In place of one that sessionkit wrote there before.
        format: How the tables are written.
        by: What the tables of the model are parted by; see `PARTS`.
        pseudonyms: What stands for what is personal.

    Raises:
        UsageError: A format or part that there is not, a folder that somebody else filled, or
            parts that are no Parquet.
    """
    _refuse_parts(format, by)
    hidden = _still_to_hide(connection, pseudonyms)
    parted = [_without(table, by) for table in MODEL] if by else []
    connection.execute("begin transaction")
    try:
        with (
            in_plain_words(FolderError, f"{folder}: could not be exported: "),
            Filling(folder, format, parted=parted, partitioned_by=tuple(by)) as filling,
        ):
            for table in ALL:
                if by and table in MODEL:
                    _write_parts(connection, filling, table, by, hidden)
                else:
                    _write(connection, filling, table, hidden)
            loads = connection.sql(_select(LOADS)).to_arrow_table().cast(LOADS.arrow())
            manifest = filling.finish(loads)
    finally:
        connection.execute("rollback")
    rows = {name: sum(file.rows for file in files) for name, files in manifest.tables.items()}
    return Exported(folder, len(manifest.files), rows, manifest.defused_cells)


def place_of(names: Sequence[str], values: Sequence[str | None]) -> str:
    """The folder of a part, as Hive spells it.

    Example:
        >>> place_of(["month", "store_id"], ["2026-11", "a/b=ü"]), place_of(["store_id"], [None])
        ('month=2026-11/store_id=a%2Fb%3Dü', 'store_id=__HIVE_DEFAULT_PARTITION__')
    """
    return "/".join(
        f"{name}={NOWHERE if value is None else value.translate(_ESCAPED)}"
        for name, value in zip(names, values, strict=True)
    )


def _refuse_parts(format: Format, by: Sequence[str]) -> None:
    if format not in FORMATS:
        raise UsageError(unknown_name("format", format, FORMATS))
    if isinstance(by, str):
        raise UsageError(f"partition_by: expected a list such as [{by!r}], got one text.")
    for name in by:
        if name not in PARTS:
            raise UsageError(unknown_name("part in partition_by", name, PARTS))
    if len(set(by)) < len(by):
        raise UsageError(f"partition_by: expected each part once, got {', '.join(by)}.")
    if by and format != "parquet":
        raise UsageError(f"partition_by: only Parquet is written in parts, not {format}.")


def _still_to_hide(connection: Connection, pseudonyms: Pseudonyms | None) -> Pseudonyms | None:
    """The pseudonyms that are still to be put in; none where the store has these already."""
    if pseudonyms is None or not (kept := already(connection, pseudonyms)):
        return pseudonyms
    if more := sorted(set(pseudonyms.attributes) - set(kept)):
        raise UsageError(
            f"pseudonymise_attributes: this store was loaded with this key, but not for "
            f"{', '.join(more)}; give another key, or load with these attributes."
        )
    return None


def _without(table: Table, by: Sequence[str]) -> Table:
    """A table without the columns that its parts tell."""
    columns = tuple(column for column in table.columns if column.name not in by)
    return replace(table, columns=columns, key=tuple(n for n in table.key if n not in by))


def _select(table: Table) -> str:
    return f"select {', '.join(map(quoted, table.names))} from {table.name}"  # noqa: S608


def _write(
    connection: Connection, filling: Filling, table: Table, hidden: Pseudonyms | None
) -> None:
    for batch in connection.sql(_select(table)).to_arrow_reader(ROWS):
        rows = pa.Table.from_batches([batch])
        rows = hidden.rows(table.name, rows) if hidden else rows
        filling.write(table.name, rows.cast(table.arrow()))
    filling.close(table.name)


def _write_parts(
    connection: Connection,
    filling: Filling,
    table: Table,
    by: Sequence[str],
    hidden: Pseudonyms | None,
) -> None:
    """Write a table sorted by its parts, so that one file is open at a time."""
    left = _without(table, by)
    schema = left.arrow()
    first = True
    for batch in connection.sql(_by_parts(table, by)).to_arrow_reader(ROWS):
        rows = pa.Table.from_batches([batch])
        rows = hidden.rows(table.name, rows) if hidden else rows
        for place, start, stop in _runs(rows, by):
            part = rows.slice(start, stop - start).select(left.names).cast(schema)
            filling.write_part(table.name, place, part.combine_chunks())
            first = False
    if first:  # the columns are to be seen even so, in any part that there is
        filling.write_part(table.name, _any_place(connection, by), schema.empty_table())
    filling.close_parts(table.name)


def _any_place(connection: Connection, by: Sequence[str]) -> str:
    parts = ", ".join(PARTS[name] for name in by)
    query = f"select {parts} from sessions order by all nulls last limit 1"  # noqa: S608
    found = connection.sql(query).fetchall()
    return place_of(by, found[0] if found else [None] * len(by))


def _by_parts(table: Table, by: Sequence[str]) -> str:
    """A query for the rows of a table beside what they are parted by, in that order."""
    parts = ", ".join(f"{PARTS[name]} as part_{place}" for place, name in enumerate(by))
    key = ", ".join(SESSION_KEY)
    order = [f"part_{place} nulls first" for place in range(len(by))]
    order += [f"{quoted(name)} nulls first" for name in table.key]
    columns = ", ".join(f"each.{quoted(name)}" for name in table.names)
    return (
        f"select {columns}, parts.* exclude ({key})\n"  # noqa: S608 (our names)
        f"from {table.name} as each join (select {key}, {parts} from sessions) as parts\n"
        f"    using ({key})\norder by {', '.join(order)}"
    )


def _runs(rows: pa.Table, by: Sequence[str]) -> list[tuple[str, int, int]]:
    """Where the rows of a part begin and end: its place, the first row, the row after the last."""
    if not rows.num_rows:
        return []
    columns = [rows[f"part_{place}"].combine_chunks() for place in range(len(by))]
    starts = {0, rows.num_rows}
    for column in columns:
        codes = column.dictionary_encode(null_encoding="encode").indices
        changes = pc.not_equal(codes.slice(1), codes.slice(0, len(codes) - 1))
        starts |= {place + 1 for place in pc.indices_nonzero(changes).to_pylist()}
    bounds = sorted(starts)
    return [
        (place_of(by, [column[start].as_py() for column in columns]), start, stop)
        for start, stop in pairwise(bounds)
    ]
