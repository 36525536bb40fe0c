"""From every record of a session to the session: which is current, and what the others complete.

Records of a session are put in order; the last is the session. Those of its version (the same
second, the same state) are its repeats, the rest are older. What the dialect of the current record
cannot tell is taken from the repeats, latest first; a fact that does not turn back from older
records too. So the result does not depend on the order, the split or the repetition of the input.

The statements are written from the declarations: `Column.member` says on what a column rests and
`Column.completes` how far it may be completed.

Layer: above `rivals`.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import polars as pl
import pyarrow as pa

from sessionkit.columns import Column, Table
from sessionkit.database import Connection, quoted
from sessionkit.digest import contents
from sessionkit.lifecycle import CANCELLED, OPEN
from sessionkit.rivals import doubts
from sessionkit.sinks import Sink
from sessionkit.snapshots import snapshots_of
from sessionkit.sql import text_of
from sessionkit.staged import MEMBERS, bit, member_of
from sessionkit.table_files import ROWS
from sessionkit.tables import MODEL, PROVENANCE, SESSIONS, SNAPSHOTS

SLICE = 5_000
"""Of how many sessions the columns are completed at once, as that holds all their records."""


class Settled(NamedTuple):
    """What became of some contested records, and the doubts that the choice left.

    Attributes:
        fates: How many records of a file became a `session` (`changed` where it was known before,
            in another version), a `repeat` or `older`.
        dropped: Records that are not of the current version, or not kept, as `told.DROPPED`.
        doubts: Rows of rule, key, path, expected, seen and source.
    """

    fates: Counter[tuple[str, str]]
    dropped: pl.DataFrame
    doubts: pa.Table


def resolve(db: Connection, sink: Sink) -> Settled:
    """Make one session of all its records.

    Args:
        db: Has the staged tables of the contested records, each as `staged_…`; `rejected`, the
            rejected records of known sessions (one newer than the current one is a doubt); and
            the variable `first`, the number of the first record of this read.
        sink: Where the rows of the resolved sessions go, ordered by key and place in the session.
    """
    db.execute(text_of("resolve/alike"))
    db.execute(contents())
    db.execute(text_of("resolve/ranked"))
    db.execute(_elected())
    _pour(db, SESSIONS, _sessions(db), sink)
    for table in MODEL:
        if table is not SESSIONS:
            _pour(db, table, _children(table), sink)
    _pour(db, SNAPSHOTS, _versions(), sink)
    if sink.keeps:
        for table in MODEL:
            rows = f"from {quoted(f'staged_{table.name}')} semi join ({_KEPT}) using (record)"
            for batch in db.sql(rows).to_arrow_reader(ROWS):
                sink.several(table.name, pa.Table.from_batches([batch]))
    fates = db.sql(text_of("resolve/fates")).fetchall()
    dropped = db.sql(text_of("resolve/dropped")).to_arrow_table()
    return Settled(
        Counter({(file, fate): count for file, fate, count in fates}),
        pl.DataFrame(pl.from_arrow(dropped)),
        doubts(db),
    )


_KEPT = "select record from ranked where is_distinct"


def _versions() -> str:
    """A query for the snapshots: of records that say the same in one, the one that ranks first."""
    return (
        f"select * exclude (record_rank) from ({snapshots_of(_RANKED, 'record_rank')})\n"  # noqa: S608 (our names)
        "qualify row_number() over (\n    partition by application_id, integration_id, version_at, "
        "state, digest order by record_rank\n) = 1\n"
        "order by application_id, integration_id, version_at nulls first, state, digest"
    )


_RANKED = (
    "(select s.*, r.record_rank from staged_sessions as s "
    "join ranked as r using (record) where is_distinct)"
)


def _pour(db: Connection, table: Table, query: str, sink: Sink) -> None:
    """Pass rows on as they come."""
    for batch in db.sql(query).to_arrow_reader(ROWS):
        sink.add(table.name, pa.Table.from_batches([batch]).cast(table.arrow()))


def _tells(member: str) -> str:
    """Whether a record of the current version tells a member."""
    return f"fate <> 'older' and (told & {bit(member)}) <> 0"


def _elected() -> str:
    """The record that each part of a session is taken from: the current one, if it tells it."""
    parts = ",\n    ".join(
        f"coalesce(min(record_rank) filter (where {_tells(member)}), 1) as {quoted(member)}"
        for member in MEMBERS
    )
    return (
        "create or replace temp table elected as select application_id, integration_id,\n    "
        f"count(*) as record_count,\n    {parts},\n"
        f"    (row_number() over () - 1) // {SLICE} as slice\nfrom ranked group by all"
    )


def _sessions(db: Connection) -> str:
    """A query for the sessions: each column from the record that was elected for its member."""
    columns = ",\n    ".join(f"{_column(column)} as {quoted(column.name)}" for column in _BODY)
    order = ", ".join(quoted(column.name) for column in SESSIONS.columns)
    many = (
        f"select r.application_id, r.integration_id,\n    {columns},\n"
        "    bool_or(r.api = 'v1') as seen_v1, bool_or(r.api = 'v2') as seen_v2\n"
        "from ranked r join elected e using (application_id, integration_id)\n"
        "join staged_sessions s using (record)\n"
        "where e.record_count > 1 and e.slice = $slice\n"
        "group by r.application_id, r.integration_id"
    )
    one = (
        "select s.* exclude (record, ordered_at, step, told, api, normal)\n"
        "from staged_sessions s join ranked r using (record)\n"
        "join elected e on e.application_id = r.application_id\n"
        "    and e.integration_id = r.integration_id where e.record_count = 1"
    )
    settled = text_of("resolve/settled")
    ((slices,),) = db.sql("select coalesce(max(slice) + 1, 1) from elected").fetchall()
    for place in range(slices):
        how = "insert into completed" if place else "create or replace temp table completed as"
        db.execute(f"{how} {many}", {"slice": place})
    return (
        f"with settled as (\n{settled}\n)\nselect {order} from settled\n"
        f"union all by name\nselect {order} from ({one})\norder by application_id, integration_id"
    )


_BODY = tuple(c for c in SESSIONS.columns if c.name not in ("application_id", "integration_id"))


def _column(column: Column) -> str:
    name = f"s.{quoted(column.name)}"
    if column.name in PROVENANCE or column.member is None:
        return f"arg_min_null({name}, record_rank)"
    version = (
        f"arg_min_null({name}, record_rank) filter (where record_rank = e.{quoted(column.member)})"
    )
    if column.completes != "lasting":
        return version
    told = f"bool_or({_tells(column.member).replace('told', 's.told')})"
    still = _still(column)
    lasting = f"arg_min({name}, record_rank) filter (where {still})"
    return f"case when {told} then {version} else {lasting} end"


def _still(column: Column) -> str:
    """Whether what an older record told of a column holds for the current state."""
    if column.name == "closed_at":
        return f"winner_state <> '{OPEN}'"
    if column.name == "cancelled_at":
        return f"winner_state = '{CANCELLED}'"
    return "true"


def _children(table: Table) -> str:
    """A query for the rows below the sessions, each from the record elected for its member."""
    columns = ", ".join(f"c.{quoted(name)}" for name in table.names)
    parts = []
    for place in table.rows:
        member = member_of(place)
        line = ""
        if len(table.rows) > 1:
            line = "where c.line is not null" if member == "cartItems" else "where c.line is null"
        parts.append(
            f"select {columns} from {quoted('staged_' + table.name)} c\n"  # noqa: S608
            "join ranked r using (record)\n"
            "join elected e on e.application_id = r.application_id\n"
            "    and e.integration_id = r.integration_id\n"
            f"    and e.{quoted(member)} = r.record_rank {line}"
        )
    order = ", ".join(f"{quoted(name)} nulls first" for name in table.key)
    return f"{' union all '.join(parts)} order by {order}"
