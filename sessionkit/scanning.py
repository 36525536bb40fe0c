"""Finding where one JSON object or array ends, and where to go on when it does not.

Only brackets and strings are looked at; whether the value is JSON is for the next stage to say.

A value ends where its brackets balance. A closing bracket of the wrong kind closes what it can
close inside the value, so the value stays one (bad) value. Where brackets never balance, the value
is *torn*, and the next record is looked for in this order:

1. the next line that begins as the torn value's line did (the same indentation) with a bracket:
   the next line of JSON Lines, the next element of an array written with an element to a line;
2. the first bracket that cannot stand inside the torn value, because an object's member must
   follow a colon: `{"a": 1, {"b": 2}`;
3. the bracket that closes the array around it.

Layer: above `window`; below `splitting`.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

from sessionkit.window import LIMIT, Window

_TEXT = rb'"[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+"'
_PLAIN = re.compile(rb'[^"\[\]{}]*+(?:%s[^"\[\]{}]*+)*+' % _TEXT)
"""What holds no bracket outside a string; ends before one, or before a string that is not whole."""
_IN_TEXT = re.compile(rb'[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+')
_MEMBER = re.compile(rb"(%s)[ \t\r\n]*+(:?+)[ \t\r\n]*+(\w*+)" % _TEXT)
_DATA = re.compile(rb'(?<!\\)"_*+data_*+"[ \t\r\n]*+:[ \t\r\n]*+\Z', re.I)
_SESSION = frozenset(
    b"integrationid applicationid created state cartitems customersession session record effects"
    b"".split()
)
"""Members of what is no page, although it may have a `data` beside them; folded."""
_LOOK_BACK = 64
_PATIENCE = 16
"""How many brackets may stand where they cannot; by then the value has swallowed its neighbours."""

_QUOTE, _BACKSLASH, _LINE_FEED, _COLON, _COMMA = b'"\\\n:,'
_SPACE = b" \n\r\t"
_BLANK = 0x20
_LIST = 0x5B
_OPENERS = {_LIST: 0x5D, 0x7B: 0x7D}
_OBJECT_END = 0x7D
_OPENING_LINE = re.compile(rb"[ \t\r\n\[{]*")


class End(Enum):
    """How a scan ended."""

    CLOSED = "its brackets balance"
    OPEN = "the stream ended first"
    LONG = "it is larger than any record"
    TORN = "a bracket closes what is around it"
    NEXT = "the next record begins before its end"
    DATA = "its member data has been found"


_BEHIND = (End.CLOSED, End.NEXT)
"""Ends that are told by the byte before them."""


class Scan(NamedTuple):
    """What a scan found; indexes into the window's data."""

    end: End
    at: int
    """Behind the value if it is closed, else where the scan stopped."""
    data_at: int | None
    """The `[` of the first member `data` of the value itself."""
    data_end: int | None
    """Behind the `]` of that member."""
    suspect: int | None
    """The first bracket that cannot stand where it stands inside the value."""


def scan(
    window: Window,
    start: int,
    margin: bytes,
    *,
    inside: bool = False,
    in_lines: bool = False,
    data_limit: int = LIMIT,
    to_data: bool = False,
) -> Scan:
    """Scan the value that begins at `start`, reading on as needed.

    Args:
        window: Not moved on; it only grows.
        start: The index of the value's opening bracket, or of any place in it if `inside`.
        margin: What the value's line begins with, before its first character.
        inside: Whether the object has been entered already; its end is looked for.
        in_lines: Whether a line is likely to be a record: a string that is open at the end of
            the value's first line then tears it, since no JSON string spans lines.
        data_limit: Stop as `LONG` after so many bytes once a member `data` was seen.
        to_data: Whether to stop at a member `data`.
    """
    return _Scanner(window, start, margin, in_lines, to_data).run(data_limit, inside=inside)


class _Scanner:
    def __init__(
        self, window: Window, start: int, margin: bytes, in_lines: bool, to_data: bool
    ) -> None:
        self.window, self.start, self.in_lines, self.to_data = window, start, in_lines, to_data
        self.line_head = b"\n" + margin
        self.stack = bytearray()
        self.segment = start  # where the members of the value itself went on
        self.data_at: int | None = None
        self.data_end: int | None = None
        self.suspect: int | None = None
        self.misfits = 0

    def run(self, data_limit: int, *, inside: bool) -> Scan:
        data, stack, match, at = self.window.data, self.stack, _PLAIN.match, self.start
        if inside:
            stack.append(_OBJECT_END)
        while True:
            found = match(data, at)
            at = found.end() if found else at
            if at >= len(data):
                if (end := self.grown(at, data_limit)) is not None:
                    return self.ended(end, at)
                continue
            byte, end = data[at], None
            if byte in _OPENERS:
                after = data[at - 1 - (data[at - 1] == _BLANK)] if len(stack) > 1 else 0
                if after != _COLON:
                    end = self.opens(byte, at)
                stack.append(_OPENERS[byte])
            elif byte == _QUOTE:
                end, at = self.text(at + 1)
                at -= 1
            elif len(stack) > 2 and stack[-1] == byte:
                stack.pop()
            else:
                end = self.closes(byte, at)
            if end is not None:
                return self.ended(end, at + (end in _BEHIND))
            at += 1

    def grown(self, at: int, data_limit: int) -> End | None:
        """Read on, if the value may still be longer."""
        size = at - self.start
        if size > LIMIT or (self.data_at is not None and size > data_limit):
            return End.LONG
        return None if self.window.more() else End.OPEN

    def ended(self, end: End, at: int) -> Scan:
        return Scan(end, at, self.data_at, self.data_end, self.suspect)

    def opens(self, byte: int, at: int) -> End | None:
        """Look twice at a bracket that opens: may it stand here, does a page's `data` begin?"""
        stack, data = self.stack, self.window.data
        if not stack:
            return None
        if not self.fits(at):
            if data[at - len(self.line_head) : at] == self.line_head:
                return End.NEXT
            self.misfits += 1
            if self.misfits > _PATIENCE:
                return End.NEXT
            self.suspect = at if self.suspect is None else self.suspect
        if byte == _LIST and len(stack) == 1 and stack[0] == _OBJECT_END and self.data_at is None:
            near = data[max(self.segment, at - _LOOK_BACK) : at]
            self.data_at = at if _DATA.search(near) else None
            if self.to_data and self.data_at is not None:
                return End.DATA
        return None

    def fits(self, at: int) -> bool:
        """Whether a value may begin here: in an object a colon comes before, else `[` or `,`."""
        data, before = self.window.data, at - 1
        while before > self.start and data[before] in _SPACE:
            before -= 1
        if self.stack[-1] == _OBJECT_END:
            return data[before] == _COLON
        return data[before] == _COMMA or data[before] == _LIST

    def closes(self, byte: int, at: int) -> End | None:
        stack = self.stack
        if stack and stack[-1] == byte:
            stack.pop()
        elif (place := stack.rfind(byte)) >= 0:
            del stack[place:]
        else:
            return End.TORN
        if len(stack) == 1:
            self.segment = at + 1
            if self.data_at is not None and self.data_end is None:
                self.data_end = at + 1
        return None if stack else End.CLOSED

    def text(self, at: int) -> tuple[End | None, int]:
        """Go to the end of a string that did not end in one step; `at` is behind its quote."""
        data, window = self.window.data, self.window
        while True:
            found = _IN_TEXT.match(data, at)
            at = found.end() if found else at
            escaped = at < len(data) and data[at] == _BACKSLASH
            if at + escaped >= len(data):
                if at - self.start > LIMIT:
                    return End.LONG, at
                if not window.more():
                    return End.OPEN, len(data)
            elif data[at] == _QUOTE:
                return None, at + 1
            elif self.ends_line(at := at + escaped):
                return End.NEXT, at + 1
            else:
                at += 1

    def ends_line(self, at: int) -> bool:
        """Whether the line feed at `at`, in a string, ends the record."""
        first = self.window.data.find(b"\n", self.start, at) < 0
        return (self.in_lines and first) or opens_line(self.window, at, self.line_head[1:])


def opens_line(window: Window, at: int, margin: bytes) -> bool:
    """Whether the line after the line feed at `at` begins with the margin and a bracket."""
    window.has(at + len(margin) + 1)
    line = bytes(window.data[at + 1 : at + len(margin) + 2])
    return line.startswith(margin) and line[len(margin) :] in (b"{", b"[")


def next_line(window: Window, start: int, margin: bytes, end: int | None = None) -> int | None:
    """Find the line feed before the next line that begins with the margin and a bracket.

    Args:
        window: Read on as far as the limit of a record.
        start: Where to begin.
        margin: What the line begins with.
        end: Where to end, instead of the limit.
    """
    pattern = re.compile(b"\n" + re.escape(margin) + rb"(?=[{\[])")
    at = start
    while True:
        if found := pattern.search(window.data, at, len(window.data) if end is None else end):
            return found.start()
        at = max(start, len(window.data) - len(margin) - 1)
        if end is not None or len(window.data) - start > LIMIT or not window.more():
            return None


def is_opening_line(line: bytes) -> bool:
    """Whether a line holds opening brackets only, as the first line of a value spread out does."""
    return _OPENING_LINE.fullmatch(line) is not None


def members(data: bytearray, start: int, end: int) -> dict[bytes, bytes]:
    """Name the members of the object that `start` is in or at, up to `end`, but not deeper ones.

    Returns:
        For each name, in lower case and without underscores, the word that its value is
        (`true`, `12`), or nothing.
    """
    found: dict[bytes, bytes] = {}
    depth, at = (0 if data[start] == 0x7B else 1), start
    while at < end:
        run = _PLAIN.match(data, at, end)
        behind = run.end() if run else at
        if depth == 1:
            for name, colon, word in _MEMBER.findall(data, at, behind):
                if colon:
                    found.setdefault(name[1:-1].replace(b"_", b"").lower(), word)
        if behind < end and data[behind] != _QUOTE:
            depth += 1 if data[behind] in _OPENERS else -1
        at = behind + 1
    return found


def is_page(window: Window, start: int, found: Scan) -> bool:
    """Whether an object with a member `data` has none that tells a record beside it."""
    names = members(window.data, start, found.data_at or start)
    if found.end is End.CLOSED and found.data_end is not None:
        names |= members(window.data, found.data_end, found.at)
    return _SESSION.isdisjoint(names)
