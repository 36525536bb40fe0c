"""coupon_summary and referral_summary in plain Python; see `oracle`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from tests.oracle import outcome
from tests.oracle_facts import (
    OUTCOMES,
    Data,
    Question,
    Row,
    customer,
    discount,
    exact,
    gross,
    grouped,
    head,
    knowledge,
    ordered,
    selected,
    with_money_apart,
)

Key = tuple[bool, tuple[Any, ...], str | None]


def coupon_summary(
    tables: Mapping[str, pa.Table],
    q: Question,
    timeout: timedelta | None = None,
    pattern: str | None = None,
) -> list[Row]:
    def name(code: str) -> str:
        found = re.search(pattern, code) if pattern else None
        return (found and found[0]) or code

    def codes(data: Data, s: Row) -> list[str]:
        return [row["code"] for row in data.of("coupons", s)]

    return _summary(tables, q, timeout, codes, name, "coupon_code")


def referral_summary(
    tables: Mapping[str, pa.Table], q: Question, timeout: timedelta | None = None
) -> list[Row]:
    def codes(data: Data, s: Row) -> list[str]:
        return [] if s["referral_code"] is None else [s["referral_code"]]

    rows = _summary(tables, q, timeout, codes, str, "referral_code")
    return [{k: v for k, v in row.items() if k != "code_count"} for row in rows]


def _summary(
    tables: Mapping[str, pa.Table],
    q: Question,
    timeout: timedelta | None,
    codes_of: Callable[[Data, Row], list[str]],
    name_of: Callable[[str], str],
    column: str,
) -> list[Row]:
    data = Data(tables)
    sessions = selected(data, q)
    q, mixed = with_money_apart(data, sessions, q)
    groups = grouped(data, sessions, q, mixed)
    found = []
    for total, group in ordered(groups):
        members: dict[str | None, list[Row]] = defaultdict(list)
        written: dict[str | None, set[str]] = defaultdict(set)
        if total and not mixed:
            members[None] = []
        for s in groups[total, group]:
            codes = codes_of(data, s)
            for name in {None if total else name_of(code) for code in codes}:
                members[name].append(s)
                written[name] |= {c for c in codes if total or name_of(c) == name}
        for name in sorted(members, key=lambda n: (n is None, n or "")):
            found.append(
                head(data, total, group, q)
                | {column: name, "session_count": len(members[name])}
                | {"code_count": len(written[name])}
                | _figures(data, members[name], q, timeout)
            )
    return found


def _figures(data: Data, sessions: list[Row], q: Question, timeout: timedelta | None) -> Row:
    as_of = q.as_of or data.latest
    idle_before = as_of - timeout if timeout and as_of else None
    ends = [outcome(s, idle_before) for s in sessions]
    worth = [value for s in sessions if (value := gross(s, q)) is not None]
    told = [knowledge(s, q) for s in sessions]
    known = exact(discount(s, q) or Decimal(0) for s in sessions)
    return {
        "customer_count": len({c for s in sessions if (c := customer(data, s, q)) is not None}),
        **{name: ends.count(name) for name in OUTCOMES},
        **({} if timeout else {"idle": None}),
        "gross_total": exact(worth),
        "total_known_count": len(worth),
        "discount_total": known if "known" in told else None,
        "discount_known_count": told.count("known"),
        "discount_ambiguous_count": told.count("ambiguous"),
        "discount_unknown_count": told.count("unknown"),
        "accepted_count": None,
        "rejected_count": None,
    }
