"""Zip archives: what is in them, and the bytes of one member, streamed, never written to disk.

Members are unpacked by `unpacking` and not by `zipfile`, so that a damaged one still gives the
bytes before the damage.

Layer: above `unpacking`; below `sources`.
"""

from __future__ import annotations

import zlib
from typing import IO
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from sessionkit.errors import ReadError
from sessionkit.unpacking import BLOCK, BrokenStream, Readable, Unpacked

_KINDS = {ZIP_STORED: "", ZIP_DEFLATED: "deflate", ZIP_BZIP2: "bzip2"}
_ENCRYPTED = 0x1
_HEADER = 30


def members(archive: IO[bytes]) -> list[ZipInfo]:
    """List an archive's files, sorted by name; folders are left out.

    Raises:
        ReadError: The archive is damaged, or a workbook of Excel.
    """
    files = [info for info in _contents(archive) if not info.is_dir()]
    if any(info.filename == "xl/workbook.xml" for info in files):
        raise ReadError("is an Excel workbook: save its sheet as CSV (UTF-8)")
    return sorted(files, key=lambda info: (info.filename, info.header_offset))


def fault_of(member: ZipInfo) -> str | None:
    """Say why a member cannot be read; None when it can."""
    if member.flag_bits & _ENCRYPTED:
        return "is encrypted in its archive: unpack it with its password first"
    if member.compress_type not in _KINDS:
        return f"is packed in its archive by method {member.compress_type}: unpack it first"
    return None


def stored(archive: IO[bytes], member: ZipInfo) -> Readable:
    """Give a member's bytes as they lie in the archive, packed.

    Raises:
        ReadError: The archive is not what it was when it was listed.
    """
    archive.seek(member.header_offset)
    header = archive.read(_HEADER)
    if len(header) < _HEADER or not header.startswith(b"PK\x03\x04"):
        raise ReadError("the zip archive is damaged: a member is not where it should be")
    name, extra = (int.from_bytes(header[at : at + 2], "little") for at in (26, 28))
    archive.seek(name + extra, 1)
    return _Part(archive, member.compress_size)


def content(member: ZipInfo, part: Readable) -> Readable:
    """Unpack what `stored` gave; a wrong checksum is a `BrokenStream` at the end."""
    kind = _KINDS[member.compress_type]
    return _Checked(Unpacked(part, kind) if kind else part, member.CRC)


def _contents(archive: IO[bytes]) -> list[ZipInfo]:
    try:
        return ZipFile(archive).infolist()
    except (BadZipFile, NotImplementedError, EOFError, ValueError, OSError) as error:
        raise ReadError(f"the zip archive is damaged ({error})") from error


class _Part:
    """The next so many bytes of a file."""

    def __init__(self, file: IO[bytes], left: int) -> None:
        self._file, self._left = file, left

    def read(self, size: int, /) -> bytes:
        data = self._file.read(min(size, self._left))
        self._left -= len(data)
        return data


class _Checked:
    """A member's bytes, checked against its checksum once they have all been given."""

    def __init__(self, source: Readable, checksum: int) -> None:
        self._source, self._expected, self._seen = source, checksum, 0

    def read(self, size: int = BLOCK, /) -> bytes:
        data = self._source.read(size)
        self._seen = zlib.crc32(data, self._seen)
        if not data and self._seen != self._expected:
            raise BrokenStream("the zip data is damaged or cut off (its checksum is wrong)")
        return data
