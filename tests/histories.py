"""Random histories for random sessions: their older versions, and the events of their effects.

A session lives by the rules, mostly; dumps hold some of its versions, and tell some of its times.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pyarrow as pa

from sessionkit.tables import EFFECTS, SESSIONS, SNAPSHOTS
from tests.builders import shop
from tests.rows import rows

Row = dict[str, Any]
NEXT = {
    "open": ("open", "closed", "closed", "cancelled"),
    "closed": ("cancelled", "partially_returned", "open"),
    "partially_returned": ("partially_returned", "cancelled"),
    "cancelled": (),
}
EVENT = {
    ("open", "open"): "updated",
    ("open", "closed"): "closed",
    ("open", "cancelled"): "cancelled",
    ("closed", "cancelled"): "revoked",
    ("closed", "partially_returned"): "partially_returned",
    ("partially_returned", "partially_returned"): "partially_returned",
    ("partially_returned", "cancelled"): "revoked",
    ("closed", "open"): "reopened",
}


def shop_with_history(seed: int, sessions: int = 60) -> dict[str, pa.Table]:
    """Tables of `tests.builders.shop`, with lives of their own, `snapshots` and `effects`."""
    dice = Random(seed)
    tables = shop(seed, sessions)
    lives = [_Life(dice, row) for row in tables["sessions"].to_pylist()]
    return dict(tables) | {
        "sessions": rows(SESSIONS, *(life.session for life in lives)),
        "snapshots": rows(SNAPSHOTS, *(row for life in lives for row in life.snapshots)),
        "effects": rows(EFFECTS, *(row for life in lives for row in life.effects)),
    }


class _Life:
    """What became of one session, and what was kept of it."""

    def __init__(self, dice: Random, session: Row) -> None:
        self.dice = dice
        self.key = {name: session[name] for name in ("application_id", "integration_id")}
        self.times_known = dice.random() < 0.6
        self.undated = dice.random() < 0.15
        self.versions: list[Row] = []
        self.effects: list[Row] = []
        evented = dice.random() < 0.4
        closed = cancelled = None
        moment, state = session["created_at"], dice.choice(("open", "open", "open", "closed"))
        closed = moment if state == "closed" else None
        self._keep(moment, state, closed, cancelled, session)
        for number in range(dice.randint(0, 5)):
            choices = NEXT[state] if dice.random() < 0.95 else tuple(NEXT)
            if not choices:
                break
            after = dice.choice(choices)
            moment += timedelta(seconds=dice.choice((0, 1, 3000, dice.randrange(1, 5 * 86400))))
            closed = moment if after == "closed" else closed
            cancelled = moment if after == "cancelled" else cancelled
            if after == "open" and dice.random() < 0.5:
                closed = None
            if evented and dice.random() < 0.8:
                self._happen(number, moment, EVENT.get((state, after), "updated"), after)
            state = after
            self._keep(moment, state, closed, cancelled, session)
        self._choose(session)

    def _keep(
        self, moment: datetime, state: str, closed: Any, cancelled: Any, session: Row
    ) -> None:
        told = self.times_known and self.dice.random() < 0.9
        later = timedelta(
            seconds=self.dice.choice((0, 0, 2)), microseconds=self.dice.choice((0, 7))
        )
        fine = self.dice.random() < 0.5
        self.versions.append(
            {
                "updated_at": moment + later,
                "state": state,
                "times_known": told,
                "closed_at": _cut(closed, fine) if told else None,
                "cancelled_at": _cut(cancelled, fine) if told and state == "cancelled" else None,
                "total": session["total"] if fine or session["total"] is None
                else session["total"] + 1,
            }
        )  # fmt: skip

    def _happen(self, number: int, moment: datetime, kind: str, after: str) -> None:
        for place in range(self.dice.randint(1, 2)):
            self.effects.append(
                {
                    **self.key,
                    "event_id": number,
                    "event_type": f"talon_session_{kind}",
                    "created_at": _cut(moment, False),
                    "place": place,
                }
            )
        if self.dice.random() < 0.1:
            told = {"version_at": _cut(moment, False), "state": after}
            self.effects.append({**self.key, **told, "place": 9})

    def _choose(self, session: Row) -> None:
        """Keep some of the versions; the last of them is the session."""
        held = [one for one in self.versions if self.dice.random() < 0.6] or self.versions[-1:]
        if self.undated:
            lost = held if self.dice.random() < 0.3 else [self.dice.choice(held)]
            held = [{**one, "updated_at": None} if one in lost else one for one in held]
            held.sort(key=lambda one: one["updated_at"] is not None)
        self.session = {**session, **held[-1]}
        seen: dict[Any, Row] = {}
        for number, one in enumerate(held):
            version = {**one, "version_at": _cut(one["updated_at"], False)}
            seen[version["version_at"], one["state"], self.dice.random() < 0.9 or number] = {
                **self.key, "created_at": session["created_at"], **version, "digest": str(number),
            }  # fmt: skip
        self.snapshots = list(seen.values())


def _cut(moment: datetime | None, fine: bool) -> datetime | None:
    return moment if moment is None or fine else moment.replace(microsecond=0)


def moments(tables: Mapping[str, pa.Table]) -> list[datetime]:
    """Every moment that the sessions tell, in order."""
    told = tables["sessions"]["updated_at"].to_pylist()
    return sorted(one for one in told if one is not None)
