"""The questions about states over time, in plain Python: one session at a time; see `oracle`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pyarrow as pa

from tests.oracle_facts import (
    COMPLETED,
    OUTCOMES,
    STATES,
    Question,
    Row,
    exact,
    gross,
    grouped,
    head,
    ordered,
    quantile,
    ratio,
    selected,
    with_money_apart,
)
from tests.oracle_histories import History, Life, Sight, Unknown, session_key

DAY = timedelta(days=1)
LENGTHS = {
    "1_hour": DAY / 24, "1_day": DAY, "3_days": 3 * DAY, "7_days": 7 * DAY, "30_days": 30 * DAY,
}  # fmt: skip
DIRECT = {
    "(none)": ("open", "closed"),
    "open": ("open", "closed", "cancelled"),
    "closed": ("cancelled", "partially_returned", "open"),
    "partially_returned": ("partially_returned", "cancelled"),
    "cancelled": (),
}
SKIPPED = {
    "(none)": ("partially_returned", "cancelled"),
    "open": ("partially_returned",),
    "closed": ("closed",),
}
Groups = list[tuple[Row, list[tuple[Row, Life]]]]


def _groups(
    tables: Mapping[str, pa.Table], q: Question, *, money: bool, then: bool = True
) -> tuple[History, Question, Groups]:
    """The groups with their sessions, and how these stand, or stood."""
    history = History(tables, q.as_of if then else None)
    data = history.data
    lives: dict[Any, Life] = {}
    if history.then is None:
        lives = {session_key(s): history.life(s) for s in data.sessions}
    else:
        told = [
            (session_key(s), *history.life_then(s, amounts=money))
            for s in data.sessions
            if s["created_at"] <= history.then
        ]
        lives = {key: life for key, life, _ in told}
        data.sessions = [row for _, _, row in told]
    sessions = selected(data, q)
    mixed = False
    if money:
        q, mixed = with_money_apart(data, sessions, q)
    groups = grouped(data, sessions, q, mixed)
    found = [
        (head(data, total, group, q), [(s, lives[session_key(s)]) for s in groups[total, group]])
        for total, group in ordered(groups)
    ]
    return history, q, found


def transitions(tables: Mapping[str, pa.Table], q: Question) -> list[Row]:
    history, q, groups = _groups(tables, q, money=True, then=False)
    early = q.as_of if q.as_of and q.as_of < history.data.latest else None
    found: list[Row] = []
    for top, sessions in groups:
        pairs: dict[tuple[str, str], list[tuple[Row, Sight, float | None]]] = {}
        for s, _ in sessions:
            if early and s["created_at"] > early:
                continue
            stops = [x for x in history.stops(s) if not early or (x.at and x.at <= early)]
            for one, two in pairwise([Sight(s["created_at"], "(none)", ""), *stops]):
                took = (two.at - one.at).total_seconds() if one.at and two.at else None
                pairs.setdefault((one.state, two.state), []).append((s, two, took))
        places = ("(none)", *STATES)
        keys = sorted(pairs, key=lambda p: (places.index(p[0]), places.index(p[1])))
        seen = sum(len(pairs[key]) for key in keys)
        broken = sum(len(pairs[key]) for key in keys if verdict(*key) == "illegal")
        for key in keys:
            took = [t for _, _, t in pairs[key] if t is not None]
            distinct = {session_key(s): s for s, _, _ in pairs[key]}
            found.append(
                top | {
                    "from_state": key[0],
                    "to_state": key[1],
                    "session_count": len(distinct),
                    "transition_count": len(pairs[key]),
                    "timed_count": len(took),
                    "median_seconds": quantile(took, 0.5),
                    "gross_total": exact(
                        g for s in distinct.values() if (g := gross(s, q)) is not None
                    ),
                    "verdict": verdict(*key),
                    "evidence": ", ".join(sorted({x.kind for _, x, _ in pairs[key]})),
                    "conformance": 1 - broken / seen,
                }
            )  # fmt: skip
    return found


def verdict(before: str, after: str) -> str:
    if after in DIRECT[before]:
        return "direct"
    return "skipped" if after in SKIPPED.get(before, ()) else "illegal"


def time_to_close(tables: Mapping[str, pa.Table], q: Question) -> list[Row]:
    history, q, groups = _groups(tables, q, money=False)
    as_of = q.as_of or history.data.latest
    found = []
    for top, sessions in groups:
        took = [life.first - s["created_at"] for s, life in sessions if life.first]
        seconds = [one.total_seconds() for one in took]
        row = top | {
            "session_count": len(sessions),
            "closed_count": sum(life.was_closed for _, life in sessions),
            "open_count": sum(life.state == "open" and not life.seen for _, life in sessions),
            "cancelled_count": sum(
                life.state == "cancelled" and not life.seen for _, life in sessions
            ),
            "timed_count": len(took),
            "median_seconds": quantile(seconds, 0.5),
            "p90_seconds": quantile(seconds, 0.9),
        }
        for name, length in LENGTHS.items():
            ripe = [(s, life) for s, life in sessions if as_of - s["created_at"] >= length]
            soon = [1 for s, life in ripe if life.first and life.first - s["created_at"] <= length]
            row |= {
                f"closed_within_{name}_count": len(soon),
                f"matured_{name}_count": len(ripe),
                f"closed_within_{name}_share": ratio(len(soon), len(ripe)),
            }
        found.append(row)
    return found


def outcomes(
    tables: Mapping[str, pa.Table], q: Question, timeout: timedelta | None = None
) -> list[Row]:
    history, q, groups = _groups(tables, q, money=True)
    as_of = q.as_of or history.data.latest
    found = []
    for top, sessions in groups:
        ends = [
            (_outcome(s, life, as_of - timeout if timeout else None), s) for s, life in sessions
        ]
        names = [name for name, _ in ends]
        for name in OUTCOMES:
            if name == "idle" and timeout is None:
                continue
            own = [s for end, s in ends if end == name]
            ages = [(as_of - s["created_at"]).total_seconds() for s in own]
            gone = names.count("cancelled_open") + names.count("idle")
            found.append(
                top | {
                    "outcome": name,
                    "session_count": len(own),
                    "group_session_count": len(ends),
                    "share": ratio(len(own), len(ends)),
                    "gross_total": exact(g for s in own if (g := gross(s, q)) is not None),
                    "median_age_seconds": quantile(ages, 0.5),
                    "abandoned": gone if timeout else None,
                }
            )  # fmt: skip
    return found


def _outcome(s: Row, life: Life, idle_before: datetime | None) -> str:
    if life.state == "closed":
        return "kept_whole"
    if life.state == "partially_returned":
        return "partially_returned"
    if life.state == "cancelled":
        if life.seen:
            return "revoked"
        return "cancelled_open" if life.unclosed else "cancelled_unknown"
    touched = s["updated_at"] or s["created_at"]
    return "idle" if idle_before and touched <= idle_before else "in_progress"


def funnel(
    tables: Mapping[str, pa.Table], q: Question, window: timedelta | None = None
) -> list[Row]:
    history, q, groups = _groups(tables, q, money=False)
    as_of = q.as_of or history.data.latest
    return [top | step for top, sessions in groups for step in _steps(sessions, as_of, window)]


def _steps(
    sessions: list[tuple[Row, Life]], as_of: datetime, window: timedelta | None
) -> Iterable[Row]:
    def is_kept(life: Life) -> bool:
        return life.state in COMPLETED

    steps: tuple[tuple[str, Callable[[Life], bool], Callable[[Life], bool]], ...] = (
        ("created", lambda life: True, lambda life: False),
        ("closed", lambda life: life.was_closed, lambda life: life.state == "open"),
        ("kept", is_kept, lambda life: life.state == "open" and life.seen),
    )
    before: int | None = None
    for number, (name, reaches, waits) in enumerate(steps, 1):
        there = [(s, life) for s, life in sessions if reaches(life)]
        waiting = sum(waits(life) and not reaches(life) for _, life in sessions)
        unsure = sum(life.is_unclear for _, life in sessions) if name == "closed" else 0
        spans: list[tuple[Row, timedelta]] = []
        for s, life in there:
            at = {"created": s["created_at"], "closed": life.first, "kept": life.last}[name]
            if at:
                spans.append((s, at - s["created_at"]))
        ripe = [s for s, _ in sessions if window and s["created_at"] <= as_of - window]
        soon = [
            1 for s, span in spans
            if window and s["created_at"] <= as_of - window and span <= window
        ]  # fmt: skip
        seconds = [span.total_seconds() for _, span in spans]
        observed = sum(name == "created" or life.seen for _, life in there)
        yield {
            "step": number,
            "name": name,
            "entered": len(sessions),
            "reached": len(there),
            "unknown": unsure,
            "from_previous": None if before is None else ratio(len(there), before),
            "from_first": ratio(len(there), len(sessions)),
            "from_first_high": ratio(len(there) + unsure, len(sessions)),
            "dropped": 0 if before is None else before - len(there) - waiting - unsure,
            "in_progress": waiting,
            "matured": len(ripe) if window else None,
            "conversion_rate": ratio(len(soon), len(ripe)) if window else None,
            "median_seconds": quantile(seconds, 0.5),
            "p90_seconds": quantile(seconds, 0.9),
            "observed": observed,
            "inferred": len(there) - observed,
            "partially_returned": sum(life.state == "partially_returned" for _, life in there)
            if name == "kept"
            else None,
        }
        before = len(there)


__all__ = ["Unknown", "funnel", "outcomes", "time_to_close", "transitions"]
