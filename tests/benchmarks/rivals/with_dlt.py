"""A dlt pipeline into DuckDB: nested lists become child tables, as dlt does by itself.

Maps are handed over as lists, or every label would be a column. By way of Parquet, as the default
(INSERT statements) takes eight times as long and gigabytes; in one process, as dlt's own pool of
processes takes longer, too. No telemetry.

    python with_dlt.py sessions.jsonl out/
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAGE = 5000


def shaped(record: dict[str, Any]) -> dict[str, Any]:
    """A record with its maps as lists; values of attributes, of any kind, as JSON text."""
    discounts = record.get("discounts") or {}
    record["discounts"] = [{"label": key, "value": value} for key, value in discounts.items()]
    for owner in (record, *(record.get("cartItems") or ())):
        attributes = owner.get("attributes") or {}
        owner["attributes"] = [{"name": k, "value": json.dumps(v)} for k, v in attributes.items()]
        costs = owner.get("additionalCosts") or {}
        owner["additionalCosts"] = [{"name": k, "price": v["price"]} for k, v in costs.items()]
    return record


def pages(dump: str) -> Iterator[list[dict[str, Any]]]:
    """The records, a page at a time."""
    import orjson

    page = []
    with Path(dump).open("rb") as lines:
        for line in lines:
            page.append(shaped(orjson.loads(line)))
            if len(page) == PAGE:
                yield page
                page = []
    yield page


def run(dump: str, out: str) -> dict[str, int]:
    """Load one JSON Lines file into a DuckDB file, and return the rows of its tables."""
    os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}
    import dlt

    pipeline = dlt.pipeline(
        pipeline_name="sessions",
        pipelines_dir=f"{out}/pipelines",
        destination=dlt.destinations.duckdb(f"{out}/sessions.duckdb"),
        dataset_name="dump",
    )
    pipeline.run(dlt.resource(pages(dump), name="sessions"), loader_file_format="parquet")
    counts = pipeline.last_trace.last_normalize_info.row_counts
    wanted = {"cart_items": "cartitems", "discounts": "discounts"}
    rows = {key.replace("_", ""): count for key, count in counts.items()}
    return {"sessions": counts["sessions"]} | {
        name: rows.get(f"sessions{table}", 0) for name, table in wanted.items()
    }


if __name__ == "__main__":
    print(json.dumps(run(*sys.argv[1:])))
