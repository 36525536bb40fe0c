"""Writing rejected records out, so that they can be mended and loaded again.

One file per dialect: JSON Lines, a list page, or CSV below its header. What cannot stand in a line
beside others has a file of its own. An index beside them tells which record is which reject.

Layer: inside `store`, above `layout`; imports `containers` and `decode` from below.
"""

from __future__ import annotations

import io
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from sessionkit.containers import recognise
from sessionkit.database import Connection
from sessionkit.decode import Undecodable, decode
from sessionkit.errors import ReadError, StoreError, UsageError
from sessionkit.found import Found
from sessionkit.lifecycle import STATE_NUMBERS
from sessionkit.records import KEPT
from sessionkit.sql import text_of

INDEX = "rejects.index"
"""The file that tells which record of which file is which reject."""

_ALIKE = b'{"a":1}'
_PAGE = (b'{"hasMore":false,"data":[\n', b",\n", b"\n]}\n")
_LINES = (b"", b"\n", b"\n")
_UNKNOWN = "unknown"
_MOST = 5
_CSV = {"sessions": "csv_export", "effects": "effects_export"}


class Listed(msgspec.Struct, frozen=True):
    """The rejects of a file, in the order of its records; if `alone`, one, whatever came of it."""

    rejects: list[int]
    alone: bool = False


class Index(msgspec.Struct, frozen=True):
    """What stands in a folder of rejects, by the names of the files, and of which store it is."""

    store: str
    files: dict[str, Listed]
    written_by: str = "sessionkit rejects"


@dataclass(frozen=True)
class Written:
    """What was written.

    Attributes:
        folder: Where.
        files: The names of the files, and how many records are in each.
        loads: How to load them once they are mended: files, and options of `sessionkit load`.
        notes: What could not be written, or not as a whole.
    """

    folder: Path
    files: Mapping[str, int]
    loads: tuple[tuple[tuple[str, ...], str], ...]
    notes: tuple[str, ...] = ()


def write_rejects(connection: Connection, folder: Path) -> Written:
    """Write the raw bytes of all open rejects into a folder that is empty, or not there.

    Raises:
        StoreError: The folder cannot be written.
        UsageError: There is something in the folder.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder}: there is something already; name a new folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _written(connection, folder)
    except OSError as error:
        said = error.strerror or str(error)
        raise StoreError(f"{folder}: rejects could not be written: {said}.") from error


def read_index(folder: Path) -> Index | None:
    """The index of a folder of rejects; None where there is none that can be read."""
    try:
        return msgspec.json.decode((folder / INDEX).read_bytes(), type=Index)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def is_index(found: Found) -> bool:
    """Whether a file that was met is the index of a folder of rejects, and so no dump."""
    if found.path is None or found.member or found.path.name != INDEX:
        return False
    return read_index(found.path.parent) is not None


def _written(connection: Connection, folder: Path) -> Written:
    ((store,),) = connection.sql("select store from kept.about").fetchall()
    lost: list[int] = []
    cut: list[int] = []
    with ExitStack() as held:
        shelf = _Shelf(folder, held)
        for batch in connection.sql(text_of("store/open_rejects")).to_arrow_reader(1_000):
            for row in batch.to_pylist():
                if not row["raw"]:
                    lost.append(row["reject"])
                    continue
                if row["code"] == "broken-container" and len(row["raw"]) >= KEPT:
                    cut.append(row["reject"])
                shelf.put(row)
        shelf.close()
    index = Index(store, {name: Listed(f.rejects, f.alone) for name, f in shelf.files.items()})
    if shelf.files:
        (folder / INDEX).write_bytes(msgspec.json.format(msgspec.json.encode(index)) + b"\n")
    counts = {name: len(file.rejects) for name, file in shelf.files.items()}
    return Written(folder, counts, _loads(shelf.files.values()), tuple(_notes(lost, cut)))


def _notes(lost: list[int], cut: list[int]) -> Iterator[str]:
    if lost:
        yield f"not written, as their bytes were not kept: {_named(lost)}."
    if cut:
        yield f"only the first {KEPT:,} bytes were kept, so mend the dump itself: {_named(cut)}."


def _named(rejects: list[int]) -> str:
    more = f" and {len(rejects) - _MOST:,} more" if len(rejects) > _MOST else ""
    which = ", ".join(map(str, rejects[:_MOST]))
    return f"reject{'s' * (len(rejects) > 1)} {which}{more}"


@dataclass
class _File:
    """A file of records that are written and read alike."""

    name: str
    around: tuple[bytes, bytes, bytes]
    reading: str | None
    alone: bool = False
    rejects: list[int] = field(default_factory=list)
    stream: BinaryIO = field(init=False)

    def add(self, reject: int, raw: bytes) -> None:
        before, between, _ = self.around
        self.stream.write((between if self.rejects else before) + raw)
        self.rejects.append(reject)


class _Shelf:
    """The files of a folder, opened when first needed."""

    def __init__(self, folder: Path, held: ExitStack) -> None:
        self.files: dict[str, _File] = {}
        self._folder, self._held = folder, held
        self._shared: dict[object, _File] = {}

    def put(self, row: Mapping[str, Any]) -> None:
        """Write one reject where it belongs."""
        record = _Record(row)
        raw = record.line
        key = (record.name, record.header, record.reading)
        if raw is None:
            self._put_alone(row["reject"], record)
            return
        if key not in self._shared:
            file = _File(self._free(record), record.around, record.reading)
            self.files[file.name] = self._shared[key] = file
            file.stream = self._held.enter_context((self._folder / file.name).open("xb"))
        self._shared[key].add(row["reject"], raw)

    def close(self) -> None:
        """Write what closes each file."""
        for file in self._shared.values():
            file.stream.write(file.around[2])

    def _put_alone(self, reject: int, record: _Record) -> None:
        name = f"{record.name}-reject-{reject}{record.ending}"
        before, _, after = record.around
        content = before + record.raw + (after if record.around is _PAGE else b"")
        (self._folder / name).write_bytes(content)
        alone = _File(name, record.around, record.reading, alone=True, rejects=[reject])
        self.files[name] = alone

    def _free(self, record: _Record) -> str:
        name, number = f"{record.name}{record.ending}", 1
        while name in self.files:
            number += 1
            name = f"{record.name}-{number}{record.ending}"
        return name


class _Record:
    """A rejected record, and how it can be written so that it is read as it was."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.raw: bytes = row["raw"]
        self.header: bytes | None = row["header"]
        self.reading: str | None = row["reading"]
        self._code: str = row["code"]
        self._dialect: str | None = row["dialect"]
        self._met: list[str] = row["dialects"] or []

    @cached_property
    def name(self) -> str:
        """What its file is called after: its dialect, or that of its neighbours."""
        if self.header is not None:
            return _csv_name(self.header)
        named = options_of(self.reading).get("dialect")
        alike = self._met[0] if len(self._met) == 1 else None
        return self._dialect or named or alike or _UNKNOWN

    @property
    def ending(self) -> str:
        if self.header is not None:
            return ".csv"
        return ".json" if self.around is _PAGE or self.line is None else ".jsonl"

    @cached_property
    def around(self) -> tuple[bytes, bytes, bytes]:
        """What stands before, between and behind the records of its file."""
        if self.header is not None:
            return self.header + b"\n", b"\n", b"\n"
        return _PAGE if self.name == "session_list" else _LINES

    @cached_property
    def line(self) -> bytes | None:
        """Its bytes for a file that it shares; None where it would be read otherwise there."""
        raw = self.raw
        if self._code == "broken-container":  # it may be mended to several records
            return None
        if self.header is not None:
            return raw if self._dialect or self._stands([raw, raw]) else None
        try:
            decode(raw)
            raw = on_one_line(raw)  # no text spans lines in what is valid
        except Undecodable:
            if b"\n" in raw or b"\r" in raw:
                return None
        return raw if self._dialect or self._stands([_ALIKE, raw, _ALIKE]) else None

    def _stands(self, records: list[bytes]) -> bool:
        """Whether records are found again where they are written side by side."""
        before, between, after = self.around
        try:
            b"".join(records).decode()
            found = recognise(io.BytesIO(before + between.join(records) + after), name="")
            return [each.raw for each in found.records()] == records
        except (ReadError, UnicodeDecodeError):
            return False


def on_one_line(raw: bytes) -> bytes:
    """Bytes of JSON with a blank for every line break."""
    return re.sub(rb"[\r\n]+", b" ", raw)


def _csv_name(header: bytes) -> str:
    try:
        export = recognise(io.BytesIO(header + b"\n"), name="").export
    except ReadError:
        return _UNKNOWN
    return _CSV.get(export or "", _UNKNOWN)


def options_of(reading: str | None) -> dict[str, str]:
    """The options of `load` with which a file was read, by their names.

    Example:
        >>> options_of('{"assume_tz": "Europe/Berlin", "dialect": null, "state_numbers": {}}')
        {'assume_tz': 'Europe/Berlin'}
    """
    told: dict[str, Any] = {}
    if reading:  # what is behind the brace tells a key
        told = msgspec.json.decode(reading[: reading.rindex("}") + 1])
    numbers = {str(number): state for number, state in (told.get("state_numbers") or {}).items()}
    for name, states in STATE_NUMBERS.items():
        if numbers and numbers == {str(number): state for number, state in states.items()}:
            told = told | {"state_numbers": name}
    names = ("dialect", "assume_tz", "date_format", "state_numbers", "dumped_at")
    return {name: told[name] for name in names if isinstance(told.get(name), str)}


def _loads(files: Iterable[_File]) -> tuple[tuple[tuple[str, ...], str], ...]:
    alike: dict[str, list[str]] = {}
    for file in files:
        given = options_of(file.reading).items()
        options = shlex.join(f"--{name.replace('_', '-')}={value}" for name, value in given)
        alike.setdefault(options, []).append(file.name)
    return tuple((tuple(names), options) for options, names in alike.items())
