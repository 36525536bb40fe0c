"""Dumps in, finished tables out, as a stream: the one way that every reading goes.

    intake -> spill, ledger -> sink
    batches   on disk         checked rows

Staged rows go to the disk as they come, and the ledger notes whose they are. Once all are there,
the rows of sessions with one record go on as they are; those of contested ones are resolved. So
memory holds a few batches, however long the dump is.

Layer: above `intake`, `spilling`, `ledger`, `resolve`, `evaluations` and `sinks`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from sessionkit.contest import Contest
from sessionkit.crew import Crew
from sessionkit.database import Connection, workspace
from sessionkit.errors import FolderError
from sessionkit.evaluations import put_together
from sessionkit.kept import Kept, Nothing
from sessionkit.ledger import Course, Ledger
from sessionkit.machine import cores
from sessionkit.rejecting import rejects_table
from sessionkit.resolve import resolve
from sessionkit.rules import RULES
from sessionkit.sinks import Sink
from sessionkit.snapshots import snapshots_of
from sessionkit.spilling import Spill
from sessionkit.staged import DOUBTS, Staged
from sessionkit.tables import EFFECTS, MODEL, REJECTS, SESSIONS, SNAPSHOTS, Table
from sessionkit.thrift import thrifty
from sessionkit.told import Told, doubts_kept, doubts_table

ROOM = 128 * 2**20
"""How many bytes the database may take for each core, and once more, before it spills to the disk:
each thread that joins or sorts needs some that it cannot do without."""


def flattened(batches: Iterable[Staged], sink: Sink, kept: Kept | None = None) -> Told:
    """Bring staged batches into their final tables.

    Args:
        batches: The batches of a read.
        sink: Takes the tables of the model, effects, snapshots and rejects, each of which is
            closed; other tables are not touched.
        kept: What was there before; the numbers of the batches' records begin at its `first`.

    Returns:
        What is to be told of the reading, beside the rows.
    """
    told = Told()
    Thread(target=_warm_up, daemon=True).start()
    with (
        thrifty(),
        Spill() as spill,
        workspace({}, memory=memory_limit()) as db,
        _plainly(spill.folder),
    ):
        kept = kept or Nothing()
        ledger = Ledger(db, kept)
        for staged in batches:
            spill.add(staged.tables)
            spill.add({REJECTS.name: rejects_table(staged.rejects)})
            spill.add({"doubts": doubts_table(staged.doubts)})
            ledger.add(staged.tables)
            told.add(staged)
        spill.finish()
        effects, sessions = spill.batches(EFFECTS.name), spill.batches(SESSIONS.name)
        put_together(effects, sessions, db, kept, sink)
        _settle(_Read(spill, ledger, db, kept), told, sink)
        for rejects in spill.batches(REJECTS.name):
            sink.add(REJECTS.name, rejects)
    with Crew() as crew:
        for _ in crew.map(lambda _, table: sink.close(table.name), _CLOSED):
            pass
    return told


_CLOSED = (*MODEL, EFFECTS, SNAPSHOTS, REJECTS)


def memory_limit(times: int = 1) -> str:
    """What a database may hold beside a read, or so many times as much, before it spills."""
    room = times * ROOM * (1 + cores())
    try:
        there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        there = 2 * room
    return f"{min(room, there // 2) // 2**20}MiB"


@contextmanager
def _plainly(folder: Path) -> Iterator[None]:
    """Tell in one plain line what the database could not do: the disk is full, or memory."""
    try:
        yield
    except duckdb.Error as error:
        said = str(error).partition("\n")[0]
        raise FolderError(f"{folder}: versions could not be resolved: {said}") from error


def _warm_up() -> None:
    """Import what takes long, beside the reading of the first batches."""
    import sessionkit.validate  # noqa: F401


class _Read(NamedTuple):
    """What was staged, and where it is settled."""

    spill: Spill
    ledger: Ledger
    db: Connection
    kept: Kept


def _settle(read: _Read, told: Told, sink: Sink) -> None:
    """Pass on the sessions with one record, and resolve the others."""
    fresh = pa.concat_tables(told.contenders)
    rejected = pa.concat_tables([fresh, read.kept.rejected()])
    parting = _Parting(read.ledger.courses(rejected, fresh), Contest(read.db))
    for name, rows in read.ledger.kept():
        parting.contest.add(name, rows)
    rest = [table for table in MODEL if table is not SESSIONS]
    rest.sort(key=lambda table: read.spill.size(table.name), reverse=True)
    longest_first = [SESSIONS, *rest]  # of sessions snapshots are made, too
    with Crew() as crew:

        def part(crew: Crew, table: Table) -> None:
            _part(read, table, parting, told, sink)

        for _ in crew.map(part, longest_first):
            pass
    told.dropped.append(pl.DataFrame(pl.from_arrow(read.ledger.unchanged())))
    read.kept.keep_sayings(read.ledger.said())
    read.ledger.forget()
    doubts = []
    read.db.register("rejected", rejected)
    read.db.execute("set variable first = $first", {"first": read.kept.first})
    for _ in parting.contest.stretches():
        settled = resolve(read.db, sink)
        told.fates.update(settled.fates)
        doubts.append(_graded(settled.doubts))
        told.dropped.append(settled.dropped)
    of_records = pl.DataFrame(pl.from_arrow(read.spill.table("doubts")))
    of_records = doubts_kept(of_records, pl.concat(told.dropped))
    told.doubts = pa.concat_tables([of_records.to_arrow().cast(DOUBTS), *doubts])


class _Parting(NamedTuple):
    """The `Course` of each record, and where those wait that are contested."""

    courses: pl.Series
    contest: Contest


_FATES = {Course.ALONE: "session", Course.REPEAT: "repeat", Course.OLDER: "older"}


def _part(read: _Read, table: Table, parting: _Parting, told: Told, sink: Sink) -> None:
    """Pass on the rows that nobody contests, and let the others wait until they are resolved."""
    some = bool((parting.courses != Course.ALONE).any())
    for rows in read.spill.batches(table.name):
        places = pl.Series(pl.from_arrow(pc.subtract(rows["record"], read.kept.first)))
        courses = parting.courses.gather(places)
        if table is SESSIONS:
            _count(rows, courses, told)
        if some:
            parting.contest.add(table.name, rows.filter((courses == Course.CONTESTED).to_arrow()))
            rows = rows.filter((courses == Course.ALONE).to_arrow())
        sink.alone(table.name, rows)
        if table is SESSIONS:
            with read.db.cursor() as own:
                own.register("arrived", rows)
                versions = own.sql(snapshots_of("arrived")).to_arrow_table()
            sink.add(SNAPSHOTS.name, versions)


def _count(rows: pa.Table, courses: pl.Series, told: Told) -> None:
    """Count what becomes of the records that are not contested."""
    files = pl.Series(pl.from_arrow(rows["source_file"]))
    counted = pl.DataFrame({"file": files, "course": courses}).group_by("file", "course").len()
    for file, course, count in counted.iter_rows():
        if course != Course.CONTESTED:
            told.fates[file, _FATES[Course(course)]] += count


def _graded(doubts: pa.Table) -> pa.Table:
    """The doubts of resolving, as `DOUBTS`."""
    frame = pl.DataFrame(pl.from_arrow(doubts))
    severities = {name: rule.severity for name, rule in RULES.items()}
    full = frame.with_columns(
        severity=pl.col("rule").replace_strict(severities, return_dtype=pl.String),
        amount=pl.lit(None),
        count=pl.lit(1, pl.Int64),
    )
    return full.select(DOUBTS.names).to_arrow().cast(DOUBTS)
