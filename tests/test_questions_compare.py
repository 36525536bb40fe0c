"""Comparisons: which sessions stand before, what the columns say, and what cannot be compared."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from sessionkit import questions
from sessionkit.cli import main
from sessionkit.errors import QueryError, UsageError
from sessionkit.questions import QUESTIONS
from sessionkit.tables import ALL
from tests.asking import at, columns, source
from tests.builders import shop
from tests.literal_dumps import THREE, write_lines

COMPARED = [one for one in QUESTIONS.values() if one.compares]
D = Decimal


def sold(when: str, total: str = "1", **more: Any) -> dict[str, Any]:
    return {"created_at": at(when), "total": total, **more}


def counts(tables: Any, **given: Any) -> list[tuple[Any, ...]]:
    result = questions.totals(tables, **given)
    return columns(result, "session_count", "session_count_before")


SPRING = source(
    sold("2026-02-01", "10"),
    sold("2026-02-28T23:59:59", "30.000000000000000001"),
    sold("2026-03-01", "20"),
    sold("2026-03-10", "25"),
    sold("2026-03-31T12:00", "0.5"),
    sold("2026-04-02", "7"),
)
"""Two sessions of February, three of March, one of April; the data go up to 2 April."""

MARCH = {"since": "2026-03-01", "until": "2026-04-01"}


def test_a_whole_month_is_compared_with_the_whole_month_before() -> None:
    row = questions.totals(SPRING, compare="previous", **MARCH).table.to_pylist()[0]
    assert row["session_count"] == 3
    assert row["session_count_before"] == 2
    assert row["session_count_difference"] == 1
    assert row["session_count_change"] == 0.5
    assert row["gross_total"] == D("45.5")
    assert row["gross_total_before"] == D("40.000000000000000001")
    assert row["gross_total_difference"] == D("5.499999999999999999")
    assert row["gross_total_change"] == pytest.approx(45.5 / 40 - 1)
    assert row["discount_total_before"] is None
    assert row["discount_total_difference"] is None
    assert row["discount_total_change"] is None


def test_a_month_under_way_is_compared_with_as_much_of_the_month_before() -> None:
    april = {"since": "2026-04-01", "until": "2026-05-01", "compare": "previous"}
    assert counts(SPRING, **april) == [(1, 1)]
    assert counts(SPRING, as_of="2026-04-10T00:00:00Z", **april) == [(1, 2)]
    assert counts(SPRING, as_of="2026-04-09T23:59:59Z", **april) == [(1, 1)]
    notes = questions.totals(SPRING, **april).notes
    assert notes[0].startswith("Compared: since 2026-04-01 until 2026-05-01, with since 2026-03-01")
    assert any("equal elapsed time" in note for note in notes)


def test_a_session_of_the_very_moment_counts_and_one_of_the_next_microsecond_does_not() -> None:
    tables = source(
        sold("2026-03-02"),
        sold("2026-03-02T00:00:00.000001"),
        sold("2026-04-01"),
        sold("2026-04-02"),
    )
    april = {"since": "2026-04-01", "until": "2026-05-01", "compare": "previous"}
    assert counts(tables, **april) == [(2, 1)]
    assert counts(tables, as_of="2026-04-02T00:00:00Z", **april) == [(2, 1)]
    assert counts(tables, as_of="2026-04-02T00:00:00.000001Z", **april) == [(2, 2)]


def test_a_leap_day_is_compared_with_the_end_of_the_28th_a_year_before() -> None:
    tables = source(
        sold("2027-02-28T12:00"), sold("2027-03-01"), sold("2028-02-29T12:00"), sold("2028-03-01")
    )
    leap = {"since": "2028-02-29", "until": "2028-03-02", "compare": "year"}
    assert counts(tables, **leap) == [(2, 1)]
    leap = {"since": "2028-02-28", "until": "2028-02-29", "compare": "year"}
    assert counts(tables, **leap) == [(0, 1)]


def test_what_only_begins_is_compared_with_the_same_length_just_before() -> None:
    assert counts(SPRING, compare="previous", since="2026-03-10") == [(3, 2)]
    days = {"since": "2026-03-10", "until": "2026-03-20", "compare": "previous"}
    assert counts(SPRING, **days) == [(1, 2)]


def test_a_year_before_is_the_same_date_and_29_february_has_none() -> None:
    leap = source(
        sold("2023-02-28T20:00"), sold("2023-03-01"), sold("2024-02-29T10:00"), sold("2024-03-01"),
        sold("2024-06-01"),
    )  # fmt: skip
    assert counts(leap, compare="year", since="2024-02-28", until="2024-03-01") == [(1, 1)]
    assert counts(leap, compare="year", since="2024-02-29", until="2024-03-01") == [(1, 0)]
    assert counts(leap, compare="year", since="2024-03-01", until="2024-03-02") == [(1, 1)]


def test_days_are_local_and_a_change_of_clocks_moves_nothing() -> None:
    berlin = source(
        sold("2026-03-27T22:30Z"), sold("2026-03-27T23:30Z"), sold("2026-03-28T22:59Z"),
        sold("2026-03-28T23:00Z"), sold("2026-03-29T21:59Z"), sold("2026-03-29T22:00Z"),
    )  # fmt: skip
    day = {"since": "2026-03-29", "until": "2026-03-30", "compare": "previous"}
    assert counts(berlin, tz="Europe/Berlin", **day) == [(2, 2)]
    assert counts(berlin, **day) == [(2, 0)]  # the data end at ten in the evening
    by_day = questions.totals(berlin, by="day", compare="previous", tz="Europe/Berlin")
    assert columns(by_day, "day", "day_before", "session_count", "session_count_before") == [
        (date(2026, 3, 27), date(2026, 3, 26), 1, 0),
        (date(2026, 3, 28), date(2026, 3, 27), 2, 1),
        (date(2026, 3, 29), date(2026, 3, 28), 2, 2),
        (date(2026, 3, 30), date(2026, 3, 29), 1, 1),
    ]


def test_each_month_is_compared_with_the_one_before_it() -> None:
    result = questions.totals(SPRING, by="month", compare="previous")
    assert columns(
        result, "month", "partial", "month_before", "session_count", "session_count_before",
        "session_count_difference", "session_count_change",
    ) == [
        (date(2026, 2, 1), False, date(2026, 1, 1), 2, 0, 2, None),
        (date(2026, 3, 1), False, date(2026, 2, 1), 3, 2, 1, 0.5),
        (date(2026, 4, 1), True, date(2026, 3, 1), 1, 1, 0, 0.0),
    ]  # fmt: skip
    assert "Each month is compared with the month before it." in result.notes
    assert any(note.startswith("The data begin at 2026-02-01") for note in result.notes)


def test_a_long_month_falls_on_a_short_one_whole() -> None:
    tables = source(*(sold(f"2026-01-{day:02}") for day in (1, 28, 31)), sold("2026-03-05"))
    found = questions.totals(tables, by="month", compare="previous")
    assert columns(found, "session_count", "session_count_before") == [(3, 0), (0, 3), (1, 0)]
    under_way = source(*(sold(f"2026-01-{day:02}") for day in (1, 28, 31)), sold("2026-02-20"))
    found = questions.totals(under_way, by="month", compare="previous")
    assert columns(found, "session_count", "session_count_before") == [(3, 0), (1, 1)]


def test_a_day_and_a_week_without_one_a_year_before_have_nothing_beside_them() -> None:
    leap = source(sold("2024-02-29"), sold("2023-02-28"), sold("2024-06-01"))
    found = questions.totals(leap, by="day", compare="year")
    assert columns(found, "day", "day_before", "session_count_before", "gross_total_difference")[
        1:3
    ] == [(date(2024, 2, 28), date(2023, 2, 28), 1, D(-1)), (date(2024, 2, 29), None, None, None)]
    weeks = source(sold("2020-12-31"), sold("2019-12-31"), sold("2021-01-05"))
    found = questions.totals(weeks, by="week", compare="year")
    assert columns(found, "week", "week_before", "session_count", "session_count_before") == [
        (date(2019, 12, 30), date(2018, 12, 31), 1, 0),
        (date(2020, 12, 28), None, 1, None),
        (date(2021, 1, 4), date(2019, 12, 30), 1, 1),
    ]


def test_sessions_without_the_time_asked_by_are_compared_with_nothing() -> None:
    tables = source(sold("2026-01-05"), sold("2026-01-06", closed_at=at("2026-01-07")))
    found = questions.totals(tables, by="month", time_basis="closed", compare="previous")
    assert columns(found, "month", "month_before", "session_count", "session_count_before") == [
        (date(2026, 1, 1), date(2025, 12, 1), 1, 0),
        (None, None, 1, None),
    ]


def test_two_periods_are_compared_as_they_are() -> None:
    for pair in (
        ("2026-02", "2026-03"),
        (("2026-02-01", "2026-03-01"), ("2026-03-01", "2026-04-01")),
        ["2026-02-01..2026-03-01", "2026-03"],
    ):
        assert counts(SPRING, compare=pair) == [(3, 2)]
    assert counts(SPRING, compare=("2026-Q1", "2026-Q2")) == [(1, 5)]
    assert counts(SPRING, compare=("2025", "2026")) == [(6, 0)]
    assert counts(SPRING, compare=("2026-W09", "2026-W11")) == [(1, 2)]
    assert counts(SPRING, compare=(date(2026, 3, 31), "2026-04-02")) == [(1, 1)]
    notes = questions.totals(SPRING, compare=("2026-03", "2026-04")).notes
    assert notes[0].startswith("Compared: since 2026-04-01 until 2026-05-01, with since 2026-03-01")
    assert any("the later period is not whole" in note for note in notes)


def test_days_of_two_periods_are_laid_over_each_other() -> None:
    found = questions.totals(SPRING, by="day", compare=("2026-02", "2026-03"))
    assert columns(found, "day", "day_before", "session_count", "session_count_before") == [
        (date(2026, 3, 1), date(2026, 2, 1), 1, 1),
        (date(2026, 3, 10), date(2026, 2, 10), 1, 0),
        (date(2026, 3, 28), date(2026, 2, 28), 0, 1),
        (date(2026, 3, 31), date(2026, 3, 3), 1, 0),
    ]


def test_a_group_of_one_side_has_the_figures_of_no_session_on_the_other() -> None:
    tables = source(
        sold("2026-02-03", "5", store_id="old", discounts_known=True, discount_total="2"),
        sold("2026-03-03", "8", store_id="new", discounts_known=True, discount_total="4"),
        discounts=[{"of": "a", "label": "Old", "value": "2"},
                   {"of": "b", "label": "New", "value": "4"}],
    )  # fmt: skip
    found = questions.totals(tables, by="store_id", compare=("2026-02", "2026-03"))
    names = ("gross_total", "gross_total_before", "gross_total_difference", "gross_total_change")
    assert columns(found, "store_id", *names) == [
        ("new", D(8), D(0), D(8), None),
        ("old", D(0), D(5), D(-5), -1.0),
    ]
    assert columns(found, "discount_total", "discount_total_before", "discount_rate_before") == [
        (D(4), None, None),
        (None, D(2), 0.4),
    ]
    labels = questions.discount_summary(tables, compare=("2026-02", "2026-03"))
    names = ("discount_total", "discount_total_before", "share", "share_before")
    assert columns(labels, "label", *names, "share_difference") == [
        ("New", D(4), D(0), 1.0, 0.0, 1.0),
        ("Old", D(0), D(2), 0.0, 1.0, -1.0),
    ]


def test_states_has_all_states_on_both_sides() -> None:
    tables = source(sold("2026-02-03", state="open"), sold("2026-03-03", state="closed"))
    found = questions.states(tables, compare=("2026-02", "2026-03"))
    assert columns(found, "state", "session_count", "session_count_before", "share_difference") == [
        ("open", 0, 1, -1.0),
        ("closed", 1, 0, 1.0),
        ("partially_returned", 0, 0, 0.0),
        ("cancelled", 0, 0, 0.0),
    ]
    assert "share_change" not in found.table.column_names


def test_currencies_of_either_side_stay_apart() -> None:
    tables = source(
        sold("2026-02-03", "5", application_id=1), sold("2026-03-03", "8", application_id=2)
    )
    found = questions.totals(tables, compare=("2026-02", "2026-03"), total_row=True)
    assert columns(found, "is_total", "application_id", "gross_total", "gross_total_before") == [
        (False, 1, D(0), D(5)), (False, 2, D(8), D(0)),
        (True, 1, D(0), D(5)), (True, 2, D(8), D(0)),
    ]  # fmt: skip
    assert any("application_id joined the groups" in note for note in found.notes)
    added = questions.totals(tables, compare=("2026-02", "2026-03"), currencies="EUR")
    assert columns(added, "gross_total", "gross_total_before") == [(D(8), D(5))]


def test_the_total_row_has_distinct_figures_on_both_sides() -> None:
    tables = source(
        sold("2026-02-03", "5"), sold("2026-03-03", "8"), sold("2026-03-04", "1"),
        sold("2026-04-01", "0"),
        coupons=[{"of": one, "code": code} for one in "ab" for code in ("X", "Y")],
    )  # fmt: skip
    given = {"compare": "previous", "since": "2026-03-01", "until": "2026-04-01"}
    found = questions.totals(tables, by="coupon_code", total_row=True, **given)
    assert columns(found, "is_total", "coupon_code", "gross_total", "gross_total_before") == [
        (False, "X", D(8), D(5)), (False, "Y", D(8), D(5)), (False, None, D(1), D(0)),
        (True, None, D(9), D(5)),
    ]  # fmt: skip
    months = questions.totals(tables, by="month", total_row=True, compare="previous")
    assert columns(months, "is_total", "month_before", "gross_total", "gross_total_before")[-1] == (
        True, None, D(14), D(5),
    )  # fmt: skip


def test_the_same_sums_stand_before_under_every_dimension() -> None:
    tables = shop(3)
    given: dict[str, Any] = {
        "compare": "previous", "since": "2024-04-01", "until": "2024-05-01", "currencies": "EUR",
    }  # fmt: skip
    expected = columns(questions.totals(tables, **given), "session_count_before")[0][0]
    gross = columns(questions.totals(tables, **given), "gross_total_before")[0][0]
    assert expected > 0
    for by in ("store_id", "state", "customer_type", "discounted", "has_coupon", "application_id"):
        result = questions.totals(tables, by=by, **given)
        assert sum(row[0] for row in columns(result, "session_count_before")) == expected, by
        assert sum(row[0] for row in columns(result, "gross_total_before")) == gross, by


@pytest.mark.parametrize("question", COMPARED, ids=lambda one: one.name)
def test_an_empty_source_has_the_columns_of_a_full_one(question: Any) -> None:
    for given in (
        {"compare": "previous", "since": "2024-04-01"},
        {"compare": "year", "by": ("month", "store_id")},
        {"compare": ("2024-03", "2024-04"), "by": ("store_id",), "total_row": True},
    ):
        empty = question.function({}, currencies="EUR", **given)
        full = question.function(shop(1), currencies="EUR", **given)
        assert empty.table.schema == full.table.schema
        assert set(full.definition) == set(full.table.column_names)
        if "by" in given:
            assert not any(row for row in empty.table.to_pylist() if not row.get("is_total"))
        figures = [name for name in empty.table.column_names if name.endswith("_change")]
        assert figures
        assert all(value is None for name in figures for value in empty.table[name].to_pylist())


@pytest.mark.parametrize("question", COMPARED, ids=lambda one: one.name)
def test_a_rate_has_points_and_no_change(question: Any) -> None:
    names = question.function({}, compare="year", since="2024-01-01").table.column_names
    for rate in question.rates:
        assert {rate, f"{rate}_before", f"{rate}_difference"} <= set(names)
        assert f"{rate}_change" not in names


def test_money_is_exact_at_every_size_and_a_difference_past_38_digits_is_told() -> None:
    large, least = "99999999999999999999.999999999999999999", "0.000000000000000001"
    tables = source(sold("2026-02-01", large), sold("2026-03-01", least))
    found = questions.totals(tables, compare=("2026-02", "2026-03"))
    assert columns(found, "gross_total_difference") == [
        (D("-99999999999999999999.999999999999999998"),)
    ]
    tables = source(sold("2026-02-01", f"-{large}"), sold("2026-03-01", large))
    with pytest.raises(QueryError, match="past 38 digits"):
        questions.totals(tables, compare=("2026-02", "2026-03"))


def test_the_text_that_ran_can_be_run_again() -> None:
    result = questions.totals(SPRING, by="month", compare="previous")
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for table in ALL:
            connection.register(table.name, SPRING.get(table.name, table.empty()))
        before, _, last = result.sql.rpartition("\n\n-- compared")
        connection.execute(before)
        again = connection.sql("-- compared" + last).to_arrow_table()
    for name in ("month_before", "gross_total", "gross_total_before"):
        assert again[name].to_pylist() == result.table[name].to_pylist()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"compare": "previous"}, "compare: 'previous' needs to know of which period: give since"),
        ({"compare": "year", "until": "2026-01-01"}, "'year' needs to know of which period"),
        ({"compare": "last"}, "unknown value of compare 'last'.*previous, year.*two periods"),
        ({"compare": ("2026-01",)}, "compare: expected previous, year, or two periods"),
        ({"compare": 5}, "compare: expected previous, year, or two periods.* got 5"),
        ({"compare": ("2026-13", "2026-01")}, "expected a period such as 2026, .* got '2026-13'"),
        ({"compare": ("2026-W54", "2026-01")}, "expected a period such as"),
        ({"compare": ("2026-02-30", "2026-01")}, "expected a period such as"),
        ({"compare": ("0000", "2026-01")}, "expected a period such as"),
        (
            {"compare": (5, "2026-01")},
            "^compare: expected a period such as 2026, 2026-Q1, 2026-03, 2026-W09, 2026-03-01 or "
            "2026-03-01..2026-03-15, got 5.$",
        ),
        ({"compare": ("2026-02-01..2026-01-01", "2026")}, "begins at .* cannot end at"),
        ({"compare": ("a..b", "2026")}, "compare: expected a day such as"),
        ({"compare": ("2025", "2026"), "since": "2026-01-01"}, "give one or the other"),
        ({"compare": "year", "by": ("month", "week")}, "one kind of period.* month, week"),
        ({"compare": "year", "by": "day", "where": {"month": "2026-01"}}, "where: month: .* leave"),
    ],
)
def test_what_cannot_be_compared_is_told(given: dict[str, Any], message: str) -> None:
    for tables in (SPRING, {}):
        with pytest.raises(UsageError, match=message):
            questions.totals(tables, **given)


def test_a_question_that_does_not_compare_says_so() -> None:
    for one in QUESTIONS.values():
        if not one.compares:
            with pytest.raises(UsageError, match=f"{one.name} takes no compare"):
                one.function({}, compare="year", since="2026-01-01")


def test_the_shell_compares(tmp_path: Path) -> None:
    dumps = tmp_path / "three.jsonl"
    write_lines(dumps, *THREE)
    given = ["totals", str(dumps), "--population", "all", "--format", "json", "--currency", "EUR"]
    ended = CliRunner().invoke(main, [*given, "--compare", "2026-01,2026-02"])
    assert ended.exit_code == 0, ended.stderr
    (row,) = json.loads(ended.stdout)
    assert (row["session_count"], row["session_count_before"]) == (2, 1)
    assert isinstance(row["gross_total_difference"], str)
    assert (
        "note: Compared: since 2026-02-01 until 2026-03-01, with since 2026-01-01" in ended.stderr
    )
    ended = CliRunner().invoke(main, [*given, "--compare", "previous"])
    assert ended.exit_code == 2
    assert "Error: compare: 'previous' needs to know" in ended.stderr
