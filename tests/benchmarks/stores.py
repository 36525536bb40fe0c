"""Loads into a store: of a whole dump, of a day's export on top of it, of many small files.

What is timed begins when the store is open and the dumps lie ready.

    python -m tests.benchmarks.stores load|daily|one_file|small_files DUMP OUT
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from tests.benchmarks.data import lines_of

DAILY = 20_000
"""How many sessions a day's export holds at most: half as they were, the rest changed or new."""
FEW = 20_000
"""How many records the files of `one_file` and `small_files` hold together."""
FILES = 1_000


_UPDATED = re.compile(rb'("updated": ?")[^"]*"')
_INTEGRATION_ID = re.compile(rb'("integrationId": ?")')


def days_export(lines: list[bytes]) -> Iterator[bytes]:
    """Of every ten sessions five as they were, four changed, and one under a new id.

    Example:
        >>> lines = [b'{"integrationId":"S-%d","updated":"2026-01-31T09:05:27Z"}' % n
        ...          for n in range(10)]
        >>> day = list(days_export(lines))
        >>> day[4] == lines[4], json.loads(day[8])["updated"], json.loads(day[9])["integrationId"]
        (True, '2100-01-01T00:00:00Z', 'new S-9')
    """
    step = max(len(lines) // DAILY, 1)
    for number, line in enumerate(islice(lines[::step], DAILY)):
        place = number % 10
        if place < 5:
            yield line
            continue
        if place < 9:
            yield _replaced(_UPDATED, rb'\g<1>2100-01-01T00:00:00Z"', line)
        else:
            yield _replaced(_INTEGRATION_ID, rb"\g<1>new ", line)


def _replaced(pattern: re.Pattern[bytes], by: bytes, line: bytes) -> bytes:
    """The line with the first place changed; a line without one is no session of a dump."""
    changed, times = pattern.subn(by, line, count=1)
    if not times:
        raise ValueError(f"nothing like {pattern.pattern!r} in {line[:200]!r}")
    return changed


def written(path: Path, lines: Iterator[bytes]) -> Path:
    """Write lines into a file."""
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def small_files(folder: Path, lines: list[bytes]) -> Path:
    """Write lines into many files of one folder."""
    folder.mkdir()
    size = -(-len(lines) // FILES)
    for number, start in enumerate(range(0, len(lines), size)):
        written(folder / f"{number:04}.jsonl", iter(lines[start : start + size]))
    return folder


def timed(load: Callable[[], Any]) -> dict[str, float]:
    """Load, and tell what it took and how many records there were."""
    wall, cpu = time.perf_counter(), time.process_time()
    loaded = load()
    took = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    return took | {"records": loaded.records, "sessions": loaded.new}


def main(what: str, dump: Path, out: Path) -> dict[str, float]:
    """Load into a new store."""
    from sessionkit.store import Store

    with Store(out / "sessions.duckdb") as store:
        if what == "load":
            return timed(lambda: store.load(dump))
        if what == "daily":
            store.load(dump)
            day = written(out / "day.jsonl", days_export(list(lines_of(dump))))
            return timed(lambda: store.load(day))
        few = list(islice(lines_of(dump), FEW))
        if what == "one_file":
            one = written(out / "one.jsonl", iter(few))
            return timed(lambda: store.load(one))
        many = small_files(out / "many", few)
        return timed(lambda: store.load(many))


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))))
