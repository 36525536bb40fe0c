"""From records to checked rows, batch by batch, before it is known which version is current.

What `bulk` surely takes is taken at once, the rest record by record in `exact`. Either way the
rows are the same; the rows of the quick path are held against the pandera models when they are
written, with many of their kind.

Rows of effects go their own way, in `effect_rows`.

Layer: above `bulk`, `exact` and `effect_rows`.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from sessionkit.bulk import Outlines, Quick, Setting, header_tells, quick, texts_of
from sessionkit.database import Connection
from sessionkit.effect_rows import EffectRows
from sessionkit.exact import Numbered, stage_exactly
from sessionkit.lifecycle import STATES
from sessionkit.records import RawRecord, Rows, Run
from sessionkit.staged import Staged, staged_schema
from sessionkit.tables import EFFECTS, MODEL, SESSIONS, Table
from sessionkit.values import Reading

__all__ = ["Batch", "stage"]


Part = Run | Rows | RawRecord


@dataclass
class Batch:
    """Records to be staged together, in the order of their files.

    Attributes:
        first: The number of the first record in the read; the others follow.
        parts: Runs of records, rows, and single records, with the names of their files.
        records: How many records there are.
        size: How many bytes they take.
    """

    first: int = 0
    parts: list[tuple[str, Part]] = field(default_factory=list)
    records: int = 0
    size: int = 0

    def add(self, file: str, part: Part) -> None:
        """Put a part at the end."""
        self.parts.append((file, part))
        self.records += records_in(part)
        self.size += _size(part)


def records_in(part: Part) -> int:
    """How many records a part holds."""
    if isinstance(part, Run):
        return len(part.starts) - 1
    return len(part.raws) if isinstance(part, Rows) else 1


def _size(part: Part) -> int:
    if isinstance(part, Run):
        return len(part.data)
    return sum(map(len, part.raws)) if isinstance(part, Rows) else len(part.raw)


def stage(batch: Batch, reading: Reading, outlines: Outlines, db: Connection) -> Staged:
    """Stage one batch.

    Args:
        batch: The records.
        reading: What the caller said of the dumps.
        outlines: What was learnt of the dumps so far.
        db: A connection of the thread's own.
    """
    with _collector_at_rest():
        lots: dict[Kind | None, _Lot] = {}
        effects = EffectRows()
        number = batch.first
        for file, part in batch.parts:
            if not effects.take(number, file, part):
                lots.setdefault(_kind(part), _Lot()).add(number, file, part)
            number += records_in(part)
        left: list[Numbered] = []
        quickly = []
        for kind, lot in lots.items():
            places: Iterable[int] = range(lot.count)
            if kind is not None and (setting := _setting(kind, reading)) is not None:
                taken = quick(lot.texts(), setting, outlines, db)
                places = taken.doubtful
                quickly.append((lot, taken))
            left += lot.records(places)
        staged = _together(stage_exactly(sorted(left), reading), quickly, reading)
        effects.stage(staged, reading)
        return staged


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Keep Python's cycle collector from walking a batch, which has no cycles, over and over."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


Kind = str | tuple[str, ...]


def _kind(part: Part) -> Kind | None:
    """What parts that are taken together have in common: a container, or a header."""
    if isinstance(part, RawRecord):
        return None
    return part.container if isinstance(part, Run) else part.columns


def _setting(kind: Kind, reading: Reading) -> Setting | None:
    """What is known of such parts; None for those that only the exact path takes."""
    if isinstance(kind, str):
        return Setting(reading, page=kind == "page")
    tells = header_tells(kind)
    return None if tells is None else Setting(reading, cells=tells)


class _Lot:
    """Parts that are taken at once, wherever in the batch they stand."""

    def __init__(self) -> None:
        self.parts: list[tuple[int, str, Part]] = []
        self.count = 0

    def add(self, number: int, file: str, part: Part) -> None:
        """Put a part at the end; `number` is that of its first record in the read."""
        self.parts.append((number, file, part))
        self.count += records_in(part)

    def texts(self) -> pa.Array:
        """The texts of all records."""
        return pa.concat_arrays([_texts(part) for _, _, part in self.parts])

    def records(self, places: Iterable[int]) -> list[Numbered]:
        """Some of the records, by their places among all, in order."""
        found, before = [], 0
        wanted = deque(places)
        for number, file, part in self.parts:
            count = records_in(part)
            while wanted and wanted[0] < before + count:
                place = wanted.popleft() - before
                found.append(Numbered(number + place, file, _record(part, place)))
            before += count
        return found

    def provenance(self) -> pl.DataFrame:
        """Where each record is from: `number` in the read, file, place and offset in it."""
        files: list[str] = []
        numbers: list[int] = []
        places: list[int] = []
        offsets: list[int] = []
        for number, file, part in self.parts:
            count = records_in(part)
            files += [file] * count
            numbers += range(number, number + count)
            places += range(part.number, part.number + count)
            offsets += _offsets(part)
        return pl.DataFrame(
            {
                "number": numbers,
                "source_file": files,
                "source_record": places,
                "source_offset": offsets,
            }
        )


def _texts(part: Part) -> pa.Array:
    if isinstance(part, Rows):
        return texts_of(part.columns, part.cells)
    assert isinstance(part, Run)
    offsets = pa.array(part.starts, pa.int32()).buffers()[1]
    buffers = [None, offsets, pa.py_buffer(part.data)]
    return pa.Array.from_buffers(pa.string(), len(part.starts) - 1, buffers)


def _record(part: Part, place: int) -> RawRecord:
    return part if isinstance(part, RawRecord) else part.record(place)


def _offsets(part: Part) -> list[int]:
    if isinstance(part, RawRecord):
        return [part.offset]
    if isinstance(part, Rows):
        return part.offsets
    return [part.offset + start for start in part.starts[:-1]]


def _together(staged: Staged, quickly: list[tuple[_Lot, Quick]], reading: Reading) -> Staged:
    """Put what the quick path took beside what was staged one by one."""
    tables = {name: [table] for name, table in staged.tables.items() if table.num_rows}
    for lot, taken in quickly:
        if taken.dialect is None:
            continue
        whence = lot.provenance()
        sessions = _finished(whence, taken, reading)
        for file, count, marked in (
            sessions.group_by("source_file").agg(pl.len(), pl.col("sentinel").sum()).iter_rows()
        ):
            staged.records[file] += count
            staged.dialects.add((file, taken.dialect.name))
            if marked:
                staged.sentinels[file] += marked
        for table in MODEL:
            frame = sessions if table is SESSIONS else taken.tables[table.name]
            if len(frame):
                tables.setdefault(table.name, []).append(_arrow(table, frame, whence["number"]))
    schemas = {table.name: staged_schema(table) for table in (*MODEL, EFFECTS)}
    staged.tables = {
        name: _in_order([schema.empty_table(), *tables.get(name, [])])
        for name, schema in schemas.items()
    }
    return staged


def _in_order(parts: list[pa.Table]) -> pa.Table:
    """Put parts together by the numbers of their records, whichever way each has come."""
    rows = pa.concat_tables(parts)
    if len(parts) < 3:
        return rows
    return rows.take(pc.sort_indices(rows, sort_keys=[("record", "ascending")]))


def _finished(whence: pl.DataFrame, taken: Quick, reading: Reading) -> pl.DataFrame:
    """The rows of `sessions` with provenance and bookkeeping."""
    assert taken.dialect is not None
    sessions = taken.tables["sessions"]
    steps = {state: step for step, state in enumerate(STATES)}
    return sessions.with_columns(
        whence.select(pl.all().exclude("number").gather(sessions["record"])),
        dialect=pl.lit(taken.dialect.name),
        ordered_at=pl.col("updated_at").fill_null(pl.lit(reading.dumped_at)),
        step=pl.col("state").replace_strict(steps, return_dtype=pl.Int8),
        api=pl.lit(taken.dialect.api, pl.String),
    )


def _arrow(table: Table, frame: pl.DataFrame, numbers: pl.Series) -> pa.Table:
    """A frame as a staged table; records are numbered through the read."""
    schema = staged_schema(table)
    missing = [f.name for f in schema if f.name not in frame.columns]
    frame = frame.with_columns(
        numbers.gather(frame["record"]).alias("record"),
        *(pl.lit(None).alias(each) for each in missing),
    )
    return frame.select(schema.names).to_arrow().cast(schema)
