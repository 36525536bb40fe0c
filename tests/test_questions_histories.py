"""Questions over histories give what plain Python gives, over random versions and events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sessionkit import questions
from sessionkit.errors import UsageError
from tests import oracle_states
from tests.histories import moments, shop_with_history
from tests.oracle_facts import STATES, Question
from tests.test_questions_oracle import CODES, SINCE, UNTIL, check

Row = dict[str, Any]
SEEDS = range(24)
STEP = 4
LENGTHS = (None, timedelta(days=3), timedelta(hours=36))
NAMES = ("transitions", "time_to_close", "outcomes", "funnel")
CASES: dict[str, Row] = {
    "one row": {},
    "months in Berlin": {"by": ("month",), "tz": "Europe/Berlin", "guests": "^guest-"},
    "weeks, cut": {"by": ("week", "store_id"), "since": SINCE, "until": UNTIL},
    "days of closing": {"by": ("day",), "tz": "America/New_York", "time_basis": "closed"},
    "customers": {"by": ("customer_type",), "guests": "^guest-", "total_row": True},
    "currencies": {"by": ("currency",), "currencies": CODES, "total_row": True},
    "coupons": {"by": ("coupon_code",), "currencies": CODES, "total_row": True},
    "states": {"by": ("state",), "total_row": True, "currencies": {**CODES, 500: "EUR"}},
    "held in the cart": {"where": {"sku": ["tea", "it's"], "category": [None, "garden"]}},
    "one shop": {"where": {"application_id": [270], "store_id": [None, "north"]}},
    "cancelled": {"population": ("cancelled",), "by": ("base_label",)},
    "no such": {"where": {"store_id": ["none"]}, "by": ("month",), "total_row": True},
}


def asked(name: str, case: Row, place: int) -> tuple[Row, Row]:
    """A case in the package's words, and the arguments that only this question has."""
    length = LENGTHS[place % len(LENGTHS)]
    own = {"outcomes": {"timeout": length}, "funnel": {"window": length}}.get(name, {})
    return {**case, **own}, own


def plain(name: str) -> Callable[..., list[Row]]:
    function: Callable[..., list[Row]] = getattr(oracle_states, name)
    return function


def as_question(case: Row) -> Question:
    return Question(**{"population": STATES, **case})


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NAMES)
def test_answers_over_histories_equal_those_of_plain_python(name: str, seed: int) -> None:
    tables = shop_with_history(seed)
    for case in list(CASES.values())[seed % STEP :: STEP]:
        given, own = asked(name, case, seed)
        found = getattr(questions, name)(tables, **given).table.to_pylist()
        expected = plain(name)(tables, as_question(case), *own.values())
        check(found, expected)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NAMES)
def test_answers_as_of_earlier_moments_equal_those_of_plain_python(name: str, seed: int) -> None:
    tables = shop_with_history(seed, sessions=8)
    times = moments(tables)
    answered = 0
    for as_of in (times[len(times) // 3], times[len(times) // 2], times[-2]):
        case: Row = {"as_of": as_of, "currencies": {**CODES, 500: "EUR"}, "by": ("store_id",)}
        given, own = asked(name, case, seed)
        ask = getattr(questions, name)
        try:
            expected = plain(name)(tables, as_question(case), *own.values())
        except oracle_states.Unknown:
            with pytest.raises(UsageError, match="no version, time or event tells"):
                ask(tables, **given)
            continue
        check(ask(tables, **given).table.to_pylist(), expected)
        answered += 1
    assert answered or name != "transitions"
