"""What the sections have in common: which groups they show, and how answers become tables.

Layer: inside `page`, above `answers` and `grid`; the sections stand on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from sessionkit.formats import NOTHING, is_figure
from sessionkit.page.answers import Answers, Group, Row, by_group, group_columns, group_name
from sessionkit.page.grid import Grid, grid, link_to
from sessionkit.page.numbers import money, percent
from sessionkit.result import Result

GROUPS = 12
"""How many applications have their key figures shown; a page of hundreds would not be read."""
DETAILED = 4
"""How many applications are shown in all sections."""
PERIODS = 24
"""How many periods a table shows; the charts show more."""

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905


class Top(NamedTuple):
    """The first rows of a group, how many it has, and what all the others add up to."""

    rows: list[Row]
    every: int
    rest: Decimal

    @property
    def left(self) -> int:
        """How many rows are not among them."""
        return self.every - len(self.rows)


def groups_of(asked: Answers, limit: int = DETAILED) -> list[Group]:
    """The applications and currencies with the most sessions, in their own order."""
    counts = {
        group: sum(row["session_count"] for row in rows)
        for group, rows in by_group(asked["all"].table).items()
    }
    most = sorted(counts, key=lambda group: -counts[group])[:limit]
    return [group for group in counts if group in most]


def left_out(asked: Answers, limit: int = DETAILED) -> tuple[str, ...]:
    """Say so where groups are left out."""
    count = asked["all"].table.num_rows
    if count <= limit:
        return ()
    told = " `--json` writes the figures of all." if limit == GROUPS else ""
    return (f"Shown are the {limit} of {count:,} applications with the most sessions.{told}",)


def rows_of(result: Result, group: Group) -> pa.Table:
    """The rows of one application and currency; none where the answer has no such group."""
    table = result.table
    for name, value in zip(group_columns(table), group, strict=True):
        column = table[name]
        table = table.filter(pc.is_null(column) if value is None else pc.equal(column, value))
    return table


def top(result: Result, group: Group, order: str, key: str, limit: int) -> Top:
    """The rows of a group with most of a figure; of equals in the order of their names."""
    table = rows_of(result, group).sort_by([(order, "descending"), (key, "ascending")])
    others = table[order].slice(limit).to_pylist()
    rest = sum((Decimal(value) for value in others if value is not None), Decimal(0))
    return Top(table.slice(0, limit).to_pylist(), table.num_rows, rest)


def remarks(results: Iterable[Result]) -> tuple[str, ...]:
    """What results say of themselves, each remark once."""
    return tuple(dict.fromkeys(note for result in results for note in result.notes))


def whole(id: str, caption: str, result: Result, names: Sequence[str]) -> Grid:
    """All rows of a small answer, with what tells its groups apart in the second columns."""
    apart = [name for name in group_columns(result.table) if name not in names]
    return part(id, caption, result, [names[0], *apart, *names[1:]], result.table.to_pylist())


def part(
    id: str,
    caption: str,
    result: Result,
    names: Sequence[str],
    rows: Sequence[Row],
    limit: int = 60,
    what: str = "row",
) -> Grid:
    """Some columns and rows of an answer."""
    figures = {field.name for field in result.table.schema if is_figure(field)}
    link = link_to(result)
    return grid(id, caption, rows, names, right=figures, link=link, limit=limit, what=what)


def amount(value: Decimal | None) -> str:
    """An amount beside a bar: the table beneath has the digits that are cut here."""
    return NOTHING if value is None else money(value)


def counted(count: int, whole: int) -> str:
    """A count and what share it is, as in `12 (3.4%)`."""
    return f"{count:,} ({percent(count / whole)})" if whole else f"{count:,}"


def titled(title: str, asked: Answers, result: Result, group: Group) -> str:
    """A caption, with the group's name where there are several."""
    name = name_of(asked, result, group)
    return f"{title}: {name}" if name else title


def name_of(asked: Answers, result: Result, group: Group) -> str:
    """The group's name as a heading; nothing where there is one group."""
    return group_name(result.table, group) if asked["all"].table.num_rows > 1 else ""


def period_name(period: str, first: date | None) -> str:
    """A period as a person writes it.

    Example:
        >>> day = date(2026, 4, 6)
        >>> [period_name(name, day) for name in ("month", "quarter", "week", "day", "year")]
        ['Apr 2026', 'Q2 2026', 'week of 6 Apr 2026', '6 Apr 2026', '2026']
    """
    if first is None:
        return "no date"
    month = f"{_MONTHS[first.month - 1]} {first.year}"
    return {
        "month": month,
        "quarter": f"Q{(first.month + 2) // 3} {first.year}",
        "week": f"week of {first.day} {month}",
        "day": f"{first.day} {month}",
        "year": str(first.year),
    }[period]


def tick_name(period: str, first: date | None) -> str:
    """A period in a few letters, under a chart."""
    if first is None:
        return "no date"
    if period in ("day", "week"):
        return f"{first.day} {_MONTHS[first.month - 1]}"
    return period_name(period, first)
