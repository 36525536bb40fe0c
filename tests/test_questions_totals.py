"""Totals: sums are exact, unknown is not nothing, and no session counts twice."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest

from sessionkit import questions
from sessionkit.columns import MONEY_TYPE
from sessionkit.errors import QueryError
from sessionkit.questions import QUESTIONS
from tests.asking import columns, source
from tests.builders import shop

SHOP = source(
    {"total": "100", "discounts_known": True, "discount_total": "10", "items_total": "90",
     "profile_id": "ann", "line_count": 2, "unit_count": 3},
    {"total": "50.50", "discounts_known": True, "discount_total": "0", "items_total": None,
     "profile_id": "ann", "line_count": 1, "unit_count": 1},
    {"total": None, "items_total": "0", "line_count": 0, "unit_count": 0},
    {"total": "29.50", "items_total": "0", "line_count": 0, "unit_count": 0},
    {"total": "7", "state": "open", "items_total": "7", "line_count": 1, "unit_count": 1},
    cart_items=[
        {"of": "a", "line": 0, "price": "30", "quantity": 2, "returned_quantity": 1},
        {"of": "a", "line": 1, "price": "30", "quantity": 1, "returned_quantity": 0},
        {"of": "b", "line": 0, "price": None, "quantity": 1, "returned_quantity": 1},
    ],
    additional_costs=[
        {"of": "a", "line": None, "name": "shipping", "price": "9"},
        {"of": "a", "line": 0, "name": "wrapping", "price": "1"},
        {"of": "b", "line": None, "name": "shipping", "price": "0.5"},
    ],
)  # fmt: skip
"""Four completed sessions: a with lines and costs, b without a price, c without a total, d of which
the discounts are not known."""


def test_every_figure_of_four_sessions() -> None:
    assert questions.totals(SHOP).table.to_pylist() == [
        {
            "session_count": 4,
            "customer_count": 1,
            "gross_total": Decimal(180),
            "total_known_count": 3,
            "items_total": Decimal(90),
            "priced_count": 3,
            "additional_cost_total": Decimal("10.5"),
            "discount_total": Decimal(10),
            "discount_known_count": 2,
            "discount_ambiguous_count": 0,
            "discount_unknown_count": 2,
            "discount_known_gross_total": Decimal("150.5"),
            "net_total": Decimal("140.5"),
            "returned_total": Decimal(30),
            "returned_known_count": 3,
            "unit_count": 4,
            "line_count": 3,
            "avg_session_value": 60.0,
            "median_session_value": 50.5,
            "avg_units_per_session": 1.0,
            "discounted_count": 1,
            "discount_rate": 10 / 150.5,
            "discount_penetration": 0.5,
        }
    ]


def test_the_population_decides_which_sessions_count() -> None:
    for population, count in (("all", 5), ("open", 1), ("cancelled", 0), (["open", "closed"], 5)):
        assert columns(questions.totals(SHOP, population=population), "session_count") == [(count,)]


def test_no_session_is_one_row_of_zeros_and_nulls() -> None:
    row = questions.totals({}).table.to_pylist()[0]
    nothing = {name for name, value in row.items() if value is None}
    assert nothing == {
        "discount_total", "net_total", "avg_session_value", "median_session_value",
        "avg_units_per_session", "discount_rate", "discount_penetration",
    }  # fmt: skip
    assert {value for name, value in row.items() if name not in nothing} == {0}


def test_no_session_in_any_group_is_no_row_with_the_same_columns() -> None:
    empty = questions.totals({}, by=["month", "label"])
    full = questions.totals(SHOP, by=["month", "label"])
    assert len(empty) == 0
    assert empty.table.schema == full.table.schema


def test_unknown_discounts_are_null_and_not_zero() -> None:
    unknown = source({"total": "5"}, {"total": "5", "discounts_known": None})
    found = columns(questions.totals(unknown), "discount_total", "net_total", "discount_rate")
    assert found == [(None, None, None)]


def test_an_ambiguous_session_takes_the_rates_of_its_group_alone() -> None:
    tables = source(
        {"store_id": "n", "total": "10", "discounts_known": True, "discount_total": "1"},
        {"store_id": "s", "total": "10", "discounts_known": True, "discount_total": "1"},
        {"store_id": "s", "total": "10", "discounts_known": None},
    )
    result = questions.totals(tables, by="store_id")
    shown = columns(result, "store_id", "discount_total", "discount_rate", "discount_penetration")
    assert shown == [("n", Decimal(1), 0.1, 1.0), ("s", Decimal(1), None, None)]
    assert any(
        "empty discount map" in note and note.startswith("1 session") for note in result.notes
    )


def test_an_empty_map_can_be_said_to_mean_none() -> None:
    tables = source(
        {"application_id": 1, "total": "10", "discounts_known": None},
        {"application_id": 2, "total": "10", "discounts_known": None},
    )
    result = questions.totals(tables, by="application_id", empty_discounts={1: "zero"})
    assert columns(result, "discount_known_count", "discount_total", "discount_rate") == [
        (1, Decimal(0), 0.0),
        (0, None, None),
    ]


def test_totals_after_discounts_get_their_discounts_back() -> None:
    tables = source(
        {"application_id": 1, "total": "90", "discounts_known": True, "discount_total": "10"},
        {"application_id": 1, "total": "80"},
        {"application_id": 2, "total": "90", "discounts_known": True, "discount_total": "10"},
    )
    result = questions.totals(tables, by="application_id", total_basis={1: "after_discounts"})
    assert columns(result, "gross_total", "total_known_count", "net_total") == [
        (Decimal(100), 1, Decimal(90)),
        (Decimal(90), 1, Decimal(80)),
    ]
    assert any("before discounts of 1 session" in note for note in result.notes)


def test_totals_that_seem_to_be_after_discounts_are_told() -> None:
    tables = source(
        {"total": "90", "discounts_known": True, "discount_total": "10"},
        findings=[{"of": "a", "rule": "total-after-discounts", "severity": "warning", "count": 1}],
    )
    assert any("seem to be after discounts" in note for note in questions.totals(tables).notes)
    told = questions.totals(tables, total_basis={1: "after_discounts"})
    assert not any("seem to be" in note for note in told.notes)


def test_eighteen_decimals_stay_exact() -> None:
    tables = source(
        {"total": "33.333333333333336"},
        {"total": "0.000000000000000001"},
        {"total": "12345678901234567890.123456789012345678"},
    )
    result = questions.totals(tables)
    assert result.table.schema.field("gross_total").type == MONEY_TYPE
    assert columns(result, "gross_total") == [(Decimal("12345678901234567923.456790122345681679"),)]


def test_a_sum_past_38_digits_is_an_error_in_plain_words() -> None:
    huge = "99999999999999999999"
    tables = source({"total": huge}, {"total": huge}, {"total": huge})
    with pytest.raises(QueryError, match="past 38 digits") as raised:
        questions.totals(tables)
    assert "HUGEINT" not in str(raised.value)


def test_a_price_times_a_quantity_past_38_digits_is_the_same_error() -> None:
    line = {"of": "a", "price": "99999999999999999999", "quantity": 9, "returned_quantity": 9}
    with pytest.raises(QueryError, match="past 38 digits"):
        questions.totals(source({}, cart_items=[line]))


SINGLE = ["application_id", "state", "week", "customer_type", "discounted"]
PER_SESSION = {
    "totals": {},
    "states": {},
    "outcomes": {"timeout": "7d"},
    "discount_summary": {},
}


@pytest.mark.parametrize("name", sorted(PER_SESSION))
def test_the_gross_total_is_the_same_under_every_dimension_with_one_value(name: str) -> None:
    tables = shop(7, sessions=200)
    ask = QUESTIONS[name].function
    given = {"currencies": "EUR", "population": "all", **PER_SESSION[name]}
    whole = sum(ask(tables, by=(), **given).table["gross_total"].to_pylist())
    assert whole != 0
    for dimension in SINGLE:
        parts = ask(tables, by=dimension, **given).table["gross_total"].to_pylist()
        assert sum(parts) == whole, dimension


def test_the_sessions_of_a_funnel_are_the_same_under_every_dimension_with_one_value() -> None:
    tables = shop(7, sessions=200)
    for dimension in SINGLE:
        found = questions.funnel(tables, by=dimension).table.to_pylist()
        assert sum(row["reached"] for row in found if row["step"] == 1) == 200, dimension


def test_customers_are_counted_once_whether_by_name_or_by_number() -> None:
    tables = source(
        {"profile_id": "ann", "profile_internal_id": 7},
        {"profile_id": None, "profile_internal_id": 7},
        {"profile_id": "ann", "application_id": 2},
        {"profile_id": None, "profile_internal_id": 8},
        {"profile_id": None, "profile_internal_id": None},
    )
    assert columns(questions.totals(tables, currencies="EUR"), "customer_count") == [(2,)]


def test_guests_are_anonymous() -> None:
    tables = source(
        {"profile_id": "guest-1", "profile_internal_id": 1, "first_session": True},
        {"profile_id": None, "profile_internal_id": 1, "first_session": True},
        {"profile_id": "ann", "first_session": True},
        {"profile_id": "bob", "first_session": None},
        {"profile_id": "eve", "first_session": False},
    )
    result = questions.totals(tables, by="customer_type", guests="^guest-")
    assert columns(result, "customer_type", "session_count", "customer_count") == [
        ("anonymous", 2, 0),
        ("new", 1, 1),
        ("returning", 1, 1),
        ("unknown", 1, 1),
    ]


def test_the_definition_tells_every_column_and_no_other() -> None:
    for question in QUESTIONS.values():
        by = ["month", "label", "attributes.Any"]
        result = question.function({}, by=by, total_row=True)
        assert list(result.definition) == result.table.column_names
        assert all(result.definition.values())
        assert set(question.columns) <= set(result.table.column_names)


def test_the_text_that_ran_can_be_run_again() -> None:
    from sessionkit import database

    tables = shop(3)
    given = {"by": ["week", "attributes.Channel"], "where": {"label": ["10% off", None]}}
    result = questions.totals(tables, tz="Asia/Tokyo", guests="it's", **given)
    with database.connect(tables) as connection:
        *before, last = connection.extract_statements(result.sql)
        for statement in before:
            connection.execute(statement)
        again: pa.Table = connection.sql(last.query).to_arrow_table()
    assert len(result) > 3
    assert again.drop_columns(["is_total", "grp"]) == result.table.select(
        [n for n in result.table.column_names if n in again.column_names]
    )
