"""Cutting a JSON file into its records, as a stream, whatever they are strung together with.

One object, JSON Lines, concatenated JSON, arrays, list pages (`{"hasMore": …, "data": […]}`), and
any mixture: at the top of the file, in arrays and in the `data` of pages there are *records*,
with white space, commas or record separators between them, or nothing. A record is an object or
a scalar; an array is only gone into, except in a page.

How a broken record is told from its neighbours:

* A line (ended by a line feed alone) that is one JSON object is one record; so is any object that
  is valid JSON, if what follows it may follow a record. These are the quick ways, that give many
  records at once (`lines`, `objects`); most files need no other.
* Else the line's first value is looked at. If its brackets balance, it is a record, wherever it
  ends: `{` alone begins an object that is spread over lines. If more follows on its last line that
  begins no further value, the value and the rest of that line are one broken record.
* If its brackets do not balance, see `scanning`. At the top of a file a torn value whose first
  line holds more than brackets is that line, with the lines that are indented or begin with a
  closing bracket (so `{"integrationId": "x", "total": NaN` is one broken record, and costs the
  next line nothing); one that begins with a line of brackets goes to the next line that begins as
  it did, or to the end of the file.
* What begins with neither `{` nor `[` at the top of a file is one record up to the line's end; in
  an array, up to the next comma, bracket or line's end.
* Where the container breaks (an array without an end, a bracket that closes nothing, a stream
  that is cut off), one record with a `broken-container` fault closes the file; or, if a new line
  follows that begins as its own line did, the container; or a record larger than any, likewise.

Layer: above `objects` and `resuming`; below `containers`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sessionkit.errors import Reason
from sessionkit.lines import ENDS, NO_TEXT, PlainLines, is_json
from sessionkit.objects import Objects
from sessionkit.records import Pages, RawRecord, Run, broken
from sessionkit.resuming import (
    behind_long,
    restarts,
    scalar_end,
    torn_end_at_top,
    torn_end_in_container,
    with_junk,
)
from sessionkit.scanning import End, Scan, is_page, members, next_line, scan
from sessionkit.window import LIMIT, TOO_LARGE, Window

_BETWEEN = re.compile(rb"(?:[ \t\r\n,\x1e]|\xef\xbb\xbf)*+")
_BLANK = re.compile(rb"[ \t\r\n\x1e]*+")
_SPACE = b" \t\r\n"

AHEAD = 8 * 2**20
"""How far ahead the end of a page is looked for: what stands there may tell that it is none."""

_ARRAY, _PAGE = b"[p"
_NAMES = {_ARRAY: "array", _PAGE: "page"}
_OBJECT, _LIST, _LIST_END, _CLOSERS = 0x7B, 0x5B, 0x5D, b"]}"


def split(window: Window, pages: Pages, *, go_on: bool = False) -> Iterator[RawRecord | Run]:
    r"""Cut a JSON stream into records; see the module for the rules.

    Args:
        window: At the first value, past any byte-order mark.
        pages: Filled in on the way.
        go_on: Whether records came before; the window is at a line, behind its line feed, then.

    Example:
        >>> import io
        >>> from sessionkit.records import flattened
        >>> lines = io.BytesIO(b'{"a": 1} {"a": 2}\n[{"a": 3}, null]')
        >>> [(each.offset, each.raw) for each in flattened(split(Window(lines), Pages()))]
        [(0, b'{"a": 1}'), (9, b'{"a": 2}'), (19, b'{"a": 3}'), (29, b'null')]
    """
    return _Splitter(window, pages, go_on=go_on).parts()


class _Splitter:
    """Where in the file we are: the containers entered, and the records of the page under way."""

    def __init__(self, window: Window, pages: Pages, *, go_on: bool) -> None:
        self.window, self.pages, self.go_on = window, pages, go_on
        self.frames = bytearray()
        self.whole_page = False
        self.closed = False
        self.count = 0
        self.lines = PlainLines(window)
        self.objects = Objects(window)
        self.margin = b""
        self.outer_margin = b""
        self.page_margin = b""

    def parts(self) -> Iterator[RawRecord | Run]:
        while True:
            if not self.frames:
                for run in self.lines.runs(self.count + 1):
                    self.count += len(run.starts) - 1
                    self.objects.slow_down()
                    yield run
                if self.window.stops(NO_TEXT):
                    return
            if not self.to_next():
                break
            byte = self.window.data[self.window.pos]
            if byte == _LIST and self.enters():
                self.enter(_ARRAY)
            elif byte in _CLOSERS and self.frames:
                yield from self.leave(byte)
            elif byte == _OBJECT and (many := self.objects_ahead()):
                yield from many.in_pieces()
            elif byte in (_OBJECT, _LIST):
                yield from self.value()
            else:
                yield from self.scalar()
        if not self.closed and (self.frames or self.window.broken):
            yield from self.breaks(len(self.window.data))

    def to_next(self) -> bool:
        """Go to the next thing that is no separator, and note what its line begins with."""
        window = self.window
        window.forget()
        start = window.pos
        while True:
            start = window.past(_BETWEEN, start)
            near = bytes(window.data[window.pos : window.pos + 3])
            cut = near and b"\xef\xbb\xbf".startswith(near)
            if not (cut and window.has(window.pos + len(near))):
                break
        line = window.data.rfind(b"\n", max(start - 1, 0), window.pos) + 1
        if line or window.base + start == 0:
            self.margin = bytes(window.data[line or start : window.pos])
        return window.has(window.pos)

    def enters(self) -> bool:
        """Whether a `[` opens an array of records, rather than being a page's odd element."""
        if self.frames and self.frames[-1] == _PAGE:
            return False
        window = self.window
        inner = window.over(_BLANK, window.pos + 1)
        begun = self.go_on or self.count > 0
        if self.frames or not begun or (window.has(inner) and window.data[inner] in b"[]{"):
            return True
        end = window.line_end(window.pos)
        return inner >= end or is_json(bytes(window.data[window.pos : end]).strip(ENDS))

    def enter(self, frame: int) -> None:
        self.outer_margin = self.outer_margin if self.frames else self.margin
        self.frames.append(frame)
        self.window.pos += 1

    def record(self, start: int, end: int, fault: Reason | None = None) -> Iterator[RawRecord]:
        """Give the record between two indexes, and go on behind it."""
        window = self.window
        self.count += 1
        container = "page" if self.frames and self.frames[-1] == _PAGE else "json"
        raw = bytes(window.data[start:end])
        window.pos = end
        yield RawRecord(self.count, window.base + start, raw, container, fault=fault)

    def objects_ahead(self) -> Run | None:
        """Many objects at once, if those ahead are valid and no pages."""
        in_page = bool(self.frames) and self.frames[-1] == _PAGE
        found = self.objects.take(
            self.count + 1,
            "page" if in_page else "json",
            at_top=not self.frames,
            pages=not (in_page and self.whole_page),
        )
        if found is None:
            return None
        run, margin = found
        self.count += len(run.starts) - 1
        self.margin = self.margin if margin is None else margin
        return run

    def value(self) -> Iterator[RawRecord]:
        """An object, which may be a page; or an array as a page's element."""
        window, start = self.window, self.window.pos
        found = self.objects.scan(start, self.margin, AHEAD)
        if found is None:
            found = scan(window, start, self.margin, in_lines=not self.frames, data_limit=AHEAD)
        if found.data_at is not None and self.may_be_page(start) and is_page(window, start, found):
            yield from self.page(start, found)
        elif found.end is End.CLOSED:
            yield from self.record(start, with_junk(window, found.at, at_top=not self.frames))
        else:
            if found.end is End.LONG and found.data_at is not None:
                found = scan(window, start, self.margin, in_lines=not self.frames)
            yield from self.torn(start, found)

    def scalar(self) -> Iterator[RawRecord]:
        window, start = self.window, self.window.pos
        if not self.frames:
            end = window.line_end(start)
            if (cut_off := window.broken and end == len(window.data)) or end - start >= LIMIT:
                yield from self.breaks(start) if cut_off else self.too_long(start)
                return
        else:
            end = scalar_end(window, start)
            if not window.has(end):
                yield from self.breaks(start)
                return
        yield from self.record(start, start + len(bytes(window.data[start:end]).rstrip(_SPACE)))

    def may_be_page(self, start: int) -> bool:
        """Pages hold no pages; but one that begins a line in a page without an end is the next."""
        if not self.frames or self.frames[-1] != _PAGE:
            return True
        head = b"\n" + self.margin
        return not self.whole_page and self.window.data[start - len(head) : start] == head

    def page(self, start: int, found: Scan) -> Iterator[RawRecord]:
        """Go into a page, out of one that broke off if need be."""
        if self.frames and self.frames[-1] == _PAGE:
            yield from self.give_up(start, start, len(self.frames) - 1)
        self.pages.count += 1
        at = found.data_at or start
        self.pages.told(members(self.window.data, start, at))
        self.whole_page = found.end is End.CLOSED
        self.window.pos = at
        self.page_margin = self.margin
        self.enter(_PAGE)

    def leave(self, byte: int) -> Iterator[RawRecord]:
        """Close the innermost container, if the bracket is its own."""
        window, in_page = self.window, self.frames[-1] == _PAGE
        if byte != _LIST_END:
            behind = window.over(_BLANK, window.pos + 1)
            if window.has(behind) and window.data[behind] in b",]":
                yield from self.record(window.pos, window.pos + 1)
            elif in_page:
                yield from self.give_up(window.pos, window.pos + 1, len(self.frames) - 1)
            else:
                yield from self.breaks(window.pos, "a closing brace")
            return
        window.pos += 1
        if in_page:
            yield from self.page_end()
        else:
            self.frames.pop()

    def page_end(self) -> Iterator[RawRecord]:
        """Read what follows a page's `data`, up to the bracket that closes the page."""
        window, start = self.window, self.window.pos
        found = scan(window, start, self.outer_margin, inside=True)
        if found.end is not End.CLOSED:
            yield from self.breaks(start)
            return
        self.pages.told(members(window.data, start, found.data_at or found.at))
        window.pos = found.at
        if found.data_at is not None:  # a second `data`: nothing is lost
            window.pos = found.data_at + 1
            return
        self.margin = self.page_margin
        self.frames.pop()

    def torn(self, start: int, found: Scan) -> Iterator[RawRecord]:
        """A value that has no end: the record is what comes before the next one."""
        window = self.window
        find_end = torn_end_in_container if self.frames else torn_end_at_top
        end = find_end(window, start, self.margin, found)
        if end is None:
            yield from self.too_long(start) if found.end is End.LONG else self.breaks(start)
        elif self.frames and restarts(window, end, self.margin, page=self.frames[-1] == _PAGE):
            yield from self.give_up(start, end, len(self.frames) - 1)
        else:
            raw = bytes(window.data[start:end]).rstrip(_SPACE)
            raw = raw.removesuffix(b",") if self.frames else raw
            yield from self.record(start, start + len(raw))

    def too_long(self, start: int) -> Iterator[RawRecord]:
        """A record larger than any breaks the file, unless it has lines of its own."""
        until = behind_long(self.window, start, self.margin)
        yield from self.breaks(start, f"a record {TOO_LARGE}", until)

    def breaks(
        self, start: int, found: str = "", until: re.Pattern[bytes] | None = None
    ) -> Iterator[RawRecord]:
        """The container breaks at `start`: it is given up, up to a new line of its own kind."""
        window = self.window
        line = next_line(window, start, self.outer_margin) if self.frames and not until else None
        if line is not None:
            yield from self.give_up(start, line, 0)
            return
        self.count += 1
        container = "page" if _PAGE in self.frames else "json"
        expected = f"the end of the {_NAMES[self.frames[-1]]}" if self.frames else "a whole record"
        yield broken(window, start, self.count, container, expected, found, until=until)
        self.closed = not window.has(window.pos)

    def give_up(self, start: int, end: int, depth: int) -> Iterator[RawRecord]:
        """Leave the containers above a depth, since they broke, and go on at `end`."""
        raw = bytes(self.window.data[start:end]).rstrip(_SPACE)
        expected = f"the end of the {_NAMES[self.frames[-1]]}"
        found = f"the beginning of another, {len(raw)} bytes on"
        fault = Reason("broken-container", "", expected, found)
        yield from self.record(start, start + len(raw), fault)
        del self.frames[depth:]
