"""Snapshots: one row per version of a session that any dump held."""

from dataclasses import replace

from sessionkit.columns import Column, Kind, Table
from sessionkit.tables.session_key import SESSION_KEY, key_columns
from sessionkit.tables.sessions import SESSIONS

SHOWN = (
    "created_at",
    "updated_at",
    "closed_at",
    "cancelled_at",
    "times_known",
    "update_count",
    "total",
    "cart_item_total",
    "items_total",
    "total_discounts",
    "discounts_known",
    "discount_total",
    "line_count",
    "unit_count",
)
"""The columns of `sessions` that a snapshot shows as its record had them, nothing completed."""

SNAPSHOTS = Table(
    name="snapshots",
    doc="What each distinct version of a session said; `sessions` has the last one, completed.",
    grain="distinct version of a session that any dump held",
    key=(*SESSION_KEY, "version_at", "state", "digest"),
    columns=(
        *(replace(column, path=None, member=None) for column in key_columns()),
        Column(
            name="version_at",
            kind=Kind.INSTANT,
            nullable=True,
            doc="The second of the update; for a record that tells none, when its dump was taken, "
            "if that was said.",
        ),
        replace(SESSIONS["state"], path=None, member=None, doc="The state in this version."),
        Column(
            name="digest",
            kind=Kind.TEXT,
            doc="A digest of what the session itself says in this version, in hex; the details of "
            "its lines and attributes are not in it.",
        ),
        *(replace(SESSIONS[name], path=None, member=None) for name in SHOWN),
        *(
            replace(SESSIONS[name])
            for name in ("source_file", "source_record", "source_offset", "dialect")
        ),
    ),
)
