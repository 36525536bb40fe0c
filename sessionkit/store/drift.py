"""Drift: what the latest load brought that was not there before, and what is missing from it.

Layer: inside `store`, above `layout`; imports `result` from below.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sessionkit.database import Connection, run
from sessionkit.errors import UsageError
from sessionkit.result import Result
from sessionkit.sql import text_of

CHANGES = {
    "new application": "An application of which no load had a record before.",
    "new dialect": "A dialect in which no record of the application came before.",
    "new key": "A key that holds something, and held nothing before.",
    "vanished key": "A key that held something, and holds nothing now.",
    "new attribute": "An attribute that no record had before.",
    "vanished attribute": "An attribute that records had, and none has now.",
    "other type": "An attribute whose values are of another kind than before.",
    "new state": "A state in which no session was seen before.",
    "new labels": "Labels of discounts, without the place of an item, that no load had before.",
    "new coupons": "Coupon codes that no load had before.",
    "gap": "Days without any session between days with some.",
    "missing open sessions": "Open sessions, created in what the new loads cover, that they lack.",
    "open sessions not seen again": "Open sessions, created before what the new loads cover.",
}
"""Every change that can be told, with its meaning, in the order in which they are told."""

DEFINITION = {
    "change": "What has changed; one of `sessionkit.store.drift.CHANGES`.",
    "application_id": "The application; null where a key is not told by application.",
    "dialect": "The shape of the records, for keys.",
    "name": "The key, attribute or state; the days of a gap, or of the creation of sessions.",
    "before": "How it was in the loads before: for keys, in how many records or lines it was.",
    "now": "How it is in the new loads.",
    "count": "Records or lines of words, codes of labels and coupons, days of a gap, or sessions.",
    "examples": "Up to five labels, codes or integration ids.",
}

_PARTS = ("places", "words", "types", "codes", "gaps", "unseen")
_SHOWN = 20
_GAPS_SHOWN = 5


def drift_of(connection: Connection, since_load: int | None = None) -> Result:
    """Tell what changed between loads.

    Args:
        connection: To the store.
        since_load: The last load that counts as before; by default the one before the latest.

    Returns:
        One row per change, in the order of `CHANGES`, then by application and name. No row where
        nothing was loaded before, or nothing changed.

    Raises:
        UsageError: There is no such load.
    """
    loads = connection.sql("select distinct load from kept.loads order by load").fetchall()
    numbers = [0, *(number for (number,) in loads)]
    since = numbers[max(len(numbers) - 2, 0)] if since_load is None else since_load
    if since not in numbers:
        raise UsageError(
            f"since_load: there is no load {since_load}; the loads are 1 to {numbers[-1]}."
            if numbers[1:]
            else f"since_load: there is no load {since_load}; nothing was loaded yet."
        )
    connection.execute("set variable since = $since", {"since": since})
    connection.execute("set variable changes = $changes", {"changes": list(CHANGES)})
    union = "\nunion all by name\n".join(
        f"from (\n{text_of(f'store/drift/{part}')})" for part in _PARTS
    )
    order = (
        "list_position(getvariable('changes'), change), application_id nulls first, "
        "dialect nulls first, name nulls first"
    )
    sql = f"{union}\norder by {order}"
    rows = run(connection, sql).select(list(DEFINITION))
    notes = () if since else ("Nothing was loaded before, so there is nothing to compare with.",)
    return Result(rows, "drift", sql, DEFINITION, notes)


def drift_lines(drift: Result, *, codes: bool = False) -> list[str]:
    """Drift in plain lines, one per change; of many alike, the first and how many more there are.

    Args:
        drift: What changed.
        codes: Whether to name coupon codes, of which one may be a customer's own.

    Example:
        >>> import pyarrow as pa
        >>> row = {"change": "gap", "application_id": 270, "name": "2026-03-02", "count": 1}
        >>> columns = {name: [row.get(name)] for name in DEFINITION}
        >>> drift_lines(Result(pa.table(columns), "drift"))
        ['application 270: no session created on 2026-03-02']
    """
    return list(_lines(drift.table.to_pylist(), codes))


def _lines(rows: list[dict[str, Any]], codes: bool) -> Iterator[str]:
    for change in CHANGES:
        alike = [row for row in rows if row["change"] == change]
        shown = _GAPS_SHOWN if change == "gap" else _SHOWN
        if change == "gap":  # the longest are the gravest
            alike.sort(key=lambda row: -row["count"])
        for row in alike[:shown]:
            whose = row["application_id"]
            yield f"{'' if whose is None else f'application {whose}: '}{_words(row, codes)}"
        if (more := len(alike) - shown) > 0:
            yield f"… and {more:,} more: {change}"


def _words(row: dict[str, Any], codes: bool) -> str:
    change, name, count = row["change"], row["name"], row["count"]
    of_dialect = f" of {row['dialect']}" if row["dialect"] else ""
    what = _WHAT.get(change, "")
    lines = "lines" if (name or "").startswith("cartItems[].") else "records"
    match change:
        case "new application":
            return f"new, with {_plural(count, 'record')}"
        case "new dialect":
            return f"new dialect {row['dialect']}, with {_plural(count, 'record')}"
        case "new key" | "new attribute" | "new state":
            return f"new {what} {name}, {row['now']} {lines}{of_dialect}"
        case "vanished key" | "vanished attribute":
            return f"{what} {name}{of_dialect} is gone: {row['before']} {lines}, now {row['now']}"
        case "other type":
            return (
                f"{name} holds {row['now']}, and held {row['before']} ({_plural(count, 'value')})"
            )
        case "new coupons" if not codes:
            return f"{_plural(count, 'new ' + what)} ({row['before']})"
        case "new labels" | "new coupons":
            told = ", ".join(map(str, row["examples"]))
            more = ", …" if count > len(row["examples"]) else ""
            return f"{_plural(count, 'new ' + what)}: {told}{more} ({row['before']})"
        case "gap":
            return f"no session created {'from' if ' to ' in name else 'on'} {name}"
        case "missing open sessions":
            return f"{_plural(count, 'open session')} created {name}, not in the new files"
    return f"{_plural(count, 'open session')} created {name}, not seen again"


_WHAT = {
    "new key": "key",
    "vanished key": "key",
    "new attribute": "attribute",
    "vanished attribute": "attribute",
    "new state": "state",
    "new labels": "label",
    "new coupons": "coupon code",
}


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
