"""What of the properties of an effect goes into columns; which they are depends on its type.

Types that are not known here are kept as they are: the list is open, and what `value` means in one
of them nobody can tell.

Layer: above `flatten`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sessionkit.columns import Kind
from sessionkit.decode import Number, Tree, doubled_keys
from sessionkit.dialects.members import entry
from sessionkit.errors import Reason
from sessionkit.flatten import Rounded
from sessionkit.spellings import EFFECT_PROPS, folded
from sessionkit.tables import EFFECTS
from sessionkit.values import Unfit, money, text, whole

_DISCOUNT = {
    "name": "label",
    "value": "value",
    "desiredValue": "desired_value",
    "position": "position",
    "subPosition": "sub_position",
    "cartItemPosition": "position",
    "cartItemSubPosition": "sub_position",
    "scope": "scope",
    "additionalCostId": "additional_cost_id",
    "additionalCost": "additional_cost",
}
_COUPON = {
    "value": "coupon_code",
    "couponValue": "coupon_code",
    "rejectionReason": "rejection_reason",
}
_REFERRAL = {"value": "referral_code", "rejectionReason": "rejection_reason"}

DISCOUNTS = (
    "setDiscount",
    "setDiscountPerItem",
    "setDiscountPerAdditionalCost",
    "setDiscountPerAdditionalCostPerItem",
    "rollbackDiscount",
)
"""The types of effects that have an amount."""

_COUPONS = ("acceptCoupon", "rejectCoupon", "couponCreated", "reserveCoupon", "rollbackCoupon")
_REFERRALS = (
    "acceptReferral",
    "redeemReferral",
    "rejectReferral",
    "referralCreated",
    "rollbackReferral",
)
_READ: dict[str, Mapping[str, str]] = {
    **dict.fromkeys(DISCOUNTS, _DISCOUNT),
    **dict.fromkeys(_COUPONS, _COUPON),
    **dict.fromkeys(_REFERRALS, _REFERRAL),
}
_TYPES = {folded(name): name for name in _READ}
_IN_ORDER = {id(_DISCOUNT): ("name", "value"), id(_COUPON): ("value", "rejectionReason")}
COLUMNS = tuple(dict.fromkeys([*_DISCOUNT.values(), *_COUPON.values(), *_REFERRAL.values()]))
"""The columns that properties fill, in the order of `Props.values`."""

_PLACES = {name: place for place, name in enumerate(COLUMNS)}
_KINDS = {name: EFFECTS[name].kind for name in COLUMNS}


class Props(NamedTuple):
    """What was taken: values of `COLUMNS`, every fault, and amounts that had to be rounded."""

    values: list[Any]
    reasons: list[Reason]
    rounded: list[Rounded]


def known_type(written: str) -> str:
    """The type of an effect as Talon.One spells it; one that is not known here stays as it is.

    Example:
        >>> known_type("SetDiscount"), known_type("triggerWebhook")
        ('setDiscount', 'triggerWebhook')
    """
    return _TYPES.get(folded(written), written)


def take_props(effect_type: str, tree: dict[str, Tree], path: str) -> Props:
    """Take the properties of an effect.

    Args:
        effect_type: Its type, as `known_type` gives it.
        tree: The properties as decoded.
        path: Where they stand, for reasons.

    Example:
        >>> taken = take_props("acceptCoupon", {"value": "XMAS20"}, "props")
        >>> taken.values[COLUMNS.index("coupon_code")]
        'XMAS20'
    """
    taken = Props([None] * len(COLUMNS), [], [])
    for key in doubled_keys(tree):
        taken.reasons.append(Reason("duplicate-key", entry(path, key), "one such key", "two"))
    columns = _READ.get(effect_type)
    if columns is None:
        name = tree.get("name")
        if isinstance(name, str) and not isinstance(name, Number):
            taken.values[_PLACES["label"]] = name
        return taken
    for key, value in tree.items():
        member = EFFECT_PROPS.get(key) or EFFECT_PROPS.get(folded(key))
        if value is not None and member is not None and member in columns:
            _take(taken, columns[member], value, f"{path}.{member}")
    if columns is _DISCOUNT and taken.values[_PLACES["value"]] is None and not taken.reasons:
        wanted = "a number (what the discount takes off)"
        taken.reasons.append(Reason("missing-member", f"{path}.value", wanted, "nothing"))
    return taken


def _take(taken: Props, column: str, value: Tree, path: str) -> None:
    place = _PLACES[column]
    made: Any
    try:
        if _KINDS[column] is Kind.MONEY:
            made, rounded = money(value)
            if rounded:
                taken.rounded.append(Rounded(path, str(value)))
        else:
            made = whole(value) if _KINDS[column] is Kind.WHOLE else text(value)
    except Unfit as error:
        taken.reasons.append(error.at(path))
        return
    if taken.values[place] not in (None, made):
        expected = f"the same {column} as in another member"
        taken.reasons.append(Reason("duplicate-key", path, expected, "another"))
    taken.values[place] = made


def by_name(effect_type: str, arguments: list[Tree]) -> dict[str, Tree]:
    """Name what exports before 2020 tell in order, as far as the order is known.

    Example:
        >>> by_name("setDiscount", ["Summer", Number("5")])
        {'name': 'Summer', 'value': '5'}
    """
    columns = _READ.get(effect_type, {})
    names = _IN_ORDER.get(id(_COUPON if columns is _REFERRAL else columns), ())
    return dict(zip(names, arguments, strict=False))
