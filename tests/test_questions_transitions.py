"""Transitions: pairs of states as the versions, times and events of sessions show them."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sessionkit import questions
from sessionkit.lifecycle import NONE, STATES, verdict
from tests.asking import at, columns, source

Row = dict[str, Any]
START = at("2024-01-01")

LOG = {
    "a": [("open", 5), ("closed", 65), ("partially_returned", 1_000), ("cancelled", 90_000)],
    "b": [("open", 0), ("open", 30), ("open", 45), ("closed", 600)],
    "c": [("closed", 10), ("open", 70), ("closed", 130), ("open", 190), ("cancelled", 200)],
    "d": [("open", 20), ("cancelled", 80)],
    "e": [("open", 20), ("partially_returned", 7_000), ("partially_returned", 8_000)],
    "f": [("cancelled", 400), ("open", 500)],
    "g": [("open", 1), ("closed", 3), ("cancelled", 86_400)],
    "h": [("partially_returned", 50), ("closed", 60), ("partially_returned", 90)],
    "i": [("closed", 7)],
    "j": [("open", 2), ("closed", 4), ("partially_returned", 9), ("partially_returned", 29)],
}
"""The updates of ten sessions: the state after each, and the seconds since the creation."""

DIRECTLY_FOLLOWS = {
    ("(none)", "cancelled"): (1, 400.0),
    ("(none)", "closed"): (2, 8.5),
    ("(none)", "open"): (6, 3.5),
    ("(none)", "partially_returned"): (1, 50.0),
    ("cancelled", "open"): (1, 100.0),
    ("closed", "cancelled"): (1, 86397.0),
    ("closed", "open"): (2, 60.0),
    ("closed", "partially_returned"): (3, 30.0),
    ("open", "cancelled"): (2, 35.0),
    ("open", "closed"): (5, 60.0),
    ("open", "open"): (2, 22.5),
    ("open", "partially_returned"): (1, 6980.0),
    ("partially_returned", "cancelled"): (1, 89000.0),
    ("partially_returned", "closed"): (1, 10.0),
    ("partially_returned", "partially_returned"): (2, 510.0),
}
"""What pm4py 2.7 counts in LOG, each session begun by an event `(none)` at its creation: how often
one directly follows the other, and the median of the seconds between
(`discover_dfg`, `discover_performance_dfg`)."""


def moment(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


def held(log: dict[str, list[tuple[str, int]]]) -> dict[str, Any]:
    """A source whose dumps held every version of the sessions."""
    return source(
        *(
            {
                "integration_id": name,
                "created_at": START,
                "state": steps[-1][0],
                "updated_at": moment(steps[-1][1]),
                "total": place + 1,
            }
            for place, (name, steps) in enumerate(log.items())
        ),
        snapshots=[
            {"of": name, "state": state, "version_at": moment(seconds), "digest": str(seconds)}
            for name, steps in log.items()
            for state, seconds in steps
        ],
    )


def test_pairs_are_counted_and_timed_as_pm4py_does() -> None:
    result = questions.transitions(held(LOG))
    found = columns(result, "from_state", "to_state", "transition_count", "median_seconds")
    assert {(one, two): (count, median) for one, two, count, median in found} == DIRECTLY_FOLLOWS


def test_each_pair_has_its_verdict_sessions_and_money() -> None:
    result = questions.transitions(held(LOG))
    names = ("from_state", "to_state", "session_count", "gross_total", "verdict")
    assert columns(result, *names) == [
        ("(none)", "open", 6, Decimal(1 + 2 + 4 + 5 + 7 + 10), "direct"),
        ("(none)", "closed", 2, Decimal(3 + 9), "direct"),
        ("(none)", "partially_returned", 1, Decimal(8), "skipped"),
        ("(none)", "cancelled", 1, Decimal(6), "skipped"),
        ("open", "open", 1, Decimal(2), "direct"),
        ("open", "closed", 5, Decimal(1 + 2 + 3 + 7 + 10), "direct"),
        ("open", "partially_returned", 1, Decimal(5), "skipped"),
        ("open", "cancelled", 2, Decimal(3 + 4), "direct"),
        ("closed", "open", 1, Decimal(3), "direct"),
        ("closed", "partially_returned", 3, Decimal(1 + 8 + 10), "direct"),
        ("closed", "cancelled", 1, Decimal(7), "direct"),
        ("partially_returned", "closed", 1, Decimal(8), "illegal"),
        ("partially_returned", "partially_returned", 2, Decimal(5 + 10), "direct"),
        ("partially_returned", "cancelled", 1, Decimal(1), "direct"),
        ("cancelled", "open", 1, Decimal(6), "illegal"),
    ]
    assert set(columns(result, "conformance")) == {(1 - 2 / 31,)}
    assert result.notes == ("Conformance: 0.935484 = 1 − 2 illegal / 31 observed.",)


def test_every_pair_of_states_has_one_verdict() -> None:
    told = [[verdict(before, after) for after in STATES] for before in (NONE, *STATES)]
    assert told == [
        ["direct", "direct", "skipped", "skipped"],
        ["direct", "direct", "skipped", "direct"],
        ["direct", "skipped", "direct", "direct"],
        ["illegal", "illegal", "direct", "direct"],
        ["illegal", "illegal", "illegal", "illegal"],
    ]


def pairs(tables: dict[str, Any], **arguments: Any) -> list[tuple[Any, ...]]:
    result = questions.transitions(tables, **arguments)
    return columns(result, "from_state", "to_state", "session_count", "median_seconds", "evidence")


def test_the_times_of_one_version_show_what_came_before_it() -> None:
    tables = source(
        {
            "created_at": START,
            "state": "cancelled",
            "closed_at": moment(60),
            "cancelled_at": moment(90),
            "updated_at": moment(95),
            "times_known": True,
        }
    )
    assert pairs(tables) == [
        ("(none)", "closed", 1, 60.0, "times"),
        ("closed", "cancelled", 1, 30.0, "times"),
    ]


def test_an_event_shows_a_step_that_no_version_has_and_its_effects_are_one() -> None:
    closing = {"of": "a", "event_type": "talon_session_closed", "event_id": 7}
    revoking = {"of": "a", "event_type": "talon_session_revoked", "event_id": 8}
    tables = source(
        {"created_at": START, "state": "open", "updated_at": moment(10)},
        effects=[
            {**closing, "created_at": moment(20), "place": 0},
            {**closing, "created_at": moment(20), "place": 1},
            {**revoking, "created_at": moment(50)},
        ],
    )
    assert pairs(tables) == [
        ("(none)", "open", 1, 10.0, "versions"),
        ("open", "closed", 1, 10.0, "events"),
        ("closed", "cancelled", 1, 30.0, "events"),
    ]


def test_a_closing_told_by_the_second_and_finer_is_one_and_a_second_closing_is_another() -> None:
    seen = [
        {"version_at": moment(60), "closed_at": moment(60), "digest": "1"},
        {"version_at": moment(60), "closed_at": at("2024-01-01T00:01:00.7"), "digest": "2"},
        {"version_at": moment(80), "closed_at": at("2024-01-01T00:01:00.7"), "digest": "3"},
    ]
    last = {"state": "closed", "version_at": moment(500), "closed_at": moment(400), "digest": "4"}
    told = [{"of": "a", "state": "closed", **one} for one in (*seen, last)]
    session = {"created_at": START, "updated_at": moment(500), "closed_at": moment(400)}
    once = source(
        {**session, "updated_at": moment(80), "closed_at": moment(60)}, snapshots=told[:3]
    )
    twice = source(session, snapshots=told)
    assert pairs(once) == [("(none)", "closed", 1, 60.7, "times")]
    assert pairs(twice) == [
        ("(none)", "closed", 1, 60.7, "times"),
        ("closed", "closed", 1, pytest.approx(339.3), "times"),
    ]
    assert columns(questions.transitions(twice), "verdict")[1] == ("skipped",)


def test_a_version_without_a_moment_has_its_place_by_the_life_cycle() -> None:
    cancelled = {"created_at": START, "state": "cancelled", "updated_at": moment(60)}
    versions = [
        {"of": "a", "state": "cancelled", "version_at": moment(60), "digest": "1"},
        {"of": "a", "state": "closed", "version_at": None, "digest": "2"},
        {"of": "a", "state": "cancelled", "version_at": None, "digest": "3"},
    ]
    assert pairs(source(cancelled, snapshots=versions)) == [
        ("(none)", "closed", 1, None, "versions"),
        ("closed", "cancelled", 1, None, "versions"),
    ]


def test_only_what_was_seen_by_as_of_counts() -> None:
    tables = held({"a": LOG["a"], "d": LOG["d"], "h": LOG["h"]})
    assert pairs(tables, as_of=moment(65)) == [
        ("(none)", "open", 2, 12.5, "versions"),
        ("(none)", "partially_returned", 1, 50.0, "versions"),
        ("open", "closed", 1, 60.0, "versions"),
        ("partially_returned", "closed", 1, 10.0, "versions"),
    ]


@pytest.mark.parametrize("by", ["store_id", "state", "customer_type", "discounted", "month"])
def test_the_money_of_a_pair_is_the_same_under_every_dimension(by: str) -> None:
    tables = held(LOG)
    whole = {row[:2]: row[2:] for row in columns(questions.transitions(tables), *SUMS)}
    added: dict[Any, tuple[int, Decimal]] = {}
    for one, two, count, gross in columns(questions.transitions(tables, by=by), *SUMS):
        before = added.get((one, two), (0, Decimal(0)))
        added[one, two] = (before[0] + count, before[1] + gross)
    assert added == whole


SUMS = ("from_state", "to_state", "session_count", "gross_total")


def test_money_keeps_every_digit() -> None:
    tables = source({"total": "0.000000000000000001"}, {"total": "99999999999999999999"})
    found = columns(questions.transitions(tables), "gross_total")
    assert found == [(Decimal("99999999999999999999.000000000000000001"),)]


def test_a_pair_is_a_row_of_its_group_and_all_are_in_the_total_row() -> None:
    tables = source(
        {"coupon_codes": ["x", "y"], "total": "3"},
        coupons=[{"of": "a", "code": "x"}, {"of": "a", "code": "y"}],
    )
    result = questions.transitions(tables, by="coupon_code", total_row=True)
    assert columns(result, "is_total", "coupon_code", "session_count", "gross_total") == [
        (False, "x", 1, Decimal(3)),
        (False, "y", 1, Decimal(3)),
        (True, None, 1, Decimal(3)),
    ]
    assert result.notes[-1] == "Conformance: 1 = 1 − 0 illegal / 1 observed."


def test_no_session_shows_no_transition() -> None:
    result = questions.transitions({}, by="month")
    assert len(result) == 0
    assert result.notes == ()
    assert result.table.column_names == [
        "month", "partial", "from_state", "to_state", "session_count", "transition_count",
        "timed_count", "median_seconds", "gross_total", "verdict", "evidence", "conformance",
    ]  # fmt: skip
