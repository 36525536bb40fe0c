"""Staged rows on their way from where they were read to where they are resolved, in files.

A *section* holds what one task has staged, parted into slots, one behind the other: first a slot
for each bucket of sessions, then one for each bucket of internal ids. So whoever wants a slot reads
two stretches of each section: where the slot lies, told at the end of the file, and the slot.

    slot 0 | slot 1 | … | where each slot begins, and the last ends, 8 bytes each

A slot is its length and, packed, any number of Arrow record batches, each behind the place of its
table in `KINDS` and its length. A section is written once, under a name of its own, and never
changed.

Layer: above `place`; knows nothing of Spark.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex
from typing import NamedTuple

import polars as pl
import pyarrow as pa
import pyarrow.ipc

from sessionkit.rejecting import REJECTED
from sessionkit.spark.place import Place
from sessionkit.staged import DOUBTS, staged_schema
from sessionkit.tables import EFFECTS, MODEL

IDS = pa.schema(
    [
        ("application_id", pa.int64()),
        ("integration_id", pa.string()),
        ("internal_id", pa.int64()),
    ]
)
"""What something told of a session: its key, and Talon.One's own id of it."""

REJECTS = pa.schema([*REJECTED, ("of_session", pa.bool_())])

KINDS: Mapping[str, pa.Schema] = {
    **{table.name: staged_schema(table) for table in (*MODEL, EFFECTS)},
    "rejects": REJECTS,
    "doubts": DOUBTS,
    "unnamed": staged_schema(EFFECTS),
    "ids": IDS,
}
"""What a slot may hold, and how: the staged tables; effects that keep an internal id for a name
(`unnamed`); and what is known of internal ids."""

_NAMES = tuple(KINDS)
_HEAD = struct.Struct("<Bq")
_PLACE = struct.Struct("<q")
_PACKING = "zstd"
_AT_ONCE = 16


class Section(NamedTuple):
    """A file of staged rows: its name in the folder, and its size."""

    name: str
    size: int


def write(place: Place, count: int, rows: Mapping[str, Sequence[tuple[int, pa.Table]]]) -> Section:
    """Write a section.

    Args:
        place: The folder that it goes to.
        count: How many slots it has.
        rows: For each kind, rows and the slot that they belong to, in the order of the slots.
    """
    slots: list[list[bytes | memoryview]] = [[] for _ in range(count)]
    for kind, parts in rows.items():
        for slot, table in parts:
            for batch in table.combine_chunks().to_batches():
                message = memoryview(batch.serialize())
                slots[slot] += [_HEAD.pack(_NAMES.index(kind), len(message)), message]
    name = f"{token_hex(16)}.staged"
    at, begins = 0, [0]
    with place.writing(name) as file:
        for slot_rows in slots:
            packed = _packed(slot_rows)
            at += len(packed)
            begins.append(at)
            file.write(packed)
        file.write(b"".join(map(_PLACE.pack, begins)))
    return Section(name, at + _PLACE.size * len(begins))


def _packed(messages: Sequence[bytes | memoryview]) -> bytes:
    if not messages:
        return b""
    data = b"".join(messages)
    return _PLACE.pack(len(data)) + bytes(pa.compress(data, _PACKING, asbytes=True))


def read(place: Place, section: Section, slot: int, count: int) -> dict[str, pa.Table]:
    """Read one of the `count` slots of a section; kinds without rows are missing."""
    with place.reading(section.name) as file:
        file.seek(section.size - _PLACE.size * (count + 1 - slot))
        begin, end = struct.unpack("<2q", file.read(2 * _PLACE.size))
        if begin == end:
            return {}
        file.seek(begin)
        packed = file.read(end - begin)
    (size,) = _PLACE.unpack_from(packed)
    data = pa.decompress(packed[_PLACE.size :], size, _PACKING)
    found: dict[str, list[pa.RecordBatch]] = {}
    at = 0
    while at < data.size:
        kind, size = _HEAD.unpack(data.slice(at, _HEAD.size))
        at += _HEAD.size
        batch = pa.ipc.read_record_batch(data.slice(at, size), KINDS[_NAMES[kind]])
        found.setdefault(_NAMES[kind], []).append(batch)
        at += size
    return {name: pa.Table.from_batches(batches) for name, batches in found.items()}


def read_each(
    place: Place, sections: Sequence[Section], slot: int, count: int
) -> Iterator[dict[str, pa.Table]]:
    """Read one slot of each section, in their order; a few at once, as a store takes its time."""
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="sessionkit") as pool:
        for first in range(0, len(sections), _AT_ONCE):
            some = sections[first : first + _AT_ONCE]
            yield from pool.map(lambda section: read(place, section, slot, count), some)


def parted(rows: pa.Table, slots: pl.Series) -> list[tuple[int, pa.Table]]:
    """Part rows by the slot of each; in the order of the slots, and within one as they come.

    Example:
        >>> parts = parted(pa.table({"n": [1, 2, 3]}), pl.Series([7, 5, 7]))
        >>> [(slot, rows["n"].to_pylist()) for slot, rows in parts]
        [(5, [2]), (7, [1, 3])]
    """
    placed = pl.DataFrame({"slot": slots}).with_row_index().sort("slot", maintain_order=True)
    if not len(placed):
        return []
    in_order = rows.take(placed["index"].to_arrow()).combine_chunks()
    runs = placed["slot"].rle().struct.unnest()
    parts, begin = [], 0
    for length, slot in runs.iter_rows():
        parts.append((slot, in_order.slice(begin, length)))
        begin += length
    return parts
