"""Cutting a CSV file into its rows, as a stream, each with its place and its own bytes.

RFC 4180 as Python's `csv` reads it, strictly. A row that is none, or larger than any, is a record
with a fault; it costs its neighbours nothing, except where a quote never closes: then the file ends
there. When a quote that was forgotten swallows the rows behind it, the first line that is a whole
row by itself is where reading goes on.

Layer: above `records` and `window`; below `containers`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from sessionkit.errors import Reason
from sessionkit.records import RawRecord, Rows, broken
from sessionkit.row_feed import LINES, Feed, TooLong
from sessionkit.row_lines import RowLines
from sessionkit.spellings import EFFECTS_EXPORT, MANAGEMENT_SESSION, folded
from sessionkit.window import TOO_LARGE, Window

BLANK = re.compile(rb"[ \t\r\n]*+")
"""What rows may have between them."""

_LINE_END = re.compile(rb"\n")
_TOO_LONG = f"a row {TOO_LARGE}"
_KNOWN = MANAGEMENT_SESSION.keys() | EFFECTS_EXPORT.keys()


class Layout(NamedTuple):
    """How a file's rows are written, and what their cells are called."""

    delimiter: str
    columns: tuple[str, ...]


def cells_of(line: str, delimiter: str) -> list[str] | None:
    """Cut one line into cells; None when it is no whole row by itself.

    Example:
        >>> cells_of('1;"a;b";', ";"), cells_of('1;"a', ";")
        (['1', 'a;b', ''], None)
    """
    before = csv.field_size_limit()
    csv.field_size_limit(max(before, len(line)))
    try:
        rows = list(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    finally:
        csv.field_size_limit(before)
    return rows[0] if rows else []


def named_apart(columns: Sequence[str]) -> tuple[str, ...]:
    """Give every column a name of its own: the second `x` becomes `x (2)`."""
    names: dict[str, None] = {}
    for column in columns:
        given = _known_name(column)
        name, number = given, 1
        while name in names:
            number += 1
            name = f"{given} ({number})"
        names[name] = None
    return tuple(names)


def _known_name(column: str) -> str:
    """A column of an export that somebody spelt with spaces; any other as it is."""
    plain = folded("".join(column.split()))
    return plain if plain in _KNOWN and folded(column) != plain else column


def split_rows(
    window: Window,
    layout: Layout,
    header_fault: Callable[[Sequence[str]], str | None],
    headers: list[tuple[int, bytes]] | None = None,
) -> Iterator[RawRecord | Rows]:
    r"""Cut the rows behind the header out of a stream.

    Args:
        window: At the first byte behind the header.
        layout: What the header told.
        header_fault: Says of a row that it is the header once more, as in files strung together:
            `""` where it is a good one (it names the columns from there on), else what is wrong;
            None of any other row.
        headers: Where each further header is put, with the number of the first row below it.

    Example:
        >>> import io
        >>> from sessionkit.records import flattened
        >>> window, layout = Window(io.BytesIO(b'7,"a, b"\r\n8\n')), Layout(",", ("id", "name"))
        >>> rows = list(flattened(split_rows(window, layout, lambda row: None)))
        >>> rows[0].cells, rows[1].offset, str(rows[1].fault)
        ({'id': '7', 'name': 'a, b'}, 10, 'expected 2 cells, got 1')
    """
    return _Rows(window, layout, header_fault, [] if headers is None else headers).parts()


class _Rows:
    def __init__(
        self,
        window: Window,
        layout: Layout,
        header_fault: Callable[[Sequence[str]], str | None],
        headers: list[tuple[int, bytes]],
    ) -> None:
        self.headers = headers
        self.window, self.delimiter, self.columns = window, layout.delimiter, layout.columns
        self.header_fault = header_fault
        self.feed = Feed(window)
        self.lines = RowLines(window)
        self.reader = csv.reader(self.feed, delimiter=layout.delimiter, strict=True)
        self.count = 0
        self.too_long = False

    def parts(self) -> Iterator[RawRecord | Rows]:
        try:
            while True:
                while not self.feed.again and (many := self.rows_ahead()):
                    yield from many.in_pieces()
                if not self.feed.again and self.window.stops(BLANK):
                    return
                if (row := self.next_row()) is None and self.feed.cut:
                    yield self.breaks("a whole row", _TOO_LONG, _LINE_END)
                    continue
                if row is None:
                    break
                fault = None
                if not isinstance(row, csv.Error) and len(self.feed.taken) == 1:
                    fault = self.header_fault(row)  # no header spans lines
                if fault:
                    yield self.breaks("the header once more", fault)
                    return
                if fault == "" and not isinstance(row, csv.Error):
                    # NOTE: a file strung behind another may bring its byte-order mark along.
                    first = row[0].removeprefix("\ufeff").strip('"')
                    self.columns = named_apart([first, *row[1:]])
                    line = self.feed.taken[0].raw.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n")
                    self.headers.append((self.count + 1, line))
                elif any(line.raw.strip() for line in self.feed.taken):
                    yield self.record(row)
            if self.feed.taken or self.window.broken:
                expected = "a closing quote" if self.feed.taken else "a whole row"
                yield self.breaks(expected, _TOO_LONG if self.too_long else "")
        finally:
            self.feed.begin()

    def rows_ahead(self) -> Rows | None:
        """Many rows at once, up to the first that is a header, or not as it should be."""
        self.feed.begin()
        found, last, lines = self.lines.ahead(self.delimiter)
        many = Rows(self.count + 1, [], [], self.columns, [])
        offset = begin = self.window.base + self.window.pos
        line = 0
        for row, behind in zip(found, last, strict=True):
            raw = lines[line]
            if behind - line > 1:
                raw = b"".join(lines[line:behind])
            elif self.header_fault(row) is not None:
                break
            if not raw.isspace():
                if len(row) != len(self.columns) or behind - line > LINES:
                    break
                many.raws.append(raw.removesuffix(b"\n").removesuffix(b"\r"))
                many.offsets.append(offset)
                many.cells.append(row)
            offset += len(raw)
            line = behind
        self.lines.went(offset - begin)
        self.window.pos += offset - begin
        self.count += len(many.raws)
        return many if line else None

    def next_row(self) -> list[str] | csv.Error | None:
        """Read a row; None at the end, where a row that has none is left in `feed.taken`."""
        self.feed.begin()
        self.too_long = False
        try:
            return next(self.reader)
        except StopIteration:
            return None
        except TooLong:
            self.too_long = not self.whole_line()
            return None if self.too_long else csv.Error(_TOO_LONG)
        except csv.Error as error:
            if self.feed.exhausted:
                return None
            if "field limit" in str(error):  # another thread has set it back
                self.feed.put_back(0)
                return self.next_row()
            return error

    def record(self, row: list[str] | csv.Error) -> RawRecord:
        feed = self.feed
        fault = self.fault(row)
        if fault is not None and (whole := self.whole_line()):
            feed.put_back(whole)
        raw = b"".join(line.raw for line in feed.taken)
        raw = raw.removesuffix(b"\n").removesuffix(b"\r")
        self.count += 1
        offset = feed.taken[0].offset
        if fault is not None or isinstance(row, csv.Error):
            return RawRecord(self.count, offset, raw, "csv", fault=fault)
        cells = dict(zip(self.columns, row, strict=True))
        return RawRecord(self.count, offset, raw, "csv", cells)

    def fault(self, row: list[str] | csv.Error) -> Reason | None:
        if (misread := self.feed.misread) is not None:
            byte = f"byte 0x{misread.object[misread.start]:02x}: {misread.reason}"
            return Reason("bad-encoding", "", "UTF-8 text", byte)
        if isinstance(row, csv.Error):
            return Reason("bad-row", "", "cells and quotes as in RFC 4180", f"a broken row ({row})")
        if len(row) != len(self.columns):
            return Reason("bad-row", "", f"{len(self.columns)} cells", str(len(row)))
        return None

    def whole_line(self) -> int:
        """The first line but one of a bad row that is a whole row by itself; 0 if none is."""
        for index, line in enumerate(self.feed.taken):
            text = line.raw.decode(errors="surrogateescape")
            if index and len(cells_of(text, self.delimiter) or ()) == len(self.columns) > 1:
                return index
        return 0

    def breaks(
        self, expected: str, found: str = "", until: re.Pattern[bytes] | None = None
    ) -> RawRecord:
        """Close the file at the row under way, or go on where it ends."""
        self.count += 1
        before = b"".join(line.raw for line in (*self.feed.taken, *self.feed.again))
        window = self.window
        return broken(window, window.pos, self.count, "csv", expected, found, before, until)
