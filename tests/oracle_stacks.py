"""discount_depth and discount_stacks in plain Python; see `oracle`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

import pyarrow as pa

from tests.oracle_facts import (
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
    ordered,
    ratio,
    selected,
    with_money_apart,
)

BANDS: dict[str, tuple[float | None, float | None]] = {
    "< 0": (None, 0.0),
    "0": (0.0, 0.0),
    **{f"{5 * k - 5}–{5 * k} %": ((5 * k - 5) / 100, 5 * k / 100) for k in range(1, 21)},
    "> 100 %": (1.0, None),
    "total ≤ 0": (None, None),
    "no total": (None, None),
    "ambiguous": (None, None),
    "unknown": (None, None),
}


def band_of(s: Row, q: Question) -> str:
    off, total = discount(s, q), gross(s, q)
    if off is None:
        return knowledge(s, q)
    if total is None:
        return "no total"
    if total <= 0:
        return "total ≤ 0"
    depth = Fraction(off) / Fraction(total)
    if depth <= 0:
        return "0" if depth == 0 else "< 0"
    k = ceil(depth * 20)
    return f"{5 * k - 5}–{5 * k} %" if k <= 20 else "> 100 %"


def _knowledge(sessions: list[Row], q: Question) -> Row:
    told = [knowledge(s, q) for s in sessions]
    return {
        f"discount_{what}_count": told.count(what) for what in ("known", "ambiguous", "unknown")
    }


def _worth(sessions: list[Row], q: Question) -> Decimal:
    return exact(value for s in sessions if (value := gross(s, q)) is not None)


def discount_depth(tables: Mapping[str, pa.Table], q: Question) -> list[Row]:
    data = Data(tables)
    sessions = selected(data, q)
    q, mixed = with_money_apart(data, sessions, q)
    groups = grouped(data, sessions, q, mixed)
    found = []
    for total, group in ordered(groups):
        everyone = groups[total, group]
        in_band: dict[str, list[Row]] = {name: [] for name in BANDS}
        for s in everyone:
            in_band[band_of(s, q)].append(s)
        for name, (low, high) in BANDS.items():
            here = in_band[name]
            off = exact(value for s in here if (value := discount(s, q)) is not None)
            found.append(
                head(data, total, group, q)
                | {
                    "band": name,
                    "session_count": len(here),
                    "group_session_count": len(everyone),
                    "share": ratio(len(here), len(everyone)),
                    "gross_total": _worth(here, q),
                    "discount_total": None if name in ("ambiguous", "unknown") else off,
                    "depth_from": low,
                    "depth_to": high,
                }
                | _knowledge(everyone, q)
            )
    return found


def discount_stacks(
    tables: Mapping[str, pa.Table], q: Question, limit: int | None = None
) -> list[Row]:
    data = Data(tables)
    sessions = selected(data, q)
    q, mixed = with_money_apart(data, sessions, q)
    groups = grouped(data, sessions, q, mixed)
    found = []
    for total, group in ordered(groups):
        stacks: dict[tuple[str, ...] | None, list[Row]] = defaultdict(list)
        for s in groups[total, group]:
            labels = {base(row["label"]) for row in data.of("discounts", s)}
            known = discount(s, q)
            if known is not None and (labels or known):
                stacks[tuple(sorted(labels)) if labels else None].append(s)
        rows = [_stack(labels, found, q) for labels, found in stacks.items()]
        rows.sort(key=_rank)
        carrying = sum(map(len, stacks.values()))
        for place, row in enumerate(rows[:limit], 1):
            found.append(
                head(data, total, group, q)
                | {"labels": row["labels"], "session_count": row["session_count"]}
                | {"stack_depth": None if row["labels"] is None else len(row["labels"])}
                | {"share": ratio(row["session_count"], carrying), "carrying_count": carrying}
                | row
                | {"place": place, "stack_count": len(rows)}
                | _knowledge(groups[total, group], q)
            )
    return found


def _stack(labels: tuple[str, ...] | None, sessions: list[Row], q: Question) -> Row:
    deep = [
        float(off) / float(total)
        for s in sessions
        if (off := discount(s, q)) and (total := gross(s, q)) is not None and total > 0
    ]
    return {
        "labels": None if labels is None else list(labels),
        "session_count": len(sessions),
        "discount_total": exact(discount(s, q) or Decimal(0) for s in sessions),
        "gross_total": _worth(sessions, q),
        "avg_depth": ratio(sum(deep), len(deep)),
        "depth_count": len(deep),
    }


def _rank(row: Row) -> tuple[Any, ...]:
    labels = row["labels"]
    return -row["session_count"], -row["discount_total"], labels is None, labels or []
