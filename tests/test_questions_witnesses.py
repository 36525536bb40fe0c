"""What other versions and events bear witness to, in each question that rests on closings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sessionkit import questions
from sessionkit.errors import UsageError
from tests.asking import Row, at, columns, source

JAN_1 = {"created_at": at("2024-01-01")}
GONE = {**JAN_1, "state": "cancelled", "updated_at": at("2024-01-09"), "total": "5"}
"""A cancelled session that tells no times."""


def versions(*states: tuple[str, str | None], **more: Any) -> list[Row]:
    """Versions of session a: states, and the days in January of their updates."""
    return [
        {
            "of": "a",
            "state": state,
            "version_at": at(f"2024-01-{day}") if day else None,
            "digest": str(place),
            **more,
        }
        for place, (state, day) in enumerate(states)
    ]


def event(kind: str, day: str) -> Row:
    return {"of": "a", "event_type": f"talon_session_{kind}", "created_at": at(f"2024-01-{day}")}


def outcome(tables: dict[str, Any], **arguments: Any) -> list[str]:
    found = columns(questions.outcomes(tables, **arguments), "outcome", "session_count")
    return [name for name, count in found if count]


def steps(tables: dict[str, Any], **arguments: Any) -> list[tuple[Any, ...]]:
    """The steps `closed` and `kept`: reached, unknown, in progress, observed, median."""
    names = ("reached", "unknown", "in_progress", "observed", "median_seconds")
    return columns(questions.funnel(tables, **arguments), *names)[1:]


def test_without_a_witness_nothing_tells_whether_a_cancelled_session_was_closed() -> None:
    assert outcome(source(GONE)) == ["cancelled_unknown"]
    assert steps(source(GONE)) == [(0, 1, 0, 0, None), (0, 0, 0, 0, None)]


WITNESSES: dict[str, dict[str, list[Row]]] = {
    "an older version that was closed": {
        "snapshots": versions(("closed", "05"), ("cancelled", "09"))
    },
    "an older version that was returned in part": {
        "snapshots": versions(("partially_returned", "05"), ("cancelled", "09"))
    },
    "a version without a moment": {"snapshots": versions(("closed", None), ("cancelled", "09"))},
    "the event of its closing": {"effects": [event("closed", "05")]},
    "the event of its revoking": {"effects": [event("revoked", "09")]},
    "the event of a return": {"effects": [event("partially_returned", "06")]},
    "the event of its reopening": {"effects": [event("reopened", "06")]},
    "the state in a response": {
        "effects": [{"of": "a", "state": "closed", "version_at": at("2024-01-05")}]
    },
}


@pytest.mark.parametrize("children", WITNESSES.values(), ids=WITNESSES)
def test_a_cancelled_session_is_revoked_where_a_witness_saw_it_closed(
    children: dict[str, list[Row]],
) -> None:
    tables = source(GONE, **children)
    assert outcome(tables) == ["revoked"]
    (closed, kept) = steps(tables)
    assert closed[:4] == (1, 0, 0, 1)
    assert kept[:4] == (0, 0, 0, 0)


NEVER: dict[str, dict[str, list[Row]]] = {
    "the event of a cancelling from open": {"effects": [event("cancelled", "09")]},
    "a version that knows of no closing": {
        "snapshots": [
            *versions(("open", "05")),
            *versions(("cancelled", "09"), times_known=True),
        ]
    },
}


@pytest.mark.parametrize("children", NEVER.values(), ids=NEVER)
def test_a_cancelled_session_was_open_where_a_witness_knows_of_no_closing(
    children: dict[str, list[Row]],
) -> None:
    tables = source(GONE, **children)
    assert outcome(tables) == ["cancelled_open"]
    assert steps(tables)[0] == (0, 0, 0, 0, None)


def test_an_event_after_the_last_version_tells_how_the_session_stands() -> None:
    session = {**JAN_1, "state": "open", "updated_at": at("2024-01-03")}
    closed = source(session, effects=[event("closed", "05")])
    assert outcome(closed) == ["kept_whole"]
    assert steps(closed) == [(1, 0, 0, 1, 4 * 86_400.0), (1, 0, 0, 1, 4 * 86_400.0)]
    revoked = source(session, effects=[event("closed", "05"), event("revoked", "06")])
    assert outcome(revoked) == ["revoked"]


def test_an_event_before_the_last_version_was_undone_by_then() -> None:
    reopened = source(
        {**JAN_1, "state": "open", "updated_at": at("2024-01-07")},
        effects=[event("closed", "05")],
    )
    assert outcome(reopened) == ["in_progress"]
    assert steps(reopened) == [(1, 0, 0, 1, 4 * 86_400.0), (0, 0, 1, 0, None)]


def test_a_state_alone_is_inferred_and_another_version_observed() -> None:
    session = {**JAN_1, "state": "partially_returned", "updated_at": at("2024-01-09")}
    alone = source(session, snapshots=versions(("partially_returned", "09")))
    assert [row[3] for row in steps(alone)] == [0, 0]
    seen = source(session, snapshots=versions(("closed", "05"), ("partially_returned", "09")))
    assert [row[3] for row in steps(seen)] == [1, 1]
    twice = source(
        {**session, "state": "closed"}, snapshots=versions(("closed", "05"), ("closed", "09"))
    )
    assert [row[3] for row in steps(twice)] == [1, 1]


def test_the_window_goes_by_the_first_closing_and_kept_by_the_last() -> None:
    tables = source(
        {**JAN_1, "closed_at": at("2024-01-08"), "updated_at": at("2024-01-09")},
        snapshots=[
            *versions(("closed", "02"), closed_at=at("2024-01-02")),
            *versions(("closed", "09"), closed_at=at("2024-01-08")),
        ],
    )
    result = questions.funnel(tables, window="2d")
    assert columns(result, "conversion_rate", "median_seconds")[1:] == [
        (1.0, 86_400.0),
        (0.0, 7 * 86_400.0),
    ]


def test_discounts_of_a_session_that_a_witness_saw_closed_were_given_and_reverted() -> None:
    session = {**GONE, "discounts_known": True, "discount_total": "2"}
    discounts: list[Row] = [{"of": "a", "label": "x", "value": "2"}]
    names = ("discount_given", "discount_reverted")
    untold = questions.discount_summary(source(session, discounts=discounts), population="all")
    assert columns(untold, *names) == [(Decimal(0), Decimal(0))]
    seen = source(
        session, discounts=discounts, snapshots=versions(("closed", "05"), ("cancelled", "09"))
    )
    assert columns(questions.discount_summary(seen), *names) == [(Decimal(2), Decimal(2))]


THEN = source(
    {**JAN_1, "state": "cancelled", "updated_at": at("2024-01-09"), "total": "5"},
    {"created_at": at("2024-01-08"), "state": "open", "total": "7"},
    snapshots=[
        *versions(("open", "02"), total=Decimal(3)),
        *versions(("closed", "05"), total=Decimal(4)),
        *versions(("cancelled", "09"), total=Decimal(5)),
    ],
)
"""A session that three dumps held, and one created after the second."""


@pytest.mark.parametrize(
    ("as_of", "end", "gross", "reached"),
    [
        ("2024-01-02", "in_progress", 3, [1, 0, 0]),
        ("2024-01-04T23:59:59", "in_progress", 3, [1, 0, 0]),
        ("2024-01-05", "kept_whole", 4, [1, 1, 1]),
        ("2024-01-07", "kept_whole", 4, [1, 1, 1]),
    ],
)
def test_an_earlier_moment_is_answered_from_the_versions_of_then(
    as_of: str, end: str, gross: int, reached: list[int]
) -> None:
    assert outcome(THEN, as_of=as_of) == [end]
    totals = columns(questions.outcomes(THEN, as_of=as_of), "gross_total")
    assert sum(value for (value,) in totals) == gross
    result = questions.funnel(THEN, as_of=as_of)
    assert columns(result, "reached") == [(n,) for n in reached]
    assert "not counted: 1 session." in result.notes[0]


def test_a_moment_before_the_first_version_has_states_but_no_amounts() -> None:
    assert columns(questions.funnel(THEN, as_of="2024-01-01"), "reached") == [(1,), (0,), (0,)]
    with pytest.raises(UsageError, match=r"of 1 session .* its state then with the amounts"):
        questions.outcomes(THEN, as_of="2024-01-01")


def test_only_sessions_asked_about_need_a_witness_of_then() -> None:
    tables = source(
        {**JAN_1, "store_id": "n", "state": "open", "updated_at": at("2024-01-02")},
        {**JAN_1, "store_id": "s", "state": "closed", "updated_at": at("2024-01-09")},
    )
    with pytest.raises(UsageError, match="no version, time or event"):
        questions.funnel(tables, as_of="2024-01-05")
    north = questions.funnel(tables, as_of="2024-01-05", where={"store_id": "n"})
    assert columns(north, "reached") == [(1,), (0,), (0,)]


def test_the_latest_moment_is_that_of_an_event_too() -> None:
    session = {**JAN_1, "state": "open", "updated_at": at("2024-01-03")}
    tables = source(session, effects=[event("updated", "06")])
    found = columns(questions.outcomes(tables), "outcome", "median_age_seconds")
    assert ("in_progress", 5 * 86_400.0) in found
