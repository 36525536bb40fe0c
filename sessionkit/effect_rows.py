"""Rows of an export of effects, many at once: column by column, each text taken once.

The cells of an export say the same things over and over, so what a text of a column stands for is
remembered through a batch. A row with any fault becomes a reject, with every reason.

Layer: above `effect_props`, `containers` and `staged`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa

from sessionkit.columns import Kind
from sessionkit.containers import export_of
from sessionkit.decode import encode
from sessionkit.dialects.shapes import EFFECTS_EXPORT
from sessionkit.doubts import Doubt
from sessionkit.effect_props import TakenProps
from sessionkit.effects import NO_PROPS
from sessionkit.errors import Reason
from sessionkit.flatten import Rounded
from sessionkit.props import COLUMNS, known_type
from sessionkit.records import RawRecord, Rows, Run
from sessionkit.rejecting import Reject
from sessionkit.spellings import EFFECTS_EXPORT as SPELT
from sessionkit.spellings import folded
from sessionkit.staged import Staged, staged_schema
from sessionkit.tables import EFFECTS
from sessionkit.values import Reading, Unfit, instant, money, whole

_NO_ZERO = frozenset(
    {
        "campaign_id",
        "ruleset_id",
        "session_internal_id",
        "profile_internal_id",
        "store_internal_id",
        "event_id",
        "coupon_id",
    }
)
"""Ids for which the export writes 0 where there is none."""

_SCHEMA = staged_schema(EFFECTS)


class _Rows(NamedTuple):
    """Rows of one file, and the number of the first in the read."""

    number: int
    file: str
    rows: Rows


class _Taken(dict[str, Any]):
    """What the texts of one column stand for; a `Reason` where that cannot be told."""

    def __init__(self, column: str, name: str, reading: Reading) -> None:
        super().__init__()
        self.name, self.faults = name, 0
        self.rounded: set[str] = set()
        self._none = 0 if column in _NO_ZERO else None
        self._take = self._taker(column, reading)

    def _taker(self, column: str, reading: Reading) -> Callable[[str], Any]:
        if column == "effect_type":
            return known_type
        takers: dict[Kind, Callable[[str], Any]] = {
            Kind.INSTANT: lambda cell: instant(cell, reading),
            Kind.WHOLE: whole,
            Kind.MONEY: self._money,
        }
        return takers.get(EFFECTS[column].kind, str)

    def _money(self, cell: str) -> Any:
        amount, rounded = money(cell)
        if rounded:
            self.rounded.add(cell)
        return amount

    def __missing__(self, cell: str) -> Any:
        try:
            made = self._take(cell) if cell else None
        except Unfit as error:
            made = error.at(self.name)
            self.faults += 1
        self[cell] = made = None if made == self._none else made
        return made


class EffectRows:
    """Rows of effects in a batch, until they are staged."""

    def __init__(self) -> None:
        self._lots: dict[tuple[str, ...], list[_Rows]] = {}

    def take(self, number: int, file: str, part: Run | Rows | RawRecord) -> bool:
        """Take a part of a batch if it holds effects; `number` is that of its first record."""
        if isinstance(part, RawRecord) and part.cells is not None:
            columns, cells = tuple(part.cells), [list(part.cells.values())]
            part = Rows(part.number, [part.raw], [part.offset], columns, cells)
        if not isinstance(part, Rows) or export_of(part.columns) != "effects":
            return False
        self._lots.setdefault(part.columns, []).append(_Rows(number, file, part))
        return True

    def stage(self, staged: Staged, reading: Reading) -> None:
        """Put the rows, the rejects and all that there is to tell into a staged batch."""
        tables = [staged.tables[EFFECTS.name]]
        for columns, lot in self._lots.items():
            taker = _Taker(columns, reading)
            tables += [taker.table(rows, staged) for rows in lot]
        if len(tables) > 1:
            staged.tables[EFFECTS.name] = pa.concat_tables(tables).sort_by("record")


@dataclass
class _Values:
    """Rows by column, and what is odd in them by the place of the row."""

    columns: dict[str, Sequence[Any]]
    reasons: dict[int, list[Reason]]
    rounded: dict[int, list[Rounded]]


class _Taker:
    """Takes the rows under one header."""

    def __init__(self, columns: Sequence[str], reading: Reading) -> None:
        names = [folded(column.strip()) for column in columns]
        self.unknown: dict[int, str] = {}
        self.known: dict[int, _Taken] = {}
        self.places: dict[str, int] = {}
        for place, (column, name) in enumerate(zip(columns, names, strict=True)):
            second = name == "args" and "props" in names
            if name not in SPELT or second or SPELT[name] in self.places:
                self.unknown[place] = column
                continue
            self.places[SPELT[name]] = place
            if SPELT[name] != "props":
                self.known[place] = _Taken(SPELT[name], name, reading)
        props = self.places.get("props")
        self.props = None if props is None else TakenProps(names[props])

    def table(self, lot: _Rows, staged: Staged) -> pa.Table:
        """Stage some rows; rejects and doubts go to `staged`."""
        rows = lot.rows
        values = self._values(list(zip(*rows.cells, strict=True)), len(rows.cells))
        count = len(rows.cells)
        for place, reasons in values.reasons.items():
            staged.rejects.append(_reject(lot, place, reasons, values))
        for place, rounded in values.rounded.items():
            if place not in values.reasons:
                staged.doubts += _doubts(lot, place, rounded, values)
        kept = [place for place in range(count) if place not in values.reasons]
        staged.records[lot.file] += count
        staged.effects[lot.file] += len(kept)
        staged.dialects.add((lot.file, EFFECTS_EXPORT.name))
        for column in self.unknown.values():
            if kept:
                staged.unknown[lot.file, column] += len(kept)
        return _arrow(values.columns, lot, kept)

    def _values(self, cells: list[tuple[str, ...]], count: int) -> _Values:
        values = _Values({}, {}, {})
        for column, place in self.places.items():
            if (taken := self.known.get(place)) is not None:
                texts = cells[place]
                values.columns[column] = made = list(map(taken.__getitem__, texts))
                if taken.faults:
                    for row, value in enumerate(made):
                        if isinstance(value, Reason):
                            values.reasons.setdefault(row, []).append(value)
                            made[row] = None
                if taken.rounded:
                    for row, text in enumerate(texts):
                        if text in taken.rounded:
                            values.rounded.setdefault(row, []).append(Rounded(taken.name, text))
        self._take_props(values, cells, count)
        self._require(values, count)
        if self.unknown:
            values.columns["extras"] = [self._extras(row) for row in zip(*cells, strict=True)]
        return values

    def _take_props(self, values: _Values, cells: list[tuple[str, ...]], count: int) -> None:
        if self.props is None:
            values.columns["props"] = [NO_PROPS] * count
            return
        texts = cells[self.places["props"]]
        kinds = values.columns.get("effect_type", [None] * count)
        taken = list(map(self.props.__getitem__, zip(kinds, texts, strict=True)))
        values.columns["props"] = [text if text not in ("", "null") else NO_PROPS for text in texts]
        columns = zip(*[each.values for each in taken], strict=True)
        values.columns |= dict(zip(COLUMNS, columns, strict=True))
        if self.props.odd:
            for row, each in enumerate(taken):
                if each.reasons:
                    values.reasons.setdefault(row, []).extend(each.reasons)
                if each.rounded:
                    values.rounded.setdefault(row, []).extend(each.rounded)

    def _require(self, values: _Values, count: int) -> None:
        """Note what every row must tell, and leave out the rule where there are no rules."""
        nothing: Sequence[Any] = [None] * count
        kinds, numbers, applications, ids, rulesets, rules = (
            values.columns.get(name, nothing)
            for name in (
                "effect_type",
                "session_internal_id",
                "application_id",
                "integration_id",
                "ruleset_id",
                "rule_index",
            )
        )
        whole_columns = None not in kinds and None not in numbers
        for row, kind in enumerate(() if whole_columns else kinds):
            if kind is None:
                wanted = "a value (what kind of effect it is)"
                _missing(values, row, Reason("missing-member", "name", wanted, "nothing"))
            if numbers[row] is None and (applications[row] is None or ids[row] is None):
                wanted = "a session (sessionid, or applicationid and sessionintegrationid)"
                _missing(values, row, Reason("missing-member", "sessionid", wanted, "nothing"))
        if "ruleset_id" in values.columns and "rule_index" in values.columns:
            pairs = zip(rulesets, rules, strict=True)
            values.columns["rule_index"] = [rule if ids_ else None for ids_, rule in pairs]

    def _extras(self, row: Sequence[str]) -> str | None:
        found = {column: row[place] for place, column in self.unknown.items() if row[place]}
        return encode(found) if found else None


def _missing(values: _Values, row: int, reason: Reason) -> None:
    """Note what is missing, unless it is there and faulty."""
    faults = values.reasons.setdefault(row, [])
    related = ("sessionid", "applicationid") if reason.path == "sessionid" else (reason.path,)
    if not any(fault.path in related for fault in faults):
        faults.append(reason)


def _value(values: _Values, column: str, place: int) -> Any:
    return values.columns[column][place] if column in values.columns else None


def _reject(lot: _Rows, place: int, reasons: list[Reason], values: _Values) -> Reject:
    return Reject.of(
        lot.file,
        lot.rows.record(place),
        EFFECTS_EXPORT.name,
        list(dict.fromkeys(reasons)),
        application_id=_value(values, "application_id", place),
        integration_id=_value(values, "integration_id", place),
        of_session=False,
    )


def _doubts(lot: _Rows, place: int, rounded: Iterable[Rounded], values: _Values) -> list[Doubt]:
    return [
        Doubt(
            "money-rounded",
            each.path,
            "at most 18 decimals",
            each.written,
            lot.file,
            lot.number + place,
            lot.rows.number + place,
            _value(values, "application_id", place),
            _value(values, "integration_id", place),
        )
        for each in rounded
    ]


def _arrow(columns: dict[str, Sequence[Any]], lot: _Rows, kept: list[int]) -> pa.Table:
    whole_lot = len(kept) == len(lot.rows.cells)
    count = len(kept)
    constant = {"place": 0, "source_file": lot.file, "dialect": EFFECTS_EXPORT.name}
    counted = {"source_record": lot.rows.number, "record": lot.number}
    arrays = []
    for field in _SCHEMA:
        if field.name in columns:
            values = columns[field.name]
            some = values if whole_lot else [values[place] for place in kept]
            arrays.append(pa.array(some, type=field.type))
        elif field.name in constant:
            arrays.append(pa.repeat(pa.scalar(constant[field.name], field.type), count))
        elif field.name in counted:
            first = counted[field.name]
            arrays.append(pa.array([first + place for place in kept], type=field.type))
        else:
            arrays.append(pa.nulls(count, field.type))
    return pa.Table.from_arrays(arrays, schema=_SCHEMA)
