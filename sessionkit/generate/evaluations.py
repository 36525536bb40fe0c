"""What rules did to a session at each of its updates, and the figures about it.

Every update evaluates all rules again, so the same discounts come once more with each; when a
purchase is taken back, they are rolled back.

Layer: above `envelopes`; of the package, imports `lifecycle`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from sessionkit.generate.envelopes import effects_of
from sessionkit.generate.facts import WIDE, Session, Version, as_read, plain
from sessionkit.generate.spelling import Tree
from sessionkit.lifecycle import CANCELLED, CLOSED, COMPLETED, OPEN, PARTIALLY_RETURNED

_EVENTS = {OPEN: "updated", CLOSED: "closed", PARTIALLY_RETURNED: "partially_returned"}
_REASONS = ("CouponExpired", "CouponNotFound", "CouponRejectedByCondition", "ProfileLimitReached")
_WEBHOOK: Tree = {
    "campaignId": 301,
    "rulesetId": 75,
    "ruleIndex": 1,
    "ruleName": "Tell the warehouse",
    "effectType": "triggerWebhook",
    "props": {"webhookId": 17, "webhookName": "Order placed"},
}


class Evaluation(NamedTuple):
    """An event of a session, and the effects that it had."""

    session: Session
    version: Version
    event_id: int
    event_type: str
    effects: tuple[Tree, ...]


def evaluations(session: Session) -> Iterator[Evaluation]:
    """The events of a session, one for each of its versions, oldest first."""
    before: Version | None = None
    for place, version in enumerate(session.versions):
        event = _event(before, version)
        if event in ("revoked", "cancelled", "partially_returned"):
            effects = _taken_back(session, before) if event == "revoked" and before else []
        else:
            effects = [_fated(session, effect) for effect in effects_of(session, version)]
            if event == "closed" and session.application.api == "v1":
                effects.append(_WEBHOOK)
        number = 1_000_000 + session.internal_id * 10 + place
        yield Evaluation(session, version, number, f"talon_session_{event}", tuple(effects))
        before = version


def _event(before: Version | None, version: Version) -> str:
    if before is None:
        return "created"
    if version.state == CANCELLED:
        return "revoked" if before.state in COMPLETED else "cancelled"
    return _EVENTS[version.state]


def _fated(session: Session, effect: Tree) -> Tree:
    """An effect as the export tells it; coupons of API V1 are rejected for many reasons."""
    if effect["effectType"] != "rejectCoupon" or session.application.api == "v2":
        return effect
    reason = _REASONS[session.internal_id // 4 % len(_REASONS)]
    props = effect["props"] | {"rejectionReason": reason}
    nowhere = {"campaignId": 0, "rulesetId": 0} if reason == "CouponNotFound" else {}
    return effect | {"props": props} | nowhere


def _taken_back(session: Session, before: Version) -> list[Tree]:
    """What becomes of the effects of a purchase that is cancelled."""
    return [_rolled_back(e) for e in effects_of(session, before) if e["effectType"] in _UNDONE]


_UNDONE = {
    "setDiscount": "rollbackDiscount",
    "setDiscountPerItem": "rollbackDiscount",
    "acceptCoupon": "rollbackCoupon",
}


def _rolled_back(effect: Tree) -> Tree:
    props = dict(effect["props"])
    if "position" in props:
        props["cartItemPosition"] = props.pop("position")
    return effect | {"effectType": _UNDONE[effect["effectType"]], "props": props}


class EffectFigures:
    """Counts and exact sums of effects, by where they are told, application and type."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str, str]] = Counter()
        self.sums: defaultdict[tuple[str, str, str], Decimal] = defaultdict(Decimal)

    def add(self, where: str, session: Session, effect: Tree) -> None:
        """Add one effect, told in `exports` or `responses`."""
        key = where, str(session.application.number), effect["effectType"]
        self.counts[key] += 1
        if "Discount" in effect["effectType"]:
            self.sums[key] = WIDE.add(self.sums[key], as_read(effect["props"]["value"]))

    def written(self) -> dict[str, Any]:
        """As JSON: per type the count, and for discounts the sum of what they took off."""
        made: dict[str, Any] = {"exports": {}, "responses": {}}
        for key in sorted(self.counts):
            where, application, kind = key
            figures: dict[str, Any] = {"row_count": self.counts[key]}
            if key in self.sums:
                figures["value_total"] = plain(self.sums[key])
            made[where].setdefault(application, {})[kind] = figures
        return made
