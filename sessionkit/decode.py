"""From the bytes of one record to a tree of plain values, strictly and without loss.

A tree is made of `str`, `Number`, `bool`, `None`, `list` and `dict`. Numbers keep the text they
came as, so that no digit passes through a float. An object in which a key stands twice is a
`Doubled`. What is no JSON by RFC 8259 raises `Undecodable`; its reason says why.

Layer: above `errors`; knows nothing of sessions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any, NoReturn

import msgspec

from sessionkit.errors import Reason, shown

MAX_DEPTH = 128
"""How deep values may be nested. Real sessions stay below 10."""

Tree = Any
"""What JSON text decodes to; `Any`, because this is the edge where types are not yet known."""


class Number(str):
    """The text of a JSON number."""

    __slots__ = ()


class Doubled(dict[str, Tree]):
    """An object in which at least one key stands twice; as a dict it keeps the last of each."""

    def __init__(self, pairs: list[tuple[str, Tree]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs


@dataclass(frozen=True)
class RawJson:
    """A value that is kept as the JSON text it came as, beside what it decodes to."""

    text: str
    value: Tree


class Undecodable(ValueError):
    """Bytes that are no JSON document."""

    def __init__(self, code: str, expected: str, found: str, path: str = "") -> None:
        super().__init__(found)
        self.reason = Reason(code, path, expected, found)


_OPENING_OR_CLOSING = re.compile(r'"(?:[^"\\]|\\.)*+"?|([\[{])|([\]}])', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def decode(raw: bytes, path: str = "") -> Tree:
    """Decode the bytes of one JSON document.

    Args:
        raw: UTF-8 text, without byte-order mark.
        path: Where the text stands, for the reason of a failure (a CSV column, say).

    Raises:
        Undecodable: The bytes are no UTF-8 (`bad-encoding`), no JSON by RFC 8259 (`not-json`;
            NaN, Infinity and half a surrogate pair included), or nested deeper than
            `MAX_DEPTH` (`too-deep`).

    Example:
        >>> decode(b'{"total": 1850.00, "state": "open"}')
        {'total': '1850.00', 'state': 'open'}
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        found = f"byte 0x{raw[error.start]:02x} at byte {error.start}"
        raise Undecodable("bad-encoding", "UTF-8 text", found, path) from None
    return decode_text(text, path)


def decode_text(text: str, path: str = "") -> Tree:
    """Decode the text of one JSON document; otherwise as `decode`."""
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise Undecodable("too-deep", f"at most {MAX_DEPTH} levels of nesting", "more", path)
    try:
        tree = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise Undecodable("not-json", "valid JSON", _told(text, error), path) from None
    except _NotFinite as error:
        raise Undecodable("not-json", "valid JSON", f"{error}, which is no number", path) from None
    if _SURROGATE.search(text):
        _refuse_half_pairs(text, tree, path)
    return tree


def raw_members(raw: bytes) -> dict[str, bytes]:
    """Split an object into the bytes of its members; of a key that stands twice, the last.

    Takes only what `decode` has already taken.

    Example:
        >>> raw_members(b'{"a": {"b":  1.50}}')
        {'a': b'{"b":  1.50}'}
    """
    return {key: bytes(value) for key, value in _OBJECT.decode(raw).items()}


def raw_elements(raw: bytes) -> list[bytes]:
    """Split a list into the bytes of its elements, on the terms of `raw_members`."""
    return [bytes(value) for value in _LIST.decode(raw)]


def encode(value: Tree) -> str:
    """Write a tree as compact JSON text, numbers as they came.

    Example:
        >>> encode(decode(b'{"a": [1.50, null, "x"]}'))
        '{"a":[1.50,null,"x"]}'
    """
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_quote(k)}:{encode(v)}" for k, v in members_of(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(encode, value)) + "]"
    return _quote(value)


def normalised(value: Tree) -> str:
    """Write a tree so that equal contents give equal text: sorted keys, numbers by value.

    Example:
        >>> normalised(decode(b'{"b": 1.50, "a": 15e-1}'))
        '{"a":1.5,"b":1.5}'
    """
    if isinstance(value, Number):
        return _plain(value)
    if isinstance(value, dict):
        ordered = sorted((_quote(key), normalised(inner)) for key, inner in members_of(value))
        return "{" + ",".join(f"{key}:{inner}" for key, inner in ordered) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(normalised, value)) + "]"
    return _quote(value)


def _plain(number: str) -> str:
    try:
        value = Decimal(number)
    except ArithmeticError:  # an exponent beyond what decimals can hold
        return number.lower()
    if not value:
        return "0"
    if not value.is_finite() or abs(value.adjusted()) > 100:
        return number.lower()
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


_quote = json.JSONEncoder(ensure_ascii=False).encode


def _depth(text: str) -> int:
    depth = deepest = 0
    for match in _OPENING_OR_CLOSING.finditer(text):
        if match.lastindex == 1:
            depth += 1
            deepest = max(deepest, depth)
        elif match.lastindex == 2:
            depth -= 1
    return deepest


def _told(text: str, error: json.JSONDecodeError) -> str:
    if not text.strip():
        return "nothing"
    if error.pos >= len(text.rstrip()):
        return f"an end after {len(text)} characters, before the value is complete"
    return f"{shown(text[error.pos : error.pos + 12])} at character {error.pos + 1}"


def _refuse_half_pairs(text: str, tree: Tree, path: str) -> None:
    try:
        encode(tree).encode("utf-8")
    except UnicodeEncodeError:
        half = next(match for match in _SURROGATE.finditer(text))
        found = f"half of a surrogate pair near character {half.start() + 1}"
        raise Undecodable("not-json", "valid JSON", found, path) from None


class _NotFinite(ValueError):
    """NaN or Infinity."""


def _refuse_constant(name: str) -> NoReturn:
    raise _NotFinite(name)


def object_of(pairs: list[tuple[str, Tree]]) -> dict[str, Tree]:
    """Make an object of its members: a `Doubled` where a key stands twice."""
    made = dict(pairs)
    return made if len(made) == len(pairs) else Doubled(pairs)


def members_of(value: dict[str, Tree]) -> Iterable[tuple[str, Tree]]:
    """The members of an object in their order, each time that a key stands there."""
    return value.pairs if isinstance(value, Doubled) else value.items()


def doubled_keys(value: dict[str, Tree]) -> list[str]:
    """The keys that stand more than once in an object, in alphabetical order.

    Example:
        >>> doubled_keys(decode(b'{"a": 1, "b": 2, "a": 3}'))
        ['a']
    """
    if not isinstance(value, Doubled):
        return []
    keys = sorted(key for key, _ in value.pairs)
    return sorted({one for one, other in pairwise(keys) if one == other})


_DECODER = json.JSONDecoder(
    object_pairs_hook=object_of,
    parse_float=Number,
    parse_int=Number,
    parse_constant=_refuse_constant,
)
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
