"""What is told beside the tables of the model: rejects, findings, and what became of each file.

Layer: above `flattening`, `audit` and `intake`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

import pyarrow as pa

from sessionkit.doubts import Doubt
from sessionkit.flattening import Told
from sessionkit.intake import Load
from sessionkit.rules import RULES
from sessionkit.tables import FINDINGS, LOADS


def findings_of(told: Told, loads: Sequence[Load], *, whole: bool = True) -> pa.Table:
    """The findings that only reading could make, by rule, file and place in it.

    Args:
        told: What the batches told.
        loads: The files met.
        whole: Whether the batches are all there are; otherwise nothing is said of whole lists.
    """
    doubts = [*told.doubts, *_unknown_members(told), *_sentinels(told)]
    if whole:
        doubts += _incomplete_lists(told, loads)
    rows = [_row(asdict(doubt)) for doubt in doubts]
    rows += [
        _row(doubt) for doubt in ([] if told.conflicts is None else told.conflicts.to_pylist())
    ]
    rows.sort(key=lambda row: (row["rule"], row["source_file"], row["source_record"] or 0))
    return pa.Table.from_pylist(rows, schema=FINDINGS.arrow())


def _row(doubt: dict[str, Any]) -> dict[str, Any]:
    severity = RULES[doubt["rule"]].severity
    blank: dict[str, Any] = dict.fromkeys(FINDINGS.names) | {"count": 1}
    return blank | {name: doubt[name] for name in doubt if name in blank} | {"severity": severity}


def _unknown_members(told: Told) -> list[Doubt]:
    return [
        Doubt("unknown-member", path, "a member that the model knows", None, file, count=count)
        for (file, path), count in sorted(told.unknown.items())
    ]


def _sentinels(told: Told) -> list[Doubt]:
    return [
        Doubt("list-discount-sentinel", "totalDiscounts", None, "0", file, count=count)
        for file, count in sorted(told.sentinels.items())
    ]


def _incomplete_lists(told: Told, loads: Sequence[Load]) -> list[Doubt]:
    """Lists, one per application, of which no page says that it is the last."""
    pages = {load.source_file: load for load in loads if load.pages}
    lists: dict[int, set[str]] = {}
    for file, application_id in told.lists:
        if file in pages:
            lists.setdefault(application_id, set()).add(file)
    doubts = []
    for application_id, files in sorted(lists.items()):
        if not any(pages[file].ended for file in files):
            count = sum(pages[file].pages for file in files)
            seen = f"none in {count} page{'s' if count != 1 else ''}"
            wanted = "a page whose hasMore is false"
            about = Doubt("incomplete-export", "hasMore", wanted, seen, min(files))
            doubts.append(replace(about, application_id=application_id, count=count))
    return doubts


def loads_of(told: Told, loads: Sequence[Load], *, whole: bool = True) -> pa.Table:
    """One row per file met, in the order of meeting; unless `whole`, only those with records."""
    rejects = Counter(reject.source_file for reject in told.rejects)
    dialects, beside = _by_file(told.dialects), _by_file(told.beside)
    rows = []
    for load in loads:
        name = load.source_file
        if not whole and not told.records[name]:
            continue
        copied = told.records[load.copy_of] if load.copy_of else 0
        rows.append(
            {
                "source_file": name,
                "status": load.status,
                "message": load.message or _unread(beside.get(name, [])),
                "bytes": load.bytes,
                "sha256": load.sha256,
                "dialects": dialects.get(name, []),
                "records": told.records[name] + copied,
                "sessions": told.fates[name, "session"],
                "repeats": told.fates[name, "repeat"] + copied,
                "older": told.fates[name, "older"],
                "rejects": rejects[name],
            }
        )
    return pa.Table.from_pylist(rows, schema=LOADS.arrow())


def _by_file(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The distinct names of each file, in alphabetical order."""
    gathered: dict[str, list[str]] = {}
    for file, name in sorted(set(pairs)):
        gathered.setdefault(file, []).append(name)
    return gathered


def _unread(names: list[str]) -> str | None:
    return f"beside the sessions, and not read: {', '.join(names)}" if names else None
