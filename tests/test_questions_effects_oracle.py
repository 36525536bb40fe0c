"""What effects bring to the questions equals plain Python, to the last digit, over random ones."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from sessionkit import questions
from sessionkit.questions import QUESTIONS
from sessionkit.tables import SNAPSHOTS
from tests import oracle, oracle_effects
from tests.oracle_effects import Effects, fates, with_discounts_told
from tests.oracle_facts import (
    Data,
    exact,
    gross,
    grouped,
    head,
    ordered,
    ratio,
    selected,
    with_money_apart,
)
from tests.oracle_histories import History
from tests.oracle_states import _outcome as outcome
from tests.test_questions_oracle import CASES, STEP, arguments, check, question
from tests.trades import shop_with_effects

Row = dict[str, Any]
SEEDS = range(28)
CUT = (datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 5, 15, tzinfo=UTC))
COMPLETE: tuple[tuple[Any, Any], ...] = (
    (None, None),
    (True, (None, None)),
    (CUT, CUT),
    ("2024-03-10..", (datetime(2024, 3, 10, tzinfo=UTC), None)),
)
TOLD = ("discount_summary", "discount_depth", "discount_stacks", "customer_summary", "top_items",
        "coupon_summary", "rfm", "cohort_retention")  # fmt: skip


def cases(seed: int) -> list[Row]:
    return list(CASES.values())[seed % STEP :: STEP]


def complete(seed: int) -> tuple[Row, Any]:
    given, bounds = COMPLETE[seed // STEP % len(COMPLETE)]
    return ({"effects_complete": given} if given else {}), bounds


@pytest.mark.parametrize("seed", SEEDS)
def test_campaigns_equal_those_of_plain_python(seed: int) -> None:
    tables, (given, bounds) = shop_with_effects(seed, 40), complete(seed)
    for case in cases(seed):
        found = questions.campaign_summary(tables, **arguments(case), **given).table.to_pylist()
        plain = oracle_effects.campaign_summary(tables, question("totals", case), bounds)
        check(found, plain)


@pytest.mark.parametrize("seed", SEEDS)
def test_discounts_of_effects_are_as_if_a_map_had_told_them(seed: int) -> None:
    tables, (given, bounds) = shop_with_effects(seed, 40), complete(seed)
    told = with_discounts_told(tables, bounds)
    for place, case in enumerate(cases(seed)):
        totals = questions.totals(tables, **arguments(case), **given).table.to_pylist()
        check(totals, oracle.totals(told, question("totals", case)))
        ask = QUESTIONS[TOLD[(seed + place) % len(TOLD)]].function
        mine = ask(tables, **arguments(case), **given).table
        names = [n for n in mine.column_names if n not in ("accepted_count", "rejected_count")]
        other = ask(told, **arguments(case)).table
        check(mine.select(names).to_pylist(), other.select(names).to_pylist())


@pytest.mark.parametrize("seed", SEEDS)
def test_the_fates_of_codes_equal_those_of_plain_python(seed: int) -> None:
    tables, (given, bounds) = shop_with_effects(seed, 40), complete(seed)
    for name, column in (("coupon_summary", "coupon_code"), ("referral_summary", "referral_code")):
        for case in cases(seed):
            asked = question(name, case)
            asked.by = tuple(one for one in asked.by if one != column)
            found = QUESTIONS[name].function(tables, **arguments(case), **given).table.to_pylist()
            by, plain = _fates(tables, asked, column, bounds)
            names = ("is_total", *by, column)
            mine = {
                tuple(row.get(one, False) for one in names): (
                    row["accepted_count"],
                    row["rejected_count"],
                )
                for row in found
                if row["session_count"]
            }
            assert mine == plain


def _fates(
    tables: dict[str, pa.Table], q: oracle.Question, column: str, bounds: Any
) -> tuple[tuple[str, ...], dict[Any, tuple[int | None, int | None]]]:
    data, effects = Data(with_discounts_told(tables, bounds)), Effects(tables, bounds)
    own = {(s["application_id"], s["integration_id"]): s for s in Data(tables).sessions}
    sessions = selected(data, q)
    q, mixed = with_money_apart(data, sessions, q)
    told: dict[Any, list[tuple[bool, bool] | None]] = defaultdict(list)
    for (total, group), members in grouped(data, sessions, q, mixed).items():
        for s in members:
            codes = [row["code"] for row in data.of("coupons", s)]
            if column == "referral_code":
                codes = [s["referral_code"]] if s["referral_code"] else []
            standing = effects.standing(own[s["application_id"], s["integration_id"]])
            for name in {None} if total and codes else set(codes):
                fate = fates(standing.lines, codes if total else [name], column)
                told[total, *group, name].append(fate if standing.evaluated else None)
    return q.by, {key: (_count(fate, 0), _count(fate, 1)) for key, fate in told.items()}


def _count(fate: list[tuple[bool, bool] | None], place: int) -> int | None:
    known = [one[place] for one in fate if one is not None]
    return sum(known) if known else None


@pytest.mark.parametrize("seed", SEEDS)
def test_rejections_equal_those_of_plain_python(seed: int) -> None:
    tables, (given, bounds) = shop_with_effects(seed, 40), complete(seed)
    length = (None, timedelta(days=3))[seed % 2]
    for case in cases(seed):
        found = questions.coupon_rejections(tables, timeout=length, **arguments(case), **given)
        plain = _rejections(tables, question("coupon_rejections", case), bounds, length)
        check(found.table.to_pylist(), plain)


def _rejections(
    tables: dict[str, pa.Table], q: oracle.Question, bounds: Any, length: timedelta | None
) -> list[Row]:
    versions = {"snapshots": SNAPSHOTS.empty()}
    history = History({**with_discounts_told(tables, bounds), **versions})
    data = history.data
    sessions = selected(data, q)
    q, mixed = with_money_apart(data, sessions, q)
    groups = grouped(data, sessions, q, mixed)
    rejected: dict[Any, set[tuple[str | None, str | None]]] = defaultdict(set)
    for row in tables["effects"].to_pylist():
        if row["effect_type"] == "rejectCoupon":
            key = row["application_id"], row["integration_id"]
            rejected[key].add((row["coupon_code"], row["rejection_reason"]))
    found = []
    for total, group in ordered(groups):
        by: dict[str | None, list[Row]] = defaultdict(list)
        codes: dict[str | None, list[str | None]] = defaultdict(list)
        if total and not mixed:
            by[None] = []
        for s in groups[total, group]:
            pairs = rejected[s["application_id"], s["integration_id"]]
            for why in {None if total else reason for _, reason in pairs}:
                by[why].append(s)
                codes[why] += [code for code, reason in pairs if total or reason == why]
        for why in sorted(by, key=lambda one: (one is None, one or "")):
            row = head(data, total, group, q) | {"rejection_reason": why}
            found.append(row | _ended(history, by[why], codes[why], q, length))
    return found


def _ended(
    history: History,
    sessions: list[Row],
    codes: list[str | None],
    q: oracle.Question,
    length: timedelta | None,
) -> Row:
    as_of = history.data.latest
    before = as_of - length if length and as_of else None
    ends = [outcome(s, history.life(s), before) for s in sessions]
    worth = [value for s in sessions if (value := gross(s, q)) is not None]
    closed = sum(ends.count(name) for name in ("kept_whole", "partially_returned", "revoked"))
    customers = {c for s in sessions if (c := oracle.customer(history.data, s, q)) is not None}
    return {
        "rejection_count": len(codes),
        "session_count": len(sessions),
        "code_count": len(set(codes)),
        "customer_count": len(customers),
        **{name: ends.count(name) for name in oracle.OUTCOMES},
        **({} if length else {"idle": None}),
        "closed_count": closed,
        "closed_share": ratio(closed, len(sessions)),
        "gross_total": exact(worth),
        "total_known_count": len(worth),
    }
