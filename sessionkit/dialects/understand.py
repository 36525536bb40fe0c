"""From one record as found to one session in canonical spelling, or to the reasons why not.

Layer: top of `dialects`; above `decode`, `containers` and `values`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from sessionkit.containers import RawRecord
from sessionkit.decode import (
    Tree,
    Undecodable,
    decode,
    decode_text,
    doubled_keys,
    encode,
    raw_members,
)
from sessionkit.dialects.canonical import canonical
from sessionkit.dialects.members import Session
from sessionkit.dialects.shapes import (
    CSV_EXPORT,
    DIALECTS,
    V2_RESPONSE,
    Dialect,
    is_noise,
    recognised,
)
from sessionkit.errors import Reason
from sessionkit.spellings import SINGLE, folded
from sessionkit.values import described

Understood = Session | Reason | None
"""A session; or why the record holds none; or None for a line that is no record at all."""

JSON_CELLS = {
    "cartitems": "cartItems",
    "discounts": "discounts",
    "attributes": "attributes",
    "identifiers": "identifiers",
    "additionalcosts": "additionalCosts",
    "coupons": "coupons",
}
_FLAG_CELLS = {"true": True, "false": False}
EXCEL_CELL = 32_767
"""The most characters that Excel keeps in a cell; it cuts what is longer. It counts in UTF-16, so a
cell may be one shorter where an emoji would have been cut in two."""


def understand(record: RawRecord, named: str | None = None) -> Understood:
    """Tell what session a record holds.

    Args:
        record: The record as found.
        named: The dialect, where the caller named it.

    Returns:
        The session in canonical spelling, which may carry reasons to reject it; or one reason
        where there is no session to speak of; or None for a Singer line that is no record.
    """
    if record.fault is not None:
        return record.fault
    if record.cells is not None:
        return _from_cells(record.cells)
    try:
        tree = decode(record.raw)
    except Undecodable as error:
        return error.reason
    if is_noise(tree):
        return None
    if not isinstance(tree, dict):
        return Reason("not-a-session", "", "an object that holds a session", described(tree))
    page = record.container == "page"
    dialect = dialect_of(tree, named, page=page)
    if dialect is None:
        return _no_session(tree)
    return _from_object(record.raw, tree, dialect, page=page)


def dialect_of(tree: Mapping[str, Tree], named: str | None, *, page: bool) -> Dialect | None:
    """The dialect of an object; what is named for its zeros may still be in any shape."""
    shape = recognised(tree, page=page)
    if named is None:
        return shape
    dialect = DIALECTS[named]
    if shape is None or not dialect.omits_zeros:
        return dialect
    if shape.api is None:
        return replace(shape, name=named, omits_zeros=True)
    return replace(dialect, envelope=shape.envelope)


def _from_object(raw: bytes, tree: dict[str, Tree], dialect: Dialect, *, page: bool) -> Understood:
    if dialect.envelope is None:
        return canonical(tree, partial(raw_members, raw), dialect)
    keys = [key for key in tree if folded(key) == dialect.envelope]
    if len(keys) > 1 or (keys and keys[0] in doubled_keys(tree)):
        return Reason("duplicate-key", keys[0], "one session", "two")
    inner = tree[keys[0]] if keys else None
    if not isinstance(inner, dict):
        return _no_session(tree)
    key, envelope = keys[0], dialect.envelope
    if dialect.name == "singer":
        shape = recognised(inner, page=page)
        if shape is None:
            return _no_session(inner)
        dialect = dialect if shape.api is None else shape
    session = canonical(inner, lambda: raw_members(raw_members(raw)[key]), dialect)
    if envelope != "record":
        session.beside = tuple(name for name in tree if name != key)
    if envelope == V2_RESPONSE.envelope:
        _take_effects(session, tree)
    return session


def _take_effects(session: Session, tree: dict[str, Tree]) -> None:
    keys = [key for key in tree if folded(key) == "effects"]
    if len(keys) > 1 or (keys and keys[0] in doubled_keys(tree)):
        session.refuse("duplicate-key", "effects", "one such member", "two")
    elif keys:
        session.effects = tree[keys[0]]
        session.beside = tuple(name for name in session.beside if name != keys[0])


def _no_session(tree: dict[str, Tree]) -> Reason:
    names = {folded(key) for key in tree}
    if "effects" in names:
        expected = "a session beside the effects (ask for it with responseContent=customerSession)"
        return Reason("effects-without-session", "", expected, "effects and no session")
    keys = ", ".join(list(tree)[:5]) or "no member at all"
    return Reason("not-a-session", "", "an object that holds a session", f"an object with {keys}")


def _from_cells(cells: Mapping[str, str]) -> Session:
    """Decode the JSON in the cells of a CSV row; an empty cell tells that there is nothing."""
    faults: list[Reason] = []
    tree: dict[str, Tree] = {}
    texts: dict[str, bytes] = {}
    for column, cell in cells.items():
        name = folded(column)
        if name in JSON_CELLS:
            tree[column] = json_cell(column, cell, faults)
        elif name == "firstsession":
            tree[column] = _FLAG_CELLS.get(cell.lower(), cell or None)
        else:
            tree[column] = cell or None
        if name in JSON_CELLS:
            texts[column] = cell.encode()
    unknown = {c: _encoded(v) for c, v in tree.items() if c not in texts}
    session = canonical(tree, lambda: texts | unknown, CSV_EXPORT)
    session.reasons += faults
    session.told |= {name for name in map(_member, cells) if name}
    return session


def _encoded(value: Tree) -> bytes:
    return encode(value).encode()


def _member(column: str) -> str | None:
    name = CSV_EXPORT.members.get(folded(column))
    return SINGLE.get(name or "", name)


def json_cell(column: str, cell: str, faults: list[Reason]) -> Tree:
    """Decode the JSON in a cell; None for an empty one, and for one at fault, which is noted.

    Example:
        >>> json_cell("props", '{"value": 11.0}', [])
        {'value': '11.0'}
    """
    if not cell:
        return None
    try:
        return decode_text(cell, column)
    except Undecodable as error:
        reason = error.reason
        if len(cell.encode("utf-16-le", "surrogatepass")) // 2 in (EXCEL_CELL - 1, EXCEL_CELL):
            found = f"a cell cut off at {EXCEL_CELL:,} characters, as Excel does"
        elif cell.lstrip()[:2] in ("{'", "['") or cell.lstrip()[:3] == "[{'":
            found = "a Python dictionary as text (write such cells with json.dumps)"
        else:
            found = reason.found
        faults.append(Reason(reason.code, column, "valid JSON in the cell", found))
        return None
