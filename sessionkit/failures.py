"""What breaks a pandera schema, told value by value, with the words of the declaration.

Layer: above `tables`. Only this module and `schemas` import pandera.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import polars as pl

from sessionkit.columns import Column, Table
from sessionkit.errors import SchemaError, shown
from sessionkit.lone_pandera import lone_pandera

with lone_pandera():
    from pandera.config import ValidationDepth, config_context
    from pandera.errors import SchemaErrors
    from pandera.polars import DataFrameSchema

KEY_CHECK = "key"
"""The name of the check that no two rows share their key."""


class Broken(NamedTuple):
    """One value that breaks a rule.

    `row` counts from 0. `column` is None where the key is meant, which is several columns. `rule`
    is `not_null`, `at_least`, `one_of` or `key`.
    """

    row: int
    column: str | None
    rule: str
    expected: str
    found: str


def broken(schema: DataFrameSchema, table: Table, frame: pl.DataFrame) -> list[Broken]:
    """Run a schema over a frame of the right shape, and return every value that breaks a rule.

    Of rows that share a key, all but the first are returned. Ordered by row, then column.
    """
    try:
        with config_context(
            validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA
        ):
            schema.validate(frame, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
        if cases["index"].null_count():  # the frame has another shape, or a check could not run
            raise SchemaError(f"{table.name}: {error}") from error
    else:
        return []
    places = {name: place for place, name in enumerate(frame.columns)}
    found = [
        each
        for (name, check), group in cases.group_by("column", "check")
        for each in _broken_cells(table, str(name), str(check), frame, group["index"])
    ]
    return sorted(found, key=lambda each: (each.row, places.get(each.column or "", -1)))


def _broken_cells(
    table: Table, name: str, check: str, frame: pl.DataFrame, rows: pl.Series
) -> Iterator[Broken]:
    rule, expected = _rule_of(table[name], check)
    meant = list(table.key) if rule == KEY_CHECK else [name]
    values = frame.select(meant)[rows].rows()
    column = None if rule == KEY_CHECK else name
    for row, cells in zip(rows.to_list(), values, strict=True):
        yield Broken(row, column, rule, expected, ", ".join(map(_text, cells)))


def _rule_of(column: Column, check: str) -> tuple[str, str]:
    """The rule that a check of pandera stands for, and what it expects, in words."""
    if check == KEY_CHECK:
        return KEY_CHECK, "a key that no other row has"
    if check == "not_nullable":
        return "not_null", "a value, as this column is never null"
    if check.startswith("isin"):
        return "one_of", f"one of {', '.join(column.one_of)}"
    return "at_least", f"at least {column.at_least}"


def _text(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return shown(value)


def misfits(
    expected: Iterable[tuple[str, object]], given: Iterable[tuple[str, object]], limit: int = 5
) -> list[str]:
    """Say how given columns differ from expected ones: missing, unknown, of a wrong type, order.

    Columns are pairs of a name and a type of any engine. At most `limit` faults are told.

    Example:
        >>> misfits([("sku", "text"), ("line", "int64")], [("line", "int32")])
        ['no column sku', 'line is int32, expected int64']
    """
    wanted, there = list(expected), list(given)
    types = dict(there)
    faults = [f"no column {name}" for name, _ in wanted if name not in types]
    faults += [f"unknown column {name}" for name, _ in there if name not in dict(wanted)]
    faults += [
        f"{name} is {types[name]}, expected {kind}"
        for name, kind in wanted
        if name in types and types[name] != kind
    ]
    if not faults and [name for name, _ in wanted] != [name for name, _ in there]:
        faults = ["expected in the order " + ", ".join(name for name, _ in wanted)]
    more = [f"and {len(faults) - limit} more"] if len(faults) > limit else []
    return faults[:limit] + more
