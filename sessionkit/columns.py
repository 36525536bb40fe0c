"""What a column is, and what a table is.

A `Table` is declared once, in `sessionkit.tables`, and read by every later stage:

* `flatten` takes `Column.path` to find a value, and `Table.arrow()` to hold it;
* `schemas` turns types and rules into pandera models;
* `resolve` takes `Column.member` and `Column.completes` to fill what a dialect cannot tell;
* `dictionary` prints `doc` and `unit` as the data dictionary in `data/README.md`.

A path is looked up in a *canonical record*: a session in the camelCase spelling of Talon.One's
Integration API V2, whatever its dump looked like. There are five forms and no more:

    total           a member of the row's own object
    product.name    a member of a member
    ^.applicationId a member of the session, from a row below it
    #               the place of the cart line in the session's list, from 0
    $key, $value    the key, and the value, of an entry of a map (or the element of a list);
                    $kind is the kind of JSON value that it is

Bottom layer: imports nothing from the package.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

import pyarrow as pa

DIGITS = 38
SCALE = 18
MONEY_TYPE = pa.decimal128(DIGITS, SCALE)
INSTANT_TYPE = pa.timestamp("us", tz="UTC")
REASON_TYPE = pa.struct(
    [(name, pa.string()) for name in ("code", "path", "expected", "found")],
)


class Kind(Enum):
    """The type of a column: one Arrow type each, from which every other type follows."""

    TEXT = "text"
    STATE = "state"
    WHOLE = "whole number"
    FLAG = "true or false"
    INSTANT = "instant, UTC"
    MONEY = "money, exact"
    MEASURE = "number, exact"
    JSON = "JSON text"
    TEXTS = "list of texts"
    WHOLES = "list of whole numbers"
    BYTES = "bytes"
    REASONS = "list of reasons"

    @property
    def arrow(self) -> pa.DataType:
        """The Arrow type that holds a value of this kind."""
        return _ARROW[self]


_ARROW = {
    Kind.TEXT: pa.string(),
    Kind.STATE: pa.string(),
    Kind.WHOLE: pa.int64(),
    Kind.FLAG: pa.bool_(),
    Kind.INSTANT: INSTANT_TYPE,
    Kind.MONEY: MONEY_TYPE,
    Kind.MEASURE: MONEY_TYPE,
    Kind.JSON: pa.string(),
    Kind.TEXTS: pa.list_(pa.string()),
    Kind.WHOLES: pa.list_(pa.int64()),
    Kind.BYTES: pa.binary(),
    Kind.REASONS: pa.list_(REASON_TYPE),
}


Completes = Literal["never", "version", "lasting"]
"""How a value that the current record cannot tell is filled from other records of the session.

`never`: not at all (keys, provenance). `version`: from records of the same version. `lasting`:
a fact that does not turn back, so from older records too.
"""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: where its value is found, what it is, and which rules it obeys.

    `path` is None for what the reader works out itself; `member` then names the member of the
    session on which the value rests, if any.
    """

    name: str
    kind: Kind
    doc: str
    path: str | None = None
    member: str | None = None
    unit: str | None = None
    nullable: bool = False
    at_least: int | None = None
    one_of: tuple[str, ...] = ()
    completes: Completes = "version"
    personal: bool = False

    def __post_init__(self) -> None:
        if self.member is None and self.path and self.path[0] not in "^#$":
            object.__setattr__(self, "member", self.path.partition(".")[0])

    @property
    def field(self) -> pa.Field:
        """The column as an Arrow field, with its meaning and unit as metadata."""
        about = {"doc": self.doc} | ({"unit": self.unit} if self.unit else {})
        return pa.field(self.name, self.kind.arrow, nullable=self.nullable, metadata=about)


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table: what a row is, how rows are found in a session, and its columns.

    `rows` holds the places in a canonical record that give rows: `cartItems[]` is one row per
    element of a list, `discounts{}` one per entry of a map, `cartItems[].prices{}` one per entry
    of a map in each element; empty for a table that is not filled from records, and `("",)` for
    the session itself. `distinct` drops rows of one session that repeat the key.
    """

    name: str
    doc: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[str, ...] = ()
    distinct: bool = False

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        paths = [column.path for column in self.columns if column.path]
        for what, values in (("name", names), ("path", paths)):
            twice = sorted({value for value in values if values.count(value) > 1})
            if twice:
                raise ValueError(f"{self.name}: two columns with the {what} {twice[0]!r}")
        if unknown := [name for name in self.key if name not in names]:
            raise ValueError(f"{self.name}: no column for the key {unknown[0]!r}")

    def arrow(self) -> pa.Schema:
        """The Arrow schema of the table: exactly its columns, in order."""
        return pa.schema([column.field for column in self.columns])

    def empty(self) -> pa.Table:
        """The table with no row."""
        return self.arrow().empty_table()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)
