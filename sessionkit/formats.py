"""A table as JSON, CSV, text for a terminal, or HTML that needs no script.

JSON and CSV are exact and meant for programs; text and HTML are meant for people, and lose no digit
of an amount either.

Layer: imports nothing from the package.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from html import escape
from math import isfinite
from unicodedata import category, east_asian_width

import pyarrow as pa

NOTHING = "–"
"""What people see where a value is null: null is not 0."""

_GAP = "  "
_STYLE = "text-align:right;font-variant-numeric:tabular-nums"


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

    Example:
        >>> as_csv(pa.table({"label": ["10% off, once", None], "total": [Decimal("0.10")] * 2}))
        'label,total\n"10% off, once",0.1\n,0.1\n'
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.column_names)
    writer.writerows([_cell(value) for value in row.values()] for row in _rows(table))
    return text.getvalue()


def as_text(table: pa.Table, width: int = 100) -> str:
    """Write a table for a terminal; one that is too wide is turned, in blocks of a few rows.

    Turned, each column is a line that begins with its name, so that an answer of twenty columns
    can be read at a glance. Characters that command a terminal are taken out.

    Example:
        >>> answer = pa.table({"state": ["open", None], "total": [Decimal("1200.50"), None]})
        >>> print(as_text(answer))
        state    total
        open   1,200.5
        –            –
        >>> print(as_text(answer, width=10))
        state     open
        total  1,200.5
        <BLANKLINE>
        state  –
        total  –
    """
    columns = [
        [column.name, *(_shown(column, value) for value in values.to_pylist())]
        for column, values in zip(table.schema, table.columns, strict=True)
    ]
    lines = _lines(columns, [_is_number(field.type) for field in table.schema])
    if not table.num_rows or all(_wide(line) <= width for line in lines):
        return "\n".join(lines)
    names, *rows = (list(row) for row in zip(*columns, strict=True))
    return "\n\n".join(
        "\n".join(_lines([names, *block], [False] + [True] * len(block)))
        for block in _blocks(rows, width - max(map(_wide, names)))
    )


def _blocks(rows: Iterable[list[str]], room: int) -> Iterator[list[list[str]]]:
    """Rows in bunches that fit beside each other; at least one in each."""
    block: list[list[str]] = []
    used = 0
    for row in rows:
        wide = len(_GAP) + max(map(_wide, row))
        if block and used + wide > room:
            yield block
            block, used = [], 0
        block.append(row)
        used += wide
    yield block


def _lines(columns: Sequence[Sequence[str]], right: Sequence[bool]) -> list[str]:
    padded = []
    for column, to_right in zip(columns, right, strict=True):
        wide = max(map(_wide, column))
        padded.append([_padded(cell, wide, to_right) for cell in column])
    return [_GAP.join(line).rstrip() for line in zip(*padded, strict=True)]


def as_html(
    table: pa.Table, meaning: Mapping[str, str], notes: Sequence[str], limit: int = 200
) -> str:
    """Write a table as HTML: no script, no style sheet, every text from the data escaped."""
    heads = "".join(
        f'<th{_aligned(field.type)} title="{escape(meaning.get(field.name, ""))}">'
        f"{escape(field.name)}</th>"
        for field in table.schema
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{_aligned(field.type)}>{escape(_shown(field, value))}</td>"
            for field, value in zip(table.schema, row, strict=True)
        )
        + "</tr>"
        for row in zip(*(c.to_pylist() for c in table.slice(0, limit).columns), strict=True)
    )
    left = table.num_rows - limit
    more = f"<p>{left:,} more rows are not shown.</p>" if left > 0 else ""
    said = "".join(f"<li>{escape(note)}</li>" for note in notes)
    told = f"<ul>{said}</ul>" if said else ""
    rows = f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    return f"<div>{told}{rows}{more}</div>"


def _rows(table: pa.Table) -> Iterator[dict[str, object]]:
    """The rows with values as JSON has them."""
    whole = {f.name for f in table.schema if pa.types.is_decimal(f.type) and f.type.scale == 0}
    for batch in table.to_batches():
        for row in batch.to_pylist():
            yield {
                name: int(value) if name in whole and value is not None else _plain(value)
                for name, value in row.items()
            }


def _plain(value: object) -> object:
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
            return {str(name): _plain(one) for name, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
    return str(value)


def _instant(value: datetime) -> str:
    if value.tzinfo is None:
        return value.isoformat()
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _cell(value: object) -> object:
    match value:
        case bool():
            return str(value).lower()
        case dict() | list():
            return json.dumps(value, ensure_ascii=False)
    return value


def _shown(field: pa.Field, value: object) -> str:
    """A value for people: separators in figures, ratios cut to four decimals."""
    match value:
        case None:
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case Decimal():
            whole, point, rest = amount(value).partition(".")
            return f"{Decimal(whole):,}{point}{rest}"
        case int():
            return f"{value:,}" if is_figure(field) else str(value)
        case float():
            return f"{value:,.4f}".rstrip("0").rstrip(".")
    text = str(_cell(_plain(value)))
    return "".join(" " if category(letter) in ("Cc", "Cf") else letter for letter in text)


def is_figure(field: pa.Field) -> bool:
    """Whether a column is a number that can be drawn, and no id.

    Example:
        >>> is_figure(pa.field("unit_count", pa.int64()))
        True
        >>> is_figure(pa.field("application_id", pa.int64()))
        False
    """
    return _is_number(field.type) and not field.name.endswith("_id")


def _is_number(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind))


def _aligned(kind: pa.DataType) -> str:
    return f' style="{_STYLE}"' if _is_number(kind) else ""


def _wide(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _padded(cell: str, width: int, to_right: bool) -> str:
    room = " " * (width - _wide(cell))
    return room + cell if to_right else cell + room
