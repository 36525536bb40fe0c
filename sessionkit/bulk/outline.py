"""What an object is looked through for, derived from the declared columns.

An *outline* lists the members of an object that the model reads, each with its *form*: one value,
a list of values, a map, an object of its own, or a list of objects. From an outline follows the
type that DuckDB takes a record apart with, in which every value stays the JSON text that it was.

Layer: bottom of `bulk`; above `dialects` and `tables`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache

from sessionkit.columns import Kind
from sessionkit.database import quoted
from sessionkit.spellings import (
    CART_ITEM,
    COST,
    INTEGRATION_SESSION,
    MANAGEMENT_SESSION,
    PRICE,
    PRODUCT,
    folded,
)
from sessionkit.tables import CART_ITEMS, MODEL, SESSIONS, Table

NUMBERS = (Kind.MONEY, Kind.MEASURE, Kind.WHOLE)


class Form(Enum):
    """What a member holds."""

    VALUE = "one value, or a map that is kept as text"
    LIST = "a list of values"
    MAP = "a map of values"
    OBJECT = "an object"
    OBJECTS = "a list of objects"
    MAP_OF_OBJECTS = "a map of objects"


_HOLLOW = {Form.OBJECTS: Form.LIST, Form.MAP_OF_OBJECTS: Form.MAP}
"""How members are taken that have held no object so far: empty, they hold none either way."""


@dataclass(frozen=True)
class Outline:
    """The members of an object that the model reads.

    Attributes:
        spelt: How each is written in the dump, as key, and its folded name.
        forms: What each holds, by folded name.
        inner: The outlines of members that hold objects, by folded name.
        numbers: The folded names of those that hold numbers.
    """

    spelt: tuple[tuple[str, str], ...]
    forms: Mapping[str, Form]
    inner: Mapping[str, Outline] = field(default_factory=dict)
    numbers: frozenset[str] = frozenset()

    def structure(self, number: str = "JSON") -> str:
        """The DuckDB type that takes such an object apart.

        Args:
            number: The type of members that hold numbers; JSON keeps their text.
        """
        fields = ", ".join(f"{quoted(key)} {self._type(name, number)}" for key, name in self.spelt)
        return f"STRUCT({fields})"

    def _type(self, name: str, number: str) -> str:
        value = number if name in self.numbers else "JSON"
        inner = self.inner[name].structure(number) if name in self.inner else value
        match self.forms[name]:
            case Form.LIST | Form.OBJECTS:
                return f"{inner}[]"
            case Form.MAP | Form.MAP_OF_OBJECTS:
                return f"MAP(VARCHAR, {inner})"
        return inner

    def seen(self, keys: Mapping[str, Iterable[str]], at: str = "") -> Outline:
        """The same outline with only the members that were seen in a dump, as they are spelt there.

        Args:
            keys: The keys met in objects, by the folded names that lead there, joined by dots.
            at: Where this object stands.
        """
        written = {folded(key): key for key in sorted(keys.get(at, ()))}
        inner = {
            name: self.inner[name].seen(keys, f"{at}.{name}" if at else name)
            for _, name in self.spelt
            if name in self.inner and name in written
        }
        hollow = {name for name, outline in inner.items() if not outline.spelt}
        forms = {
            name: _HOLLOW.get(form, form) if name in hollow else form
            for name, form in self.forms.items()
        }
        spelt = tuple(
            (written[name], name)
            for _, name in self.spelt
            if name in written and not (name in hollow and forms[name] is Form.OBJECT)
        )
        inner = {name: outline for name, outline in inner.items() if name not in hollow}
        return Outline(spelt, forms, inner, self.numbers)


@cache
def session_outline() -> Outline:
    """The outline of a session, spelt as the Integration API does."""
    members = {**MANAGEMENT_SESSION, **INTEGRATION_SESSION}
    forms, inner = dict(_forms(SESSIONS, "")), dict(_inner())
    numbers = _numbers(SESSIONS) | _map_numbers("")
    return _outline(members, forms, inner, numbers)


def _outline(
    members: Mapping[str, str],
    forms: Mapping[str, Form],
    inner: Mapping[str, Outline],
    numbers: frozenset[str],
) -> Outline:
    """Put together what is known of an object; what no table names is one value."""
    taken = {
        name: forms.get(member, Form.VALUE)
        for name, member in members.items()
        if folded(member) == name or name not in _ALIASES
    }
    spelt = tuple((members[n] if folded(members[n]) == n else n, n) for n in taken)
    by_name = {name: inner[members[name]] for name in taken if members[name] in inner}
    return Outline(spelt, taken, by_name, frozenset(n for n in taken if members[n] in numbers))


_ALIASES = frozenset({"effectivefrom", "effectiveuntil"})
"""Second spellings of a member, which are not looked for; the exact path reads them."""


def _numbers(table: Table) -> frozenset[str]:
    return frozenset(
        column.path for column in table.columns if column.path and column.kind in NUMBERS
    )


def _map_numbers(prefix: str) -> frozenset[str]:
    """Members that are maps of numbers."""
    return frozenset(
        place.removeprefix(prefix)[:-2]
        for table in MODEL
        for place in table.rows
        if place.startswith(prefix) and place.endswith("{}")
        for column in table.columns
        if column.path == "$value" and column.kind in NUMBERS
    )


def _forms(owner: Table, prefix: str) -> Iterator[tuple[str, Form]]:
    """The forms of members that are not one value each: by the owner's columns, and by rows."""
    for column in owner.columns:
        if column.path and column.kind in (Kind.TEXTS, Kind.WHOLES):
            yield column.path, Form.LIST
        if column.path and "." in column.path and column.path[0] != "^":
            yield column.path.partition(".")[0], Form.OBJECT
    for table in MODEL:
        values = {column.path: column.kind for column in table.columns if column.path}
        for place in table.rows:
            name = place.removeprefix(prefix)[:-2]
            if not name or not place.startswith(prefix) or "." in name or "[" in name:
                continue
            if place.endswith("[]"):
                yield name, Form.LIST if "$value" in values else Form.OBJECTS
            elif "$value" not in values:
                yield name, Form.MAP_OF_OBJECTS
            elif values["$value"] is not Kind.JSON:
                yield name, Form.MAP


def _inner() -> Iterator[tuple[str, Outline]]:
    """The outlines of objects in a session."""
    cost = _outline(COST, {}, {}, frozenset({"price"}))
    price = _outline(PRICE, {}, {}, frozenset({"price"}))
    product = _outline(PRODUCT, {}, {}, frozenset())
    yield "additionalCosts", cost
    in_items = {"product": product, "additionalCosts": cost, "prices": price}
    forms = dict(_forms(CART_ITEMS, "cartItems[]."))
    yield "cartItems", _outline(CART_ITEM, forms, in_items, _numbers(CART_ITEMS))
