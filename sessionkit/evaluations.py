"""Effects from overlapping dumps, put together so that each stands there once.

Layer: above `kept`, `sinks` and `staged`.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from sessionkit.database import Connection, quoted
from sessionkit.kept import Kept
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
        sessions: Rows of sessions, as staged; those with the internal id of an effect that tells
            no integration id give it theirs.
        db: Where there is room.
        kept: What was there before.
        sink: Takes the rows, by session, event or version, and place.
    """
    db.register("nothing", staged_schema(EFFECTS).empty_table())
    db.execute("create table staged_effects as from nothing")
    for rows in staged:
        db.register("arrived", rows)
        db.execute("insert into staged_effects from arrived")
    if not db.sql("select 1 from staged_effects limit 1").fetchall():
        return
    for rows in kept.effects(db.sql(text_of("resolve/effect_sessions")).to_arrow_table()):
        db.register("arrived", rows)
        db.execute("insert into staged_effects by name select *, -1 as record from arrived")
    _name(sessions, db)
    names = ", ".join(quoted(name) for name in EFFECTS.names)
    query = f"select {names} from (\n{text_of('resolve/effects')})"  # noqa: S608 (our names)
    for batch in db.sql(query).to_arrow_reader(ROWS):
        sink.add(EFFECTS.name, pa.Table.from_batches([batch]).cast(EFFECTS.arrow()))


def _name(sessions: Iterable[pa.Table], db: Connection) -> None:
    """Give effects that tell only the internal id of their session its integration id."""
    nameless = "select 1 from staged_effects where integration_id is null limit 1"
    if not db.sql(nameless).fetchall():
        return
    db.execute(text_of("resolve/internal_ids"))
    told = "select application_id, integration_id, session_internal_id from staged_effects"
    db.execute(f"insert into internal_ids {told} where session_internal_id is not null")
    for rows in sessions:
        db.register("arrived", rows.select(["application_id", "integration_id", "internal_id"]))
        db.execute("insert into internal_ids from arrived where internal_id is not null")
    db.execute(text_of("resolve/named_effects"))
