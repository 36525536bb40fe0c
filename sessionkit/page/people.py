"""The section about customers: who bought, and who came back.

Layer: inside `page`, above `parts` and `charts`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sessionkit.page.answers import Answers, Group, Row, by_group
from sessionkit.page.charts import Bar, bars
from sessionkit.page.grid import Block, Cell, Figure, Grid, Section, cell, heat, link_to
from sessionkit.page.numbers import percent, plural
from sessionkit.page.parts import (
    DETAILED,
    counted,
    groups_of,
    left_out,
    name_of,
    part,
    period_name,
    remarks,
    rows_of,
    titled,
)

_TYPES = (
    "customer_type",
    "session_count",
    "share",
    "customer_count",
    "gross_total",
    "avg_session_value",
    "discount_total",
    "repeat_rate",
)
_COHORTS = 12
_AGES = 12


def customers(asked: Answers) -> Section:
    """Who bought, and who came back."""
    blocks = []
    for place, group in enumerate(groups_of(asked)):
        rows = rows_of(asked["customers"], group).to_pylist()
        if any(row["session_count"] for row in rows):
            blocks.append(_types(asked, group, place, rows))
    blocks += _cohorts(asked)
    answers = (asked["customers"], asked["cohorts"])
    return Section(
        "customers",
        "Who bought, and who came back?",
        "Customers",
        left_out(asked) if blocks else ("No session is completed.",),
        tuple(blocks),
        remarks(answers),
        answers,
    )


def _types(asked: Answers, group: Group, place: int, rows: list[Row]) -> Block:
    result = asked["customers"]
    drawn = [
        Bar(row["customer_type"], n := row["session_count"], counted(n, row["group_session_count"]))
        for row in rows
    ]
    caption = titled("Completed sessions by type of customer", asked, result, group)
    return Block(
        (part(f"customers-{place}", caption, result, _TYPES, rows),),
        name_of(asked, result, group),
        (
            Figure(
                "Completed sessions by type of customer",
                bars(caption, drawn, rows[0]["group_session_count"]),
            ),
        ),
    )


def _cohorts(asked: Answers) -> list[Block]:
    """A table for each group: how many of those who began together were there in each period."""
    table = asked["cohorts"].table
    grouped = by_group(table.filter(table["cohort"].is_valid()))
    wanted = [group for group in grouped if not group or group in groups_of(asked)]
    return [
        Block(
            (_triangle(asked, place, group, grouped[group]),),
            titled("Who came back", asked, asked["cohorts"], group),
        )
        for place, group in enumerate(wanted or list(grouped)[:DETAILED])
    ]


def _triangle(asked: Answers, place: int, group: Group, rows: Sequence[Row]) -> Grid:
    period = str(asked.arguments["cohorts"]["period"])
    link = link_to(asked["cohorts"])
    cohorts: dict[Any, dict[int, Row]] = {}
    for row in rows:
        if row["age"] is not None and 0 <= row["age"] <= _AGES:
            cohorts.setdefault(row["cohort"], {})[row["age"]] = row
    shown = list(cohorts.items())[-_COHORTS:]
    ages = range(max((max(told) for _, told in shown), default=0) + 1)
    later = [row["retention"] or 0.0 for _, told in shown for age, row in told.items() if age]
    highest = max(later, default=0.0)
    lines = tuple(
        (
            Cell(_cohort(period, cohort)),
            cell("customer_count", told[min(told)]["customer_count"]),
            *(_returned(told.get(age), highest) for age in ages if age),
        )
        for cohort, told in shown
    )
    headings = (
        Cell("cohort", note=link.to("cohort")),
        Cell("customers", number=True, note=link.to("customer_count")),
        *(
            Cell(f"+{plural(age, period)}", number=True, note=link.to("retention"))
            for age in ages
            if age
        ),
    )
    caption = f"Customers by {period} of their first completed session; how many came back later"
    caption = titled(caption, asked, asked["cohorts"], group)
    left = len(cohorts) - len(shown)
    said = f"Shown are the last {_COHORTS} of {len(cohorts):,} cohorts." if left else None
    return Grid(f"cohorts-{place}", caption, headings, lines, said, folded=False)


def _cohort(period: str, first: str) -> str:
    """A cohort's name; it comes as text, as `earlier` is no period, nor what is before year 1."""
    try:
        return period_name(period, date.fromisoformat(first))
    except ValueError:
        return first


def _returned(row: Row | None, highest: float) -> Cell:
    if row is None or row["retention"] is None:
        return Cell("", number=True)
    share = row["retention"]
    return Cell(
        percent(share) + ("*" if row["is_current"] else ""),
        f"{share:.12g}",
        number=True,
        heat=heat(share, highest),
    )
