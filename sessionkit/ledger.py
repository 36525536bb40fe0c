"""The ledger of a read: one line per record, from which follows which records contend.

Most sessions have one record, and their rows go straight to where they belong. Only the records of
the others, of those that a rejected record is about, and of those that were there before, are
*contested*: they are put side by side and resolved.

Layer: above `kept` and `database`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import polars as pl
import pyarrow as pa

from sessionkit.database import Connection
from sessionkit.kept import Kept
from sessionkit.sql import text_of

_LINES = ("record", "application_id", "integration_id", "source_file")


class Ledger:
    """Who has a record, in a database that spills to the disk when memory runs short."""

    def __init__(self, db: Connection, kept: Kept) -> None:
        self._db, self._kept = db, kept
        for statement in ("ledger", "known"):
            db.execute(text_of(f"resolve/{statement}"))

    def add(self, sessions: pa.Table) -> None:
        """Enter the records of a batch of staged sessions."""
        self._db.register("arrived", sessions.select(list(_LINES)))
        self._db.execute("insert into ledger from arrived")
        self._db.unregister("arrived")
        self._know(sessions)

    def contested(self, rejected: pa.Table, fresh: pa.Table) -> pl.Series:
        """Whether each record of the read is contested, by its number from the first on.

        Args:
            rejected: Rejected records, by the key of their session.
            fresh: Those of this read; sessions that only they touch are contested too.
        """
        self._know(fresh)
        self._db.register("about", rejected.select(["application_id", "integration_id"]))
        self._db.execute(text_of("resolve/contested_sessions"))
        self._db.execute(text_of("resolve/contested"))
        self._db.unregister("about")
        first = self._kept.first
        ((last,),) = self._db.sql("select max(record) from ledger").fetchall()
        count = 0 if last is None else last + 1 - first
        contested = self._db.sql("select record from contested").to_arrow_table()["record"]
        marks = pl.repeat(False, count, dtype=pl.Boolean, eager=True)
        places = pl.Series(pl.from_arrow(contested)) - first
        return marks.scatter(places, True)

    def kept(self) -> Iterator[tuple[str, pa.Table]]:
        """What was kept of the contested sessions, by the names of the tables, as staged."""
        query = "select application_id, integration_id from contested_sessions"
        yield from self._kept.take(self._db.sql(query).to_arrow_table())

    def uncontested(self) -> Counter[str]:
        """How many records are the only one of their session, by file."""
        counted = self._db.sql(
            "select source_file, count(*) from ledger anti join contested using (record) group by 1"
        )
        return Counter(dict(counted.fetchall()))

    def _know(self, sessions: pa.Table) -> None:
        """Note which of some sessions were there before."""
        if not self._kept.first:
            return
        known = self._kept.known(sessions.select(["application_id", "integration_id"]))
        self._db.register("arrived", known)
        self._db.execute("insert into known from arrived")
        self._db.unregister("arrived")
