"""The ledger of a read: one line per record, from which follows which records contend.

Most sessions have one record, and their rows go straight to where they belong. Only the records of
the others, and of those that a rejected record is about, are *contested*: they are put side by
side and resolved.

Layer: above `staged` and `database`.
"""

from __future__ import annotations

from collections import Counter

import polars as pl
import pyarrow as pa

from sessionkit.database import Connection

_LINES = ("record", "application_id", "integration_id", "source_file")


class Ledger:
    """Who has a record, in a database that spills to the disk when memory runs short."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        db.execute(
            "create temp table ledger (record bigint, application_id bigint, "
            "integration_id varchar, source_file varchar)"
        )

    def add(self, sessions: pa.Table) -> None:
        """Enter the records of a batch of staged sessions."""
        self._db.register("arrived", sessions.select(list(_LINES)))
        self._db.execute("insert into ledger from arrived")
        self._db.unregister("arrived")

    def contested(self, rejected: pa.Table) -> pl.Series:
        """Whether each record of the read is contested, by its number.

        Args:
            rejected: Rejected records, by the key of their session.
        """
        self._db.register("about", rejected.select(["application_id", "integration_id"]))
        self._db.execute(
            "create temp table contested as select record from ledger semi join (\n"
            "    select application_id, integration_id from ledger group by all having count(*) > 1"
            "\n    union select application_id, integration_id from about\n"
            ") using (application_id, integration_id)"
        )
        self._db.unregister("about")
        ((last,),) = self._db.sql("select coalesce(max(record), -1) from ledger").fetchall()
        contested = self._db.sql("select record from contested").to_arrow_table()["record"]
        marks = pl.repeat(False, last + 1, dtype=pl.Boolean, eager=True)
        return marks.scatter(pl.Series(pl.from_arrow(contested)), True)

    def uncontested(self) -> Counter[str]:
        """How many records are the only one of their session, by file."""
        counted = self._db.sql(
            "select source_file, count(*) from ledger anti join contested using (record) group by 1"
        )
        return Counter(dict(counted.fetchall()))
