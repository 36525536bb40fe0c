"""The questions about customers and items give what plain Python gives, over random sessions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from random import Random
from string import ascii_lowercase
from typing import Any

import pyarrow as pa
import pytest

from sessionkit import questions
from sessionkit.tables import CART_ITEMS, IDENTIFIERS, SESSIONS
from tests import oracle, oracle_customers, oracle_items
from tests.builders import shop
from tests.oracle_facts import Question
from tests.rows import rows
from tests.test_questions_oracle import CASES, SINCE, arguments, check

Row = dict[str, Any]
SEEDS = range(24)
STEP = 13
LATE = "2024-04-15T12:00:00Z"
MORE: dict[str, Row] = {
    "as of April": {"as_of": LATE, "guests": "^guest-", "total_row": True},
    "since March, of closing": {"since": SINCE, "time_basis": "closed", "tz": "Asia/Tokyo"},
    "all, of updates": {"population": oracle.STATES, "time_basis": "updated", "by": ("state",)},
    "one currency": {"currencies": {270: "EUR", 322: "EUR", 500: "EUR"}, "total_row": True},
}  # fmt: skip


def crowd(seed: int) -> dict[str, pa.Table]:
    """Random sessions with identifiers, referrals and products, too."""
    dice, tables = Random(seed), shop(seed, sessions=90)
    sessions = [
        {**s, "referral_code": dice.choice((None, None, "", "R-1", "R-2", "R-3"))}
        for s in tables["sessions"].to_pylist()
    ]
    lines = [
        {**line, "product_name": dice.choice((None, "Tea", "Cup"))}
        for line in tables["cart_items"].to_pylist()
    ]
    identifiers = [
        {"application_id": s["application_id"], "integration_id": s["integration_id"],
         "identifier": one}
        for s in sessions
        for one in dice.sample(("", "office", *ascii_lowercase), dice.choice((0, 1, 2)))
    ]  # fmt: skip
    return tables | {
        "sessions": rows(SESSIONS, *sessions),
        "cart_items": rows(CART_ITEMS, *lines),
        "identifiers": rows(IDENTIFIERS, *identifiers),
    }


def asked(case: Row) -> Question:
    """A case in the words of the oracle."""
    given = dict(case)
    if "as_of" in given:
        given["as_of"] = datetime.fromisoformat(given["as_of"])
    return Question(**given)


def cases(seed: int) -> list[Row]:
    """The cases that a seed is asked: each case comes to several seeds."""
    return [*CASES.values(), *MORE.values()][seed % STEP :: STEP]


@pytest.mark.parametrize("seed", SEEDS)
def test_customer_types_equal_those_of_plain_python(seed: int) -> None:
    tables = crowd(seed)
    for case in cases(seed):
        found = questions.customer_summary(tables, **arguments(case)).table.to_pylist()
        q = asked(case)
        q = replace(q, by=tuple(name for name in q.by if name != "customer_type"))
        check(found, oracle_customers.customer_summary(tables, q))


@pytest.mark.parametrize("seed", SEEDS)
def test_scores_equal_those_of_plain_python(seed: int) -> None:
    tables = crowd(seed)
    for place, case in enumerate(cases(seed)):
        money = ("gross", "net")[(seed + place) % 2]
        found = questions.rfm(tables, money=money, **arguments(case)).table.to_pylist()
        check(found, oracle_customers.rfm(tables, asked(case), money))


@pytest.mark.parametrize("seed", SEEDS)
def test_cohorts_equal_those_of_plain_python(seed: int) -> None:
    tables = crowd(seed)
    for place, case in enumerate(cases(seed)):
        period = ("month", "week", "quarter", "year")[(seed + place) % 4]
        began = place % 2 == 0
        given = arguments(case)
        by = [*given.pop("by", ()), *(["first_discounted"] if began else [])]
        found = questions.cohort_retention(tables, period=period, by=by, **given)
        plain = oracle_customers.cohort_retention(tables, asked(case), period, began)
        check(found.table.to_pylist(), plain)


@pytest.mark.parametrize("seed", SEEDS)
def test_items_equal_those_of_plain_python(seed: int) -> None:
    tables = crowd(seed)
    for place, case in enumerate(cases(seed)):
        of = ("sku", "category", "product")[(seed + place) % 3]
        rank_by, limit = ("money", "units")[place % 2], (None, 1, 3)[seed % 3]
        given = {"of": of, "rank_by": rank_by, "limit": limit}
        found = questions.top_items(tables, **given, **arguments(case)).table.to_pylist()
        check(found, oracle_items.top_items(tables, asked(case), **given))


@pytest.mark.parametrize("seed", SEEDS)
def test_components_equal_those_of_plain_python(seed: int) -> None:
    tables = crowd(seed)
    for place, case in enumerate(cases(seed)):
        of = (("identifier",), ("coupon", "identifier"), ("identifier", "referral"))[place % 3]
        most = (2, 3, 20)[(seed + place) % 3]
        found = questions.identifier_overlap(
            tables, of=of, max_sharing=most, show=True, **arguments(case)
        )
        check(
            found.table.to_pylist(),
            oracle_items.identifier_overlap(tables, asked(case), of, most),
        )
