"""Resolving one bucket of sessions: every record of them in, finished tables out.

What is done is what `reading` does with a whole dump, for a bucket holds all that there is of its
sessions; so is the memory that it takes.

Layer: above `staging`.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import chain
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import NamedTuple

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from sessionkit.doubts import Doubt
from sessionkit.filling import Filling
from sessionkit.manifest import TableFile
from sessionkit.reading import fill
from sessionkit.spark.exchange import KINDS, Section, read_each
from sessionkit.spark.naming import of_sections
from sessionkit.spark.place import Place
from sessionkit.spark.staging import rejects_of
from sessionkit.staged import Staged
from sessionkit.tables import EFFECTS, LOADS, MODEL


class Kept(NamedTuple):
    """A section, and how many records of its file were in the ranges before."""

    section: Section
    before: int = 0


class Exchange(NamedTuple):
    """What all buckets are settled out of; told to Spark once, not for each of them."""

    slots: int
    sections: Sequence[Kept]
    """In the order of the dumps."""
    place: Place
    named: Sequence[Section] = ()
    """Sections of effects that tell their session by an internal id, with its name."""


@dataclass
class Settled:
    """What came of a bucket.

    Attributes:
        files: The tables that it has rows of, and the files, as they are called in the shared
            folder.
        fates: How many records of a file became what.
    """

    files: list[tuple[str, TableFile]] = field(default_factory=list)
    fates: Counter[tuple[str, str]] = field(default_factory=Counter)


def settle_bucket(exchange: Exchange, slot: int) -> Settled:
    """Resolve a bucket, and write its tables; those without rows are left out."""
    bucket = _Bucket(exchange, slot)
    settled = _filled(bucket.batches(), exchange.place)
    if bucket.unnamed:  # nothing in the bucket may give them a name that all told together does not
        alone = Staged(dict(_empty()) | {EFFECTS.name: pa.concat_tables(bucket.unnamed)})
        settled.files += _filled([alone], exchange.place).files
    return settled


def _filled(batches: Iterable[Staged], place: Place) -> Settled:
    with TemporaryDirectory(prefix="sessionkit-", ignore_cleanup_errors=True) as scratch:
        with Filling(Path(scratch) / "tables", "parquet") as filling:
            told = fill(filling, batches, [])
            filling.close(LOADS.name)
            manifest = filling.finish(LOADS.empty())
        settled = Settled(fates=told.fates)
        for name, files in manifest.tables.items():
            for file in files:
                if file.rows:
                    sent = _sent(filling.folder / file.name, file, place)
                    settled.files.append((name, sent))
    return settled


def _empty() -> Iterator[tuple[str, pa.Table]]:
    for table in (*MODEL, EFFECTS):
        yield table.name, KINDS[table.name].empty_table()


def _sent(path: Path, file: TableFile, place: Place) -> TableFile:
    """Put a file into the shared folder, under a name that no other has."""
    name = f"{token_hex(16)}.parquet"
    with path.open("rb") as source, place.writing(name) as target:
        shutil.copyfileobj(source, target, 1 << 20)
    return replace(file, name=name)


class _Bucket:
    """What all sections have of a bucket; records are numbered anew, in the order that they had."""

    def __init__(self, exchange: Exchange, slot: int) -> None:
        self._exchange, self._slot = exchange, slot
        self._first = 0
        self.unnamed: list[pa.Table] = []
        """Effects of which nothing tells the session; filled as the batches go by."""

    def batches(self) -> Iterator[Staged]:
        """The batches, one per section that has rows of the bucket."""
        slots, sections, place, named_ones = self._exchange
        named = of_sections(place, named_ones, self._slot, slots)
        own = read_each(place, [each.section for each in sections], self._slot, slots)
        for number, rows in enumerate(own):
            for kind, more in named.pop(number, {}).items():
                there = rows.get(kind, more.slice(0, 0))
                rows[kind] = pa.concat_tables([there, more])
            if rows:
                yield self._staged(self._numbered(rows, sections[number].before))

    def _numbered(self, rows: dict[str, pa.Table], before: int) -> dict[str, pa.Table]:
        """Number the records of a section anew, in the read and in their files."""
        numbers = [each["record"] for each in rows.values() if "record" in each.column_names]
        known = _distinct(numbers)
        anew = {kind: moved(each, known, self._first, before) for kind, each in rows.items()}
        self._first += len(known)
        return anew

    def _staged(self, rows: dict[str, pa.Table]) -> Staged:
        if "unnamed" in rows:
            self.unnamed.append(rows["unnamed"])
        staged = Staged({name: rows.get(name, empty) for name, empty in _empty()})
        if "doubts" in rows:
            names = [each for each in rows["doubts"].column_names if each in _OF_DOUBTS]
            staged.doubts = [Doubt(**row) for row in rows["doubts"].select(names).to_pylist()]
        if "rejects" in rows:
            staged.rejects = rejects_of(rows["rejects"])
        return staged


_OF_DOUBTS = frozenset(each.name for each in fields(Doubt))


def _distinct(numbers: Iterable[pa.ChunkedArray]) -> pl.Series:
    chunks = list(chain.from_iterable(each.chunks for each in numbers))
    together = pl.Series(pl.from_arrow(pa.chunked_array(chunks, pa.int64())))
    return together.drop_nulls().unique().sort()


def moved(rows: pa.Table, known: pl.Series, first: int, before: int) -> pa.Table:
    """Number records anew: in the read by their places in `known`, in their files by those before.

    Args:
        rows: With `record`, `source_record`, both, or neither.
        known: The numbers of all records of the batch, in order.
        first: The new number of the first of them.
        before: How many records come before in their file.
    """
    for place, name in enumerate(rows.column_names):
        if name == "record":
            old = pl.Series(pl.from_arrow(rows[name]))
            found = known.search_sorted(old).cast(pl.Int64) + first
            new = pl.select(pl.when(old.is_not_null()).then(found)).to_series()
            rows = rows.set_column(place, rows.schema.field(place), new.to_arrow())
        elif name == "source_record" and before:
            rows = rows.set_column(place, rows.schema.field(place), pc.add(rows[name], before))
    return rows
