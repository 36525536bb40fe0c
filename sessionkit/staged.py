"""What staged tables are: the tables of the model before it is known which version is current.

A row of a staged table carries the number of its record beside its columns, and on sessions what
resolving needs: what orders records, which members the record tells, and what no column compares.

Layer: above `tables`, `rejecting` and `doubts`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pyarrow as pa

from sessionkit.columns import INSTANT_TYPE
from sessionkit.doubts import Doubt
from sessionkit.rejecting import REJECTED, Reject
from sessionkit.tables import (
    ATTRIBUTES,
    CART_ITEMS,
    EFFECTS,
    FINDINGS,
    MODEL,
    REJECTS,
    SESSIONS,
    Table,
)


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


def bit(member: str) -> int:
    """The bit of a member in `told`."""
    return 1 << MEMBERS.index(member)


RECORD = pa.field("record", pa.int64(), nullable=False)
_NORMAL = pa.field("normal", pa.string())
BOOKKEEPING = {
    SESSIONS.name: (
        RECORD,
        pa.field("ordered_at", INSTANT_TYPE),
        pa.field("step", pa.int8()),
        pa.field("told", pa.int64()),
        pa.field("api", pa.string()),
        _NORMAL,
    ),
    CART_ITEMS.name: (RECORD, _NORMAL),
    ATTRIBUTES.name: (RECORD, _NORMAL),
}
"""What staged tables hold beside their columns.

`normal` is what a row holds as JSON in normal spelling, so that equal contents compare as equal:
the value of an attribute; of sessions and lines what no other table spells out, null if nothing.
"""


def staged_schema(table: Table) -> pa.Schema:
    """The Arrow schema of a table as staged."""
    return pa.schema([*table.arrow(), *BOOKKEEPING.get(table.name, (RECORD,))])


DOUBTS = pa.schema([*FINDINGS.arrow(), pa.field("record", pa.int64())])
"""Findings that reading makes, each with the number of its record; null if about a file."""

SPILLED = {table.name: staged_schema(table) for table in (*MODEL, EFFECTS)} | {
    REJECTS.name: REJECTED,
    "doubts": DOUBTS,
}
"""The schemas of all that batches give."""


@dataclass
class Staged:
    """One batch: the staged tables, the rejects, and the doubts.

    Attributes:
        tables: By name, as `staged_schema` says.
        rejects: The records that could not be taken in.
        doubts: What was found in those that were.
        unknown: How often each unknown member was met, by file and path.
        sentinels: How often a list page wrote 0 for a sum of discounts, by file.
        records: How many records each file gave.
        dialects: Which files hold which dialects.
        beside: Which files hold what beside sessions that is not read.
        effects: How many rows of effects were taken from each export of effects.
    """

    tables: dict[str, pa.Table]
    rejects: list[Reject] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    unknown: Counter[tuple[str, str]] = field(default_factory=Counter)
    sentinels: Counter[str] = field(default_factory=Counter)
    records: Counter[str] = field(default_factory=Counter)
    dialects: set[tuple[str, str]] = field(default_factory=set)
    beside: set[tuple[str, str]] = field(default_factory=set)
    effects: Counter[str] = field(default_factory=Counter)
