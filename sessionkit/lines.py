"""The quick way through lines that are one JSON object each.

Layer: above `records`; below `splitting`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from operator import itemgetter

import msgspec

from sessionkit.records import Run, run_of
from sessionkit.unpacking import BLOCK
from sessionkit.window import Window

ENDS = b" \t\r\n,\x1e"
"""What may stand around a record in its line: white space, a comma, a record separator."""

NO_TEXT = re.compile(rb"[ \t\r\n,\x1e]*+")
"""What may stand between records, byte by byte."""

_OBJECT = 0x7B
_PAGE = re.compile(rb'data_*+"[ \t\r\n]*+:[ \t\r\n]*+\[')
_VALUE = msgspec.json.Decoder(msgspec.Raw)
_VALUES = msgspec.json.Decoder(list[msgspec.Raw])
_NEAR = 4096
_FIRST_REACH, _REACH = 1 << 12, 1 << 19
"""How many bytes are cut into lines at once: few at first, and where many lines are bad."""


def looks_like_page(window: Window, start: int) -> bool:
    """Whether the value at `start` soon comes to a member `data` that is an array."""
    window.has(start + _NEAR)
    return _PAGE.search(window.data[start : start + _NEAR].lower()) is not None


def page_place(text: bytes | bytearray) -> int | None:
    """Give the place of the first that may be a member `data` that is an array; None without."""
    # NOTE: lower() is far quicker than a pattern for either case; pages mostly tell it soon.
    near = _PAGE.search(text[:_NEAR].lower()) if len(text) > 2 * _NEAR else None
    found = near or _PAGE.search(text.lower())
    return found.start() if found else None


def picked(data: bytes, places: Sequence[int]) -> bytes:
    """Give the bytes at some places.

    Example:
        >>> picked(b"abcd", [3, 0])
        b'da'
    """
    if len(places) > 1:
        return bytes(itemgetter(*places)(data))
    return bytes(data[place] for place in places)


class PlainLines:
    r"""The lines ahead in a window that are one JSON object each, and surely no page.

    `runs` gives them up to the first line that is anything else, and leaves the window there; it
    may be called again further on.

    Example:
        >>> import io
        >>> window = Window(io.BytesIO(b'{"a": 1}\r\n\n {}\n[{}]\n{}'))
        >>> [(run.offset, run.data, run.starts) for run in PlainLines(window).runs(1)], window.pos
        ([(0, b'{"a": 1}    {}', [0, 12, 14])], 15)
    """

    def __init__(self, window: Window) -> None:
        self._window = window
        self._no_line_before = 0
        self._reach = _FIRST_REACH

    def runs(self, number: int) -> Iterator[Run]:
        """Give the lines ahead, the first with this number."""
        window = self._window
        while self._has_line():
            end = window.data.rfind(b"\n", window.pos, min(window.pos + self._reach, window.stop))
            if end < 0:
                end = window.data.find(b"\n", window.pos)
            lines, offset = bytes(window.data[window.pos : end + 1]), window.base + window.pos
            if (starts := _starts(lines)) is not None:
                run, behind = Run(number, offset, lines, starts, "json"), len(lines)
            else:
                texts, starts, behind = _stripped(lines)
                run = run_of(number, offset, texts, starts, "json")
            reach = self._reach * 5 // 4 if behind == len(lines) else self._reach // 2
            self._reach = min(max(reach, _FIRST_REACH), _REACH)
            window.pos += behind
            number += len(run.starts) - 1
            yield from run.in_pieces()

    def _has_line(self) -> bool:
        """Whether the next line that is not blank is all there, and a plain record.

        One line is tried before many are cut, since a file may well have no such line.
        """
        window = self._window
        while True:
            window.forget()
            if window.pos >= window.stop:
                return False
            seen = max(window.pos, self._no_line_before - window.base)
            while (end := window.data.find(b"\n", seen)) < 0:
                seen = len(window.data)
                self._no_line_before = window.base + seen
                if seen - window.pos > BLOCK or not window.more():
                    return False
            if text := bytes(window.data[window.pos : end]).strip(ENDS):
                return _is_plain(text)
            start = window.past(NO_TEXT, window.pos)
            window.pos = max(start, window.data.rfind(b"\n", start, window.pos) + 1)


def is_json(text: bytes) -> bool:
    """Whether bytes are one JSON value, read as deeply as the decoder goes."""
    try:
        _VALUE.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _is_plain(line: bytes) -> bool:
    return line[0] == _OBJECT and page_place(line) is None and is_json(line)


def _starts(lines: bytes) -> list[int] | None:
    """Tell where each of many lines begins, and the last ends; None unless all are plain and alike.

    All are read at once, as the elements of an array. That they are what stands in the lines
    is told by the brace at the begin of each and the line feed at its end: with no line feed
    inside an element, each is one line.
    """
    gap = 2 if lines.endswith(b"\r\n") else 1
    if lines[0] != _OBJECT or lines[-gap - 1 : -gap] != b"}" or page_place(lines) is not None:
        return None
    lengths = _lengths(lines.replace(b"\n", b",")[:-1])
    starts = list(accumulate(map(gap.__add__, lengths), initial=0))
    count = len(lengths)
    if starts[-1] != len(lines) or lines.count(b"\n") != count:
        return None
    heads, ends = picked(lines, starts[:-1]), picked(lines, [start - 1 for start in starts[1:]])
    return starts if heads == b"{" * count and ends == b"\n" * count else None


def _lengths(elements: bytes) -> list[int]:
    """Give the length of each of the elements of an array, without its brackets.

    Returns:
        Nothing when they are not valid.
    """
    try:
        return [len(memoryview(each)) for each in _VALUES.decode(b"[%b]" % elements)]
    except (msgspec.DecodeError, RecursionError):
        return []


def _stripped(lines: bytes) -> tuple[list[bytes], list[int], int]:
    """Give the text and the begin of every line up to one that is not plain, and the place of that.

    Blank lines are passed over.
    """
    texts, starts, at = [], [], 0
    for line in lines.split(b"\n"):
        if text := line.strip(ENDS):
            texts.append(text)
            starts.append(at + line.index(text[:1]))
        at += len(line) + 1
    plain = _count_plain(texts)
    behind = lines.rfind(b"\n", 0, starts[plain]) + 1 if plain < len(texts) else len(lines)
    return texts[:plain], starts[:plain], behind


def _count_plain(texts: list[bytes]) -> int:
    """Count the plain lines before the first that is not."""
    joined = b",".join(texts)
    if page_place(joined) is None and _lengths(joined) == list(map(len, texts)):
        return next((at for at, text in enumerate(texts) if text[0] != _OBJECT), len(texts))
    return next((at for at, text in enumerate(texts) if not _is_plain(text)), len(texts))
