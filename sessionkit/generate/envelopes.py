"""What stands around a session: responses of the Integration API, lines of a Singer tap.

Layer: above `rendering`; of the package, imports nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from sessionkit.generate.facts import Session, Version
from sessionkit.generate.spelling import Tree, zulu

Envelope = Callable[[Tree, Session, Version], Tree]


def _v1_response(written: Tree, session: Session, version: Version) -> Tree:
    effects = [
        [755, 5352, place, ["setDiscount", label, value]]
        for place, (label, value) in enumerate(version.discounts.items())
    ]
    return {
        "session": written,
        "profile": {"integrationId": session.profile_id, "attributes": {}, "closedSessions": 3},
        "event": {
            "type": f"talon_session_{'closed' if version.closed_at else 'updated'}",
            "sessionId": session.integration_id,
            "created": zulu(version.updated),
            "effects": effects,
            "meta": {"campaigns": {}, "warnings": None},
        },
    }


def effects_of(session: Session, version: Version) -> list[Tree]:
    """The effects of a version: a discount each, and the first coupon's fate."""
    made: list[Tree] = []
    for label, value in version.discounts.items():
        name, mark, place = label.rpartition("#")
        props: Tree = {"name": label, "value": value}
        if mark and name and place.isdigit() and not name.endswith(" "):
            props |= {"position": int(place)}
        kind = "setDiscountPerItem" if "position" in props else "setDiscount"
        made.append(_effect(session, kind, props))
    if version.coupons:
        kind = "acceptCoupon" if session.internal_id % 4 else "rejectCoupon"
        props = {"value": version.coupons[0]}
        if kind == "rejectCoupon":
            props["rejectionReason"] = "CouponLimitReached"
        made.append(_effect(session, kind, props))
    return made


def _effect(session: Session, kind: str, props: Tree) -> Tree:
    return {
        "campaignId": 240 + len(kind),
        "rulesetId": 73,
        "ruleIndex": 0,
        "ruleName": "Rule " + kind,
        "effectType": kind,
        "props": props,
    }


def _v2_response(written: Tree, session: Session, version: Version) -> Tree:
    """As from an update, or from a look at the session, which tells less."""
    effects = effects_of(session, version)
    if session.internal_id % 2:
        return {"customerSession": written, "effects": effects}
    return {
        "effects": effects,
        "createdCoupons": [],
        "createdReferrals": [],
        "customerSession": written,
        "customerProfile": {"integrationId": session.profile_id, "closedSessions": 3},
        "triggeredCampaigns": [{"id": 244, "name": "Summer"}] if effects else [],
    }


def _singer(written: Tree, session: Session, version: Version) -> Tree:
    return {"type": "RECORD", "stream": "sessions", "record": written}


_ENVELOPES: dict[str, Envelope] = {
    "v1_response": _v1_response,
    "v2_response": _v2_response,
    "singer": _singer,
}


def enveloped(dialect: str, written: Tree, session: Session, version: Version) -> Tree:
    """A session as written, in what stands around it in this dialect; mostly nothing."""
    envelope = _ENVELOPES.get(dialect)
    return envelope(written, session, version) if envelope else written
