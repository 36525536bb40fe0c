"""What a section of the page is made of, as data: figures at a glance, charts, tables.

Layer: inside `page`, above `numbers`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from markupsafe import Markup

from sessionkit.page.numbers import exact, is_number, is_rounded, plural, text
from sessionkit.result import Result

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
    "campaign_id": "campaign",
    "discounted_count": "discounted sessions",
    "avg_session_value": "average basket",
    "median_session_value": "median basket",
    "avg_units_per_session": "units per session",
    "customer_1_count": "customers with 1",
    "customer_2_count": "with 2",
    "customer_3_plus_count": "with 3 or more",
    "base_label": "label",
    "from_previous": "of the step before",
    "from_first": "of all",
    "from_first_high": "at most",
    "p90_seconds": "9 in 10 within",
    "stack_depth": "how many",
    "closed_count": "closed",
    "open_count": "open",
    "cancelled_count": "cancelled",
    "timed_count": "time of closing known",
    "name": "step reached",
    "always_discounted_count": "only at a discount",
}


class Cell(NamedTuple):
    """One cell: what a person reads, and the exact value behind it.

    `note` is the id of the footnote that defines it, where the cell heads its row; `rounded` says
    that the text has fewer digits than the value; `heat`, from 0 to 4, how dark its ground is;
    `prose` that the text is the package's own, with code between backticks.
    """

    text: str
    exact: str = ""
    number: bool = False
    note: str | None = None
    rounded: bool = False
    heat: int = 0
    prose: bool = False


class Tile(NamedTuple):
    """One figure at a glance, and what there is to say of it in a line or two."""

    name: Cell
    value: Cell
    says: tuple[str, ...] = ()


class Figure(NamedTuple):
    """A chart and its heading, with the unit; small ones stand beside each other."""

    caption: str
    drawing: Markup
    small: bool = False


@dataclass(frozen=True)
class Grid:
    """A table as it is printed. `cut` says what is missing from it, if anything is."""

    id: str
    caption: str
    headings: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    cut: str | None = None
    folded: bool = True


@dataclass(frozen=True)
class Block:
    """Part of a section: figures at a glance, charts, sentences, and the tables behind them."""

    tables: tuple[Grid, ...] = ()
    title: str = ""
    figures: tuple[Figure, ...] = ()
    tiles: tuple[Tile, ...] = ()
    says: tuple[str, ...] = ()

    @property
    def large(self) -> tuple[Figure, ...]:
        """The charts that take the whole width, of those that have something to draw."""
        return tuple(one for one in self.figures if one.drawing and not one.small)

    @property
    def small(self) -> tuple[Figure, ...]:
        """The charts that stand beside each other."""
        return tuple(one for one in self.figures if one.drawing and one.small)


@dataclass(frozen=True)
class Section:
    """One section of the page: a question, what it is about, blocks, and remarks beneath."""

    id: str
    title: str
    short: str
    says: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    notes: tuple[str, ...] = ()
    answers: tuple[Result, ...] = ()

    @property
    def questions(self) -> dict[str, str]:
        """The questions that it shows the answers of, and the ids of their footnotes."""
        names = dict.fromkeys(one.question for one in self.answers)
        return {name.replace("_", " "): notes_id(name) for name in names}


@dataclass(frozen=True)
class Link:
    """Which footnotes define the columns of a question."""

    question: str
    defined: frozenset[str]

    def to(self, column: str) -> str | None:
        """The id of the footnote that defines a column, or None when there is none."""
        return note_id(self.question, column) if column in self.defined else None


def link_to(result: Result) -> Link:
    """Where the columns of a result are defined."""
    return Link(result.question, frozenset(result.definition))


def note_id(question: str, column: str) -> str:
    """The id of the footnote that defines a column of a question."""
    return f"note-{question}-{column}".replace("_", "-")


def notes_id(question: str) -> str:
    """The id of the footnotes of a question."""
    return f"notes-{question}".replace("_", "-")


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
    return Cell(
        text(column, value),
        exact(value),
        number=is_number(value),
        rounded=is_rounded(value),
        prose=column == "meaning",
    )


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
    folded: bool = True,
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
        folded: Whether it is shown only when somebody opens it.

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
    said = f"Shown are the first {plural(len(kept), what)} of {len(rows):,}." if left else None
    return Grid(id, caption, headings, cells, said, folded)


def heat(value: float | None, highest: float) -> int:
    """How dark the ground of a cell is, from 0 to 4; only nothing is 0.

    Example:
        >>> [heat(value, 8.0) for value in (None, 0.0, 1.0, 4.0, 8.0)]
        [0, 0, 1, 2, 4]
    """
    if not value or value < 0 or highest <= 0:
        return 0
    return max(1, min(4, round(value / highest * 4)))
