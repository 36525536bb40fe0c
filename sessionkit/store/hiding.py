"""Hiding what is personal in JSON that is kept as text, and in columns of texts.

Only what must change is written anew: a text without anything personal stays as it came.

Layer: bottom of `store`, below `privacy`; imports `decode` and `spellings` from below.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

from sessionkit.decode import (
    Number,
    Tree,
    decode_text,
    encode,
    members_of,
    normalised,
    object_of,
    raw_members,
)
from sessionkit.spellings import folded

PERSONAL = frozenset(
    {
        "profileid",
        "profileinternalid",
        "profileintegrationid",
        "customerprofileid",
        "recipientintegrationid",
        "recipientprofileintegrationid",
        "advocateprofileintegrationid",
        "advocateprofileid",
        "friendprofileintegrationid",
        "friendprofileid",
        "referral",
        "referralcode",
        "identifiers",
        "loyaltycards",
        "loyaltycardidentifier",
        "cardidentifier",
    }
)
"""Members that name a customer wherever they stand, without regard to case and underscores."""

_MAY_BE = re.compile(r"profile|recipient|advocate|friend|referral|identifier|card|\\", re.I)


@dataclass(frozen=True)
class Hiding:
    """How JSON is gone through.

    Attributes:
        text: What a text becomes.
        chosen: The attributes that are personal.
    """

    text: Callable[[str], str]
    chosen: frozenset[str]

    def attributes(self, written: str) -> str:
        """A map of attributes, the values of the chosen ones hidden, the others as they came."""
        if not self._may_be_chosen(written):
            return written
        members = {key: raw.decode() for key, raw in raw_members(written.encode()).items()}
        if self.chosen.isdisjoint(members):
            return written
        hidden = {
            key: self.value(raw) if key in self.chosen else raw for key, raw in members.items()
        }
        return "{" + ",".join(f"{encode(key)}:{raw}" for key, raw in hidden.items()) + "}"

    def value(self, written: str) -> str:
        """A JSON value with every text, number and truth value in it hidden."""
        return encode(self._leaves(decode_text(written)))

    def json(self, written: str) -> Tree:
        """What JSON text decodes to, with what is personal in it hidden."""
        return self._within(decode_text(written), frozenset())

    def props(self, written: str | None, *own: str | None) -> str | None:
        """JSON text about an effect; `own` texts are hidden in it wherever they stand."""
        if written is None:
            return None
        named = frozenset(text for text in own if text)
        if not (self.may_be(written) or any(text in written for text in named)):
            return written
        tree = decode_text(written)
        hidden = self._within(tree, named)
        return written if hidden == tree else encode(hidden)

    def may_be(self, written: str) -> bool:
        """Whether JSON text may hold anything personal."""
        return bool(_MAY_BE.search(written.replace("_", ""))) or self._may_be_chosen(written)

    def _may_be_chosen(self, written: str) -> bool:
        return "\\" in written or any(name in written for name in self.chosen)

    def _within(self, tree: Tree, own: frozenset[str]) -> Tree:
        if isinstance(tree, list):
            return [self._within(each, own) for each in tree]
        if isinstance(tree, dict):
            sets = str(tree.get("path", "")).rpartition(".")[2] in self.chosen
            pairs = [
                (key, self._leaves(value))
                if folded(key) in PERSONAL or key in self.chosen or (sets and key == "value")
                else (key, self._within(value, own))
                for key, value in members_of(tree)
            ]
            return object_of(pairs)
        is_own = isinstance(tree, str) and not isinstance(tree, Number) and tree in own
        return self._leaves(tree) if is_own else tree

    def _leaves(self, tree: Tree) -> Tree:
        if isinstance(tree, dict):
            return object_of([(key, self._leaves(value)) for key, value in members_of(tree)])
        if isinstance(tree, list):
            return [self._leaves(each) for each in tree]
        if tree is None:
            return None
        plain = tree if isinstance(tree, str) and not isinstance(tree, Number) else normalised(tree)
        return self.text(plain)


def kept_json(hiding: Hiding, column: str) -> Callable[[str], str]:
    """How a column of kept JSON is hidden; `normal` is in normal spelling, and stays in it."""
    write = normalised if column == "normal" else encode

    def change(written: str) -> str:
        if not hiding.may_be(written):
            return written
        tree, hidden = decode_text(written), hiding.json(written)
        return written if hidden == tree else write(hidden)

    return change


def map_texts(texts: pa.Array, change: Callable[[str], str]) -> pa.Array:
    """Texts, each distinct one changed once; null stays null.

    Example:
        >>> map_texts(pa.array(["a", None, "a"]), str.upper).to_pylist()
        ['A', None, 'A']
    """
    known = texts.dictionary_encode()
    made = pa.array([change(each) for each in known.dictionary.to_pylist()], pa.string())
    return pa.DictionaryArray.from_arrays(known.indices, made).dictionary_decode()


def inside(lists: pa.Array, change: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """Lists, what they hold changed.

    Example:
        >>> lists = pa.array([["a"], None, [], ["b", "a"]]).slice(1)
        >>> inside(lists, lambda texts: map_texts(texts, str.upper)).to_pylist()
        [None, [], ['B', 'A']]
    """
    return pa.Array.from_buffers(
        lists.type,
        len(lists),
        lists.buffers()[:2],
        offset=lists.offset,
        children=[change(lists.values).cast(lists.type.value_type)],
    )
