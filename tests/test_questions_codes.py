"""Codes: each session once under each of its codes, by how it ended; entered is not accepted."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sessionkit import questions
from sessionkit.cli import main
from sessionkit.columns import MONEY_TYPE
from sessionkit.errors import UsageError
from tests.asking import Row, at, columns, source
from tests.builders import shop
from tests.histories import shop_with_history
from tests.literal_dumps import THREE, write_lines
from tests.test_questions_codes_oracle import trade
from tests.test_questions_depths import SINGLE

TIMES: Row = {"times_known": True}
KNOWN: Row = {"discounts_known": True}
ENDS = source(
    {"total": "10", "profile_id": "ann", **KNOWN, "discount_total": "1"},
    {"total": "20", "profile_id": "ann", "state": "partially_returned"},
    {"total": "30", "profile_id": "bob", "state": "cancelled", "closed_at": at("2024-01-02")},
    {"total": "40", "state": "cancelled", **TIMES, "discounts_known": None},
    {"total": None, "state": "cancelled"},
    {"total": "60", "state": "open", "updated_at": at("2024-01-03")},
    {"total": "70", "state": "open", "updated_at": at("2024-01-20")},
    {"total": "80"},
    coupons=[{"of": of, "code": "SUMMER-1"} for of in "abcdefg"]
    + [{"of": of, "code": "SUMMER-2"} for of in "ab"]
    + [{"of": "a", "code": "X"}],
)
"""a to g end in the seven ways, in order; h has no code."""


def test_a_code_in_full() -> None:
    found = questions.coupon_summary(ENDS, timeout="7d").table.to_pylist()
    assert found[0] == {
        "coupon_code": "SUMMER-1", "session_count": 7, "code_count": 1, "customer_count": 2,
        "kept_whole": 1, "partially_returned": 1, "revoked": 1, "cancelled_open": 1,
        "cancelled_unknown": 1, "idle": 1, "in_progress": 1, "gross_total": Decimal(230),
        "total_known_count": 6, "discount_total": Decimal(1), "discount_known_count": 1,
        "discount_ambiguous_count": 1, "discount_unknown_count": 5,
        "accepted_count": None, "rejected_count": None,
    }  # fmt: skip
    assert [row["coupon_code"] for row in found] == ["SUMMER-1", "SUMMER-2", "X"]


def test_without_a_timeout_nothing_is_idle() -> None:
    found = questions.coupon_summary(ENDS)
    assert columns(found, "idle", "in_progress")[0] == (None, 2)


@pytest.mark.parametrize(
    ("timeout", "idle"), [("17d", 1), ("18d", 0), ("16d 23h 59m 59s", 1), ("17d 1s", 0), ("9d", 1)]
)
def test_an_open_session_is_idle_when_the_timeout_is_over(timeout: str, idle: int) -> None:
    found = questions.coupon_summary(ENDS, timeout=timeout)
    assert columns(found, "idle", "in_progress")[0] == (idle, 2 - idle)


@pytest.mark.parametrize(("pattern", "shown"), [(5, "5"), ("", "''")])
def test_a_pattern_that_is_none_is_refused(pattern: Any, shown: str) -> None:
    told = f"^coupon_pattern: expected a regular expression, got {shown}.$"
    with pytest.raises(UsageError, match=told):
        questions.coupon_summary(ENDS, coupon_pattern=pattern)


def test_how_sessions_ended_is_not_told_of_an_earlier_moment() -> None:
    with pytest.raises(UsageError, match="is earlier than the data"):
        questions.coupon_summary(ENDS, as_of="2024-01-19")
    assert len(questions.coupon_summary(ENDS, as_of="2024-01-20")) == 3


def test_the_population_is_all_unless_told_otherwise() -> None:
    completed = questions.coupon_summary(ENDS, population="completed")
    assert columns(completed, "coupon_code", "session_count", "gross_total") == [
        ("SUMMER-1", 2, Decimal(30)),
        ("SUMMER-2", 2, Decimal(30)),
        ("X", 1, Decimal(10)),
    ]


def test_the_total_row_holds_each_session_once() -> None:
    found = questions.coupon_summary(ENDS, total_row=True)
    told = columns(found, "is_total", "coupon_code", "session_count", "code_count", "gross_total")
    assert told[-1] == (True, None, 7, 3, Decimal(230))
    assert any("stands in the row of each" in note for note in found.notes)
    empty = questions.coupon_summary({}, total_row=True)
    assert columns(empty, "is_total", "session_count", "gross_total", "discount_total") == [
        (True, 0, Decimal(0), None)
    ]


def test_a_pattern_brings_codes_together_and_counts_a_session_once() -> None:
    found = questions.coupon_summary(ENDS, coupon_pattern="^SUMMER")
    assert columns(found, "coupon_code", "session_count", "code_count", "gross_total") == [
        ("SUMMER", 7, 2, Decimal(230)),
        ("X", 1, 1, Decimal(10)),
    ]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("nothing", ["SUMMER-1", "SUMMER-2", "X"]),
        ("[0-9]*", ["SUMMER-1", "SUMMER-2", "X"]),
        ("(?i)^sum(mer)", ["SUMMER", "X"]),
        ("[0-9]", ["1", "2", "X"]),
        (".", ["S", "X"]),
    ],
    ids=["no match", "an empty match", "a flag, and a group that does not matter", "inside", "any"],
)
def test_a_code_in_which_nothing_matches_keeps_its_name(pattern: str, expected: list[str]) -> None:
    found = questions.coupon_summary(ENDS, coupon_pattern=pattern)
    assert [name for (name,) in columns(found, "coupon_code")] == expected


@pytest.mark.parametrize("pattern", ["(", "(?=x)", "*"])
def test_a_bad_pattern_is_told(pattern: str) -> None:
    with pytest.raises(UsageError, match=r"coupon_pattern: .* is no regular expression: "):
        questions.coupon_summary(ENDS, coupon_pattern=pattern)


@pytest.mark.parametrize("pattern", ["", 5, b"x", ["x"]])
def test_a_pattern_that_is_no_text_is_refused(pattern: Any) -> None:
    with pytest.raises(UsageError, match="coupon_pattern: expected a regular expression, got"):
        questions.coupon_summary(ENDS, coupon_pattern=pattern)


def test_a_pattern_that_is_sql_is_a_pattern() -> None:
    found = questions.coupon_summary(ENDS, coupon_pattern="'; drop table coupons; --|^X")
    assert len(found) == 3


def test_the_notes_say_what_a_code_does_not_prove_and_who_has_none() -> None:
    notes = questions.coupon_summary(ENDS).notes
    assert "1 session has no coupon code and no part in any row." in notes
    assert any("does not prove that it was accepted" in note for note in notes)
    none = questions.coupon_summary(ENDS, where={"has_coupon": "yes"}).notes
    assert not any("no part in any row" in note for note in none)
    assert any("one state only" in note for note in questions.coupon_summary(source({}, {})).notes)


def test_a_code_in_where_keeps_the_other_codes_of_its_sessions() -> None:
    found = questions.coupon_summary(ENDS, where={"coupon_code": "X"})
    assert columns(found, "coupon_code", "session_count") == [
        ("SUMMER-1", 1),
        ("SUMMER-2", 1),
        ("X", 1),
    ]


def test_the_code_is_no_second_dimension_and_others_come_first() -> None:
    plain = questions.coupon_summary(ENDS).table
    assert questions.coupon_summary(ENDS, by="coupon_code").table.equals(plain)
    by = questions.coupon_summary(ENDS, by=["state", "coupon_code"])
    assert by.table.column_names[:3] == ["state", "coupon_code", "session_count"]
    assert columns(by, "state", "coupon_code", "session_count")[:2] == [
        ("cancelled", "SUMMER-1", 3),
        ("closed", "SUMMER-1", 1),
    ]


def test_a_moment_before_the_data_is_refused_as_it_is_of_outcomes() -> None:
    for ask in (questions.coupon_summary, questions.referral_summary):
        with pytest.raises(UsageError, match=r"as_of .* is earlier than the data"):
            ask(ENDS, as_of="2024-01-10", timeout="1d")
        with pytest.raises(UsageError, match="timeout: expected a length of time"):
            ask(ENDS, timeout="soon")


REFERRED = source(
    {"total": "0.000000000000000001", "referral_code": "R"},
    {"total": "12345678901234567890.5", "referral_code": "R", "state": "open"},
    {"total": "7", "referral_code": "Q", "application_id": 2},
    {"total": "8"},
)


def test_referrals_are_told_code_by_code_and_currencies_stay_apart() -> None:
    found = questions.referral_summary(REFERRED, total_row=True)
    assert columns(found, "is_total", "application_id", "referral_code", "gross_total") == [
        (False, 1, "R", Decimal("12345678901234567890.500000000000000001")),
        (False, 2, "Q", Decimal(7)),
        (True, 1, None, Decimal("12345678901234567890.500000000000000001")),
        (True, 2, None, Decimal(7)),
    ]
    assert columns(found, "kept_whole", "in_progress", "accepted_count")[0] == (1, 1, None)
    assert "1 session has no referral code and no part in any row." in found.notes


def test_no_session_is_no_row() -> None:
    for ask in (questions.coupon_summary, questions.referral_summary):
        found = ask({}).table
        assert found.num_rows == 0
        assert found.schema.field("gross_total").type == MONEY_TYPE
        assert found.schema.field("discount_total").type == MONEY_TYPE


@pytest.mark.parametrize("name", ["coupon_summary", "referral_summary"])
def test_sums_are_the_same_under_every_dimension_with_one_value(name: str) -> None:
    tables = trade(7)
    ask = getattr(questions, name)

    def sums(**by: Any) -> tuple[Any, ...]:
        found = columns(
            ask(tables, **by, currencies="EUR"), "gross_total", "session_count", "kept_whole"
        )
        return tuple(map(sum, zip(*found, strict=True)))

    whole = sums()
    assert all(whole)
    for dimension in SINGLE:
        assert sums(by=dimension) == whole, dimension


def test_codes_agree_with_totals_by_code() -> None:
    tables = shop(5)
    names = ("coupon_code", "session_count", "customer_count", "gross_total", "discount_total")
    given = {"currencies": "EUR", "population": "all"}
    by_code = columns(questions.totals(tables, by="coupon_code", **given), *names)
    assert columns(questions.coupon_summary(tables, **given), *names) == by_code[:-1]
    assert by_code[-1][0] is None


def test_codes_end_as_outcomes_tell_by_versions_and_events() -> None:
    tables = shop_with_history(4)
    found = questions.coupon_summary(tables, currencies="EUR", timeout="3d").table.to_pylist()
    assert sum(row["revoked"] for row in found) > 0
    for row in found:
        where = {"coupon_code": row["coupon_code"]}
        ends = questions.outcomes(tables, currencies="EUR", timeout="3d", where=where)
        assert {name: row[name] for name, _ in columns(ends, "outcome", "session_count")} == dict(
            columns(ends, "outcome", "session_count")
        )


def test_a_comparison_lays_codes_side_by_side() -> None:
    tables = source(
        {"created_at": at("2024-02-10"), "total": "10", "referral_code": "R"},
        {"created_at": at("2024-02-11"), "total": "20", "referral_code": "OLD"},
        {"created_at": at("2024-03-10"), "total": "15", "referral_code": "R"},
        {"created_at": at("2024-03-11"), "total": "30", "referral_code": "R"},
        {"created_at": at("2024-03-12"), "total": "40", "referral_code": "NEW"},
        coupons=[{"of": of, "code": code} for of, code in zip("abcde", "RORRN", strict=True)],
    )
    names = ("session_count", "session_count_before", "gross_total", "gross_total_before",
             "gross_total_difference", "gross_total_change")  # fmt: skip
    rows = [
        (1, 0, Decimal(40), Decimal(0), Decimal(40), None),
        (2, 1, Decimal(45), Decimal(10), Decimal(35), 3.5),
        (0, 1, Decimal(0), Decimal(20), Decimal(-20), -1.0),
        (3, 2, Decimal(85), Decimal(30), Decimal(55), 55 / 30),
    ]
    given: Row = {"compare": ("2024-02", "2024-03"), "total_row": True}
    coupons = questions.coupon_summary(tables, **given)
    referrals = questions.referral_summary(tables, **given)
    assert columns(coupons, "coupon_code") == [("N",), ("R",), ("O",), (None,)]
    assert columns(referrals, "referral_code") == [("NEW",), ("R",), ("OLD",), (None,)]
    assert columns(coupons, *names) == columns(referrals, *names) == rows


def test_the_shell_takes_the_arguments_of_their_own(tmp_path: Path) -> None:
    dump = write_lines(tmp_path / "three.jsonl", *THREE)

    def run(*words: str) -> Any:
        return CliRunner().invoke(main, [words[0], str(dump), "-q", *words[1:]])

    bad = run("coupon-summary", "--coupon-pattern", "(")
    assert (bad.exit_code, bad.stdout) == (2, "")
    assert "coupon_pattern: '(' is no regular expression" in bad.stderr
    assert run("coupon-summary", "--coupon-pattern", "^S", "--timeout", "7d").exit_code == 0
    assert run("referral-summary", "--timeout", "x").exit_code == 2
    assert run("discount-stacks", "--limit", "0").exit_code == 2
    assert run("discount-stacks", "--limit", "1", "--format", "json").exit_code == 0
