"""Effects that tell their session by Talon.One's internal id only, given the name of that session.

What an internal id stands for may be told by any record of any dump. So what all told of internal
ids is brought together, id by id, with the effects that need it; these then go to where their
sessions are resolved, or, where nothing tells the session, to where their internal id leads.

Layer: above `staging`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from sessionkit.database import Connection, workspace
from sessionkit.evaluations import named
from sessionkit.spark.exchange import KINDS, Section, parted, read_each, write
from sessionkit.spark.place import Place
from sessionkit.spark.staging import by_session, nameless
from sessionkit.tables import EFFECTS

SHIFT = 40
"""A record's number goes below so many bits, and above them the place of its section."""

_MEMORY = "512MiB"


class Exchange(NamedTuple):
    """What internal ids are looked up in; told to Spark once."""

    buckets: int
    sections: Sequence[Section]
    place: Place


def name_effects(exchange: Exchange, slot: int) -> list[Section]:
    """Name the effects of a slot, and write them, parted by their sessions.

    Returns:
        Sections of `effects`, and of `unnamed` where it is not known what an id stands for; a
        `record` tells the section it is from (see `SHIFT`). None, where there are no effects.
    """
    with workspace({}, memory=_MEMORY) as db:
        rows = named(_rows(exchange, slot, "unnamed"), _rows(exchange, slot, "ids"), db)
        return [_write(each, exchange, db) for each in rows if each.num_rows]


def _rows(exchange: Exchange, slot: int, kind: str) -> Iterator[pa.Table]:
    slots = 2 * exchange.buckets
    for place, found in enumerate(read_each(exchange.place, exchange.sections, slot, slots)):
        if (rows := found.get(kind)) is not None:
            if kind == "unnamed":
                at = rows.schema.get_field_index("record")
                shifted = pc.add(rows["record"], place << SHIFT)
                rows = rows.set_column(at, rows.schema.field(at), shifted)
            yield rows


def _write(rows: pa.Table, exchange: Exchange, db: Connection) -> Section:
    without = nameless(rows)
    parts = {}
    for kind, some in (
        (EFFECTS.name, rows.filter(pc.invert(without))),
        ("unnamed", rows.filter(without)),
    ):
        internal = pc.binary_join_element_wise(
            "#", pc.cast(some["session_internal_id"], pa.string()), ""
        )
        sessions = pc.coalesce(some["integration_id"], internal)
        parts[kind] = parted(some, by_session(some, sessions, exchange.buckets, db))
    return write(exchange.place, 2 * exchange.buckets, parts)


def of_sections(
    place: Place, sections: Sequence[Section], slot: int, slots: int
) -> dict[int, dict[str, pa.Table]]:
    """The effects of a slot that `name_effects` wrote, by the place of the section they are from.

    Their records have the numbers again that they have there.
    """
    found: dict[int, dict[str, list[pa.Table]]] = {}
    for slot_rows in read_each(place, sections, slot, slots):
        for kind, rows in slot_rows.items():
            froms = pc.shift_right(rows["record"], SHIFT)
            at = rows.schema.get_field_index("record")
            numbers = pc.bit_wise_and(rows["record"], (1 << SHIFT) - 1)
            rows = rows.set_column(at, rows.schema.field(at), numbers)
            for number in pc.unique(froms).to_pylist():
                part = rows.filter(pc.equal(froms, number))
                found.setdefault(number, {}).setdefault(kind, []).append(part)
    return {
        number: {
            kind: pa.concat_tables([KINDS[kind].empty_table(), *parts])
            for kind, parts in kinds.items()
        }
        for number, kinds in found.items()
    }
