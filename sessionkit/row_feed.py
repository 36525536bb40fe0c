"""The lines of a CSV file as a reader of rows asks for them, row by row.

Layer: above `window`; below `rows`.
"""

from __future__ import annotations

import csv
from collections import deque
from typing import NamedTuple

from sessionkit.window import LIMIT, Window

LINES = 1 << 16
"""No row spans more lines."""


class Line(NamedTuple):
    """A line with its end; without, if it is the last of the file, or longer than any row."""

    offset: int
    raw: bytes


class TooLong(Exception):
    """A row larger than any, as a quote that never closes makes of a file."""


class Feed:
    """The lines of a stream as `csv` asks for them; it keeps those of the row under way."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.taken: list[Line] = []
        self.again: deque[Line] = deque()
        self.size = 0
        self.exhausted = False
        self.misread: UnicodeDecodeError | None = None
        self.cell_limit: int | None = None

    @property
    def cut(self) -> bool:
        """Whether the last line taken goes on, longer than any row."""
        last = self.taken[-1].raw if self.taken else b""
        return len(last) > LIMIT and not last.endswith(b"\n")

    def begin(self) -> None:
        """Begin a row, and set back what a large row before it had to raise."""
        self.taken, self.size, self.misread = [], 0, None
        if self.cell_limit is not None:
            csv.field_size_limit(self.cell_limit)
            self.cell_limit = None

    def put_back(self, start: int) -> None:
        """Take lines of the row under way out of it, to be read once more."""
        self.again.extendleft(reversed(self.taken[start:]))
        del self.taken[start:]

    def __iter__(self) -> Feed:
        return self

    def __next__(self) -> str:
        line = self.again.popleft() if self.again else self.read()
        if line is None:
            self.exhausted = bool(self.taken)
            raise StopIteration
        self.taken.append(line)
        self.size += len(line.raw)
        if self.size > LIMIT or len(self.taken) > LINES:
            raise TooLong
        if self.size > csv.field_size_limit():
            before = csv.field_size_limit(LIMIT)  # for this row; it holds for the whole process
            self.cell_limit = before if self.cell_limit is None else self.cell_limit
        try:
            return line.raw.decode()
        except UnicodeDecodeError as error:
            self.misread = error
            return line.raw.decode(errors="surrogateescape")

    def read(self) -> Line | None:
        """Read one line; none at the end, nor of a stream that broke in the middle of it."""
        window = self.window
        window.forget()
        end = window.line_end(window.pos, LIMIT + 1)
        whole = window.has(end)
        if (end == window.pos and not whole) or (not whole and window.broken):
            return None
        line = Line(window.base + window.pos, bytes(window.data[window.pos : end + whole]))
        window.pos = end + whole
        return line
