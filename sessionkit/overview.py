"""What tables or a store show of themselves in a notebook: what is in them, and what is wrong.

Layer: above `database` and `notebook`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

from sessionkit.database import Connection, run
from sessionkit.errors import REASONS
from sessionkit.lifecycle import STATES
from sessionkit.notebook import Cell, Heading, grid_html
from sessionkit.rules import RULES
from sessionkit.shown import Names
from sessionkit.sql import text_of
from sessionkit.tables import ALL

Row = Mapping[str, Any]

_FILES = ("read", "copy", "skipped", "unreadable")
_SAID = {"copy": "the same as another"}
_MOST = 20
"""So many applications, reasons and rules have a row."""


def overview_html(connection: Connection, name: str, names: Names, loads: int | None = None) -> str:
    """Write an overview as HTML.

    Args:
        connection: To the tables.
        name: What they are.
        names: What applications are called.
        loads: How many loads a store has seen; None of anything else.

    Returns:
        One element: what was read, from when to when; sessions by state; rejects and findings;
        how many rows each table has.

    Example:
        >>> from sessionkit.database import connect
        >>> with connect({}) as connection:
        ...     "No session" in overview_html(connection, "SessionTables", {})
        True
    """
    met, states, doubts = (
        run(connection, text_of(f"reading/{one}")).to_pylist()
        for one in ("overview", "states", "doubts")
    )
    says = (_span(states), _files(met[0]), _fates(met[0], states, loads))
    told = "".join(f"<p>{escape(one)}</p>" for one in says if one)
    parts = (_states(states, names), _doubts(doubts), _tables(connection))
    return f"<div><p><b>{escape(name)}</b></p>{told}{''.join(parts)}</div>"


def _span(states: Sequence[Row]) -> str:
    if not states:
        return "No session."
    applications = len({row["application_id"] for row in states})
    first = min(row["first_created_at"] for row in states)
    last = max(row["last_created_at"] for row in states)
    sessions = _counted(sum(row["session_count"] for row in states), "session")
    of = _counted(applications, "application")
    return f"{sessions} of {of}, created from {_day(first)} to {_day(last)} (UTC)."


def _files(met: Row) -> str:
    counts = {status: met[f"{status}_count"] for status in _FILES}
    parts = [f"{_counted(counts.pop('read'), 'file')} read"]
    parts += [f"{count:,} {_SAID.get(one, one)}" for one, count in counts.items() if count]
    return ", ".join(parts) + "." if met["file_count"] else ""


def _fates(met: Row, states: Sequence[Row], loads: int | None) -> str:
    """What became of the records; of a store, which reads sessions again and again, what it has."""
    records = _counted(met["records"], "record")
    if loads is not None:
        sessions = _counted(sum(row["session_count"] for row in states), "session")
        rejects = _counted(met["open_rejects"], "reject")
        return f"{records} in {_counted(loads, 'load')}: {sessions}, {rejects} open."
    if not met["file_count"]:
        return ""
    parts = [_counted(met["sessions"], "session"), _counted(met["repeats"], "repeat")]
    parts += [f"{met['older']:,} older"]
    parts += [_counted(met["effects"], "effect")] if met["effects"] else []
    return f"{records} = {' + '.join([*parts, _counted(met['rejects'], 'reject')])}."


def _states(states: Sequence[Row], names: Names) -> str:
    by: dict[int, dict[str, int]] = {}
    for row in states:
        by.setdefault(row["application_id"], {})[row["state"]] = row["session_count"]
    if not by:
        return ""
    headings = [Heading("application"), *(Heading(state, right=True) for state in STATES)]
    rows = [
        [Cell(f"{one} {names.get(one, '')}".rstrip()), *(_count(found, state) for state in STATES)]
        for one, found in list(by.items())[:_MOST]
    ]
    return grid_html("Sessions by state", headings, rows) + _left(len(by))


def _count(found: Mapping[str, int], state: str) -> Cell:
    return Cell(f"{found.get(state, 0):,}")


def _doubts(doubts: Sequence[Row]) -> str:
    if not doubts:
        return "<p>No reject, no finding.</p>"
    headings = [Heading("severity"), Heading("reason or rule"), Heading("count", right=True)]
    rows = [
        [Cell(row["kind"]), Cell(row["name"], _meaning(row)), Cell(f"{row['count']:,}")]
        for row in doubts[:_MOST]
    ]
    return grid_html("Rejects and findings", headings, rows) + _left(len(doubts))


def _meaning(row: Row) -> str:
    if row["kind"] == "rejected":
        return REASONS.get(row["name"], "")
    return RULES[row["name"]].meaning if row["name"] in RULES else ""


def _tables(connection: Connection) -> str:
    """How many rows each table has; those without any are left out."""
    counts = {
        table: connection.table(table.name).count("*").fetchall()[0][0]  # our names
        for table in ALL
    }
    headings = [Heading("table"), Heading("one row per"), Heading("rows", right=True)]
    rows = [
        [Cell(table.name), Cell(table.grain.replace("`", "")), Cell(f"{count:,}")]
        for table, count in counts.items()
        if count
    ]
    return grid_html("Tables", headings, rows) if rows else ""


def _left(count: int) -> str:
    left = count - _MOST
    return f"<p>{_counted(left, 'more row')} not shown.</p>" if left > 0 else ""


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).date().isoformat()


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + "s" * (number != 1)
