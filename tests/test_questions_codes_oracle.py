"""Depths, stacks and codes give what plain Python gives, to the last digit."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random

import pyarrow as pa
import pytest

from sessionkit import questions
from sessionkit.tables import ALL
from tests import oracle_codes, oracle_stacks
from tests.builders import shop
from tests.rows import rows
from tests.test_questions_oracle import CASES, STEP, Row, arguments, check, question

SEEDS = range(24)
CODES = ("SUMMER-1", "SUMMER-22", "SUMMER", "WINTER", "winter-1", "Ü'1", "", "summer-1")
PATTERNS = (None, "^SUMMER", "(?i)^(summer|winter)", "[0-9]*", "-?[0-9]+$")
SMALLEST = Decimal("1e-18")
TABLES = {table.name: table for table in ALL}


def trade(seed: int) -> dict[str, pa.Table]:
    """The tables of `shop` with codes that are alike, and depths at the borders of bands."""
    dice, tables = Random(seed), shop(seed)
    sessions, coupons = [], []
    for s in tables["sessions"].to_pylist():
        codes = dice.sample(CODES, dice.choice((0, 0, 1, 2, 3)))
        key = {name: s[name] for name in ("application_id", "integration_id")}
        coupons += [key | {"code": code} for code in codes]
        s |= {"coupon_codes": codes, "referral_code": dice.choice((None, "R-1", "R-2", "r-1"))}
        if (s["discount_total"] or 0) > 0 and dice.random() < 0.6:
            near = dice.choice((0, 0, SMALLEST, -SMALLEST))
            s["total"] = s["discount_total"] * dice.choice((1, 2, 4, 5, 10, 20)) + near
        sessions.append(s)
    made = {
        name: rows(TABLES[name], *found)
        for name, found in (("sessions", sessions), ("coupons", coupons))
    }
    return tables | made


def cases(seed: int) -> list[Row]:
    return list(CASES.values())[seed % STEP :: STEP]


@pytest.mark.parametrize("seed", SEEDS)
def test_depths_and_stacks_equal_those_of_plain_python(seed: int) -> None:
    tables = trade(seed)
    limit = (None, 1, 3)[seed % 3]
    for case in cases(seed):
        given = arguments(case)
        depths = questions.discount_depth(tables, **given).table.to_pylist()
        check(depths, oracle_stacks.discount_depth(tables, question("discount_depth", case)))
        stacks = questions.discount_stacks(tables, limit=limit, **given).table.to_pylist()
        asked = question("discount_stacks", case)
        check(stacks, oracle_stacks.discount_stacks(tables, asked, limit))


@pytest.mark.parametrize("seed", SEEDS)
def test_codes_equal_those_of_plain_python(seed: int) -> None:
    tables = trade(seed)
    pattern = PATTERNS[seed % len(PATTERNS)]
    timeout = (None, timedelta(days=3))[seed % 2]
    for case in cases(seed):
        asked = question("coupon_summary", case)
        asked.by = tuple(name for name in asked.by if name != "coupon_code")
        found = questions.coupon_summary(
            tables, coupon_pattern=pattern, timeout=timeout, **arguments(case)
        )
        plain = oracle_codes.coupon_summary(tables, asked, timeout, pattern)
        check(found.table.to_pylist(), plain)
        found = questions.referral_summary(tables, timeout=timeout, **arguments(case))
        asked = question("referral_summary", case)
        plain = oracle_codes.referral_summary(tables, asked, timeout)
        check(found.table.to_pylist(), plain)
