"""How a store lies in its file: made from the declarations of the tables.

    records_alone    what is staged of sessions with one record: final as it is
    records_several  what is staged of sessions with several records
    resolved         what came of those
    kept             effects, rejects, findings, files met, what words loads brought, and what the
                     store is
    main             views: each table of the package under its own name, and `snapshots`

No record is kept twice that says the same in the same manner. So a store can at any time resolve
a session anew from all that was ever said of it, in whatever order it came.

Layer: bottom of `store`; imports `staged` and `tables` from below.
"""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pyarrow as pa

from sessionkit.database import Connection, quoted
from sessionkit.foreign import refusal
from sessionkit.kept import EFFECTS_KEPT
from sessionkit.rejecting import REJECTED
from sessionkit.sql import text_of
from sessionkit.staged import DOUBTS, staged_schema
from sessionkit.store_file import SCHEMA_VERSION, SCHEMAS
from sessionkit.tables import EFFECTS, FINDINGS, LOADS, MODEL, REJECTS, SNAPSHOTS, Table
from sessionkit.version import version

ALONE, SEVERAL, RESOLVED, KEPT = SCHEMAS

LOADS_KEPT = pa.schema(
    [
        pa.field("load", pa.int64(), nullable=False),
        *LOADS.arrow(),
        pa.field("reading", pa.string(), nullable=False),
        pa.field("changed", pa.int64(), nullable=False),
    ]
)
"""Files met: with the load that met them, how they were read, and how many sessions changed."""

REJECTS_KEPT = pa.schema(
    [
        pa.field("reject", pa.int64(), nullable=False),
        pa.field("load", pa.int64(), nullable=False),
        *REJECTED,
        pa.field("header", pa.binary()),
        pa.field("replaced_by", pa.int64()),
        pa.field("resolved_by", pa.int64()),
        pa.field("resolved_in", pa.string()),
    ]
)
"""Rejects, numbered: of a CSV row its header; the reject of the same record as it came later; and
the load and file that brought it mended. Open are those that are neither replaced nor resolved."""

ADDED = ("effect_ids", "sayings")
"""What there is besides since version 2 of the layout."""

OPEN = "replaced_by is null and resolved_by is null"

FINDINGS_KEPT = pa.schema([*DOUBTS, pa.field("origin", pa.string(), nullable=False)])
"""Findings, and whether `reading`, `resolving` or `audit` made them."""


def lay_out(connection: Connection) -> None:
    """Make the tables and views of an empty store."""
    for schema in (ALONE, SEVERAL, RESOLVED, KEPT):
        connection.execute(f"create schema {schema}")
    for (schema, name), columns in laid_out().items():
        _make(connection, schema, name, columns)
    for name in ("about", "vocabulary", "periods", "last_seen", "pseudonyms", *ADDED):
        connection.execute(text_of(f"store/{name}"))
    about = {"version": SCHEMA_VERSION, "store": uuid4().hex, "by": version()}
    connection.execute("insert into kept.about values ($version, $store, $by, 1, 1, 1)", about)
    make_views(connection)


def check_tables(connection: Connection, file: Path) -> None:
    """Refuse a store, to be loaded into, whose tables have not exactly their columns.

    Raises:
        StoreError: One has a column too many or too few.
    """
    for (schema, name), columns in laid_out().items():
        if set(connection.table(f"{schema}.{name}").columns) != set(columns.names):
            raise refusal(file, f"table {schema}.{name} has other columns")


def laid_out() -> dict[tuple[str, str], pa.Schema]:
    """The tables that are made from declarations: their columns, by schema and name."""
    staged = {(schema, t.name): staged_schema(t) for t in MODEL for schema in (ALONE, SEVERAL)}
    return staged | {
        **{(RESOLVED, table.name): table.arrow() for table in MODEL},
        (KEPT, EFFECTS.name): EFFECTS_KEPT,
        (KEPT, SNAPSHOTS.name): SNAPSHOTS.arrow(),
        (KEPT, REJECTS.name): REJECTS_KEPT,
        (KEPT, FINDINGS.name): FINDINGS_KEPT,
        (KEPT, LOADS.name): LOADS_KEPT,
    }


def make_views(connection: Connection) -> None:
    """Make, or make anew, the views by which the tables are read."""
    for table in MODEL:
        names = _names(table)
        _view(
            connection,
            table.name,
            f"select {names} from {ALONE}.{table.name}\n"  # noqa: S608 (our names)
            f"union all select {names} from {RESOLVED}.{table.name}",
        )
    _view(connection, EFFECTS.name, f"{_select(EFFECTS)} where is_shown")
    for table in (SNAPSHOTS, LOADS, FINDINGS):
        _view(connection, table.name, _select(table))
    _view(connection, REJECTS.name, f"{_select(REJECTS)} where {OPEN}")


def _select(table: Table) -> str:
    return f"select {_names(table)} from {KEPT}.{table.name}"  # noqa: S608 (our names)


def _names(table: Table) -> str:
    return ", ".join(quoted(name) for name in table.names)


def _view(connection: Connection, name: str, query: str) -> None:
    connection.execute(f"create or replace view {name} as\n{query}")


def _make(connection: Connection, schema: str, name: str, columns: pa.Schema) -> None:
    connection.register("nothing", columns.empty_table())
    connection.execute(f"create table {schema}.{name} as from nothing")
    connection.unregister("nothing")
