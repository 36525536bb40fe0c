"""Finding, opening and cutting files, with what must hold of every file checked."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import msgspec

from sessionkit import lines, objects, row_lines
from sessionkit.containers import RawRecord, Recognised, Rows, Run, recognise
from sessionkit.records import flattened
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
    found = list(flattened(kept(file.parts())))
    behind = 0
    for number, record in enumerate(found, start=1):
        assert record.number == number
        assert record.offset >= behind
        behind = record.offset + len(record.raw)
        assert record.raw == data[record.offset : behind]
    return file, found


def kept(parts: Iterable[RawRecord | Run | Rows]) -> Iterator[RawRecord | Run | Rows]:
    """Check what is promised of runs and rows."""
    number = 1
    for part in parts:
        assert part.number == number
        if isinstance(part, Run):
            assert part.starts[0] == 0
            assert part.starts[-1] == len(part.data)
            for start, end in pairwise(part.starts):
                assert part.data[start] == ord("{")
                msgspec.json.decode(part.data[start:end], type=msgspec.Raw)
            number += len(part.starts) - 1
        elif isinstance(part, Rows):
            assert len(part.raws) == len(part.offsets) == len(part.cells) > 0
            assert {len(row) for row in part.cells} == {len(part.columns)}
            number += len(part.raws)
        else:
            number += 1
        yield part


@contextmanager
def slowly() -> Iterator[None]:
    """Take the quick ways away: what is left looks at one record after another."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(lines.PlainLines, "runs", lambda *_: iter(())))
        stack.enter_context(patch.object(objects.Objects, "take", lambda *_, **__: None))
        stack.enter_context(patch.object(objects.Objects, "scan", lambda *_: None))
        stack.enter_context(patch.object(row_lines.RowLines, "ahead", lambda *_: ([], [], [])))
        yield


@contextmanager
def reaching(size: int | None) -> Iterator[None]:
    """Let the quick ways look so many bytes ahead, and no more; None: as far as they do."""
    with ExitStack() as stack:
        for module in (lines, objects, row_lines) if size else ():
            stack.enter_context(patch.object(module, "_FIRST_REACH", size))
            stack.enter_context(patch.object(module, "_REACH", size))
        yield


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
