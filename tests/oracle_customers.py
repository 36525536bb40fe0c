"""The questions about customers in plain Python; see `oracle`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from tests.oracle_facts import (
    COMPLETED,
    STATES,
    Data,
    Question,
    Row,
    customer,
    customer_type,
    discount,
    exact,
    first_day,
    gross,
    grouped,
    head,
    instant,
    knowledge,
    last_day,
    ordered,
    ratio,
    selected,
    with_money_apart,
)

Group = tuple[bool, tuple[Any, ...]]
TYPES = ("new", "returning", "unknown", "anonymous")


def totalled(sessions: list[Row], q: Question) -> Decimal:
    return exact(value for s in sessions if (value := gross(s, q)) is not None)


def knowledge_counts(sessions: list[Row], q: Question) -> Row:
    told = [knowledge(s, q) for s in sessions]
    return {
        f"discount_{name}_count": told.count(name) for name in ("known", "ambiguous", "unknown")
    }


def discounts_of(sessions: list[Row], q: Question) -> Decimal | None:
    known = [value for s in sessions if (value := discount(s, q)) is not None]
    return exact(known) if known else None


# --- customer_summary ---------------------------------------------------------------------------


def customer_summary(tables: Mapping[str, pa.Table], q: Question) -> list[Row]:
    data = Data(tables)
    sessions = selected(data, q)
    q, mixed = with_money_apart(data, sessions, q)
    groups = grouped(data, sessions, q, mixed)
    found = []
    for total, group in ordered(groups):
        everyone = groups[total, group]
        bought: dict[Any, list[Row]] = defaultdict(list)
        for s in everyone:
            if s["state"] in COMPLETED:
                bought[customer(data, s, q)].append(s)
        for kind in (None,) if total else TYPES:
            own = [s for s in everyone if kind in (None, customer_type(data, s, q))]
            found.append(
                head(data, total, group, q)
                | {"customer_type": kind}
                | _worth(own, everyone, q)
                | _customers(data, own, bought, q)
            )
            names = [n for n in _ORDER if n in found[-1]]
            start = {n: v for n, v in found[-1].items() if n not in names}
            found[-1] = start | {n: found[-1][n] for n in names}
    return found


_ORDER = (
    "session_count", "group_session_count", "share", "customer_count", "gross_total",
    "total_known_count", "avg_session_value", "discount_total", "discount_known_count",
    "discount_ambiguous_count", "discount_unknown_count", "discount_known_gross_total",
    "net_total", "discounted_count", "discount_rate", "discount_penetration", "customer_0_count",
    "customer_1_count", "customer_2_count", "customer_3_plus_count", "repeat_rate",
    "always_discounted_count", "maybe_always_discounted_count",
)  # fmt: skip


def _worth(own: list[Row], everyone: list[Row], q: Question) -> Row:
    known = [s for s in own if knowledge(s, q) == "known"]
    counts = knowledge_counts(own, q)
    valued = sum(gross(s, q) is not None for s in own)
    spent = discounts_of(own, q)
    base = totalled(known, q)
    certain = not counts["discount_ambiguous_count"]
    discounted = sum(bool(discount(s, q)) for s in own)
    return {
        "session_count": len(own),
        "group_session_count": len(everyone),
        "share": ratio(len(own), len(everyone)),
        "gross_total": totalled(own, q),
        "total_known_count": valued,
        "avg_session_value": ratio(totalled(own, q), valued),
        "discount_total": spent,
        **counts,
        "discount_known_gross_total": base,
        "net_total": None if spent is None else exact([base, -spent]),
        "discounted_count": discounted,
        "discount_rate": ratio(spent, base) if certain else None,
        "discount_penetration": ratio(discounted, len(known)) if certain else None,
    }


def _customers(data: Data, own: list[Row], bought: Mapping[Any, list[Row]], q: Question) -> Row:
    names = {c for s in own if (c := customer(data, s, q)) is not None}
    counts = [len(bought.get(c, [])) for c in names]
    always = unsure = 0
    for c in names:
        told = [discount(s, q) for s in bought.get(c, [])]
        if told and not any(one == 0 for one in told):
            always += None not in told
            unsure += None in told
    more = sum(n > 1 for n in counts)
    return {
        "customer_count": len(names),
        "customer_0_count": counts.count(0),
        "customer_1_count": counts.count(1),
        "customer_2_count": counts.count(2),
        "customer_3_plus_count": sum(n > 2 for n in counts),
        "repeat_rate": ratio(more, more + counts.count(1)),
        "always_discounted_count": always,
        "maybe_always_discounted_count": unsure,
    }


# --- rfm ----------------------------------------------------------------------------------------


def until_as_of(data: Data, sessions: list[Row], q: Question) -> list[Row]:
    as_of = q.as_of or data.latest
    return [s for s in sessions if (moment := instant(s, q)) is None or moment <= as_of]


def rfm(tables: Mapping[str, pa.Table], q: Question, money: str) -> list[Row]:
    data = Data(tables)
    as_of = q.as_of or data.latest
    q, mixed = with_money_apart(data, selected(data, q), q)
    groups = grouped(data, selected(data, q), q, mixed)
    found = []
    for total, group in ordered(groups):
        own: dict[Any, list[Row]] = defaultdict(list)
        for s in until_as_of(data, groups[total, group], q):
            if (c := customer(data, s, q)) is not None:
                own[c].append(s)
        rows = [_bought(c, sessions, as_of, q, money) for c, sessions in own.items()]
        for score, figure, sign in (
            ("recency_score", "recency_days", -1),
            ("frequency_score", "frequency", 1),
            ("money_score", "money", 1),
        ):
            values = [sign * row[figure] for row in rows if row[figure] is not None]
            for row in rows:
                row[score] = fifth(row[figure], sign, values)
        for row in rows:
            scores = [row[f"{name}_score"] for name in ("recency", "frequency", "money")]
            row["rfm"] = None if None in scores else "".join(map(str, scores))
        found += [head(data, total, group, q) | row for row in sorted(rows, key=_best_first)]
    return found


def _bought(c: Any, sessions: list[Row], as_of: datetime, q: Question, money: str) -> Row:
    moments = [moment for s in sessions if (moment := instant(s, q))]
    last = max(moments, default=None)
    if money == "gross":
        covered = [s for s in sessions if gross(s, q) is not None]
        amount = totalled(covered, q)
    else:
        covered = [s for s in sessions if discount(s, q) is not None]
        amount = exact([totalled(covered, q), -(discounts_of(covered, q) or 0)])
    return {
        "profile_id": c if isinstance(c, str) else None,
        "profile_internal_id": None if isinstance(c, str) else c,
        "last_at": last,
        "recency_days": None if last is None else (as_of - last) // timedelta(days=1),
        "frequency": len(sessions),
        "money": amount if covered else None,
        "money_known_count": len(covered),
    }


def fifth(value: Any, sign: int, values: list[Any]) -> int | None:
    """How many fifths of the values are worse, and one."""
    if value is None:
        return None
    worse = sum(one < sign * value for one in values)
    return max(score for score in range(1, 6) if 5 * worse >= (score - 1) * len(values))


def _best_first(row: Row) -> tuple[Any, ...]:
    return (
        row["rfm"] is None, -int(row["rfm"] or 0),
        row["money"] is None, -(row["money"] or 0), -row["frequency"],
        row["last_at"] is None, -(row["last_at"].timestamp() if row["last_at"] else 0),
        row["profile_id"] is None, row["profile_id"] or "", row["profile_internal_id"] or 0,
    )  # fmt: skip


# --- cohort_retention ---------------------------------------------------------------------------

EARLIER = "earlier"


def cohort_retention(
    tables: Mapping[str, pa.Table], q: Question, period: str, began: bool
) -> list[Row]:
    data = Data(tables)
    sessions = selected(data, q)
    q, mixed = with_money_apart(data, sessions, q)
    past = selected(data, replace(q, since=None, until=None, population=STATES))
    histories = grouped(data, past, q, mixed)
    groups = grouped(data, sessions, q, mixed)
    found: list[tuple[Group, Row]] = []
    for key in ordered(histories):
        history = until_as_of(data, histories[key], q)
        own = until_as_of(data, groups.get(key, []), q)
        found += [(key, row) for row in _cohorts(data, history, own, q, period, began)]
    dated = [row["cohort"] for _, row in found if row["cohort"] not in (EARLIER, None)]
    for _, row in found:
        first = row["cohort"] == min(dated, default="")
        row["left_censored"] = first and row["first_unknown_count"] > 0
    return [
        (head(data, *key, q) | row)
        for key, row in found
    ]  # fmt: skip


def _cohorts(
    data: Data, history: list[Row], own: list[Row], q: Question, period: str, began: bool
) -> Iterator[Row]:
    zone = ZoneInfo(q.tz)
    members: dict[Any, list[Row]] = defaultdict(list)
    for s in history:
        if (c := customer(data, s, q)) is not None:
            members[c].append(s)
    told = earliest_told(data, q)
    cohort = {c: _cohort(sessions, told[c], q, period, began) for c, sessions in members.items()}
    cells: dict[tuple[Any, Any, Any], list[Row]] = defaultdict(list)
    for s in own:
        if (c := customer(data, s, q)) is not None:
            moment = instant(s, q)
            day = first_day(period, moment.astimezone(zone).date()) if moment else None
            cells[(*cohort[c], day)].append(s)
    days = [day for _, day in cohort.values() if isinstance(day, date)]
    days += [day for _, day_of, day in cells if day_of == EARLIER and day is not None]
    as_of = q.as_of or data.latest
    now = first_day(period, as_of.astimezone(zone).date()) if as_of else None
    length = 0
    if days:
        length = sum(1 for _ in _periods(period, min(days), now))
    for first, day in set(cohort.values()):
        if day is None or (day == EARLIER and not days):
            continue
        one = min(days) if day == EARLIER else day
        for _ in range(length):
            cells[first, day, one] += []
            one = last_day(period, one) + timedelta(days=1)
    for key in sorted(cells, key=_cell_order):
        first, day, one = key
        same = [c for c, place in cohort.items() if place == (first, day)]
        yield _cell(data, key, cells[key], same, told, q, period, now)


def _periods(period: str, first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first = last_day(period, first) + timedelta(days=1)


def _cell_order(key: tuple[Any, Any, Any]) -> tuple[Any, ...]:
    first, day, one = key
    return (
        first is None, first or "", day != EARLIER, day is None,
        day if isinstance(day, date) else date.min, one is None, one or date.min,
    )  # fmt: skip


def earliest_told(data: Data, q: Question) -> dict[Any, bool | None]:
    """Of each customer, what the earliest session of the whole source says."""
    found: dict[Any, tuple[datetime, int]] = {}
    ranks = {True: 0, None: 1, False: 2}
    for s in data.sessions:
        if (c := customer(data, s, q)) is not None:
            new = s["created_at"], ranks[s["first_session"]]
            found[c] = min(found.get(c, new), new)
    return {c: {0: True, 1: None, 2: False}[rank] for c, (_, rank) in found.items()}


def _cohort(
    sessions: list[Row], told: bool | None, q: Question, period: str, began: bool
) -> tuple[str | None, Any]:
    completed = [s for s in sessions if s["state"] in COMPLETED]
    if not completed:
        return None, None
    moments = [(moment, s) for s in completed if (moment := instant(s, q))]
    first = min((moment for moment, _ in moments), default=None)
    at_first = {_discounted(s, q) for moment, s in moments if moment == first} or {"unknown"}
    label = next(one for one in ("yes", "no", "unknown") if one in at_first)
    if told is False:
        return ("unknown" if began else None), EARLIER
    day = first_day(period, first.astimezone(ZoneInfo(q.tz)).date()) if first else None
    return (label if began else None), day


def _discounted(s: Row, q: Question) -> str:
    known = discount(s, q)
    return "unknown" if known is None else "yes" if known else "no"


def _cell(
    data: Data, key: tuple[Any, Any, Any], sessions: list[Row], members: list[Any],
    told: Mapping[Any, bool | None], q: Question, period: str, now: date | None,
) -> Row:  # fmt: skip
    first, day, one = key
    active = {customer(data, s, q) for s in sessions}
    zone = ZoneInfo(q.tz)
    shown = one is None or one <= now
    if one is not None and q.until is not None:
        shown &= datetime.combine(one, datetime.min.time()) < naive(q.until, zone)
    if one is not None and q.since is not None:
        end = last_day(period, one) + timedelta(days=1)
        shown &= datetime.combine(end, datetime.min.time()) > naive(q.since, zone)
    age = None
    if isinstance(day, date) and one is not None:
        age = sum(1 for _ in _periods(period, min(day, one), max(day, one))) - 1
        age = age if one >= day else -age
    figures = {
        "active_count": len(active),
        "retention": ratio(len(active), len(members)),
        "session_count": len(sessions),
        "gross_total": totalled(sessions, q),
        "total_known_count": sum(gross(s, q) is not None for s in sessions),
    }
    return {
        "first_discounted": first,
        "cohort": day.isoformat() if isinstance(day, date) else day,
        "period": one,
        "age": age,
        "is_current": one is not None and one == now,
        "left_censored": None,
        "first_unknown_count": sum(told[c] is None for c in members),
        "customer_count": len(members),
        **(figures if shown else dict.fromkeys(figures)),
    }


def naive(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)
