"""What a load takes out of a store, and what it puts in, all in one transaction.

Layer: inside `store`, above `layout`; imports `kept`, `sinks` and `resolve` from below.
"""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock

import pyarrow as pa

from sessionkit.database import Connection
from sessionkit.rejecting import CONTENDER
from sessionkit.sinks import TABLES, Gathered
from sessionkit.sql import text_of
from sessionkit.staged import staged_schema
from sessionkit.store.layout import ALONE, KEPT, RESOLVED, SEVERAL, laid_out
from sessionkit.table_files import ROWS
from sessionkit.tables import EFFECTS, MODEL, REJECTS, SESSIONS, SNAPSHOTS

LARGE = 12 * 2**20
"""How many bytes of rows of a table are put in at once; three schemas have all tables waiting."""

_NAMES = frozenset(table.name for table in MODEL)


class Held:
    """What a store holds, as a read finds it there."""

    compares = True

    def __init__(self, connection: Connection) -> None:
        self._db = connection
        ((self.first,),) = connection.sql("select next_record from kept.about").fetchall()
        for name in ("taken", "touched"):
            connection.execute(text_of(f"store/{name}"))

    def rejected(self) -> pa.Table:
        """The rejected records of earlier loads that are not mended yet."""
        return self._db.sql(text_of("store/contenders")).to_arrow_table().cast(CONTENDER)

    def known(self, keys: pa.Table) -> pa.Table:
        """The records of some sessions, by hashes of their keys, and what they said."""
        with _registered(self._db, keys):
            return self._db.sql(text_of("store/known")).to_arrow_table()

    def keep_sayings(self, said: Iterator[pa.Table]) -> None:
        """Keep what records of this load say."""
        for each in said:
            self._db.from_arrow(each.select(["record", "said"])).insert_into(f"{KEPT}.sayings")

    def take(self, keys: pa.Table) -> Iterator[tuple[str, pa.Table]]:
        """Hand over all that is kept of some sessions, for it will be written anew."""
        if not keys.num_rows:
            return
        self._db.register("arrived", keys)
        self._db.execute(text_of("store/take"))
        for table in MODEL:
            parts = [f"from {schema}.{table.name}" for schema in (ALONE, SEVERAL)]
            staged = f"from ({' union all '.join(parts)}) semi join taken using (record)"
            for batch in self._db.sql(staged).to_arrow_reader(ROWS):
                yield table.name, pa.Table.from_batches([batch]).cast(staged_schema(table))
        for table in MODEL:
            for schema in (ALONE, SEVERAL):
                self._forget(f"{schema}.{table.name}", "taken", "record")
            self._forget(f"{RESOLVED}.{table.name}", "arrived", *_KEY)
        self._forget(f"{KEPT}.{SNAPSHOTS.name}", "arrived", *_KEY)
        self._forget(f"{KEPT}.findings", "arrived", *_KEY, where="origin <> 'reading'")
        self._db.unregister("arrived")

    def nameless(self) -> pa.Table:
        """Every `internal_id` by which an effect tells its session."""
        return self._db.sql(text_of("store/nameless")).to_arrow_table()

    def ids(self, internal_ids: pa.Table) -> pa.Table:
        """All sessions of which anything kept tells one of these ids."""
        with _registered(self._db, internal_ids):
            return self._db.sql(text_of("store/kept_ids")).to_arrow_table()

    def effects(self, sessions: pa.Table, named: pa.Table) -> Iterator[pa.Table]:
        """Hand over effects of some sessions, and those that have another session now."""
        with _registered(self._db, sessions), _registered(self._db, named, "named"):
            self._db.execute(text_of("store/kept_effects"))
        chosen = self._db.sql(text_of("store/take_effects")).to_arrow_table()
        self._db.execute(text_of("store/forget_effects"))
        yield chosen

    def keep_ids(self, ids: pa.Table) -> None:
        """Keep that internal ids were told of sessions."""
        if ids.num_rows:
            with _registered(self._db, ids):
                self._db.execute(text_of("store/add_effect_ids"))

    def _forget(self, table: str, rows: str, *by: str, where: str = "true") -> None:
        same = " and ".join(f"kept.{name} = gone.{name}" for name in by)
        gone = f"using {rows} as gone where {same} and {where}"
        self._db.execute(f"delete from {table} as kept {gone}")  # noqa: S608 (our names)


_KEY = ("application_id", "integration_id")


class _registered:
    """Arrow rows under a name, for as long as they are wanted."""

    def __init__(self, connection: Connection, rows: pa.Table, name: str = "arrived") -> None:
        self._db, self._rows, self._name = connection, rows, name

    def __enter__(self) -> None:
        self._db.register(self._name, self._rows)

    def __exit__(self, *error: object) -> None:
        self._db.unregister(self._name)


class InStore:
    """Puts what a read makes into a store, every row checked."""

    keeps = True

    def __init__(self, connection: Connection, load: int) -> None:
        self._db, self._load = connection, load
        self._lock = Lock()
        self._gathered = {
            (schema, name): Gathered(TABLES[name], columns, LARGE)
            for (schema, name), columns in laid_out().items()
            if schema != KEPT or name in (EFFECTS.name, SNAPSHOTS.name)
        }

    def add(self, name: str, rows: pa.Table) -> None:
        """Take more rows of a table; those of `alone` are complete by then."""
        if name == REJECTS.name:
            self._insert_rejects(rows)
        else:
            if name in _NAMES:
                self._write_out(ALONE, name)
            self._take(RESOLVED if name in _NAMES else KEPT, name, rows)

    def alone(self, name: str, rows: pa.Table) -> None:
        """Take more rows of sessions with one record, as staged."""
        self._take(ALONE, name, rows)

    def several(self, name: str, rows: pa.Table) -> None:
        """Take records of sessions that have several, as staged."""
        self._take(SEVERAL, name, rows)

    def close(self, name: str) -> None:
        """Take what is left of a table, which is whole now."""
        for schema, each in self._gathered:
            if each == name:
                self._write_out(schema, name)

    def _write_out(self, schema: str, name: str) -> None:
        for part in self._gathered[schema, name].rest():
            self._insert(schema, name, part)

    def _take(self, schema: str, name: str, rows: pa.Table) -> None:
        for part in self._gathered[schema, name].add(rows):
            self._insert(schema, name, part)

    def _insert(self, schema: str, name: str, rows: pa.Table) -> None:
        # What is registered in a transaction is held in memory until its end; a relation is not.
        with self._lock:
            columns = self._db.table(f"{schema}.{name}").columns
            self._db.from_arrow(rows.select(columns)).insert_into(f"{schema}.{name}")
            if (schema, name) == (RESOLVED, SESSIONS.name):
                self._db.from_arrow(rows.select(list(_KEY))).insert_into("touched")

    def _insert_rejects(self, rows: pa.Table) -> None:
        with self._lock, _registered(self._db, rows):
            self._db.execute(text_of("store/add_rejects"), {"load": self._load})
            self._db.execute(
                "update kept.about set next_reject = next_reject + $count", {"count": rows.num_rows}
            )
