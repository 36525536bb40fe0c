"""The official Python SDK's models, decoding only: nothing is flattened, nothing is written.

`talon-one-sdk` refuses a V1 session without `updateCount`, which older dumps do not have: a 0 is
put in its place. One core.

    python with_sdk.py sessions.jsonl out/
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def run(dump: str, _out: str) -> dict[str, int]:
    """Decode every line of a JSON Lines file, and count."""
    from talon_one.models.customer_session import CustomerSession

    rows = dict.fromkeys(("sessions", "cart_items", "discounts"), 0)
    with Path(dump).open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            record.setdefault("updateCount", 0)
            session = CustomerSession.from_dict(record)
            rows["sessions"] += 1
            rows["cart_items"] += len(session.cart_items or ())
            rows["discounts"] += len(session.discounts)
    return rows


if __name__ == "__main__":
    print(json.dumps(run(*sys.argv[1:])))
