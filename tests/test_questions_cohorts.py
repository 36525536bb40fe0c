"""Cohorts: when customers began, and who of them was there in each period after."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from sessionkit import questions
from tests.asking import at, columns, source

KNOWN = {"discounts_known": True}
NEW, BACK = {"first_session": True}, {"first_session": False}
ANN, BOB, EVE = ({"profile_id": name} for name in ("ann", "bob", "eve"))


def visits(*told: tuple[str, str, bool | None]) -> dict[str, Any]:
    """Completed sessions of customers on days, with what they say of being the first."""
    return source(
        *(
            {"profile_id": who, "created_at": at(day), "first_session": first, "total": "10"}
            for who, day, first in told
        )
    )


YEAR = visits(
    ("ann", "2024-01-10", True),
    ("ann", "2024-02-10", False),
    ("ann", "2024-02-20", False),
    ("bob", "2024-01-31", None),
    ("eve", "2024-02-05", True),
    ("eve", "2024-04-30", False),
    ("old", "2024-01-02", False),
    ("old", "2024-03-02", False),
)
SHOWN = ("cohort", "period", "age", "customer_count", "active_count", "retention", "session_count")


def month(number: int) -> date:
    return date(2024, number, 1)


def test_every_cell_of_three_cohorts() -> None:
    result = questions.cohort_retention(YEAR)
    assert columns(result, *SHOWN, "is_current", "left_censored", "first_unknown_count") == [
        ("earlier", month(1), None, 1, 1, 1.0, 1, False, False, 0),
        ("earlier", month(2), None, 1, 0, 0.0, 0, False, False, 0),
        ("earlier", month(3), None, 1, 1, 1.0, 1, False, False, 0),
        ("earlier", month(4), None, 1, 0, 0.0, 0, True, False, 0),
        ("2024-01-01", month(1), 0, 2, 2, 1.0, 2, False, True, 1),
        ("2024-01-01", month(2), 1, 2, 1, 0.5, 2, False, True, 1),
        ("2024-01-01", month(3), 2, 2, 0, 0.0, 0, False, True, 1),
        ("2024-01-01", month(4), 3, 2, 0, 0.0, 0, True, True, 1),
        ("2024-02-01", month(2), 0, 1, 1, 1.0, 1, False, False, 0),
        ("2024-02-01", month(3), 1, 1, 0, 0.0, 0, False, False, 0),
        ("2024-02-01", month(4), 2, 1, 1, 1.0, 1, True, False, 0),
        ("2024-02-01", month(5), 3, 1, None, None, None, False, False, 0),
    ]
    assert columns(result, "first_discounted") == [(None,)] * 12


def test_a_first_cohort_of_whom_all_is_told_is_not_censored() -> None:
    result = questions.cohort_retention(visits(("ann", "2024-01-10", True)))
    assert columns(result, "cohort", "left_censored") == [("2024-01-01", False)]


def test_the_earliest_session_of_any_state_and_application_tells_whether_they_came_before() -> None:
    tables = source(
        {**ANN, **BACK, "state": "open", "application_id": 2, "created_at": at("2024-01-01")},
        {**ANN, "created_at": at("2024-02-01")},
        {**BOB, **NEW, "state": "open", "created_at": at("2024-01-01")},
        {**BOB, **BACK, "created_at": at("2024-02-01")},
    )
    for given in ({}, {"where": {"application_id": 1}}, {"since": "2024-02-01"}):
        result = questions.cohort_retention(tables, **given)
        assert columns(result, "cohort", "age", "customer_count") == [
            ("earlier", None, 1),
            ("2024-02-01", 0, 1),
        ]


def test_since_until_and_population_choose_what_counts_but_not_the_cohort() -> None:
    result = questions.cohort_retention(YEAR, since="2024-02-15", until="2024-04-01")
    assert columns(result, "cohort", "period", "customer_count", "active_count")[4:] == [
        ("2024-01-01", month(1), 2, None),
        ("2024-01-01", month(2), 2, 1),
        ("2024-01-01", month(3), 2, 0),
        ("2024-01-01", month(4), 2, None),
        ("2024-02-01", month(2), 1, 0),
        ("2024-02-01", month(3), 1, 0),
        ("2024-02-01", month(4), 1, None),
        ("2024-02-01", month(5), 1, None),
    ]
    cancelled = questions.cohort_retention(YEAR, population="cancelled")
    assert columns(cancelled, "cohort", "customer_count", "active_count")[4] == ("2024-01-01", 2, 0)


def test_an_earlier_as_of_leaves_out_what_came_later() -> None:
    result = questions.cohort_retention(YEAR, as_of="2024-02-15")
    assert columns(result, *SHOWN[:5]) == [
        ("earlier", month(1), None, 1, 1),
        ("earlier", month(2), None, 1, 0),
        ("2024-01-01", month(1), 0, 2, 2),
        ("2024-01-01", month(2), 1, 2, 1),
        ("2024-02-01", month(2), 0, 1, 1),
        ("2024-02-01", month(3), 1, 1, None),
    ]
    assert any("3 sessions are later than as_of" in note for note in result.notes)


@pytest.mark.parametrize(
    ("period", "cohort", "ages"),
    [
        ("week", "2024-01-08", 17),
        ("month", "2024-01-01", 4),
        ("quarter", "2024-01-01", 2),
        ("year", "2024-01-01", 1),
    ],
)
def test_cohorts_are_cut_in_any_period(period: str, cohort: str, ages: int) -> None:
    tables = visits(("ann", "2024-01-10", True), ("ann", "2024-04-30", False))
    result = questions.cohort_retention(tables, period=period)
    rows = columns(result, "cohort", "age", "active_count")
    assert rows[0] == (cohort, 0, 1)
    assert rows[-1] == (cohort, ages - 1, 1)
    assert sum(active for _, _, active in rows) == min(ages, 2)


def test_a_cohort_begins_at_midnight_of_its_zone() -> None:
    tables = visits(("ann", "2024-01-31T23:30:00+00:00", True))
    for tz, cohort in (("UTC", "2024-01-01"), ("Europe/Berlin", "2024-02-01")):
        assert columns(questions.cohort_retention(tables, tz=tz), "cohort") == [(cohort,)]


def test_cohorts_that_began_at_a_discount_stand_apart() -> None:
    tables = source(
        {**ANN, **NEW, **KNOWN, "discount_total": "1", "total": "9"},
        {**ANN, **BACK, **KNOWN, "discount_total": "0", "created_at": at("2024-02-01")},
        {**BOB, **NEW, **KNOWN, "discount_total": "0", "total": "5"},
        {**EVE, **NEW, "total": "3"},
    )
    result = questions.cohort_retention(tables, by=["first_discounted", "store_id"])
    names = ("store_id", "first_discounted", "cohort", "age", "customer_count", "active_count")
    assert columns(result, *names) == [
        (None, "no", "2024-01-01", 0, 1, 1),
        (None, "no", "2024-01-01", 1, 1, 0),
        (None, "unknown", "2024-01-01", 0, 1, 1),
        (None, "unknown", "2024-01-01", 1, 1, 0),
        (None, "yes", "2024-01-01", 0, 1, 1),
        (None, "yes", "2024-01-01", 1, 1, 1),
    ]


def test_only_the_first_cohort_can_be_cut_off_by_where_the_data_begin() -> None:
    tables = visits(("ann", "2024-01-10", True), ("bob", "2024-02-10", None))
    result = questions.cohort_retention(tables)
    assert columns(result, "cohort", "age", "left_censored", "first_unknown_count") == [
        ("2024-01-01", 0, False, 0),
        ("2024-01-01", 1, False, 0),
        ("2024-02-01", 0, False, 1),
        ("2024-02-01", 1, False, 1),
    ]


def test_a_period_that_ends_where_the_time_asked_for_begins_is_not_told() -> None:
    tables = visits(("ann", "2024-01-10", True), ("ann", "2024-02-01", False))
    result = questions.cohort_retention(tables, since="2024-02-01")
    assert columns(result, "period", "active_count") == [(month(1), None), (month(2), 1)]
    result = questions.cohort_retention(tables, until="2024-02-01")
    assert columns(result, "period", "active_count") == [(month(1), 1), (month(2), None)]


def test_a_day_belongs_to_the_period_of_its_zone() -> None:
    tables = visits(
        ("ann", "2024-01-31T22:59:59.999999", True),
        ("bob", "2024-01-31T23:00:00", True),
        ("bob", "2024-03-31T22:00:00", False),
    )
    result = questions.cohort_retention(tables, tz="Europe/Berlin")
    assert columns(result, "cohort", "period", "active_count", "is_current") == [
        ("2024-01-01", month(1), 1, False),
        ("2024-01-01", month(2), 0, False),
        ("2024-01-01", month(3), 0, False),
        ("2024-01-01", month(4), 0, True),
        ("2024-02-01", month(2), 1, False),
        ("2024-02-01", month(3), 0, False),
        ("2024-02-01", month(4), 1, True),
        ("2024-02-01", month(5), None, False),
    ]


def test_sessions_before_the_first_completed_one_have_a_negative_age() -> None:
    tables = source(
        {**ANN, **NEW, "state": "open"},
        {**ANN, **BACK, "created_at": at("2024-03-01")},
        {**BOB, **NEW, "state": "open"},
        {},
    )
    result = questions.cohort_retention(tables, population="all")
    assert columns(result, "cohort", "period", "age", "active_count") == [
        ("2024-03-01", month(1), -2, 1),
        ("2024-03-01", month(3), 0, 1),
        (None, month(1), None, 1),
    ]
    assert "1 session is anonymous and in no cohort." in result.notes


def test_sessions_without_the_time_asked_by_stand_in_a_null_period() -> None:
    tables = source({**ANN, "closed_at": at("2024-01-02")}, ANN, BOB)
    result = questions.cohort_retention(tables, time_basis="closed", as_of="2024-01-20")
    assert columns(result, *SHOWN[:5]) == [
        ("2024-01-01", month(1), 0, 1, 1),
        ("2024-01-01", None, None, 1, 1),
        (None, None, None, 1, 1),
    ]
