"""The questions once more, in plain Python: dicts, loops and `decimal`, no engine.

Written from the definitions, one session at a time, so that it can disagree with the SQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

import pyarrow as pa

from tests.oracle_discounts import discount_summary
from tests.oracle_facts import (
    COMPLETED,
    OUTCOMES,
    STATES,
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
    quantile,
    ratio,
    selected,
    with_money_apart,
)


def totals(tables: Mapping[str, pa.Table], q: Question) -> list[Row]:
    data = Data(tables)
    sessions = selected(data, q)
    q, mixed = with_money_apart(data, sessions, q)
    groups = grouped(data, sessions, q, mixed)
    return [
        head(data, total, group, q) | _totals(data, groups[total, group], q)
        for total, group in ordered(groups)
    ]


def _totals(data: Data, sessions: list[Row], q: Question) -> Row:
    totals = [value for s in sessions if (value := gross(s, q)) is not None]
    known = [s for s in sessions if knowledge(s, q) == "known"]
    told = [knowledge(s, q) for s in sessions]
    known_gross = exact(value for s in known if (value := gross(s, q)) is not None)
    discounts = exact(discount(s, q) or Decimal(0) for s in known) if known else None
    discounted = sum(1 for s in known if discount(s, q))
    lines = [(s, line) for s in sessions for line in data.of("cart_items", s)]
    priced = [s["items_total"] for s in sessions if s["items_total"] is not None]
    certain = "ambiguous" not in told
    return {
        "session_count": len(sessions),
        "customer_count": len({c for s in sessions if (c := customer(data, s, q)) is not None}),
        "gross_total": exact(totals),
        "total_known_count": len(totals),
        "items_total": exact(priced),
        "priced_count": len(priced),
        "additional_cost_total": exact(
            cost["price"] for s in sessions for cost in data.of("additional_costs", s)
        ),
        "discount_total": discounts,
        "discount_known_count": told.count("known"),
        "discount_ambiguous_count": told.count("ambiguous"),
        "discount_unknown_count": told.count("unknown"),
        "discount_known_gross_total": known_gross,
        "net_total": None if discounts is None else exact([known_gross, -discounts]),
        "returned_total": exact(
            line["price"] * line["returned_quantity"]
            for _, line in lines
            if line["price"] is not None and line["returned_quantity"] is not None
        ),
        "returned_known_count": sum(1 for s in sessions if tells_returns(data.of("cart_items", s))),
        "unit_count": sum(s["unit_count"] for s in sessions),
        "line_count": sum(s["line_count"] for s in sessions),
        "avg_session_value": ratio(exact(totals), len(totals)),
        "median_session_value": quantile([float(value) for value in totals], 0.5),
        "avg_units_per_session": ratio(sum(s["unit_count"] for s in sessions), len(sessions)),
        "discounted_count": discounted,
        "discount_rate": ratio(discounts, known_gross) if certain else None,
        "discount_penetration": ratio(discounted, len(known)) if certain else None,
    }


def tells_returns(lines: list[Row]) -> bool:
    return all(
        line["returned_quantity"] == 0
        or (line["returned_quantity"] is not None and line["price"] is not None)
        for line in lines
    )


def states(tables: Mapping[str, pa.Table], q: Question) -> list[Row]:
    data = Data(tables)
    sessions = selected(data, q)
    q, mixed = with_money_apart(data, sessions, q)
    groups = grouped(data, sessions, q, mixed)
    return [
        head(data, total, group, q)
        | {"state": state}
        | _share(groups[total, group], [s for s in groups[total, group] if s["state"] == state], q)
        for total, group in ordered(groups)
        for state in STATES
    ]


def _share(all_sessions: list[Row], sessions: list[Row], q: Question) -> Row:
    return {
        "session_count": len(sessions),
        "group_session_count": len(all_sessions),
        "share": ratio(len(sessions), len(all_sessions)),
        "gross_total": exact(value for s in sessions if (value := gross(s, q)) is not None),
    }


def outcome(s: Row, idle_before: datetime | None) -> str:
    if s["state"] == "closed":
        return "kept_whole"
    if s["state"] == "partially_returned":
        return "partially_returned"
    if s["state"] == "cancelled":
        if s["closed_at"] is not None:
            return "revoked"
        return "cancelled_open" if s["times_known"] else "cancelled_unknown"
    touched = s["updated_at"] or s["created_at"]
    return "idle" if idle_before and touched <= idle_before else "in_progress"


def outcomes(
    tables: Mapping[str, pa.Table], q: Question, timeout: timedelta | None = None
) -> list[Row]:
    data = Data(tables)
    sessions = selected(data, q)
    q, mixed = with_money_apart(data, sessions, q)
    groups = grouped(data, sessions, q, mixed)
    as_of = q.as_of or data.latest
    idle_before = as_of - timeout if timeout and as_of else None
    found = []
    for total, group in ordered(groups):
        everyone = groups[total, group]
        by_outcome = {
            name: [s for s in everyone if outcome(s, idle_before) == name] for name in OUTCOMES
        }
        gone = len(by_outcome["cancelled_open"]) + len(by_outcome["idle"])
        for name, sessions in by_outcome.items():
            if name == "idle" and timeout is None:
                continue
            ages = [(as_of - s["created_at"]).total_seconds() for s in sessions]
            found.append(
                head(data, total, group, q)
                | {"outcome": name}
                | _share(everyone, sessions, q)
                | {
                    "median_age_seconds": quantile(ages, 0.5),
                    "abandoned": gone if timeout else None,
                }
            )
    return found


def funnel(
    tables: Mapping[str, pa.Table], q: Question, window: timedelta | None = None
) -> list[Row]:
    data = Data(tables)
    groups = grouped(data, selected(data, q), q)
    as_of = q.as_of or data.latest
    return [
        head(data, total, group, q) | step
        for total, group in ordered(groups)
        for step in _steps(groups[total, group], as_of, window)
    ]


def _steps(sessions: list[Row], as_of: datetime | None, window: timedelta | None) -> Iterator[Row]:
    closed = [s for s in sessions if s["closed_at"] is not None or s["state"] in COMPLETED]
    kept = [s for s in closed if s["state"] in COMPLETED]
    unknown = [
        s for s in sessions
        if s["state"] == "cancelled" and s["closed_at"] is None and not s["times_known"]
    ]  # fmt: skip
    still = [s for s in sessions if s["state"] == "open" and s["closed_at"] is None]
    reopened = [s for s in closed if s["state"] == "open"]
    steps: tuple[tuple[str, list[Row], list[Row], list[Row]], ...] = (
        ("created", sessions, [], []),
        ("closed", closed, unknown, still),
        ("kept", kept, [], reopened),
    )
    before: list[Row] | None = None
    for number, (name, reached, unsure, waiting) in enumerate(steps, 1):
        seen = reached if number == 1 else [s for s in reached if s["closed_at"] is not None]
        spans = [timedelta(0) if number == 1 else s["closed_at"] - s["created_at"] for s in seen]
        ripe = [s for s in sessions if window and as_of and s["created_at"] <= as_of - window]
        soon = [
            s for s, span in zip(seen, spans, strict=True)
            if window and as_of and s["created_at"] <= as_of - window and span <= window
        ]  # fmt: skip
        seconds = [span.total_seconds() for span in spans]
        yield {
            "step": number,
            "name": name,
            "entered": len(sessions),
            "reached": len(reached),
            "unknown": len(unsure),
            "from_previous": None if before is None else ratio(len(reached), len(before)),
            "from_first": ratio(len(reached), len(sessions)),
            "from_first_high": ratio(len(reached) + len(unsure), len(sessions)),
            "dropped": 0
            if before is None
            else len(before) - len(reached) - len(waiting) - len(unsure),
            "in_progress": len(waiting),
            "matured": len(ripe) if window else None,
            "conversion_rate": ratio(len(soon), len(ripe)) if window else None,
            "median_seconds": quantile(seconds, 0.5),
            "p90_seconds": quantile(seconds, 0.9),
            "observed": len(seen),
            "inferred": len(reached) - len(seen),
            "partially_returned": sum(s["state"] == "partially_returned" for s in kept)
            if name == "kept"
            else None,
        }
        before = reached


__all__ = [
    "COMPLETED", "STATES", "Question", "discount_summary", "funnel", "outcomes", "states", "totals",
]  # fmt: skip
