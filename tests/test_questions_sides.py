"""Either side of a comparison, and any group, is what the question says when asked of it alone."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from sessionkit.questions import QUESTIONS
from tests.asking import at, columns, source
from tests.histories import shop_with_history
from tests.trades import shop_with_effects

Row = dict[str, Any]
Tables = dict[str, pa.Table]

COMPARED = sorted(one.name for one in QUESTIONS.values() if one.compares)
PERIODS = ("2024-03", "2024-04")
WINDOWS = (("2024-03-01", "2024-04-01"), ("2024-04-01", "2024-05-01"))
ALL = {"currencies": "EUR", "population": "all", "tz": "Europe/Berlin"}
OF_ALL = {"top_items": {"limit": None}, "discount_stacks": {"limit": None}}
"""What is asked so that no row is left out: a row of either side may be anywhere on the other."""


def by_key(table: pa.Table, keys: list[str]) -> dict[str, Row]:
    return {str([row[key] for key in keys]): row for row in table.to_pylist()}


@pytest.mark.parametrize("name", COMPARED)
def test_both_sides_are_what_the_question_says_of_either_time(name: str) -> None:
    tables, question = shop_with_effects(5, 90), QUESTIONS[name]
    given = {**ALL, **OF_ALL.get(name, {}), "by": ("store_id", "label"), "total_row": True}
    found = question.function(tables, compare=PERIODS, **given).table
    sides = [
        question.function(tables, since=since, until=until, **given).table
        for since, until in WINDOWS
    ]
    keys = ["is_total", "store_id", "label", *question.own, *question.keys]
    keys = [key for key in dict.fromkeys(keys) if key in found.column_names]
    before, now = (by_key(side, keys) for side in sides)
    rows = by_key(found, keys)
    assert rows.keys() == before.keys() | now.keys()
    assert len(before.keys() & now.keys()) > 1
    figures = [one for one in sides[0].column_names if f"{one}_before" in found.column_names]
    assert "session_count" in figures
    for key, row in rows.items():
        for figure in figures:
            for side, told in ((now, row[figure]), (before, row[f"{figure}_before"])):
                if key in side:
                    assert told == side[key][figure], (key, figure)
            assert_apart(row, figure)


def assert_apart(row: Row, figure: str) -> None:
    now, before = row[figure], row[f"{figure}_before"]
    if now is None or before is None:
        assert row[f"{figure}_difference"] is None
    elif isinstance(now, float):
        assert row[f"{figure}_difference"] == pytest.approx(now - before)
    else:
        assert row[f"{figure}_difference"] == now - before
    change = row.get(f"{figure}_change")
    if now is None or not before:
        assert change is None
    elif f"{figure}_change" in row:
        assert change == pytest.approx(float(Decimal(now) / Decimal(before) - 1))


def off(day: str, *labels: str) -> Row:
    known = {"discounts_known": True, "discount_total": len(labels)}
    return {"created_at": at(day), "total": "10", "labels": labels, **known}


def stacks(*sessions: Row) -> Tables:
    """Sessions with a discount of 1 under each of their labels."""
    rows = [
        {"of": of, "label": label, "value": "1"}
        for of, session in zip("abcdefgh", sessions, strict=False)
        for label in session["labels"]
    ]
    bare = [{name: s[name] for name in s if name != "labels"} for s in sessions]
    return source(*bare, discounts=rows)


STACKS = stacks(
    off("2024-03-01", "A"), off("2024-03-02", "A"), off("2024-03-03", "A", "B"),
    off("2024-04-01", "A"), off("2024-04-02", "C"), off("2024-04-03", "C"), off("2024-04-04"),
)  # fmt: skip


def test_a_stack_of_one_side_only_has_the_counts_of_its_group_on_both() -> None:
    result = QUESTIONS["discount_stacks"].function(STACKS, compare=PERIODS, limit=None)
    names = ("labels", "stack_depth", "place", "place_before", "session_count",
             "session_count_before", "carrying_count", "carrying_count_before", "stack_count",
             "discount_known_count", "discount_known_count_before", "share")  # fmt: skip
    assert columns(result, *names) == [
        (["C"], 1, 1, 0, 2, 0, 3, 3, 2, 4, 3, 2 / 3),
        (["A"], 1, 2, 1, 1, 2, 3, 3, 2, 4, 3, 1 / 3),
        (["A", "B"], 2, 0, 2, 0, 1, 3, 3, 2, 4, 3, None),
    ]


def test_a_limit_of_stacks_and_items_is_about_now() -> None:
    result = QUESTIONS["discount_stacks"].function(STACKS, compare=PERIODS, limit=1)
    assert columns(result, "labels", "session_count_before") == [(["C"], 0)]
    assert any(note.startswith("2 rarer stacks are not shown") for note in result.notes)
    carts = [
        {"of": of, "sku": sku, "price": "2"} for of, sku in zip("abcdefg", "xyyzzwz", strict=True)
    ]
    items = QUESTIONS["top_items"].function(
        STACKS | {"cart_items": source(*[{}] * 7, cart_items=carts)["cart_items"]},
        compare=PERIODS, limit=None,
    )  # fmt: skip
    assert columns(items, "item", "place", "item_count", "item_count_before") == [
        ("z", 1, 2, 2),
        ("w", 2, 2, 2),
        ("y", 0, 2, 2),
        ("x", 0, 2, 2),
    ]


WHOLE: dict[str, Row] = {
    "discount_stacks": {"limit": None},
    "top_items": {"limit": None},
    "outcomes": {"timeout": "3d"},
    "funnel": {"window": "2d"},
    "identifier_overlap": {"show": True, "of": ["identifier", "coupon"]},
    "rfm": {"money": "net"},
}
DIMENSIONS = ("store_id", "customer_type", "discounted", "coupon_code", "base_label", "has_coupon")
OF_EVERYTHING = {"discount_summary": {"known_discount_total", "share"}}
"""What a question tells of more than the group."""


def world(name: str) -> Tables:
    if name in ("transitions", "time_to_close", "outcomes", "funnel"):
        return shop_with_history(6, 50)
    return shop_with_effects(6, 50)


@pytest.mark.parametrize("name", sorted(QUESTIONS.keys() - {"cohort_retention"}))
def test_a_group_is_what_the_question_says_of_its_sessions_alone(name: str) -> None:
    """But for cohorts, whose customers also have a life outside of the group."""
    tables, ask = world(name), QUESTIONS[name].function
    given = {**ALL, "guests": "^guest", **WHOLE.get(name, {})}
    apart = ("month",) if name == "discount_summary" else ()  # its labels tell discounts apart
    compared = 0
    for dimension in DIMENSIONS:
        if dimension in QUESTIONS[name].own or (apart and dimension == "base_label"):
            continue
        groups = ask(tables, by=(*apart, dimension), **given).table
        for value in list(dict.fromkeys(groups[dimension].to_pylist()))[-3:]:
            alone = ask(tables, by=apart, where={dimension: value}, **given).table
            left_out = {dimension, *OF_EVERYTHING.get(name, ())}
            mine = figures(groups, left_out, lambda row: row[dimension] == value)  # noqa: B023
            assert mine == figures(alone, left_out, bool), (dimension, value)
            compared += len(mine)
    assert compared > 8


def figures(table: pa.Table, left_out: set[str], kept: Callable[[Row], bool]) -> list[Row]:
    return [
        {name: value for name, value in row.items() if name not in left_out}
        for row in table.to_pylist()
        if kept(row)
    ]
