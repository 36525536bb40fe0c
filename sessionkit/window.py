"""The part of a stream that is in memory while records are cut out of it.

Layer: above `unpacking`; below `splitting` and `rows`.
"""

from __future__ import annotations

import re
import sys

from sessionkit.unpacking import BLOCK, BrokenStream, Readable

LIMIT = 64 * 2**20
"""No record is larger: a session of a thousand cart lines takes about one MiB."""

TOO_LARGE = f"larger than {LIMIT >> 20} MiB"
"""How a record is told that is larger."""


class Window:
    """The bytes read and not yet forgotten; grows at its end, and is cut off at its front.

    All indexes are places in `data`; they hold until `forget`, which only moves them between
    records. `data` stays the same object.
    """

    def __init__(self, stream: Readable, block: int = BLOCK) -> None:
        self.data = bytearray()
        self.base = 0
        """The place in the stream of the first byte of `data`."""
        self.pos = 0
        """The index of the first byte that belongs to no record yet."""
        self.ended = False
        self.broken: str | None = None
        """Why the stream could not be read to its end, if it could not."""
        self.until: int | None = None
        """The place in the stream from which on no line is begun any more, if it is to stop."""
        self.stopped: int | None = None
        """The place of the line at which it was stopped, with nothing under way."""
        self._stream, self._block = stream, block

    @property
    def stop(self) -> int:
        """The index from which on no line is begun any more; beyond all, if there is none."""
        return sys.maxsize if self.until is None else self.until - self.base

    def stops(self, between: re.Pattern[bytes]) -> bool:
        """Stop if the next line begins where none is to begin, with nothing under way before it.

        Args:
            between: Single bytes that may stand between records.
        """
        if self.pos + self._block < self.stop:
            return False
        behind = self.over(between, self.pos)
        if self.data.find(b"\n", max(self.pos, self.stop) - 1, behind) < 0:
            return False
        self.stopped = self.next_line(between)
        return True

    def next_line(self, between: re.Pattern[bytes]) -> int:
        """The place in the stream of the line in which there is more than single bytes between."""
        behind = self.over(between, self.pos)
        return self.base + self.data.rfind(b"\n", max(self.pos - 1, 0), behind) + 1

    def more(self) -> bool:
        """Read one more block; False when there is none."""
        if self.ended:
            return False
        try:
            block = self._stream.read(self._block)
        except BrokenStream as error:
            self.broken, block = str(error), b""
        self.data += block
        self.ended = not block
        return not self.ended

    def forget(self) -> None:
        """Let go of what was read, but for the byte before `pos`, once it is worth the while."""
        if self.pos > self._block:
            del self.data[: self.pos - 1]
            self.base += self.pos - 1
            self.pos = 1

    def has(self, index: int) -> bool:
        """Read on until there is a byte at this index; False when the stream ends before it."""
        while index >= len(self.data):
            if not self.more():
                return False
        return True

    def over(self, pattern: re.Pattern[bytes], index: int) -> int:
        """Go over what a pattern of single bytes fits, reading on; give the index behind it."""
        while True:
            found = pattern.match(self.data, index)
            index = found.end() if found else index
            if index < len(self.data) or not self.more():
                return index

    def past(self, pattern: re.Pattern[bytes], start: int) -> int:
        """Go over what a pattern of single bytes fits, from `pos` on, and let go of long stretches.

        Args:
            pattern: What is gone over.
            start: The index from which on bytes are wanted, `pos` or before it.

        Returns:
            `start`, as it is now: moved up to the line that `pos` is in, at most, where much was
            let go of.
        """
        while True:
            found = pattern.match(self.data, self.pos)
            self.pos = found.end() if found else self.pos
            if self.pos < len(self.data):
                return start
            if self.pos - start > self._block:
                line = self.data.rfind(b"\n", start, self.pos) + 1
                gone = max(line, self.pos - self._block, 1) - 1
                del self.data[:gone]
                self.base, self.pos, start = self.base + gone, self.pos - gone, 1
            if not self.more():
                return start

    def line_end(self, start: int, limit: int = LIMIT) -> int:
        """Find the line feed that ends a line, or the end of the stream, or that of the limit."""
        seen = start
        while (end := self.data.find(b"\n", seen, start + limit)) < 0:
            seen = len(self.data)
            if seen - start >= limit or not self.more():
                return min(len(self.data), start + limit)
        return end

    def skip(self, pattern: re.Pattern[bytes] | None) -> None:
        """Move `pos` to where a pattern fits, and let go of what lies before it.

        Args:
            pattern: What is looked for, of single bytes, each written out; None, as where it is
                not found, for the end of the stream.
        """
        size = len(pattern.pattern) if pattern else 0
        while (found := pattern and pattern.search(self.data, self.pos)) is None:
            near = max(self.pos, len(self.data) - size)
            if not self.more():
                self.pos = len(self.data)
                return
            gone = max(near - 1, 0)
            del self.data[:gone]
            self.base, self.pos = self.base + gone, near - gone
        self.pos = found.start()
