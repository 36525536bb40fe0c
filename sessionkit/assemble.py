"""From all staged batches of a read to its tables: versions resolved, doubts told, files counted.

Layer: above `resolve`, `audit` and `intake`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

import pyarrow as pa

from sessionkit.audit import audit
from sessionkit.doubts import Doubt
from sessionkit.intake import Intake, Load
from sessionkit.rejecting import contenders, rejects_table
from sessionkit.resolve import Resolved, resolve
from sessionkit.rules import RULES
from sessionkit.session_tables import SessionTables
from sessionkit.staging import Staged, staged_schema
from sessionkit.tables import FINDINGS, LOADS, MODEL

Fates = dict[int, str]


def assembled(staged: Sequence[Staged], intake: Intake, *, whole: bool = True) -> SessionTables:
    """Make the tables of a read.

    Args:
        staged: Its batches.
        intake: The files that they came from.
        whole: Whether the batches are all there are; otherwise nothing is said of files that
            have no record in them.
    """
    tables = {
        table.name: pa.concat_tables(
            [staged_schema(table).empty_table(), *(batch.tables[table.name] for batch in staged)]
        )
        for table in MODEL
    }
    rejected = [reject for batch in staged for reject in batch.rejects]
    rejects = rejects_table(rejected)
    resolved = resolve(tables, contenders(rejected))
    fates = dict(
        zip(resolved.fates["record"].to_pylist(), resolved.fates["fate"].to_pylist(), strict=True)
    )
    findings = pa.concat_tables(
        [audit(resolved.tables), _findings(staged, intake, resolved, fates, whole=whole)]
    )
    loads = _loads(staged, intake.loads, resolved, whole=whole)
    return SessionTables.of(
        resolved.tables | {"rejects": rejects, "findings": findings, "loads": loads}
    )


def _findings(
    staged: Sequence[Staged], intake: Intake, resolved: Resolved, fates: Fates, *, whole: bool
) -> pa.Table:
    doubts = [
        doubt
        for batch in staged
        for doubt in batch.doubts
        if doubt.record is None or fates.get(doubt.record) != "older"
    ]
    doubts += _unknown_members(staged)
    doubts += _sentinels(staged)
    if whole:
        doubts += _incomplete_lists(staged, intake.loads)
    rows = [_row(asdict(doubt)) for doubt in doubts]
    rows += [_row(doubt) for doubt in resolved.doubts.to_pylist()]
    rows.sort(key=lambda row: (row["rule"], row["source_file"], row["source_record"] or 0))
    return pa.Table.from_pylist(rows, schema=FINDINGS.arrow())


def _row(doubt: dict[str, Any]) -> dict[str, Any]:
    severity = RULES[doubt["rule"]].severity
    blank: dict[str, Any] = dict.fromkeys(FINDINGS.names) | {"count": 1}
    return blank | {name: doubt[name] for name in doubt if name in blank} | {"severity": severity}


def _summed(counters: Iterable[Counter[Any]]) -> Counter[Any]:
    total: Counter[Any] = Counter()
    for counter in counters:
        total.update(counter)
    return total


def _unknown_members(staged: Sequence[Staged]) -> list[Doubt]:
    counted = _summed(batch.unknown for batch in staged)
    return [
        Doubt("unknown-member", path, "a member that the model knows", None, file, count=count)
        for (file, path), count in sorted(counted.items())
    ]


def _sentinels(staged: Sequence[Staged]) -> list[Doubt]:
    counted = _summed(batch.sentinels for batch in staged)
    return [
        Doubt("list-discount-sentinel", "totalDiscounts", None, "0", file, count=count)
        for file, count in sorted(counted.items())
    ]


def _incomplete_lists(staged: Sequence[Staged], loads: Sequence[Load]) -> list[Doubt]:
    """Lists, one per application, of which no page says that it is the last."""
    pages = {load.source_file: load for load in loads if load.pages}
    lists: dict[int | None, set[str]] = {}
    for batch in staged:
        sessions = batch.tables["sessions"].select(["source_file", "application_id"])
        for row in sessions.group_by(["source_file", "application_id"]).aggregate([]).to_pylist():
            if row["source_file"] in pages:
                lists.setdefault(row["application_id"], set()).add(row["source_file"])
    doubts = []
    for application_id, files in sorted(lists.items()):
        if not any(pages[file].ended for file in files):
            count = sum(pages[file].pages for file in files)
            seen = f"none in {count} page{'s' if count != 1 else ''}"
            wanted = "a page whose hasMore is false"
            about = Doubt("incomplete-export", "hasMore", wanted, seen, min(files))
            doubts.append(replace(about, application_id=application_id, count=count))
    return doubts


def _loads(
    staged: Sequence[Staged], loads: Sequence[Load], resolved: Resolved, *, whole: bool
) -> pa.Table:
    records = _summed(batch.records for batch in staged)
    rejects = Counter(reject.source_file for batch in staged for reject in batch.rejects)
    ended = Counter(
        zip(
            resolved.fates["source_file"].to_pylist(),
            resolved.fates["fate"].to_pylist(),
            strict=True,
        )
    )
    dialects = _by_file(pair for batch in staged for pair in batch.dialects)
    beside = _by_file(pair for batch in staged for pair in batch.beside)
    rows = []
    for load in loads:
        name = load.source_file
        if not whole and not records[name]:
            continue
        copied = records[load.copy_of] if load.copy_of else 0
        rows.append(
            {
                "source_file": name,
                "status": load.status,
                "message": load.message or _unread(beside.get(name, [])),
                "bytes": load.bytes,
                "sha256": load.sha256,
                "dialects": dialects.get(name, []),
                "records": records[name] + copied,
                "sessions": ended[name, "session"],
                "repeats": ended[name, "repeat"] + copied,
                "older": ended[name, "older"],
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
