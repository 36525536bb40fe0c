"""A record as it was found in a file, not yet understood, and what its file told besides.

Layer: above `errors` and `window`; below `splitting` and `rows`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sessionkit.errors import Reason
from sessionkit.window import Window

KEPT = 1 << 20
"""How many bytes are kept of what follows a break: enough to mend it."""


@dataclass
class Pages:
    """What the list pages of a file told."""

    count: int = 0
    has_more: bool | None = None
    """Of the last page: whether the list goes on beyond it."""
    ended: bool = False
    """Whether any page says that the list ends with it."""

    def told(self, found: Mapping[bytes, bytes]) -> None:
        """Take in what the members of a page say."""
        word = found.get(b"hasmore")
        if word in (b"true", b"false"):
            self.has_more = word == b"true"
            self.ended |= word == b"false"


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
    page_rows: int | None = None
    """Of a page's element: how many elements the page has, when that is known by then."""


def broken(
    window: Window,
    start: int,
    number: int,
    container: str,
    expected: str,
    found: str = "",
    before: bytes = b"",
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

    Example:
        >>> import io
        >>> broken(Window(io.BytesIO(b'[{"a": 1')), 1, 1, "json", "a closing ]").fault.found
        'the end of the file; 7 bytes from byte 1 on'
    """
    window.has(start + KEPT)
    raw = (before + window.data[start : start + KEPT])[:KEPT]
    offset = window.base + start - len(before)
    window.rest()
    left = window.base + len(window.data) - offset
    window.pos = len(window.data)
    why = window.broken or found or "the end of the file"
    cut = f", of which {len(raw)} are kept" if left > len(raw) else ""
    found = f"{why}; {left} bytes from byte {offset} on{cut}"
    reason = Reason("broken-container", "", expected, found)
    return RawRecord(number, offset, raw, container, fault=reason)
