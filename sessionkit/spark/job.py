"""Flattening dumps on Spark: what `reading.to_folder` does, by as many machines as there are.

    dumps -> read  -> resolved     -> committed
    files    ranges   by sessions     one folder

Executors read the dumps range by range, with the package's own code, into staged rows on a disk
that all machines share; then they resolve the sessions bucket by bucket. The driver moves the
finished files into the folder, and its manifest last of all.

Layer: top of `spark`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from sessionkit.assemble import findings_of, loads_of, refuse_nothing
from sessionkit.errors import EngineError, UsageError
from sessionkit.reading import reading_of
from sessionkit.remote import is_url
from sessionkit.sources import Found, Source, find
from sessionkit.spark import naming
from sessionkit.spark.committing import Committing, add, add_empty, committing
from sessionkit.spark.exchange import Section
from sessionkit.spark.reading_all import AllRead, Job, read_all
from sessionkit.spark.running import cores_of, run
from sessionkit.spark.settling import Exchange, Settled, settle_bucket
from sessionkit.tables import FINDINGS, LOADS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

RANGE_BYTES = 128 * 2**20
BUCKET_BYTES, WORTH_A_BUCKET = 256 * 2**20, 16 * 2**20
_PACKED = 8
"""By how much dumps are smaller when they are packed, about."""


def flatten(
    spark: SparkSession,
    sources: Source | Iterable[Source],
    output: str | Path,
    *,
    dialect: str | None = None,
    assume_tz: str | tzinfo | None = None,
    date_format: str | None = None,
    state_numbers: str | None = None,
    dumped_at: str | datetime | None = None,
    range_bytes: int = RANGE_BYTES,
    buckets: int | None = None,
) -> Path | str:
    """Read dumps on Spark into a folder of tables, as `sessionkit.to_folder` would.

    The folder holds the same rows, rejects, findings and loads, and a manifest of the same kind;
    only that a table is several files, `<table>/part-*.parquet`. A task that is repeated or runs
    twice changes nothing.

    Args:
        spark: The session. sessionkit must be installed where its executors run.
        sources: Paths, patterns, folders and URLs that every machine can read, by the same names.
        output: The folder, on a disk that all machines share, or its URL on an object store; it is
            made if it is not there.
        dialect: As for `sessionkit.read`.
        assume_tz: As for `sessionkit.read`.
        date_format: As for `sessionkit.read`.
        state_numbers: As for `sessionkit.read`.
        dumped_at: As for `sessionkit.read`.
        range_bytes: About how many bytes of dumps one task reads. JSON Lines and CSV that are not
            packed are cut; any other file is read by one task, however large it is.
        buckets: How many tasks resolve sessions; by default one for every 256 MiB of dumps, or as
            many as there are cores, if there are 16 MiB for each. A bucket takes memory and disk
            as a dump of its size does.

    Returns:
        The folder, as it was named. An older one of sessionkit's stands until the new one is
        whole; on an object store until the files of the new one are moved into it.

    Raises:
        EngineError: Spark could not do it.
        FolderError: The disk is full, or the like.
        ReadError: A source does not exist, or nothing could be read from any.
        UsageError: An argument that cannot be, or a folder that sessionkit did not write.
    """
    reading = reading_of(dialect, assume_tz, date_format, state_numbers, dumped_at)
    if range_bytes < 1 or (buckets is not None and buckets < 1):
        raise UsageError("range_bytes and buckets: expected at least 1.")
    found = [_reachable(each) for each in find(sources)]
    buckets = buckets or _buckets(spark, found)
    with committing(output) as folder:
        job = Job(spark, folder.staging, reading, range_bytes, buckets)
        read = read_all(job, found)
        refuse_nothing(read.loads)
        _finish(folder, read, _settle(job, read))
    return str(output) if is_url(str(output)) else Path(output)


def _reachable(found: Found) -> Found:
    """A file as executors can open it, which run elsewhere."""
    if found.handle is not None:
        raise UsageError(f"{found.name}: Spark reads files that have a path or a URL.")
    return found if found.path is None else replace(found, path=found.path.absolute())


def _buckets(spark: SparkSession, found: Sequence[Found]) -> int:
    size = sum((each.size or 0) * (_PACKED if _is_packed(each) else 1) for each in found)
    return max(-(-size // BUCKET_BYTES), min(cores_of(spark), -(-size // WORTH_A_BUCKET)), 1)


def _is_packed(found: Found) -> bool:
    packed = (".gz", ".zst", ".zstd", ".bz2", ".xz")
    return found.member is not None or found.name.lower().endswith(packed)


def _settle(job: Job, read: AllRead) -> list[Settled]:
    slots = 2 * job.buckets
    named: list[Section] = []
    if read.unnamed:
        ids = naming.Exchange(job.buckets, [each.section for each in read.sections], job.place)
        name = partial(naming.name_effects, ids)
        found = run(job.spark, name, range(job.buckets, slots), "name the sessions of effects")
        named = [section for each in found for section in each]
    settle = partial(settle_bucket, Exchange(slots, read.sections, job.place, named))
    return run(job.spark, settle, range(job.buckets), "resolve the sessions")


def _finish(folder: Committing, read: AllRead, settled: Sequence[Settled]) -> None:
    """Give the files their places, with what is told of the whole reading."""
    fates: Counter[tuple[str, str]] = Counter()
    for each in settled:
        fates.update(each.fates)
        for table, file in each.files:
            folder.adopt(table, file)
    read.told.fates = fates
    findings = findings_of(read.told, read.loads)
    if findings.num_rows:
        add(folder, FINDINGS, findings)
    loads = loads_of(read.told, read.loads)
    _weigh(loads)
    add(folder, LOADS, loads)
    add_empty(folder)
    folder.finish(loads)


def _weigh(loads: pa.Table) -> None:
    """Refuse to commit what does not account for every record.

    Raises:
        EngineError: Records were lost or doubled on their way, such as by executors of unlike kind.
    """
    names = ("records", "sessions", "repeats", "older", "effects", "rejects")
    records, *rest = (pc.sum(loads[name]).as_py() or 0 for name in names)
    if records != sum(rest):
        raise EngineError(f"{records:,} records were read, but {sum(rest):,} are accounted for.")
