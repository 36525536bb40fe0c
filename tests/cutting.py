"""Finding, opening and cutting files, with what must hold of every file checked."""

from __future__ import annotations

import io
from pathlib import Path

from sessionkit.containers import RawRecord, Recognised, recognise
from sessionkit.sources import BrokenStream, Opened, Source, find


class InBlocks:
    """A stream that gives few bytes at a time, however many are asked for."""

    def __init__(self, data: bytes, block: int) -> None:
        self._stream, self._block = io.BytesIO(data), block

    def read(self, size: int, /) -> bytes:
        return self._stream.read(min(size, self._block))


class Breaking(InBlocks):
    """A stream that breaks where its bytes end."""

    def read(self, size: int, /) -> bytes:
        data = super().read(size)
        if not data:
            raise BrokenStream("the line is dead")
        return data


def cut(data: bytes, block: int = 1 << 20) -> list[RawRecord]:
    """Cut a file; its records are numbered, in order, apart, and are the file's own bytes."""
    return cut_file(data, block)[1]


def cut_file(data: bytes, block: int = 1 << 20) -> tuple[Recognised, list[RawRecord]]:
    file = recognise(InBlocks(data, block), name="dump")
    found = list(file.records())
    behind = 0
    for number, record in enumerate(found, start=1):
        assert record.number == number
        assert record.offset >= behind
        behind = record.offset + len(record.raw)
        assert record.raw == data[record.offset : behind]
    return file, found


def raws(data: bytes) -> list[bytes]:
    """The bytes of every record, and `!` before those that a fault closes."""
    return [b"!" * (record.fault is not None) + record.raw for record in cut(data)]


def names(*sources: Source) -> list[str]:
    """The files found that are to be read; those left alone in brackets."""
    return [f"({each.name})" if each.skipped else each.name for each in find(sources)]


def everything(stream: Opened) -> bytes:
    given = b""
    while data := stream.read(100):
        given += data
    return given


def write(*names: str, content: bytes = b"{}") -> None:
    """Write files that differ, in their folders; each ends in its own name."""
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content + name.encode())
