"""Dumps in, finished tables out, as a stream: the one way that every reading goes.

    intake -> spill, ledger -> sink
    batches   on disk         checked rows

Staged rows go to the disk as they come, and the ledger notes whose they are. Once all are there,
the rows of sessions with one record go on as they are; those of contested ones are resolved. So
memory holds a few batches, however long the dump is.

Layer: above `intake`, `spilling`, `ledger`, `resolve` and `sinks`.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from sessionkit.crew import Crew
from sessionkit.database import Connection, quoted, workspace
from sessionkit.doubts import Doubt
from sessionkit.errors import FolderError
from sessionkit.ledger import Ledger
from sessionkit.rejecting import Reject, contenders
from sessionkit.resolve import Settled, resolve
from sessionkit.sinks import Sink
from sessionkit.spilling import Spill
from sessionkit.staged import BOOKKEEPING, RECORD, Staged, staged_schema
from sessionkit.tables import MODEL, Table

SHARE = 0.5
"""The share of the machine's memory that the database may take before it spills."""


@dataclass
class Told:
    """What the batches of a read told beside their rows, added up.

    Attributes:
        lists: Which applications have sessions in which files.
        fates: How many records of a file became a `session`, a `repeat` or `older`.
        conflicts: The doubts of resolving, as rows.
    """

    rejects: list[Reject] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    unknown: Counter[tuple[str, str]] = field(default_factory=Counter)
    sentinels: Counter[str] = field(default_factory=Counter)
    records: Counter[str] = field(default_factory=Counter)
    dialects: set[tuple[str, str]] = field(default_factory=set)
    beside: set[tuple[str, str]] = field(default_factory=set)
    lists: set[tuple[str, int]] = field(default_factory=set)
    fates: Counter[tuple[str, str]] = field(default_factory=Counter)
    conflicts: pa.Table | None = None

    def add(self, staged: Staged) -> None:
        """Take in what one batch told."""
        self.rejects += staged.rejects
        self.doubts += staged.doubts
        self.unknown.update(staged.unknown)
        self.sentinels.update(staged.sentinels)
        self.records.update(staged.records)
        self.dialects |= staged.dialects
        self.beside |= staged.beside
        sessions = staged.tables["sessions"].select(["source_file", "application_id"])
        pairs = pl.DataFrame(pl.from_arrow(sessions)).unique()
        self.lists |= set(pairs.iter_rows())


def flattened(batches: Iterable[Staged], sink: Sink) -> Told:
    """Bring staged batches into their final tables.

    Args:
        batches: The batches of a read.
        sink: Takes the tables of the model, each of which is closed; other tables are not touched.

    Returns:
        What is to be told of the reading, beside the rows.
    """
    told = Told()
    Thread(target=_warm_up, daemon=True).start()
    with Spill() as spill, workspace({}, memory=_memory()) as db, _plainly(spill.folder):
        ledger = Ledger(db)
        for staged in batches:
            spill.add(staged.tables)
            ledger.add(staged.tables["sessions"])
            told.add(staged)
        spill.finish()
        settled = _settled(spill, ledger, db, contenders(told.rejects), sink)
    told.fates = settled.fates
    told.doubts = [doubt for doubt in told.doubts if doubt.record not in settled.older]
    told.conflicts = settled.doubts
    return told


def _memory() -> str:
    """What the database may hold; it takes that only where very many records are contested."""
    try:
        there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        there = 2 * 2**30
    return f"{int(there * SHARE / 2**20)}MiB"


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


def _settled(
    spill: Spill, ledger: Ledger, db: Connection, rejected: pa.Table, sink: Sink
) -> Settled:
    contested = ledger.contested(rejected)
    largest_first = sorted(MODEL, key=lambda table: spill.size(table.name), reverse=True)
    with Crew() as crew:

        def part(crew: Crew, table: Table) -> str:
            _part(spill, db, table, contested, sink)
            return table.name

        for name in crew.map(part, largest_first):
            if not contested.any():
                sink.close(name)
    if not contested.any():
        fates = Counter({(file, "session"): n for file, n in ledger.uncontested().items()})
        return Settled(fates, set(), None)
    settled = resolve(db, rejected, sink)
    for table in MODEL:
        sink.close(table.name)
    for file, count in ledger.uncontested().items():
        settled.fates[file, "session"] += count
    return settled


def _part(spill: Spill, db: Connection, table: Table, contested: pl.Series, sink: Sink) -> None:
    """Pass on the rows that nobody contests, and put the others where they are resolved."""
    name, staged = table.name, quoted(f"staged_{table.name}")
    bookkeeping = [each.name for each in BOOKKEEPING.get(name, (RECORD,))]
    with db.cursor() as own:
        if contested.any():
            own.register("nothing", staged_schema(table).empty_table())
            own.execute(f"create table {staged} as from nothing")
        for rows in spill.batches(name):
            if contested.any():
                chosen = contested.gather(pl.Series(pl.from_arrow(rows["record"]))).to_arrow()
                own.register("arrived", rows.filter(chosen))
                own.execute(f"insert into {staged} from arrived")
                rows = rows.filter(pc.invert(chosen))
            sink.add(name, rows.drop_columns(bookkeeping))
