"""What is true in the made-up world: products, sessions, their versions, and exact amounts.

A session is told in many dialects, but its facts stand here once; dumps are written from them and
right answers are computed from them.

Layer: above `dice`; of the package, imports nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Literal, NamedTuple

WIDE = Context(prec=120, rounding=ROUND_HALF_EVEN)
"""Wide enough that no sum here is ever rounded."""

NOTHING = Decimal(0)
_STEP = Decimal(1).scaleb(-18)


class Application(NamedTuple):
    """A shop: one currency, one API."""

    number: int
    currency: str
    api: Literal["v1", "v2"]
    decimals: int
    stores: tuple[str, ...]


class Product(NamedTuple):
    """Something sold, with all that a cart line says of it."""

    sku: str
    name: str
    category: str
    group: str | None
    price: Decimal
    sizes: Mapping[str, Decimal]
    attributes: Mapping[str, Any]
    costs: Mapping[str, Decimal]
    prices: Mapping[str, Decimal]
    catalog_number: int | None


class Line(NamedTuple):
    """A line of a cart; `price` is what one unit costs, None where the dump does not say."""

    product: Product
    price: Decimal | None
    quantity: int
    returned: int = 0
    extras: Mapping[str, Any] | None = None


class Version(NamedTuple):
    """A session as it stood from one update to the next."""

    state: str
    updated: datetime
    update_count: int
    closed_at: datetime | None
    cancelled_at: datetime | None
    lines: tuple[Line, ...]
    costs: Mapping[str, Decimal]
    discounts: Mapping[str, Decimal]
    coupons: tuple[str, ...]
    total: Decimal | None


class Session(NamedTuple):
    """A session and all of its versions, oldest first, at least two seconds apart."""

    application: Application
    integration_id: str
    internal_id: int
    created: datetime
    profile_id: str
    profile_number: int
    store: str | None
    first: bool
    referral: str
    loyalty_cards: tuple[str, ...]
    identifiers: tuple[str, ...]
    attributes: Mapping[str, Any]
    experiments: tuple[tuple[int, int], ...]
    extras: Mapping[str, Any] | None
    versions: tuple[Version, ...]


def added(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum of amounts."""
    total = NOTHING
    for amount in amounts:
        total = WIDE.add(total, amount)
    return total


def as_read(amount: Decimal) -> Decimal:
    """The amount as tables hold it: 18 decimals, rounded half-even.

    Example:
        >>> as_read(Decimal("0.1234567890123456785"))
        Decimal('0.123456789012345678')
    """
    exponent = amount.as_tuple().exponent
    assert isinstance(exponent, int)
    return amount if exponent >= -18 else amount.quantize(_STEP, context=WIDE)


def items_total(lines: Iterable[Line]) -> Decimal | None:
    """Price times quantity over the lines; None when a price is missing."""
    total = NOTHING
    for line in lines:
        if line.price is None:
            return None
        total = WIDE.fma(as_read(line.price), Decimal(line.quantity), total)
    return total


def costs_of_lines(lines: Iterable[Line]) -> Decimal:
    """The additional costs of all lines, once per line."""
    return added(
        cost for line in lines if line.product.costs for cost in line.product.costs.values()
    )


def tidy(amount: Decimal) -> Decimal:
    """The same amount without trailing zeros and without exponent."""
    exponent = amount.as_tuple().exponent
    if exponent == 0:
        return amount
    return Decimal(plain(amount))


def plain(amount: Decimal) -> str:
    """An amount as text: no exponent, no trailing zeros.

    Example:
        >>> plain(Decimal("1850.00")), plain(Decimal("-0.50")), plain(Decimal("1E+2"))
        ('1850', '-0.5', '100')
    """
    text = format(amount, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
