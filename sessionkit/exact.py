"""The exact path: record by record, from a record as found to its rows, or to every reason why not.

What is right is defined here and in the modules below; `bulk` takes what surely is so, faster. The
rows of a batch are held against the pandera models; a record with any fault leaves all of its
tables at once and becomes a reject with every reason.

Layer: above `dialects`, `flatten`, `validate` and `staged`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from sessionkit.containers import RawRecord
from sessionkit.decode import RawJson, Tree, normalised
from sessionkit.dialects import Session, understand
from sessionkit.doubts import Doubt, without_places
from sessionkit.effects import Evaluated, effects_of
from sessionkit.errors import Reason
from sessionkit.flatten import Flat, flatten
from sessionkit.lifecycle import STATES
from sessionkit.rejecting import Reject
from sessionkit.staged import MEMBERS, Staged, bit, staged_schema
from sessionkit.tables import ATTRIBUTES, CART_ITEMS, EFFECTS, MODEL, PROVENANCE, SESSIONS, Table
from sessionkit.values import Reading

if TYPE_CHECKING:
    from sessionkit.validate import Broken

_BITS = {member: bit(member) for member in MEMBERS}
_PLACES = {name: place for place, name in enumerate(SESSIONS.names)}


class Numbered(NamedTuple):
    """A record with its number in the read, and the file that it is from."""

    number: int
    file: str
    record: RawRecord


class _Entry(NamedTuple):
    """A record that was understood, on its way through the batch."""

    number: int
    file: str
    record: RawRecord
    session: Session
    flat: Flat
    effects: Evaluated


def stage_exactly(records: Iterable[Numbered], reading: Reading) -> Staged:
    """Stage records one by one.

    Args:
        records: The records.
        reading: What the caller said of the dumps.
    """
    staged = Staged({})
    entries: list[_Entry] = []
    for number, file, record in records:
        understood = understand(record, reading.dialect)
        if understood is None:
            continue
        staged.records[file] += 1
        if isinstance(understood, Reason):
            staged.rejects.append(Reject.of(file, record, None, [understood]))
        else:
            flat = flatten(understood, reading)
            _fill_provenance(file, record, understood, flat)
            effects = effects_of(understood, flat.rows["sessions"][0])
            flat.reasons += effects.reasons
            flat.rounded += effects.rounded
            entries.append(_Entry(number, file, record, understood, flat, effects))
    _enforce(entries)
    kept = [entry for entry in entries if not entry.flat.reasons]
    staged.rejects += [_reject(e, reading.dumped_at) for e in entries if e.flat.reasons]
    staged.dialects |= {(entry.file, entry.session.dialect.name) for entry in entries}
    staged.beside |= {(entry.file, name) for entry in entries for name in entry.session.beside}
    staged.tables = {t.name: _staged_table(t, kept, reading) for t in MODEL}
    rows = [[*row, entry.number] for entry in kept for row in entry.effects.rows]
    staged.tables[EFFECTS.name] = _table(staged_schema(EFFECTS), rows)
    for entry in kept:
        _note_doubts(staged, entry)
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
    from sessionkit.validate import check  # imported late: reading begins meanwhile

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


def _staged_table(table: Table, kept: Sequence[_Entry], reading: Reading) -> pa.Table:
    rows: list[list[Any]] = []
    for entry in kept:
        own, scopes = entry.flat.rows[table.name], entry.flat.scopes[table.name]
        if table is SESSIONS:
            rows.append([*own[0], entry.number, *_bookkeeping(entry, reading)])
        elif table is ATTRIBUTES:
            normal = [normalised(scope.value.value) for scope in scopes]
            rows += [[*row, entry.number, text] for row, text in zip(own, normal, strict=True)]
        elif table is CART_ITEMS:
            extras = [_normal(line, "extras") for line in entry.session.members["cartItems"]]
            rows += [[*row, entry.number, text] for row, text in zip(own, extras, strict=True)]
        else:
            rows += [[*row, entry.number] for row in own]
    return _table(staged_schema(table), rows)


def _normal(owner: dict[str, Tree], *members: str) -> str | None:
    """Members that are kept as JSON, in normal spelling; None where there is none of them."""
    kept = {name: owner.get(name) for name in members}
    there = {name: text.value for name, text in kept.items() if isinstance(text, RawJson)}
    return normalised(there) if there else None


def _bookkeeping(entry: _Entry, reading: Reading) -> tuple[Any, ...]:
    row = entry.flat.rows["sessions"][0]
    ordered_at: datetime | None = row[_PLACES["updated_at"]] or reading.dumped_at
    return (
        ordered_at,
        STATES.index(row[_PLACES["state"]]),
        sum(_BITS[member] for member in entry.session.told if member in _BITS),
        entry.session.dialect.api,
        _normal(entry.session.members, "extras", "experimentVariantAllocations"),
    )


def _note_doubts(staged: Staged, entry: _Entry) -> None:
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
                entry.number,
                entry.record.number,
                row[0],
                row[1],
            )
        )
