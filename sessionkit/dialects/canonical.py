"""From a record, in whatever dialect, to a session in canonical spelling.

The result spells members as the Integration API V2 does, whatever the dump looked like, and knows
what its dialect means by a member that is not there. Values are still what JSON gave: taking them
for money or instants comes later.

Layer: above `members`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sessionkit.decode import RawJson, Tree, encode, raw_elements, raw_members
from sessionkit.dialects.members import (
    NO_ATTRIBUTES,
    Raw,
    Refused,
    Session,
    container_of,
    entry,
    keep_attributes,
    key_of,
    mapping,
    objects,
    renamed,
    texts_of,
)
from sessionkit.dialects.shapes import Dialect
from sessionkit.spellings import CART_ITEM, COST, PRICE, PRODUCT
from sessionkit.values import described

_SPLIT = ("returnedQuantity", "remainingQuantity")
_ZERO = re.compile(r"-?0+(\.0+)?([eE][+-]?[0-9]+)?")


def canonical(tree: dict[str, Tree], raw: Raw, dialect: Dialect) -> Session:
    """Bring a session to canonical spelling.

    Args:
        tree: The session as decoded.
        raw: Gives the bytes of its members, for those that are kept as text; called only when
            there is one.
        dialect: The shape it is in.
    """
    session = Session(dialect)
    found = renamed(session, tree, dialect.members, "", raw)
    _single_codes(session, found)
    session.told = {name for name, value in found.items() if value is not None}
    session.members = found
    _nothings(session, found)
    keep_attributes(session, found, "attributes", raw, tree)
    found["cartItems"] = _cart_items(session, found.get("cartItems"), tree, raw)
    found["additionalCosts"] = objects(
        session, found.get("additionalCosts"), "additionalCosts", COST
    )
    found["discounts"] = mapping(session, found.get("discounts"), "discounts")
    if (experiments := found.get("experimentVariantAllocations")) is not None:
        found["experimentVariantAllocations"] = RawJson(encode(experiments), experiments)
    if found.get("state") is None:
        found["state"] = "open"
    if dialect.omits_zeros:
        _fill_zeros(session, found)
    _lift_extras(found)
    if found.get("extras"):
        session.told.add("extras")
    return session


def _single_codes(session: Session, found: dict[str, Tree]) -> None:
    """Bring V1's single `coupon` and `referral` to the members of V2; an empty text is none."""
    coupon = found.pop("coupon", None)
    if coupon not in (None, ""):
        codes = found.get("couponCodes")
        if isinstance(codes, list):
            there = any(type(code) is type(coupon) and code == coupon for code in codes)
            found["couponCodes"] = codes if there else [*codes, coupon]
        else:
            found["couponCodes"] = [coupon]
    elif coupon == "":
        found.setdefault("couponCodes", [])
    referral = found.pop("referral", None)
    if referral is not None:
        other = found.get("referralCode")
        if other in (None, ""):
            found["referralCode"] = referral
        elif referral not in ("", other):
            session.refuse("duplicate-key", "referral", "the same code as referralCode", "another")


def _nothings(session: Session, found: dict[str, Tree]) -> None:
    """Turn what only means "none" into None: empty ids and codes, 0 for a number of a customer."""
    for name in ("integrationId", "profileId", "storeIntegrationId", "referralCode"):
        if found.get(name) == "":
            found[name] = None
    if isinstance(codes := found.get("couponCodes"), list):
        found["couponCodes"] = [code for code in codes if code != ""]
    if _is_zero(found.get("profileInternalId")):
        found["profileInternalId"] = None
    if session.dialect.lists and _is_zero(found.get("totalDiscounts")):
        found["totalDiscounts"] = None
        session.told.discard("totalDiscounts")
        session.sentinel = True


def _is_zero(value: Tree) -> bool:
    return isinstance(value, str) and _ZERO.fullmatch(value) is not None


def _cart_items(
    session: Session,
    value: Tree,
    tree: dict[str, Tree],
    raw: Raw,
) -> list[dict[str, Tree]]:
    if value is None:
        return []
    if not isinstance(value, list):
        session.refuse("wrong-type", "cartItems", "a list of objects", container_of(value))
        return []
    lines = _Lines(lambda: raw_elements(raw()[key_of(tree, value)]))
    return [_cart_item(session, item, place, lines) for place, item in enumerate(value)]


class _Lines:
    """The bytes of the members of each cart line, split when first asked for."""

    def __init__(self, split: Callable[[], list[bytes]]) -> None:
        self._split = split
        self._lines: list[bytes] | None = None

    def members(self, place: int) -> dict[str, bytes]:
        if self._lines is None:
            self._lines = self._split()
        return raw_members(self._lines[place])


def _cart_item(session: Session, item: Tree, place: int, lines: _Lines) -> dict[str, Tree]:
    path = f"cartItems[{place}]"
    if not isinstance(item, dict):
        session.refuse("wrong-type", path, "an object", described(item))
        return Refused()

    def raw() -> Mapping[str, bytes]:
        return lines.members(place)

    found = renamed(session, item, CART_ITEM, path, raw)
    keep_attributes(session, found, f"{path}.attributes", raw, item)
    product = found.get("product")
    if isinstance(product, dict):
        found["product"] = renamed(
            session, product, PRODUCT, f"{path}.product", lambda: texts_of(product)
        )
    elif product is not None:
        session.refuse("wrong-type", f"{path}.product", "an object", described(product))
        found["product"] = None
    costs = found.get("additionalCosts")
    found["additionalCosts"] = objects(session, costs, f"{path}.additionalCosts", COST)
    found["prices"] = objects(session, found.get("prices"), f"{path}.prices", PRICE)
    _lift_extras(found)
    return found


def _lift_extras(found: dict[str, Tree]) -> None:
    """Keep unknown members of product, costs and prices in the extras of their owner."""
    inner = {"product": found.get("product")}
    for name in ("additionalCosts", "prices"):
        inner |= {entry(name, key): value for key, value in (found.get(name) or {}).items()}
    lifted = {
        path: value["extras"]
        for path, value in inner.items()
        if isinstance(value, dict) and "extras" in value
    }
    if lifted:
        own = found.get("extras", NO_ATTRIBUTES)
        pairs = [f"{encode(key)}:{extra.text}" for key, extra in lifted.items()]
        text = ",".join(part for part in (own.text[1:-1], *pairs) if part)
        values = own.value | {key: extra.value for key, extra in lifted.items()}
        found["extras"] = RawJson("{" + text + "}", values)


def _fill_zeros(session: Session, found: dict[str, Tree]) -> None:
    """Put back what a dialect leaves out because it is 0 or false."""
    money = ["total"]
    if session.dialect.api == "v2":
        money += ["cartItemTotal", "additionalCostTotal"]
    zeros: dict[str, Tree] = dict.fromkeys(money, "0")
    if session.dialect.api is not None:  # sessions of the Management API have no such member
        zeros["firstSession"] = False
    for name, zero in zeros.items():
        if found.get(name) is None:
            found[name] = zero
            session.told.add(name)
    for item in found["cartItems"]:
        names = ["price"]
        if any(item.get(name) is not None for name in _SPLIT):
            names += _SPLIT  # where neither is there the SDK knew neither: one of them is not 0
        for name in names:
            if item.get(name) is None:
                item[name] = "0"
        for cost in (item.get("additionalCosts") or {}).values():
            cost.setdefault("price", "0")
    for cost in (found.get("additionalCosts") or {}).values():
        cost.setdefault("price", "0")
