"""A record that could not be taken in, on its way to the table of rejects.

Layer: above `containers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import pyarrow as pa

from sessionkit.containers import RawRecord
from sessionkit.errors import Reason
from sessionkit.tables import REJECTS


@dataclass(frozen=True)
class Reject:
    """One row of `rejects`; the fields are its columns."""

    source_file: str
    source_record: int
    source_offset: int
    dialect: str | None
    application_id: int | None
    integration_id: str | None
    updated_at: datetime | None
    reasons: Sequence[Reason]
    raw: bytes

    @classmethod
    def of(
        cls,
        file: str,
        record: RawRecord,
        dialect: str | None,
        reasons: Sequence[Reason],
        *,
        application_id: int | None = None,
        integration_id: str | None = None,
        updated_at: datetime | None = None,
    ) -> Reject:
        """Reject a record, with as much of its session's key as could be read."""
        return cls(
            file,
            record.number,
            record.offset,
            dialect,
            application_id,
            integration_id,
            updated_at,
            tuple(reasons),
            record.raw,
        )


def rejects_table(rejects: Sequence[Reject]) -> pa.Table:
    """The rejects as Arrow, by file and place in it; no row where there are none."""
    ordered = sorted(rejects, key=lambda reject: (reject.source_file, reject.source_record))
    rows = [
        {name: getattr(reject, name) for name in REJECTS.names}
        | {"reasons": [asdict(reason) for reason in reject.reasons]}
        for reject in ordered
    ]
    return pa.Table.from_pylist(rows, schema=REJECTS.arrow())
