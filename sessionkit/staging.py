"""From records to checked rows, batch by batch, before it is known which version is current.

A batch goes through understanding, flattening and the pandera models; a record with any fault
leaves all of its tables at once and becomes a reject with every reason. What remains is *staged*:
the tables of the model with a number that ties the rows of one record together, and on sessions
what resolving needs (order, digest, which members the record tells).

Layer: above `dialects`, `flatten` and `validate`.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

import pyarrow as pa

from sessionkit.containers import RawRecord
from sessionkit.decode import normalised
from sessionkit.dialects import Session, understand
from sessionkit.digest import digest
from sessionkit.doubts import Doubt, without_places
from sessionkit.errors import Reason
from sessionkit.flatten import Flat, flatten
from sessionkit.lifecycle import STATES
from sessionkit.rejecting import Reject
from sessionkit.tables import ATTRIBUTES, MODEL, PROVENANCE, SESSIONS, Table
from sessionkit.validate import Broken, check
from sessionkit.values import Reading


def member_of(place: str) -> str:
    """The member of the session that a place of rows stands in.

    Example:
        >>> member_of("cartItems[].prices{}"), member_of("discounts{}")
        ('cartItems', 'discounts')
    """
    return place.partition("[")[0].partition("{")[0]


MEMBERS = tuple(
    sorted(
        {c.member for c in SESSIONS.columns if c.member and c.completes != "never"}
        | {member_of(place) for table in MODEL for place in table.rows if place}
    )
)
"""The members of a session that one record may tell and another not; bits of `told`, in order."""

RECORD = pa.field("record", pa.int64(), nullable=False)
BOOKKEEPING = {
    "sessions": (
        RECORD,
        pa.field("ordered_at", pa.timestamp("us", tz="UTC")),
        pa.field("step", pa.int8()),
        pa.field("digest", pa.string()),
        pa.field("raw_digest", pa.string()),
        pa.field("told", pa.int64()),
        pa.field("api", pa.string()),
    ),
    "attributes": (RECORD, pa.field("normal", pa.string())),
}
"""What staged tables hold beside their columns."""


def bit(member: str) -> int:
    """The bit of a member in `told`."""
    return 1 << MEMBERS.index(member)


_BITS = {member: bit(member) for member in MEMBERS}
_PLACES = {name: place for place, name in enumerate(SESSIONS.names)}


@dataclass
class Staged:
    """One batch: the staged tables, the rejects, and the doubts."""

    tables: dict[str, pa.Table]
    rejects: list[Reject] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    unknown: Counter[tuple[str, str]] = field(default_factory=Counter)
    sentinels: Counter[str] = field(default_factory=Counter)
    records: Counter[str] = field(default_factory=Counter)
    dialects: set[tuple[str, str]] = field(default_factory=set)
    beside: set[tuple[str, str]] = field(default_factory=set)


class _Entry(NamedTuple):
    """A record that was understood, on its way through the batch."""

    file: str
    record: RawRecord
    session: Session
    flat: Flat


def stage(records: Iterable[tuple[str, RawRecord]], reading: Reading, first: int = 0) -> Staged:
    """Stage one batch of records.

    Args:
        records: Records with the name of their file.
        reading: What the caller said of the dumps.
        first: The number of the first record; numbers go on through all batches of one read.
    """
    with _collector_at_rest():
        return _staged(records, reading, first)


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


def _staged(records: Iterable[tuple[str, RawRecord]], reading: Reading, first: int) -> Staged:
    staged = Staged({})
    entries: list[_Entry] = []
    for file, record in records:
        understood = understand(record, reading.dialect)
        if understood is None:
            continue
        staged.records[file] += 1
        if isinstance(understood, Reason):
            staged.rejects.append(Reject.of(file, record, None, [understood]))
        else:
            flat = flatten(understood, reading)
            _fill_provenance(file, record, understood, flat)
            entries.append(_Entry(file, record, understood, flat))
    _enforce(entries)
    kept = [entry for entry in entries if not entry.flat.reasons]
    staged.rejects += [_reject(e, reading.dumped_at) for e in entries if e.flat.reasons]
    staged.dialects |= {(entry.file, entry.session.dialect.name) for entry in entries}
    staged.beside |= {(entry.file, name) for entry in entries for name in entry.session.beside}
    staged.tables = {t.name: _staged_table(t, kept, reading, first) for t in MODEL}
    for number, entry in enumerate(kept, first):
        _note_doubts(staged, entry, number)
    return staged


def _fill_provenance(file: str, record: RawRecord, session: Session, flat: Flat) -> None:
    row = flat.rows["sessions"][0]
    told = (file, record.number, record.offset, session.dialect.name)
    for name, value in zip(PROVENANCE, told, strict=True):
        row[_PLACES[name]] = value


def _reject(entry: _Entry, dumped_at: datetime | None) -> Reject:
    row = entry.flat.rows["sessions"][0]
    return Reject.of(
        entry.file,
        entry.record,
        entry.session.dialect.name,
        entry.flat.reasons,
        application_id=row[_PLACES["application_id"]],
        integration_id=row[_PLACES["integration_id"]],
        updated_at=row[_PLACES["updated_at"]],
        ordered_at=row[_PLACES["updated_at"]] or dumped_at,
        update_count=row[_PLACES["update_count"]],
        state=row[_PLACES["state"]],
    )


def _enforce(entries: Sequence[_Entry]) -> None:
    """Hold every row of the batch against its pandera model; add what is broken to its record."""
    for table in MODEL:
        owners = [n for n, e in enumerate(entries) for _ in e.flat.rows[table.name]]
        if not owners:
            continue
        scopes = [scope for e in entries for scope in e.flat.scopes[table.name]]
        rows = [row for e in entries for row in e.flat.rows[table.name]]
        found: dict[int, list[Reason]] = {}
        for broken in check(table.name, _checkable(table, rows)):
            owner, path = owners[broken.row], scopes[broken.row].path
            if reason := _broken_reason(table, broken, path):
                found.setdefault(owner, []).append(reason)
        for owner, reasons in found.items():
            flat = entries[owner].flat
            known = {reason.path for reason in flat.reasons}
            flat.reasons += [reason for reason in reasons if reason.path not in known]


def _broken_reason(table: Table, broken: Broken, path: str) -> Reason | None:
    column = table[broken.column] if broken.column else None
    if column is None or not column.path or column.path.startswith("^"):
        return None if column and table is not SESSIONS else _rule_reason(broken, path)
    inner = {"$key": "", "$value": "", "#": "", "$kind": ""}.get(column.path, column.path)
    where = ".".join(part for part in (path, inner) if part)
    if broken.rule == "not_null":
        return Reason("missing-member", where, _wanted(column.doc), "nothing")
    return _rule_reason(broken, where)


def _rule_reason(broken: Broken, where: str) -> Reason:
    code = "out-of-range" if broken.rule == "at_least" else "rule-broken"
    return Reason(code, where or broken.column or "", broken.expected, broken.found)


def _wanted(doc: str) -> str:
    return f"a value ({doc.partition('.')[0].partition(';')[0].partition(':')[0]})"


def _checkable(table: Table, rows: list[list[Any]]) -> pa.Table:
    """The rows as Arrow; nulls are allowed here, for the model to find."""
    loose = pa.schema([f.with_nullable(True) for f in table.arrow()])
    return _table(loose, rows)


def _table(schema: pa.Schema, rows: Sequence[Sequence[Any]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    arrays = [pa.array(column, type=f.type) for f, column in zip(schema, columns, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def staged_schema(table: Table) -> pa.Schema:
    """The Arrow schema of a table as staged."""
    return pa.schema([*table.arrow(), *BOOKKEEPING.get(table.name, (RECORD,))])


def _staged_table(table: Table, kept: Sequence[_Entry], reading: Reading, first: int) -> pa.Table:
    rows: list[list[Any]] = []
    for number, entry in enumerate(kept, first):
        own, scopes = entry.flat.rows[table.name], entry.flat.scopes[table.name]
        if table is SESSIONS:
            rows.append([*own[0], number, *_bookkeeping(entry, reading)])
        elif table is ATTRIBUTES:
            normal = [normalised(scope.value.value) for scope in scopes]
            rows += [[*row, number, text] for row, text in zip(own, normal, strict=True)]
        else:
            rows += [[*row, number] for row in own]
    return _table(staged_schema(table), rows)


def _bookkeeping(entry: _Entry, reading: Reading) -> tuple[Any, ...]:
    row = entry.flat.rows["sessions"][0]
    ordered_at: datetime | None = row[_PLACES["updated_at"]] or reading.dumped_at
    told = sum(_BITS[member] for member in entry.session.told if member in _BITS)
    return (
        ordered_at,
        STATES.index(row[_PLACES["state"]]),
        digest(entry.session, entry.flat),
        blake2b(entry.record.raw, digest_size=16).hexdigest(),
        told,
        entry.session.dialect.api,
    )


def _note_doubts(staged: Staged, entry: _Entry, number: int) -> None:
    for path in entry.session.unknown:
        staged.unknown[entry.file, without_places(path)] += 1
    if entry.session.sentinel:
        staged.sentinels[entry.file] += 1
    row = entry.flat.rows["sessions"][0]
    for rounded in entry.flat.rounded:
        staged.doubts.append(
            Doubt(
                "money-rounded",
                rounded.path,
                "at most 18 decimals",
                rounded.written,
                entry.file,
                number,
                entry.record.number,
                row[0],
                row[1],
            )
        )
