"""Every error sessionkit raises, and the reasons for which a record is rejected.

Bottom layer: imports nothing from the package.

SessionkitError
├── UsageError        an argument that cannot be: an unknown name, a contradiction
├── ReadError         a source that is missing, empty, or no dump at all
├── SchemaError       rows that break a table's rules (users' own frames)
├── QueryError        a question that cannot be answered: bad SQL, a sum past 38 digits
├── FolderError       a folder that is unfinished, or whose bytes are not those of its manifest
├── StoreError        a store that is not there, in use, damaged, or of a newer version
└── EngineError       an engine that is not there, such as Spark, or a job of it that failed

A bad *record* raises nothing: it becomes a row of `rejects`, with one `Reason` per fault.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


class SessionkitError(Exception):
    """The root of all errors that sessionkit raises on purpose."""


class UsageError(SessionkitError, ValueError):
    """An argument that cannot be: an unknown name, or two that contradict each other."""


class ReadError(SessionkitError, ValueError):
    """A source that is missing, empty, or no dump of sessions."""


class SchemaError(SessionkitError, ValueError):
    """Rows that break the rules of their table."""


class QueryError(SessionkitError, ValueError):
    """A question that could not be answered."""


class FolderError(SessionkitError, ValueError):
    """A folder of tables that is unfinished or damaged."""


class StoreError(SessionkitError, ValueError):
    """A store that is not there, in use by another process, damaged, or of a newer version."""


class EngineError(SessionkitError, RuntimeError):
    """An engine beside the embedded one, such as Spark, that is not there, or failed."""


@dataclass(frozen=True)
class Reason:
    """One fault of one record: what is wrong where, what was expected, what was there.

    `code` is one of `REASONS`, so that rejects can be counted by it.
    """

    code: str
    path: str
    expected: str
    found: str

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"{where}expected {self.expected}, got {self.found}"


REASONS = {
    "not-json": "the record is no valid JSON",
    "not-a-session": "the record is valid JSON, but holds no session",
    "effects-without-session": "a response that holds effects and no session",
    "missing-member": "a member that every session, line or effect must have is absent or null",
    "wrong-type": "a value is not of the type that its member has",
    "bad-instant": "a time that is none, or whose zone is not known",
    "bad-state": "a state that Talon.One does not have",
    "out-of-range": "a number that is too large, or smaller than its member allows",
    "rule-broken": "a value that breaks a rule of its column",
    "duplicate-key": "the same key stands twice where only one can be meant",
    "bad-row": "a CSV row with the wrong number of cells, or broken quotes",
    "bad-encoding": "bytes that are no UTF-8 text",
    "too-deep": "values nested deeper than any session is",
    "broken-container": "the file breaks off or breaks down, and the rest cannot be told apart",
}
"""Every code that `Reason.code` can have, with its meaning."""


def shown(value: object, limit: int = 60) -> str:
    """Write a value for a message: quoted, on one line, and cut when it is long."""
    try:
        text = repr(str(value)) if isinstance(value, str) else str(value)
    except (ValueError, RecursionError):  # a number too long, or what is nested too deep
        return f"too large a value ({type(value).__name__})"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def shown_key(key: str) -> str:
    r"""Write a key for a message: as it is, or as `shown` does where it is long or unprintable.

    Example:
        >>> shown_key("Channel"), shown_key("a\x1bb")
        ('Channel', "'a\\x1bb'")
    """
    return key if key.isprintable() and len(key) <= 60 else shown(key)


def unknown_name(what: str, name: object, known: Iterable[str]) -> str:
    """Say that a name is unknown, which one may be meant, and list what there is.

    Example:
        >>> unknown_name("table", "session", ["sessions", "coupons"])
        "unknown table 'session'. Did you mean 'sessions'? There are: coupons, sessions."
    """
    names = sorted(known)
    near = get_close_matches(str(name), names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"unknown {what} {shown(str(name))}.{hint} There are: {', '.join(names)}."
