"""What a load brought: how many records, and what became of them, file by file.

Layer: inside `store`; imports `assemble`, `found` and `told` from below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from sessionkit.assemble import loads_of
from sessionkit.found import Found
from sessionkit.intake import Load
from sessionkit.told import Told

KNOWN = "known"
"""The status of a file whose bytes were loaded before."""

COUNTS = ("records", "new", "changed", "repeated", "older", "effects", "rejected")
"""What is counted of each file."""


@dataclass(frozen=True, repr=False)
class Loaded:
    """What a load brought.

    Attributes:
        load: Its number; null where nothing was new, so that the store is as it was.
        files: One row per file met: `source_file`, `status` (as in `loads`, or `known` for bytes
            that were loaded before), `message`, and how many `records` it holds, of which `new`
            (sessions that were not known), `changed` (known ones that have another version now),
            `repeated`, `older`, `effects` (rows of exports of effects) and `rejected`.
        resolved: How many rejects of earlier loads it brought mended.
        notes: What there is to say of files that were written to be mended.
    """

    load: int | None
    files: pa.Table
    resolved: int = 0
    notes: tuple[str, ...] = ()

    def _sum(self, name: str) -> int:
        return pc.sum(self.files[name]).as_py() or 0

    @property
    def records(self) -> int:
        """Records met in files that were read."""
        return self._sum("records")

    @property
    def new(self) -> int:
        """Sessions that were not known."""
        return self._sum("new")

    @property
    def changed(self) -> int:
        """Sessions that were known, and have another version now."""
        return self._sum("changed")

    @property
    def repeated(self) -> int:
        """Records that tell the current version of a session once more."""
        return self._sum("repeated")

    @property
    def older(self) -> int:
        """Records of versions that another record has overtaken."""
        return self._sum("older")

    @property
    def effects(self) -> int:
        """Rows of exports of effects; effects in V2 responses come with their session's record."""
        return self._sum("effects")

    @property
    def rejected(self) -> int:
        """Records that could not be taken in."""
        return self._sum("rejected")

    def __repr__(self) -> str:
        shown = [name for name in COUNTS[1:] if name != "effects" or self.effects]
        counts = ", ".join(f"{getattr(self, name):,} {name}" for name in shown)
        resolved = f", {self.resolved:,} resolved" if self.resolved else ""
        return f"Loaded({self.files.num_rows:,} files: {counts}{resolved})"


def files_told(loads: Sequence[Load], told: Told, known: Sequence[Found]) -> pa.Table:
    """What became of each file: those read, in the order of meeting, then those known before."""
    rows = loads_of(told, loads).to_pylist()
    changed = {load.source_file: told.fates[load.source_file, "changed"] for load in loads}
    told_rows = [
        {
            "source_file": row["source_file"],
            "status": row["status"],
            "message": row["message"],
            "records": row["records"],
            "new": row["sessions"] - changed[row["source_file"]],
            "changed": changed[row["source_file"]],
            "repeated": row["repeats"],
            "older": row["older"],
            "effects": row["effects"],
            "rejected": row["rejects"],
        }
        for row in rows
    ]
    message = "the same bytes were loaded before: not read again"
    nothing = dict.fromkeys(COUNTS, 0)
    told_rows += [
        {"source_file": each.name, "status": KNOWN, "message": message, **nothing} for each in known
    ]
    fields = [(name, pa.string()) for name in ("source_file", "status", "message")]
    schema = pa.schema([*fields, *((name, pa.int64()) for name in COUNTS)])
    return pa.Table.from_pylist(told_rows, schema=schema)
