"""What holds for every question: no money is counted twice, rounded, or left to chance."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable
from decimal import Context, Decimal
from itertools import permutations
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from sessionkit.dimensions import DIMENSIONS
from sessionkit.questions import QUESTIONS
from tests.asking import at, source
from tests.builders import Shop
from tests.histories import shop_with_history
from tests.trades import shop_with_effects

Tables = dict[str, pa.Table]
Row = dict[str, Any]

ONE_VALUE = [one.name for one in DIMENSIONS.values() if one.groups and not one.several]
WHOLE: dict[str, Row] = {
    "discount_stacks": {"limit": None},
    "top_items": {"limit": None},
    "outcomes": {"timeout": "3d"},
    "funnel": {"window": "3d"},
    "coupon_summary": {"timeout": "3d"},
    "identifier_overlap": {"of": ("identifier", "coupon", "referral"), "show": True},
    "rfm": {"money": "net"},
    "cohort_retention": {"by": "first_discounted"},
}
"""What is asked beside the common arguments, so that no row is left out and no column is null."""

SESSIONS = ("session_count", "gross_total")
ADDITIVE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "totals": (
        (),
        (*SESSIONS, "items_total", "additional_cost_total", "discount_total", "returned_total",
         "discount_known_gross_total", "unit_count", "line_count", "total_known_count"),
    ),
    "states": (("state",), SESSIONS),
    "outcomes": (("outcome",), SESSIONS),
    "funnel": (("step",), ("reached", "unknown", "dropped", "in_progress", "observed", "matured")),
    "transitions": (("from_state", "to_state"), (*SESSIONS, "transition_count", "timed_count")),
    "time_to_close": ((), ("closed_count", "open_count", "cancelled_count", "timed_count",
                           "closed_within_7_days_count", "matured_7_days_count")),
    "discount_summary": (("label",), (*SESSIONS, "discount_total", "row_count", "depth_count",
                                      "discount_given", "discount_reverted", "zero_count")),
    "discount_depth": (("band",), (*SESSIONS, "discount_total")),
    "discount_stacks": (("labels",), (*SESSIONS, "discount_total", "depth_count")),
    "coupon_summary": (("coupon_code",), (*SESSIONS, "discount_total", "accepted_count", "idle")),
    "referral_summary": (("referral_code",), (*SESSIONS, "discount_total", "rejected_count")),
    "campaign_summary": (("campaign_id",), (*SESSIONS, "discount_total", "unmet", "coupon_count",
                                            "residual", "residual_count")),
    "coupon_rejections": (("rejection_reason",), (*SESSIONS, "rejection_count", "closed_count")),
    "customer_summary": (("customer_type",), (*SESSIONS, "discount_total", "discounted_count")),
    "rfm": (("profile_id", "profile_internal_id"), ("frequency", "money", "money_known_count")),
    "cohort_retention": ((), SESSIONS),
    "top_items": (("item",), ("items_total", "unit_count", "session_count", "returned_total")),
}  # fmt: skip
"""The figures of each question that its groups add up to, and what tells its own rows apart.

Not of identifier_overlap: who shares what is another question in every group.
"""


def ask(name: str, tables: Tables, by: tuple[str, ...] = (), **given: Any) -> pa.Table:
    own = WHOLE.get(name, {})
    dimensions = (*by, *([own["by"]] if "by" in own else []))
    dimensions = ("label", *dimensions) if name == "discount_summary" else dimensions
    asked = {"currencies": "EUR", "population": "all", **own, **given, "by": dimensions}
    return QUESTIONS[name].function(tables, **asked).table


def sums(table: pa.Table, keys: tuple[str, ...], figures: tuple[str, ...]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = defaultdict(lambda: [Decimal(0)] * len(figures))
    for row in table.to_pylist():
        key = str([row[name] for name in keys])
        found[key] = [
            total + (row[name] or 0) for total, name in zip(found[key], figures, strict=True)
        ]
    return {key: values for key, values in found.items() if any(values)}


def world(name: str) -> Tables:
    """Sessions with all that a question may be about."""
    if name in ("transitions", "time_to_close", "funnel", "outcomes"):
        return shop_with_history(7, sessions=90)
    return shop_with_effects(7, sessions=90)


@pytest.mark.parametrize("name", sorted(ADDITIVE))
def test_groups_of_one_value_per_session_add_up_to_the_whole(name: str) -> None:
    tables, (keys, figures) = world(name), ADDITIVE[name]
    whole = sums(ask(name, tables), keys, figures)
    assert whole, name
    for place in range(len(figures)):
        assert any(values[place] for values in whole.values()), figures[place]
    for dimension in ONE_VALUE:
        if dimension in QUESTIONS[name].own:
            continue
        parts = ask(name, tables, (dimension,))
        if name == "cohort_retention":
            parts = parts.filter(pa.compute.is_valid(parts["session_count"]))
        assert sums(parts, keys, figures) == whole, dimension


def test_every_question_adds_up_or_says_why_not() -> None:
    assert ADDITIVE.keys() | {"identifier_overlap"} == QUESTIONS.keys()


# --- exact to the 18th decimal --------------------------------------------------------------------

WIDE = Context(prec=80)
NINTH = Decimal("1.000000001")
LAST = Decimal("0.000000000000000001")


@pytest.fixture
def few_decimals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let made-up amounts have eight decimals: half of one is exact, and so is a billionth more."""

    def money(shop: Shop, low: int = 0, high: int = 200) -> Decimal:
        return Decimal(f"{shop.dice.randint(low, high)}.{shop.dice.randrange(10**8):08}")

    monkeypatch.setattr(Shop, "money", money)


def larger(tables: Tables) -> Tables:
    """The same with every amount a billionth larger, to the last digit."""

    def grown(column: pa.ChunkedArray) -> Any:
        if not pa.types.is_decimal(column.type):
            return column
        amounts = (one and times(one).quantize(LAST, context=WIDE) for one in column.to_pylist())
        return pa.array(amounts, column.type)

    return {
        name: pa.table([grown(column) for column in table.columns], schema=table.schema)
        for name, table in tables.items()
    }


def times(amount: Decimal) -> Decimal:
    return WIDE.multiply(amount, NINTH)


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_amounts_a_billionth_larger_are_so_in_every_sum(name: str, few_decimals: None) -> None:
    tables = world(name)
    before = ask(name, tables, ("store_id",), total_row=True)
    after = ask(name, larger(tables), ("store_id",), total_row=True)
    amounts = [one.name for one in before.schema if pa.types.is_decimal(one.type)]
    for one, other in zip(before.to_pylist(), after.to_pylist(), strict=True):
        for column in before.column_names:
            assert is_so_much_larger(one[column], other[column], column in amounts), column
    assert name in ("funnel", "time_to_close") or amounts
    for column in amounts:
        assert any(before[column].to_pylist()), column


def is_so_much_larger(before: Any, after: Any, is_amount: bool) -> bool:
    """Whether an amount grew exactly; means grew about so, and all else stayed."""
    if is_amount and before is not None:
        return bool(after == times(before))
    if isinstance(before, float):
        return math.isclose(before, after, rel_tol=1e-8)
    return bool(before == after)


# --- nothing is left to chance --------------------------------------------------------------------


def shuffled(tables: Tables, seed: int) -> Tables:
    """The same rows in another order."""
    dice, made = Random(seed), {}
    for name, table in tables.items():
        places = list(range(table.num_rows))
        dice.shuffle(places)
        made[name] = table.take(pa.array(places, pa.int64()))
    return made


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_the_order_of_rows_changes_no_digit(name: str) -> None:
    tables = world(name)
    first = ask(name, tables, ("year",), total_row=True)
    for seed in range(3):
        assert ask(name, shuffled(tables, seed), ("year",), total_row=True).equals(first), seed


@pytest.mark.parametrize("name", ["discount_summary", "discount_stacks"])
def test_depths_that_floats_add_up_differently_in_another_order(name: str) -> None:
    found = set()
    for order in permutations(("10", "20", "30")):
        sessions = [
            {"total": "100", "discounts_known": True, "discount_total": value} for value in order
        ]
        labels = [
            {"of": of, "label": "A", "value": value} for of, value in zip("abc", order, strict=True)
        ]
        table = QUESTIONS[name].function(source(*sessions, discounts=labels)).table
        found |= set(table["avg_depth"].to_pylist())
    assert len({0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1}) == 2
    (depth,) = found
    assert depth == pytest.approx(0.2)


# --- what notes say -------------------------------------------------------------------------------

AMBIGUOUS = source({"discounts_known": None, "profile_id": "ann"})
DOUBTED = [one.name for one in QUESTIONS.values() if one.discounts]


@pytest.mark.parametrize("name", DOUBTED)
def test_the_note_on_ambiguous_discounts_names_columns_of_the_answer(name: str) -> None:
    result = QUESTIONS[name].function(AMBIGUOUS)
    (note,) = (one for one in result.notes if "empty discount map" in one)
    named = set(re.findall("discount_(?:total|rate|penetration)", note))
    there = {"discount_total", "discount_rate", "discount_penetration"}
    assert named == there & set(result.table.column_names)
    assert named, name


ALL_STATES = (
    "states", "outcomes", "funnel", "transitions", "time_to_close", "coupon_summary",
    "referral_summary", "coupon_rejections",
)  # fmt: skip


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_a_source_of_one_state_is_told_where_all_states_are_asked_for(name: str) -> None:
    notes = QUESTIONS[name].function(source({}, {})).notes
    assert any("in one state only (closed)" in one for one in notes) == (name in ALL_STATES)
    assert (QUESTIONS[name].population == "all") == (name in ALL_STATES)


# --- discounts that only effects tell, where nothing else asks for them ---------------------------

BOUGHT = {
    "profile_id": "ann",
    "updated_at": at("2024-01-03"),
    "total": "100",
    "first_session": True,
}
NINE_OFF = {
    "of": "a",
    "state": "closed",
    "version_at": at("2024-01-03"),
    "effect_type": "setDiscount",
    "label": "Summer",
    "value": "9",
    "place": 0,
}
TOLD = source(BOUGHT, effects=[NINE_OFF])


@pytest.mark.parametrize(
    ("name", "given", "column", "expected"),
    [
        ("cohort_retention", {"by": "first_discounted"}, "first_discounted", "yes"),
        ("rfm", {"money": "net"}, "money", Decimal(91)),
        ("rfm", {"total_basis": {1: "after_discounts"}}, "money", Decimal(109)),
        ("funnel", {"by": "discounted"}, "discounted", "yes"),
        ("time_to_close", {"where": {"label": "Summer"}}, "closed_count", 1),
        ("customer_summary", {}, "always_discounted_count", 1),
    ],
)
def test_effects_tell_discounts_whatever_asks_for_them(
    name: str, given: Row, column: str, expected: Any
) -> None:
    function: Callable[..., Any] = QUESTIONS[name].function
    assert function(TOLD, **given).table[column][0].as_py() == expected
