"""Reconciling in plain Python: the figures of a window of the export, in any way to reckon."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import pyarrow as pa

Row = dict[str, Any]
FIGURES = ("sessions", "revenue", "average_session_value", "average_items_per_session")
CHANGES = (
    "none", "with-cancelled", "created-at", "updated-at", "last-day-in", "net-of-discounts",
    "lines", "utc+02:00", "utc-03:30", "utc+14:00", "utc-12:00",
)  # fmt: skip


class Way(NamedTuple):
    basis: str
    returned: str
    change: str


def shift(change: str) -> timedelta:
    if not change.startswith("utc"):
        return timedelta()
    hours, minutes = change[4:].split(":")
    sign = 1 if change[3] == "+" else -1
    return sign * timedelta(hours=int(hours), minutes=int(minutes))


def counted(s: Row, way: Way, start: datetime, end: datetime) -> bool:
    moment = s["created_at"] if way.change == "created-at" else s["closed_at"]
    if way.change == "updated-at" and moment is None:
        moment = s["updated_at"]
    states = ["closed"]
    states += ["partially_returned"] if way.returned == "in" else []
    if way.change == "with-cancelled" and s["closed_at"] is not None:
        states.append("cancelled")
    if moment is None or s["state"] not in states:
        return False
    if way.change.startswith("application") and way.change != f"application-{s['application_id']}":
        return False
    until = end + timedelta(days=way.change == "last-day-in")
    return start <= moment + shift(way.change) < until


def figures(
    tables: Mapping[str, pa.Table], way: Way, start: datetime, end: datetime, applications: Any
) -> dict[str, Fraction | None]:
    """The figures as exact fractions; None where they cannot be told."""
    found = [
        s
        for s in tables["sessions"].to_pylist()
        if s["application_id"] in applications and counted(s, way, start, end)
    ]
    name = "total" if way.basis == "total" else "items_total"
    revenue: Fraction | None = sum(
        (Fraction(s[name]) for s in found if s[name] is not None), Fraction()
    )
    if way.change == "net-of-discounts":
        if all(s["discounts_known"] for s in found):
            revenue -= sum((Fraction(s["discount_total"]) for s in found), Fraction())
        else:
            revenue = None
    units = sum(s["line_count" if way.change == "lines" else "unit_count"] for s in found)
    count = len(found)
    return {
        "sessions": Fraction(count),
        "revenue": revenue,
        "average_session_value": revenue / count if count and revenue is not None else None,
        "average_items_per_session": Fraction(units, count) if count else None,
    }


def same(figure: str, ours: Fraction | None, theirs: Decimal | None) -> bool:
    if ours is None or theirs is None:
        return ours is None and (theirs is None or (figure.startswith("average") and theirs == 0))
    apart = abs(ours - Fraction(theirs))
    return apart == 0 if figure == "sessions" else apart <= Fraction(5, 1000)


def cents(value: Fraction | None) -> str:
    """As the export writes it, rounded half up."""
    if value is None:
        return "0.00"
    whole = (abs(value) * 200 + 1) // 2
    return f"{'-' if value < 0 and whole else ''}{whole // 100}.{whole % 100:02}"


def exact(value: Fraction) -> Decimal:
    """A fraction at the 18th decimal, half-even."""
    return Decimal(round(value * 10**18)).scaleb(-18)
