"""The dumps to measure on: made once for each number of sessions, kept in the work folder.

All of a size are the same V1 sessions as JSON Lines, told in other ways; list pages and the CSV
export are told by the generator, of as many sessions.

    python -m tests.benchmarks.data WORK SESSIONS [DUMP...]
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path
from shutil import rmtree
from typing import IO

SEED = 1
BAD_EACH = 100
"""Of so many records, one is bad."""

_ENTRY = rb'("(?:[^"\\]|\\.)*"):(-?[0-9][0-9.eE+-]*)'
_DISCOUNTS = re.compile(rb'"discounts":\{((?:' + _ENTRY + rb",?)*)\}")
_AMOUNT = re.compile(_ENTRY)

Spoil = Callable[[bytes], bytes]
SPOILS: dict[str, Spoil] = {
    "torn": lambda line: line[: len(line) // 2],
    "no number": lambda line: line.replace(b'"total":', b'"total":NaN,"was":', 1),
    "no instant": lambda line: line.replace(b'"created":"', b'"created":"about ', 1),
    "no id": lambda line: line.replace(b'"integrationId":', b'"integration":', 1),
    "no state": lambda line: line.replace(b'"state":"', b'"state":"half-', 1),
}
"""Ways to make a record one to be rejected."""


def lines_of(dump: Path) -> Iterator[bytes]:
    """The lines of a dump, without their ends."""
    with dump.open("rb") as lines:
        for line in lines:
            yield line.rstrip(b"\r\n")


def spoilt(lines: Iterator[bytes]) -> Iterator[bytes]:
    """The same lines, one in a hundred bad, in each of the ways in turn.

    Example:
        >>> good = [b'{"integrationId":"a","state":"open","total":1}'] * 300
        >>> bad = list(spoilt(iter(good)))
        >>> bad[99], sum(line not in good for line in bad)
        (b'{"integrationId":"a","s', 2)
    """
    spoils = cycle(SPOILS.values())
    for number, line in enumerate(lines, start=1):
        yield line if number % BAD_EACH else next(spoils)(line)


def long_discounts(line: bytes) -> bytes:
    """The same session, every discount a number of 17 digits.

    Example:
        >>> long_discounts(b'{"total":9,"discounts":{"A":1,"B:2":2.5}}')
        b'{"total":9,"discounts":{"A":12.345678901234567,"B:2":12.345678901234567}}'
    """
    return _DISCOUNTS.sub(lambda map_: _AMOUNT.sub(rb"\1:12.345678901234567", map_[0]), line)


def _write_lines(path: Path, lines: Iterator[bytes]) -> None:
    with path.open("wb") as out:
        out.writelines(line + b"\n" for line in lines)


def _write_array(path: Path, lines: Iterator[bytes]) -> None:
    with path.open("wb") as out:
        out.write(b"[" + next(lines))
        out.writelines(b"," + line for line in lines)
        out.write(b"]")


def _unpacked(path: Path) -> Iterator[IO[bytes]]:
    """The files that one export lies in, without their compression."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                with archive.open(name) as member:
                    yield member
        return
    if path.suffix == ".zst":
        import pyarrow as pa

        with pa.input_stream(str(path), compression="zstd") as packed:
            yield io.BytesIO(packed.read())
        return
    opens = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
    with opens.get(path.suffix, open)(path, "rb") as stream:  # type: ignore[operator]
        yield stream


def _write_export(path: Path, folder: Path) -> None:
    """One CSV export out of all of a folder."""
    head = b""
    with path.open("wb") as out:
        for packed in sorted(folder.iterdir()):
            for stream in _unpacked(packed):
                first = stream.readline().removeprefix(b"\xef\xbb\xbf").rstrip() + b"\n"
                if not head:
                    out.write(head := first)
                while block := stream.read(1 << 20):
                    out.write(block)


def _generated(work: Path, sessions: int, dialect: str) -> Path:
    """The folder of a dialect's made-up dumps."""
    from sessionkit.generate import generate

    folder = work / f"generated-{dialect}"
    if not (folder / "answers.json").exists():
        rmtree(folder, ignore_errors=True)
        generate(folder, sessions=sessions, seed=SEED, dialects=[dialect])
    return folder


def make(work: Path, sessions: int, name: str, few: int) -> Path:
    """A dump by its name, made if it is not there yet.

    Args:
        work: The folder for all of that number of sessions.
        sessions: How many sessions; there are somewhat more records.
        name: `lines`, `few` (the first records of it), `array`, `pages`, `csv`, `bad`, `digits`.
        few: How many records `few` has.
    """
    suffix = {"array": "json", "csv": "csv"}.get(name, "jsonl")
    path = work / (f"few-{few}.jsonl" if name == "few" else f"{name}.{suffix}")
    if path.exists():
        return path
    work.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    if name == "lines":
        dump = _generated(work, sessions, "v1_session") / "dumps/v1_session/sessions.jsonl"
        part.hardlink_to(dump)
    elif name == "pages":
        folder = _generated(work, sessions, "session_list") / "dumps/session_list"
        part.hardlink_to(folder / "pages.jsonl")
    elif name == "csv":
        _write_export(part, _generated(work, sessions, "csv_export") / "dumps/csv_export")
    else:
        lines = lines_of(make(work, sessions, "lines", few))
        if name == "few":
            _write_lines(part, islice(lines, few))
        elif name == "array":
            _write_array(part, lines)
        elif name == "bad":
            _write_lines(part, spoilt(lines))
        else:
            _write_lines(part, map(long_discounts, lines))
    return part.rename(path)


if __name__ == "__main__":
    _work, _sessions, _few, *_names = sys.argv[1:]
    _made = {name: str(make(Path(_work), int(_sessions), name, int(_few))) for name in _names}
    print(json.dumps(_made))
