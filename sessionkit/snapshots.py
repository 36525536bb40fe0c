"""Snapshots: what a record said of its session, in one row.

Layer: above `digest`.
"""

from __future__ import annotations

from sessionkit.database import quoted
from sessionkit.digest import saying
from sessionkit.tables import PROVENANCE
from sessionkit.tables.snapshots import SHOWN


def snapshots_of(staged: str, *more: str) -> str:
    """A query for one snapshot per row.

    Args:
        staged: A table or query, with the columns of `sessions` as staged.
        more: Other columns of it to be kept beside.

    Returns:
        A `select` with the columns of `snapshots`, in the order of the rows.
    """
    shown = ", ".join(quoted(name) for name in (*SHOWN, *PROVENANCE, *more))
    return (
        "select application_id, integration_id, "
        "date_trunc('second', ordered_at) as version_at, state,\n"
        f"    md5({saying()}) as digest,\n    {shown}\nfrom {staged}"
    )
