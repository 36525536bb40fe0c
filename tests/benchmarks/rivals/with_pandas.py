"""What a user of pandas would write: `json_normalize`, `explode`, `to_parquet`.

pandas works on one core. Money is a float.

    python with_pandas.py sessions.jsonl out/
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

KEY = ["applicationId", "integrationId"]


def run(dump: str, out: str) -> dict[str, int]:
    """Flatten one JSON Lines file into Parquet files, and return the rows of each."""
    import pandas as pd

    with Path(dump).open(encoding="utf-8") as lines:
        records: list[dict[str, Any]] = [json.loads(line) for line in lines]
    sessions = pd.json_normalize(records, max_level=0)
    items = pd.json_normalize(records, "cartItems", KEY, max_level=0)
    items["line"] = [line for record in records for line in range(len(record["cartItems"]))]

    def entries(frame: pd.DataFrame, column: str, *more: str) -> pd.DataFrame:
        listed = frame[[*KEY, *more, column]].dropna(subset=[column])
        listed[column] = [list(value.items()) for value in listed[column]]
        rows = listed.explode(column).dropna(subset=[column])
        rows["name"] = rows[column].str[0]
        rows["value"] = rows[column].str[1]
        return rows.drop(columns=column)

    costs = entries(items, "additionalCosts", "line")
    costs["value"] = costs["value"].str["price"]
    attributes = pd.concat([entries(sessions, "attributes"), entries(items, "attributes", "line")])
    attributes["value"] = attributes["value"].map(json.dumps)
    items["product"] = items["product"].str["name"]
    codes = sessions[sessions["coupon"].notna() & (sessions["coupon"] != "")]
    identifiers = sessions[[*KEY, "identifiers"]].explode("identifiers").dropna()
    tables = {
        "sessions": sessions.drop(columns=["cartItems", "discounts", "attributes"]),
        "cart_items": items.drop(columns=["attributes", "additionalCosts"]),
        "discounts": entries(sessions, "discounts"),
        "coupons": codes[[*KEY, "coupon"]],
        "identifiers": identifiers,
        "additional_costs": costs,
        "attributes": attributes,
    }
    for name, table in tables.items():
        table.to_parquet(f"{out}/{name}.parquet")
    return {name: len(table) for name, table in tables.items()}


if __name__ == "__main__":
    print(json.dumps(run(*sys.argv[1:])))
