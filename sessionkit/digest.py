"""A digest of what a record says, equal for equal contents however they were written.

It breaks ties between records of one version, so that no order of the input matters, and tells
repeats that say the same from repeats that say something else.

Layer: above `flatten`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from sessionkit.columns import Kind, Table
from sessionkit.decode import RawJson, Tree, normalised
from sessionkit.dialects import Session
from sessionkit.flatten import Flat, Row
from sessionkit.tables import (
    ADDITIONAL_COSTS,
    CART_ITEMS,
    DISCOUNTS,
    ITEM_PRICES,
    PROVENANCE,
    SESSIONS,
)

_MAPS = (DISCOUNTS, ADDITIONAL_COSTS, ITEM_PRICES)


def digest(session: Session, flat: Flat) -> str:
    """Digest a session and its rows: keys sorted, numbers by value, where it came from left out."""
    rows = flat.rows
    said = [*_said(_SESSION, rows["sessions"][0], session.members)]
    for row, item in zip(rows["cart_items"], session.members["cartItems"], strict=True):
        said += _said(_LINE, row, item)
    said += [sorted(rows[table.name], key=repr) for table in _MAPS]
    return blake2b(json.dumps(said, default=str).encode(), digest_size=16).hexdigest()


def _compared(table: Table) -> tuple[list[int], list[str]]:
    """The places of the columns that are compared as values, the members compared as JSON."""
    columns = [column for column in table.columns if column.name not in PROVENANCE]
    values = [table.names.index(c.name) for c in columns if c.kind is not Kind.JSON]
    return values, [c.path for c in columns if c.kind is Kind.JSON and c.path]


_SESSION = _compared(SESSIONS)
_LINE = _compared(CART_ITEMS)


def _said(compared: tuple[list[int], list[str]], row: Row, owner: dict[str, Tree]) -> Iterator[Any]:
    places, members = compared
    yield [row[place] for place in places]
    for member in members:
        json_text = owner.get(member)
        yield normalised(json_text.value) if isinstance(json_text, RawJson) else None
