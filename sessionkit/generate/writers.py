"""Putting records into files: containers around them, compression around those.

Everything is written so that the same records give the same bytes: no clock, no file names and
no machine in any header.

Layer: above `files`; of the package, imports nothing.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import IO, Any, Protocol, cast

import pyarrow as pa

from sessionkit.generate import breaks
from sessionkit.generate.files import Container, File
from sessionkit.generate.rows import HEADER
from sessionkit.generate.spelling import pretty

BOM = b"\xef\xbb\xbf"
PAGE = 50
"""Sessions on a page of a list."""

_MEMORY = 1 << 24


class Sink(Protocol):
    """Where bytes go."""

    def write(self, data: bytes, /) -> Any:
        """Take bytes."""

    def close(self) -> Any:
        """Finish."""


class _Gzip:
    """A gzip file that holds no name and no time."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("wb")
        self.packed = gzip.GzipFile("", "wb", compresslevel=6, fileobj=self.file, mtime=0)
        self.write = self.packed.write

    def close(self) -> None:
        """Finish the stream, then the file."""
        with self.file:
            self.packed.close()


_SINKS: dict[str, Callable[[Path], Sink]] = {
    "": lambda path: path.open("wb"),
    "gzip": _Gzip,
    "zstd": lambda path: pa.CompressedOutputStream(pa.OSFile(str(path), "wb"), "zstd"),
    "bz2": lambda path: bz2.open(path, "wb"),  # noqa: SIM115 - closed by its writer
    "xz": lambda path: lzma.open(path, "wb", preset=3),  # noqa: SIM115 - closed by its writer
}
_AROUND: dict[Container, tuple[bytes, bytes, bytes, bytes]] = {
    "lines": (b"", b"", b"\n", b""),
    "csv": (HEADER + b"\n", b"", b"\n", b""),
    "array": (b"[", b",", b"", b"]"),
    "pretty": (b"[\n", b",\n", b"", b"\n]\n"),
    "joined": (b"", b"", b"", b""),
    "one": (b"", b"", b"", b"\n"),
    "pages": (b"", b"", b"\n", b""),
}
"""Per container: what opens it, stands between records, ends a record, closes it."""


class Writer:
    """Writes the records of one file, in the order in which they come."""

    def __init__(self, file: File, sink: Sink) -> None:
        self.file = file
        self.sink = sink
        self.count = 0
        self.page: list[bytes] = []
        self.opening, self.between, self.ending, self.closing = _AROUND[file.container]
        if file.columns:
            self.opening = ",".join(file.columns).encode() + b"\n"
        sink.write(BOM if file.bom else b"")
        self._write(self.opening)

    def add(self, record: bytes) -> int:
        """Write one record, and return its number in the file, from 1."""
        self.count += 1
        if self.file.container == "pages":
            if len(self.page) == PAGE:
                self._turn(more=True)
            self.page.append(record)
        else:
            self._put(record)
        return self.count

    def close(self) -> None:
        """Close the container, or break it off where the file is to be broken."""
        with closing(self.sink):
            if self.page:
                self._turn(more=False)
            if self.file.broken:
                breaks.BREAKS[self.file.broken](self.sink)
            else:
                self._write(self.closing)

    def drop(self) -> None:
        """Let go of a file that is not to be finished."""
        with suppress(OSError):
            self.sink.close()

    def _put(self, record: bytes) -> None:
        if self.file.container in ("pretty", "joined", "one"):
            record = pretty(record)
        if self.file.container == "pretty":
            record = b"  " + record.replace(b"\n", b"\n  ")
        between = self.between if self.count > 1 else b""
        if self.file.container == "csv":
            self.sink.write(record)
            self._write(self.ending)
        else:
            self._write(between + record + self.ending)

    def _turn(self, *, more: bool) -> None:
        data = b",".join(self.page)
        self._write(b'{"hasMore":' + (b"true" if more else b"false") + b',"data":[' + data + b"]}")
        self._write(self.ending)
        self.page.clear()

    def _write(self, data: bytes) -> None:
        self.sink.write(data.replace(b"\n", b"\r\n") if self.file.crlf else data)


class Folder:
    """Writers for the files of a folder, opened when first needed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writers: dict[str, Writer] = {}
        self.members: dict[str, dict[str, IO[bytes]]] = {}

    def writer(self, file: File) -> Writer:
        """The writer of a file."""
        if file.shown not in self.writers:
            self.writers[file.shown] = Writer(file, self._sink(file))
        return self.writers[file.shown]

    def __enter__(self) -> Folder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with ExitStack() as spools:  # all are closed, also where the disk is full
            for members in self.members.values():
                for spool in members.values():
                    spools.callback(spool.close)
            with ExitStack() as each:
                for writer in self.writers.values():
                    each.callback(writer.drop if error else writer.close)
            for archive in sorted(self.members) if error is None else ():
                _zip(self.path / archive, self.members[archive])

    def _sink(self, file: File) -> Sink:
        path = self.path / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        if file.broken == "gzip":
            return breaks.CutGzip(path)
        if file.compression == "zip":
            spool = SpooledTemporaryFile(_MEMORY)  # noqa: SIM115 - closed when it is packed
            self.members.setdefault(file.name, {})[file.member] = cast(IO[bytes], spool)
            return _Kept(spool)
        return _SINKS[file.compression](path)


class _Kept:
    """Bytes kept until the archive is packed, since a zip takes one member at a time."""

    def __init__(self, spool: SpooledTemporaryFile[bytes]) -> None:
        self.write = spool.write

    def close(self) -> None:
        """Leave the bytes where they are."""


def _zip(path: Path, members: dict[str, IO[bytes]]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(members):
            about = zipfile.ZipInfo(name, (2026, 5, 1, 0, 0, 0))
            about.compress_type = zipfile.ZIP_DEFLATED
            about.create_system = 3
            with archive.open(about, "w") as member, members[name] as spool:
                spool.seek(0)
                while block := spool.read(1 << 20):
                    member.write(block)
