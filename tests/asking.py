"""Small sources for tests of questions: only what a case is about is written out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from sessionkit.result import Result
from sessionkit.tables import ALL
from tests.rows import rows

Row = dict[str, Any]


def at(text: str) -> datetime:
    """An instant, in UTC unless it says otherwise."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def source(*sessions: Row, **children: Iterable[Row]) -> dict[str, pa.Table]:
    """Tables of closed sessions of application 1 called a, b, c, ... unless a row says otherwise.

    A child's row names its session by `of`; sessions without discounts of their own have none.
    """
    named = [
        {
            "integration_id": chr(ord("a") + place),
            "state": "closed",
            "discounts_known": False,
            **row,
        }
        for place, row in enumerate(sessions)
    ]
    given = {name: [_child(row, named) for row in found] for name, found in children.items()}
    tables = {t.name: rows(t, *given.get(t.name, ())) for t in ALL if t.name != "sessions"}
    return {"sessions": rows(next(t for t in ALL if t.name == "sessions"), *named), **tables}


def _child(row: Row, sessions: list[Row]) -> Row:
    row = dict(row)
    of = row.pop("of", None)
    if of is None:
        return row
    application = next(s.get("application_id", 1) for s in sessions if s["integration_id"] == of)
    return {"application_id": application, "integration_id": of, **row}


def columns(result: Result, *names: str) -> list[tuple[Any, ...]]:
    """Some columns of an answer, row by row."""
    return list(zip(*(result.table[name].to_pylist() for name in names), strict=True))
