"""Customers: who is new, who comes back, who is best; nobody counts twice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sessionkit import questions
from sessionkit.errors import UsageError
from tests.asking import Row, at, columns, source
from tests.builders import shop

KNOWN = {"discounts_known": True}
NEW, BACK = {"first_session": True}, {"first_session": False}
ANN, BOB, EVE = ({"profile_id": name} for name in ("ann", "bob", "eve"))

BUYERS = source(
    {**ANN, **NEW, **KNOWN, "total": "10", "discount_total": "1"},
    {**ANN, **BACK, **KNOWN, "total": "20", "discount_total": "2"},
    {**ANN, **BACK, **KNOWN, "total": "30", "discount_total": "3"},
    {**BOB, **NEW, **KNOWN, "total": "40", "discount_total": "0"},
    {**BOB, **BACK, "total": "50", "discounts_known": None},
    {**EVE, "total": None, "discounts_known": False},
    {"profile_id": None, "first_session": True, "total": "7"},
    {**EVE, **BACK, "total": "99", "state": "open"},
)
"""Completed: three of Ann, always at a discount; two of Bob; one of Eve, of which nothing is told;
one of nobody. Beside them Eve has an open session."""


def test_every_figure_of_every_customer_type() -> None:
    counts = ("customer_0_count", "customer_1_count", "customer_2_count", "customer_3_plus_count")
    names = (
        "customer_type", "session_count", "share", "customer_count", "gross_total",
        "total_known_count", "discount_total", "net_total", *counts, "repeat_rate",
        "always_discounted_count", "maybe_always_discounted_count",
    )  # fmt: skip
    result = questions.customer_summary(BUYERS, total_row=True)
    assert columns(result, *names) == [
        ("new", 2, 2 / 7, 2, 50, 2, Decimal(1), Decimal(49), 0, 0, 1, 1, 1.0, 1, 0),
        ("returning", 3, 3 / 7, 2, 100, 3, Decimal(5), Decimal(45), 0, 0, 1, 1, 1.0, 1, 0),
        ("unknown", 1, 1 / 7, 1, 0, 0, None, None, 0, 1, 0, 0, 0.0, 0, 1),
        ("anonymous", 1, 1 / 7, 0, 7, 1, None, None, 0, 0, 0, 0, None, 0, 0),
        (None, 7, 1.0, 3, 157, 6, Decimal(6), Decimal(94), 0, 1, 1, 1, 2 / 3, 1, 1),
    ]
    assert columns(result, "is_total") == [(False,)] * 4 + [(True,)]


def test_what_is_known_of_discounts_stands_beside_them() -> None:
    result = questions.customer_summary(BUYERS)
    names = ("discount_known_count", "discount_ambiguous_count", "discount_unknown_count")
    assert columns(result, *names, "discounted_count", "discount_rate", "discount_penetration") == [
        (2, 0, 0, 1, 0.02, 0.5),
        (2, 1, 0, 2, None, None),
        (0, 0, 1, 0, None, None),
        (0, 0, 1, 0, None, None),
    ]


def test_customers_without_a_completed_session_are_told_where_the_population_has_some() -> None:
    result = questions.customer_summary(BUYERS, population="open")
    assert columns(result, "customer_count", "customer_0_count", "repeat_rate") == [
        (0, 0, None),
        (1, 1, None),
        (0, 0, None),
        (0, 0, None),
    ]


def test_how_often_a_customer_bought_is_told_of_the_group() -> None:
    tables = source({**ANN, "store_id": "n"}, {**ANN, "store_id": "n"}, {**ANN, "store_id": "s"})
    whole = questions.customer_summary(tables)
    parts = questions.customer_summary(tables, by="store_id")
    names = ("customer_1_count", "customer_2_count", "customer_3_plus_count")
    assert columns(whole, *names)[2] == (0, 0, 1)
    assert [row for row in columns(parts, *names) if any(row)] == [(0, 1, 0), (1, 0, 0)]
    assert columns(questions.customer_summary(tables, where={"store_id": "n"}), *names)[2] == (
        0, 1, 0,
    )  # fmt: skip


def test_the_customer_type_in_by_changes_nothing() -> None:
    plain, named = (questions.customer_summary(BUYERS, by=by) for by in ((), "customer_type"))
    assert plain.table == named.table


def test_customer_types_of_two_periods_lie_side_by_side() -> None:
    tables = source(
        {**ANN, **NEW, "total": "10", "created_at": at("2024-01-05")},
        {**BOB, **NEW, "total": "30", "created_at": at("2024-02-05")},
    )
    result = questions.customer_summary(tables, compare=("2024-01", "2024-02"))
    names = ("customer_type", "gross_total", "gross_total_before", "gross_total_change")
    assert columns(result, *names)[0] == ("new", 30, 10, 2.0)


# ---- all of them


ALL = ("customer_summary", "cohort_retention", "rfm")
SINGLE = ["application_id", "state", "week", "customer_type", "discounted", "store_id"]


@pytest.mark.parametrize("name", ["customer_summary", "cohort_retention"])
def test_money_is_the_same_under_every_dimension_with_one_value(name: str) -> None:
    tables, ask = shop(7, sessions=200), getattr(questions, name)
    given = {"currencies": "EUR", "population": "all"}
    figures = ("gross_total", "session_count")

    def sums(by: Any) -> list[Any]:
        table = ask(tables, by=by, **given).table
        return [sum(v for v in table[figure].to_pylist() if v is not None) for figure in figures]

    whole = sums(())
    assert all(whole)
    for dimension in [*SINGLE, *(["first_discounted"] if name == "cohort_retention" else [])]:
        assert sums(dimension) == whole, dimension


@pytest.mark.parametrize("name", ALL)
def test_eighteen_decimals_stay_exact(name: str) -> None:
    tables = source(
        {**ANN, **NEW, "total": "33.333333333333336"},
        {**ANN, **NEW, "total": "12345678901234567890.123456789012345678"},
    )
    table = getattr(questions, name)(tables).table
    figure = "money" if name == "rfm" else "gross_total"
    assert max(table[figure].to_pylist()) == Decimal("12345678901234567923.456790122345681678")


@pytest.mark.parametrize("name", ["cohort_retention", "rfm"])
def test_no_session_is_no_row_with_the_same_columns(name: str) -> None:
    ask = getattr(questions, name)
    assert len(ask({}, total_row=True)) == 0
    assert ask({}, by="month").table.schema == ask(BUYERS, by="month").table.schema


def test_no_session_is_four_rows_of_zeros_and_nulls() -> None:
    rows = questions.customer_summary({}).table.to_pylist()
    assert [row.pop("customer_type") for row in rows] == [
        "new",
        "returning",
        "unknown",
        "anonymous",
    ]
    assert {value for row in rows for value in row.values()} == {0, None}


@pytest.mark.parametrize("name", ALL)
def test_currencies_are_not_mixed(name: str) -> None:
    tables = source({**ANN, "total": "1"}, {**ANN, "total": "2", "application_id": 2})
    figure = "money" if name == "rfm" else "gross_total"
    ask = getattr(questions, name)
    apart = [row for row in columns(ask(tables), "application_id", figure) if row[1]]
    assert apart == [(1, 1), (2, 2)]
    assert [row for row in columns(ask(tables, currencies="EUR"), figure) if row[0]] == [(3,)]


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("cohort_retention", {"period": "day"}, "unknown period 'day'.*month, quarter, week, year"),
        ("cohort_retention", {"by": "first_discount"}, "unknown dimension 'first_discount'"),
        ("cohort_retention", {"by": 5}, "by: expected names of dimensions, got 5"),
        ("cohort_retention", {"compare": "previous", "since": "2024-01-01"}, "takes no compare"),
        ("rfm", {"money": "both"}, "unknown money 'both'.*gross, net"),
        ("rfm", {"by": "first_discounted"}, "unknown dimension 'first_discounted'"),
        ("customer_summary", {"money": "net"}, "unknown argument 'money'"),
    ],
)
def test_a_wrong_argument_is_told(name: str, given: Row, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        getattr(questions, name)(BUYERS, **given)
