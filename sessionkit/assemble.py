"""What is told beside the tables of the model: rejects, findings, and what became of each file.

Layer: above `told` and `intake`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from sessionkit.doubts import Doubt
from sessionkit.errors import ReadError
from sessionkit.intake import Load
from sessionkit.tables import FINDINGS, LOADS
from sessionkit.told import Told, doubts_table


def refuse_nothing(loads: Sequence[Load]) -> None:
    """Refuse when no file could be read; say of each why."""
    if any(load.status == "read" for load in loads):
        return
    reasons = [f"{load.source_file}: {load.message}" for load in loads]
    more = f"\n… and {len(reasons) - 5} more" if len(reasons) > 5 else ""
    raise ReadError(
        "\n".join(reasons[:5]) + more if reasons else "nothing to read: no file was found"
    )


def findings_of(told: Told, loads: Sequence[Load], *, whole: bool = True) -> pa.Table:
    """The findings that only reading could make, as `doubts_of` has them."""
    return doubts_of(told, loads, whole=whole).select(FINDINGS.names).cast(FINDINGS.arrow())


def doubts_of(told: Told, loads: Sequence[Load], *, whole: bool = True) -> pa.Table:
    """What only reading could doubt, by rule, file and place in it, as `DOUBTS`.

    Args:
        told: What the batches told.
        loads: The files met.
        whole: Whether the batches are all there are; otherwise nothing is said of whole lists.
    """
    doubts = [*_unknown_members(told), *_sentinels(told)]
    if whole:
        doubts += _incomplete_lists(told, loads)
    rows = pa.concat_tables([told.doubts, doubts_table(doubts)])
    order = [(name, "ascending", "at_start") for name in ("rule", "source_file", "source_record")]
    return rows.take(pc.sort_indices(rows, sort_keys=order))


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
                "sessions": told.fates[name, "session"] + told.fates[name, "changed"],
                "repeats": told.fates[name, "repeat"] + copied,
                "older": told.fates[name, "older"],
                "effects": told.effects[name],
                "rejects": told.rejects[name],
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
