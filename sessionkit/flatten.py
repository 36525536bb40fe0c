"""From sessions in canonical spelling to the rows of every table.

The declarations in `sessionkit.tables` are compiled once into a list of steps per table; a column
is found, taken and put down by its declaration alone. A value that does not fit becomes None here
and a reason beside it, so that the rows still stand and every fault of a record comes out at once.

Layer: above `values` and `dialects`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sessionkit.columns import Column, Kind, Table
from sessionkit.decode import Number, RawJson, Tree, raw_members
from sessionkit.derive import Derived, derive
from sessionkit.dialects.members import Refused, Session, entry
from sessionkit.errors import Reason
from sessionkit.tables import MODEL, SESSIONS
from sessionkit.values import (
    Reading,
    Unfit,
    described,
    flag,
    instant,
    money,
    state,
    text,
    whole,
)

Row = list[Any]


class Scope(NamedTuple):
    """One row's place in its session: the object it is made of, and how it is reached."""

    value: Tree
    path: str
    line: int | None = None
    key: str | None = None

    def at(self, name: str) -> str:
        """The path of a member of the row; of the row itself for an empty name."""
        return ".".join(part for part in (self.path, name) if part)


class Rounded(NamedTuple):
    """An amount that had more than 18 decimals: where, and as it was written."""

    path: str
    written: str


@dataclass
class Flat:
    """The rows of one session, and every fault found on the way."""

    rows: dict[str, list[Row]]
    scopes: dict[str, list[Scope]]
    reasons: list[Reason] = field(default_factory=list)
    rounded: list[Rounded] = field(default_factory=list)


def flatten(session: Session, reading: Reading) -> Flat:
    """Make the rows of one session.

    Args:
        session: The session in canonical spelling.
        reading: What the caller said of times and states.

    Returns:
        For each table of the model the rows in the order of their columns, and the scope of each
        row. Columns that only `read` can fill (where the record came from) are None.
    """
    flat = Flat({}, {}, [*session.reasons])
    taker = _Taker(session.members, reading, flat)
    for plan in _PLANS:
        scopes = list(plan.scopes(session.members))
        rows = [[step(taker, scope) for step in plan.steps] for scope in scopes]
        if plan.table.distinct:
            rows, scopes = _distinct(plan.table, rows, scopes)
        flat.rows[plan.table.name], flat.scopes[plan.table.name] = rows, scopes
    _fill_derived(flat, derive(session, flat.rows))
    flat.reasons = list(dict.fromkeys(flat.reasons))
    return flat


def _fill_derived(flat: Flat, derived: Derived) -> None:
    row = flat.rows["sessions"][0]
    for name, value in derived.values.items():
        row[_SESSION_PLACES[name]] = value
    flat.reasons += derived.reasons


def _distinct(table: Table, rows: list[Row], scopes: list[Scope]) -> tuple[list[Row], list[Scope]]:
    places = [table.names.index(name) for name in table.key]
    met: dict[tuple[Any, ...], int] = {}
    for number, row in enumerate(rows):
        met.setdefault(tuple(row[place] for place in places), number)
    kept = sorted(met.values())
    return [rows[n] for n in kept], [scopes[n] for n in kept]


class _Taker:
    """Takes values of one session, and notes what does not fit."""

    def __init__(self, session: Mapping[str, Tree], reading: Reading, flat: Flat) -> None:
        self.session = session
        self.reading = reading
        self.flat = flat
        self.key: dict[str, Any] = {}

    def take(self, kind_of: Take, value: Tree, scope: Scope, name: str) -> Any:
        try:
            return kind_of(self, value, scope, name)
        except Unfit as error:
            self.flat.reasons.append(error.at(scope.at(name)))
            return None

    def amount(self, value: Tree, scope: Scope, name: str) -> Any:
        taken = money(value)
        if taken.rounded:
            self.flat.rounded.append(Rounded(scope.at(name), str(value)))
        return taken.amount

    def each(
        self, take: Callable[[Tree], Any], value: Tree, scope: Scope, name: str
    ) -> list[Any] | None:
        path = scope.at(name)
        if not isinstance(value, list):
            holds_json = isinstance(value, str) and not isinstance(value, Number)
            found = "a text" if holds_json else described(value)
            self.flat.reasons.append(Reason("wrong-type", path, "a list", found))
            return None
        taken = []
        for place, inner in enumerate(value):
            try:
                taken.append(take(inner))
            except Unfit as error:
                self.flat.reasons.append(error.at(f"{path}[{place}]"))
        return taken


def _json(value: Tree) -> str:
    assert isinstance(value, RawJson)
    return value.text


Take = Callable[[_Taker, Tree, Scope, str], Any]
"""Takes the value of the member of that name in a scope; the scope is for messages only."""

_TAKE: dict[Kind, Take] = {
    Kind.TEXT: lambda taker, value, scope, name: text(value),
    Kind.STATE: lambda taker, value, scope, name: state(value, taker.reading),
    Kind.WHOLE: lambda taker, value, scope, name: whole(value),
    Kind.FLAG: lambda taker, value, scope, name: flag(value),
    Kind.INSTANT: lambda taker, value, scope, name: instant(value, taker.reading),
    Kind.MONEY: _Taker.amount,
    Kind.MEASURE: _Taker.amount,
    Kind.JSON: lambda taker, value, scope, name: _json(value),
    Kind.TEXTS: lambda taker, value, scope, name: taker.each(text, value, scope, name),
    Kind.WHOLES: lambda taker, value, scope, name: taker.each(whole, value, scope, name),
}

Step = Callable[[_Taker, Scope], Any]


def _step(column: Column) -> Step:
    """Compile one column: how its value is found in a scope, and taken."""
    path = column.path
    if path is None:
        return lambda taker, scope: None
    take = _TAKE[column.kind]
    if path == "#":
        return lambda taker, scope: scope.line
    if path == "$key":
        return lambda taker, scope: scope.key
    if path == "$kind":
        return lambda taker, scope: _json_kind(scope.value.value)
    if path == "$value":
        return lambda taker, scope: taker.take(take, scope.value, scope, "")
    if path.startswith("^."):
        return _upward(column, path[2:])
    if path == "couponCodes":
        return lambda taker, scope: _member(taker, take, scope, path) or []
    if "." in path:
        outer, inner = path.split(".")
        return lambda taker, scope: _inner_member(taker, take, scope, outer, inner)
    return lambda taker, scope: _member(taker, take, scope, path)


def _member(taker: _Taker, take: Take, scope: Scope, name: str) -> Any:
    value = scope.value.get(name)
    return None if value is None else taker.take(take, value, scope, name)


def _inner_member(taker: _Taker, take: Take, scope: Scope, outer: str, inner: str) -> Any:
    owner = scope.value.get(outer)
    return _member(taker, take, Scope(owner, scope.at(outer)), inner) if owner else None


def _upward(column: Column, name: str) -> Step:
    """A member of the session, taken quietly: its fault is told where the session's row is made."""
    take = whole if column.kind is Kind.WHOLE else text

    def quietly(value: Tree) -> Any:
        try:
            return take(value)
        except Unfit:
            return None

    def step(taker: _Taker, scope: Scope) -> Any:
        if name not in taker.key:
            taker.key[name] = quietly(taker.session.get(name))
        return taker.key[name]

    return step


def _json_kind(value: Tree) -> str:
    if isinstance(value, Number):
        return "number"
    if isinstance(value, bool):
        return "boolean"
    if value is None:
        return "null"
    kinds: dict[type, str] = {str: "string", list: "list"}
    return kinds.get(type(value), "object")


@dataclass(frozen=True)
class _Plan:
    """A table, the places of its rows, and a step per column."""

    table: Table
    places: tuple[tuple[str, ...], ...]
    steps: tuple[Step, ...]

    def scopes(self, members: Mapping[str, Tree]) -> Iterator[Scope]:
        for place in self.places:
            yield from _scopes(Scope(members, ""), place)


def _scopes(scope: Scope, place: tuple[str, ...]) -> Iterator[Scope]:
    if not place:
        if not isinstance(scope.value, Refused):
            yield scope
        return
    name, kind = place[0][:-2], place[0][-2:]
    path = f"{scope.path}.{name}" if scope.path else name
    value = scope.value.get(name)
    for inner in _entries(value, path, scope.line, line=name == "cartItems", listed=kind == "[]"):
        yield from _scopes(inner, place[1:])


def _entries(
    value: Tree, path: str, at: int | None, *, line: bool, listed: bool
) -> Iterator[Scope]:
    if listed and isinstance(value, list):
        for place, inner in enumerate(value):
            yield Scope(inner, f"{path}[{place}]", place if line else at)
    elif isinstance(value, RawJson) and value.value:
        texts = raw_members(value.text.encode())
        for key, inner in value.value.items():
            yield Scope(RawJson(texts[key].decode(), inner), entry(path, key), at, key)
    elif isinstance(value, dict) and not listed:
        for key, inner in value.items():
            yield Scope(inner, entry(path, key), at, key)


def _plan(table: Table) -> _Plan:
    places = tuple(tuple(place.split(".")) if place else () for place in table.rows)
    return _Plan(table, places, tuple(map(_step, table.columns)))


_PLANS = tuple(map(_plan, MODEL))
_SESSION_PLACES = {name: place for place, name in enumerate(SESSIONS.names)}
