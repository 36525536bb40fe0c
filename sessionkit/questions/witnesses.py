"""What the data can bear witness to, beyond the last version of each session.

Other versions of a session and the events of effects tell of closings that its last version does
not; and they tell, with its times, how it stood at an earlier moment.

Layer: inside `questions`, above `workbench`.
"""

from __future__ import annotations

from typing import NamedTuple

from sessionkit.errors import UsageError
from sessionkit.lifecycle import STATES
from sessionkit.questions.asked import Asked
from sessionkit.questions.workbench import Workbench

TABLES = ("snapshots", "effects")
"""The tables that bear witness beside `sessions`."""


class Named(NamedTuple):
    """Where `named` takes its sessions from, and what it takes.

    Attributes:
        table: The sessions: `sessions`, or as they stood at an earlier moment.
        columns: What witnesses tell of a session.
        joins: What brings them in.
    """

    table: str
    columns: tuple[str, ...]
    joins: tuple[str, ...]


ALONE = Named(
    "sessions",
    (
        "state as standing",
        "closed_at as first_closed_at",
        "closed_at as last_closed_at",
        "closed_at is not null as is_seen_closed",
        "false as is_seen_unclosed",
    ),
    (),
)
"""The sessions as they are, each its only witness."""

_JOINED = Named(
    "sessions",
    (
        "coalesce(standing, state) as standing",
        "coalesce(first_closed_at, closed_at) as first_closed_at",
        "coalesce(last_closed_at, closed_at) as last_closed_at",
        "coalesce(is_seen_closed, closed_at is not null) as is_seen_closed",
        "coalesce(is_seen_unclosed, false) as is_seen_unclosed",
    ),
    ("left join witnesses using (application_id, integration_id)",),
)

_SEVERAL = (
    "select application_id, integration_id\nfrom snapshots\n"
    "group by application_id, integration_id\nhaving count(*) > 1"
)
_TOLD_OF = (
    "select application_id, integration_id\nfrom effects\n"
    "where event_type is not null or state is not null"
)
_THERE = (
    "select (select count(*) from snapshots) > (select count(*) from sessions) as several, "
    "exists (select 1 from effects where event_type is not null or state is not null) as told_of"
)
_WITNESSED = "semi join witnessed using (application_id, integration_id)"
_COLUMNS = (
    "application_id, integration_id, {} as version_at, state, closed_at, cancelled_at,\n"
    "    times_known, total, discounts_known, discount_total"
)
_LAST = f"select {_COLUMNS.format('updated_at')}\nfrom sessions"
_OTHERS = f"select {_COLUMNS.format('version_at')}\nfrom snapshots"


def called(bench: Workbench) -> Named:
    """Say what `named` takes; mostly no session has several versions, and there are no effects."""
    (there,) = bench.rows(_THERE)
    kinds = [text for text, name in ((_SEVERAL, "several"), (_TOLD_OF, "told_of")) if there[name]]
    if not kinds:
        return ALONE
    several = kinds == [_SEVERAL]
    bench.table("witnessed", "\nunion\n".join(kinds), of_several=several)
    text = f"{_LAST}\n{_WITNESSED}\nunion all\n{_OTHERS}\n{_WITNESSED}"
    bench.table("version_rows", text, of_several=several)
    _make_sightings(bench)
    bench.prepared("witnesses", once=True, of_several=several)
    return _JOINED


def called_then(bench: Workbench) -> Named:
    """Say what `named` takes for a question of an earlier moment, as_of."""
    bench.view("version_rows", f"{_LAST}\nunion all\n{_OTHERS}")
    _make_sightings(bench)
    bench.prepared("stops")
    bench.prepared("stood", once=True)
    return Named("stood as sessions", (), ())


def make_stops(bench: Workbench) -> None:
    """Make `stops` of all sessions."""
    (there,) = bench.rows(_THERE)
    text = _LAST
    if there["several"]:
        bench.table("witnessed", _SEVERAL, of_several=True)
        text = f"{text}\nunion all\n{_OTHERS}\n{_WITNESSED}"
    bench.view("version_rows", text)
    _make_sightings(bench)
    bench.prepared("stops")


def _make_sightings(bench: Workbench) -> None:
    bench.keep("life_cycle", list(STATES))
    bench.prepared("sightings")


def is_earlier(bench: Workbench) -> bool:
    """Whether as_of is earlier than the data."""
    return bool(_earlier(bench))


def _earlier(bench: Workbench) -> list[dict[str, str]]:
    """As_of and the end of the data, if that is later."""
    return bench.rows(bench.text_of("prepared/earlier"))


def check_as_of(bench: Workbench) -> None:
    """Refuse a moment at which the sessions may have been in other states than they are.

    Raises:
        UsageError: `as_of` is earlier than the latest instant in the data.
    """
    for row in _earlier(bench):
        raise UsageError(
            f"as_of ({row['as_of']}) is earlier than the data, which go up to {row['latest']}: "
            "they tell how sessions stand now, not how they stood then. Leave as_of out, or read "
            "an older export."
        )


_NARROWED = (
    "semi join (select application_id, integration_id from matching where in_window) as asked "
    "using (application_id, integration_id)"
)


def later(bench: Workbench, asked: Asked, *, amounts: bool) -> int:
    """Count the sessions created after an earlier moment, if it is known how the others stood.

    Args:
        bench: Where `stood` and `matching` are.
        asked: What was asked; sessions that it leaves out for certain may stand as they like.
        amounts: Whether the amounts of then are needed too.

    Returns:
        How many there are in the source, before any filter.

    Raises:
        UsageError: The states, or the amounts, of some sessions are not known.
    """
    settled = "is_settled and has_version" if amounts else "is_settled"
    narrowed = "state" not in asked.where and asked.time_basis == "created"
    asked_for = _NARROWED if narrowed else ""
    text = f"select count(*) as unknown from stood {asked_for}\nwhere not ({settled})"  # noqa: S608
    unknown = bench.rows(text)[0]["unknown"]
    if unknown:
        (row,) = _earlier(bench)
        sessions = "1 session" if unknown == 1 else f"{unknown:,} sessions"
        missing = "its state" if unknown == 1 else "their states"
        raise UsageError(
            f"as_of ({row['as_of']}) is earlier than the data, which go up to {row['latest']}, and "
            f"of {sessions} no version, time or event tells {missing} then"
            f"{' with the amounts' if amounts else ''}. Leave as_of out, or read older exports too."
        )
    text = "select (select count(*) from sessions) - (select count(*) from stood) as later"
    return int(bench.rows(text)[0]["later"])
