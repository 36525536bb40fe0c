"""Sections and tables of the page, as data: what is in a cell, and what was cut off.

Layer: inside `page`, above `report.numbers`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from markupsafe import Markup

from sessionkit.page.numbers import exact, is_number, plural, text

Row = Mapping[str, Any]

_HEADINGS = {
    "discount_known_count": "discounts known",
    "discount_ambiguous_count": "discounts ambiguous",
    "discount_unknown_count": "discounts unknown",
    "total_known_count": "totals known",
    "priced_count": "fully priced",
    "zero_count": "sums of zero",
    "negative_count": "sums below zero",
    "application_id": "application",
    "integration_id": "session",
    "discounted_count": "discounted sessions",
}


class Cell(NamedTuple):
    """One cell: what a person reads, and the exact value behind it.

    `note` is the id of the footnote that defines it, where the cell heads its row.
    """

    text: str
    exact: str = ""
    number: bool = False
    note: str | None = None


@dataclass(frozen=True)
class Grid:
    """A table as it is printed. `cut` says what is missing from it, if anything is."""

    id: str
    caption: str
    headings: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    cut: str | None = None


@dataclass(frozen=True)
class Block:
    """Part of a section: a chart, if there is something to draw, above its tables."""

    tables: tuple[Grid, ...]
    title: str = ""
    chart: Markup | None = None
    chart_title: str = ""


@dataclass(frozen=True)
class Section:
    """One section of the page: sentences, blocks, and remarks beneath."""

    id: str
    title: str
    says: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """Which footnotes define the columns of a question."""

    question: str
    defined: frozenset[str]

    def to(self, column: str) -> str | None:
        """The id of the footnote that defines a column, or None when there is none."""
        return note_id(self.question, column) if column in self.defined else None


def note_id(question: str, column: str) -> str:
    """The id of the footnote that defines a column of a question."""
    return f"note-{question}-{column}".replace("_", "-")


def heading(column: str) -> str:
    """A column's name as a person writes it.

    Example:
        >>> heading("median_age_seconds"), heading("session_count"), heading("application_id")
        ('median age', 'sessions', 'application')
    """
    if column in _HEADINGS:
        return _HEADINGS[column]
    name = column.removesuffix("_seconds")
    return (name.removesuffix("_count") + "s" if name.endswith("_count") else name).replace(
        "_", " "
    )


def cell(column: str, value: object) -> Cell:
    """One value of a column as a cell."""
    return Cell(text(column, value), exact(value), is_number(value))


def grid(
    id: str,
    caption: str,
    rows: Sequence[Row],
    columns: Sequence[str],
    *,
    right: Collection[str] = (),
    link: Link | None = None,
    limit: int = 100,
    what: str = "row",
) -> Grid:
    """Lay rows out as a table, and say so when it shows only the first of them.

    Args:
        id: The table's id in the page.
        caption: What a row is.
        rows: The rows, in order.
        columns: The columns to show, in order; the first one heads its row.
        right: The columns that are set right, as numbers are.
        link: Where the columns are defined.
        limit: How many rows are shown.
        what: What a row is called in the sentence about those left out.

    Returns:
        The table.
    """
    kept = rows[:limit]
    headings = tuple(
        Cell(heading(name), number=name in right, note=link.to(name) if link else None)
        for name in columns
    )
    cells = tuple(
        tuple(cell(name, row[name])._replace(number=name in right) for name in columns)
        for row in kept
    )
    left = len(rows) - len(kept)
    cut = f"Shown are the first {plural(len(kept), what)} of {len(rows):,}." if left else None
    return Grid(id, caption, headings, cells, cut)
