"""The section about discounts: by label, over time, how deep, and which occur together.

Layer: inside `page`, above `parts`, `over_time` and `charts`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sessionkit.page.answers import Answers, Group, Row, unit_of
from sessionkit.page.charts import Bar, bars, columns, scale
from sessionkit.page.grid import Block, Figure, Section
from sessionkit.page.numbers import cut, percent, plural, printable
from sessionkit.page.over_time import filled, time_bars
from sessionkit.page.parts import (
    Top,
    amount,
    groups_of,
    left_out,
    name_of,
    part,
    remarks,
    rows_of,
    titled,
    top,
)

LABELS = 20
"""How many labels are shown for each application; the others are summed in one row."""
_SMALL = 6
_STACKS = 10
_DRAWN = 12

_FIGURES = (
    "base_label",
    "discount_total",
    "share",
    "session_count",
    "avg_discount",
    "median_discount",
    "max_discount",
    "gross_total",
    "depth",
    "discount_reverted",
)
_DEPTHS = ("band", "session_count", "share", "gross_total", "discount_total")
_TOGETHER = ("labels", "stack_depth", "session_count", "share", "discount_total", "avg_depth")
_APART = ("total ≤ 0", "no total", "ambiguous", "unknown")
_TOLD_ONCE = "(told as one total, without a label)"


def discounts(asked: Answers) -> Section:
    """What discounts cost, by label, the dearest first, and over time."""
    blocks = []
    for place, group in enumerate(groups_of(asked)):
        told = top(asked["labels"], group, "discount_total", "base_label", LABELS)
        if told.rows:
            blocks.append(_labels(asked, group, place, told))
    says = (_no_discount(asked),)
    if blocks:
        numbered = "Labels that differ only in the number of the item (`#1`, `#2`) are one."
        says = (f"Completed sessions, and what each label took off them. {numbered}",)
    answers = (asked["labels"],)
    return Section(
        "discounts",
        "What did the discounts cost?",
        "Discounts",
        (*says, *left_out(asked)),
        tuple(blocks),
        remarks((*answers, asked["label_times"])),
        answers,
    )


def _no_discount(asked: Answers) -> str:
    """Why there is no label to show: nothing was given, or nothing is known."""
    known = sum(row["discount_known_count"] for row in asked["completed"].table.to_pylist())
    return "No discount was given." if known else "No discount is known."


def _labels(asked: Answers, group: Group, place: int, told: Top) -> Block:
    result = asked["labels"]
    unit = unit_of(result.table, group)
    rows = [{**row, "base_label": _label(row)} for row in told.rows]
    drawn = [Bar(row["base_label"], row["discount_total"], _cost(row)) for row in rows[:_DRAWN]]
    others = told.rest + sum(
        (row["discount_total"] or Decimal(0) for row in rows[_DRAWN:]), Decimal(0)
    )
    if hidden := told.every - len(drawn):
        drawn.append(Bar(plural(hidden, "other label"), others, amount(others), weak=True))
    if told.left:
        rows.append(_others(told))
    caption = titled("Discounts by label", asked, result, group)
    return Block(
        (part(f"labels-{place}", f"{caption}, the dearest first", result, _FIGURES, rows),),
        name_of(asked, result, group),
        (
            Figure(f"Discounts by label, {unit}", bars(caption, drawn)),
            *_over_time(asked, group, told),
        ),
    )


def _label(row: Row) -> str:
    label: str | None = row["base_label"]
    return _TOLD_ONCE if label is None else label


def _cost(row: Row) -> str:
    share = row["share"]
    return amount(row["discount_total"]) + ("" if share is None else f" ({percent(share)})")


def _others(told: Top) -> dict[str, Any]:
    """One row for all labels that a table leaves out: what they cost, which adds up."""
    known = told.rows[0]["known_discount_total"]
    return dict.fromkeys(told.rows[0]) | {
        "base_label": plural(told.left, "other label"),
        "discount_total": told.rest,
        "share": float(told.rest / known) if known else None,
    }


def _over_time(asked: Answers, group: Group, told: Top) -> list[Figure]:
    """One small chart for each of the dearest labels that can be seen on the same axis."""
    result, period = asked["label_times"], asked.period
    table = rows_of(result, group)
    least = (told.rows[0]["discount_total"] or Decimal(0)) / 50
    drawn = [row for row in told.rows[:_SMALL] if (row["discount_total"] or 0) > least]
    dearest = [row["base_label"] for row in drawn]
    found: dict[str | None, dict[Any, Row]] = {name: {} for name in dearest}
    keep = pc.is_in(table["base_label"], value_set=pa.array(dearest, pa.string()))
    for row in table.filter(keep).to_pylist():
        found[row["base_label"]][row[period]] = row
    times = filled(asked, rows_of(asked["times"], group).to_pylist())
    nothing = {"discount_total": Decimal(0)}
    series = {
        name: [{**one, **nothing, **rows.get(one[period], {})} for one in times]
        for name, rows in found.items()
    }
    axis = scale(row["discount_total"] for rows in series.values() for row in rows)
    if len(times) < 2 or axis is None:
        return []
    return [
        Figure(
            cut(printable(_label({"base_label": name})), 60),
            columns(
                f"Discounts of {cut(str(name), 60)} by {period}",
                time_bars(asked, "discount_total", rows),
                axis,
                height=90,
            ),
            small=True,
        )
        for name, rows in series.items()
    ]


def depths(asked: Answers) -> Section:
    """How many sessions had how much off, and which discounts occur together."""
    blocks = []
    for place, group in enumerate(groups_of(asked)):
        rows = rows_of(asked["depth"], group).to_pylist()
        if any(row["session_count"] for row in rows):
            blocks.append(_depth(asked, group, place, rows))
    answers = (asked["depth"], asked["stacks"])
    return Section(
        "depth",
        "How deep were the discounts?",
        "Depth",
        left_out(asked) if blocks else ("No session is completed.",),
        tuple(blocks),
        remarks(answers),
        answers,
    )


def _depth(asked: Answers, group: Group, place: int, rows: list[Row]) -> Block:
    counts = {row["band"]: row["session_count"] for row in rows}
    drawn = [
        Bar(row["band"], row["session_count"], f"{row['session_count']:,}")
        for row in rows
        if row["band"] not in (*_APART, "0", *(["< 0"] if not counts["< 0"] else []))
    ]
    together = [
        {**row, "labels": _TOLD_ONCE if row["labels"] is None else " + ".join(row["labels"])}
        for row in rows_of(asked["stacks"], group).to_pylist()
    ]
    stacks = [
        Bar(row["labels"], row["session_count"], f"{row['session_count']:,}")
        for row in (together[:_STACKS] if len(together) > 1 else ())
    ]
    seen = [row for row in rows if row["session_count"]]
    caption = titled("Sessions by how much was off", asked, asked["depth"], group)
    tables = [part(f"depth-{place}", caption, asked["depth"], _DEPTHS, seen)]
    if together:
        said = titled("Labels that occur together", asked, asked["stacks"], group)
        name = f"stacks-{place}"
        tables.append(part(name, said, asked["stacks"], _TOGETHER, together, LABELS, "stack"))
    return Block(
        tuple(tables),
        name_of(asked, asked["depth"], group),
        (
            Figure("Discounted sessions, by discount / total", columns(caption, drawn)),
            Figure("Sessions, by the labels they carry together", bars("Labels", stacks)),
        ),
        says=(_not_drawn(counts),),
    )


def _not_drawn(counts: dict[str, int]) -> str:
    """What the chart of depths leaves out."""
    told = f"{plural(counts['0'], 'completed session')} had no discount."
    unclear = sum(counts[name] for name in _APART)
    return f"{told} Of {plural(unclear, 'other')} no depth can be told." if unclear else told
