"""Effects from overlapping dumps, put together so that each stands there once.

An effect may tell its session by an internal id only. What that stands for is told by records of
sessions and by other effects; only where all of them agree on one session, the effect is of it.

Layer: above `kept`, `sinks` and `staged`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import duckdb
import pyarrow as pa

from sessionkit.database import Connection, quoted
from sessionkit.kept import EFFECTS_KEPT, SESSION_IDS, Kept, Nothing
from sessionkit.sinks import Sink
from sessionkit.sql import text_of
from sessionkit.staged import staged_schema
from sessionkit.table_files import ROWS
from sessionkit.tables import EFFECTS


def put_together(
    staged: Iterable[pa.Table], sessions: Iterable[pa.Table], db: Connection, kept: Kept, sink: Sink
) -> None:
    """Take each effect once, however many dumps tell it.

    An export tells all effects of an event, so what two of them say of it is the same; within one
    file equal rows are several effects. A V2 response tells all effects of a version of a session.

    Args:
        staged: Rows of effects, as staged.
        sessions: Rows of sessions, as staged; an effect that tells only an internal id is theirs
            if they have it, and no other session does.
        db: Where there is room.
        kept: What was there before; it still holds all that it did before this read.
        sink: Takes the rows, by session, event or version, and place.
    """
    _stage(staged, db)
    nameless = kept.nameless()
    if not nameless.num_rows and not _some(db, "staged_effects"):
        return
    _learn(sessions, nameless, db, kept)
    db.execute(text_of("resolve/named_effects"))
    keys = db.sql(text_of("resolve/effect_sessions")).to_arrow_table()
    for rows in kept.effects(keys, db.sql("from named_ids").to_arrow_table()):
        db.register("arrived", rows)
        db.execute(
            "insert into staged_effects by name "
            "select * exclude (is_shown), -1 as record, '' as lot from arrived"
        )
    db.execute(text_of("resolve/named_effects"))
    db.execute(text_of("resolve/worded_effects"))
    if sink.keeps:
        kept.keep_ids(db.sql(text_of("resolve/other_ids")).to_arrow_table())
        _pour(EFFECTS_KEPT, "true" if _part(db) else "is_shown", db, sink)
    else:
        _pour(EFFECTS.arrow(), "is_shown", db, sink)


def named(
    staged: Iterable[pa.Table], sessions: Iterable[pa.Table], db: Connection
) -> Iterator[pa.Table]:
    """Give effects the ids of the session that their internal id stands for, where that is told.

    Args:
        staged: Rows of effects, as staged; all those that have one of their internal ids.
        sessions: All that is told of these internal ids; with the columns of `SESSION_IDS`.
        db: Where there is room, for this alone.

    Yields:
        The rows, as staged, in no order.
    """
    _stage(staged, db)
    _learn(sessions, Nothing().nameless(), db, Nothing())
    db.execute(text_of("resolve/named_effects"))
    schema = staged_schema(EFFECTS)
    for batch in _columns(schema.names, "staged_effects", db).to_arrow_reader(ROWS):
        yield pa.Table.from_batches([batch]).cast(schema)


def _stage(staged: Iterable[pa.Table], db: Connection) -> None:
    db.register("nothing", staged_schema(EFFECTS).empty_table())
    db.execute(text_of("resolve/staged_effects"))
    for rows in staged:
        db.register("arrived", rows)
        db.execute(
            "insert into staged_effects by name select *, application_id is not null "
            "as tells_application, integration_id is not null as tells_session, "
            "'' as told_in, source_file as lot from arrived"
        )


def _some(db: Connection, table: str, where: str = "true") -> bool:
    return bool(db.sql(f"select 1 from {table} where {where} limit 1").fetchall())  # noqa: S608 (our names)


def _learn(sessions: Iterable[pa.Table], nameless: pa.Table, db: Connection, kept: Kept) -> None:
    """Make `named_ids`: what the internal ids stand for of which this read tells anything."""
    db.register("nameless", nameless)
    for statement in ("wanted_ids", "internal_ids"):
        db.execute(text_of(f"resolve/{statement}"))
    if _some(db, "wanted_ids"):
        for rows in sessions:
            db.register("arrived", rows.select(SESSION_IDS.names))
            db.execute(
                "insert into internal_ids by name from arrived semi join wanted_ids "
                "using (internal_id)"
            )
    db.execute(text_of("resolve/asked_ids"))
    asked = db.sql("from asked_ids").to_arrow_table()
    if asked.num_rows:
        db.register("arrived", kept.ids(asked))
        db.execute("insert into internal_ids by name from arrived")
    db.execute(text_of("resolve/named_ids"))


def _part(db: Connection) -> bool:
    """Keep what is told under several names apart; whether anything is."""
    by_id = "not (tells_application and tells_session) or told_in <> ''"
    if not _some(db, "staged_effects", by_id):
        return False
    db.execute(text_of("resolve/lots"))
    db.execute("create or replace table staged_effects as from lots")
    db.execute("drop table lots")
    return True


def _columns(names: Iterable[str], table: str, db: Connection) -> duckdb.DuckDBPyRelation:
    return db.sql(f"select {', '.join(map(quoted, names))} from {table}")  # noqa: S608 (our names)


def _pour(columns: pa.Schema, shown: str, db: Connection, sink: Sink) -> None:
    names = ", ".join(quoted(name) for name in columns.names)
    query = f"select {names} from (\n{text_of('resolve/effects')}) where {shown}"  # noqa: S608 (our names)
    for batch in db.sql(query).to_arrow_reader(ROWS):
        sink.add(EFFECTS.name, pa.Table.from_batches([batch]).cast(columns))
    db.execute("drop table staged_effects cascade")
