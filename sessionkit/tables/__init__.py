"""The nouns: every table that a dump can fill, declared once, parents before children."""

from sessionkit.columns import Table
from sessionkit.tables.additional_costs import ADDITIONAL_COSTS
from sessionkit.tables.attributes import ATTRIBUTES
from sessionkit.tables.cart_items import CART_ITEMS
from sessionkit.tables.coupons import COUPONS, IDENTIFIERS
from sessionkit.tables.discounts import DISCOUNTS
from sessionkit.tables.effects import EFFECTS
from sessionkit.tables.findings import FINDINGS, SEVERITIES
from sessionkit.tables.item_prices import ITEM_PRICES
from sessionkit.tables.loads import LOADS
from sessionkit.tables.rejects import REJECTS
from sessionkit.tables.session_key import SESSION_KEY
from sessionkit.tables.sessions import SESSIONS
from sessionkit.tables.snapshots import SNAPSHOTS

MODEL: tuple[Table, ...] = (
    SESSIONS,
    CART_ITEMS,
    DISCOUNTS,
    ADDITIONAL_COSTS,
    ITEM_PRICES,
    COUPONS,
    IDENTIFIERS,
    ATTRIBUTES,
)
"""The tables filled from records; each carries the session's key."""

HISTORY: tuple[Table, ...] = (EFFECTS, SNAPSHOTS)
"""The tables that tell what became of sessions over time."""

RECORDS_KEPT: tuple[Table, ...] = (REJECTS, FINDINGS, LOADS)
"""The tables that tell how reading went."""

ALL: tuple[Table, ...] = (*MODEL, *HISTORY, *RECORDS_KEPT)
"""Every table, parents before children."""

PROVENANCE = ("source_file", "source_record", "source_offset", "dialect")
"""The columns of `sessions` that tell where a row came from, and nothing of the session."""

__all__ = [
    "ADDITIONAL_COSTS",
    "ALL",
    "ATTRIBUTES",
    "CART_ITEMS",
    "COUPONS",
    "DISCOUNTS",
    "EFFECTS",
    "FINDINGS",
    "HISTORY",
    "IDENTIFIERS",
    "ITEM_PRICES",
    "LOADS",
    "MODEL",
    "PROVENANCE",
    "RECORDS_KEPT",
    "REJECTS",
    "SESSIONS",
    "SESSION_KEY",
    "SEVERITIES",
    "SNAPSHOTS",
    "Table",
]
