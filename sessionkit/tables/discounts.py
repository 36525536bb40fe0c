"""Discounts: one row per label in a session's discount map."""

from sessionkit.columns import Column, Kind, Table
from sessionkit.tables.session_key import SESSION_KEY, key_columns
from sessionkit.tables.sessions import MONEY_UNIT

DISCOUNTS = Table(
    name="discounts",
    doc="The discounts that a session's map names; sessions of API V2 have no such map.",
    grain="label in a session's discount map",
    key=(*SESSION_KEY, "label"),
    rows=("discounts{}",),
    columns=(
        *key_columns(),
        Column(
            name="label",
            kind=Kind.TEXT,
            path="$key",
            doc="The discount's name, free text; a discount of one item ends in `#` and its place.",
        ),
        Column(
            name="value",
            kind=Kind.MONEY,
            path="$value",
            unit=MONEY_UNIT,
            doc="What the discount takes off; a negative value is a finding.",
        ),
    ),
)
