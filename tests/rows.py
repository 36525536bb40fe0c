"""Rows for tests: only what a case is about is written there, the rest is filled in here."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from sessionkit.columns import Column, Kind, Table

MONDAY = datetime(2024, 1, 1, 9, 0, tzinfo=UTC)

_FILL: dict[Kind, Any] = {
    Kind.TEXT: "x",
    Kind.STATE: "open",
    Kind.WHOLE: 1,
    Kind.FLAG: False,
    Kind.INSTANT: MONDAY,
    Kind.MONEY: Decimal(1),
    Kind.MEASURE: Decimal(1),
    Kind.JSON: "{}",
    Kind.TEXTS: [],
    Kind.WHOLES: [],
    Kind.BYTES: b"{}",
    Kind.REASONS: [],
}


def rows(table: Table, *given: dict[str, Any]) -> pa.Table:
    """Rows of a table from the values that matter; null or a plain value for the rest.

    Amounts may be written as text.
    """
    return pa.Table.from_pylist([_filled(table, row) for row in given], schema=table.arrow())


def _filled(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    unknown = row.keys() - set(table.names)
    assert not unknown, f"{table.name} has no {unknown}"
    return {column.name: _value(column, row) for column in table.columns}


def _value(column: Column, row: dict[str, Any]) -> Any:
    if column.name in row:
        value = row[column.name]
        money = column.kind in (Kind.MONEY, Kind.MEASURE) and isinstance(value, str | int)
        return Decimal(value) if money else value
    if column.nullable:
        return None
    return column.one_of[0] if column.one_of else _FILL[column.kind]
