"""The ledger of a read: one line per record, from which follows which records contend.

Most sessions have one record, and their rows go straight to where they belong. Those of sessions
that are kept already and that only say again what is kept are left out. Only the records of other
sessions with several, and of those that a rejected record is about, are *contested*: they are put
side by side and resolved.

A session goes by a hash of its key, so that a line is short. Where two have the same one, their
records are contested without need, and nothing else comes of it.

Layer: above `kept` and `database`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import IntEnum

import polars as pl
import pyarrow as pa

from sessionkit.database import Connection, quoted
from sessionkit.digest import sayings
from sessionkit.kept import Kept
from sessionkit.sql import text_of
from sessionkit.table_files import ROWS
from sessionkit.tables import MODEL, SESSIONS


class Course(IntEnum):
    """What is done with a record of a read."""

    ALONE = 0
    """It is the session, as nothing else tells of it."""
    CONTESTED = 1
    """It is resolved with the other records of its session."""
    REPEAT = 2
    """It is left out: one that is kept says the same of the current version."""
    OLDER = 3
    """It is left out: one that is kept says the same of an older version."""


class Ledger:
    """Who has a record, in a database that spills to the disk when memory runs short."""

    def __init__(self, db: Connection, kept: Kept) -> None:
        self._db, self._kept = db, kept
        db.execute(text_of("resolve/ledger"))

    def add(self, tables: Mapping[str, pa.Table]) -> None:
        """Enter the records of a batch of staged tables."""
        self._db.register("arrived", tables[SESSIONS.name])
        if not self._kept.compares:
            self._db.execute(text_of("resolve/enter"))
        else:
            for table in MODEL:
                self._db.register(f"arrived_{table.name}", tables[table.name])
            self._db.execute(f"insert into ledger\n{sayings('arrived_')}")
            for table in MODEL:
                self._db.unregister(f"arrived_{table.name}")
        self._db.unregister("arrived")

    def courses(self, rejected: pa.Table, fresh: pa.Table) -> pl.Series:
        """The `Course` of each record of the read, by its number from the first on.

        Args:
            rejected: Rejected records, by the key of their session.
            fresh: Those of this read; sessions that only they touch are contested too.
        """
        key = ["application_id", "integration_id"]
        self._db.register("about", rejected.select(key))
        self._db.register("fresh", fresh.select(key))
        self._db.execute(text_of("resolve/known"))
        if self._kept.first:
            keys = self._db.sql(text_of("resolve/met")).to_arrow_table()
            self._db.register("arrived", self._kept.known(keys))
            self._db.execute("insert into known by name from arrived")
            self._db.unregister("arrived")
        for statement in ("unchanged", "contested_sessions", "contested"):
            self._db.execute(text_of(f"resolve/{statement}"))
        for name in ("about", "fresh"):
            self._db.unregister(name)
        return self._marked()

    def _marked(self) -> pl.Series:
        first = self._kept.first
        ((last,),) = self._db.sql("select max(record) from ledger").fetchall()
        marks = pl.repeat(0, 0 if last is None else last + 1 - first, dtype=pl.Int8, eager=True)
        found = [
            (Course.CONTESTED, "from contested"),
            (Course.REPEAT, "from unchanged where is_current"),
            (Course.OLDER, "from unchanged where not is_current"),
        ]
        for course, where in found:
            rows = self._db.sql(f"select record {where}").to_arrow_table()
            places = pl.Series(pl.from_arrow(rows["record"])) - first
            marks = marks.scatter(places, int(course))
        return marks

    def kept(self) -> Iterator[tuple[str, pa.Table]]:
        """What was kept of the contested sessions, by the names of the tables, as staged."""
        yield from self._kept.take(self._db.sql(text_of("resolve/taken")).to_arrow_table())

    def unchanged(self) -> pa.Table:
        """The records that are left out, as `told.DROPPED`."""
        query = "select record, survivor, not is_current as is_older from unchanged"
        return self._db.sql(query).to_arrow_table()

    def said(self) -> Iterator[pa.Table]:
        """What records say, by `record` and `said`, as far as that is not kept yet."""
        query = "select record, said from ledger anti join known using (key, said)"
        for batch in self._db.sql(query).to_arrow_reader(ROWS):
            yield pa.Table.from_batches([batch])

    def forget(self) -> None:
        """Make room; nothing can be asked any more."""
        for name in ("ledger", "known", "unchanged", "contested_sessions", "contested"):
            self._db.execute(f"drop table {quoted(name)}")
