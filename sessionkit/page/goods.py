"""The sections about carts: how large baskets are, and what was bought most.

Layer: inside `page`, above `parts` and `charts`.
"""

from __future__ import annotations

from sessionkit.page.answers import Answers, Group, Row, unit_of
from sessionkit.page.basket_values import size_of
from sessionkit.page.charts import Bar, bars, columns
from sessionkit.page.grid import Block, Cell, Figure, Grid, Section, cell, link_to
from sessionkit.page.numbers import percent, plural, text
from sessionkit.page.parts import (
    amount,
    groups_of,
    left_out,
    name_of,
    part,
    remarks,
    rows_of,
    titled,
)

_ITEMS = (
    "item",
    "items_total",
    "share",
    "unit_count",
    "session_count",
    "returned_share",
    "discount_penetration",
    "unpriced_line_count",
)
_DRAWN = 12


def baskets(asked: Answers) -> Section:
    """How many completed sessions are how large."""
    result = asked["baskets"]
    blocks = []
    for place, group in enumerate(groups_of(asked)):
        rows = rows_of(result, group).to_pylist()
        if rows:
            blocks.append(_baskets(asked, group, place, rows))
    return Section(
        "baskets",
        "How large are the baskets?",
        "Baskets",
        ("Completed sessions, by their total before discounts.", *left_out(asked))
        if blocks
        else ("No session is completed.",),
        tuple(blocks),
        remarks((result,)),
        (result,),
    )


def _baskets(asked: Answers, group: Group, place: int, rows: list[Row]) -> Block:
    """A histogram without gaps between its sizes."""
    result = asked["baskets"]
    unit = unit_of(result.table, group)
    counts = {row["place"]: row["session_count"] for row in rows}
    known = [one for one in counts if one is not None]
    drawn = (
        [
            Bar(size_of(one), counts.get(one, 0), f"{counts.get(one, 0):,}")
            for one in range(min(known), max(known) + 1)
        ]
        if known
        else []
    )
    caption = titled("Sessions by total", asked, result, group)
    link = link_to(result)
    table = Grid(
        f"baskets-{place}",
        caption,
        (
            Cell("total", note=link.to("place")),
            Cell("sessions", number=True, note=link.to("session_count")),
            Cell("gross total", number=True, note=link.to("gross_total")),
        ),
        tuple(
            (
                Cell("not known" if row["place"] is None else size_of(row["place"])),
                cell("session_count", row["session_count"]),
                cell("gross_total", row["gross_total"])._replace(number=True),
            )
            for row in rows
        ),
    )
    figure = Figure(f"Completed sessions, by total in {unit}", columns(caption, drawn))
    said = _typical(rows_of(asked["completed"], group).to_pylist())
    return Block((table,), name_of(asked, result, group), (figure,), says=said)


def _typical(totals: list[Row]) -> tuple[str, ...]:
    """The middle basket and the average one."""
    if not totals or totals[0]["median_session_value"] is None:
        return ()
    row = totals[0]
    names = ("median_session_value", "avg_session_value", "avg_units_per_session")
    middle, average, units = (text(name, row[name]) for name in names)
    return (f"Half are below {middle}; the average is {average}, with {units} units.",)


def items(asked: Answers) -> Section:
    """What was bought most, by sku and money."""
    result = asked["items"]
    blocks = []
    for place, group in enumerate(groups_of(asked)):
        rows = rows_of(result, group).to_pylist()
        if rows:
            caption = titled("Items, by money", asked, result, group)
            drawn = [Bar(_name(row), row["items_total"], _worth(row)) for row in rows[:_DRAWN]]
            unit = unit_of(result.table, group)
            table = part(f"items-{place}", caption, result, _ITEMS, rows)
            left = rows[0]["item_count"] - len(rows)
            said = (f"{plural(left, 'further item')} are in no row.",) if left > 0 else ()
            figure = Figure(f"Items total, {unit}", bars(caption, drawn))
            blocks.append(Block((table,), name_of(asked, result, group), (figure,), says=said))
    return Section(
        "items",
        "What was bought most?",
        "Items",
        ("Skus in the carts of completed sessions, before discounts and returns.",)
        if blocks
        else ("No item was bought.",),
        tuple(blocks),
        tuple(one for one in result.notes if "are not shown; limit" not in one),
        (result,),
    )


def _name(row: Row) -> str:
    item: str | None = row["item"]
    return "(no sku)" if item is None else item or '""'


def _worth(row: Row) -> str:
    share = row["share"]
    return amount(row["items_total"]) + ("" if share is None else f" ({percent(share)})")
