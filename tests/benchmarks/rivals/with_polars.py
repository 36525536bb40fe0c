"""What a user of Polars would write: `read_ndjson`, `explode`, `unnest`, Parquet.

With the schema given, as inferring it costs more and makes a column of every label and attribute.
Polars uses all cores by itself. Money is a float.

    python with_polars.py sessions.jsonl out/
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl


KEY = ("applicationId", "integrationId")


def schema() -> dict[str, Any]:
    """The types of a V1 session's members."""
    import polars as pl

    text, whole, number = pl.String, pl.Int64, pl.Float64
    anything = pl.Map(text, text)
    line: dict[str, Any] = {
        **dict.fromkeys(("sku", "name", "category"), text),
        **dict.fromkeys(("quantity", "returnedQuantity", "remainingQuantity"), whole),
        **dict.fromkeys(("price", "position", "weight", "height", "width", "length"), number),
        "product": pl.Struct({"name": text}),
        "attributes": anything,
        "additionalCosts": pl.Map(text, pl.Struct({"price": number})),
    }
    return {
        **dict.fromkeys(("integrationId", "created", "updated", "profileId"), text),
        **dict.fromkeys(("coupon", "referral", "state"), text),
        **dict.fromkeys(("applicationId", "updateCount"), whole),
        "total": number,
        "firstSession": pl.Boolean,
        "cartItems": pl.List(pl.Struct(line)),
        "identifiers": pl.List(text),
        "attributes": anything,
        "discounts": pl.Map(text, number),
    }


def entries(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """The entries of a map, one per row."""
    import polars as pl

    line = [name for name in ("line",) if name in rows.columns]
    listed = rows.select(*KEY, *line, pl.col(column).map.entries())
    return listed.filter(pl.col(column).list.len() > 0).explode(column).unnest(column)


def run(dump: str, out: str) -> dict[str, int]:
    """Flatten one JSON Lines file into Parquet files, and return the rows of each."""
    import polars as pl

    sessions = pl.read_ndjson(dump, schema=schema())
    lines = (
        sessions.select(*KEY, "cartItems")
        .filter(pl.col("cartItems").list.len() > 0)
        .with_columns(line=pl.int_ranges(pl.col("cartItems").list.len()))
        .explode("cartItems", "line")
        .unnest("cartItems")
    )
    product = pl.col("product").struct.field("name").alias("product_name")
    costs = entries(lines, "additionalCosts")
    attributes = [entries(sessions, "attributes"), entries(lines, "attributes")]
    tables = {
        "sessions": sessions.drop("cartItems", "discounts", "attributes"),
        "cart_items": lines.with_columns(product).drop("product", "attributes", "additionalCosts"),
        "discounts": entries(sessions, "discounts"),
        "coupons": sessions.filter(pl.col("coupon") != "").select(*KEY, "coupon"),
        "identifiers": sessions.select(*KEY, "identifiers").explode("identifiers").drop_nulls(),
        "additional_costs": costs.unnest("value"),
        "attributes": pl.concat(attributes, how="diagonal"),
    }
    for name, table in tables.items():
        table.write_parquet(f"{out}/{name}.parquet")
    return {name: table.height for name, table in tables.items()}


if __name__ == "__main__":
    print(json.dumps(run(*sys.argv[1:])))
