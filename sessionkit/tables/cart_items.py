"""Cart items: one row per line of a session's cart."""

from sessionkit.columns import Column, Kind, Table
from sessionkit.tables.session_key import SESSION_KEY, key_columns
from sessionkit.tables.sessions import MONEY_UNIT

LINE = Column(
    name="line",
    kind=Kind.WHOLE,
    path="#",
    at_least=0,
    completes="never",
    doc="The line's place in the cart as listed, from 0.",
)

_WHAT = (
    Column(
        name="sku",
        kind=Kind.TEXT,
        path="sku",
        doc="The stock keeping unit; several lines may hold the same one.",
    ),
    Column(name="name", kind=Kind.TEXT, path="name", nullable=True, doc="The item's name."),
    Column(
        name="category",
        kind=Kind.TEXT,
        path="category",
        nullable=True,
        doc="The item's category.",
    ),
    Column(
        name="product_name",
        kind=Kind.TEXT,
        path="product.name",
        nullable=True,
        doc="The product that the sku is a variant of.",
    ),
    Column(
        name="quantity",
        kind=Kind.WHOLE,
        path="quantity",
        unit="units",
        at_least=1,
        doc="Units bought, before returns.",
    ),
    Column(
        name="returned_quantity",
        kind=Kind.WHOLE,
        path="returnedQuantity",
        unit="units",
        nullable=True,
        at_least=0,
        doc="Units returned so far.",
    ),
    Column(
        name="remaining_quantity",
        kind=Kind.WHOLE,
        path="remainingQuantity",
        unit="units",
        nullable=True,
        at_least=0,
        doc="Units that the customer still has, as reported.",
    ),
    Column(
        name="price",
        kind=Kind.MONEY,
        path="price",
        unit=MONEY_UNIT,
        nullable=True,
        doc="The price of one unit, before discounts; null when the dump does not tell it.",
    ),
    Column(
        name="position",
        kind=Kind.MEASURE,
        path="position",
        nullable=True,
        doc="The API's own place of the line, which effects point at; a number, whole by rights.",
    ),
)
_SIZE = (
    Column(name="weight", kind=Kind.MEASURE, path="weight", unit="g", nullable=True, doc="Weight."),
    Column(
        name="height", kind=Kind.MEASURE, path="height", unit="mm", nullable=True, doc="Height."
    ),
    Column(name="width", kind=Kind.MEASURE, path="width", unit="mm", nullable=True, doc="Width."),
    Column(
        name="length", kind=Kind.MEASURE, path="length", unit="mm", nullable=True, doc="Length."
    ),
)
_CATALOG = (
    Column(
        name="catalog_item_id",
        kind=Kind.WHOLE,
        path="catalogItemId",
        nullable=True,
        doc="Talon.One's own number for the item in a catalog.",
    ),
    Column(
        name="selected_price_type",
        kind=Kind.TEXT,
        path="selectedPriceType",
        nullable=True,
        doc="The price type that `price` was taken from.",
    ),
    Column(
        name="adjustment_reference_id",
        kind=Kind.TEXT,
        path="adjustmentReferenceId",
        nullable=True,
        doc="The price adjustment that set the price.",
    ),
    Column(
        name="adjustment_effective_from",
        kind=Kind.INSTANT,
        path="adjustmentEffectiveFrom",
        nullable=True,
        doc="From when the price adjustment holds.",
    ),
    Column(
        name="adjustment_effective_until",
        kind=Kind.INSTANT,
        path="adjustmentEffectiveUntil",
        nullable=True,
        doc="Until when the price adjustment holds.",
    ),
    Column(
        name="attributes",
        kind=Kind.JSON,
        path="attributes",
        doc="The line's own attributes, as the JSON text that came; `{}` when there are none.",
    ),
    Column(
        name="extras",
        kind=Kind.JSON,
        path="extras",
        nullable=True,
        doc="Members of the line that the model does not know, as one JSON object.",
    ),
)

CART_ITEMS = Table(
    name="cart_items",
    doc="The lines of the carts.",
    grain="line of a session's cart",
    key=(*SESSION_KEY, "line"),
    rows=("cartItems[]",),
    columns=(*key_columns(), LINE, *_WHAT, *_SIZE, *_CATALOG),
)
