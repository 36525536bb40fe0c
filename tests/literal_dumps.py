"""Small dumps, written out: three sessions, a broken line, and the tables that they give."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

CLOSED = {
    "integrationId": "S-1",
    "applicationId": 270,
    "profileId": "anna",
    "created": "2026-01-31T09:05:27Z",
    "updated": "2026-01-31T09:15:27Z",
    "state": "closed",
    "firstSession": True,
    "total": "100.10",
    "cartItems": [{"sku": "tea", "name": "Tea", "quantity": 2, "price": "50.05"}],
    "discounts": {"Ten off": "10.01"},
    "attributes": {},
    "coupon": "",
    "referral": "",
}
OPEN = CLOSED | {
    "integrationId": "S-2",
    "profileId": "",
    "created": "2026-02-01T10:00:00Z",
    "updated": "2026-02-01T10:00:00Z",
    "state": "open",
    "total": "7.5",
    "cartItems": [],
    "discounts": {},
}
CANCELLED = CLOSED | {
    "integrationId": "S-3",
    "created": "2026-02-02T10:00:00Z",
    "updated": "2026-02-03T10:00:00Z",
    "state": "cancelled",
    "total": "20",
    "cartItems": [],
    "discounts": {"Ten off": 2},
}
THREE = (CLOSED, OPEN, CANCELLED)
BROKEN = CLOSED | {"integrationId": "S-4", "total": "not a number"}


def write_lines(path: Path, *sessions: dict[str, Any]) -> Path:
    """Write sessions as JSON Lines; money that is written as text becomes a number as it stands."""
    lines = []
    for session in sessions:
        line = json.dumps(session)
        for amount in ("100.10", "50.05", "10.01", "7.5", "20"):
            line = line.replace(f'"{amount}"', amount)
        lines.append(line + "\n")
    path.write_text("".join(lines), encoding="utf-8")
    return path
