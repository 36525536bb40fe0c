"""Stores in tests: documents loaded, and all that a store holds as plain sets of rows."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa

from sessionkit.session_tables import SessionTables
from sessionkit.store import Loaded, Store
from sessionkit.tables import MODEL, PROVENANCE
from tests.reading import Doc, dump, named

Held = dict[str, Counter[tuple[Any, ...]]]

TELLING = ("rule", "severity", "application_id", "integration_id", "path", "expected", "seen")
"""What a finding says, but for the record that it was found in."""


def load(store: Store, *docs: Doc, **options: Any) -> Loaded:
    """Load each document as a file of its own, called `file-1`, `file-2` and so on."""
    files = [named(f"file-{number}", dump(doc)) for number, doc in enumerate(docs, 1)]
    return store.load(*files, **options)


def counts(loaded: Loaded) -> tuple[int, int, int, int, int]:
    """New, changed, repeated, older, rejected."""
    return loaded.new, loaded.changed, loaded.repeated, loaded.older, loaded.rejected


def held(source: Store | SessionTables) -> Held:
    """What a store, or one reading of everything, holds: rows of each table, in no order.

    Where a row came from is left out, and of findings those about files; rejects, and findings
    about them, are told once each.
    """
    found = {table.name: _counted(_table(source, table.name)) for table in MODEL}
    for name in ("snapshots", "effects"):
        found[name] = _counted(_table(source, name))
    found["rejects"] = Counter(_counted(_table(source, "rejects"), ("raw", "reasons")).keys())
    findings = _counted(_table(source, "findings"), TELLING)
    found["findings"] = Counter(
        {
            row: 1 if dict(row)["rule"] == "newer-record-rejected" else count
            for row, count in findings.items()
            if dict(row)["integration_id"] is not None
        }
    )
    return found


def _table(source: Store | SessionTables, name: str) -> pa.Table:
    if isinstance(source, Store):
        return source.sql(f"from {name}").table
    table: pa.Table = source.as_dict()[name]
    return table


def _counted(table: pa.Table, names: tuple[str, ...] = ()) -> Counter[tuple[Any, ...]]:
    chosen = names or [name for name in table.column_names if name not in PROVENANCE]
    rows = table.select(chosen).to_pylist()
    return Counter(tuple((name, _frozen(row[name])) for name in chosen) for row in rows)


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_frozen(one) for one in value)
    return tuple(value.items()) if isinstance(value, dict) else value


def differences(one: Held, other: Held) -> dict[str, tuple[list[Any], list[Any]]]:
    """The rows of each table that only one side has; empty where both are the same."""
    sides = {
        name: (
            list((one[name] - other[name]).elements()),
            list((other[name] - one[name]).elements()),
        )
        for name in one
    }
    return {name: side for name, side in sides.items() if any(side)}


def in_file(path: Path) -> Held:
    """What a store holds that is opened to be read."""
    with Store.open_readonly(path) as store:
        return held(store)
