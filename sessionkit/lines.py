"""The quick ways: through lines that are one JSON object each, and through arrays in memory.

Layer: above `window`; below `splitting`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from sessionkit.unpacking import BLOCK
from sessionkit.window import Window

ENDS = b" \t\r\n,\x1e"
"""What may stand around a record in its line: white space, a comma, a record separator."""

_OBJECT = 0x7B
_PAGE = re.compile(rb'data_*+"[ \t\r\n]*+:[ \t\r\n]*+\[', re.I)
_BETWEEN = re.compile(rb"[ \t\r\n,]*+")
_ELEMENTS = msgspec.json.Decoder(list[msgspec.Raw])
_NEAR = 4096
_FIRST_REACH, _REACH = 1 << 12, 1 << 18
"""How many bytes are cut into lines at once: few at first, since one line may be no record."""


def looks_like_page(window: Window, start: int) -> bool:
    """Whether the value at `start` soon comes to a member `data` that is an array."""
    window.has(start + _NEAR)
    return _PAGE.search(window.data, start, start + _NEAR) is not None


def plain_elements(window: Window, start: int, end: int) -> list[tuple[int, bytes]]:
    """Cut an array that is valid JSON into its elements; give the offset and bytes of each.

    Args:
        window: Holds all of it.
        start: The index of the opening bracket.
        end: The index behind the closing one.

    Returns:
        Nothing where the array is empty, or is not valid.
    """
    try:
        elements = _ELEMENTS.decode(window.data[start:end])
    except (msgspec.DecodeError, RecursionError):
        return []
    found, at = [], start + 1
    for element in map(bytes, elements):
        between = _BETWEEN.match(window.data, at)
        at = between.end() if between else at
        found.append((window.base + at, element))
        at += len(element)
    return found


class PlainLines:
    r"""The lines ahead in a window that are one JSON object each, and surely no page.

    Iterating gives the offset and the bytes of each, up to the first line that is anything else,
    and leaves the window there; it may be iterated again further on.

    Example:
        >>> import io
        >>> window = Window(io.BytesIO(b'{"a": 1}\r\n\n {}\n[{}]\n{}'))
        >>> list(PlainLines(window)), window.pos
        ([(0, b'{"a": 1}'), (12, b'{}')], 15)
    """

    def __init__(self, window: Window) -> None:
        self._window = window
        self._no_line_before = 0
        self._decode = msgspec.json.Decoder(msgspec.Raw).decode

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        window, reach = self._window, _FIRST_REACH
        while self._has_line():
            end = window.data.rfind(b"\n", window.pos, window.pos + reach)
            if end < 0:
                end = window.data.find(b"\n", window.pos)
            for line in bytes(window.data[window.pos : end]).split(b"\n"):
                if text := line.strip(ENDS):
                    if not self._is_plain(text):
                        return
                    yield window.base + window.pos + line.index(b"{"), text
                window.pos += len(line) + 1
            reach = min(2 * reach, _REACH)

    def is_json(self, text: bytes) -> bool:
        """Whether bytes are one JSON value, read as deeply as the decoder goes."""
        try:
            self._decode(text)
        except (msgspec.DecodeError, RecursionError):
            return False
        return True

    def _has_line(self) -> bool:
        """Whether the next line that is not blank is all there, and a plain record.

        One line is tried before many are cut, since a file may well have no such line.
        """
        window = self._window
        while True:
            window.forget()
            seen = max(window.pos, self._no_line_before - window.base)
            while (end := window.data.find(b"\n", seen)) < 0:
                seen = len(window.data)
                self._no_line_before = window.base + seen
                if seen - window.pos > BLOCK or not window.more():
                    return False
            if text := bytes(window.data[window.pos : end]).strip(ENDS):
                return self._is_plain(text)
            window.pos = end + 1

    def _is_plain(self, line: bytes) -> bool:
        return line[0] == _OBJECT and not _PAGE.search(line) and self.is_json(line)
