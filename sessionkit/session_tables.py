"""What reading gives: the tables of the model, and those that tell how reading went.

Layer: above `database`, `overview`, `result` and `folder`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from sessionkit import database, folder
from sessionkit.config import current
from sessionkit.errors import UsageError, unknown_name
from sessionkit.overview import overview_html
from sessionkit.result import Result, free_query
from sessionkit.tables import ALL


@dataclass(frozen=True, repr=False)
class SessionTables:
    """The tables of one read, each a `pyarrow.Table` with exactly its declared schema.

    Rows of the model tables are ordered by the session's key and their place in the session, so
    that the same input gives the same tables, byte for byte. A table without rows has its columns
    all the same.

    Example:
        >>> tables = SessionTables.of({})
        >>> tables.sessions.num_rows, tables.records
        (0, 0)
    """

    sessions: pa.Table
    cart_items: pa.Table
    discounts: pa.Table
    additional_costs: pa.Table
    item_prices: pa.Table
    coupons: pa.Table
    identifiers: pa.Table
    attributes: pa.Table
    effects: pa.Table
    snapshots: pa.Table
    rejects: pa.Table
    findings: pa.Table
    loads: pa.Table

    @classmethod
    def of(cls, tables: Mapping[str, pa.Table]) -> SessionTables:
        """Hold some tables by name; those not given are empty.

        Raises:
            UsageError: A name that no table has.
        """
        known = {table.name: table for table in ALL}
        for name in tables:
            if name not in known:
                raise UsageError(unknown_name("table", name, known))
        return cls(**{name: tables.get(name, table.empty()) for name, table in known.items()})

    def as_dict(self) -> dict[str, pa.Table]:
        """The tables by name, parents before children."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def __iter__(self) -> Iterator[tuple[str, pa.Table]]:
        return iter(self.as_dict().items())

    def __repr__(self) -> str:
        counts = ", ".join(f"{name} {table.num_rows:,}" for name, table in self if table.num_rows)
        return f"SessionTables({counts or 'empty'})"

    def _repr_html_(self) -> str:
        with database.connect(self.as_dict()) as connection:
            return overview_html(connection, "SessionTables", current().applications)

    def _counted(self, column: str) -> int:
        return pc.sum(self.loads[column]).as_py() or 0

    @property
    def records(self) -> int:
        """Records met: sessions, repeats, older, rows of effects exports and rejects together."""
        return self._counted("records")

    @property
    def repeats(self) -> int:
        """Records that told the current version of their session once more."""
        return self._counted("repeats")

    @property
    def older(self) -> int:
        """Records of versions that another record has overtaken."""
        return self._counted("older")

    def sql(self, query: str) -> Result:
        """Ask anything of the tables in DuckDB's SQL; one statement that reads.

        Raises:
            QueryError: The statement is wrong, or would do more than read.

        Example:
            >>> SessionTables.of({}).sql("select count(*) as n from sessions").table.to_pylist()
            [{'n': 0}]
        """
        with database.connect(self.as_dict()) as connection:
            return free_query(connection, query)

    def write(
        self, path: str | Path, format: Literal["parquet", "csv", "arrow"] = "parquet"
    ) -> Path:
        """Write a folder: one file per table, empty ones too, and last of all its manifest.

        Raises:
            FolderError: It could not be written.
            UsageError: The folder holds files that sessionkit did not write.
        """
        return folder.write(self.as_dict(), path, format=format)
