"""Sessions as JSON, in the members of each API and the manner of each producer.

Layer: above `spelling` and `telling`; of the package, imports nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sessionkit.generate.facts import (
    NOTHING,
    Line,
    Session,
    Version,
    added,
    as_read,
    costs_of_lines,
    items_total,
    tidy,
)
from sessionkit.generate.spelling import (
    Tree,
    ascii_only,
    compact,
    pascal,
    pointed,
    pythonic,
    respelt,
    seven_digits,
    snake,
    spaced,
    zulu,
)
from sessionkit.generate.telling import Telling

Amount = Callable[[Decimal], Decimal]
Instant = Callable[[datetime], str]

_UNSET_SESSION: Tree = {"identifiers": None, "total": None}
_UNSET_ITEM: Tree = {
    "name": None,
    "price": None,
    "category": None,
    "product": None,
    "weight": None,
    "height": None,
    "width": None,
    "length": None,
    "additionalCosts": None,
    "catalogItemID": None,
    "selectedPriceType": None,
    "adjustmentReferenceId": None,
    "prices": None,
}
_ADJUSTMENT = "68851723-e6fa-488f-ace9-112581e6c19b"


def item(line: Line, place: int, amount: Amount) -> Tree:
    """A cart line, with the members that have a value."""
    product = line.product
    made: Tree = {
        "sku": product.sku,
        "name": product.name,
        "quantity": line.quantity,
        "returnedQuantity": line.returned,
        "remainingQuantity": max(0, line.quantity - line.returned),
    }
    if line.price is not None:
        made["price"] = amount(line.price)
    made["category"] = product.category
    if product.group is not None:
        made["product"] = {"name": product.group}
    for name, size in product.sizes.items():
        made[name] = amount(size)
    made["position"] = place
    made["attributes"] = product.attributes
    if product.costs:
        made["additionalCosts"] = _costs(product.costs, amount)
    if product.prices:
        made |= _priced(line, amount)
    if line.extras:
        made |= line.extras
    return made


def _priced(line: Line, amount: Amount) -> Tree:
    prices: Tree = {name: {"price": amount(price)} for name, price in line.product.prices.items()}
    member = line.price == line.product.prices["member"]
    if member:
        prices["member"] |= {
            "adjustmentReferenceId": _ADJUSTMENT,
            "adjustmentEffectiveFrom": "2025-12-01T00:00:00Z",
            "adjustmentEffectiveUntil": "2026-12-01T00:00:00Z",
        }
    chosen = "member" if member else "base"
    number = line.product.catalog_number
    return {"catalogItemID": number, "selectedPriceType": chosen, "prices": prices}


def _costs(costs: Any, amount: Amount) -> Tree:
    return {name: {"price": amount(price)} for name, price in costs.items()}


def discount_map(session: Session, version: Version) -> Any:
    """The map of discounts: sessions of API V2 have none, whatever was taken off."""
    return version.discounts if session.application.api == "v1" else {}


def _as_is(amount: Decimal) -> Decimal:
    return amount


def v1_session(
    session: Session, version: Version, amount: Amount = _as_is, instant: Instant = zulu
) -> Tree:
    """A session of the Integration API V1, members in the order of its documentation."""
    made: Tree = {
        "integrationId": session.integration_id,
        "created": instant(session.created),
        "applicationId": session.application.number,
        "profileId": session.profile_id,
        "coupon": version.coupons[0] if version.coupons else "",
        "referral": session.referral,
        "state": version.state,
        "cartItems": [item(line, place, amount) for place, line in enumerate(version.lines)],
    }
    if session.identifiers:
        made["identifiers"] = session.identifiers
    if version.total is not None:
        made["total"] = amount(version.total)
    made["attributes"] = session.attributes
    made["firstSession"] = session.first
    if session.internal_id % 3:
        made["updateCount"] = version.update_count
    made["discounts"] = {label: amount(value) for label, value in version.discounts.items()}
    made["updated"] = instant(version.updated)
    return {**made, **session.extras} if session.extras else made


def v2_session(session: Session, version: Version) -> Tree:
    """A session of the Integration API V2; Talon.One adds up its total."""
    lines = version.lines
    items = items_total(lines)
    made: Tree = {
        "id": session.internal_id,
        "created": zulu(session.created),
        "integrationId": session.integration_id,
        "applicationId": session.application.number,
        "profileId": session.profile_id,
        "couponCodes": version.coupons,
        "referralCode": session.referral,
        "state": version.state,
        "cartItems": [item(line, place, _as_is) for place, line in enumerate(lines)],
        "additionalCosts": _costs(version.costs, _as_is),
        "identifiers": session.identifiers,
        "attributes": session.attributes,
        "firstSession": session.first,
        "updateCount": version.update_count,
        "cartItemTotal": tidy(as_read(items if items is not None else NOTHING)),
        "additionalCostTotal": tidy(added(version.costs.values())),
        "cartItemAdditionalCostTotal": tidy(costs_of_lines(lines)),
        "updated": zulu(version.updated),
    }
    if version.total is not None:
        made["total"] = version.total
    if session.store:
        made["storeIntegrationId"] = session.store
    if session.loyalty_cards:
        made["loyaltyCards"] = session.loyalty_cards
    if session.experiments:
        made["experimentVariantAllocations"] = [
            {"experimentID": experiment, "variantID": variant}
            for experiment, variant in session.experiments
        ]
    return {**made, **session.extras} if session.extras else made


def application_session(session: Session, version: Version, *, alone: bool) -> Tree:
    """A session of the Management API; only one fetched alone has its sum of discounts."""
    made: Tree = {
        "id": session.internal_id,
        "created": zulu(session.created),
        "integrationId": session.integration_id,
        "applicationId": session.application.number,
        "coupon": version.coupons[0] if version.coupons else "",
        "referral": session.referral,
        "state": version.state,
        "cartItems": [item(line, place, _as_is) for place, line in enumerate(version.lines)],
        "discounts": discount_map(session, version),
        "totalDiscounts": tidy(added(version.discounts.values())) if alone else 0,
        "attributes": session.attributes,
    }
    if version.total is not None:
        made["total"] = version.total
    if session.profile_id:
        made["profileId"] = session.profile_number
        made["profileintegrationid"] = session.profile_id
    elif session.internal_id % 2:
        made["profileId"] = 0
    if session.store:
        made["storeIntegrationId"] = session.store
    return {**made, **session.extras} if session.extras else made


def _csharp(session: Session, version: Version) -> Tree:
    made = v1_session(session, version, pointed, seven_digits)
    made.pop("updateCount", None)
    return made


def csharp_members(session: Session, version: Version) -> Tree:
    """A V1 session under the names that C# gives its members, unset ones as null."""
    made = _UNSET_SESSION | _csharp(session, version)
    made["state"] = version.state.replace("_", "").capitalize()
    made["cartItems"] = [_UNSET_ITEM | line for line in made["cartItems"]]
    return respelt(made, pascal)


def csharp_without_zeros(session: Session, version: Version) -> Tree:
    """A V1 session as the C# SDK writes it: what is null, 0 or false is left out."""
    made = _csharp(session, version)
    made["cartItems"] = [dict(_worth_writing(line)) for line in made["cartItems"]]
    return dict(_worth_writing(made))


def _worth_writing(tree: Tree) -> Iterator[tuple[str, Any]]:
    always = ("price", "position")
    for name, value in tree.items():
        if name in always or not (value is None or value is False or _is_zero(value)):
            yield name, value


def _is_zero(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not value


def python_members(session: Session, version: Version) -> Tree:
    """A V1 session as the Python SDK's `to_dict` gives it: snake_case, unset members null."""
    made = _UNSET_SESSION | v1_session(session, version, pointed, pythonic)
    made["cartItems"] = [
        _UNSET_ITEM | line | {"position": Decimal(f"{line['position']}.0")}
        for line in made["cartItems"]
    ]
    return respelt(made, snake)


class Manner(NamedTuple):
    """How a dialect writes a session: its members, their spelling, and the bytes."""

    session: Callable[[Session, Version], Tree]
    spell: Callable[[str], str] = str
    encode: Callable[[Any], bytes] = compact


def _spaced_ascii(tree: Any) -> bytes:
    return ascii_only(spaced(tree))


def _compact_ascii(tree: Any) -> bytes:
    return ascii_only(compact(tree))


def _listed(session: Session, version: Version) -> Tree:
    return application_session(session, version, alone=False)


def _alone(session: Session, version: Version) -> Tree:
    return application_session(session, version, alone=True)


_MANNERS = {
    "session_list": Manner(_listed),
    "single_session": Manner(_alone),
    "v1_session": Manner(v1_session),
    "v1_response": Manner(v1_session, encode=spaced),
    "v2_session": Manner(v2_session),
    "v2_response": Manner(v2_session),
    "csharp_pascal": Manner(csharp_members, pascal, _compact_ascii),
    "csharp_omits_zeros": Manner(csharp_without_zeros),
    "python_sdk": Manner(python_members, snake, _spaced_ascii),
    "singer": Manner(_listed, encode=_spaced_ascii),
}


def manner_of(telling: Telling) -> Manner:
    """How a dialect of JSON writes its sessions."""
    return _MANNERS[telling.name]
