"""The properties of effects as the cells of an export hold them, each text taken once.

Most are a flat object of a few plain members. Those are cut into their members, and what a member
tells is remembered too; whatever is not as plain as that goes through `take_props`, and so does
all that is at fault.

Layer: above `props` and `dialects`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from sessionkit.decode import Number, Tree
from sessionkit.dialects.members import container_of
from sessionkit.dialects.understand import json_cell
from sessionkit.errors import Reason
from sessionkit.props import COLUMNS, DISCOUNTS, Props, by_name, take_props
from sessionkit.spellings import folded

_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_VALUE = COLUMNS.index("value")
_QUOTE = 0x22
_DIGITS = frozenset(b"-0123456789")

_Told = tuple[tuple[int, Any], ...]
"""Which columns a member fills, by their places, and with what."""


class TakenProps(dict[tuple[str | None, str], Props]):
    """What texts stand for, by the type of their effect.

    Attributes:
        odd: How many texts have a fault, or an amount that had to be rounded.

    Example:
        >>> taken = TakenProps("props")
        >>> taken["setDiscount", '{"value": 11.0, "name": "Summer"}'].values[:2]
        ['Summer', Decimal('11.000000000000000000')]
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name, self.odd = name, 0
        self._members: dict[tuple[str, str, bytes], _Told | None] = {}

    def __missing__(self, key: tuple[str | None, str]) -> Props:
        effect_type, cell = key
        made = self._quickly(effect_type, cell) if effect_type else None
        if made is None:
            made = self._exactly(effect_type, cell)
            self.odd += bool(made.reasons or made.rounded)
        self[key] = made
        return made

    def _exactly(self, effect_type: str | None, cell: str) -> Props:
        nothing = Props([None] * len(COLUMNS), [], [])
        tree: Tree = json_cell(self.name, cell, nothing.reasons)
        if nothing.reasons or effect_type is None:
            return nothing
        if isinstance(tree, list) and folded(self.name) == "args":
            tree = by_name(effect_type, tree)
        if not isinstance(tree, dict | None):
            found = container_of(tree)
            nothing.reasons.append(Reason("wrong-type", self.name, "an object", found))
            return nothing
        return take_props(effect_type, tree or {}, self.name)

    def _quickly(self, effect_type: str, cell: str) -> Props | None:
        """Take a flat object; None where the exact way has to look."""
        if not cell.isascii() or "\\" in cell or "[" in cell or cell.count("{") != 1:
            return None
        try:
            members = _MEMBERS.decode(cell)
        except msgspec.DecodeError:
            return None
        values: list[Any] = [None] * len(COLUMNS)
        size, count = 0, len(members)
        for name, raw in members.items():
            text = bytes(raw)
            size += len(name) + len(text)
            key = effect_type, name, text
            if key not in self._members:
                self._members[key] = self._told(*key)
            if (told := self._members[key]) is None:
                return None
            for place, value in told:
                if values[place] is not None:
                    return None
                values[place] = value
        # NOTE: quotes, colons and commas, spaced or not, are all that may be there besides; with
        # a member that stands twice, of which the decoder keeps one, the lengths do not agree.
        if len(cell) not in (size + 6 * count, size + 4 * count + 1) or not count:
            return None
        if effect_type in DISCOUNTS and values[_VALUE] is None:
            return None
        return Props(values, [], [])

    def _told(self, effect_type: str, name: str, text: bytes) -> _Told | None:
        """What one member tells; None where it is at fault."""
        value: Tree
        if text[0] == _QUOTE:
            value = text[1:-1].decode()
        elif text[0] in _DIGITS:
            value = Number(text.decode())
        else:
            return None
        made = take_props(effect_type, {name: value}, self.name)
        if made.rounded or any(reason.code != "missing-member" for reason in made.reasons):
            return None
        return tuple((place, one) for place, one in enumerate(made.values) if one is not None)
