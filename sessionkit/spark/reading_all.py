"""Reading all dumps on the executors, until every range stands where the one before has ended.

Layer: above `staging` and `running`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import count, groupby
from sys import maxsize
from typing import TYPE_CHECKING, Any, NamedTuple

from sessionkit.errors import ReadError
from sessionkit.found import Found, copies, of_like_size
from sessionkit.intake import Load, note_copy
from sessionkit.spark.place import Place
from sessionkit.spark.ranges import checksum, has_lines, may_be_cut
from sessionkit.spark.running import run
from sessionkit.spark.settling import Kept
from sessionkit.spark.staging import Read, Task, stage_unit
from sessionkit.spark.units import Came, Range, Unit, cut, standing, to_redo, together
from sessionkit.told import Told
from sessionkit.values import Reading

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_ROUNDS = 4
"""How often ranges are read again side by side, before the rest of a file is read as one."""


class Job(NamedTuple):
    """Where the work is done, and how it is divided."""

    spark: SparkSession
    place: Place
    reading: Reading
    range_bytes: int
    buckets: int


@dataclass
class AllRead:
    """What came of all dumps.

    Attributes:
        sections: The sections of staged rows, in the order of the dumps.
        told: What there is to tell of the reading, beside rows.
        loads: The files met, in their order.
        unnamed: How many effects tell their session by an internal id only.
        ranges: How many units were read; and how many once more.
    """

    sections: list[Kept] = field(default_factory=list)
    told: Told = field(default_factory=Told)
    loads: list[Load] = field(default_factory=list)
    unnamed: int = 0


def read_all(job: Job, found: Sequence[Found]) -> AllRead:
    """Read all files; what cannot be read is told in the loads."""
    digests = _digests(job, of_like_size(found))
    copied = copies(found, lambda each: _known(digests, each))
    left = [each for each in found if each.name not in copied]
    large = [each for each in left if may_be_cut(each, job.range_bytes)]
    cuttable = run(job.spark, has_lines, large, _READ)
    ranged = {each.name for each, lines in zip(large, cuttable, strict=True) if lines}
    parts = _parted(left, ranged, job)
    whole = [each for each in left if each.name in ranged and each.name not in digests]
    reads = _first_round(job, parts, whole, digests)
    _until_standing(job, parts, reads)
    return _together(found, copied, parts, reads, digests)


_READ = "read the dumps"
Part = list[Unit]
"""The units of one file that is cut, or one unit of small files."""


def _digests(job: Job, found: Sequence[Found]) -> dict[str, str | None]:
    told = run(job.spark, checksum, found, _READ)
    return {each.name: digest for each, digest in zip(found, told, strict=True)}


def _known(digests: Mapping[str, str | None], found: Found) -> str:
    if (digest := digests[found.name]) is None:
        raise ReadError(f"{found.name}: cannot be read")
    return digest


def _parted(found: Sequence[Found], ranged: Set[str], job: Job) -> list[Part]:
    """The units that all files are read by, in the order of the files."""
    parts: list[Part] = []
    for is_ranged, files in groupby(found, lambda each: each.name in ranged):
        if is_ranged:
            parts += [list(cut(each, each.size or 0, job.range_bytes)) for each in files]
        else:
            parts += [[unit] for unit in together(files, job.range_bytes)]
    return parts


def _work(item: Task | Found) -> Read | str | None:
    """Read a unit, or tell the checksum of a file."""
    return checksum(item) if isinstance(item, Found) else stage_unit(item)


def _run(job: Job, units: Sequence[Unit], files: Sequence[Found] = ()) -> list[Any]:
    tasks = [Task(unit, job.reading, job.place, job.buckets) for unit in units]
    items: list[Task | Found] = [*tasks, *files]
    return run(job.spark, _work, items, _READ)


def _first_round(
    job: Job, parts: Sequence[Part], files: Sequence[Found], digests: dict[str, str | None]
) -> list[list[Read]]:
    """Read all units, and the checksums of files beside."""
    results = iter(_run(job, [unit for part in parts for unit in part], files))
    reads = [[next(results) for _ in part] for part in parts]
    digests |= zip((each.name for each in files), results, strict=True)
    return reads


def _until_standing(job: Job, parts: Sequence[Part], reads: Sequence[list[Read]]) -> None:
    """Read ranges again until each stands; what is behind the end of its file is dropped."""
    for number in count():
        redo: list[tuple[int, int, Range]] = []
        for place, (part, read) in enumerate(zip(parts, reads, strict=True)):
            if isinstance(part[0], Range):
                redo += [(place, at, again) for at, again in _to_redo(part, read, number)]
        if not redo:
            break
        for (place, at, again), read in zip(redo, _run(job, [r for *_, r in redo]), strict=True):
            parts[place][at], reads[place][at] = again, read
    for part, read in zip(parts, reads, strict=True):
        if isinstance(part[0], Range):
            del read[standing([_came(each) for each in read]) :]


def _to_redo(part: Part, read: list[Read], number: int) -> list[tuple[int, Range]]:
    """What must be read again of a file; ranges that are empty now are noted as such at once."""
    while True:
        ranges = [each for each in part if isinstance(each, Range)]
        redo = to_redo(ranges, [_came(each) for each in read])
        empty = {at: each for at, each in redo.items() if each.begin >= (each.until or maxsize)}
        for at, each in empty.items():
            layout = each.layout
            part[at] = each
            read[at] = Read(came=Came(each.begin, each.begin, 0, layout, layout))
        if not empty:
            break
    if redo and number >= _ROUNDS:
        at = min(redo)
        del part[at + 1 :], read[at + 1 :]
        return [(at, replace(redo[at], until=None))]
    return list(redo.items())


def _came(read: Read) -> Came:
    assert read.came is not None  # a range always tells
    return read.came


def _together(
    found: Sequence[Found],
    copied: Mapping[str, str],
    parts: Sequence[Part],
    reads: Sequence[list[Read]],
    digests: Mapping[str, str | None],
) -> AllRead:
    """Add up what all units told, and put it in the order of the files."""
    result = AllRead()
    loads: dict[str, Load] = {}
    for part, all_read in zip(parts, reads, strict=True):
        before = 0
        for read in all_read:
            result.sections += [Kept(section, before) for section in read.sections]
            before += read.came.records if read.came else 0
            result.unnamed += read.unnamed
            _tell(result.told, read.told)
        if isinstance(part[0], Range):
            loads[part[0].found.name] = _load(part[0].found, all_read, digests)
        else:
            loads |= {load.source_file: load for read in all_read for load in read.loads}
    for each in found:
        if original := copied.get(each.name):
            loads[each.name] = Load(each.name, bytes=each.size)
            note_copy(loads[each.name], loads[original])
        result.loads.append(loads[each.name])
    return result


def _load(found: Found, reads: Sequence[Read], digests: Mapping[str, str | None]) -> Load:
    """What became of a file that was read in ranges."""
    several = [load for read in reads for load in read.loads]
    return Load(
        found.name,
        bytes=found.size,
        sha256=digests[found.name],
        pages=sum(load.pages for load in several),
        ended=any(load.ended for load in several),
    )


def _tell(told: Told, more: Told) -> None:
    told.unknown.update(more.unknown)
    told.sentinels.update(more.sentinels)
    told.records.update(more.records)
    told.dialects |= more.dialects
    told.beside |= more.beside
    told.effects.update(more.effects)
    told.lists |= more.lists
    told.rejects.update(more.rejects)
