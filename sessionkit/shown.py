"""Values and tables as people read them: on a terminal, and in a notebook.

Nothing here is read back by a program: for that there are JSON, CSV and Parquet.

Layer: above `formats`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from unicodedata import category, east_asian_width

import pyarrow as pa

from sessionkit.formats import NOTHING, amount, cell, is_figure, is_number, plain

_GAP = "  "
_LEAST = 12
"""So many letters of a text are always shown, however narrow the terminal is."""

_RATIOS = ("share", "rate", "penetration", "depth", "retention", "conformance", "change")
_MORE_RATIOS = ("from_previous", "from_first", "from_first_high", "depth_from", "depth_to")
_STEPS = ((60.0, "s", 1.0), (3600.0, "min", 60.0), (172_800.0, "h", 3600.0))
_DAY = 86_400.0

Names = Mapping[int, str]
"""What applications are called, by number."""


def as_text(
    table: pa.Table,
    width: int = 100,
    meaning: Collection[str] = (),
    names: Names = MappingProxyType({}),
) -> str:
    """Write a table for a terminal; one that is too wide is turned, in blocks of a few rows.

    Turned, each column is a line that begins with its name, so that an answer of twenty columns
    can be read at a glance; a text that is still too wide is cut, and ends in an ellipsis.
    Characters that command a terminal are taken out.

    Args:
        table: The rows.
        width: Of the terminal, in characters.
        meaning: The columns that are a question's own, so that shares are shown as percentages
            and seconds as lengths of time.
        names: What applications are called.

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
        [_printable(column.name), *map(shower(column, meaning, names), values.to_pylist())]
        for column, values in zip(table.schema, table.columns, strict=True)
    ]
    lines = _lines(columns, [is_number(field.type) for field in table.schema])
    if not table.num_rows or all(_wide(line) <= width for line in lines):
        return "\n".join(lines)
    wide = max(_wide(column[0]) for column in columns)
    room = max(width - wide - len(_GAP), _LEAST)
    texts = [not is_number(field.type) for field in table.schema]
    heads, *rows = (
        [_cut(cell, room) if text else cell for cell, text in zip(row, texts, strict=True)]
        for row in zip(*columns, strict=True)
    )
    return "\n\n".join(
        "\n".join(_lines([heads, *block], [False] + [True] * len(block)))
        for block in _blocks(rows, width - wide)
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


def shower(
    field: pa.Field, meaning: Collection[str] = (), names: Names = MappingProxyType({})
) -> Callable[[object], str]:
    """Find how values of a column are written for people.

    Args:
        field: The column.
        meaning: The columns that are a question's own; the name of any other says nothing.
        names: What applications are called.

    Returns:
        What writes a value: with separators, ratios as percentages, seconds as lengths of time.

    Example:
        >>> shower(pa.field("discount_rate", pa.float64()), ["discount_rate"])(0.125)
        '12.50%'
        >>> shower(pa.field("discount_rate", pa.float64()))(0.125)
        '0.125'
        >>> shower(pa.field("median_seconds", pa.float64()), ["median_seconds"])(5400.0)
        '1.5 h'
        >>> shower(pa.field("application_id", pa.int64()), names={270: "Shop"})(270)
        '270 Shop'
    """
    if field.name == "application_id" and names:
        return lambda value: _named(value, names)
    if field.name in meaning and is_ratio(field):
        unit = " pp" if field.name.endswith("_difference") else "%"
        return lambda value: NOTHING if value is None else _hundredfold(value) + unit
    if field.name in meaning and _told_of(field).endswith("_seconds"):
        return lambda value: NOTHING if value is None else _length(value)
    return lambda value: _shown(field, value)


def is_ratio(field: pa.Field) -> bool:
    """Whether a column of a question is a share of something, by its name.

    Example:
        >>> is_ratio(pa.field("from_first", pa.float64())), is_ratio(pa.field("n", pa.int64()))
        (True, False)
    """
    name = _told_of(field)
    return name.rpartition("_")[2] in _RATIOS or name in _MORE_RATIOS


def _told_of(field: pa.Field) -> str:
    """The figure that a column of fractions tells, or compares; empty for any other column."""
    name: str = field.name if pa.types.is_floating(field.type) else ""
    return name.removesuffix("_before").removesuffix("_difference")


def _named(value: object, names: Names) -> str:
    if not isinstance(value, int):
        return NOTHING
    return f"{value} {_printable(names[value])}" if value in names else str(value)


def _hundredfold(value: Any) -> str:
    return f"{round(value * 100, 2) or 0.0:,.2f}"


def _length(seconds: Any) -> str:
    """A length of time in the unit that suits it."""
    for limit, unit, size in _STEPS:
        if abs(seconds) < limit:
            return f"{seconds / size:,.1f}".removesuffix(".0") + f" {unit}"
    return f"{seconds / _DAY:,.1f}".removesuffix(".0") + " days"


def _shown(field: pa.Field, value: object) -> str:
    """A value for people: separators in figures, what was divided cut to four decimals."""
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
    return _printable(str(cell(plain(value))))


def _printable(text: str) -> str:
    return "".join(" " if category(letter) in ("Cc", "Cf") else letter for letter in text)


def _cut(text: str, room: int) -> str:
    """A text that fits; what is cut off leaves an ellipsis."""
    if _wide(text) <= room:
        return text
    kept, used = "", 1
    for letter in text:
        used += _wide(letter)
        if used > room:
            break
        kept += letter
    return kept + "…"


def _wide(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _padded(cell: str, width: int, to_right: bool) -> str:
    room = " " * (width - _wide(cell))
    return room + cell if to_right else cell + room
