"""What is asked of a session, of a group, and of a whole source, in plain Python; see `oracle`."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

Row = dict[str, Any]
Key = tuple[int, str]
STATES = ("open", "closed", "partially_returned", "cancelled")
COMPLETED = ("closed", "partially_returned")
PERIODS = ("day", "week", "month", "quarter", "year")
OUTCOMES = (
    "kept_whole", "partially_returned", "revoked", "cancelled_open", "cancelled_unknown", "idle",
    "in_progress",
)  # fmt: skip


@dataclass
class Question:
    """What is asked, with the names of the package's arguments."""

    by: tuple[str, ...] = ()
    where: Mapping[str, list[Any]] = field(default_factory=dict)
    population: tuple[str, ...] = COMPLETED
    since: datetime | None = None
    until: datetime | None = None
    time_basis: str = "created"
    tz: str = "UTC"
    as_of: datetime | None = None
    currencies: Mapping[int, str] = field(default_factory=dict)
    guests: str | None = None
    total_row: bool = False
    empty_is_none: tuple[int, ...] = ()
    net: tuple[int, ...] = ()


class Data:
    """The tables as dicts, children by their session."""

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self.sessions = tables["sessions"].to_pylist()
        self.children: dict[str, dict[Key, list[Row]]] = {}
        for name in ("cart_items", "discounts", "additional_costs", "coupons", "attributes"):
            self.children[name] = defaultdict(list)
            for row in tables[name].to_pylist():
                self.children[name][row["application_id"], row["integration_id"]].append(row)
        times = ("created_at", "updated_at", "closed_at", "cancelled_at")
        moments = [s[name] for s in self.sessions for name in times if s[name] is not None]
        self.latest = max(moments, default=None)
        self.names: dict[int, str] = {}
        for s in sorted(self.sessions, key=lambda s: s["profile_id"] or "", reverse=True):
            if s["profile_id"] and s["profile_internal_id"]:
                self.names[s["profile_internal_id"]] = s["profile_id"]

    def of(self, table: str, s: Row) -> list[Row]:
        return self.children[table][s["application_id"], s["integration_id"]]


def exact(values: Iterable[Decimal]) -> Decimal:
    with localcontext(prec=100):
        return sum(values, Decimal(0))


def ratio(above: Any, below: Any) -> float | None:
    return None if above is None or not below else float(above) / float(below)


def quantile(values: list[float], q: float) -> float | None:
    """PERCENTILE.INC: between the two nearest, in proportion."""
    ordered = sorted(values)
    if not ordered:
        return None
    place = q * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


# --- what is asked of one session ---------------------------------------------------------------


def profile(data: Data, s: Row) -> str | None:
    return s["profile_id"] or data.names.get(s["profile_internal_id"])


def is_guest(data: Data, s: Row, q: Question) -> bool:
    name = profile(data, s)
    return bool(q.guests and name and re.search(q.guests, name))


def customer(data: Data, s: Row, q: Question) -> Any:
    return None if is_guest(data, s, q) else (profile(data, s) or s["profile_internal_id"])


def customer_type(data: Data, s: Row, q: Question) -> str:
    if customer(data, s, q) is None:
        return "anonymous"
    return {None: "unknown", True: "new", False: "returning"}[s["first_session"]]


def discount(s: Row, q: Question) -> Decimal | None:
    """The session's discounts, or None unless they are known."""
    if s["discounts_known"] is None and s["application_id"] in q.empty_is_none:
        return Decimal(0)
    known: Decimal | None = s["discount_total"] if s["discounts_known"] else None
    return known


def knowledge(s: Row, q: Question) -> str:
    if discount(s, q) is not None:
        return "known"
    return "ambiguous" if s["discounts_known"] is None else "unknown"


def gross(s: Row, q: Question) -> Decimal | None:
    total: Decimal | None = s["total"]
    if total is None or s["application_id"] not in q.net:
        return total
    known = discount(s, q)
    return None if known is None else exact([total, known])


def was_revoked(s: Row) -> bool:
    return s["state"] == "cancelled" and s["closed_at"] is not None


def instant(s: Row, q: Question) -> datetime | None:
    moment: datetime | None = s[f"{q.time_basis}_at"]
    return moment


# --- dimensions ---------------------------------------------------------------------------------


def first_day(period: str, day: date) -> date:
    starts = {
        "day": day,
        "week": date.fromisocalendar(day.isocalendar().year, day.isocalendar().week, 1),
        "month": date(day.year, day.month, 1),
        "quarter": date(day.year, (day.month + 2) // 3 * 3 - 2, 1),
        "year": date(day.year, 1, 1),
    }
    return starts[period]


def last_day(period: str, first: date) -> date:
    day = first
    while first_day(period, day + timedelta(days=1)) == first:
        day += timedelta(days=1)
    return day


def base(label: str) -> str:
    found = re.fullmatch(r"(.*\S)#[0-9]+", label, re.DOTALL)
    return found.group(1) if found else label


def as_text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | Decimal):
        digits = f"{value:f}"
        return digits.rstrip("0").rstrip(".") if "." in digits else digits
    return str(value)


def values(data: Data, s: Row, name: str, q: Question) -> list[Any]:
    """The distinct values of a dimension that a session has; [None] where it has none."""
    if name in PERIODS:
        moment = instant(s, q)
        local = moment.astimezone(ZoneInfo(q.tz)).date() if moment else None
        return [first_day(name, local) if local else None]
    if name.startswith("attributes."):
        found: set[Any] = set()
        for row in data.of("attributes", s):
            if row["line"] is None and row["name"] == name.removeprefix("attributes."):
                value = json.loads(row["value"], parse_float=Decimal)
                found |= {as_text(one) for one in (value if isinstance(value, list) else [value])}
        return sorted(found, key=str) or [None]
    known = discount(s, q)
    single: dict[str, Callable[[], Any]] = {
        "currency": lambda: q.currencies.get(s["application_id"]),
        "customer_type": lambda: customer_type(data, s, q),
        "discounted": lambda: "unknown" if known is None else ("yes" if known else "no"),
        "has_coupon": lambda: "yes" if s["coupon_codes"] else "no",
    }
    children: dict[str, Callable[[], set[Any]]] = {
        "coupon_code": lambda: {row["code"] for row in data.of("coupons", s)},
        "label": lambda: {row["label"] for row in data.of("discounts", s)},
        "base_label": lambda: {base(row["label"]) for row in data.of("discounts", s)},
        "sku": lambda: {row["sku"] for row in data.of("cart_items", s)},
        "category": lambda: {row["category"] for row in data.of("cart_items", s)},
    }
    if name in children:
        return sorted(children[name](), key=str) or [None]
    return [single[name]() if name in single else s[name]]


def is_partial(data: Data, period: str, first: date | None, q: Question) -> bool | None:
    if first is None:
        return None
    zone = ZoneInfo(q.tz)
    moments = [moment for s in data.sessions if (moment := instant(s, q))]
    begin, end = min(moments).astimezone(zone), (q.as_of or data.latest).astimezone(zone)
    last = last_day(period, first)
    if period == "day":
        starts_late = begin > datetime.combine(first, datetime.min.time(), zone)
        ends_early = end.date() <= last
    else:
        starts_late, ends_early = begin.date() > first, end.date() < last
    since = q.since.astimezone(zone) if q.since else None
    until = q.until.astimezone(zone) if q.until else None
    midnight = datetime.combine(first, datetime.min.time(), zone)
    return (
        starts_late
        or ends_early
        or bool(since and since > midnight)
        or bool(until and until.date() <= last)
    )


def partial(data: Data, group: tuple[Any, ...], q: Question) -> bool | None:
    flags = [
        is_partial(data, name, value, q)
        for name, value in zip(q.by, group, strict=True)
        if name in PERIODS
    ]
    return True if True in flags else None if None in flags else False


# --- selection and groups -----------------------------------------------------------------------


def matches(data: Data, s: Row, q: Question) -> bool:
    moment = instant(s, q)
    in_time = (q.since is None or (moment is not None and moment >= q.since)) and (
        q.until is None or (moment is not None and moment < q.until)
    )
    return in_time and all(
        any(value in wanted for value in values(data, s, name, q))
        for name, wanted in q.where.items()
    )


def selected(data: Data, q: Question) -> list[Row]:
    return [s for s in data.sessions if s["state"] in q.population and matches(data, s, q)]


def with_money_apart(data: Data, sessions: list[Row], q: Question) -> tuple[Question, bool]:
    """Let the application join where currencies differ; tell whether they do."""
    applications = {s["application_id"] for s in sessions}
    monies = {q.currencies.get(one, one) for one in applications}
    unknown = [one for one in applications if one not in q.currencies]
    apart = "application_id" in q.by or ("currency" in q.by and len(unknown) < 2)
    if len(monies) > 1 and not apart:
        q = Question(**{**q.__dict__, "by": ("application_id", *q.by)})
    return q, len(monies) > 1


def grouped(
    data: Data, sessions: Iterable[Row], q: Question, mixed: bool = False
) -> dict[tuple[bool, tuple[Any, ...]], list[Row]]:
    groups: dict[tuple[bool, tuple[Any, ...]], list[Row]] = defaultdict(list)
    if not q.by:
        groups[False, ()] = []
    if q.total_row and not mixed:
        groups[True, (None,) * len(q.by)] = []
    for s in sessions:
        for group in product(*(values(data, s, name, q) for name in q.by)):
            groups[False, group].append(s)
        if q.total_row:
            kept = ("application_id", "currency") if mixed else ()
            total = tuple(values(data, s, n, q)[0] if n in kept else None for n in q.by)
            groups[True, total].append(s)
    return groups


def ordered(groups: Iterable[tuple[bool, tuple[Any, ...]]]) -> list[tuple[bool, tuple[Any, ...]]]:
    return sorted(groups, key=lambda g: (g[0], [(v is None, "" if v is None else v) for v in g[1]]))


def head(data: Data, total: bool, group: tuple[Any, ...], q: Question) -> Row:
    row: Row = {"is_total": total} if q.total_row else {}
    row |= dict(zip(q.by, group, strict=True))
    if any(name in PERIODS for name in q.by):
        row["partial"] = None if total else partial(data, group, q)
    return row
