"""The made-up shops: their catalogues and promotions.

Layer: above `facts` and `vocabulary`; of the package, imports nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from sessionkit.generate.dice import CODE, Dice, long_tail
from sessionkit.generate.facts import WIDE, Application, Product
from sessionkit.generate.vocabulary import (
    AWKWARD_NAMES,
    COLOURS,
    FLAVOURS,
    JAPANESE,
    JAPANESE_FLAVOURS,
    MATERIALS,
    PRICE_NOISE,
    THINGS,
)

APPLICATIONS = (
    Application(270, "EUR", "v1", 2, ("STORE-001", "STORE-002", "Köln, Dom")),
    Application(322, "USD", "v2", 2, ("STORE-001", "NYC-5th")),
    Application(415, "JPY", "v1", 0, ()),
)
"""Three shops. 415 counts in yen, which have no decimals."""

CATALOGUE_SIZE = 160


class Promotion(NamedTuple):
    """A discount that sessions may get.

    `percent` is of the items, `amount` a fixed sum, `per_item` a percentage of the price of each
    of the first lines, which puts `#0`, `#1` … behind the label.
    """

    label: str
    kind: Literal["percent", "amount", "per_item"]
    value: Decimal
    chance: float
    needs_coupon: bool = False


def _promotions(*rows: tuple[str, str, str, float] | tuple[str, str, str, float, bool]) -> Any:
    return tuple(Promotion(row[0], row[1], Decimal(row[2]), *row[3:]) for row in rows)  # type: ignore[arg-type]


PROMOTIONS: Mapping[int, Sequence[Promotion]] = {
    270: _promotions(
        ("Summer 10%", "percent", "10", 0.22),
        ("”Interactive”", "percent", "3.3333333333333336", 0.06),
        ("Döner-Dienstag", "amount", "2.5", 0.08),
        ("Deal #2", "amount", "5", 0.07),
        ("10% off per item", "per_item", "10", 0.12),
        ("🎉 Launch", "percent", "7.5", 0.03),
        ('He said "hi", twice', "amount", "0.01", 0.02),
        ("Two\nlines", "amount", "1", 0.01),
        ("Only shown", "amount", "0", 0.02),
        ("Coupon, thanks", "percent", "15", 0.8, True),
    ),
    322: _promotions(
        ("Member price", "percent", "5", 0.25),
        ("FREESHIP", "amount", "4.99", 0.2),
        ("Bundle#A", "amount", "12", 0.05),
        ("Deal #2", "per_item", "9.99", 0.1),
        ("WELCOME", "percent", "10", 0.85, True),
    ),
    415: _promotions(
        ("夏のセール", "percent", "20", 0.2),
        ("送料無料", "amount", "500", 0.25),
        ("ポイント還元", "per_item", "5", 0.08),
        ("クーポン", "amount", "1000", 0.8, True),
    ),
}
"""The promotions of each application; several may fall on one session and stack."""


class Catalogue(NamedTuple):
    """The products of a shop, best-sellers first, and the running sums of their popularity."""

    products: tuple[Product, ...]
    heights: list[float]


def catalogues(seed: object) -> dict[int, Catalogue]:
    """Make the catalogue of every application; the same for the same seed."""
    made = {}
    for application in APPLICATIONS:
        dice = Dice(seed, "catalogue", application.number)
        products = tuple(_product(dice, application, place) for place in range(CATALOGUE_SIZE))
        made[application.number] = Catalogue(products, long_tail(CATALOGUE_SIZE))
    return made


def _product(dice: Dice, application: Application, place: int) -> Product:
    japanese = application.decimals == 0
    things: Mapping[str, Sequence[str]] = JAPANESE if japanese else THINGS
    category = dice.pick(list(things))
    name = f"{dice.pick(things[category])} {dice.pick(JAPANESE_FLAVOURS if japanese else FLAVOURS)}"
    if not japanese and place % 23 == 5:
        name = AWKWARD_NAMES[place // 23 % len(AWKWARD_NAMES)]
    price = _price(dice, application, place)
    return Product(
        sku=_sku(dice, place),
        name=name,
        category=category,
        group=name.split(" ")[0] if dice.chance(0.3) else None,
        price=price,
        sizes=_sizes(dice),
        attributes=_attributes(dice),
        costs=_costs(dice, application),
        prices=_prices(price, application) if application.api == "v2" else {},
        catalog_number=2000 + place if application.api == "v2" else None,
    )


def _sku(dice: Dice, place: int) -> str:
    if place % 11 == 7:
        return f"{place:08d}"
    return f"SKU{place:03d}-{dice.word(CODE, 4)}"


def _price(dice: Dice, application: Application, place: int) -> Decimal:
    size = dice.pick((1, 2, 5, 5, 10, 20, 60, 200))
    if application.decimals == 0:
        return Decimal(size * dice.between(80, 160))
    if place % 19 == 3:
        return Decimal(f"{size * dice.between(1, 9)}.{dice.pick(PRICE_NOISE)}")
    if place % 41 == 40:
        return Decimal(0)
    return Decimal(size * dice.between(50, 199)).scaleb(-2, context=WIDE)


def _sizes(dice: Dice) -> dict[str, Decimal]:
    sizes = {"weight": Decimal(dice.between(1, 400) * 5)} if dice.chance(0.7) else {}
    if dice.chance(0.1):
        sizes |= {
            name: Decimal(dice.between(5, 9000)).scaleb(-1, context=WIDE)
            for name in ("height", "width", "length")
        }
    return sizes


def _attributes(dice: Dice) -> dict[str, Any]:
    made: dict[str, Any] = {"material": dice.pick(MATERIALS)}
    if dice.chance(0.6):
        made["color"] = [dice.pick(COLOURS)]
    if dice.chance(0.1):
        made |= {"image": "11.jpeg", "fragile": dice.chance(0.5), "layers": 3, "note": None}
    return made


def _costs(dice: Dice, application: Application) -> dict[str, Decimal]:
    if not dice.chance(0.12):
        return {}
    cost = (
        Decimal("150") if application.decimals == 0 else Decimal(dice.pick(("0.25", "3", "1.95")))
    )
    return {dice.pick(("deposit", "giftWrap")): cost}


def _prices(price: Decimal, application: Application) -> dict[str, Decimal]:
    member = WIDE.multiply(price, Decimal("0.9"))
    return {"base": price, "member": member if price else Decimal(0)}
