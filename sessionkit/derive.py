"""What a session's rows say together: sums over its cart and map, and what is known of discounts.

Layer: above `values` and `dialects`; works on rows, knows no path.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import Any

from sessionkit.dialects.members import Session
from sessionkit.errors import Reason
from sessionkit.tables import CART_ITEMS, DISCOUNTS, SESSIONS
from sessionkit.values import MAX_WHOLE, MONEY_LIMIT

_WIDE = Context(prec=100)
_PRICE = CART_ITEMS.names.index("price")
_QUANTITY = CART_ITEMS.names.index("quantity")
_VALUE = DISCOUNTS.names.index("value")
_TOTAL_DISCOUNTS = SESSIONS.names.index("total_discounts")
_STATE = SESSIONS.names.index("state")

_EVALUATED = ("open", "closed")
"""States in which a response without effects says that there is no discount. In the others its
effects only take back what was given before."""


@dataclass
class Derived:
    """Values of the columns of `sessions` that no member holds, and what is wrong with them."""

    values: dict[str, Any]
    reasons: list[Reason] = field(default_factory=list)


def derive(session: Session, rows: dict[str, list[list[Any]]]) -> Derived:
    """Work out the derived columns of a session from its rows.

    Marks in `session.told` whether the discounts are known, so that another record of the same
    version may tell them where this one cannot.
    """
    items = rows["cart_items"]
    units = sum(max(row[_QUANTITY] or 0, 0) for row in items)  # its line tells one below 1
    derived = Derived(
        {
            "times_known": "closedAt" in session.told,
            "line_count": len(items),
            "unit_count": units,
            "items_total": _items_total(items),
        }
    )
    known, total = _discounts(session, rows)
    derived.values |= {"discounts_known": known, "discount_total": total}
    if known:
        session.told.add("discountTotal")
    if not rows["discounts"] and session.dialect.empty_discounts != "none":
        session.told.discard("discounts")  # an empty map may stand for any: no label is told
    _refuse_the_huge(derived, items)
    return derived


def _items_total(items: list[list[Any]]) -> Decimal | None:
    if any(row[_PRICE] is None or row[_QUANTITY] is None for row in items):
        return None
    return _sum(_WIDE.multiply(row[_PRICE], row[_QUANTITY]) for row in items)


def _discounts(
    session: Session, rows: dict[str, list[list[Any]]]
) -> tuple[bool | None, Decimal | None]:
    """Say whether the discounts are known, and their sum from one source: the map, or the total.

    No effects at all are none, too; those that there are stay in their table.
    """
    dialect, labels = session.dialect, rows["discounts"]
    if labels:
        return True, _sum(row[_VALUE] for row in labels if row[_VALUE] is not None)
    single = rows["sessions"][0][_TOTAL_DISCOUNTS]
    if single is not None and not dialect.lists:
        return True, single
    if session.effects == [] and rows["sessions"][0][_STATE] in _EVALUATED:
        return True, _sum(())
    if "discounts" not in session.told:
        return False, None
    meanings: dict[str, tuple[bool | None, Decimal | None]] = {
        "none": (True, _sum(())),
        "ambiguous": (None, None),
        "unknown": (False, None),
    }
    return meanings[dialect.empty_discounts]


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    total = Decimal("0.000000000000000000")
    for amount in amounts:
        total = _WIDE.add(total, amount)
    return total


def _refuse_the_huge(derived: Derived, items: list[list[Any]]) -> None:
    """Refuse sums and products that the types cannot hold."""
    limit = "an amount of at most 20 digits before the point"
    for place, row in enumerate(items):
        price, quantity = row[_PRICE], row[_QUANTITY]
        if price is not None and quantity is not None:
            product = _WIDE.multiply(price, quantity)
            if product.copy_abs() >= MONEY_LIMIT:
                found = f"{price.normalize(_WIDE):f} × {quantity}"
                path = f"cartItems[{place}].price × quantity"
                derived.reasons.append(Reason("out-of-range", path, limit, found))
                derived.values["items_total"] = None
    for name, path in (("items_total", "cartItems"), ("discount_total", "discounts")):
        total = derived.values[name]
        if total is not None and total.copy_abs() >= MONEY_LIMIT:
            derived.reasons.append(Reason("out-of-range", path, f"as their sum {limit}", "more"))
            derived.values[name] = None
    if derived.values["unit_count"] > MAX_WHOLE:
        units = "fewer than 2^63 units in a cart"
        derived.reasons.append(Reason("out-of-range", "cartItems", units, "more"))
        derived.values["unit_count"] = 0
