"""Sessions as rows of the CSV export: twenty columns, JSON in six of them.

Layer: above `rendering`; of the package, imports nothing.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sessionkit.generate.facts import Session, Version, plain
from sessionkit.generate.rendering import discount_map, item
from sessionkit.generate.spelling import Tree, spaced, stored, whole_seconds

COLUMNS = (
    "id",
    "firstsession",
    "integrationid",
    "applicationid",
    "profileid",
    "profileintegrationid",
    "created",
    "state",
    "cartitems",
    "discounts",
    "total",
    "attributes",
    "closedat",
    "cancelledat",
    "referral",
    "identifiers",
    "additional_costs",
    "updated",
    "store_integration_id",
    "coupons",
)
"""The header of the export, in its order."""

JSON_COLUMNS = frozenset(
    {"cartitems", "discounts", "attributes", "identifiers", "additional_costs", "coupons"}
)
_NEVER = "0001-01-01T00:00:00Z"
_QUOTED = JSON_COLUMNS | {"store_integration_id"}


def row(session: Session, version: Version) -> Tree:
    """A session by column; JSON columns hold values, the others text."""
    costs = {name: {"price": price} for name, price in version.costs.items()}
    cells: Tree = {
        "id": str(session.internal_id),
        "firstsession": "true" if session.first else "false",
        "integrationid": session.integration_id,
        "applicationid": str(session.application.number),
        "profileid": str(session.profile_number if session.profile_id else 0),
        "profileintegrationid": session.profile_id,
        "created": whole_seconds(session.created),
        "state": version.state,
        "cartitems": [item(line, place, _same) for place, line in enumerate(version.lines)],
        "discounts": discount_map(session, version),
        "total": "" if version.total is None else two_decimals(version.total),
        "attributes": session.attributes,
        "closedat": _or_never(version.closed_at),
        "cancelledat": _or_never(version.cancelled_at),
        "referral": session.referral,
        "identifiers": session.identifiers or None,
        "additional_costs": costs if costs or session.internal_id % 2 else None,
        "updated": whole_seconds(version.updated),
        "store_integration_id": session.store or "",
        "coupons": version.coupons if version.coupons or session.internal_id % 2 else None,
    }
    return cells


def _same(amount: Decimal) -> Decimal:
    return amount


def _or_never(instant: datetime | None) -> str:
    return _NEVER if instant is None else whole_seconds(instant)


def two_decimals(amount: Decimal) -> str:
    """An amount with at least two decimals, and all that it has.

    Example:
        >>> two_decimals(Decimal("1850")), two_decimals(Decimal("9.999"))
        ('1850.00', '9.999')
    """
    whole, _, decimals = plain(amount).partition(".")
    return f"{whole}.{decimals:0<2}"


def line_of(cells: Tree) -> bytes:
    """A row as RFC 4180 text, without its line end; JSON cells and stores are always quoted."""
    return ",".join([cell(column, cells[column]) for column in COLUMNS]).encode()


def cell(column: str, value: Any) -> str:
    """One cell. Text in a JSON column is taken as its JSON; values are encoded."""
    if column in JSON_COLUMNS and not isinstance(value, str):
        value = spaced(stored(value)).decode()
    text = str(value)
    if column in _QUOTED and (text or column in JSON_COLUMNS):
        return quoted(text)
    return quoted(text) if any(sign in text for sign in ',"\r\n') else text


def quoted(text: str) -> str:
    """A cell in quotes."""
    return '"' + text.replace('"', '""') + '"'


HEADER = ",".join(COLUMNS).encode()
