"""top_items and identifier_overlap in plain Python; see `oracle`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from tests.oracle_customers import discounts_of, knowledge_counts, totalled
from tests.oracle_facts import (
    Data,
    Question,
    Row,
    customer,
    discount,
    exact,
    grouped,
    head,
    ordered,
    ratio,
    selected,
    with_money_apart,
)

COLUMN = {"sku": "sku", "category": "category", "product": "product_name"}


def top_items(
    tables: Mapping[str, pa.Table], q: Question, of: str, rank_by: str, limit: int | None
) -> list[Row]:
    data = Data(tables)
    sessions = selected(data, q)
    q, mixed = with_money_apart(data, sessions, q)
    groups = grouped(data, sessions, q, mixed)
    found = []
    for total, group in ordered(groups):
        lines: dict[Any, list[tuple[Row, Row]]] = defaultdict(list)
        for s in groups[total, group]:
            for line in data.of("cart_items", s):
                lines[line[COLUMN[of]]].append((s, line))
        rows = [_item(item, own, q) for item, own in lines.items()]
        money = exact(row["items_total"] for row in rows if row["items_total"] is not None)
        rows.sort(key=lambda row: _rank(row, rank_by))
        for place, row in enumerate(rows[:limit], 1):
            share = None if row["items_total"] is None else ratio(row["items_total"], money)
            own = {"place": place, "item": None, "items_total": None, "share": None} | row
            own |= {"share": share, "item_count": len(rows)}
            found.append(head(data, total, group, q) | own)
    return found


def _rank(row: Row, rank_by: str) -> tuple[Any, ...]:
    money = (row["items_total"] is None, -(row["items_total"] or 0))
    units = -row["unit_count"]
    name = (row["item"] is None, row["item"] or "")
    return (units, money, name) if rank_by == "units" else (money, units, name)


def _item(item: Any, own: list[tuple[Row, Row]], q: Question) -> Row:
    lines = [line for _, line in own]
    sessions = list({(s["application_id"], s["integration_id"]): s for s, _ in own}.values())
    priced = [line for line in lines if line["price"] is not None]
    telling = [line for line in lines if line["returned_quantity"] is not None]
    back = sum(line["returned_quantity"] for line in telling)
    told = sum(line["quantity"] for line in telling)
    counts = knowledge_counts(sessions, q)
    discounted = sum(bool(discount(s, q)) for s in sessions)
    certain = not counts["discount_ambiguous_count"]
    return {
        "item": item,
        "items_total": exact(line["price"] * line["quantity"] for line in priced)
        if priced
        else None,
        "share": None,
        "unit_count": sum(line["quantity"] for line in lines),
        "line_count": len(lines),
        "unpriced_line_count": len(lines) - len(priced),
        "session_count": len(sessions),
        "returned_unit_count": back,
        "returned_known_unit_count": told,
        "returned_share": ratio(back, told),
        "returned_total": exact(
            line["price"] * line["returned_quantity"] for line in telling if line in priced
        ),
        "discounted_count": discounted,
        **counts,
        "discount_penetration": ratio(discounted, counts["discount_known_count"])
        if certain
        else None,
    }


# --- identifier_overlap -------------------------------------------------------------------------


class Union:
    """Union-find."""

    def __init__(self) -> None:
        self.parent: dict[Any, Any] = {}

    def find(self, one: Any) -> Any:
        self.parent.setdefault(one, one)
        while self.parent[one] != one:
            self.parent[one] = self.parent[self.parent[one]]
            one = self.parent[one]
        return one

    def join(self, one: Any, other: Any) -> None:
        self.parent[self.find(one)] = self.find(other)


def identifier_overlap(
    tables: Mapping[str, pa.Table], q: Question, of: tuple[str, ...], max_sharing: int
) -> list[Row]:
    data = Data(tables)
    held = _held(tables, of)
    sessions = selected(data, q)
    q, mixed = with_money_apart(data, sessions, q)
    groups = grouped(data, sessions, q, mixed)
    found = []
    for total, group in ordered(groups):
        rows = _overlaps(data, groups[total, group], held, q, len(of) > 1, max_sharing)
        found += [head(data, total, group, q) | row for row in rows]
    return found


def _held(tables: Mapping[str, pa.Table], of: tuple[str, ...]) -> dict[Any, set[tuple[str, str]]]:
    held: dict[Any, set[tuple[str, str]]] = defaultdict(set)
    for kind, table, column in (
        ("identifier", "identifiers", "identifier"),
        ("coupon", "coupons", "code"),
        ("referral", "sessions", "referral_code"),
    ):
        for row in tables[table].to_pylist():
            if kind in of and row[column]:
                held[row["application_id"], row["integration_id"]].add((kind, row[column]))
    return held


def _overlaps(
    data: Data, sessions: list[Row], held: Mapping[Any, set[tuple[str, str]]], q: Question,
    several: bool, max_sharing: int,
) -> list[Row]:  # fmt: skip
    sharers: dict[tuple[str, str], set[Any]] = defaultdict(set)
    named = [(s, c) for s in sessions if (c := customer(data, s, q)) is not None]
    for s, c in named:
        for value in held.get((s["application_id"], s["integration_id"]), ()):
            sharers[value].add(c)
    shared = {value: who for value, who in sharers.items() if len(who) > 1}
    union = Union()
    for value, who in shared.items():
        if len(who) <= max_sharing:
            for c in who:
                union.join(("value", value), ("customer", c))
    sets: dict[Any, tuple[set[Any], set[Any]]] = defaultdict(lambda: (set(), set()))
    listed = []
    for value, who in shared.items():
        if len(who) > max_sharing:
            listed.append(({value}, who))
            continue
        values, people = sets[union.find(("value", value))]
        values.add(value)
        people |= who

    def row(values: set[Any], people: set[Any], linked: bool) -> Row:
        own = [s for s, c in named if c in people]
        holding = [
            s for s in own if values & held.get((s["application_id"], s["integration_id"]), set())
        ]
        return {
            "component": None,
            "is_linked": linked,
            "profile_count": len(people),
            "identifier_count": len(values),
            "session_count": len(own),
            "sharing_session_count": len(holding),
            "gross_total": totalled(own, q),
            "discount_total": discounts_of(own, q),
            **knowledge_counts(own, q),
            "profiles": sorted(c if isinstance(c, str) else f"#{c}" for c in people),
            "identifiers": sorted(f"{k}:{v}" if several else v for k, v in values),
            "first": min((isinstance(c, int), c) for c in people),
            "value": min(values),
        }

    linked = [row(*one, True) for one in sets.values()]
    linked.sort(key=lambda r: (-r["profile_count"], -r["session_count"], r["first"]))
    for number, one in enumerate(linked, 1):
        one["component"] = number
    apart = [row(*one, False) for one in listed]
    apart.sort(key=lambda r: (-r["profile_count"], -r["session_count"], r["value"]))
    return [{k: v for k, v in r.items() if k not in ("first", "value")} for r in linked + apart]
