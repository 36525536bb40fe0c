"""States and outcomes: every state and outcome has its row, and nothing is claimed unseen."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from sessionkit import questions
from sessionkit.errors import UsageError
from tests.asking import at, columns, source

LIVES = source(
    {"state": "closed", "total": "1"},
    {"state": "partially_returned", "total": "2"},
    {"state": "cancelled", "total": "4", "times_known": True, "closed_at": at("2024-01-03")},
    {"state": "cancelled", "total": "8", "times_known": True},
    {"state": "cancelled", "total": "16", "times_known": False},
    {"state": "open", "total": "32", "updated_at": at("2024-01-05")},
    {"state": "open", "total": "64", "updated_at": at("2024-01-20")},
    {"state": "open", "total": "128", "created_at": at("2024-01-06")},
)
"""One session of every kind; the data go up to January 20th."""


def test_every_state_has_a_row_even_with_no_session_in_it() -> None:
    result = questions.states(source({"total": "1"}, {"state": "open", "total": "3"}))
    assert columns(
        result, "state", "session_count", "group_session_count", "share", "gross_total"
    ) == [
        ("open", 1, 2, 0.5, Decimal(3)),
        ("closed", 1, 2, 0.5, Decimal(1)),
        ("partially_returned", 0, 2, 0.0, Decimal(0)),
        ("cancelled", 0, 2, 0.0, Decimal(0)),
    ]


def test_every_state_has_a_row_in_every_group() -> None:
    tables = source({"store_id": "n"}, {"store_id": None, "state": "open"})
    result = questions.states(tables, by="store_id")
    assert columns(result, "store_id", "session_count") == [
        *[("n", count) for count in (0, 1, 0, 0)],
        *[(None, count) for count in (1, 0, 0, 0)],
    ]


def test_no_session_is_four_empty_states() -> None:
    found = columns(questions.states({}), "session_count", "share", "gross_total")
    assert found == [(0, None, Decimal(0))] * 4


def test_grouping_states_by_state_changes_nothing() -> None:
    by_state = questions.states(LIVES, by=["state", "store_id"]).table
    assert by_state == questions.states(LIVES, by="store_id").table


@pytest.mark.parametrize("name", ["states", "outcomes", "funnel"])
def test_a_source_of_one_state_is_warned_about(name: str) -> None:
    ask = getattr(questions, name)
    one = source({"state": "closed"}, {"state": "closed"})
    assert "one state only (closed)" in ask(one).notes[0]
    assert ask(LIVES, where={"state": "closed"}).notes == ()


def test_outcomes_without_a_timeout_have_no_idle_and_no_abandoned() -> None:
    result = questions.outcomes(LIVES)
    assert columns(result, "outcome", "session_count", "gross_total", "abandoned") == [
        ("kept_whole", 1, Decimal(1), None),
        ("partially_returned", 1, Decimal(2), None),
        ("revoked", 1, Decimal(4), None),
        ("cancelled_open", 1, Decimal(8), None),
        ("cancelled_unknown", 1, Decimal(16), None),
        ("in_progress", 3, Decimal(224), None),
    ]


@pytest.mark.parametrize("timeout", ["15d", timedelta(days=15), "2w 1d", "360h"])
def test_open_sessions_untouched_for_the_timeout_are_idle(timeout: str | timedelta) -> None:
    found = columns(
        questions.outcomes(LIVES, timeout=timeout), "outcome", "session_count", "abandoned"
    )
    assert found[5:] == [("idle", 1, 2), ("in_progress", 2, 2)]


def test_idleness_goes_by_the_creation_where_no_update_is_told() -> None:
    result = questions.outcomes(LIVES, timeout="14d")
    assert columns(result, "gross_total")[5:] == [(Decimal(160),), (Decimal(64),)]


def test_ages_are_from_creation_to_as_of() -> None:
    tables = source({"created_at": at("2024-01-01")}, {"created_at": at("2024-01-03")})
    result = questions.outcomes(tables, as_of="2024-01-04")
    assert columns(result, "median_age_seconds")[0] == (2 * 86400.0,)


def test_shares_are_of_all_sessions_of_the_group() -> None:
    found = columns(questions.outcomes(LIVES), "share", "group_session_count")
    assert found[-1] == (3 / 8, 8)
    assert sum(share for share, _ in found) == 1.0


@pytest.mark.parametrize("name", ["outcomes", "funnel"])
def test_an_as_of_before_the_data_end_is_refused(name: str) -> None:
    ask = getattr(questions, name)
    with pytest.raises(UsageError, match=r"as_of \(2024-01-19 .* up to 2024-01-20"):
        ask(LIVES, as_of="2024-01-19")
    assert ask(LIVES, as_of="2024-01-20").table == ask(LIVES).table
