"""The audits in plain Python: every rule once more, from its words and not from the SQL.

Amounts have up to 38 digits, more than Python's own context keeps: they are added, negated and
compared only by what is exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Context, Decimal
from itertools import pairwise
from typing import Any

import pyarrow as pa

from sessionkit.audit import AUDITS
from sessionkit.dialects.members import entry
from sessionkit.rules import RULES
from tests.oracle_facts import Row

LARGEST = Decimal(10**38 - 1).scaleb(-18, Context(prec=60))
V1 = {"v1_session", "v1_response", "csharp_v1"}
NO_SESSION_COSTS = {"session_list", "single_session", "singer"}
MUTE = {"csv_export", *NO_SESSION_COSTS}
Doubt = tuple[Any, ...]


def findings(tables: Mapping[str, pa.Table]) -> list[Row]:
    """The rows that `audit` should give, in their order."""
    children: dict[tuple[Any, Any], dict[str, list[Row]]] = {}
    for name in ("cart_items", "item_prices", "additional_costs", "discounts"):
        for row in tables[name].to_pylist():
            children.setdefault(_key(row), {}).setdefault(name, []).append(row)
    found = [
        _finding(session, doubt)
        for session in tables["sessions"].to_pylist()
        for doubt in _doubts(session, children.get(_key(session), {}))
    ]
    found += _of_versions(tables)
    return sorted(found, key=_place)


def _key(row: Row) -> tuple[Any, Any]:
    return row["application_id"], row["integration_id"]


def _of_versions(tables: Mapping[str, pa.Table]) -> Iterator[Row]:
    """Versions of a session that cannot follow one another; one record may say so by itself."""
    versions: dict[tuple[Any, Any], list[Row]] = {}
    for row in tables["snapshots"].to_pylist() if "snapshots" in tables else []:
        if row["version_at"] is not None:
            versions.setdefault(_key(row), []).append(row)
    for session in tables["sessions"].to_pylist():
        if session["cancelled_at"] is not None and session["state"] != "cancelled":
            continue
        seen = sorted(versions.get(_key(session), []), key=_age)
        for before, after in pairwise(seen):
            was, state = before["state"], after["state"]
            if state in FORBIDDEN.get(was, ()):
                or_so = "" if was == "cancelled" else ", or cancelled"
                expected = f"{was}, as it was at {moment(before['version_at'])}{or_so}"
                told = f"{state} at {moment(after['version_at'])}"
                doubt = ("illegal-transition", "state", expected, told, None)
                yield _finding(after, doubt)


FORBIDDEN = {
    "cancelled": ("open", "closed", "partially_returned"),
    "partially_returned": ("open", "closed"),
}


def _age(version: Row) -> tuple[Any, ...]:
    count = version["update_count"]
    rank = ("open", "closed", "partially_returned", "cancelled").index(version["state"])
    return version["version_at"], -1 if count is None else count, rank, version["digest"]


def _place(row: Row) -> tuple[Any, ...]:
    return AUDITS.index(row["rule"]), *_key(row), len(row["path"]), row["path"]


def _finding(session: Row, doubt: Doubt) -> Row:
    rule, path, expected, seen, amount, *severity = doubt
    return {
        "rule": rule,
        "severity": severity[0] if severity else RULES[rule].severity,
        "application_id": session["application_id"],
        "integration_id": session["integration_id"],
        "path": path,
        "expected": expected,
        "seen": seen,
        "amount": None if amount is None else Decimal(amount),
        "count": 1,
        "source_file": session["source_file"],
        "source_record": session["source_record"],
    }


def _doubts(session: Row, children: Mapping[str, list[Row]]) -> Iterator[Doubt]:
    costs = children.get("additional_costs", [])
    discounts = children.get("discounts", [])
    yield from _of_total(session, costs, bool(discounts))
    yield from _of_times(session)
    for line in children.get("cart_items", []):
        yield from _of_line(line)
    for row in children.get("item_prices", []):
        yield from _of_price(entry(f"cartItems[{row['line']}].prices", row["price_type"]), row)
    for row in costs:
        of = "" if row["line"] is None else f"cartItems[{row['line']}]."
        yield from _of_price(entry(f"{of}additionalCosts", row["name"]), row)
    for row in discounts:
        if row["value"] < 0:
            path = entry("discounts", row["label"])
            yield "negative-discount", path, "at least 0", plain(row["value"]), row["value"]


def _of_total(session: Row, costs: list[Row], labelled: bool) -> Iterator[Doubt]:
    total, off = session["total"], session["discount_total"]
    if total is None:
        yield "missing-total", "total", "an amount", "nothing", None
        return
    if off is not None and off > max(total, 0):
        yield (
            "discount-exceeds-total", "discounts", f"at most {plain(total)}", plain(off),
            added(off, total.copy_negate()),
        )  # fmt: skip
    without = added(
        session["items_total"], added(*(cost["price"] for cost in costs if cost["line"] is None))
    )
    both = added(without, added(*(cost["price"] for cost in costs if cost["line"] is not None)))
    if without is None or both is None or total in (without, both):
        return
    before = added(total, off)
    if off and before is not None and before in (without, both):
        yield (
            "total-after-discounts", "total", f"{plain(before)}, as before discounts",
            plain(total), off.copy_negate(),
        )  # fmt: skip
    off_without, off_both = added(total, without.copy_negate()), added(total, both.copy_negate())
    if off_without is None or off_both is None:
        return
    of_session = any(cost["line"] is None for cost in costs)
    dialect = session["dialect"]
    untold = dialect in NO_SESSION_COSTS and not of_session and off_without > 0
    by_shop = dialect in V1 or (dialect in MUTE and labelled)
    second = f", or with item costs {plain(both)}" if both != without else ""
    nearer = off_both if off_both.copy_abs() < off_without.copy_abs() else off_without
    severity = "info" if by_shop or untold else "warning"
    yield "total-reconciles", "total", plain(without) + second, plain(total), nearer, severity


def _of_times(session: Row) -> Iterator[Doubt]:
    state, created = session["state"], session["created_at"]
    updated, closed = session["updated_at"], session["closed_at"]
    cancelled = session["cancelled_at"]
    never = f"a time, as the session is {state}"
    if session["times_known"] and closed is None and state in ("closed", "partially_returned"):
        yield "closed-without-time", "closedAt", never, "never", None
    if session["times_known"] and cancelled is None and state == "cancelled":
        yield "cancelled-without-time", "cancelledAt", never, "never", None
    for rule, path, instant in (
        ("closed-before-created", "closedAt", closed),
        ("updated-before-created", "updated", updated),
    ):
        if instant is not None and cut(instant) < cut(created):
            yield rule, path, f"not before {moment(created)}", moment(instant), None
    if cancelled is not None and state != "cancelled":
        expected = f"cancelled, as it was at {moment(cancelled)}"
        yield "illegal-transition", "state", expected, state, None
    elif cancelled is not None and closed is not None and cut(closed) > cut(cancelled):
        expected = f"not after the cancelling at {moment(cancelled)}"
        yield "illegal-transition", "closedAt", expected, moment(closed), None


def _of_line(line: Row) -> Iterator[Doubt]:
    path = f"cartItems[{line['line']}]"
    units, back, left = line["quantity"], line["returned_quantity"], line["remaining_quantity"]
    if line["price"] is None:
        yield "missing-price", f"{path}.price", "an amount", "nothing", None
    else:
        yield from _of_price(path, line)
    if not line["sku"]:
        yield "empty-sku", f"{path}.sku", "a stock keeping unit", "an empty text", None
    if back is not None and back > units:
        yield (
            "returned-exceeds-quantity", f"{path}.returnedQuantity", f"at most {units}",
            str(back), back - units,
        )  # fmt: skip
    if back is not None and left is not None and back + left != units:
        yield (
            "returned-plus-remaining", f"{path}.remainingQuantity",
            f"returned + remaining = {units}", f"{back} + {left} = {back + left}",
            back + left - units,
        )  # fmt: skip
    if line["position"] is not None and line["position"] != int(line["position"]):
        seen = plain(line["position"])
        yield "position-not-whole", f"{path}.position", "a whole number", seen, None


def _of_price(path: str, row: Row) -> Iterator[Doubt]:
    if row["price"] < 0:
        yield "negative-price", f"{path}.price", "at least 0", plain(row["price"]), row["price"]


def added(*amounts: Decimal | None) -> Decimal | None:
    """The exact sum; null where an amount is, or where it is past 38 digits."""
    total = Decimal(0)
    for amount in amounts:
        if amount is None:
            return None
        total = Context(prec=60).add(total, amount)
    return total if total.copy_abs() <= LARGEST else None


def plain(amount: Decimal) -> str:
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def moment(instant: datetime) -> str:
    text = instant.strftime("%Y-%m-%dT%H:%M:%S.%f")
    return text.rstrip("0").rstrip(".") + "Z"


def cut(instant: datetime) -> datetime:
    return instant.replace(microsecond=0)
