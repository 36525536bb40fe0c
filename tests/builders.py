"""Random sessions that are consistent in themselves: the same seed, the same tables.

They hold what real dumps hold: every state, several applications and currencies, sessions whose
times or discounts are not known, guests, returns, labels of single items, attributes of any kind.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pyarrow as pa

from sessionkit.tables import MODEL
from tests.rows import rows

Row = dict[str, Any]
FIRST = datetime(2024, 2, 20, 22, 30, tzinfo=UTC)
LABELS = ("10% off#0", "10% off#1", "10% off", "Deal #2", 'Döner, "gratis"', "summer'; drop", "")
CODES = ("SUMMER", "summer", "X-1", "Ü")
VALUES: tuple[Any, ...] = (
    "web", "", None, 5, Decimal("5.0"), Decimal("33.333333333333336"), True,
    ["web", "app"], ["app", "app", "", 5], [], [None, Decimal("1.50")], "a\"b'\\c",
)  # fmt: skip


@dataclass
class Shop:
    """The rows of all tables, growing session by session."""

    dice: Random
    rows: dict[str, list[Row]] = field(default_factory=lambda: {t.name: [] for t in MODEL})

    def add(self, table: str, key: Row, **values: Any) -> None:
        self.rows[table].append({**key, **values})

    def money(self, low: int = 0, high: int = 200) -> Decimal:
        digits = self.dice.choice((0, 2, 2, 2, 15, 18))
        whole = self.dice.randint(low, high)
        return Decimal(f"{whole}.{self.dice.randrange(10**digits):0{digits}d}" if digits else whole)

    def maybe(self, chance: float) -> bool:
        return self.dice.random() < chance


def shop(seed: int, sessions: int = 60) -> dict[str, pa.Table]:
    """Tables of that many sessions, all of the model's tables among them."""
    built = Shop(Random(seed))
    for number in range(sessions):
        _session(
            built,
            {
                "application_id": built.dice.choice((270, 322, 500)),
                "integration_id": f"s{number:03}",
            },
        )
    return {table.name: rows(table, *built.rows[table.name]) for table in MODEL}


def _session(shop: Shop, key: Row) -> None:
    dice = shop.dice
    codes = dice.sample(CODES, dice.choice((0, 0, 1, 2)))
    for code in codes:
        shop.add("coupons", key, code=code)
    shop.add(
        "sessions", key, coupon_codes=codes,
        store_id=dice.choice((None, "north", "south")),
        total=None if shop.maybe(0.1) else shop.money(-20, 500),
        **_life(shop), **_customer(shop), **_cart(shop, key), **_discounts(shop, key),
    )  # fmt: skip
    for name in ("Channel", "channel"):
        if shop.maybe(0.8):
            _attribute(shop, key, name, dice.choice(VALUES))


def _life(shop: Shop) -> Row:
    dice = shop.dice
    created = FIRST + timedelta(
        seconds=dice.randrange(0, 100 * 86400), microseconds=dice.choice((0, 993483))
    )
    state = dice.choice(("open", "closed", "closed", "partially_returned", "cancelled"))
    closed = created + timedelta(seconds=dice.randrange(-60, 10 * 86400))
    known = shop.maybe(0.7)
    was_closed = state in ("closed", "partially_returned") or shop.maybe(0.3)
    updated = max(created, closed) + timedelta(seconds=dice.randrange(0, 86400))
    return {
        "state": state,
        "created_at": created,
        "times_known": known,
        "closed_at": closed if known and was_closed and shop.maybe(0.95) else None,
        "cancelled_at": updated if known and state == "cancelled" else None,
        "updated_at": None if shop.maybe(0.2) else updated,
    }


def _customer(shop: Shop) -> Row:
    number = shop.dice.randrange(12)
    named, numbered = shop.maybe(0.6), shop.maybe(0.5)
    name = f"guest-{number}" if number % 4 == 0 else f"kunde-{number}"
    return {
        "profile_id": name if named else None,
        "profile_internal_id": 1000 + number if numbered else None,
        "first_session": shop.dice.choice((True, False, None)),
    }


def _cart(shop: Shop, key: Row) -> Row:
    lines = shop.dice.choice((0, 1, 2, 4))
    items: list[Row] = []
    for line in range(lines):
        quantity = shop.dice.randint(1, 5)
        items.append(
            {
                "line": line,
                "sku": shop.dice.choice(("tea", "cup", "it's", "")),
                "category": shop.dice.choice((None, "kitchen", "garden")),
                "quantity": quantity,
                "returned_quantity": shop.dice.choice((None, 0, 0, shop.dice.randint(0, quantity))),
                "price": None if shop.maybe(0.1) else shop.money(0, 90),
            }
        )
        shop.add("cart_items", key, **items[-1])
        if shop.maybe(0.2):
            shop.add("additional_costs", key, line=line, name="wrapping", price=shop.money(0, 5))
    if shop.maybe(0.4):
        shop.add("additional_costs", key, line=None, name="ShippingCost", price=shop.money(0, 9))
    priced = all(item["price"] is not None for item in items)
    total = (
        sum((item["price"] * item["quantity"] for item in items), Decimal(0)) if priced else None
    )
    return {
        "items_total": total,
        "line_count": lines,
        "unit_count": sum(item["quantity"] for item in items),
    }


def _discounts(shop: Shop, key: Row) -> Row:
    kind = shop.dice.choice(("map", "map", "none", "single", "ambiguous", "unknown"))
    if kind == "map":
        labels = shop.dice.sample(LABELS, shop.dice.randint(1, 3))
        values = [
            shop.dice.choice((shop.money(0, 60), Decimal(0), shop.money(-5, 0))) for _ in labels
        ]
        for label, value in zip(labels, values, strict=True):
            shop.add("discounts", key, label=label, value=value)
        return {"discounts_known": True, "discount_total": sum(values, Decimal(0))}
    if kind in ("none", "single"):
        return {
            "discounts_known": True,
            "discount_total": shop.money(1, 30) if kind == "single" else Decimal(0),
        }
    return {"discounts_known": None if kind == "ambiguous" else False, "discount_total": None}


def _attribute(shop: Shop, key: Row, name: str, value: Any) -> None:
    kinds = {
        str: "string",
        bool: "boolean",
        int: "number",
        Decimal: "number",
        list: "list",
        type(None): "null",
    }
    shop.add("attributes", key, line=None, name=name, kind=kinds[type(value)], value=as_json(value))


def as_json(value: Any) -> str:
    """A value as JSON text, numbers as they are written."""
    if isinstance(value, list):
        return "[" + ", ".join(map(as_json, value)) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value)
