"""A record that could not be taken in, on its way to the table of rejects.

Layer: above `containers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import pyarrow as pa

from sessionkit.columns import INSTANT_TYPE
from sessionkit.containers import RawRecord
from sessionkit.errors import Reason
from sessionkit.lifecycle import STATES
from sessionkit.tables import REJECTS


@dataclass(frozen=True)
class Reject:
    """One row of `rejects`; the fields are its columns.

    `ordered_at`, `update_count` and `state` are no columns: they put the record in order with the
    others of its session, as far as they could be read; if it is `of_session`, and no effect.
    """

    source_file: str
    source_record: int
    source_offset: int
    dialect: str | None
    application_id: int | None
    integration_id: str | None
    updated_at: datetime | None
    reasons: Sequence[Reason]
    raw: bytes
    ordered_at: datetime | None = None
    update_count: int | None = None
    state: str | None = None
    of_session: bool = True

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
        ordered_at: datetime | None = None,
        update_count: int | None = None,
        state: str | None = None,
        of_session: bool = True,
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
            ordered_at,
            update_count,
            state,
            of_session,
        )


CONTENDING = (
    pa.field("ordered_at", INSTANT_TYPE),
    pa.field("update_count", pa.int64()),
    pa.field("state", pa.string()),
)
"""What puts a rejected record in order with the others of its session."""

REJECTED = pa.schema([*REJECTS.arrow(), *CONTENDING])
"""The columns of `rejects`, and beside them `CONTENDING`."""


def rejects_table(rejects: Sequence[Reject]) -> pa.Table:
    """The rejects as Arrow, as `REJECTED`, by file and place in it; no row where there are none."""
    ordered = sorted(rejects, key=lambda reject: (reject.source_file, reject.source_record))
    rows = [
        {name: getattr(reject, name) for name in REJECTED.names}
        | {"reasons": [asdict(reason) for reason in reject.reasons]}
        for reject in ordered
    ]
    return pa.Table.from_pylist(rows, schema=REJECTED)


CONTENDER = pa.schema(
    [
        ("application_id", pa.int64()),
        ("integration_id", pa.string()),
        *CONTENDING,
        ("step", pa.int8()),
        ("source_file", pa.string()),
        ("source_record", pa.int64()),
    ]
)
"""A rejected record of a session that is known, with what puts it in order."""


def contenders(rejects: Sequence[Reject]) -> pa.Table:
    """Rejected records of a session that is known, with what puts them in order."""
    rows = [
        {name: getattr(reject, name, None) for name in CONTENDER.names}
        | {"step": STATES.index(reject.state) if reject.state in STATES else None}
        for reject in rejects
        if reject.of_session
        and reject.application_id is not None
        and reject.integration_id is not None
    ]
    return pa.Table.from_pylist(rows, schema=CONTENDER)
