"""Additional costs: one row per named cost, of a session or of a cart line."""

from sessionkit.columns import Column, Kind, Table
from sessionkit.tables.session_key import SESSION_KEY, key_columns
from sessionkit.tables.sessions import MONEY_UNIT

ADDITIONAL_COSTS = Table(
    name="additional_costs",
    doc="Shipping, wrapping and the like, of a session or of one of its lines.",
    grain="named cost of a session (`line` is null) or of a cart line",
    key=(*SESSION_KEY, "line", "name"),
    rows=("additionalCosts{}", "cartItems[].additionalCosts{}"),
    columns=(
        *key_columns(),
        Column(
            name="line",
            kind=Kind.WHOLE,
            path="#",
            nullable=True,
            at_least=0,
            doc="The line of the cart that bears the cost; null when the session does.",
        ),
        Column(name="name", kind=Kind.TEXT, path="$key", doc="The cost's name."),
        Column(
            name="price",
            kind=Kind.MONEY,
            path="price",
            unit=MONEY_UNIT,
            doc="The cost. Whether a line's cost is meant per unit is not documented: it is "
            "taken once per line.",
        ),
    ),
)
