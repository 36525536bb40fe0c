"""Which effects count, and what they say of campaigns and codes, in plain Python; see `oracle`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from tests.oracle_facts import (
    STATES,
    Data,
    Question,
    Row,
    customer,
    discount,
    exact,
    gross,
    grouped,
    head,
    knowledge,
    ordered,
    selected,
    with_money_apart,
)

Key = tuple[int, str]
BOUNDS = tuple[datetime | None, datetime | None]
ORDER = (
    "created", "updated", "closed", "partially_returned", "reopened", "cancelled", "revoked",
)  # fmt: skip
MONEY = (
    "setDiscount", "setDiscountPerItem", "setDiscountPerAdditionalCost",
    "setDiscountPerAdditionalCostPerItem",
)  # fmt: skip
ITEMS = MONEY[:2]
IDLE = ("triggerWebhook", "showNotification", "error", "rejectCoupon", "rejectReferral")


@dataclass
class Line:
    """An effect that counts, and what is left of it."""

    effect: Row
    left: Decimal | None
    undone: bool = False

    @property
    def campaign(self) -> int | None:
        found: int | None = self.effect["campaign_id"]
        return found

    @property
    def kind(self) -> str:
        found: str = self.effect["effect_type"]
        return found

    @property
    def holds(self) -> bool:
        return not self.undone and self.kind not in IDLE


@dataclass
class Standing:
    """What the last evaluation of a session left; nothing where none is known."""

    lines: list[Line] = field(default_factory=list)
    evaluated: bool = False
    tells_discounts: bool = False
    gone: bool = False

    @property
    def discounts(self) -> dict[str, Decimal]:
        """By name; of a session that is gone as they were."""
        found: dict[str, list[Decimal]] = defaultdict(list)
        for line in self.lines:
            if line.left is not None:
                value = line.effect["value"] if self.gone else line.left
                found[line.effect["label"]].append(value)
        return {label: exact(values) for label, values in found.items()}


class Effects:
    """The effects of a source."""

    def __init__(self, tables: Mapping[str, pa.Table], complete: BOUNDS | None = None) -> None:
        self.complete = complete
        self.of: dict[Key, list[Row]] = defaultdict(list)
        for row in tables["effects"].to_pylist():
            self.of[row["application_id"], row["integration_id"]].append(row)
        self.exported = {
            application for (application, _), found in self.of.items() if any(map(is_event, found))
        }

    def standing(self, s: Row) -> Standing:
        found = self.of.get((s["application_id"], s["integration_id"]), [])
        events = turns([row for row in found if is_event(row)])
        responses = turns([row for row in found if not is_event(row)])
        covered = self._covers(s)
        base, backs = by_response(s, responses, events)
        answered = base is not None
        if base is None:
            base, backs = by_event(events)
        if base is None:
            if covered and not events:
                return Standing([], True, not s["discounts_known"], s["state"] == "cancelled")
            return Standing()
        ended = any(kind(turn) in ("cancelled", "revoked") for turn in backs)
        return Standing(
            reduced(base, [row for turn in backs for row in turn]),
            True,
            not s["discounts_known"] and (answered or covered),
            s["state"] == "cancelled" or ended,
        )

    def _covers(self, s: Row) -> bool:
        if self.complete is None or s["application_id"] not in self.exported:
            return False
        since, until = self.complete
        times = [s[f"{n}_at"] for n in ("created", "updated", "closed", "cancelled")]
        last = max(t for t in times if t)
        return (since is None or s["created_at"] >= since) and (until is None or last < until)


def is_event(row: Row) -> bool:
    return row["state"] is None and row["version_at"] is None


def turns(found: list[Row]) -> list[list[Row]]:
    """The effects by event or version, the oldest first."""
    by: dict[Any, list[Row]] = defaultdict(list)
    for row in found:
        if not is_event(row):
            key: Any = (moment(row["version_at"]), STATES.index(row["state"]))
        elif row["event_id"] is not None:
            key = (1, row["event_id"], 0)
        else:
            name = kind([row])
            key = (0, moment(row["created_at"]), ORDER.index(name) if name else -1)
        by[key].append(row)
    return [by[key] for key in sorted(by)]


def moment(at: datetime | None) -> float:
    return at.timestamp() if at else float("-inf")


def kind(turn: list[Row]) -> str | None:
    name: str | None = turn[0]["event_type"]
    return name and name.removeprefix("talon_session_")


def second(turn: list[Row]) -> datetime | None:
    at: datetime | None = turn[0]["version_at"] or turn[0]["created_at"]
    return at and at.replace(microsecond=0)


def is_back(row: Row) -> bool:
    return bool(row["effect_type"].startswith("rollback"))


def by_response(
    s: Row, responses: list[list[Row]], events: list[list[Row]]
) -> tuple[list[Row] | None, list[list[Row]]]:
    """The response that counts, and all that came after it."""
    version = s["updated_at"] and s["updated_at"].replace(microsecond=0)
    here = [
        n for n, turn in enumerate(responses)
        if (turn[0]["version_at"], turn[0]["state"]) == (version, s["state"])
    ]  # fmt: skip
    if not here:
        return None, []
    bases = [
        n for n in range(here[0] + 1)
        if responses[n][0]["state"] in ("open", "closed") or not any(map(is_back, responses[n]))
    ]  # fmt: skip
    if not bases:
        return None, []
    later = [turn for turn in events if version and (at := second(turn)) and at > version]
    return responses[bases[-1]], responses[bases[-1] + 1 : here[0] + 1] + later


def by_event(events: list[list[Row]]) -> tuple[list[Row] | None, list[list[Row]]]:
    """The event that counts, and all after it."""
    closings = [n for n, turn in enumerate(events) if kind(turn) == "closed"]
    others = [
        n for n, turn in enumerate(events)
        if kind(turn) in ("created", "updated")
        or (kind(turn) is None and not all(map(is_back, turn)))
    ]  # fmt: skip
    reopened = [n for n, turn in enumerate(events) if kind(turn) == "reopened"]
    if reopened and any(n > reopened[-1] for n in (*closings, *others)):
        closings = [n for n in closings if n > reopened[-1]]
        others = [n for n in others if n > reopened[-1]]
    chosen = closings or others
    if not chosen:
        return None, []
    return events[chosen[-1]], events[chosen[-1] + 1 :]


def reduced(base: list[Row], later: list[Row]) -> list[Line]:
    """What is left of an evaluation."""
    back: dict[Any, Decimal] = defaultdict(Decimal)
    for row in later:
        if row["effect_type"] == "rollbackDiscount":
            back[place(row)] = exact([back[place(row)], row["value"]])
    coupons = {r["coupon_code"] for r in later if r["effect_type"] == "rollbackCoupon"}
    referrals = {r["referral_code"] for r in later if r["effect_type"] == "rollbackReferral"}
    found = []
    for row in sorted(base, key=lambda r: r["place"]):
        if is_back(row):
            continue
        line = Line(row, row["value"])
        if row["value"] is not None and row["value"] > 0:
            taken = min(back[place(row)], row["value"])
            back[place(row)] = exact([back[place(row)], -taken])
            line.left = exact([row["value"], -taken])
            line.undone = not line.left
        elif row["effect_type"] == "acceptCoupon":
            line.undone = row["coupon_code"] in coupons
        elif row["effect_type"] in ("acceptReferral", "redeemReferral"):
            line.undone = row["referral_code"] in referrals
        found.append(line)
    return found


def place(row: Row) -> Any:
    return tuple(row[name] for name in ("campaign_id", "label", "position", "sub_position"))


# --- the questions --------------------------------------------------------------------------------


def with_discounts_told(
    tables: Mapping[str, pa.Table], complete: BOUNDS | None
) -> dict[str, pa.Table]:
    """The same sessions, as if maps had told what only effects tell."""
    effects = Effects(tables, complete)
    sessions, discounts = tables["sessions"].to_pylist(), tables["discounts"].to_pylist()
    for s in sessions:
        standing = effects.standing(s)
        if not standing.tells_discounts:
            continue
        key = {name: s[name] for name in ("application_id", "integration_id")}
        told = standing.discounts
        s |= {"discounts_known": True, "discount_total": exact(told.values())}
        discounts += [{**key, "label": label, "value": value} for label, value in told.items()]
    return {
        **tables,
        "sessions": pa.Table.from_pylist(sessions, tables["sessions"].schema),
        "discounts": pa.Table.from_pylist(discounts, tables["discounts"].schema),
    }


def campaign_summary(
    tables: Mapping[str, pa.Table], q: Question, complete: BOUNDS | None = None
) -> list[Row]:
    effects, data = Effects(tables, complete), Data(with_discounts_told(tables, complete))
    own = {(s["application_id"], s["integration_id"]): s for s in Data(tables).sessions}
    sessions = selected(data, q)
    q, mixed = with_money_apart(data, sessions, q)
    groups = grouped(data, sessions, q, mixed)
    found = []
    for total, group in ordered(groups):
        members: dict[int | None, list[tuple[Row, list[Line]]]] = defaultdict(list)
        if total and not mixed:
            members[None] = []
        for s in groups[total, group]:
            lines = effects.standing(own[s["application_id"], s["integration_id"]]).lines
            held = {line.campaign for line in lines if line.holds}
            for name in {None} if total and held else held:
                mine = [x for x in lines if (x.campaign in held if total else x.campaign == name)]
                members[name].append((s, mine))
        for name in sorted(members, key=lambda n: (n is None, n or 0)):
            row = head(data, total, group, q) | {"campaign_id": name}
            found.append(row | _campaign(data, members[name], effects, own, q))
    return found


def _campaign(
    data: Data,
    members: list[tuple[Row, list[Line]]],
    effects: Effects,
    own: Mapping[Key, Row],
    q: Question,
) -> Row:
    sessions = [s for s, _ in members]
    lines = [line for _, mine in members for line in mine]
    worth = [value for s in sessions if (value := gross(s, q)) is not None]
    apart = []
    for s in sessions:
        plain = own[s["application_id"], s["integration_id"]]
        told = effects.standing(plain)
        if knowledge(s, q) == "known" and not told.tells_discounts:
            taken = exact(told.discounts.values())
            apart.append(exact([discount(s, q) or Decimal(0), -taken]))
    return {
        "session_count": len(sessions),
        "customer_count": len({c for s in sessions if (c := customer(data, s, q)) is not None}),
        "gross_total": exact(worth),
        "total_known_count": len(worth),
        "discount_total": exact(x.left for x in lines if x.left is not None),
        "coupon_count": sum(x.kind == "acceptCoupon" and not x.undone for x in lines),
        "unmet": exact(
            exact([x.effect["desired_value"], -x.effect["value"]])
            for x in lines
            if x.effect["desired_value"] is not None and not x.undone
        ),
        "residual": exact(apart) if apart else None,
        "residual_count": len(apart),
    }


def fates(lines: Iterable[Line], codes: Iterable[str], column: str) -> tuple[bool, bool]:
    """Whether any of the codes was accepted, and rejected."""
    wanted = set(codes)
    kinds = {x.kind for x in lines if not x.undone and x.effect[column] in wanted}
    accepting = {"acceptCoupon", "acceptReferral", "redeemReferral"}
    return bool(kinds & accepting), bool(kinds & {"rejectCoupon", "rejectReferral"})
