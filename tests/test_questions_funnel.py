"""The funnel: what is reached, what is not known, and what can still come."""

from __future__ import annotations

import pytest

from sessionkit import questions
from tests.asking import at, columns, source

JAN_1 = {"created_at": at("2024-01-01")}
SEEN = source(
    {**JAN_1, "state": "closed", "closed_at": at("2024-01-02"), "times_known": True},
    {**JAN_1, "state": "closed"},
    {**JAN_1, "state": "partially_returned", "closed_at": at("2024-01-05")},
    {**JAN_1, "state": "cancelled", "closed_at": at("2024-01-03"), "times_known": True},
    {**JAN_1, "state": "cancelled", "times_known": True},
    {**JAN_1, "state": "cancelled", "times_known": False},
    {"state": "open", "created_at": at("2024-01-08")},
    {**JAN_1, "state": "open", "closed_at": at("2024-01-02"), "times_known": True},
)  # fmt: skip
"""Eight sessions: kept with and without a time, returned in part, revoked, cancelled before
closing, cancelled at an unknown step, open, and reopened. The data go up to January 8th."""


def test_every_figure_of_eight_sessions() -> None:
    assert questions.funnel(SEEN, window="2d").table.to_pylist() == [
        {
            "step": 1, "name": "created", "entered": 8, "reached": 8, "unknown": 0,
            "from_previous": None, "from_first": 1.0, "from_first_high": 1.0,
            "dropped": 0, "in_progress": 0, "matured": 7, "conversion_rate": 1.0,
            "median_seconds": 0.0, "p90_seconds": 0.0, "observed": 8, "inferred": 0,
            "partially_returned": None,
        },
        {
            "step": 2, "name": "closed", "entered": 8, "reached": 5, "unknown": 1,
            "from_previous": 5 / 8, "from_first": 5 / 8, "from_first_high": 6 / 8,
            "dropped": 1, "in_progress": 1, "matured": 7, "conversion_rate": 3 / 7,
            "median_seconds": 1.5 * 86400, "p90_seconds": pytest.approx(3.4 * 86400),
            "observed": 4, "inferred": 1, "partially_returned": None,
        },
        {
            "step": 3, "name": "kept", "entered": 8, "reached": 3, "unknown": 0,
            "from_previous": 3 / 5, "from_first": 3 / 8, "from_first_high": 3 / 8,
            "dropped": 1, "in_progress": 1, "matured": 7, "conversion_rate": 1 / 7,
            "median_seconds": 2.5 * 86400, "p90_seconds": pytest.approx(3.7 * 86400),
            "observed": 2, "inferred": 1, "partially_returned": 1,
        },
    ]  # fmt: skip


def test_without_a_window_nothing_has_matured_and_nothing_is_converted() -> None:
    found = columns(questions.funnel(SEEN), "matured", "conversion_rate")
    assert found == [(None, None)] * 3


def test_a_session_closed_exactly_at_the_window_is_in_it() -> None:
    tables = source(
        {
            "created_at": at("2024-01-01"),
            "closed_at": at("2024-01-02"),
            "updated_at": at("2024-01-09"),
        }
    )
    assert columns(questions.funnel(tables, window="24h"), "conversion_rate")[1] == (1.0,)
    assert columns(questions.funnel(tables, window="1439m"), "conversion_rate")[1] == (0.0,)


def test_a_session_matures_exactly_when_its_window_has_passed() -> None:
    tables = source({"created_at": at("2024-01-01T06:00:00")})
    found = [
        columns(questions.funnel(tables, window="1d", as_of=as_of), "matured")[0][0]
        for as_of in ("2024-01-02T05:59:59.999999Z", "2024-01-02T06:00:00Z")
    ]
    assert found == [0, 1]


def test_a_window_says_that_its_rate_is_a_lower_bound() -> None:
    assert "lower bound" in questions.funnel(SEEN, window="1d").notes[-1]


def test_no_session_is_three_steps_of_zeros_and_nulls() -> None:
    result = questions.funnel({}, window="1d")
    assert columns(
        result, "name", "reached", "from_first", "conversion_rate", "median_seconds"
    ) == [
        ("created", 0, None, None, None),
        ("closed", 0, None, None, None),
        ("kept", 0, None, None, None),
    ]


def test_groups_have_funnels_of_their_own_and_the_total_row_the_distinct_one() -> None:
    tables = source(
        {"coupon_codes": ["x", "y"], "closed_at": at("2024-01-02")},
        {"state": "open"},
        coupons=[{"of": "a", "code": "x"}, {"of": "a", "code": "y"}],
    )
    result = questions.funnel(tables, by="coupon_code", total_row=True)
    reached = columns(result, "is_total", "coupon_code", "name", "reached")
    assert [row for row in reached if row[2] == "closed"] == [
        (False, "x", "closed", 1),
        (False, "y", "closed", 1),
        (False, None, "closed", 0),
        (True, None, "closed", 1),
    ]
    assert any("coupon_code stands in each of their rows" in note for note in result.notes)
