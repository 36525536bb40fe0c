"""What a question gives: the answer as a table, what ran, and what each column means.

Layer: above `database` and `formats`.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from sessionkit import formats
from sessionkit.database import Connection, run_select
from sessionkit.errors import UsageError

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """An answer.

    It can be handed to anything that takes Arrow: `polars.DataFrame(result)`,
    `pandas.DataFrame.from_arrow(result)`, DuckDB, by `__arrow_c_stream__`.

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
        """A bar chart of the first figure over the first group, as an Altair chart.

        Amounts become floats for drawing.

        Raises:
            UsageError: Altair is not installed, or there is no figure to draw.
        """
        altair = _needed("altair", "chart()")
        names = self.table.column_names
        figures = [f.name for f in self.table.schema if formats.is_figure(f)]
        if not figures:
            raise UsageError(f"{self.question}: there is no figure to draw among {names}.")
        figure = figures[0]
        group = names[0] if names[0] != figure else None
        columns = [self.table[figure].cast(pa.float64())]
        columns += [self.table[group].cast(pa.string())] if group else []
        drawn = pa.table(columns, names=["figure", "group"][: len(columns)])
        bars = altair.Chart(altair.Data(values=drawn.to_pylist())).mark_bar()
        sides = {"y": altair.Y("figure:Q", title=figure)}
        if group:
            sides["x"] = altair.X("group:N", title=group, sort=None)
        return bars.encode(**sides)

    def to_json(self) -> str:
        """The rows as one JSON array of objects; amounts are strings, exactly as stored."""
        return formats.as_json(self.table)

    def to_csv(self) -> str:
        """The rows as CSV with a heading; null is an empty cell."""
        return formats.as_csv(self.table)

    def to_text(self, width: int = 100) -> str:
        """The rows for a terminal of that width."""
        return formats.as_text(self.table, width)

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
        return formats.as_html(self.table, self.definition, self.notes)

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


def _needed(package: str, purpose: str) -> ModuleType:
    """Import a package that is not needed for anything else."""
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as fault:
        if fault.name != package:
            raise
        raise UsageError(f"{purpose} needs {package}: run `pip install {package}`.") from fault
