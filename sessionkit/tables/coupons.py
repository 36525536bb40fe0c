"""Coupons and identifiers: one row per distinct code, or identifier, of a session."""

from sessionkit.columns import Column, Kind, Table
from sessionkit.tables.session_key import SESSION_KEY, key_columns

COUPONS = Table(
    name="coupons",
    doc="The coupon codes entered; a code in a session was entered, not proven accepted.",
    grain="coupon code in a session (a code listed twice is one row)",
    key=(*SESSION_KEY, "code"),
    rows=("couponCodes[]",),
    distinct=True,
    columns=(
        *key_columns(),
        Column(name="code", kind=Kind.TEXT, path="$value", doc="The code as entered."),
    ),
)

IDENTIFIERS = Table(
    name="identifiers",
    doc="The identifiers sent for fraud detection.",
    grain="identifier in a session (one listed twice is one row)",
    key=(*SESSION_KEY, "identifier"),
    rows=("identifiers[]",),
    distinct=True,
    columns=(
        *key_columns(),
        Column(
            name="identifier",
            kind=Kind.TEXT,
            path="$value",
            personal=True,
            doc="The identifier as sent; Talon.One recommends a hash.",
        ),
    ),
)
