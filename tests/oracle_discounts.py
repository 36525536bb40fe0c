"""discount_summary in plain Python; see `oracle`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa

from tests.oracle_facts import (
    COMPLETED,
    Data,
    Question,
    Row,
    base,
    discount,
    exact,
    gross,
    grouped,
    head,
    knowledge,
    matches,
    ordered,
    quantile,
    ratio,
    was_revoked,
    with_money_apart,
)


def discount_summary(tables: Mapping[str, pa.Table], q: Question) -> list[Row]:
    data = Data(tables)
    wide = [
        s for s in data.sessions
        if matches(data, s, q)
        and (s["state"] in q.population or s["state"] in COMPLETED or was_revoked(s))
    ]  # fmt: skip
    q, mixed = with_money_apart(data, wide, q)
    labels = [name for name in q.by if name in ("label", "base_label")]
    scope = Question(**{**q.__dict__, "by": tuple(n for n in q.by if n not in labels)})
    scopes = grouped(data, wide, scope, mixed)
    sums: dict[tuple[bool, tuple[Any, ...]], list[tuple[Row, list[Decimal]]]] = defaultdict(list)
    origin: dict[tuple[bool, tuple[Any, ...]], tuple[bool, tuple[Any, ...]]] = {}
    for (total, group), sessions in scopes.items():
        rest = dict(zip(scope.by, group, strict=True))
        if not labels or total:
            whole = total, tuple(rest.get(name) for name in q.by)
            origin[whole] = total, group
            sums[whole] += []
        for s in sessions:
            told: dict[tuple[Any, ...], list[Decimal]] = defaultdict(list)
            if not labels or total:
                told[tuple(rest.get(name) for name in q.by)] = []
            for label, value in discount_rows(data, s, q):
                own = {"label": label, "base_label": None if label is None else base(label)}
                named = rest if total else rest | own
                told[tuple(named.get(name) for name in q.by)].append(value)
            for key, amounts in told.items():
                if amounts or not labels:
                    sums[total, key].append((s, amounts))
                    origin[total, key] = total, group
    keep = [g for g in sums if sums[g] or not q.by or (g[0] and not mixed)]
    return [
        head(data, *group, q) | _discounts(data, sums[group], scopes[origin[group]], wide, q)
        for group in ordered(keep)
    ]


def discount_rows(data: Data, s: Row, q: Question) -> list[tuple[str | None, Decimal]]:
    known = discount(s, q)
    if known is None:
        return []
    found: list[tuple[str | None, Decimal]] = [
        (row["label"], row["value"]) for row in data.of("discounts", s)
    ]
    return found or ([(None, known)] if known else [])


def _discounts(
    data: Data,
    sums: list[tuple[Row, list[Decimal]]],
    scope: list[Row],
    wide: list[Row],
    q: Question,
) -> Row:
    own = [(s, exact(v), len(v)) for s, v in sums if v and s["state"] in q.population]
    real = [(s, amount) for s, amount, _ in own if amount]
    amounts = [amount for _, amount in real]
    population = [s for s in scope if s["state"] in q.population]
    told = [knowledge(s, q) for s in population]
    here = {q.currencies.get(s["application_id"], s["application_id"]) for s, _ in sums}
    everything = exact(
        discount(s, q) or Decimal(0)
        for s in wide
        if s["state"] in q.population
        and q.currencies.get(s["application_id"], s["application_id"]) in here
    )
    total = exact(amounts) if "known" in told else None
    value = exact(g for s, _, _ in own if (g := gross(s, q)) is not None)
    deep = [(a, g) for s, a in real if (g := gross(s, q)) is not None and g > 0]
    return {
        "discount_total": total,
        "share": ratio(total, everything),
        "known_discount_total": everything,
        "session_count": len(own),
        "row_count": sum(count for _, _, count in own),
        "avg_discount": ratio(total, len(real)),
        "median_discount": quantile([float(a) for a in amounts], 0.5),
        "p90_discount": quantile([float(a) for a in amounts], 0.9),
        "min_discount": min(amounts, default=None),
        "max_discount": max(amounts, default=None),
        "gross_total": value,
        "depth": ratio(total, value) if value > 0 else None,
        "avg_depth": ratio(sum(float(a) / float(g) for a, g in deep), len(deep)),
        "depth_count": len(deep),
        "zero_count": sum(amount == 0 for _, amount, _ in own),
        "negative_count": sum(amount < 0 for _, amount, _ in own),
        "discount_given": _told(
            [(s, v) for s, v in sums if s["state"] in COMPLETED or was_revoked(s)], q
        ),
        "discount_reverted": _told([(s, v) for s, v in sums if was_revoked(s)], q),
        "discount_known_count": told.count("known"),
        "discount_ambiguous_count": told.count("ambiguous"),
        "discount_unknown_count": told.count("unknown"),
    }


def _told(sums: list[tuple[Row, list[Decimal]]], q: Question) -> Decimal | None:
    """What sessions had off; None where there are some, and of none of them it is known."""
    if sums and all(discount(s, q) is None for s, _ in sums):
        return None
    return exact(a for _, v in sums for a in v)
