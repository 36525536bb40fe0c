"""Item prices: one row per price type of a cart line."""

from dataclasses import replace

from sessionkit.columns import Column, Kind, Table
from sessionkit.tables.cart_items import LINE
from sessionkit.tables.session_key import SESSION_KEY, key_columns
from sessionkit.tables.sessions import MONEY_UNIT

ITEM_PRICES = Table(
    name="item_prices",
    doc="The prices that a line could have had.",
    grain="price type of a cart line",
    key=(*SESSION_KEY, "line", "price_type"),
    rows=("cartItems[].prices{}",),
    columns=(
        *key_columns(),
        replace(LINE, doc="The line of the cart."),
        Column(
            name="price_type",
            kind=Kind.TEXT,
            path="$key",
            doc="The price type, such as `base` or `member`.",
        ),
        Column(
            name="price",
            kind=Kind.MONEY,
            path="price",
            unit=MONEY_UNIT,
            doc="The price of one unit under this type.",
        ),
        Column(
            name="adjustment_reference_id",
            kind=Kind.TEXT,
            path="adjustmentReferenceId",
            nullable=True,
            doc="The price adjustment that set this price.",
        ),
        Column(
            name="adjustment_context_id",
            kind=Kind.TEXT,
            path="adjustmentContextId",
            nullable=True,
            doc="The context of that adjustment.",
        ),
        Column(
            name="adjustment_effective_from",
            kind=Kind.INSTANT,
            path="adjustmentEffectiveFrom",
            nullable=True,
            doc="From when the adjustment holds.",
        ),
        Column(
            name="adjustment_effective_until",
            kind=Kind.INSTANT,
            path="adjustmentEffectiveUntil",
            nullable=True,
            doc="Until when the adjustment holds.",
        ),
    ),
)
