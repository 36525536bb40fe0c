"""The questions once more, in plain Python: dicts, loops and `decimal`, no engine.

Written from the definitions, one session at a time, so that it can disagree with the SQL.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
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


# --- the questions ------------------------------------------------------------------------------


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
    steps = (
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
    found = [(row["label"], row["value"]) for row in data.of("discounts", s)]
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
        "discount_given": exact(
            a for s, v in sums for a in v if s["state"] in COMPLETED or was_revoked(s)
        ),
        "discount_reverted": exact(a for s, v in sums for a in v if was_revoked(s)),
        "discount_known_count": told.count("known"),
        "discount_ambiguous_count": told.count("ambiguous"),
        "discount_unknown_count": told.count("unknown"),
    }


__all__ = ["Question", "discount_summary", "funnel", "outcomes", "states", "totals"]
