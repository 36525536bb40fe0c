"""Time to close: how long it took, of those whose closing is told, and by when how many closed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sessionkit import questions
from sessionkit.errors import UsageError
from tests.asking import Row, at, columns, source

JAN_1 = {"created_at": at("2024-01-01")}
SEVEN = source(
    {**JAN_1, "closed_at": at("2024-01-01T00:30:00")},
    {**JAN_1, "closed_at": at("2024-01-01T01:00:00")},
    {**JAN_1, "state": "cancelled", "closed_at": at("2024-01-03T00:00:00")},
    {**JAN_1, "state": "closed"},
    {**JAN_1, "state": "cancelled", "times_known": True},
    {"created_at": at("2024-01-08"), "state": "open", "updated_at": at("2024-01-09")},
    {**JAN_1, "state": "open", "closed_at": at("2024-01-05T00:00:00")},
)
"""Closed in time twice, revoked, closed at an unknown time, cancelled while open, open, reopened.
The data go up to January 9th."""


def test_every_figure_of_seven_sessions() -> None:
    day = 86_400.0
    assert questions.time_to_close(SEVEN).table.to_pylist() == [
        {
            "session_count": 7, "closed_count": 5, "open_count": 1, "cancelled_count": 1,
            "timed_count": 4, "median_seconds": (3600 + 2 * day) / 2,
            "p90_seconds": pytest.approx(2 * day + 0.7 * 2 * day),
            "closed_within_1_hour_count": 2, "matured_1_hour_count": 7,
            "closed_within_1_hour_share": 2 / 7,
            "closed_within_1_day_count": 2, "matured_1_day_count": 7,
            "closed_within_1_day_share": 2 / 7,
            "closed_within_3_days_count": 3, "matured_3_days_count": 6,
            "closed_within_3_days_share": 3 / 6,
            "closed_within_7_days_count": 4, "matured_7_days_count": 6,
            "closed_within_7_days_share": 4 / 6,
            "closed_within_30_days_count": 0, "matured_30_days_count": 0,
            "closed_within_30_days_share": None,
        }
    ]  # fmt: skip


_DAY = 86_400_000_000
_LENGTHS = (("1_hour", _DAY // 24), ("1_day", _DAY), ("3_days", 3 * _DAY), ("7_days", 7 * _DAY))


@pytest.mark.parametrize(("name", "microseconds"), [*_LENGTHS, ("30_days", 30 * _DAY)])
@pytest.mark.parametrize("off", [-1, 0, 1])
def test_a_length_of_time_includes_its_last_microsecond(
    name: str, microseconds: int, off: int
) -> None:
    moment = at("2024-01-01") + timedelta(microseconds=microseconds + off)
    in_time = {**JAN_1, "closed_at": moment}
    old_enough = {**JAN_1, "closed_at": at("2024-01-01"), "updated_at": moment}
    names = (f"closed_within_{name}_count", f"matured_{name}_count")
    told = questions.time_to_close(source(in_time, {**JAN_1, "updated_at": at("2024-06-01")}))
    assert columns(told, *names) == [(int(off <= 0), 2)]
    told = questions.time_to_close(source(old_enough))
    assert columns(told, *names) == [(int(off >= 0), int(off >= 0))]


def test_shares_are_told_to_be_lower_bounds_where_a_closing_has_no_time() -> None:
    assert "lower bounds" in questions.time_to_close(SEVEN).notes[-1]
    told = questions.time_to_close(source({"closed_at": at("2024-01-02")}, {"state": "open"}))
    assert told.notes == ()


def test_no_session_is_one_row_of_zeros_and_nulls() -> None:
    (row,) = questions.time_to_close({}).table.to_pylist()
    assert {value for name, value in row.items() if name.endswith("_count")} == {0}
    assert {value for name, value in row.items() if not name.endswith("_count")} == {None}
    assert len(questions.time_to_close({}, by="month")) == 0


def test_groups_have_rows_of_their_own() -> None:
    tables = source(
        {**JAN_1, "store_id": "n", "closed_at": at("2024-01-02")},
        {**JAN_1, "store_id": None, "closed_at": at("2024-01-03")},
        {**JAN_1, "store_id": None, "state": "open"},
    )
    result = questions.time_to_close(tables, by="store_id", total_row=True)
    names = ("is_total", "store_id", "closed_count", "open_count", "median_seconds")
    assert columns(result, *names) == [
        (False, "n", 1, 0, 86_400.0),
        (False, None, 1, 1, 172_800.0),
        (True, None, 2, 1, 129_600.0),
    ]


def test_a_session_closed_twice_took_until_its_first_closing() -> None:
    versions: list[Row] = [
        {"closed_at": at("2024-01-02"), "version_at": at("2024-01-02"), "digest": "1"},
        {"closed_at": at("2024-01-04"), "version_at": at("2024-01-04"), "digest": "2"},
    ]
    tables = source(
        {**JAN_1, "closed_at": at("2024-01-04"), "updated_at": at("2024-01-04")},
        snapshots=[{"of": "a", "state": "closed", **one} for one in versions],
    )
    assert columns(questions.time_to_close(tables), "median_seconds") == [(86_400.0,)]


def test_an_earlier_moment_is_answered_where_times_tell_and_refused_where_nothing_does() -> None:
    told = source(
        {**JAN_1, "closed_at": at("2024-01-02"), "updated_at": at("2024-01-02")},
        {**JAN_1, "closed_at": at("2024-01-04"), "updated_at": at("2024-01-04")},
        {"created_at": at("2024-01-04"), "state": "open"},
    )
    result = questions.time_to_close(told, as_of="2024-01-03")
    assert columns(result, "session_count", "closed_count", "open_count") == [(2, 1, 1)]
    untold = source({**JAN_1, "updated_at": at("2024-01-04")})
    with pytest.raises(UsageError, match="of 1 session no version, time or event tells its state"):
        questions.time_to_close(untold, as_of="2024-01-03")
