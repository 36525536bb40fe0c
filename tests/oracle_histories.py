"""What became of each session over time, in plain Python; see `oracle`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

import pyarrow as pa

from tests.oracle_facts import COMPLETED, STATES, Data, Row

EVENTS = {
    "talon_session_updated": "open",
    "talon_session_reopened": "open",
    "talon_session_closed": "closed",
    "talon_session_partially_returned": "partially_returned",
    "talon_session_cancelled": "cancelled",
    "talon_session_revoked": "cancelled",
}


@dataclass(frozen=True)
class Sight:
    """Something that shows a session in a state."""

    at: datetime | None
    state: str
    kind: str
    closed: bool = False
    unclosed: bool = False


@dataclass(frozen=True)
class Life:
    """How a session stands, and what is known of its closings."""

    state: str
    first: datetime | None
    last: datetime | None
    seen: bool
    unclosed: bool

    @property
    def was_closed(self) -> bool:
        return self.seen or self.state in COMPLETED

    @property
    def is_unclear(self) -> bool:
        return self.state == "cancelled" and not self.seen and not self.unclosed


class Unknown(Exception):
    """Nothing tells how a session stood."""


class History:
    """The versions and effects of every session."""

    def __init__(self, tables: Mapping[str, pa.Table], as_of: datetime | None = None) -> None:
        self.data = Data(tables)
        self.snapshots = _by_session(tables["snapshots"].to_pylist())
        self.effects = _by_session(tables["effects"].to_pylist())
        moments = [e["created_at"] for rows in self.effects.values() for e in rows]
        told = [m for m in (self.data.latest, *moments) if m is not None]
        self.data.latest = max(told, default=None)
        self.then = as_of if as_of and self.data.latest and as_of < self.data.latest else None

    def versions(self, s: Row) -> list[Row]:
        return [{**s, "version_at": s["updated_at"]}, *self.snapshots.get(session_key(s), [])]

    def sights(self, s: Row) -> list[Sight]:
        found = []
        for v in self.versions(s):
            never = v["times_known"] and v["closed_at"] is None
            out = v["state"] == "cancelled"
            found.append(Sight(v["version_at"], v["state"], "versions", unclosed=never and out))
            if v["closed_at"]:
                found.append(Sight(v["closed_at"], "closed", "times", closed=True))
            if v["cancelled_at"]:
                found.append(Sight(v["cancelled_at"], "cancelled", "times", unclosed=never))
        for e in self.effects.get(session_key(s), []):
            if state := EVENTS.get(e["event_type"] or ""):
                name = e["event_type"].removeprefix("talon_session_")
                closed = name in ("closed", "revoked", "partially_returned", "reopened")
                out = name == "cancelled"
                found.append(Sight(e["created_at"], state, "events", closed, out))
            if e["state"]:
                found.append(Sight(e["version_at"], e["state"], "versions"))
        return found

    def life(self, s: Row) -> Life:
        """How a session stands now, by all that tells."""
        sights = self.sights(s)
        last = max((x.at for x in sights if x.kind == "versions" and x.at), default=None)
        closings = [x for x in sights if x.state == "closed" and x.kind != "versions"]
        times = [x.at for x in closings if x.kind == "times" and x.at]
        events = [x.at for x in closings if x.kind == "events" and x.at]
        state = self._standing(s, sights, last)
        others = [
            x for x in sights
            if x.kind == "versions" and x.state in COMPLETED
            and (x.state != s["state"] or (x.at is not None and cut(x.at) < cut(last)))
        ]  # fmt: skip
        late = [e for e in events if last and cut(e) > cut(last)]
        return Life(
            state,
            _first(times + events),
            max(late or times or events, default=None),
            bool(others) or any(x.closed for x in sights),
            s["times_known"] or any(x.unclosed for x in sights),
        )

    def _standing(self, s: Row, sights: list[Sight], last: datetime | None) -> str:
        state: str = s["state"]
        events = [(cut(x.at), STATES.index(x.state)) for x in sights if x.kind == "events"]
        if not events:
            return state
        at, rank = max(events)
        later = at > cut(last) if last else rank > STATES.index(state)
        return STATES[rank] if later else state

    def life_then(self, s: Row, *, amounts: bool) -> tuple[Life, Row]:
        """How a session stood at the earlier moment, and its row of then."""
        assert self.then is not None
        then = self.then
        stops = self.stops(s)
        past = [x for x in stops if x.at and x.at <= then]
        coming = [x for x in stops if x.at and x.at > then]
        if not past and (
            any(x.at is None and x.state != "open" for x in stops) or not _opens(coming)
        ):
            raise Unknown
        held = [v for v in self.versions(s) if v["version_at"] and v["version_at"] <= then]
        if amounts and not held:
            raise Unknown
        state = past[-1].state if past else "open"
        closings = [x.at for x in past if x.state == "closed" and x.kind != "versions"]
        last = cut(max(v["version_at"] for v in held)) if held else None
        seen = (
            any(x.closed for x in past)
            or any(x.state in COMPLETED for x in past[:-1])
            or any(v["state"] in COMPLETED and cut(v["version_at"]) < last for v in held)
        )
        life = Life(
            state,
            min((c for c in closings if c), default=None),
            max((c for c in closings if c), default=None),
            seen,
            s["times_known"] or any(x.unclosed for x in past),
        )
        newest = max(
            held, key=lambda v: (v["version_at"], v["total"] is not None), default={"total": None}
        )
        updated = max((v["version_at"] for v in held), default=None)
        return life, {**s, "state": state, "total": newest["total"], "updated_at": updated}

    def stops(self, s: Row) -> list[Sight]:
        """The states that a session was seen in, in order."""
        sights = self.sights(s)
        moments: dict[Any, list[Sight]] = {}
        for x in sights:
            if x.at is not None:
                moments.setdefault((cut(x.at), STATES.index(x.state)), []).append(x)
        merged = [
            Sight(
                max(x.at for x in seen if x.at), STATES[rank], min(x.kind for x in seen),
                any(x.closed for x in seen), any(x.unclosed for x in seen),
            )
            for (_, rank), seen in sorted(moments.items())
        ]  # fmt: skip
        kinds = {(cut(x.at), x.state): {y.kind for y in moments[cut(x.at), STATES.index(x.state)]}
                 for x in merged}  # fmt: skip
        found: list[Sight] = []
        for state, run in groupby(merged, key=lambda x: x.state):
            found += _stay(state, list(run), kinds)
        rest = {x.state for x in sights if x.at is None} - {x.state for x in found}
        for state in sorted(rest, key=STATES.index, reverse=True):
            tells = [x for x in sights if x.at is None and x.state == state]
            rank = STATES.index(state)
            after = [n for n, x in enumerate(found) if x.at and STATES.index(x.state) > rank]
            one = Sight(None, state, "versions", False, any(x.unclosed for x in tells))
            found.insert(_place(found, after, rank), one)
        return found


def _place(found: list[Sight], after: list[int], rank: int) -> int:
    """Where an undated version goes: before what comes later in life, else at the end."""
    place = after[0] if after else len(found)
    while place > 0 and found[place - 1].at is None and STATES.index(found[place - 1].state) > rank:
        place -= 1
    return place


def _stay(state: str, run: list[Sight], kinds: Mapping[Any, set[str]]) -> list[Sight]:
    """The stops of one stay in a state."""
    order = ("times", "events", "versions")
    told = {kind: [x for x in run if kind in kinds[cut(x.at), state]] for kind in order}
    closed, unclosed = any(x.closed for x in run), any(x.unclosed for x in run)
    if state in ("open", "partially_returned"):
        kept = run
    elif told["times"] and len(told["times"]) >= len(told["events"]):
        kept = told["times"]
    else:
        kept = told["events"] or run[:1]
    best = [next(kind for kind in order if kind in kinds[cut(x.at), state]) for x in kept]
    return [
        replace(x, kind=kind, closed=closed, unclosed=unclosed)
        for x, kind in zip(kept, best, strict=True)
    ]


def _opens(coming: list[Sight]) -> bool:
    """Whether a session that was first seen later was open before."""
    if not coming:
        return True
    first = coming[0]
    if first.state == "open":
        return True
    if first.kind == "versions":
        return False
    return first.state == "closed" or (first.state == "cancelled" and first.unclosed)


def _first(moments: Iterable[datetime]) -> datetime | None:
    """The first; of those in its second the finest."""
    told = list(moments)
    return max(m for m in told if cut(m) == cut(min(told))) if told else None


def cut(moment: Any) -> datetime:
    second: datetime = moment.replace(microsecond=0)
    return second


def session_key(row: Row) -> tuple[Any, Any]:
    return row["application_id"], row["integration_id"]


def _by_session(rows: list[Row]) -> dict[tuple[Any, Any], list[Row]]:
    found: dict[tuple[Any, Any], list[Row]] = {}
    for row in rows:
        found.setdefault(session_key(row), []).append(row)
    return found
