"""A table as JSON and CSV, which are exact and meant for programs.

Layer: imports nothing from the package.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite

import pyarrow as pa

FORMULA = re.compile(r"^('*[=+\-@\t\r\n＝＋－＠])")
"""How a text begins that a spreadsheet runs, or did before an apostrophe was put before it."""

NOTHING = "–"
"""What people see where a value is null: null is not 0."""


def amount(value: Decimal) -> str:
    """Write an exact number: every digit that it has, no exponent, no zeros at the end.

    Example:
        >>> amount(Decimal("1850.000000000000000000")), amount(Decimal("0E-18"))
        ('1850', '0')
    """
    digits = f"{value:f}"
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return "0" if digits == "-0" else digits


def as_json(table: pa.Table) -> str:
    """Write a table as one JSON array of objects, a row on each line.

    Amounts are strings, exactly as stored; instants end in `Z`; a period is its first day.

    Example:
        >>> as_json(pa.table({"day": [date(2024, 3, 1)], "total": [Decimal("0.10")], "n": [2]}))
        '[{"day": "2024-03-01", "total": "0.1", "n": 2}]'
    """
    rows = (json.dumps(row, ensure_ascii=False, allow_nan=False) for row in _rows(table))
    return "[" + ",\n ".join(rows) + "]"


def as_csv(table: pa.Table) -> str:
    r"""Write a table as CSV with a heading; null is an empty cell.

    A text that a spreadsheet would run as a formula has an apostrophe before it, a heading too.

    Example:
        >>> as_csv(pa.table({"label": ["10% off, once", None], "total": [Decimal("0.10")] * 2}))
        'label,total\n"10% off, once",0.1\n,0.1\n'
        >>> as_csv(pa.table({"label": ["=1+1"], "total": [Decimal("-0.10")]}))
        "label,total\n'=1+1,-0.1\n"
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_defused(name) for name in table.column_names])
    texts = [_is_text(field.type) for field in table.schema]
    for row in _rows(table):
        cells = zip(map(cell, row.values()), texts, strict=True)
        writer.writerow([_defused(one) if is_text else one for one, is_text in cells])
    return text.getvalue()


def formula_count(table: pa.Table) -> int:
    """How many texts of a table have an apostrophe before them in CSV."""
    texts = [
        column
        for field, column in zip(table.schema, table.columns, strict=True)
        if _is_text(field.type)
    ]
    told = (plain(one) for column in texts for one in column.to_pylist())
    return sum(isinstance(one, str) and FORMULA.match(one) is not None for one in told)


def _defused(text: object) -> object:
    return f"'{text}" if isinstance(text, str) and FORMULA.match(text) else text


def _is_text(kind: pa.DataType) -> bool:
    return kind in (pa.string(), pa.large_string(), pa.string_view(), pa.binary())


def _rows(table: pa.Table) -> Iterator[dict[str, object]]:
    """The rows with values as JSON has them."""
    whole = {f.name for f in table.schema if pa.types.is_decimal(f.type) and f.type.scale == 0}
    for batch in table.to_batches():
        for row in batch.to_pylist():
            yield {
                name: int(value) if name in whole and value is not None else plain(value)
                for name, value in row.items()
            }


def plain(value: object) -> object:
    """A value as JSON has it."""
    match value:
        case float():
            return value if isfinite(value) else None
        case None | bool() | int() | str():
            return value
        case Decimal():
            return amount(value)
        case datetime():
            return _instant(value)
        case date():
            return value.isoformat()
        case bytes():
            return value.decode("utf-8", "backslashreplace")
        case dict():
            return {str(name): plain(one) for name, one in value.items()}
        case list() | tuple():
            return [plain(one) for one in value]
    return str(value)


def _instant(value: datetime) -> str:
    if value.tzinfo is None:
        return value.isoformat()
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def cell(value: object) -> object:
    """A value as a cell of CSV has it."""
    match value:
        case bool():
            return str(value).lower()
        case dict() | list():
            return json.dumps(value, ensure_ascii=False)
    return value


def is_figure(field: pa.Field) -> bool:
    """Whether a column is a number that can be drawn, and no id.

    Example:
        >>> is_figure(pa.field("unit_count", pa.int64()))
        True
        >>> is_figure(pa.field("application_id", pa.int64()))
        False
    """
    return is_number(field.type) and not field.name.endswith("_id")


def is_number(kind: pa.DataType) -> bool:
    """Whether values of a type are set right in their column."""
    types = pa.types
    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind))
