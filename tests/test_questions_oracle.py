"""Every question gives what plain Python gives, to the last digit, over random sessions."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sessionkit import questions
from sessionkit.questions import QUESTIONS
from tests import oracle
from tests.builders import shop

Row = dict[str, Any]
SEEDS = range(24)
ALL = oracle.STATES
STEP = 7
LENGTHS = (None, timedelta(days=3), timedelta(hours=36))
SINCE = datetime(2024, 3, 5, 13, tzinfo=UTC)
UNTIL = datetime(2024, 4, 30, 22, tzinfo=UTC)
CODES = {270: "EUR", 322: "EUR", 500: "USD"}

CASES: dict[str, Row] = {
    "one row": {},
    "months in Berlin": {"by": ("month",), "tz": "Europe/Berlin", "guests": "^guest-"},
    "days of closing": {"by": ("day",), "tz": "America/New_York", "time_basis": "closed"},
    "weeks, cut": {"by": ("week", "store_id"), "since": SINCE, "until": UNTIL},
    "quarters of updates": {"by": ("quarter", "year"), "time_basis": "updated", "since": SINCE},
    "customers": {"by": ("customer_type", "has_coupon"), "guests": "^guest-", "total_row": True},
    "currencies": {"by": ("currency",), "currencies": CODES, "total_row": True},
    "one known currency": {"by": ("currency", "discounted"), "currencies": {270: "EUR"}},
    "coupons": {"by": ("coupon_code",), "currencies": CODES, "total_row": True},
    "attributes": {"by": ("attributes.Channel", "state"), "currencies": {**CODES, 500: "EUR"}},
    "two attributes": {"by": ("attributes.Channel", "attributes.channel"), "total_row": True},
    "net of discounts": {"by": ("application_id",), "net": (322,), "empty_is_none": (322, 270)},
    "held in the cart": {"where": {"sku": ["tea", "it's"], "category": [None, "garden"]}},
    "nothing held": {"where": {"coupon_code": [None, "X-1"], "sku": [None]}, "by": ("month",)},
    "one label": {"where": {"label": ["10% off#0"], "discounted": ["yes"]}, "by": ("store_id",)},
    "one shop": {"where": {"application_id": [270], "store_id": [None, "north"]}},
    "one channel": {"where": {"attributes.Channel": ["web", None], "base_label": ["10% off"]}},
    "open ones": {"population": ("open",), "by": ("month",)},
    "everything by label": {"population": ALL, "by": ("label",), "total_row": True},
    "everything by base label": {"population": ALL, "by": ("base_label", "application_id")},
    "cancelled": {"population": ("cancelled",), "by": ("coupon_code", "base_label")},
    "no such": {"where": {"store_id": ["none"]}, "by": ("month",), "total_row": True},
}  # fmt: skip


def arguments(case: Row) -> Row:
    """A case in the package's own words."""
    given = {name: value for name, value in case.items() if name not in ("net", "empty_is_none")}
    if "net" in case:
        given["total_basis"] = dict.fromkeys(case["net"], "after_discounts")
        given["empty_discounts"] = dict.fromkeys(case["empty_is_none"], "zero")
    return given


def question(name: str, case: Row) -> oracle.Question:
    """A case in the words of the oracle."""
    default = QUESTIONS[name].population
    asked = oracle.Question(**case)
    if "population" not in case:
        asked.population = ALL if default == "all" else oracle.COMPLETED
    if name == "states":
        asked.by = tuple(one for one in asked.by if one != "state")
    return asked


def check(found: list[Row], expected: list[Row]) -> None:
    assert len(found) == len(expected)
    for mine, other in zip(found, expected, strict=True):
        assert list(mine) == list(other)
        for name, value in other.items():
            same = (
                math.isclose(mine[name], value, rel_tol=1e-12, abs_tol=1e-12)
                if isinstance(value, float)
                else mine[name] == value and type(mine[name]) is type(value)
            )
            assert same, (name, mine, other)


def cases(seed: int) -> list[Row]:
    """The cases that a seed is asked: each case comes to several seeds."""
    return list(CASES.values())[seed % STEP :: STEP]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["totals", "states"])
def test_answers_equal_those_of_plain_python(name: str, seed: int) -> None:
    tables = shop(seed)
    for case in cases(seed):
        found = QUESTIONS[name].function(tables, **arguments(case)).table.to_pylist()
        plain: Callable[..., list[Row]] = getattr(oracle, name)
        check(found, plain(tables, question(name, case)))


@pytest.mark.parametrize("seed", SEEDS)
def test_discounts_equal_those_of_plain_python(seed: int) -> None:
    tables = shop(seed)
    for case in cases(seed):
        found = questions.discount_summary(tables, **{"by": (), **arguments(case)})
        check(found.table.to_pylist(), oracle.discount_summary(tables, question("totals", case)))


@pytest.mark.parametrize("seed", SEEDS)
def test_ends_and_steps_equal_those_of_plain_python(seed: int) -> None:
    tables = shop(seed)
    length = LENGTHS[seed % len(LENGTHS)]
    for case in cases(seed):
        given = arguments(case)
        ends = questions.outcomes(tables, timeout=length, **given)
        check(ends.table.to_pylist(), oracle.outcomes(tables, question("outcomes", case), length))
        steps = questions.funnel(tables, window=length, **given)
        check(steps.table.to_pylist(), oracle.funnel(tables, question("funnel", case), length))
