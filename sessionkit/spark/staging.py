"""Reading one unit of work into a section: what is in it, parted by the sessions it is of.

Layer: above `ranges` and `exchange`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import NamedTuple

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from sessionkit.database import Connection, workspace
from sessionkit.errors import Reason
from sessionkit.intake import Intake, Load
from sessionkit.rejecting import Reject
from sessionkit.spark.exchange import IDS, KINDS, REJECTS, Section, parted, write
from sessionkit.spark.place import Place
from sessionkit.spark.ranges import Lost, RangeIntake
from sessionkit.spark.units import Came, Range, Unit
from sessionkit.sql import text_of
from sessionkit.staged import Staged
from sessionkit.tables import EFFECTS, MODEL, SESSIONS
from sessionkit.told import Told, doubts_table
from sessionkit.values import Reading

LARGE = 128 * 2**20
"""How many bytes of rows are worth a section."""


class Task(NamedTuple):
    """A unit to be read, and where to."""

    unit: Unit
    reading: Reading
    place: Place
    buckets: int


@dataclass
class Read:
    """What came of a unit.

    Attributes:
        sections: Its staged rows.
        told: What there is to tell of it, but for rows; records of a range are numbered from 1.
        loads: The files met.
        came: How far it came, if it is a range.
        unnamed: How many effects tell no key of a session, but an internal id.
    """

    sections: list[Section] = field(default_factory=list)
    told: Told = field(default_factory=Told)
    loads: list[Load] = field(default_factory=list)
    came: Came | None = None
    unnamed: int = 0


def stage_unit(task: Task) -> Read:
    """Read a unit, and write its rows; what cannot be read is told in the loads."""
    unit = task.unit
    if isinstance(unit, Range):
        intake: Intake = RangeIntake(unit, task.reading)
    else:
        intake = Intake(unit.files, task.reading, copied={})
    read = Read(loads=intake.loads)
    try:
        with workspace({}) as db:
            _stage(intake.batches(), _Writer(task, db, read), read)
    except Lost:
        return Read(came=Came(0, 0, lost=True))
    if isinstance(intake, RangeIntake):
        read.came = intake.came
    return read


def _stage(batches: Iterator[Staged], writer: _Writer, read: Read) -> None:
    for staged in batches:
        read.told.add(replace(staged, rejects=[]))
        read.told.rejects.update(reject.source_file for reject in staged.rejects)
        writer.add(staged)
    read.told.contenders, read.told.doubts = [], KINDS["doubts"].empty_table()
    writer.flush()


class _Writer:
    """Parts staged rows, and writes them once there are many."""

    def __init__(self, task: Task, db: Connection, read: Read) -> None:
        self._task, self._db, self._read = task, db, read
        self._waiting: dict[str, list[pa.Table]] = {}
        self._size = 0

    def add(self, staged: Staged) -> None:
        """Take in a batch."""
        effects = staged.tables[EFFECTS.name]
        without = nameless(effects)
        self._read.unnamed += pc.sum(without).as_py() or 0
        rows = {
            **staged.tables,
            EFFECTS.name: effects.filter(pc.invert(without)),
            "unnamed": effects.filter(without),
            "rejects": rejects_rows(staged.rejects),
            "doubts": doubts_table(staged.doubts),
            "ids": _ids(staged),
        }
        for kind, table in rows.items():
            if table.num_rows:
                self._waiting.setdefault(kind, []).append(table)
                self._size += table.nbytes
        if self._size > LARGE:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting."""
        if not self._waiting:
            return
        section = write_section(self._task.place, self._task.buckets, self._db, self._waiting)
        self._read.sections.append(section)
        self._waiting, self._size = {}, 0


def write_section(
    place: Place, buckets: int, db: Connection, rows: Mapping[str, list[pa.Table]]
) -> Section:
    """Write rows of the kinds that are read from dumps, parted into buckets."""
    tables = {kind: pa.concat_tables(parts) for kind, parts in rows.items()}
    parts = {}
    if SESSIONS.name in tables:
        sessions = tables[SESSIONS.name]
        slots = by_session(sessions, sessions["integration_id"], buckets, db)
        of_record = _of_records(sessions, slots)
        for table in MODEL:
            if table.name in tables:
                children = tables.pop(table.name)
                parts[table.name] = parted(children, of_record(children["record"]))
    for kind, table in tables.items():
        if kind in _BY_ID:
            slots = by_id(table[_BY_ID[kind]], buckets)
        else:
            slots = by_session(table, _named(kind, table), buckets, db)
        parts[kind] = parted(table, slots)
    return write(place, 2 * buckets, parts)


_BY_ID = {"ids": "internal_id", "unnamed": "session_internal_id"}


def _of_records(sessions: pa.Table, slots: pl.Series) -> Callable[[pa.ChunkedArray], pl.Series]:
    """The slot of each record, by its number."""
    numbers = pl.Series("record", pl.from_arrow(sessions["record"]))
    first, behind = numbers.min(), numbers.max()
    assert isinstance(first, int) and isinstance(behind, int)  # noqa: PT018 (of the type checker)
    known = pl.repeat(0, behind + 1 - first, dtype=pl.Int64, eager=True)
    known = known.scatter(numbers - first, slots)
    return lambda records: known.gather(pl.Series(pl.from_arrow(records)) - first)


def _named(kind: str, rows: pa.Table) -> pa.ChunkedArray:
    """What tells the sessions of rows; rejects that tell none go anywhere."""
    if kind != "rejects":
        return rows["integration_id"]
    offsets = pc.cast(rows["source_offset"], pa.string())
    return pc.coalesce(rows["integration_id"], offsets)


def by_session(
    rows: pa.Table, sessions: pa.ChunkedArray, buckets: int, db: Connection
) -> pl.Series:
    """The bucket of each row, by its application and what its session is called."""
    keys = pa.table({"application_id": rows["application_id"], "session": sessions})
    with db.cursor() as own:
        own.register("keys", keys)
        found = own.sql(text_of("exchange/slots"), params={"buckets": buckets}).to_arrow_table()
    return pl.Series(pl.from_arrow(found["slot"]))


def by_id(ids: pa.ChunkedArray, buckets: int) -> pl.Series:
    """The slot of each internal id, behind those of the sessions."""
    return pl.Series(pl.from_arrow(ids)) % buckets + buckets


def nameless(effects: pa.Table) -> pa.ChunkedArray:
    """Whether an effect tells its session by an internal id only."""
    return pc.or_(pc.is_null(effects["application_id"]), pc.is_null(effects["integration_id"]))


def _ids(staged: Staged) -> pa.Table:
    """What a batch tells of internal ids."""
    effects = staged.tables[EFFECTS.name]
    told = [
        staged.tables[SESSIONS.name].select(IDS.names).cast(IDS),
        effects.select([*IDS.names[:2], "session_internal_id"]).rename_columns(IDS.names).cast(IDS),
    ]
    rows = (
        pl.DataFrame(pl.from_arrow(pa.concat_tables(told))).drop_nulls().unique(maintain_order=True)
    )
    return rows.to_arrow().cast(IDS)


def rejects_rows(rejects: Sequence[Reject]) -> pa.Table:
    """Rejects as they are kept on their way, in their order."""
    rows = [
        asdict(reject) | {"reasons": [asdict(reason) for reason in reject.reasons]}
        for reject in rejects
    ]
    return pa.Table.from_pylist(rows, schema=REJECTS)


def rejects_of(rows: pa.Table) -> list[Reject]:
    """The rejects that `rejects_rows` gave."""
    return [
        Reject(**row | {"reasons": tuple(Reason(**reason) for reason in row["reasons"])})
        for row in rows.to_pylist()
    ]
