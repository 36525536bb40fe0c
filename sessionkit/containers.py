"""Cutting a file into its records: what it is, is recognised from how it begins.

A record is given with its place and its very bytes, and is not understood here. A bad record is a
record like any other; what is wrong with the whole file is a `ReadError`, raised before the first.

Layer: above `splitting`, `rows` and `spellings`; below `dialects`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import Literal

from sessionkit.errors import ReadError, shown
from sessionkit.lines import NO_TEXT
from sessionkit.records import Pages, RawRecord, Rows, Run, flattened
from sessionkit.rows import BLANK, Layout, cells_of, named_apart, split_rows
from sessionkit.spellings import EFFECTS_EXPORT, MANAGEMENT_SESSION, folded
from sessionkit.splitting import split
from sessionkit.unpacking import Readable
from sessionkit.window import Window

__all__ = ["RawRecord", "Recognised", "Rows", "Run", "recognise", "records"]

Export = Literal["sessions", "effects", "campaign_analytics"]

_EXPORTS: dict[Export, frozenset[str]] = {
    "sessions": frozenset({"integrationid", "applicationid"}),
    "effects": frozenset({"sessionintegrationid", "campaignid", "eventid"}),
    "campaign_analytics": frozenset({"campaignid", "startdate", "enddate", "revenue"}),
}
"""The columns that tell each export; names without regard to case, spaces and underscores."""

_LINKS = frozenset({"sessionid", "sessionintegrationid"})
_OF_EFFECTS = frozenset({"props", "args", "campaignid", "rulesetid", "eventtype", "totalrevenue"})
"""Beside a name and a link to the session, any of these tells effects, whose columns may vary."""

_KNOWN = frozenset(MANAGEMENT_SESSION).union(*_EXPORTS.values())
_DELIMITERS = ",;\t|"
_HEAD = 4096
_HEADER_LIMIT = 1 << 20

_OTHERS = (
    (rb"\x89PNG", "a PNG image"),
    (rb"\xff\xd8\xff", "a JPEG image"),
    (rb"GIF8", "a GIF image"),
    (rb"%PDF", "a PDF document"),
    (rb"PAR1", "a Parquet file"),
    (rb"ARROW1|\xff\xff\xff\xff.\0\0\0", "an Arrow file"),
    (rb"SQLite format 3", "an SQLite database"),
    (rb".{8}DUCK", "a DuckDB database"),
    (rb"Obj\x01", "an Avro file"),
    (rb"ORC", "an ORC file"),
    (rb"\xd0\xcf\x11\xe0", "an old Office document"),
    (rb".{257}ustar", "a tar archive: unpack it first"),
    (rb"7z\xbc\xaf\x27\x1c|Rar!", "an archive: unpack it first"),
    (rb"\s*<", "a page in HTML or XML"),
)
_CSHARP = re.compile(rb"\s*class \w+ \{")
_BLANK = re.compile(rb"[ \t\r\n\x1e]*+")
_BOM = b"\xef\xbb\xbf"
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")
_JSON_LINE = re.compile(rb'^[ \t\x1e]*+(?:\[[ \t]*+)?+\{[ \t]*+"', re.M)
_UNLIKELY = re.compile(rb"[\x00-\x08\x0e-\x1d\x7f]")


@dataclass
class Recognised:
    """A file that is known for what it is, with its records still to come.

    `pages`, `ended` and `headers` are filled in as the records go by.
    """

    name: str
    kind: Literal["json", "csv"]
    export: Export | None = None
    """Of a CSV file: which of Talon.One's exports it is."""
    layout: Layout | None = None
    """Of a CSV file: its delimiter and its columns, as the header writes them."""
    headers: list[tuple[int, bytes]] = field(default_factory=list, repr=False, kw_only=True)
    """Of a CSV file: each header as it is written, and the number of the first row below it."""
    first_columns: tuple[str, ...] | None = field(default=None, repr=False, kw_only=True)
    """Of a CSV file that is gone on with: the columns of its very first header."""
    begins: int | None = field(default=None, repr=False, kw_only=True)
    """Of a file that is gone on with: the place of its first line that is not blank."""
    _window: Window = field(repr=False, kw_only=True)
    _pages: Pages = field(default_factory=Pages, repr=False, kw_only=True)

    @property
    def pages(self) -> int:
        """How many list pages were met."""
        return self._pages.count

    @property
    def ended(self) -> bool:
        """Whether any page says that the list ends with it."""
        return self._pages.ended

    @property
    def stopped(self) -> int | None:
        """The place of the line that was to be begun no more; None where the file came to its end.

        To be asked when all records have gone by.
        """
        return self._window.stopped

    @property
    def last_layout(self) -> Layout | None:
        """Of a CSV file: what the last header that went by told."""
        if self.layout is None or not self.headers:
            return self.layout
        line = self.headers[-1][1].decode(errors="replace")
        cells = cells_of(line, self.layout.delimiter) or []
        return self.layout._replace(columns=named_apart(cells))

    def resumed(self, window: Window, layout: Layout | None = None) -> Recognised:
        """The same file, from a line on at which the window stands, behind the line feed before.

        A CSV file may have another layout from there on. Records are numbered from 1 again.
        """
        begins = window.next_line(NO_TEXT if self.kind == "json" else BLANK)
        first = self.layout.columns if self.layout else None
        anew = replace(self, layout=layout or self.layout, first_columns=first, begins=begins)
        return replace(anew, headers=[], _window=window, _pages=Pages())

    def records(self) -> Iterator[RawRecord]:
        """Give the records in the order of the file; once only, since the stream is read."""
        return flattened(self.parts())

    def parts(self) -> Iterator[RawRecord | Run | Rows]:
        """Give the same records, many at once where they are plain; once only."""
        if self.layout is None:
            return split(self._window, self._pages, go_on=self.begins is not None)
        marks = _marks(self.first_columns or self.layout.columns)
        again = partial(_header_again, self.export, marks)
        return split_rows(self._window, self.layout, again, self.headers)


def records(stream: Readable, *, name: str) -> Iterator[RawRecord]:
    r"""Cut a stream into its records; see `recognise`, which tells more.

    Example:
        >>> import io
        >>> dump = io.BytesIO(b'{"data": [{"id": 6}, {"id": 7}], "hasMore": false}')
        >>> [(found.number, found.offset, found.raw) for found in records(dump, name="list.json")]
        [(1, 10, b'{"id": 6}'), (2, 21, b'{"id": 7}')]
    """
    return recognise(stream, name=name).records()


def recognise(stream: Readable, *, name: str, until: int | None = None) -> Recognised:
    r"""Tell what a file is from how it begins, whatever it is called.

    Args:
        stream: Its unpacked bytes. A byte-order mark is passed over.
        name: What to call it in messages.
        until: The place from which on no line is begun any more, if not all is wanted.

    Raises:
        ReadError: It is empty, or no dump; the message says what it seems to be.

    Example:
        >>> import io
        >>> file = recognise(io.BytesIO(b"integrationid;applicationid\nS-1;2\n"), name="a.csv")
        >>> file.kind, file.export, file.layout, next(file.records()).cells
        ... # doctest: +NORMALIZE_WHITESPACE
        ('csv', 'sessions', Layout(delimiter=';', columns=('integrationid', 'applicationid')),
         {'integrationid': 'S-1', 'applicationid': '2'})
    """
    window = Window(stream)
    window.until = until
    window.has(_HEAD)
    if window.data.startswith(_BOM):
        window.pos = len(_BOM)
    _refuse_other(window, name)
    begin = window.past(_BLANK, window.pos)
    start, window.pos = window.pos, begin
    if not window.has(start):
        raise ReadError(f"{name}: {window.broken or 'the file is empty'}")
    if window.data[start] in b"{[":
        return Recognised(name, "json", _window=window)
    window.pos = max(window.pos, window.data.rfind(b"\n", 0, start) + 1)
    if (header := _header(window, name)) is not None:
        export, layout, line = header
        return Recognised(name, "csv", export, layout, headers=[(1, line)], _window=window)
    if _JSON_LINE.search(window.data, window.pos) and not _UNLIKELY.search(window.data[:_HEAD]):
        return Recognised(name, "json", _window=window)  # the first line is bad, others are not
    raise ReadError(
        f"{name}: is no dump of sessions: expected JSON, or CSV with a header,"
        f" got a file that begins with {shown(_beginning(window))}"
        + (f"; {window.broken}" if window.broken else "")
    )


def _refuse_other(window: Window, name: str) -> None:
    head = bytes(window.data[window.pos : window.pos + _HEAD])
    for begins, what in _OTHERS:
        if re.match(begins, head, re.S):
            raise ReadError(f"{name}: is no dump of sessions: it begins as {what}")
    if _CSHARP.match(head):
        raise ReadError(
            f"{name}: is what ToString() of the C# SDK writes, which leaves out the cart and"
            " cannot be read: write the sessions with ToJson() instead"
        )
    if head.startswith(_WIDE) or head[:400].count(0) * 5 > len(head[:400]) > 0:
        raise ReadError(f"{name}: is UTF-16 text, or no text at all; save it as UTF-8")


def _header(window: Window, name: str) -> tuple[Export, Layout, bytes] | None:
    """Read the first line as the header of an export, and give its bytes; None when it is none.

    Raises:
        ReadError: It is one, but names a column twice, or lacks those that tell a session.
    """
    end = window.line_end(window.pos, _HEADER_LIMIT)
    raw = bytes(window.data[window.pos : end])
    line = raw.decode(errors="replace")
    known: set[str] = set()
    for delimiter in _DELIMITERS:
        columns = cells_of(line, delimiter) or []
        if export := export_of(tuple(columns)):
            if fault := _header_fault(export, columns):
                raise ReadError(f"{name}: {fault}")
            window.pos = min(end + 1, len(window.data))
            return export, Layout(delimiter, named_apart(columns)), raw.removesuffix(b"\r")
        known |= _KNOWN.intersection(map(_plain, columns))
    if len(known) < 3:
        return None
    missing = sorted(_EXPORTS["sessions"] - known)
    raise ReadError(
        f"{name}: is no export of sessions: its header has no column {' and no '.join(missing)};"
        f" of those known it has {', '.join(sorted(known))}"
    )


def _plain(column: str) -> str:
    return folded(re.sub(r"[\s\ufeff\"]", "", column))


@lru_cache(256)
def export_of(columns: tuple[str, ...]) -> Export | None:
    """Tell an export by its columns, None of what is none.

    Example:
        >>> export_of(("Created", "name", "props", "sessionId")), export_of(("id", "name"))
        ('effects', None)
    """
    names = set(map(_plain, columns))
    for export, marks in _EXPORTS.items():
        if marks <= names:
            return export
    return "effects" if "name" in names and names & _LINKS and names & _OF_EFFECTS else None


def _marks(columns: Sequence[str]) -> frozenset[str]:
    """Cells of which a header has one: the telling columns as this file spells them, or others."""
    telling = frozenset({"name"}).union(_LINKS, *_EXPORTS.values())
    spelled = {column for column in columns if _plain(column) in telling}
    return telling.union(spelled, ("integrationId", "IntegrationId", "integration_id"))


def _header_again(export: Export | None, marks: frozenset[str], row: Sequence[str]) -> str | None:
    """Tell a header among the rows, at little cost for all others; see `_header_fault`."""
    return None if marks.isdisjoint(row) else _header_fault(export, row)


def _header_fault(export: Export | None, row: Sequence[str]) -> str | None:
    """Say what is wrong with a header, `""` if nothing is; None of what is no header."""
    other = export_of(tuple(row))
    if other is None:
        return None
    if other != export:
        return f"the header of another export ({other})"
    counts = Counter(map(_plain, row))
    known = EFFECTS_EXPORT if export == "effects" else _KNOWN
    if doubled := sorted(name for name in known if counts[name] > 1):
        return f"the header names a column twice: {', '.join(doubled)}"
    if export == "effects" and not counts["name"]:
        return "the header of an export of effects has no column name"
    return ""


def _beginning(window: Window) -> str:
    return bytes(window.data[window.pos : window.pos + 40]).decode(errors="replace")
