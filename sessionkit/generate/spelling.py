"""JSON text as each producer writes it: spacing, order of keys, escapes, spelling of names.

Layer: above `facts`; of the package, imports nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from sessionkit.generate.facts import plain

Tree = dict[str, Any]

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_CAPITAL = re.compile(r"(?<=[a-z0-9])([A-Z])")


def compact(tree: Any) -> bytes:
    """JSON without a space, numbers exactly as they are."""
    return _ENCODER.encode(tree)


def spaced(tree: Any) -> bytes:
    """JSON on one line, with a space after `,` and `:`."""
    return msgspec.json.format(_ENCODER.encode(tree), indent=0)


def pretty(text: bytes) -> bytes:
    """JSON text laid out over lines, two spaces per level."""
    return msgspec.json.format(text, indent=2)


def ascii_only(text: bytes) -> bytes:
    """JSON text with everything beyond ASCII escaped, as many producers write it."""
    return _BEYOND_ASCII.sub(_escaped, text.decode()).encode() if not text.isascii() else text


def _escaped(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def stored(value: Any) -> Any:
    """A value with its keys in the order of a binary JSON column: by length, then by bytes.

    Example:
        >>> stored({"price": 1, "sku": 2, "name": 3})
        {'sku': 2, 'name': 3, 'price': 1}
    """
    if isinstance(value, Mapping):
        keys = sorted(value, key=_length_first)
        return {key: stored(value[key]) for key in keys}
    if isinstance(value, list | tuple):
        return [stored(inner) for inner in value]
    return value


def _length_first(key: str) -> tuple[int, bytes]:
    written = key.encode()
    return len(written), written


def pascal(name: str) -> str:
    """`integrationId` as C# spells it: `IntegrationId`."""
    return name[0].upper() + name[1:]


def snake(name: str) -> str:
    """`integrationId` as Python spells it: `integration_id`."""
    return _CAPITAL.sub(r"_\1", name.replace("ID", "Id")).lower()


def zulu(instant: datetime) -> str:
    """An instant as the API writes it: `Z`, and no more decimals than needed."""
    text = f"{instant:%Y-%m-%dT%H:%M:%S}"
    return (
        f"{text}.{instant.microsecond:06d}".rstrip("0") + "Z" if instant.microsecond else text + "Z"
    )


def whole_seconds(instant: datetime) -> str:
    """An instant as the CSV export writes it: cut to the second."""
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def seven_digits(instant: datetime) -> str:
    """An instant as C# writes it: seven decimals, the last beyond what is kept."""
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond:06d}7Z"


def pythonic(instant: datetime) -> str:
    """An instant as `str` writes it: a space, and the offset."""
    return str(instant)


def pointed(amount: Decimal) -> Decimal:
    """An amount that always shows a point, as binary numbers are printed: `100.0`."""
    text = plain(amount)
    return Decimal(text if "." in text else f"{text}.0")


def respelt(session: Tree, spell: Callable[[str], str]) -> Tree:
    """A session with its members spelt otherwise, in its lines too; the shop's keys stay."""
    return {spell(name): _inner(name, value, spell) for name, value in session.items()}


def _inner(name: str, value: Any, spell: Callable[[str], str]) -> Any:
    if name == "cartItems":
        return [respelt(item, spell) for item in value]
    if name in ("additionalCosts", "prices") and value:
        return {key: _renamed(inner, spell) for key, inner in value.items()}
    return _renamed(value, spell) if name == "product" and value else value


def _renamed(tree: Tree, spell: Callable[[str], str]) -> Tree:
    return {spell(name): value for name, value in tree.items()}
