"""One table in one file: as Parquet, CSV or Arrow, and back without loss.

Layer: above `columns` and `formats`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Literal, get_args

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet as pq

from sessionkit.columns import Column, Kind, Table
from sessionkit.formats import FORMULA

Format = Literal["parquet", "csv", "arrow"]
"""How a table is written; the name is also the ending of its file."""

FORMATS: tuple[Format, ...] = get_args(Format)

ROWS = 122_880
"""Rows of one Parquet row group, Arrow batch or stretch of CSV; what DuckDB takes at once."""

_LONGEST_LINE = 1 << 28
"""The most bytes of one line that a CSV file is read with."""


class TableWriter:
    """Writes one table to a file that does not exist yet, part by part.

    Parquet is compressed with zstd, and its pages carry checksums. In CSV, lists are JSON text,
    amounts plain decimals, instants RFC 3339 in UTC, bytes base64; null is an empty cell, and an
    empty text is `""`. A text that a spreadsheet would run as a formula has an apostrophe before
    it, which is taken away when it is read back; `defused` counts them. Each part of `ROWS` rows
    is a row group, so the same rows in the same parts give the same bytes.
    """

    def __init__(self, path: Path, table: Table, format: Format) -> None:
        self._stack = ExitStack()
        self._put = _OPEN[format](path, table.arrow(), self._stack)
        self.rows = self.defused = 0

    def write(self, rows: pa.Table) -> None:
        """Write more rows, with exactly the table's schema."""
        self.defused += self._put(rows) or 0
        self.rows += rows.num_rows

    def close(self) -> None:
        """End the file; what was written is then all in it."""
        self._stack.close()

    def abandon(self) -> None:
        """Let go of a file that is not wanted any more."""
        with suppress(OSError, pa.ArrowException):
            self._stack.close()


def read_file(path: Path, table: Table, format: Format) -> pa.Table:
    """Read the rows of a table as they were written, with exactly the table's schema.

    Raises:
        pa.ArrowException: The file does not hold that table.
    """
    with held_to(table):
        return _READ[format](path, table)


@contextmanager
def held_to(table: Table) -> Iterator[None]:
    """Tell likewise whatever shows that what is read is not the table."""
    try:
        yield
    except pa.ArrowException:
        raise
    except (ValueError, pl.exceptions.PolarsError) as error:
        told = "the file does not hold the columns of the table, or not such values"
        raise pa.ArrowInvalid(f"{table.name}: {told}") from error


def rows_in(path: Path, table: Table, format: Format) -> int:
    """How many rows a file holds."""
    if format == "parquet":
        return int(pq.read_metadata(path).num_rows)
    return int(read_file(path, table, format).num_rows)


Put = Callable[[pa.Table], int | None]
"""Writes rows; tells how many cells it had to write otherwise than they are."""

_FORMULA = FORMULA.pattern
_DEFUSED = r"^'('*[=+\-@\t\r\n＝＋－＠])"
"""What a spreadsheet runs, or did before an apostrophe was put before it."""


def _open_parquet(path: Path, schema: pa.Schema, stack: ExitStack) -> Put:
    writer = pq.ParquetWriter(path, schema, compression="zstd", write_page_checksum=True)
    stack.enter_context(writer)
    return lambda rows: writer.write_table(rows, row_group_size=ROWS)


def _read_parquet(path: Path, table: Table) -> pa.Table:
    rows = pq.ParquetFile(path, page_checksum_verification=True).read()
    return rows.cast(table.arrow())


def _open_arrow(path: Path, schema: pa.Schema, stack: ExitStack) -> Put:
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    file = stack.enter_context(pa.OSFile(str(path), "wb"))
    writer = stack.enter_context(pa.ipc.new_file(file, schema, options=options))
    return lambda rows: writer.write_table(rows)


def _read_arrow(path: Path, table: Table) -> pa.Table:
    with pa.OSFile(str(path), "rb") as file:
        return pa.ipc.open_file(file).read_all().cast(table.arrow())


def _open_csv(path: Path, schema: pa.Schema, stack: ExitStack) -> Put:
    texts = pa.schema([(field.name, _csv_type(field.type)) for field in schema])
    file = stack.enter_context(pa.OSFile(str(path), "wb"))
    writer = stack.enter_context(pa.csv.CSVWriter(file, texts))

    def put(rows: pa.Table) -> int:
        columns = [_to_cells(column) for column in rows.columns]
        may_run = [_is_text(field.type) for field in schema]
        formulas = [
            pc.match_substring_regex(cells, _FORMULA) if may else None
            for cells, may in zip(columns, may_run, strict=True)
        ]
        counts = [pc.sum(found).as_py() or 0 if found is not None else 0 for found in formulas]
        safe = [
            pc.replace_substring_regex(cells, _FORMULA, r"'\1") if count else cells
            for cells, count in zip(columns, counts, strict=True)
        ]
        writer.write_table(pa.table(safe, schema=texts))
        return sum(counts)

    return put


def _is_text(kind: pa.DataType) -> bool:
    """Whether a cell of this type can begin with anything."""
    return kind in (pa.string(), pa.binary())


def _csv_type(kind: pa.DataType) -> pa.DataType:
    return kind if kind in (pa.int64(), pa.bool_()) else pa.string()


def _to_cells(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    if pa.types.is_nested(column.type):
        texts = [None if each is None else _json(each) for each in column.to_pylist()]
        return pa.array(texts, pa.string())
    if _csv_type(column.type) == column.type:
        return column
    return _text(pl.Series(pl.from_arrow(column)), column.type).to_arrow().cast(pa.string())


def _text(values: pl.Series, kind: pa.DataType) -> pl.Series:
    if pa.types.is_decimal(kind):
        return values.cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")
    if pa.types.is_timestamp(kind):
        return values.dt.to_string("%Y-%m-%dT%H:%M:%S%.fZ")
    return values.bin.encode("base64")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _read_csv(path: Path, table: Table) -> pa.Table:
    texts = pa.csv.read_csv(
        path,
        read_options=pa.csv.ReadOptions(block_size=_LONGEST_LINE),
        parse_options=pa.csv.ParseOptions(newlines_in_values=True),
        convert_options=pa.csv.ConvertOptions(
            column_types=dict.fromkeys(table.names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    columns = [_from_cells(texts[column.name], column) for column in table.columns]
    return pa.table(columns, schema=table.arrow())


def _from_cells(cells: pa.ChunkedArray, column: Column) -> pa.ChunkedArray | pa.Array:
    kind = column.kind
    if _is_text(kind.arrow):
        cells = pc.replace_substring_regex(cells, _DEFUSED, r"\1")
    if pa.types.is_nested(kind.arrow):
        values = [None if each is None else json.loads(each) for each in cells.to_pylist()]
        return pa.array(values, kind.arrow)
    if kind is Kind.BYTES:
        decoded = pl.Series(pl.from_arrow(cells)).str.decode("base64")
        return decoded.to_arrow().cast(kind.arrow)
    return pc.cast(cells, kind.arrow)


_OPEN: dict[Format, Callable[[Path, pa.Schema, ExitStack], Put]] = {
    "parquet": _open_parquet,
    "csv": _open_csv,
    "arrow": _open_arrow,
}
_READ: dict[Format, Callable[[Path, Table], pa.Table]] = {
    "parquet": _read_parquet,
    "csv": _read_csv,
    "arrow": _read_arrow,
}
