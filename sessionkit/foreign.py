"""What somebody else may have put into the file of a store, and why it is then not opened.

A store reaches no other file whatever it holds. But a macro that has the name of a function changes
what every question means, and a view may reckon for ever; such a file is refused.

Layer: above `given`; below `store_file`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import duckdb

from sessionkit.errors import StoreError
from sessionkit.given import as_told
from sessionkit.tables import ALL

Connection = duckdb.DuckDBPyConnection

_MACROS = """
select mine.function_name
from system.main.duckdb_functions() as mine
where not mine.internal and lower(mine.function_name) in (
    select theirs.function_name from system.main.duckdb_functions() as theirs where theirs.internal
)
order by all
"""
_VIEWS = """
select schema_name, view_name, sql
from system.main.duckdb_views()
where not internal and database_name = $name
order by all
"""
_COLUMNS = """
select table_name, column_name, data_type
from system.main.duckdb_columns()
where schema_name = 'main' and not internal and database_name = $name
"""
_RECKONS = re.compile(r"\w\(|\brecursive\b", re.IGNORECASE)
"""A view that calls a function, or itself; those of a store do neither."""


def check_parts(connection: Connection, file: Path, parts: Sequence[str]) -> None:
    """Refuse a store with a macro that stands in the place of a function, or a view of a table.

    Args:
        connection: To the store; it can reach no other file by now.
        file: Its path, for messages.
        parts: The schemas in which only tables lie.

    Raises:
        StoreError: It has one.
    """
    for (name,) in connection.sql(_MACROS).fetchall():
        raise refusal(file, f"it has a macro in the place of the function {name!r}")
    for schema, view, _ in _views(connection):
        if schema in parts:
            raise refusal(file, f"{schema}.{view} is a view")


def check_views(connection: Connection, file: Path) -> None:
    """Refuse a store, laid out as today, whose tables have other columns, or reckon them.

    Raises:
        StoreError: A table of the model is not there, lacks a column, has it with another type, or
            is a view that does more than name the columns of others.
    """
    known = {table.name: as_told(table) for table in ALL}
    for schema, view, text in _views(connection):
        if schema == "main" and view in known and _RECKONS.search(_without_names(text)):
            raise refusal(file, f"the view {view!r} does more than name columns")
    found = set(connection.sql(_COLUMNS, params=_name(connection)).fetchall())
    for table, columns in known.items():
        for column, kind in columns:
            if (table, column, kind) not in found:
                raise refusal(file, f"table {table!r}, column {column!r}: expected {kind.lower()}")


def _views(connection: Connection) -> list[tuple[str, str, str]]:
    return connection.sql(_VIEWS, params=_name(connection)).fetchall()


def _name(connection: Connection) -> dict[str, str]:
    ((name,),) = connection.sql("select system.main.current_database()").fetchall()
    return {"name": name}


def refusal(file: Path, fault: str) -> StoreError:
    """Why a file is not taken for a store."""
    return StoreError(f"{file}: not as sessionkit makes a store: {fault}.")


def _without_names(text: str) -> str:
    """A statement without its quoted names, which may hold anything."""
    return re.sub(r'"(?:[^"]|"")*"', '""', text)
