"""Taking the members of an object by name, whatever their spelling, and saying what is wrong.

Layer: above `spellings` and `shapes`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from sessionkit.decode import RawJson, Tree, doubled_keys, encode, members_of, object_of
from sessionkit.dialects.shapes import Dialect
from sessionkit.errors import Reason
from sessionkit.spellings import folded
from sessionkit.values import described

NO_ATTRIBUTES = RawJson("{}", {})

Raw = Callable[[], Mapping[str, bytes]]
"""Gives the bytes of the members of an object, for those that are kept as text."""


class Refused(dict[str, Tree]):
    """A cart item that is none; it keeps its place in the list and gives no rows."""


_PLAIN_NAME = re.compile(r"[A-Za-z_]\w*")


@dataclass
class Session:
    """A session in canonical spelling, with what was wrong or unknown in its record.

    Attributes:
        dialect: The shape it came in.
        members: Its members by canonical name. `attributes` is a `RawJson`; `cartItems` a list
            of objects that are canonical too.
        told: The members that the record tells; what is not told may come from other records.
        unknown: Paths of members that the model does not know; their values are in `extras`.
        reasons: What is wrong so far; a session with a reason is rejected, whole.
        effects: The effects beside the session in its response, as decoded.
        beside: What else stands there, and is not read.
        sentinel: Whether its `totalDiscounts` was the 0 that list pages write for any sum.
    """

    dialect: Dialect
    members: dict[str, Tree] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)
    sentinel: bool = False
    effects: Tree = None
    beside: tuple[str, ...] = ()

    def refuse(self, code: str, path: str, expected: str, found: str) -> None:
        """Note one more reason to reject the record."""
        self.reasons.append(Reason(code, path, expected, found))


def entry(path: str, key: str) -> str:
    """The path of an entry of a map: plain names after a dot, others quoted in brackets.

    Example:
        >>> entry("discounts", "SUMMER"), entry("discounts", "10% off#1")
        ('discounts.SUMMER', "discounts['10% off#1']")
    """
    return f"{path}.{key}" if _PLAIN_NAME.fullmatch(key) else f"{path}[{key!r}]"


def renamed(
    session: Session,
    tree: dict[str, Tree],
    spelt: Mapping[str, str],
    path: str,
    raw: Raw,
) -> dict[str, Tree]:
    """Rename the members that the model knows, and put the others into `extras`."""
    twice = set(doubled_keys(tree))
    found: dict[str, Tree] = {}
    unknown: set[str] = set()
    for key, value in tree.items():
        name = spelt.get(key) or spelt.get(folded(key))
        if name is None:
            unknown.add(key)
        elif key in twice or name in found:
            session.refuse("duplicate-key", _under(path, name), "one such member", "two")
        else:
            found[name] = value
    if unknown:
        extras = [pair for pair in members_of(tree) if pair[0] in unknown]
        texts = {} if twice else raw()
        written = (f"{encode(k)}:{texts[k].decode() if texts else encode(v)}" for k, v in extras)
        found["extras"] = RawJson("{" + ",".join(written) + "}", object_of(extras))
        session.unknown += [entry(path, key) if path else key for key, _ in extras]
    return found


def _under(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def keep_attributes(
    session: Session,
    found: dict[str, Tree],
    path: str,
    raw: Raw,
    tree: dict[str, Tree],
) -> None:
    """Keep attributes as the text they came as, beside what they decode to."""
    value = found.get("attributes")
    if value is None or mapping(session, value, path) is None or not value:
        found["attributes"] = NO_ATTRIBUTES
    else:
        found["attributes"] = RawJson(raw()[key_of(tree, value)].decode(), value)


def key_of(tree: dict[str, Tree], value: Tree) -> str:
    """The key of a list or an object that was taken from a tree; others may be spelt alike."""
    return next(key for key, each in tree.items() if each is value)


def mapping(session: Session, value: Tree, path: str) -> dict[str, Tree] | None:
    """Take a map whose keys are the shop's own; a key that stands twice is refused."""
    if value is None:
        return None
    if not isinstance(value, dict):
        session.refuse("wrong-type", path, "an object", container_of(value))
        return None
    for key in doubled_keys(value):
        session.refuse("duplicate-key", entry(path, key), "one such key", "two")
    return value


def objects(
    session: Session, value: Tree, path: str, spelt: Mapping[str, str]
) -> dict[str, Tree] | None:
    """Take a map of objects, such as costs by name, and rename the members of each."""
    entries = mapping(session, value, path)
    if entries is None:
        return None
    taken: dict[str, Tree] = {}
    for key, inner in entries.items():
        here = entry(path, key)
        if not isinstance(inner, dict):
            session.refuse("wrong-type", here, "an object with a price", described(inner))
            continue
        taken[key] = renamed(session, inner, spelt, here, partial(texts_of, inner))
    return taken


def texts_of(tree: dict[str, Tree]) -> dict[str, bytes]:
    """The bytes of the members of an object, written anew, numbers as they came."""
    return {key: encode(value).encode() for key, value in tree.items()}


def container_of(value: Tree) -> str:
    """Say what stands where a list or an object should, and the likely cause."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        return "a text that holds JSON (encoded twice)"
    return described(value)
