"""Reading a unit of work into staged batches, and looking at files beforehand.

Layer: above `units`.
"""

from __future__ import annotations

from collections.abc import Iterator

from sessionkit.containers import Recognised, recognise
from sessionkit.errors import ReadError
from sessionkit.found import Found, open_bytes, open_from, sha256_of
from sessionkit.intake import NO_SESSIONS, Intake, Load
from sessionkit.lines import ENDS, is_json, page_place
from sessionkit.remote import is_web
from sessionkit.spark.units import Came, Range
from sessionkit.staging import Part, records_in
from sessionkit.unpacking import BLOCK, BrokenStream, Readable
from sessionkit.values import Reading
from sessionkit.window import LIMIT, Window

_HEAD = 1 << 22
"""How many bytes are looked at to tell whether a file holds a record on every line."""

_LINES = 20
"""How many lines are looked at; some may be bad."""


def may_be_cut(found: Found, range_bytes: int) -> bool:
    """Tell whether a file is so large, and lies so, that ranges of it are worth a look."""
    reachable = found.path is not None or (found.url is not None and not is_web(found.url))
    large = found.size is not None and found.size > range_bytes
    left = found.skipped or found.fault or found.member
    return bool(reachable and large and not left)


def has_lines(found: Found) -> bool:
    """Tell whether a file holds rows, or a record on every line, and is not packed."""
    try:
        with open_bytes(found) as opened:
            if opened.packed:
                return False
            head = b""
            while len(head) < _HEAD and (more := opened.read(BLOCK)):
                head += more
        with open_from(found, 0) as opened:
            file = recognise(opened, name=found.name)
    except (ReadError, BrokenStream):
        return False
    if file.kind == "csv":
        return file.export not in NO_SESSIONS
    lines = [line.strip(ENDS) for line in head.removeprefix(b"\xef\xbb\xbf").split(b"\n")[:-1]]
    return any(map(_is_record, [line for line in lines if line][:_LINES]))


def _is_record(line: bytes) -> bool:
    return line.startswith(b"{") and page_place(line) is None and is_json(line)


def checksum(found: Found) -> str | None:
    """The checksum of a file's stored bytes; None where it cannot be read."""
    try:
        if found.path is not None:
            return sha256_of(found)
        with open_from(found, 0) as opened:
            opened.finish()
            return opened.sha256
    except ReadError:
        return None


class Lost(Exception):
    """A range that was begun by guess has gone far beyond its end."""


class RangeIntake(Intake):
    """One going through the lines of a range; `came` tells how far, once all batches are there.

    Records are numbered from 1, as the ranges before are not known.
    """

    came: Came

    def __init__(self, part: Range, reading: Reading) -> None:
        super().__init__([part.found], reading, copied={})
        self._part = part

    def parts_of(self, found: Found, load: Load) -> Iterator[Part]:
        """Give what the range holds, and note how far it came."""
        part = self._part
        with open_from(found, 0) as opened:
            file = recognise(opened, name=found.name, until=part.until)
            if part.begin == 0:
                yield from self._through(file, load)
                return
        with open_from(found, part.begin - 1) as opened:
            stream = _FromLine(opened, part)
            window = Window(stream)
            window.base, window.until = stream.place() - 1, part.until
            window.has(0)
            window.pos = 1
            yield from self._through(file.resumed(window, part.layout), load)

    def _through(self, file: Recognised, load: Load) -> Iterator[Part]:
        records = 0
        for part in file.parts():
            records += records_in(part)
            yield part
        load.pages, load.ended = file.pages, file.ended
        begins = file.begins or 0
        self.came = Came(begins, file.stopped, records, file.layout, file.last_layout)


class _FromLine:
    """The bytes of a file from a line feed on, as far as it is sensible to read."""

    def __init__(self, opened: Readable, part: Range) -> None:
        self._opened = opened
        self._held = b""
        self._at = part.begin - 1
        sure = part.sure or part.until is None
        self._most = None if sure else (part.until or 0) + 2 * LIMIT

    def place(self) -> int:
        """Go to the line feed; tell the place of the line behind it, or of the end of the file."""
        while not self._held and (block := self._opened.read(BLOCK)):
            line = block.find(b"\n")
            self._held = block[line:] if line >= 0 else b""
            self._at += len(block)
        return self._at - len(self._held) + 1

    def read(self, size: int, /) -> bytes:
        """Give the bytes that follow."""
        if self._held:
            held, self._held = self._held, b""
            return held
        if self._most is not None and self._at > self._most:
            raise Lost
        block = self._opened.read(size)
        self._at += len(block)
        return block
