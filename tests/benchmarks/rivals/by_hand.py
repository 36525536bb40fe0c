"""The least that an expert of DuckDB would write by hand: read typed, unnest, write Parquet.

No checks, no rejects, no provenance, no versions resolved, and money by way of a double. All
cores, and no order of rows kept (which costs a fifth more): the fastest of the forms tried.

    python by_hand.py sessions.jsonl out/
"""

from __future__ import annotations

import json
import sys

LINE = """struct(
    sku varchar, name varchar, quantity bigint, returnedQuantity bigint, remainingQuantity bigint,
    price decimal(18, 4), category varchar, product struct(name varchar),
    weight decimal(18, 4), height decimal(18, 4), width decimal(18, 4), "length" decimal(18, 4),
    "position" decimal(18, 4), attributes map(varchar, json),
    additionalCosts map(varchar, struct(price decimal(18, 4))))[]"""

SESSION = {
    "integrationId": "varchar",
    "applicationId": "bigint",
    "created": "timestamp",
    "updated": "timestamp",
    "profileId": "varchar",
    "coupon": "varchar",
    "referral": "varchar",
    "state": "varchar",
    "cartItems": LINE,
    "identifiers": "varchar[]",
    "total": "decimal(18, 4)",
    "attributes": "map(varchar, json)",
    "firstSession": "boolean",
    "updateCount": "bigint",
    "discounts": "map(varchar, decimal(18, 4))",
}

KEY = "applicationId as application_id, integrationId as integration_id"
KEYS = "applicationId, integrationId"
LINES = f"""(
    select {KEYS}, unnest(cartItems) as item, generate_subscripts(cartItems, 1) - 1 as line
    from dump)"""

TABLES = {
    "sessions": f"""select {KEY}, created, updated, profileId, coupon, referral, state, identifiers,
        total, firstSession, updateCount, len(cartItems) as line_count from dump""",
    "cart_items": f"""select {KEY}, line, item.* exclude (attributes, additionalCosts, product),
        item.product.name as product_name from {LINES}""",
    "discounts": f"""select {KEY}, entry.key as label, entry.value from (
        select {KEYS}, unnest(map_entries(discounts)) as entry from dump)""",
    "coupons": f"select {KEY}, coupon as code from dump where coupon <> ''",
    "identifiers": f"select {KEY}, unnest(identifiers) as identifier from dump",
    "additional_costs": f"""select {KEY}, line, entry.key as name, entry.value.price as price from (
        select {KEYS}, line, unnest(map_entries(item.additionalCosts)) as entry from {LINES})""",
    "attributes": f"""select {KEY}, null as line, entry.key as name, entry.value from (
        select {KEYS}, unnest(map_entries(attributes)) as entry from dump)
        union all select {KEY}, line, entry.key as name, entry.value from (
        select {KEYS}, line, unnest(map_entries(item.attributes)) as entry from {LINES})""",
}


def run(dump: str, out: str) -> dict[str, int]:
    """Flatten one JSON Lines file into Parquet files, and return the rows of each."""
    import duckdb

    with duckdb.connect() as con:
        con.execute("set preserve_insertion_order = false")
        con.execute(
            "create temp table dump as select * from "
            "read_json($file, format = 'newline_delimited', columns = $columns, "
            "maximum_object_size = 67108864)",
            {"file": dump, "columns": SESSION},
        )
        rows = {}
        for name, query in TABLES.items():
            written = con.execute(f"copy ({query}) to '{out}/{name}.parquet' (format parquet)")
            rows[name] = written.fetchall()[0][0]
        return rows


if __name__ == "__main__":
    print(json.dumps(run(*sys.argv[1:])))
