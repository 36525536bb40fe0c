"""What the choice between several records of a session leaves in doubt.

A repeat tells the same version once more; where it knows a value and differs, that is a finding.
To compare records of any dialect, the rows of both are laid out as cells: one value at one path.

Layer: above `staging` and `database`.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from sessionkit.columns import Column, Kind, Table
from sessionkit.database import quoted
from sessionkit.sql import text_of
from sessionkit.staged import MEMBERS, bit, member_of
from sessionkit.tables import (
    ADDITIONAL_COSTS,
    ATTRIBUTES,
    CART_ITEMS,
    DISCOUNTS,
    ITEM_PRICES,
    SESSIONS,
)

_LINE = "'cartItems[' || line || ']"
_PATHS: tuple[tuple[Table, str, str, str], ...] = (
    (CART_ITEMS, "cartItems[]", "true", f"{_LINE}'"),
    (DISCOUNTS, "discounts{}", "true", "'discounts.' || label"),
    (ADDITIONAL_COSTS, "additionalCosts{}", "line is null", "'additionalCosts.' || name"),
    (
        ADDITIONAL_COSTS,
        "cartItems[]",
        "line is not null",
        f"{_LINE}.additionalCosts.' || name",
    ),
    (ITEM_PRICES, "cartItems[]", "true", f"{_LINE}.prices.' || price_type"),
    (ATTRIBUTES, "attributes{}", "line is null", "'attributes.' || name"),
    (ATTRIBUTES, "cartItems[]", "line is not null", f"{_LINE}.attributes.' || name"),
)
_WHOLE_IF_TOLD = {"discounts{}", "additionalCosts{}", "attributes{}"}


def doubts(db: duckdb.DuckDBPyConnection) -> pa.Table:
    """Find the doubts: conflicts, undated sightings, newer records that were rejected.

    Reads `ranked` and `elected`, which resolving has made.
    """
    parts = ["sightings", "rejected"]
    db.execute(_rivals())
    if db.sql("select record from rivals limit 1").fetchall():
        db.execute(_cells())
        parts.append("conflicts")
    union = "\nunion all\n".join(f"from ({text_of(f'resolve/{part}')})" for part in parts)
    order = "rule, application_id, integration_id, path, source_file, source_record, seen"
    return db.sql(f"{union}\norder by {order}").to_arrow_table()


def _rivals() -> str:
    """Repeats beside the record taken, for each member that both tell; equal contents never."""
    places = ", ".join(
        f"{{'member': '{member}', 'bit': {bit(member)}, 'taken_rank': e.{quoted(member)}}}"
        for member in MEMBERS
    )
    return (
        "create or replace temp table rivals as\n"  # noqa: S608
        "with repeats as (\n"
        "    select r.application_id, r.integration_id, r.record, r.source_file, r.source_record,\n"
        f"    r.told, r.digest, unnest([{places}], recursive := true)\n"
        "    from ranked r join elected e using (application_id, integration_id)\n"
        "    where r.fate = 'repeat' and r.is_distinct and e.record_count > 1\n"
        ")\n"
        "select v.application_id, v.integration_id, v.record, v.source_file, v.source_record,\n"
        "    v.member, w.record as taken\n"
        "from repeats v join ranked w on w.application_id = v.application_id\n"
        "    and w.integration_id = v.integration_id and w.record_rank = v.taken_rank\n"
        "where v.digest <> w.digest and (v.told & v.bit) <> 0 and (w.told & v.bit) <> 0"
    )


def _cells() -> str:
    of_sessions = [
        _cell("staged_sessions", column.member, f"'{column.path}'", column, must=True)
        for column in SESSIONS.columns
        if column.member and column.path and _comparable(column)
    ]
    of_children = [
        _cell(f"staged_{table.name}", member_of(place), path, column, where, _must(place, column))
        for table, place, where, path in _PATHS
        for column in table.columns
        if column.name not in (*table.key, "attributes", "extras", "kind")
    ]
    union = "\nunion all\n".join(of_sessions + of_children)
    return f"create or replace temp table cells as\n{union}"


def _cell(
    source: str,
    member: str,
    path: str,
    column: Column,
    where: str = "true",
    must: bool = False,
) -> str:
    name = "normal" if column.name == "value" and column.kind is Kind.JSON else quoted(column.name)
    inner = column.path if column.path and column.path[0] != "$" else ""
    at = f"{path} || '.{inner}'" if inner and not path.startswith(f"'{inner}") else path
    return (
        f"select record, '{member}' as member, {at} as path, {_told(name, column)} as value,\n"  # noqa: S608
        f"    {str(must).lower()} as must\n"
        f"from {quoted(source)} where {where} and {name} is not null\n"
        "    and record in (select record from rivals union all select taken from rivals)"
    )


def _told(name: str, column: Column) -> str:
    """A value as text: amounts without zeros at the end, instants to the second, lists if any."""
    if column.kind in (Kind.MONEY, Kind.MEASURE):
        return f"rtrim(rtrim({name}::varchar, '0'), '.')"
    if column.kind is Kind.INSTANT:
        return f"strftime({name} at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ')"
    if column.kind in (Kind.TEXTS, Kind.WHOLES):
        return f"nullif({name}::varchar, '[]')"
    return f"{name}::varchar"


def _must(place: str, column: Column) -> bool:
    """Whether a cell that only one record fills is a conflict: where the whole map is told."""
    return place in _WHOLE_IF_TOLD or column.name == "sku"


def _comparable(column: Column) -> bool:
    return column.completes != "never" and column.kind is not Kind.JSON
