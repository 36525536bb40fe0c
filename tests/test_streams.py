"""What comes slowly, or unpacks to more than there is memory, is read as a stream."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from sessionkit import folder
from sessionkit.unpacking import zstd
from sessionkit.window import LIMIT
from tests.reading import session

MIB = 1 << 20
SPARE = 48 * MIB
"""What may be held beside the longest record: blocks on their way, and the decoder's own."""

PACKED: dict[str, Any] = {
    "gzip": gzip.GzipFile,
    "zstd": zstd.ZstdFile,
    "bzip2": bz2.BZ2File,
    "xz": lzma.LZMAFile,
}

CUT = """
import json, resource, sys
from sessionkit.containers import recognise
from sessionkit.sources import find, open_bytes
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
before = peak()
count, faults = 0, []
with open_bytes(find(sys.argv[1])[0]) as opened:
    for record in recognise(opened, name="bomb").records():
        count += 1
        if record.fault:
            faults.append(record.fault.code)
print(json.dumps([count, faults, peak() - before]))
"""


def bomb(path: Path, packed: str, head: bytes, filling: bytes, size: int, tail: bytes) -> Path:
    """Write a file that unpacks to some bytes, very many others, and some more."""
    with PACKED[packed](path, "wb") as file:
        file.write(head)
        for _ in range(size // len(filling)):
            file.write(filling)
        file.write(tail)
    assert path.stat().st_size < size // 100
    return path


def cut(path: Path) -> tuple[int, list[str], int]:
    """Cut a file in a process of its own; give records, faults, and what memory it took at most."""
    command = [sys.executable, "-c", CUT, str(path)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    count, faults, peak = json.loads(run.stdout)
    return count, faults, peak


LAST = b'{"integrationId": "S-2"}\n'


@pytest.mark.parametrize("packed", PACKED)
def test_a_record_without_end_is_one_fault_in_bounded_memory(tmp_path: Path, packed: str) -> None:
    head, filling = b'{"integrationId": "', b"a" * MIB
    path = bomb(tmp_path / "bomb.jsonl", packed, head, filling, 512 * MIB, b'"}\n' + LAST)
    count, faults, peak = cut(path)
    assert (count, faults) == (2, ["broken-container"])
    assert peak < LIMIT + SPARE


def test_very_many_small_records_take_no_more_than_a_few(tmp_path: Path) -> None:
    few = LAST * 10_000
    path = bomb(tmp_path / "bomb.jsonl", "zstd", b"", few, 128 * MIB, b"")
    count, faults, peak = cut(path)
    assert (count, faults) == (128 * MIB // len(few) * 10_000, [])
    assert peak < SPARE


@pytest.mark.parametrize(
    ("head", "filling"),
    [(b"", b" "), (b"", b"\n"), (LAST, b" "), (LAST, b",\n"), (LAST, b"\n  ")],
    ids=repr,
)
def test_nothing_at_all_takes_no_memory(tmp_path: Path, filling: bytes, head: bytes) -> None:
    much = filling * (MIB // len(filling))
    path = bomb(tmp_path / "bomb.jsonl", "zstd", head, much, 256 * MIB, b"\n" + LAST)
    count, faults, peak = cut(path)
    assert (count, faults) == (1 + bool(head), [])
    assert peak < SPARE


def in_time(dump: bytes, pieces: int) -> Iterator[bytes]:
    """A dump, bit by bit."""
    size = len(dump) // pieces + 1
    for start in range(0, len(dump), size):
        sleep(0.02)
        yield dump[start : start + size]


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_slow_pipe_is_read_to_its_end(here: Path, pack: Callable[[bytes], bytes]) -> None:
    lines = [json.dumps(session(integrationId=f"S-{one}")).encode() + b"\n" for one in range(200)]
    command = [sys.executable, "-m", "sessionkit", "flatten", "-", "-o", "out", "-q"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdin is not None
        for piece in in_time(pack(b"".join(lines)), 50):
            run.stdin.write(piece)
            run.stdin.flush()
        _, said = run.communicate()
    assert (run.returncode, said) == (0, b"")
    assert folder.verify("out") == []
    assert folder.read("out")["sessions"].num_rows == 200
