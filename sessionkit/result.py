"""What a question gives: the answer as a table, what ran, and what each column means.

Layer: above `config`, `database`, `notebook` and `charting`.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from sessionkit import formats
from sessionkit.charting import chart_of
from sessionkit.config import current
from sessionkit.database import Connection
from sessionkit.errors import QueryError, UsageError, shown, unknown_name
from sessionkit.notebook import table_html
from sessionkit.plain_words import in_plain_words
from sessionkit.shown import as_text
from sessionkit.side_by_side import compared_text
from sessionkit.years import nameless

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """An answer.

    It can be handed to anything that takes Arrow: `polars.DataFrame(result)`,
    `pandas.DataFrame.from_arrow(result)`, `duckdb.sql("from result")`, by `__arrow_c_stream__`.
    `polars.from_arrow` makes one column of structs of it; give it `result.table`.

    Attributes:
        table: The rows, in an order that is the same each time. Money is decimal(38, 18).
        question: The name of the question.
        sql: The text that ran.
        definition: What each column means, with its unit and what it is a share of.
        notes: What a reader of the figures must know: warnings, assumptions, sessions left out.

    Example:
        >>> result = Result(pa.table({"state": ["open"], "session_count": [3]}), "states")
        >>> result
        Result(states: 1 row × 2 columns)
        >>> result.to_json()
        '[{"state": "open", "session_count": 3}]'
    """

    table: pa.Table
    question: str = "sql"
    sql: str = ""
    definition: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def select(self, *columns: str) -> Result:
        """The same answer with fewer columns, for reading: notes and meanings stay.

        Args:
            columns: The names of those to keep, in the order wanted; several in one text have
                commas between.

        Raises:
            UsageError: There is no such column, or none is named.

        Example:
            >>> Result(pa.table({"state": ["open"], "n": [3]})).select("n").to_json()
            '[{"n": 3}]'
        """
        names = [one.strip() for text in columns for one in text.split(",") if one.strip()]
        for name in names:
            if name not in self.table.column_names:
                raise UsageError(unknown_name("column", name, self.table.column_names))
        if not names:
            raise UsageError("name at least one column.")
        kept = list(dict.fromkeys(names))
        meaning = {name: told for name, told in self.definition.items() if name in kept}
        return replace(self, table=self.table.select(kept), definition=meaning)

    def to_polars(self) -> pl.DataFrame:
        """The rows as a polars frame; amounts stay decimals."""
        frames = _needed("polars", "to_polars()")
        frame: pl.DataFrame = frames.from_arrow(self.table)
        return frame

    def to_pandas(self) -> Any:
        """The rows as a pandas frame; amounts are `decimal.Decimal` objects.

        Raises:
            UsageError: pandas is not installed.
        """
        _needed("pandas", "to_pandas()")
        return self.table.to_pandas()

    def chart(self) -> Any:
        """A chart that suits the question, as an Altair chart that can be changed or saved.

        Any other answer is drawn as bars: its first figure over its first group. Amounts become
        floats for drawing, groups beyond those that can be told apart are left out, and the
        subtitle says so.

        Raises:
            UsageError: Altair is not installed, or there is no figure to draw.
        """
        altair = _needed("altair", "chart()")
        names = current().applications
        return chart_of(altair, self.question, self.table, self.definition, names)

    def to_json(self) -> str:
        """The rows as one JSON array of objects; amounts are strings, exactly as stored."""
        return formats.as_json(self.table)

    def to_csv(self) -> str:
        """The rows as CSV with a heading; null is an empty cell.

        A text that a spreadsheet would run as a formula (it begins with `=`, `+`, `-`, `@`, a tab
        or a line break) has an apostrophe before it. JSON and Parquet have it as it is.
        """
        return formats.as_csv(self.table)

    def to_text(self, width: int = 100) -> str:
        """The rows for a terminal of that width."""
        asked = (self.table, width, self.definition, current().applications)
        return compared_text(*asked) or as_text(*asked)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        rows = "1 row" if len(self) == 1 else f"{len(self):,} rows"
        return f"Result({self.question}: {rows} × {self.table.num_columns} columns)"

    def __str__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        rows = "1 row" if len(self) == 1 else f"{len(self):,} rows"
        caption = rows if self.question == "sql" else f"{self.question}: {rows}"
        names = current().applications
        return table_html(self.table, caption, self.definition, self.notes, names)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)


def free_query(connection: Connection, query: str) -> Result:
    """Answer a statement that somebody typed; it may only read.

    Args:
        connection: Over the tables.
        query: One `select`, in DuckDB's SQL.

    Returns:
        Its rows; no definitions, as nobody has written any.

    Raises:
        QueryError: It is not one `select`, would change something, or fails.
    """
    return Result(run_select(connection, query), sql=query)


def run_select(connection: Connection, sql: str) -> pa.Table:
    """Run a statement that somebody typed, provided that it is one and only reads.

    Args:
        connection: Where.
        sql: The statement, from anyone; a semicolon at its end may stand.

    Returns:
        The rows; columns of the same name are told apart by a number.

    Raises:
        QueryError: It is not one `select`, would change something, or fails.

    Example:
        >>> from sessionkit.database import connect
        >>> with connect({}) as connection:
        ...     run_select(connection, "select 1 as n, 2 as n").column_names
        ['n', 'n_2']
    """
    with in_plain_words():
        statements = connection.extract_statements(sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        kinds = ", ".join(one.type.name.lower() for one in statements) or "nothing"
        raise QueryError(f"expected one select statement, got {shown(kinds)}.")
    with suppress(duckdb.TransactionException):  # that of a store, if any
        connection.execute("rollback")
    with in_plain_words():
        connection.execute("begin transaction read only")
        try:
            rows = connection.sql(statements[0].query.rstrip().rstrip(";")).to_arrow_table()
        finally:
            connection.execute("rollback")
    rows = rows.rename_columns(_told_apart(rows.column_names))
    for name in rows.column_names:
        if nameless(rows[name]) is not None:
            raise QueryError(
                f"column {shown(name)}: expected dates of the years 1 to 9999, got others. Cast it "
                "to varchar."
            )
    return rows


def _told_apart(names: list[str]) -> list[str]:
    """Names of columns of which none stands twice."""
    taken: list[str] = []
    for name in names:
        free, number = name, 1
        while free in taken:
            number += 1
            free = f"{name}_{number}"
        taken.append(free)
    return taken


def _needed(package: str, purpose: str) -> ModuleType:
    """Import a package that is not needed for anything else."""
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as fault:
        if fault.name != package:
            raise
        raise UsageError(f"{purpose} needs {package}: run `pip install {package}`.") from fault
