"""Records as they were found in a file, not yet understood, and what their file told besides.

Layer: above `errors` and `window`; below `splitting` and `rows`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from sessionkit.errors import Reason
from sessionkit.window import Window

KEPT = 1 << 20
"""How many bytes are kept of what follows a break: enough to mend it."""

RUN = 1 << 13
"""Neither a run nor rows hold more records."""

_SPACE = b" \t\r\n"


@dataclass
class Pages:
    """What the list pages of a file told."""

    count: int = 0
    ended: bool = False
    """Whether any page says that the list ends with it."""

    def told(self, found: Mapping[bytes, bytes]) -> None:
        """Take in what the members of a page say."""
        self.ended |= found.get(b"hasmore") == b"false"


class Run(NamedTuple):
    r"""Records that stand one behind another, each a valid JSON value that begins with a brace.

    Valid is what the grammar of JSON allows; whether the text is UTF-8, how deep it is nested and
    whether a name comes twice has not been looked at.

    Example:
        >>> list(Run(7, 100, b'{"a": 1}\n{}  ', [0, 9, 13], "json").records())
        ... # doctest: +NORMALIZE_WHITESPACE
        [RawRecord(number=7, offset=100, raw=b'{"a": 1}', container='json', cells=None, fault=None),
         RawRecord(number=8, offset=109, raw=b'{}', container='json', cells=None, fault=None)]
    """

    number: int
    """Of its first record; the others follow."""
    offset: int
    """Of the first byte of `data` in the unpacked file."""
    data: bytes
    """As in the file, but with blanks for the commas between the records."""
    starts: list[int]
    """Where each record begins in `data`, from 0 on; then the length of `data`."""
    container: str
    """`json` or `page`, as of a record."""

    def records(self) -> Iterator[RawRecord]:
        """Take it apart."""
        return map(self.record, range(len(self.starts) - 1))

    def record(self, place: int) -> RawRecord:
        """One of its records, counted from 0."""
        start, end = self.starts[place : place + 2]
        raw = self.data[start:end].rstrip(_SPACE)
        return RawRecord(self.number + place, self.offset + start, raw, self.container)

    def in_pieces(self) -> Iterator[Run]:
        """Cut it into runs that are not too long."""
        if len(self.starts) <= RUN + 1:
            yield self
            return
        for first in range(0, len(self.starts) - 1, RUN):
            starts = self.starts[first : first + RUN + 1]
            start, end = starts[0], starts[-1]
            yield self._replace(
                number=self.number + first,
                offset=self.offset + start,
                data=self.data[start:end],
                starts=[each - start for each in starts],
            )


class Rows(NamedTuple):
    """Rows of a CSV file that stand one behind another, each with as many cells as columns.

    Example:
        >>> rows = Rows(1, [b"7,a"], [30], ("id", "name"), [["7", "a"]])
        >>> [record.cells for record in rows.records()]
        [{'id': '7', 'name': 'a'}]
    """

    number: int
    """Of the first row; the others follow."""
    raws: list[bytes]
    """The bytes of each, without the line end."""
    offsets: list[int]
    """Where each begins in the unpacked file; blank lines may lie between."""
    columns: tuple[str, ...]
    """What the cells are called."""
    cells: list[list[str]]
    """The text of the cells of each."""

    def records(self) -> Iterator[RawRecord]:
        """Take them apart."""
        return map(self.record, range(len(self.raws)))

    def record(self, place: int) -> RawRecord:
        """One of the rows, counted from 0."""
        cells = dict(zip(self.columns, self.cells[place], strict=True))
        number, offset = self.number + place, self.offsets[place]
        return RawRecord(number, offset, self.raws[place], "csv", cells)

    def in_pieces(self) -> Iterator[Rows]:
        """Cut them into parts that are not too long."""
        for first in range(0, len(self.raws), RUN):
            part = slice(first, first + RUN)
            yield Rows(
                self.number + first,
                self.raws[part],
                self.offsets[part],
                self.columns,
                self.cells[part],
            )


def run_of(
    number: int, offset: int, texts: Sequence[bytes], starts: Sequence[int], container: str
) -> Run:
    r"""Make a run of records, with blanks for whatever stands between them.

    Args:
        number: Of the first.
        offset: What the first of the starts is counted from, in the unpacked file.
        texts: Their bytes; one at least.
        starts: Where each begins.
        container: What they stand in.

    Example:
        >>> run_of(1, 50, [b"{}", b'{"a": 1}'], [3, 7], "page")
        Run(number=1, offset=53, data=b'{}  {"a": 1}', starts=[0, 4, 12], container='page')
    """
    first = starts[0]
    places = [start - first for start in starts]
    spans = [end - start for start, end in pairwise(places)]
    data = b"".join([*map(bytes.ljust, texts, spans), texts[-1]])
    return Run(number, offset + first, data, [*places, len(data)], container)


class RawRecord(NamedTuple):
    """One record, or the place where the file broke."""

    number: int
    """Its place in the file, from 1; faults and the elements of pages count too."""
    offset: int
    """Where it begins in the unpacked file, in bytes."""
    raw: bytes
    """Its bytes as they are in the file; of a CSV row without the line end."""
    container: str
    """`json` (alone, in lines, in an array), `page` (of a list's `data`), or `csv`."""
    cells: Mapping[str, str] | None = None
    """CSV: the text of each cell, by the column's name as it is written in the header."""
    fault: Reason | None = None
    """Set when the file breaks here, or the row is no row: nothing is left to understand."""


def flattened(parts: Iterable[RawRecord | Run | Rows]) -> Iterator[RawRecord]:
    """Take apart what holds many records."""
    for part in parts:
        if isinstance(part, RawRecord):
            yield part
        else:
            yield from part.records()


def broken(
    window: Window,
    start: int,
    number: int,
    container: str,
    expected: str,
    found: str = "",
    before: bytes = b"",
    until: re.Pattern[bytes] | None = None,
) -> RawRecord:
    """Close a file where it broke: keep the bytes from there, and count those that follow.

    Args:
        window: Read to its end by this.
        start: The index of the first byte that is in no record.
        number: The number of this record.
        container: What broke.
        expected: What should have stood there.
        found: What stood there; left empty, the end of the file.
        before: Bytes of it that lie before `start`.
        until: Where the file goes on; the window is there then. None closes it.

    Example:
        >>> import io
        >>> broken(Window(io.BytesIO(b'[{"a": 1')), 1, 1, "json", "a closing ]").fault.found
        'the end of the file; 7 bytes from byte 1 on'
    """
    window.has(start + KEPT)
    ahead = before + window.data[start : start + KEPT]
    offset = window.base + start - len(before)
    window.pos = start
    window.skip(until)
    left = window.base + window.pos - offset
    raw = ahead[: min(left, KEPT)]
    why = window.broken or found or "the end of the file"
    cut = f", of which {len(raw)} are kept" if left > len(raw) else ""
    found = f"{why}; {left} bytes from byte {offset} on{cut}"
    reason = Reason("broken-container", "", expected, found)
    return RawRecord(number, offset, raw, container, fault=reason)
