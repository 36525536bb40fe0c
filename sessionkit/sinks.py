"""Where finished tables go: into memory, or into the files of a folder as they come.

Every row passes the pandera model of its table here, in large batches, before it is taken in.

Layer: above `validate` and `table_files`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from sessionkit.errors import SchemaError
from sessionkit.filling import Filling
from sessionkit.table_files import ROWS
from sessionkit.tables import ALL, SESSIONS, Table

LARGE = 64 * 2**20
"""How many bytes of rows are worth a row group, however few they are."""

TABLES: Mapping[str, Table] = {table.name: table for table in ALL}


class Sink(Protocol):
    """Takes finished rows, table by table; one thread per table at a time."""

    keeps: bool
    """Whether it wants the records of sessions that have several, beside what came of them."""

    def add(self, name: str, rows: pa.Table) -> None:
        """Take more rows of a table."""

    def alone(self, name: str, rows: pa.Table) -> None:
        """Take more rows of sessions with one record, as staged."""

    def several(self, name: str, rows: pa.Table) -> None:
        """Take records of sessions that have several, as staged; what came of them comes too."""

    def close(self, name: str) -> None:
        """Take what is left of a table, which is whole now."""


class Gathered:
    """Rows of one table until there are enough of them to be worth a check and a row group."""

    def __init__(self, table: Table, columns: pa.Schema | None = None, large: int = LARGE) -> None:
        """Take rows of a table.

        Args:
            table: Whose rows.
            columns: What is kept of them, if not the table's own columns.
            large: How many bytes of rows are enough, however few they are.
        """
        self.table, self._large = table, large
        self._columns = columns or table.arrow()
        self._waiting: list[pa.Table] = []
        self._count = self._size = 0

    def add(self, rows: pa.Table) -> list[pa.Table]:
        """Take more rows, whatever stands beside their columns; give those that are enough."""
        self._waiting.append(rows.select(self._columns.names).cast(self._columns))
        self._count += rows.num_rows
        self._size += rows.nbytes
        if self._count < ROWS:
            return self.rest() if self._size > self._large else []
        self._size = 0
        together = pa.concat_tables(self._waiting)
        whole = self._count - self._count % ROWS
        self._waiting, self._count = [together.slice(whole)], self._count - whole
        return [self._checked(together.slice(start, ROWS)) for start in range(0, whole, ROWS)]

    def rest(self) -> list[pa.Table]:
        """Give the rows that are left, checked."""
        left, self._waiting, self._count = self._waiting, [], 0
        rows = pa.concat_tables(left) if left else self._columns.empty_table()
        return [self._checked(rows)] if rows.num_rows else []

    def _checked(self, rows: pa.Table) -> pa.Table:
        from sessionkit.validate import check

        if broken := check(self.table.name, rows.select(self.table.names)):
            first = broken[0]
            raise SchemaError(
                f"{self.table.name}: {len(broken):,} values break the rules of the table: "
                f"{first.column}: expected {first.expected}, got {first.found}."
            )
        return rows


class _Final:
    """A sink that wants nothing but the tables as they are in the end."""

    keeps = False

    def add(self, name: str, rows: pa.Table) -> None:
        """Take more rows of a table."""
        raise NotImplementedError

    def alone(self, name: str, rows: pa.Table) -> None:
        """Take more rows of sessions with one record, as staged."""
        self.add(name, rows)

    def several(self, name: str, rows: pa.Table) -> None:
        """Leave records alone that others overtook."""


class InMemory(_Final):
    """Keeps the tables in memory."""

    def __init__(self) -> None:
        self._gathered = {name: Gathered(table) for name, table in TABLES.items()}
        self._parts: dict[str, list[pa.Table]] = {
            name: [table.empty()] for name, table in TABLES.items()
        }

    def add(self, name: str, rows: pa.Table) -> None:
        """Take more rows of a table."""
        self._parts[name] += self._gathered[name].add(rows)

    def close(self, name: str) -> None:
        """Take what is left of a table, which is whole now."""
        self._parts[name] += self._gathered[name].rest()

    def tables(self, names: Iterable[str] = tuple(TABLES)) -> dict[str, pa.Table]:
        """Some tables, or all, in one piece each, by key and place in the session."""
        return {name: _ordered(TABLES[name], pa.concat_tables(self._parts[name])) for name in names}


class OnDisk(_Final):
    """Writes the tables into a folder as they come."""

    def __init__(self, filling: Filling) -> None:
        self._filling = filling
        self._gathered = {name: Gathered(table) for name, table in TABLES.items()}

    def add(self, name: str, rows: pa.Table) -> None:
        """Take more rows of a table."""
        for part in self._gathered[name].add(rows):
            self._filling.write(name, part)

    def alone(self, name: str, rows: pa.Table) -> None:
        """Take more rows of sessions with one record, as staged; they come before all others."""
        self.add(name, rows)
        if name == SESSIONS.name:
            self._filling.single_versions += rows.num_rows

    def close(self, name: str) -> None:
        """Take what is left of a table, which is whole now."""
        for part in self._gathered[name].rest():
            self._filling.write(name, part)
        self._filling.close(name)


def _ordered(table: Table, rows: pa.Table) -> pa.Table:
    if not table.key or rows.num_rows < 2:
        return rows.combine_chunks()
    order = [(name, "ascending", "at_start") for name in table.key]
    by_key = pc.sort_indices(rows, sort_keys=order)
    return rows.take(by_key).combine_chunks()
