"""Carts: what is in them, what it costs, and which discounts fall on it.

Layer: above `world`; of the package, imports nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from sessionkit.generate.dice import CODE, Dice
from sessionkit.generate.facts import (
    NOTHING,
    WIDE,
    Application,
    Line,
    added,
    costs_of_lines,
    items_total,
    tidy,
)
from sessionkit.generate.vocabulary import CODE_PREFIXES, SHARED_CODES
from sessionkit.generate.world import PROMOTIONS, Catalogue, Promotion

_HUNDRED = Decimal(100)
_UNIT = Decimal(1)


class Cart(NamedTuple):
    """What a session will hold in the end; earlier versions hold less of it."""

    lines: tuple[Line, ...]
    costs: Mapping[str, Decimal]
    coupons: tuple[str, ...]
    promotions: tuple[Promotion, ...]
    rounded: bool


def fill(dice: Dice, application: Application, catalogue: Catalogue) -> Cart:
    """Fill a cart: long-tail products, now and then a huge cart or an empty one."""
    lines = _lines(dice, catalogue)
    coupons = _coupons(dice, application)
    promotions = tuple(
        promotion
        for promotion in PROMOTIONS[application.number]
        if (coupons or not promotion.needs_coupon) and dice.chance(promotion.chance)
    )
    rounded = application.number == 270 and dice.chance(0.04)
    return Cart(lines, _costs(dice, application), coupons, promotions if lines else (), rounded)


def _lines(dice: Dice, catalogue: Catalogue) -> tuple[Line, ...]:
    roll = dice.roll()
    if roll < 0.03:
        return ()
    count = 40 if roll > 0.9995 else 1 + int(dice.roll() ** 2 * 5)
    return tuple([_line(dice, catalogue) for _ in range(count)])


def _line(dice: Dice, catalogue: Catalogue) -> Line:
    product = dice.weighted(catalogue.products, catalogue.heights)
    price = product.price
    if product.prices and dice.chance(0.3):
        price = product.prices["member"]
    roll = dice.roll()
    quantity = 1 if roll < 0.72 else 24 if roll > 0.995 else 2 + int(dice.roll() * 4)
    return Line(product, price, quantity)


def _costs(dice: Dice, application: Application) -> dict[str, Decimal]:
    if dice.chance(0.45):
        return {}
    if application.decimals == 0:
        return {"shipping": Decimal(dice.pick((300, 500, 800)))}
    costs = {"ShippingCost": Decimal(dice.pick(("50", "4.90", "0", "12.5")))}
    if dice.chance(0.15):
        costs["service_fee"] = Decimal("1.333333333333333")
    return costs


def _coupons(dice: Dice, application: Application) -> tuple[str, ...]:
    if not dice.chance(0.3):
        return ()
    codes = [_code(dice)]
    if application.api == "v2":
        while dice.chance(0.2) and len(codes) < 3:
            codes.append(codes[0] if dice.chance(0.3) else _code(dice))
    return tuple(codes)


def _code(dice: Dice) -> str:
    if dice.chance(0.45):
        return dice.pick(SHARED_CODES)
    return dice.pick(CODE_PREFIXES) + dice.word(CODE, 8)


def discounts_on(
    promotions: Sequence[Promotion], lines: Sequence[Line], decimals: int
) -> dict[str, Decimal]:
    """The discount map of a cart: label to amount, uneven as promotion engines leave it."""
    worth = items_total(lines) or NOTHING
    made: dict[str, Decimal] = {}
    for promotion in promotions:
        if promotion.kind == "per_item":
            for place, line in enumerate(lines[:2]):
                share = _percent(line.price or NOTHING, promotion.value, decimals)
                made[f"{promotion.label}#{place}"] = share
        elif promotion.kind == "percent":
            made[promotion.label] = _percent(worth, promotion.value, decimals)
        else:
            made[promotion.label] = promotion.value
    return made


def _percent(amount: Decimal, percent: Decimal, decimals: int) -> Decimal:
    share = WIDE.divide(WIDE.multiply(amount, percent), _HUNDRED)
    if decimals == 0:
        return share.quantize(_UNIT, rounding=ROUND_HALF_UP, context=WIDE)
    exponent = share.as_tuple().exponent
    assert isinstance(exponent, int)
    if exponent < -15:
        share = share.quantize(Decimal(1).scaleb(-15), context=WIDE)
    return tidy(share)


def total_of(cart: Cart, lines: Sequence[Line]) -> Decimal:
    """What the shop, or Talon.One, reports as total: items and all costs, before discounts."""
    items = items_total(lines) or NOTHING
    total = WIDE.add(WIDE.add(items, added(cart.costs.values())), costs_of_lines(lines))
    if cart.rounded:
        return total.quantize(_UNIT, rounding=ROUND_HALF_UP, context=WIDE)
    return tidy(total)
