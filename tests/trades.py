"""Random effects for random sessions: events of exports, V2 responses, and what was rolled back.

Every evaluation sends all effects again, changed or not; several have the same name in several
campaigns, or the same name twice. Not every evaluation is there, and not every session has any.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pyarrow as pa

from sessionkit.tables import EFFECTS, MODEL
from tests.builders import Shop, shop
from tests.rows import rows

Row = dict[str, Any]
TABLES = {table.name: table for table in MODEL}
CODES = ("SUMMER", "WINTER", "Ü'1", "X")
REFERRALS = ("R-1", "r-1")
REASONS = ("CouponNotFound", "CouponExpired", None)
LABELS = ("10% off", "10% off#1", "Deal #2", "it's")
NEXT = {
    "created": ("updated", "closed", "cancelled"),
    "updated": ("updated", "closed", "closed", "cancelled"),
    "closed": ("partially_returned", "revoked", "reopened"),
    "partially_returned": ("partially_returned", "revoked"),
    "reopened": ("updated", "closed"),
    "cancelled": (),
    "revoked": (),
}


def shop_with_effects(seed: int, sessions: int = 60) -> dict[str, pa.Table]:
    """Tables of `tests.builders.shop`, with codes that effects are about, and `effects`."""
    trade = _Trade(Random(seed))
    tables = shop(seed, sessions)
    told: dict[str, list[Row]] = {"sessions": [], "coupons": []}
    for s in tables["sessions"].to_pylist():
        codes = trade.dice.sample(CODES, trade.dice.choice((0, 1, 2)))
        key = {name: s[name] for name in ("application_id", "integration_id")}
        told["coupons"] += [key | {"code": code} for code in codes]
        s |= {"coupon_codes": codes, "referral_code": trade.dice.choice((None, *REFERRALS))}
        told["sessions"].append(s)
        trade.deal(s, key)
    made = {name: rows(TABLES[name], *found) for name, found in told.items()}
    return tables | made | {"effects": rows(EFFECTS, *trade.effects)}


class _Trade:
    """The effects, growing session by session."""

    def __init__(self, dice: Random) -> None:
        self.dice, self.shop = dice, Shop(dice)
        self.effects: list[Row] = []

    def deal(self, s: Row, key: Row) -> None:
        """Let rules do something to a session, or nothing."""
        if self.shop.maybe(0.7):
            self._export(s, key)
        if self.shop.maybe(0.4):
            self._respond(s, key)

    def _export(self, s: Row, key: Row) -> None:
        numbered, typed = self.shop.maybe(0.8), self.shop.maybe(0.9)
        moment: datetime = s["created_at"].replace(microsecond=0)
        kind, given = self.dice.choice(("created", "updated", "closed", "revoked")), self._given()
        for number in range(self.dice.randint(1, 5)):
            event = {
                **key,
                "event_id": 1000 + number if numbered else None,
                "event_type": f"talon_session_{kind}" if typed else None,
                "created_at": moment,
            }
            back = kind in ("partially_returned", "reopened", "revoked", "cancelled")
            self._tell(event, self._taken_back(given) if back else given)
            if not back and self.shop.maybe(0.5):
                given = self._given()
            moment += timedelta(seconds=self.dice.choice((1, 50, 5 * 86400)))
            if not NEXT[kind]:
                break
            kind = self.dice.choice(NEXT[kind])

    def _respond(self, s: Row, key: Row) -> None:
        """Responses to updates: to the last, or to others too, or to none that is told."""
        given = self._given()
        last = s["updated_at"] and s["updated_at"].replace(microsecond=0)
        before = last and last - timedelta(seconds=60)
        if before and self.shop.maybe(0.6):
            self._answer(key, before, self.dice.choice(("open", "closed")), given)
        if self.shop.maybe(0.8):
            over = s["state"] in ("cancelled", "partially_returned") and self.shop.maybe(0.7)
            self._answer(key, last, s["state"], self._taken_back(given) if over else given)
        else:
            later = last and last + timedelta(seconds=1)
            self._answer(key, later, s["state"], given)

    def _answer(self, key: Row, version: datetime | None, state: str, effects: list[Row]) -> None:
        self._tell({**key, "version_at": version, "created_at": version, "state": state}, effects)

    def _tell(self, event: Row, effects: list[Row]) -> None:
        self.effects += [{**event, "place": n, **one} for n, one in enumerate(effects)]

    def _given(self) -> list[Row]:
        return [self._one() for _ in range(self.dice.randint(1, 5))]

    def _one(self) -> Row:
        dice, money = self.dice, self.shop.money
        campaign = dice.choice((11, 12, 13, None))
        kind = dice.choice(("money", "money", "money", "code", "code", "other"))
        if kind == "money":
            value = dice.choice((money(0, 20), money(0, 20), money(0, 0), money(-2, 0)))
            wanted = dice.choice((None, value, value + money(0, 5)))
            where = dice.choice(((None, None), (1, None), (1, 0), (1, 1)))
            name = dice.choice(
                ("setDiscount", "setDiscountPerItem", "setDiscountPerAdditionalCost",
                 "setDiscountPerAdditionalCostPerItem")
            )  # fmt: skip
            return {
                "effect_type": name, "campaign_id": campaign, "label": dice.choice(LABELS),
                "value": value, "desired_value": wanted, "position": where[0],
                "sub_position": where[1],
                "scope": dice.choice((None, None, "cartItems", "additionalCosts")),
            }  # fmt: skip
        if kind == "code":
            name = dice.choice(("acceptCoupon", "acceptCoupon", "rejectCoupon", "couponCreated"))
            if self.shop.maybe(0.3):
                name = dice.choice(("acceptReferral", "redeemReferral", "rejectReferral"))
                code = {"referral_code": dice.choice(REFERRALS)}
            else:
                code = {"coupon_code": dice.choice((*CODES, "Y"))}
            why = {"rejection_reason": dice.choice(REASONS)} if name.startswith("reject") else {}
            return {"effect_type": name, "campaign_id": campaign, **code, **why}
        name = dice.choice(
            ("triggerWebhook", "showNotification", "error", "updateAttribute", "addFreeItem")
        )
        return {"effect_type": name, "campaign_id": campaign}

    def _taken_back(self, given: list[Row]) -> list[Row]:
        """What is rolled back of what was given: all, a part, more than all, or something else."""
        found = []
        for one in given:
            if self.shop.maybe(0.3):
                continue
            if one.get("value") is not None:
                part = self.dice.choice((one["value"], one["value"] / 2, one["value"] * 2))
                back = {name: one[name] for name in ("campaign_id", "label", "position")}
                back |= {"sub_position": one["sub_position"], "value": abs(round(part, 18))}
                found.append({"effect_type": "rollbackDiscount", **back})
            elif one["effect_type"] == "acceptCoupon":
                found.append({"effect_type": "rollbackCoupon", "coupon_code": one["coupon_code"]})
            elif one["effect_type"] == "acceptReferral":
                code = {"referral_code": one["referral_code"]}
                found.append({"effect_type": "rollbackReferral", **code})
        if self.shop.maybe(0.2):
            found.append({"effect_type": "triggerWebhook", "campaign_id": 11})
        return found or [{"effect_type": "rollbackAddedLoyaltyPoints", "campaign_id": 12}]
