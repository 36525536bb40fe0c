"""Records about to be written, open to be spoilt: by member while they are trees, by mark after.

JSON libraries refuse to write what is no JSON. So a spoilt tree holds marks, and the marks are
replaced in the text: `@nan@` by `NaN`, `@twin:total@` by a second `total`.

Layer: above `envelopes` and `rows`; of the package, imports nothing.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from sessionkit.generate.envelopes import enveloped
from sessionkit.generate.facts import Session, Version
from sessionkit.generate.rendering import manner_of
from sessionkit.generate.rows import JSON_COLUMNS, line_of, row
from sessionkit.generate.spelling import Tree, spaced, stored
from sessionkit.generate.telling import CSV_EXPORT, Telling

MARKS = {
    "@nan@": b"NaN",
    "@infinity@": b"-Infinity",
    "@beyond@": b"1e400",
    "@deep@": b"[" * 500 + b"]" * 500,
    "@half@": rb'"half a pair: \ud83d"',
    "@latin@": b'"caf\xe9"',
}
"""What stands for what JSON does not allow, or decimals cannot hold."""

_TWIN = re.compile(rb"@twin:(.*?)@")
_CSV_NAMES = {"additionalCosts": "additional_costs"}


class Draft(NamedTuple):
    """A record by member, in the spelling of its dialect."""

    telling: Telling
    session: Session
    version: Version
    tree: Tree

    @property
    def is_row(self) -> bool:
        """Whether it will be a CSV row."""
        return self.telling is CSV_EXPORT

    def name(self, member: str) -> str:
        """How the dialect spells a member of the session."""
        if self.is_row:
            return _CSV_NAMES.get(member, member.lower())
        return manner_of(self.telling).spell(member)

    def line(self) -> Tree:
        """The first cart line."""
        made: Tree = self.tree[self.name("cartItems")][0]
        return made

    def in_line(self, member: str) -> str:
        """How the dialect spells a member of a cart line; CSV cells hold the API's spelling."""
        return member if self.is_row else self.name(member)

    def put(self, member: str, value: Any) -> None:
        """Set a member of the session; in a row, of a column without JSON, its text."""
        name = self.name(member)
        as_text = self.is_row and name not in JSON_COLUMNS
        self.tree[name] = str(value).lower() if as_text and isinstance(value, bool) else value

    def put_in_line(self, member: str, value: Any) -> None:
        """Set a member of the first cart line."""
        self.line()[self.in_line(member)] = value

    def drop(self, member: str) -> None:
        """Take a member of the session away; in a row, leave its cell empty."""
        if self.is_row:
            self.tree[self.name(member)] = ""
        else:
            del self.tree[self.name(member)]

    def encoded(self) -> bytes:
        """The record as it is written, marks replaced."""
        if self.is_row:
            return _marked(line_of(self.tree), doubled=True)
        tree = enveloped(self.telling.name, self.tree, self.session, self.version)
        return _marked(manner_of(self.telling).encode(tree), doubled=False)

    def encoded_cell(self, member: str) -> str:
        """The JSON text of a member as a CSV cell would hold it."""
        return spaced(stored(self.tree[self.name(member)])).decode()


def draft(telling: Telling, session: Session, version: Version) -> Draft:
    """Begin a record of a session in a dialect; its tree may be changed freely."""
    if telling is CSV_EXPORT:
        return Draft(telling, session, version, row(session, version))
    tree = manner_of(telling).session(session, version)
    return Draft(telling, session, version, tree)


def written(telling: Telling, session: Session, version: Version) -> bytes:
    """A record of a session in a dialect, without line end."""
    if telling is CSV_EXPORT:
        return line_of(row(session, version))
    manner = manner_of(telling)
    tree = enveloped(telling.name, manner.session(session, version), session, version)
    return manner.encode(tree)


def _marked(text: bytes, *, doubled: bool) -> bytes:
    quote = b'""' if doubled else b'"'
    for mark, value in MARKS.items():
        value = value.replace(b'"', b'""') if doubled else value
        text = text.replace(quote + mark.encode() + quote, value)
    return _TWIN.sub(rb"\1", text)
