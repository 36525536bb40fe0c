"""Notes of answers, word for word: all that a reader must know, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from sessionkit import questions
from sessionkit.errors import UsageError
from tests.asking import Row, at, source

ZERO = {"discounts_known": True, "discount_total": "0"}
"""A session of which it is known that it has no discount."""


def sold(when: str, **more: Any) -> Row:
    return {"created_at": at(when), "total": "1", **ZERO, **more}


YEARS = source(
    sold("2024-02-29T12:00"),
    sold("2025-02-28T12:00"),
    sold("2025-03-01"),
    sold("2026-03-02", state="partially_returned"),
)
BEGIN = "The data begin at 2024-02-29 12:00:00: they hold nothing earlier to compare with."
ELAPSED = (
    "What is not over by 2026-03-02 is compared with as much of what was before: equal elapsed "
    "time, by the clock of tz."
)


@pytest.mark.parametrize(
    ("period", "odd"),
    [
        ("day", " A 29 February stands beside none in a year without one."),
        ("week", " A week 53 stands beside none in a year without one."),
        ("month", ""),
        ("quarter", ""),
        ("year", ""),
    ],
)
def test_each_period_beside_that_of_the_year_before(period: str, odd: str) -> None:
    assert questions.totals(YEARS, by=period, compare="year").notes == (
        f"Each {period} is compared with the same {period} a year before.{odd}",
        ELAPSED,
        BEGIN,
    )


def test_each_period_beside_the_one_before() -> None:
    assert questions.totals(YEARS, by="month", compare="previous").notes == (
        "Each month is compared with the month before it.",
        ELAPSED,
        BEGIN,
    )


def test_two_periods_beside_each_other() -> None:
    both = ("2025", "2026")
    until = "The data go up to 2026-03-02: the later period is not whole in them."
    compared = "Compared: since 2026-01-01 until 2027-01-01, with since 2025-01-01 until 2026-01-01"
    assert questions.totals(YEARS, compare=both).notes == (f"{compared}.", until)
    assert questions.totals(YEARS, compare=both, by="month").notes == (
        f"{compared}; each month with the one in its place.",
        until,
        BEGIN,
    )


def test_periods_that_are_whole_in_the_data_have_nothing_more_to_say() -> None:
    march = "since 2025-03-01 until 2025-04-01, with since 2025-02-01 until 2025-03-01."
    for zone in ("UTC", "Europe/Berlin"):
        both = questions.totals(YEARS, compare=("2025-02", "2025-03"), tz=zone)
        assert both.notes == (f"Compared: {march}",)


def test_without_data_there_is_no_end() -> None:
    assert questions.totals({}, since="2026-03-01", compare="previous").notes == (
        "Compared: since 2026-03-01 until the end, with since 2026-03-01 until 2026-03-01.",
    )


def test_a_stretch_of_months_over_the_turn_of_a_year() -> None:
    quarter: dict[str, Any] = {"since": "2025-12-01", "until": "2026-02-01", "compare": "previous"}
    assert questions.totals(YEARS, **quarter).notes == (
        "Compared: since 2025-12-01 until 2026-02-01, with since 2025-10-01 until 2025-12-01.",
    )
    long: dict[str, Any] = {"since": "2025-01-01", "until": "2026-03-01", "compare": "previous"}
    assert questions.totals(YEARS, **long).notes == (
        "Compared: since 2025-01-01 until 2026-03-01, with since 2023-11-01 until 2025-01-01.",
        BEGIN,
    )


def test_what_only_begins_ends_with_the_data() -> None:
    assert questions.totals(YEARS, since="2026-03-01T12:00", compare="previous").notes == (
        # as_of is in it, so the time before begins a microsecond earlier
        "Compared: since 2026-03-01 12:00:00 until 2026-03-02, with since 2026-02-28 23:59:59 "
        "until 2026-03-01 12:00:00.",
    )


MAPS = source(
    {"discounts_known": None},
    {"discounts_known": None},
    {"discounts_known": False},
    {"discounts_known": False, "state": "partially_returned"},
    ZERO,
)
SAY_SO = "Where it means none, say so with empty_discounts."
MAP = "2 sessions have an empty discount map that can mean none or not known."
NOT_KNOWN = "The discounts of 2 sessions are not known: no discount figure covers them."


@pytest.mark.parametrize(
    ("name", "effect"),
    [
        (
            "totals",
            " In their groups discount_total is a lower bound, and discount_rate and "
            "discount_penetration are null.",
        ),
        ("discount_summary", " In their groups discount_total is a lower bound."),
        (
            "top_items",
            " In their groups discount_penetration is null.",
        ),
    ],
)
def test_what_is_not_known_of_discounts(name: str, effect: str) -> None:
    found = questions.QUESTIONS[name].function(MAPS).notes
    told = [note for note in found if "discount map" in note or "The discounts of" in note]
    assert told == [f"{MAP}{effect} {SAY_SO}", NOT_KNOWN]


LABELS = (
    "A session stands in the row of each of its labels: discounts add up over the rows, "
    "session_count and gross_total do not; total_row adds the distinct figures."
)


def test_one_session_of_which_discounts_are_not_known() -> None:
    one = source({"discounts_known": None}, ZERO | {"state": "partially_returned"})
    assert questions.discount_summary(one).notes == (
        "1 session has an empty discount map that can mean none or not known. In their groups "
        f"discount_total is a lower bound. {SAY_SO}",
        LABELS,
    )
    one = source({"discounts_known": False}, ZERO | {"state": "partially_returned"})
    assert questions.discount_summary(one).notes == (
        "The discounts of 1 session are not known: no discount figure covers them.",
        LABELS,
    )


def test_the_sessions_compared_with_have_notes_of_their_own() -> None:
    tables = source(
        {"created_at": at("2026-01-05"), "discounts_known": False},
        {"created_at": at("2026-02-05"), **ZERO},
    )
    notes = questions.totals(tables, compare=("2026-01", "2026-02")).notes
    assert notes[-1] == (
        "Compared with: The discounts of 1 session are not known: no discount figure covers them."
    )


def test_currencies_that_keep_rows_apart() -> None:
    tables = source(
        *({"application_id": 10 + place, "total": "1", **ZERO} for place in range(12)),
    )
    codes = {10: "EUR", 11: "EUR", 12: "USD"}
    (note,) = questions.totals(tables, currencies=codes).notes
    listed = "10 (EUR), 11 (EUR), 12 (USD), " + ", ".join(
        f"{number} (not known)" for number in range(13, 20)
    )
    assert note == (
        "application_id joined the groups, as amounts of different currencies are never added. "
        f"Currencies of the applications: {listed} and 2 more. Name them with currencies."
    )


def test_times_that_some_sessions_do_not_have() -> None:
    tables = source(
        {"closed_at": at("2026-01-05"), **ZERO},
        {"state": "partially_returned", **ZERO},
    )
    by_closing: dict[str, Any] = {"time_basis": "closed"}
    assert questions.totals(tables, **by_closing).notes == ()
    assert questions.totals(tables, since="2026-01-01", **by_closing).notes == (
        "1 session has no closed_at: they are outside since and until, so they are not counted "
        "here.",
    )
    assert questions.totals(tables, by="month", **by_closing).notes == (
        "1 session has no closed_at: they are in the null period.",
    )


def test_a_currency_that_is_a_list_is_refused() -> None:
    told = {"of": "a", "name": "Money", "kind": "list", "value": '["EUR"]'}
    with pytest.raises(UsageError, match=r"attributes.Money holds lists; a session has one curr"):
        questions.totals(source({}, attributes=[told]), currencies="attributes.Money")
    told = {"of": "a", "name": "Money", "kind": "string", "value": '"EUR"'}
    assert len(questions.totals(source({}, attributes=[told]), currencies="attributes.Money")) == 1


def test_sessions_without_a_coupon_are_told() -> None:
    tables = source(ZERO, {"state": "open", **ZERO}, ZERO)
    assert questions.coupon_summary(tables).notes == (
        "A session with several coupon codes stands in the row of each, so the rows add up to more "
        "than there is; total_row adds the distinct figures.",
        "A coupon code in a session was entered; that alone does not prove that it was accepted.",
        "3 sessions have no coupon code and no part in any row.",
    )
