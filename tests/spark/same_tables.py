"""Whether two folders hold the same tables, row by row."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa

from sessionkit.folder import read, verify
from sessionkit.tables import ALL


def rows(table: pa.Table) -> list[str]:
    """The rows of a table as texts, in an order of their own."""
    return sorted(json.dumps(row, default=repr, sort_keys=True) for row in table.to_pylist())


def unlike(folder: Path, other: Path) -> dict[str, tuple[list[str], list[str]]]:
    """The tables that are not the same, with up to three rows that only the one or other has."""
    ours, theirs = read(folder), read(other)
    found = {}
    for table in ALL:
        one, two = rows(ours[table.name]), rows(theirs[table.name])
        if one != two:
            only = [row for row in one if row not in set(two)][:3]
            more = [row for row in two if row not in set(one)][:3]
            found[table.name] = (only, more)
    return found


def assert_same(folder: Path, other: Path) -> None:
    """Hold a folder to another one, and to its own manifest."""
    assert verify(folder) == []
    assert unlike(folder, other) == {}
