"""The section about time: what completed sessions were worth, period by period.

Layer: inside `page`, above `parts` and `charts`.
"""

from __future__ import annotations

from datetime import date, timedelta

from sessionkit.page.answers import Answers, Group, Row, unit_of
from sessionkit.page.charts import Bar, columns
from sessionkit.page.grid import Block, Figure, Grid, Section
from sessionkit.page.numbers import text
from sessionkit.page.parts import (
    PERIODS,
    groups_of,
    left_out,
    name_of,
    part,
    period_name,
    remarks,
    rows_of,
    tick_name,
    titled,
)

_FIGURES = (
    "partial",
    "session_count",
    "customer_count",
    "gross_total",
    "discount_total",
    "net_total",
    "avg_session_value",
    "discount_unknown_count",
)
_DRAWN = {
    "gross_total": "Gross total",
    "session_count": "Completed sessions",
    "discount_total": "Discounts known",
    "avg_session_value": "Average basket",
}
_MOST = 60


def over_time(asked: Answers) -> Section:
    """What completed sessions were worth, by when they were created."""
    period = asked.period
    blocks = []
    for place, group in enumerate(groups_of(asked)):
        rows = rows_of(asked["times"], group).to_pylist()
        if rows:
            figures = tuple(_figures(asked, group, filled(asked, rows)))
            table = _table(asked, group, place, rows)
            blocks.append(Block((table,), name_of(asked, asked["times"], group), figures))
    says: tuple[str, ...] = ("No session is completed.",)
    if blocks:
        weak = f" Lighter columns: the data fill only a part of the {period}."
        says = (f"Completed sessions by {period} of creation.{weak}", *left_out(asked))
    return Section(
        "time",
        "How did it go over time?",
        "Over time",
        says,
        tuple(blocks),
        remarks((asked["times"],)),
        (asked["times"],),
    )


def filled(asked: Answers, rows: list[Row]) -> list[Row]:
    """The rows with one for each period, from the first of any group to the last.

    A period without a session has no row in the answer; left out, it would shift all others.
    """
    period = asked.period
    every = [day for day in asked["times"].table[period].to_pylist() if day is not None]
    if not every:
        return rows
    known = {row[period]: row for row in rows}
    nothing = {**asked.nothing, "partial": False}
    days = _days(period, min(every), max(every))
    told = [known.get(day, {**nothing, period: day}) for day in days]
    return told[-_MOST:] + [row for row in rows if row[period] is None]


def _days(period: str, first: date, last: date) -> list[date]:
    """The first days of all periods from one to another."""
    if period in ("day", "week"):
        step = 1 if period == "day" else 7
        return [first + timedelta(days) for days in range(0, (last - first).days + 1, step)]
    step = {"month": 1, "quarter": 3}[period]
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month, step)
    return [date(month // 12, month % 12 + 1, 1) for month in months]


def time_bars(asked: Answers, name: str, rows: list[Row]) -> list[Bar]:
    """One column per period."""
    period = asked.period
    return [
        Bar(
            tick_name(period, row[period]),
            row[name],
            f"{period_name(period, row[period])}: {text(name, row[name])}",
            weak=bool(row["partial"]),
        )
        for row in rows
    ]


def _figures(asked: Answers, group: Group, rows: list[Row]) -> list[Figure]:
    unit = unit_of(asked["times"].table, group)
    figures = []
    for name, title in _DRAWN.items():
        caption = title if name == "session_count" else f"{title}, {unit}"
        title = titled(f"{title} by {asked.period}", asked, asked["times"], group)
        drawn = columns(title, time_bars(asked, name, rows))
        figures.append(Figure(caption, drawn, small=True))
    return figures


def _table(asked: Answers, group: Group, place: int, rows: list[Row]) -> Grid:
    """The last periods, which say so where others are left out."""
    period = asked.period
    caption = titled(f"Completed sessions by {period}", asked, asked["times"], group)
    table = part(
        f"times-{place}", caption, asked["times"], (period, *_FIGURES), rows[-PERIODS:], PERIODS
    )
    if len(rows) <= PERIODS:
        return table
    said = f"Shown are the last {PERIODS} of {len(rows):,} {period}s."
    return Grid(table.id, table.caption, table.headings, table.rows, said)
