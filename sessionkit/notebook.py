"""Tables as HTML for a notebook: static, so that they outlive being saved, converted and mailed.

No script, no style sheet, nothing fetched; every text from the data is escaped. Colours are the
viewer's own, light or dark.

Layer: above `shown`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from html import escape
from types import MappingProxyType
from typing import NamedTuple

import pyarrow as pa

from sessionkit.formats import amount, is_number
from sessionkit.shown import Names, shower

LIMIT = 100
"""So many rows are shown; the rest is counted."""

_LONGEST = 200
"""So many letters of a text are shown."""

_SHORT = 24
"""So many letters of a text stay on one line."""

_SMALLEST = Decimal("0.005")
_ROOM = "padding:.25em .6em"
_LEFT = "text-align:left"
_RIGHT = f"text-align:right;{_ROOM}"
_TEXT = f"{_LEFT};{_ROOM}"
_LINE = f"{_TEXT};white-space:nowrap"
_TABLE = "border-collapse:collapse;font-variant-numeric:tabular-nums"
_STRONG = ' style="font-weight:600"'
_CAPTION = f"{_LEFT};font-weight:600;padding:.25em 0"


class Heading(NamedTuple):
    """What stands above a column, and what is said of it when it is pointed at."""

    text: str
    meaning: str = ""
    right: bool = False


class Cell(NamedTuple):
    """What a person reads, and the exact value where that is another."""

    text: str
    exact: str = ""


def table_html(
    table: pa.Table,
    caption: str = "",
    meaning: Mapping[str, str] = MappingProxyType({}),
    notes: Sequence[str] = (),
    names: Names = MappingProxyType({}),
    limit: int = LIMIT,
) -> str:
    """Write an answer as HTML.

    Amounts have two decimals; all of them where that would be 0, and when they are pointed at.

    Args:
        table: The rows.
        caption: What they are.
        meaning: What each column means; shown when its name is pointed at, and below the table.
        notes: What a reader of the figures must know.
        names: What applications are called.
        limit: How many rows are shown.

    Returns:
        One element.

    Example:
        >>> "text-align:right" in table_html(pa.table({"n": [1]}))
        True
    """
    headings = [
        Heading(
            field.name,
            meaning.get(field.name, ""),
            is_number(field.type) and not (names and field.name == "application_id"),
        )
        for field in table.schema
    ]
    shown = table.slice(0, limit)
    columns = [_cells(f, shown[f.name], meaning, names) for f in table.schema] if shown else []
    totals = shown["is_total"].to_pylist() if "is_total" in table.column_names else []
    strong = [place for place, total in enumerate(totals) if total]
    body = grid_html(caption, headings, list(zip(*columns, strict=True)), strong)
    left = table.num_rows - limit
    more = f"<p>{_more(left)} Convert the result, or write it to a file, to see all.</p>"
    said = "".join(f"<li>{escape(note)}</li>" for note in notes)
    told = f'<ul style="{_LEFT}">{said}</ul>' if said else ""
    return f"<div>{body}{more if left > 0 else ''}{told}{_definitions(headings)}</div>"


def grid_html(
    caption: str,
    headings: Sequence[Heading],
    rows: Sequence[Sequence[Cell]],
    strong: Sequence[int] = (),
) -> str:
    """Write cells as a table that scrolls by itself where it is too wide.

    Args:
        caption: What the rows are.
        headings: Of the columns.
        rows: Their cells.
        strong: The places of rows that stand out.
    """
    heads = "".join(
        f'<th scope="col" style="{_RIGHT if one.right else _TEXT}"{_title(one.meaning)}>'
        f"{_breakable(one.text)}</th>"
        for one in headings
    )
    body = "".join(
        f"<tr{_STRONG if place in strong else ''}>"
        + "".join(
            f'<td style="{_style(one, cell)}"{_title(cell.exact)}>{escape(cell.text)}</td>'
            for one, cell in zip(headings, row, strict=True)
        )
        + "</tr>"
        for place, row in enumerate(rows)
    )
    told = f'<caption style="{_CAPTION}">{escape(caption)}</caption>' if caption else ""
    table = f"{told}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody>"
    return f'<div style="overflow-x:auto"><table style="{_TABLE}">{table}</table></div>'


def _style(heading: Heading, cell: Cell) -> str:
    """Numbers to the right; short words, such as dates, on one line."""
    if heading.right:
        return _RIGHT
    return _LINE if len(cell.text) <= _SHORT else _TEXT


def _breakable(name: str) -> str:
    """A name that may go on in the next line behind an underscore, so that columns stay narrow."""
    return escape(name).replace("_", "_<wbr>")


def _cells(
    field: pa.Field, values: pa.ChunkedArray, meaning: Mapping[str, str], names: Names
) -> list[Cell]:
    show = shower(field, meaning, names)
    return [_cell(value, show(value)) for value in values.to_pylist()]


def _cell(value: object, text: str) -> Cell:
    """Cut what nobody reads to the end, and keep it for whoever points at it."""
    if isinstance(value, Decimal | float) and not text[-1:].isdecimal():  # a share, NaN
        return Cell(text, repr(value))
    if isinstance(value, Decimal) and value.as_tuple().exponent == 0:  # a sum of whole numbers
        return Cell(text)
    if isinstance(value, Decimal | float):
        exact = amount(value) if isinstance(value, Decimal) else repr(value)
        short = f"{value:,.2f}" if not value or abs(Decimal(value)) >= _SMALLEST else text
        return Cell(short, exact if len(exact.partition(".")[2]) > 2 else "")
    if len(text) > _LONGEST:
        return Cell(text[: _LONGEST - 1] + "…", text[: 10 * _LONGEST])
    return Cell(text)


def _title(text: str) -> str:
    return f' title="{escape(text)}"' if text else ""


def _more(left: int) -> str:
    return "1 more row is not shown." if left == 1 else f"{left:,} more rows are not shown."


def _definitions(headings: Sequence[Heading]) -> str:
    """What the columns mean, folded up: for paper, fingers and screen readers."""
    told = "".join(
        f"<dt><code>{escape(one.text)}</code></dt><dd>{escape(one.meaning)}</dd>"
        for one in headings
        if one.meaning
    )
    if not told:
        return ""
    return f"<details><summary>What the columns mean</summary><dl>{told}</dl></details>"
