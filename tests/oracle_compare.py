"""Comparisons in plain Python: which sessions stand on either side, then `oracle` asked of each.

A side is a set of sessions. It is asked by marking its sessions with a time of creation of their
own, so that what is known of everybody else (the names of customers) stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from tests.oracle_facts import (
    COMPLETED,
    PERIODS,
    Data,
    Key,
    Question,
    Row,
    exact,
    first_day,
    instant,
    last_day,
    matches,
    ordered,
    partial,
    ratio,
    was_revoked,
    with_money_apart,
)

Plain = Callable[[Mapping[str, pa.Table], Question], list[Row]]
Span = tuple[datetime, datetime]
HERE, THERE = datetime(3000, 1, 1, tzinfo=UTC), datetime(1000, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
RATES = {"share", "depth", "avg_depth", "discount_rate", "discount_penetration"}
DAY = timedelta(days=1)


def local(moment: datetime, q: Question) -> datetime:
    return moment.astimezone(ZoneInfo(q.tz)).replace(tzinfo=None)


def year_before(moment: datetime) -> datetime:
    try:
        return moment.replace(year=moment.year - 1)
    except ValueError:
        return datetime(moment.year - 1, 3, 1)


def months_before(moment: datetime, months: int) -> datetime:
    for _ in range(months):
        moment = (moment - DAY).replace(day=1)
    return moment


# --- without a period in `by`: two stretches of time on the local clock -------------------------


def spans(data: Data, q: Question, compare: Any) -> tuple[Span, Span]:
    """When the sessions are from, and those before."""
    if not isinstance(compare, str):
        before, now = compare
        return now, before
    assert q.since is not None
    since, end = local(q.since, q), local(q.as_of or data.latest, q) + TICK
    until = local(q.until, q) if q.until else end
    now = since, max(min(until, end), since)
    if compare == "year":
        return now, (year_before(now[0]), year_before(now[1]))
    if q.until and since.day == until.day == 1 and since.time() == until.time() == time():
        months = 0
        while months_before(until, months) > since:
            months += 1
        begin = months_before(since, months)
    else:
        begin = since - (until - since)
    whole = now[1] == until
    return now, (begin, since if whole else min(begin + (now[1] - since), since))


# --- with one: for each period, the stretch before that stands beside it ------------------------


def next_first(period: str, first: date) -> date:
    return last_day(period, first) + DAY


def beside(period: str, first: date, compare: str) -> date | None:
    """The first day of the period compared with."""
    if compare == "previous":
        return first_day(period, first - DAY)
    try:
        if period == "week":
            year, week, _ = first.isocalendar()
            return date.fromisocalendar(year - 1, week, 1)
        return first.replace(year=first.year - 1)
    except ValueError:
        return None


def row_spans(data: Data, q: Question, compare: Any, period: str, first: date) -> Any:
    """The period compared with, and both stretches of time; None where there is none before."""
    start, stop = (datetime.combine(d, time()) for d in (first, next_first(period, first)))
    if not isinstance(compare, str):
        (before, now), steps = compare, 0
        at = first_day(period, now[0].date())
        while at != first:
            steps += 1 if first > at else -1
            at = next_first(period, at) if first > at else first_day(period, at - DAY)
        other = first_day(period, before[0].date())
        for _ in range(abs(steps)):
            other = next_first(period, other) if steps > 0 else first_day(period, other - DAY)
        begin, finish = (datetime.combine(d, time()) for d in (other, next_first(period, other)))
        return (
            other,
            (max(start, now[0]), min(stop, now[1])),
            (max(begin, before[0]), min(finish, before[1])),
        )
    end = local(q.as_of or data.latest, q) + TICK
    low = max(start, local(q.since, q)) if q.since else start
    asked = min(stop, local(q.until, q)) if q.until else stop
    high = min(asked, end)
    now = low, high if q.as_of else asked
    other = beside(period, first, compare)
    if other is None:
        return None, now, None
    begin, finish = (datetime.combine(d, time()) for d in (other, next_first(period, other)))
    if compare == "year" and period != "week":
        return other, now, (year_before(low), max(year_before(high), year_before(low)))
    upper = finish if high == stop else min(begin + (high - start), finish)
    return other, now, (begin + (low - start), upper)


# --- asking a side ------------------------------------------------------------------------------


def keys_in(data: Data, q: Question, span: Span | None) -> set[Key]:
    """The sessions whose time, on the local clock, lies in a stretch."""
    return {
        (s["application_id"], s["integration_id"])
        for s in data.sessions
        if span and (t := instant(s, q)) and span[0] <= local(t, q) < span[1]
    }


def marked(tables: Mapping[str, pa.Table], keys: set[Key]) -> dict[str, pa.Table]:
    sessions = tables["sessions"]
    names = zip(*(sessions[n].to_pylist() for n in ("application_id", "integration_id")))  # noqa: B905
    times = [HERE if key in keys else THERE for key in names]
    place = sessions.schema.get_field_index("created_at")
    kind = sessions.schema.field("created_at")
    return {**tables, "sessions": sessions.set_column(place, kind, pa.array(times, kind.type))}


def asked(
    plain: Plain, tables: Mapping[str, pa.Table], q: Question, keys: set[Key]
) -> dict[Any, Row]:
    """The rows of a side by what tells them apart; without dimensions only where there are any."""
    q = replace(q, time_basis="created", tz="UTC", since=HERE, until=None, as_of=None)
    own = "" if "state" in q.by else "state"
    return {
        (row.get("is_total", False), tuple(row[n] for n in q.by), row.get(own)): row
        for row in plain(marked(tables, keys), q)
    }


def compared(
    plain: Plain,
    tables: Mapping[str, pa.Table],
    q: Question,
    compare: Any,
    nothing: Callable[..., Row],
) -> list[Row]:
    """The answer: `nothing` gives the row of a group that a side does not have."""
    data = Data(tables)
    period = next((name for name in q.by if name in PERIODS), None)
    if period is None:
        now, before = spans(data, q, compare)
        if isinstance(compare, str) and not q.as_of:
            now = now[0], local(q.until, q) if q.until else datetime.max
        pairs = [(None, None, keys_in(data, q, now), keys_in(data, q, before))]
    else:
        pairs = list(_pairs(data, q, compare, period))
    sides = set().union(*(side for pair in pairs for side in pair[2:] if side is not None))
    everyone = [
        s
        for s in data.sessions
        if (s["application_id"], s["integration_id"]) in sides
        and (
            s["state"] in q.population
            or (
                plain.__name__ == "discount_summary" and (s["state"] in COMPLETED or was_revoked(s))
            )
        )
        and matches(data, s, replace(q, since=None, until=None))
    ]
    q, _ = with_money_apart(data, everyone, q)
    counted = {(s["application_id"], s["integration_id"]) for s in everyone}
    whole = [set().union(*(pair[n] for pair in pairs if pair[n])) for n in (2, 3)]
    found = []
    for pair in pairs:
        if period is None or counted & (pair[2] | (pair[3] or set())):
            found += _rows(plain, tables, q, period, pair, whole, nothing)
    places = {g: n for n, g in enumerate(ordered({(t, g) for t, g, _, _ in found}))}
    found.sort(key=lambda one: (places[one[0], one[1]], one[2]))
    return [_head(data, total, group, q) | row for total, group, _, row in found]


def _head(data: Data, total: bool, group: tuple[Any, ...], q: Question) -> Row:
    row: Row = {"is_total": total} if q.total_row else {}
    row |= dict(zip(q.by, group, strict=True))
    if any(name in PERIODS for name in q.by):
        row["partial"] = None if total else partial(data, group, q)
    return row


def _pairs(data: Data, q: Question, compare: Any, period: str) -> Any:
    firsts: set[date] = set()
    for s in data.sessions:
        if moment := instant(s, q):
            near = first_day(period, local(moment, q).date())
            firsts |= {near, next_first(period, near)}
            for days in (364, 365, 366, 371):
                firsts.add(first_day(period, near + timedelta(days=days)))
            if not isinstance(compare, str):
                gap = compare[1][0] - compare[0][0]
                at = first_day(period, near + gap)
                firsts |= {at, next_first(period, at), first_day(period, at - DAY)}
    for first in sorted(firsts):
        other, now, before = row_spans(data, q, compare, period, first)
        sides = keys_in(data, q, now), keys_in(data, q, before) if before else None
        yield first, other, *sides
    if q.since is None and q.until is None and q.as_of is None and isinstance(compare, str):
        undated = {
            (s["application_id"], s["integration_id"])
            for s in data.sessions
            if instant(s, q) is None
        }
        yield None, None, undated, None


def _rows(
    plain: Plain,
    tables: Any,
    q: Question,
    period: str | None,
    pair: Any,
    whole: list[set[Key]],
    nothing: Any,
) -> Any:
    first, other, now_keys, before_keys = pair
    rest = replace(q, by=tuple(name for name in q.by if name != period), total_row=False)
    rest.total_row = q.total_row and period is None
    now = asked(plain, tables, rest, now_keys)
    before = {} if before_keys is None else asked(plain, tables, rest, before_keys)
    for key in dict.fromkeys([*now, *before]):
        total, group, state = key
        mine = now.get(key) or nothing(plain, tables, rest, now_keys, key)
        its = None
        if period is None or before_keys is not None:
            its = before.get(key) or nothing(plain, tables, rest, before_keys, key)
        if period is not None and "known_discount_total" in mine:
            for side, keys in ((mine, whole[0]), (its, whole[1])):
                if side is not None:
                    side |= _share_of_all(plain, tables, rest, keys, key, side)
        names = [n for n in mine if n not in ("is_total", "state", *rest.by)]
        row: Row = {f"{period}_before": other} if period else {}
        row |= {"state": state} if "state" in mine and "state" not in rest.by else {}
        for name in names:
            row |= _figure(name, mine[name], its and its[name])
        at = iter(group)
        values = tuple(first if name == period else next(at) for name in q.by)
        place = ("open", "closed", "partially_returned", "cancelled").index(state) if state else 0
        yield total, values, place, row


def _share_of_all(
    plain: Plain, tables: Any, q: Question, keys: set[Key], key: Any, row: Row
) -> Row:
    """Shares are of all discounts of a side, of whatever period."""
    money = replace(q, by=tuple(n for n in q.by if n == "application_id"), total_row=False)
    owner = tuple(v for n, v in zip(q.by, key[1], strict=True) if n == "application_id")
    known = asked(plain, tables, money, keys).get((False, owner, None), {})
    total = known.get("known_discount_total", Decimal(0))
    return {"known_discount_total": total, "share": ratio(row["discount_total"], total)}


def _figure(name: str, now: Any, before: Any) -> Row:
    difference: Any = None
    if now is not None and before is not None:
        difference = exact([now, -before]) if isinstance(now, Decimal) else now - before
    row = {name: now, f"{name}_before": before, f"{name}_difference": difference}
    if name not in RATES:
        row[f"{name}_change"] = None if difference is None else ratio(difference, before)
    return row


# --- groups that a side does not have -----------------------------------------------------------


def nothing_at_all(plain: Plain, tables: Any, q: Question, keys: set[Key], key: Any) -> Row:
    """The figures of no session, of questions that know no more of an empty group."""
    rows = plain(marked(tables, set()), replace(q, by=(), total_row=False, since=HERE))
    row = next(row for row in rows if row.get("state") == key[2])
    return row | dict(zip(q.by, key[1], strict=True))


def no_discount(plain: Plain, tables: Any, q: Question, keys: set[Key], key: Any) -> Row:
    """The figures of a label that no session of the group carries: its sessions may be known."""
    labels = ("label", "base_label")
    scope = replace(q, by=tuple(n for n in q.by if n not in labels))
    group = tuple(v for n, v in zip(q.by, key[1], strict=True) if n not in labels)
    empty = nothing_at_all(plain, tables, q, keys, key)
    there = asked(plain, tables, scope, keys).get((key[0], group, None), {})
    counts = ("discount_known_count", "discount_ambiguous_count", "discount_unknown_count")
    empty |= {name: there.get(name, 0) for name in counts}
    if empty["discount_known_count"]:
        empty["discount_total"] = Decimal(0)
    return empty | _share_of_all(plain, tables, q, keys, key, empty)
