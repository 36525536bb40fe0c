"""Sessions in several records: made-up histories, their dumps, and which record must win.

Nothing here imports the package. A record is a dialect and the *facts* that it was written from;
what a dialect can tell of them is a plain table, and the choice between records is written out in
ordinary Python, to be compared with what the package makes of the same dumps.
"""

from __future__ import annotations

import csv
import io
import json
import random
from decimal import Decimal
from typing import Any, NamedTuple

Facts = dict[str, Any]
Row = dict[str, Any]

STATES = ["open", "closed", "partially_returned", "cancelled"]
ZERO_TIME = "0001-01-01T00:00:00Z"


class Record(NamedTuple):
    """One record of one session: the shape it is written in, and what is written."""

    dialect: str
    facts: Facts


# Writing

CSV_HEADER = [
    *("id", "firstsession", "integrationid", "applicationid", "profileid", "profileintegrationid"),
    *("created", "state", "cartitems", "discounts", "total", "attributes", "closedat"),
    *("cancelledat", "referral", "identifiers", "additional_costs", "updated"),
    *("store_integration_id", "coupons"),
]

_SHARED = {
    "integration_id": "integrationId",
    "application_id": "applicationId",
    "state": "state",
    "created_at": "created",
    "cart": "cartItems",
    "total": "total",
    "attributes": "attributes",
}
MEMBERS = {
    "v1": _SHARED
    | {
        "profile_id": "profileId",
        "coupon": "coupon",
        "referral_code": "referral",
        "identifiers": "identifiers",
        "first_session": "firstSession",
        "update_count": "updateCount",
        "discounts": "discounts",
        "updated_at": "updated",
    },
    "v2": _SHARED
    | {
        "internal_id": "id",
        "profile_id": "profileId",
        "store_id": "storeIntegrationId",
        "coupon_codes": "couponCodes",
        "referral_code": "referralCode",
        "loyalty_cards": "loyaltyCards",
        "identifiers": "identifiers",
        "costs": "additionalCosts",
        "first_session": "firstSession",
        "update_count": "updateCount",
        "cart_item_total": "cartItemTotal",
        "additional_cost_total": "additionalCostTotal",
        "updated_at": "updated",
    },
    "single": _SHARED
    | {
        "internal_id": "id",
        "profile_internal_id": "profileId",
        "profile_id": "profileintegrationid",
        "store_id": "storeIntegrationId",
        "coupon": "coupon",
        "referral_code": "referral",
        "discounts": "discounts",
        "total_discounts": "totalDiscounts",
    },
}
MEMBERS["list"] = MEMBERS["single"]
"""How each JSON dialect spells a fact; what is not listed it cannot tell."""

API = {"v1": "v1", "v2": "v2"}


def json_doc(record: Record) -> Row:
    """A record as a JSON document: only facts that are not None, under its dialect's names."""
    doc = {
        member: record.facts[fact]
        for fact, member in MEMBERS[record.dialect].items()
        if record.facts.get(fact) is not None
    }
    if record.dialect == "list" and "totalDiscounts" in doc:
        doc["totalDiscounts"] = 0
    return doc


def csv_cells(record: Record) -> list[str]:
    """A record as the cells of the CSV export, in the order of `CSV_HEADER`."""
    f = record.facts
    cells = {
        "id": f.get("internal_id"),
        "firstsession": {True: "true", False: "false", None: ""}[f.get("first_session")],
        "integrationid": f["integration_id"],
        "applicationid": f["application_id"],
        "profileid": f.get("profile_internal_id") or 0,
        "profileintegrationid": f.get("profile_id") or "",
        "created": to_second(f["created_at"]),
        "state": f["state"],
        "cartitems": json.dumps(f.get("cart") or []),
        "discounts": json.dumps(f.get("discounts") or {}),
        "total": f.get("total"),
        "attributes": json.dumps(f.get("attributes") or {}),
        "closedat": f.get("closed_at") or ZERO_TIME,
        "cancelledat": f.get("cancelled_at") or ZERO_TIME,
        "referral": f.get("referral_code") or "",
        "identifiers": json.dumps(f.get("identifiers")),
        "additional_costs": json.dumps(f.get("costs") or {}),
        "updated": to_second(f["updated_at"]),
        "store_integration_id": f.get("store_id") or "",
        "coupons": json.dumps(f.get("coupon_codes") or []),
    }
    return ["" if cells[name] is None else str(cells[name]) for name in CSV_HEADER]


def csv_file(records: list[Record], header: list[str] | None = None) -> bytes:
    """A CSV export of records, with its columns in any order."""
    order = header or CSV_HEADER
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(order)
    for record in records:
        cells = dict(zip(CSV_HEADER, csv_cells(record), strict=True))
        writer.writerow([cells[name] for name in order])
    return text.getvalue().encode()


def to_second(instant: str) -> str:
    """An instant without its fraction, as the CSV export writes it."""
    return instant[:19] + "Z"


# What a record tells

_CSV_TELLS = {
    "application_id",
    "integration_id",
    "internal_id",
    "profile_id",
    "profile_internal_id",
    "store_id",
    "state",
    "created_at",
    "updated_at",
    "closed_at",
    "cancelled_at",
    "first_session",
    "referral_code",
    "coupon_codes",
    "identifiers",
    "total",
    "attributes",
    "cart",
    "costs",
}
LASTING = {
    "internal_id",
    "profile_internal_id",
    "store_id",
    "first_session",
    "closed_at",
    "cancelled_at",
}


def told(record: Record) -> Facts:
    """The facts that a record tells, null among them; the CSV export has a cell for each."""
    f = record.facts
    if record.dialect == "csv":
        known = {name: f.get(name) for name in _CSV_TELLS}
        known |= {"created_at": to_second(f["created_at"]), "times_known": True}
        known |= {"updated_at": to_second(f["updated_at"])}
    else:
        known = {n: f[n] for n in MEMBERS[record.dialect] if f.get(n) is not None}
        if (coupon := known.pop("coupon", None)) is not None:
            known["coupon_codes"] = [coupon] if coupon else []
        known.pop("discounts", None)
        if record.dialect == "list":
            known.pop("total_discounts", None)
    is_known, total = discounts_of(record)
    if is_known:
        known |= {"discounts_known": True, "discount_total": total}
        if record.dialect != "v2":
            known["discounts"] = f.get("discounts") or {}
    return known


def in_envelope(record: Record) -> bool:
    """Whether a session stands in a response, beside no effects: every other one of V2 does."""
    return record.dialect == "v2" and len(record.facts["integration_id"]) % 2 == 1


def discounts_of(record: Record) -> tuple[bool | None, Decimal | None]:
    """What a record by itself knows of the discounts, and their sum."""
    labels = record.facts.get("discounts")
    if record.dialect == "v2":
        is_none = in_envelope(record) and record.facts["state"] in ("open", "closed")
        return (True, Decimal(0)) if is_none else (False, None)
    if labels:
        return True, sum((Decimal(value) for value in labels.values()), Decimal(0))
    single = record.facts.get("total_discounts")
    if record.dialect == "single" and single is not None:
        return True, Decimal(single)
    if record.dialect == "v1":
        return (True, Decimal(0)) if labels is not None else (False, None)
    return (None, None) if record.dialect == "csv" or labels is not None else (False, None)


# Choosing


def order(record: Record) -> tuple[Any, ...]:
    """What a later record has more of; distinct for records that differ (see `history`)."""
    known = told(record)
    updated = known.get("updated_at")
    count = known.get("update_count")
    return (
        (updated is not None, to_second(updated) if updated else ""),
        (count is not None, count or 0),
        STATES.index(known["state"]),
        fine(updated),
    )


def fine(updated: str | None) -> str:
    """The fraction of an instant, padded so that fractions compare as text."""
    return (updated or "")[19:].strip(".Z").ljust(9, "0")


class Outcome(NamedTuple):
    """One session, and what became of its records."""

    facts: Facts
    repeats: int
    older: int


def resolve(records: list[Record]) -> Outcome:
    """Choose the current record of one session, and complete it from the others."""
    latest_first = sorted(records, key=order, reverse=True)
    winner = latest_first[0]
    same = [r for r in latest_first if version(r) == version(winner)]
    older = [r for r in latest_first if version(r) != version(winner)]
    state = winner.facts["state"]
    facts: Facts = {}
    for record in same:
        facts = told(record) | facts
    for record in older:
        facts |= {n: v for n, v in lasting(record, state).items() if n not in facts}
    if "discounts_known" not in facts:
        facts["discounts_known"], facts["discount_total"] = ambiguous(winner, records)
    return Outcome(facts, len(same) - 1, len(older))


def version(record: Record) -> tuple[str | None, str]:
    """The second of the update and the state: what repeats have in common."""
    updated = told(record).get("updated_at")
    return (to_second(updated) if updated else None, record.facts["state"])


def lasting(record: Record, state: str) -> Facts:
    """The facts of an older record that still hold."""
    still = {name: value for name, value in told(record).items() if name in LASTING}
    if state == "open":
        still.pop("closed_at", None)
    if state != "cancelled":
        still.pop("cancelled_at", None)
    return {name: value for name, value in still.items() if value is not None}


def ambiguous(winner: Record, records: list[Record]) -> tuple[bool | None, Decimal | None]:
    """What an empty map means once it is seen by which API the session was written."""
    known, total = discounts_of(winner)
    apis = {API.get(record.dialect) for record in records}
    if known is not None or not apis & {"v1", "v2"}:
        return known, total
    return (False, None) if "v2" in apis else (True, Decimal(0))


# Histories


def histories(seed: int, sessions: int) -> list[list[Record]]:
    """Random sessions, each with one to five distinct records, whose order is never a tie."""
    rng = random.Random(seed)
    return [history(rng, number) for number in range(sessions)]


def history(rng: random.Random, number: int) -> list[Record]:
    facts: Facts = {
        "integration_id": f"S-{number}",
        "application_id": rng.choice([1, 2]),
        "internal_id": 1000 + number,
        "profile_id": rng.choice([None, "anna", "bob"]),
        "profile_internal_id": rng.choice([None, 7]),
        "store_id": rng.choice([None, "NORTH"]),
        "created_at": f"2024-03-01T10:00:{number % 60:02}.123456Z",
        "first_session": rng.choice([None, True, False]),
        "is_v2": rng.random() < 0.5,
        "state": "open",
        "second": 0,
    }
    records: list[Record] = []
    for step in range(rng.randint(1, 3)):
        move(rng, facts, step)
        for _ in range(rng.randint(1, 3)):
            records.append(Record(rng.choice(dialects(facts)), content(rng, facts)))
    distinct = {order(record): record for record in records}
    return list(distinct.values())


def dialects(facts: Facts) -> list[str]:
    return ["csv", "csv", "single", "list", "v2" if facts["is_v2"] else "v1"]


def move(rng: random.Random, facts: Facts, step: int) -> None:
    """Let the session live on: often into another second, sometimes into another state."""
    facts["second"] += rng.choice([0, 1, 1, 60])
    minute, second = divmod(facts["second"], 60)
    facts["updated_at"] = f"2024-03-02T12:{minute:02}:{second:02}Z"
    facts["update_count"] = rng.choice([None, step + 1])
    ways = {"open": STATES[:2], "closed": ["closed", "open", *STATES[2:]]}
    facts["state"] = rng.choice(ways.get(facts["state"], STATES[2:]))
    at = facts["updated_at"]
    if facts["state"] in STATES[1:3]:
        facts.setdefault("closed_at", at)
    if facts["state"] == "open":
        facts.pop("closed_at", None)
    if facts["state"] == "cancelled":
        facts.setdefault("cancelled_at", at)


def content(rng: random.Random, facts: Facts) -> Facts:
    """What one dump says of the session at that moment; each dump may differ."""
    prices = [rng.choice(["9.99", "0.333333333333333333", "5"]) for _ in range(rng.randint(0, 2))]
    cart = [
        {"sku": f"K{line}", "quantity": rng.randint(1, 3), "price": price}
        for line, price in enumerate(prices)
    ]
    labels = {"ten off": rng.choice(["1.5", "0.25"]), "gift#1": "0"}
    fraction = rng.choice([".5", ".250001", ".75", ""])
    return {name: value for name, value in facts.items() if name not in {"is_v2", "second"}} | {
        "updated_at": facts["updated_at"][:-1] + fraction + "Z",
        "cart": rng.choice([cart, cart, None]),
        "total": rng.choice(["12.50", "7", None]),
        "cart_item_total": rng.choice(["12.5", None]),
        "additional_cost_total": rng.choice(["0", None]),
        "attributes": rng.choice([{"city": "Oslo"}, {"n": 1, "tags": ["a"]}, {}, None]),
        "coupon": rng.choice(["SPRING", "", None]),
        "coupon_codes": rng.choice([["A", "B", "A"], [], None]),
        "referral_code": rng.choice(["FRIEND", None]),
        "identifiers": rng.choice([["x", "y"], [], None]),
        "loyalty_cards": rng.choice([["card"], None]),
        "costs": rng.choice([{"post": {"price": "4.5"}}, {}, None]),
        "discounts": None if facts["is_v2"] else rng.choice([labels, {}, {}, None]),
        "total_discounts": rng.choice(["3", "0"]),
    }
