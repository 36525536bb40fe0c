"""Session lines with all that a dump may hold, made from the declared columns, for property tests.

Each is JSON text, or nearly: spellings of values that JSON allows and people do not expect, values
of the wrong kind, members twice, unknown ones, white space, escapes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from random import Random

from sessionkit.columns import Column, Kind, Table
from sessionkit.tables import ADDITIONAL_COSTS, CART_ITEMS, ITEM_PRICES, SESSIONS

NUMBERS = (
    *(
        "0",
        "1",
        "2",
        "10",
        "1500",
        "15000",
        "-3",
        "-0",
        "0.0",
        "-0.0",
        "1.0",
        "2.0",
        "99.60",
        "100.00",
    ),
    *("0.1", "0.10", "12.34", "2.5", "1e2", "1E2", "5e0", "1e0", "10e0", "15e-1", "1.5e3", "1e-7"),
    *(
        "0.001",
        "0.00125",
        "0.0000001",
        "33.333333333333336",
        "12345678901234567",
        "1002.049999999999992",
    ),
    *("12345678901234567.891", "123456789012345.67", "0.1000000000000000009", "9007199254740993"),
    *("0.123456789012345678", "0.1234567890123456789", "0.10000000000000000000000001", "1e-19"),
    *("4.0000000000000009", "9007199254740993.0", "99999999999999999999", "100000000000000000000"),
    *("9223372036854775807", "9223372036854775808", "1e400", "999999999.999999999", "1000000000"),
)
TEXTS = (
    *(
        '""',
        '"A"',
        '"S-1"',
        '"00123"',
        '"123"',
        '"true"',
        '"null"',
        '"{}"',
        '"a b"',
        '" a "',
        '"é"',
    ),
    *(
        r'"a\"b"',
        r'"a\\b"',
        r'"\\"',
        r'"\""',
        r'"a\nb"',
        r'"\u00e9"',
        r'"\/"',
        r'"\u0000"',
        r'"\u001f"',
    ),
    *(
        '"大阪 🛒"',
        r'"\ud83d\uded2"',
        '"x\\",\\"total\\":1"',
        '"0"',
        '"00"',
        '"1.50"',
        '"-1"',
        '"1e2"',
    ),
)
INSTANTS = (
    *('"2026-01-31T09:05:27Z"', '"2026-01-31T09:05:27.1Z"', '"2026-01-31T09:05:27.123456Z"'),
    *('"2026-01-31T09:05:27.123456789Z"', '"2026-01-31 09:05:27Z"', '"2026-01-31T10:05:27+01:00"'),
    *(
        '"0001-01-01T00:00:00Z"',
        '"0001-01-01T00:00:00.5Z"',
        '"0000-01-01T00:00:00Z"',
        '"2026-02-30T09:05:27Z"',
    ),
    *(
        '"2026-01-31T09:05:60Z"',
        '"2026-01-31T24:00:00Z"',
        '"2026-01-31T09:05:27"',
        '"9999-12-31T23:59:59.999999999Z"',
    ),
    *(
        '"2026-1-31T09:05:27Z"',
        '"2026-01-31t09:05:27z"',
        '"1969-12-31T23:59:59.999999Z"',
        '"0001-01-01T00:00:00.0000001Z"',
    ),
)
STATES = (
    '"open"',
    '"closed"',
    '"Closed"',
    '"partially_returned"',
    '"PARTIALLY-RETURNED"',
    '"canceled"',
    '"x"',
    "1",
)
ODD = ("null", "true", "false", "{}", "[]", '"x"', "1", "[1]", '{"a":1}', "[null]", '[{"a":1.50}]')
JSON_VALUES = (
    *NUMBERS,
    *TEXTS,
    *ODD,
    '{"deep":[1,{"x":1.5}]}',
    '{"a":1,"a":2}',
    "[1, 2]",
    "[1.50]",
    "[5.0]",
    '{"attributes":{"a":1.5}}',
)

PLAIN: Mapping[Kind, tuple[str, ...]] = {
    Kind.TEXT: ('"A"', '"S-1"', '"00123"', '"大阪"', r'"a\"b"'),
    Kind.STATE: ('"open"', '"closed"', '"cancelled"'),
    Kind.WHOLE: ("1", "2", "17"),
    Kind.FLAG: ("true", "false"),
    Kind.INSTANT: (
        '"2026-01-31T09:05:27Z"',
        '"2026-01-31T09:05:27.123456Z"',
        '"0001-01-01T00:00:00Z"',
    ),
    Kind.MONEY: ("12.5", "99.60", "0", "15000", "33.333333333333336", "1002.049999999999992"),
    Kind.MEASURE: ("1", "1.5", "100.00"),
}
HOSTILE: Mapping[Kind, tuple[str, ...]] = {
    Kind.TEXT: (*TEXTS, *ODD, *NUMBERS[:4]),
    Kind.STATE: (*STATES, *ODD),
    Kind.WHOLE: (*NUMBERS, *ODD, '"17"', '"2.0"', '" 1"'),
    Kind.FLAG: (*ODD, '"true"', "0"),
    Kind.INSTANT: (*INSTANTS, *ODD),
    Kind.MONEY: (*NUMBERS, *ODD, '"12.5"', '"1e2"', '"12,5"', '" 1"'),
    Kind.MEASURE: (*NUMBERS, *ODD, '"12.5"'),
}
KEYS = (
    "Summer 10%",
    "a",
    "A",
    "é",
    'say \\"hi\\"',
    "two\\nlines",
    "total",
    "attributes",
    "0",
    "x\\u0041",
    "",
)


class Hostile:
    """Writes session lines, as a random generator decides.

    Attributes:
        rng: Decides.
        oddity: One member in so many is hostile; 0 for none.
    """

    def __init__(self, rng: Random, oddity: int) -> None:
        self.rng, self.oddity = rng, oddity
        self.keys = KEYS if oddity else KEYS[:4]

    def line(self) -> bytes:
        """One line of a V1 or V2 dump, which may not even be JSON."""
        members: dict[str, Callable[[], str]] = {
            **self._members(SESSIONS),
            "cartItems": self._items,
            "discounts": lambda: self._map(lambda: self._plain(SESSIONS["total"])),
            "additionalCosts": self._costs,
            "coupon": lambda: self._plain(SESSIONS["profile_id"]),
            "referral": lambda: self._plain(SESSIONS["profile_id"]),
        }
        del members["experimentVariantAllocations"]
        text = self._object(members, ("integrationId", "applicationId", "created"), most=8)
        if self.oddity and not self.rng.randrange(3 * self.oddity):
            at = self.rng.randrange(len(text))
            text = (
                text[:at]
                + self.rng.choice(["", ",", " ", "0", '"', "NaN", "\x01"])
                + text[at + 1 :]
            )
        return text.encode()

    def _is_odd(self) -> bool:
        return bool(self.oddity) and not self.rng.randrange(self.oddity)

    def _gap(self) -> str:
        return " " if self.oddity and not self.rng.randrange(5 * self.oddity) else ""

    def _members(self, table: Table) -> dict[str, Callable[[], str]]:
        """What writes each member of an object, from the columns that it fills."""
        members: dict[str, Callable[[], str]] = {}
        for column in table.columns:
            outer, _, inner = (column.path or "").partition(".")
            if outer and outer[0] not in "^#$" and outer != "extras":
                members[outer] = partial(self._member, column, inner)
        return members

    def _member(self, column: Column, inner: str) -> str:
        value = self._plain(column)
        return f'{{"{inner}":{value}}}' if inner and not self._is_odd() else value

    def _plain(self, column: Column) -> str:
        odd = self._is_odd()
        kinds, kind = HOSTILE if odd else PLAIN, column.kind
        if odd and not self.rng.randrange(3):
            return self.rng.choice(ODD)
        if kind in (Kind.TEXTS, Kind.WHOLES):
            inner = PLAIN[Kind.TEXT if kind is Kind.TEXTS else Kind.WHOLE]
            return f"[{','.join(self.rng.choices(inner, k=self.rng.randrange(4)))}]"
        if kind is Kind.JSON:
            values = JSON_VALUES if odd else ("1", '"x"', "true", "[1,2]", "2.5", "null")
            return self._map(lambda: self.rng.choice(values))
        return self.rng.choice(kinds[kind])

    def _map(self, value: Callable[[], str]) -> str:
        keys = [self.rng.choice(self.keys) for _ in range(self.rng.randrange(4))]
        unique = keys if self._is_odd() else list(dict.fromkeys(keys))
        return "{" + ",".join(f'"{key}":{value()}' for key in unique) + "}"

    def _costs(self) -> str:
        members = self._members(ADDITIONAL_COSTS)
        return self._map(lambda: self._object(members, ("price",), most=1))

    def _items(self) -> str:
        members = self._members(CART_ITEMS) | {"additionalCosts": self._costs}
        prices = self._members(ITEM_PRICES)
        members["prices"] = lambda: self._map(lambda: self._object(prices, ("price",), most=3))
        each = [
            self._object(members, ("sku", "quantity"), most=6) for _ in range(self.rng.randrange(4))
        ]
        return f"[{','.join(each)}]"

    def _object(
        self, members: Mapping[str, Callable[[], str]], must: Sequence[str], most: int
    ) -> str:
        """An object with those members it must have and some of the others, in any order."""
        others = [name for name in members if name not in must]
        names = [*must, *self.rng.sample(others, min(len(others), self.rng.randrange(most + 1)))]
        self.rng.shuffle(names)
        if self.oddity and not self.rng.randrange(5 * self.oddity):
            names.append(self.rng.choice(names))
        if self.oddity and not self.rng.randrange(5 * self.oddity):
            names.remove(self.rng.choice(names))
        pairs = [f'"{name}"{self._gap()}:{self._gap()}{members[name]()}' for name in names]
        if self.oddity and not self.rng.randrange(5 * self.oddity):
            pairs.append(self.rng.choice(['"odd":1', '"odd":null', '"0":0', '"Total":1']))
        return "{" + self._gap() + ",".join(pairs) + "}"
