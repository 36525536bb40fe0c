"""The contested records of a read, side by side, in stretches of sessions that memory can hold.

Layer: above `staged` and `database`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from sessionkit.database import Connection, quoted
from sessionkit.sql import text_of
from sessionkit.staged import staged_schema
from sessionkit.tables import MODEL

STRETCH = 25_000
"""How many records are resolved at once, or a few more: a session's are not parted."""


class Contest:
    """Where contested records wait, in a database that spills to the disk."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        for table in MODEL:
            db.register("nothing", staged_schema(table).empty_table())
            db.execute(f"create table {_waiting(table.name)} as from nothing")
        db.unregister("nothing")

    def add(self, name: str, rows: pa.Table) -> None:
        """Let rows of a table wait, as staged; from any thread."""
        with self._db.cursor() as own:
            own.register("arrived", rows)
            own.execute(f"insert into {_waiting(name)} from arrived")

    def stretches(self) -> Iterator[None]:
        """Lay the records out as `staged_…`, stretch by stretch, in the order of their sessions."""
        self._db.execute(text_of("resolve/stretches"), {"stretch": STRETCH})
        ((count,),) = self._db.sql("select coalesce(max(stretch) + 1, 0) from stretches").fetchall()
        for place in range(count):
            for table in MODEL:
                self._lay_out(table.name, place, alone=count == 1)
            yield

    def _lay_out(self, name: str, place: int, *, alone: bool) -> None:
        staged = quoted(f"staged_{name}")
        if alone:
            self._db.execute(f"create or replace temp view {staged} as from {_waiting(name)}")
            return
        these = f"semi join (from stretches where stretch = {place})"
        chosen = (
            f"{these} using (application_id, integration_id)"
            if name == MODEL[0].name
            else "semi join staged_sessions using (record)"
        )
        self._db.execute(f"create or replace temp table {staged} as from {_waiting(name)} {chosen}")


def _waiting(name: str) -> str:
    return quoted(f"waiting_{name}")
