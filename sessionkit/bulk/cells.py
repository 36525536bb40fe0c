"""Rows of a CSV export as JSON texts, so that they go the same way as all records.

A JSON cell is put in as it is, once it is known to be one JSON value; other cells become what they
stand for. Rows of which that is not sure are left out, as `{}`, and the exact path takes them.

Layer: above `stating`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import accumulate

import msgspec
import pyarrow as pa

from sessionkit.bulk.outline import NUMBERS
from sessionkit.bulk.stating import told_by
from sessionkit.columns import Kind
from sessionkit.decode import encode
from sessionkit.dialects.shapes import CSV_EXPORT
from sessionkit.dialects.understand import JSON_CELLS
from sessionkit.spellings import folded
from sessionkit.tables import SESSIONS

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_KINDS = {column.path: column.kind for column in SESSIONS.columns if column.path}
_UNSURE = "{}"

Spell = Callable[[str], str | None]
"""Gives the JSON text of a cell, or None where it is not sure."""


def header_tells(columns: Sequence[str]) -> int | None:
    """What rows under a header tell, as bits; None for a header that wants a closer look."""
    return told_by([folded(column) for column in columns], CSV_EXPORT)


def texts_of(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> pa.Array:
    """Write rows as JSON objects, without the members whose cells are empty.

    Example:
        >>> rows = [["S-1", "[]", "1.50"], ["S-2", "[", ""]]
        >>> texts_of(("integrationid", "cartitems", "total"), rows).to_pylist()
        ['{"integrationid":"S-1","cartitems":[],"total":1.50}', '{}']
    """
    spelt = [_column(column, [row[place] for row in rows]) for place, column in enumerate(columns)]
    texts = map(_object, zip(*spelt, strict=True))
    return pa.array(list(texts), pa.string())


def _object(members: tuple[str | None, ...]) -> str:
    if None in members:
        return _UNSURE
    return "{" + ",".join(filter(None, members)) + "}"


def _column(column: str, cells: list[str]) -> list[str | None]:
    """The members that the cells of a column make; an empty text for none."""
    name = folded(column)
    key = encode(column) + ":"
    if name in JSON_CELLS:
        cells = ["" if cell == "null" else cell for cell in cells]
        if not _are_values([cell for cell in cells if cell]):
            return [_json(key, cell) for cell in cells]
        return [key + cell if cell else "" for cell in cells]
    kind = _KINDS.get(CSV_EXPORT.members.get(name, ""), Kind.TEXT)
    if kind in NUMBERS:
        plain = _NUMBER.fullmatch
        return [("" if not cell else key + cell if plain(cell) else None) for cell in cells]
    if kind is Kind.FLAG:
        words = {"true": key + "true", "false": key + "false", "": ""}
        return [words.get(cell.lower()) for cell in cells]
    return [key + encode(cell) if cell else "" for cell in cells]


def _are_values(cells: list[str]) -> bool:
    """Whether each of many texts is one JSON value, without white space around it."""
    if not cells:
        return True
    raws = [cell.encode() for cell in cells]
    try:
        values = _LIST.decode(b"[" + b",".join(raws) + b"]")
    except (msgspec.DecodeError, RecursionError):
        return False
    ends = accumulate(len(raw) + 1 for raw in raws)
    found = accumulate(len(memoryview(value)) + 1 for value in values)
    return list(ends) == list(found)


def _json(key: str, cell: str) -> str | None:
    if not cell:
        return ""
    return key + cell if _are_values([cell]) else None
