"""The derived columns of many sessions at once: `derive` once more.

Layer: beside `rowing`.
"""

from __future__ import annotations

import polars as pl

from sessionkit.bulk.stating import Whole
from sessionkit.bulk.taking import MONEY
from sessionkit.dialects import Dialect
from sessionkit.staged import bit

_MOST = 10**9
_MOST_UNITS = 10**5
"""Amounts and quantities from these on are added up by the exact path, which knows no bounds."""

_NOTHING = pl.lit(0).cast(MONEY)
_KNOWS = {"none": True, "ambiguous": None, "unknown": False}


def derived(
    whole: Whole,
    dialect: Dialect,
    told: pl.Series,
    sessions: pl.DataFrame,
    tables: dict[str, pl.DataFrame],
) -> pl.DataFrame:
    """Work out the derived columns, and finish what each record tells.

    Args:
        whole: The records; put into doubt where a sum may be too large.
        dialect: The shape that they are in.
        told: What each tells, by its members.
        sessions: Their rows so far.
        tables: The rows of the other tables.

    Returns:
        `sessions` with the derived columns, `told` and `sentinel`.
    """
    sums = sessions.join(_of_items(whole, tables["cart_items"]), on="record", how="left").join(
        _of_discounts(whole, tables["discounts"]), on="record", how="left"
    )
    labelled = pl.col("discount_sum").is_not_null()
    known, total = _discounts(dialect, labelled)
    rows = sums.with_columns(told=told).with_columns(
        times_known=(pl.col("told") & bit("closedAt")) != 0,
        line_count=pl.col("line_count").fill_null(0).cast(pl.Int64),
        unit_count=pl.col("unit_count").fill_null(0),
        items_total=pl.when(pl.col("line_count").is_null()).then(_NOTHING).otherwise("items_total"),
        discounts_known=known,
        discount_total=total,
        sentinel=pl.lit(False),
    )
    rows = _finish_told(rows, dialect, labelled)
    return rows.drop("discount_sum")


def _discounts(dialect: Dialect, labelled: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Whether the discounts are known, and their sum from one source: the map, or the total."""
    single = pl.col("total_discounts").is_not_null() & (not dialect.lists)
    told_map = (pl.col("told") & bit("discounts")) != 0
    silent = _KNOWS[dialect.empty_discounts]
    known = (
        pl.when(labelled | single)
        .then(True)
        .when(~told_map)
        .then(False)
        .otherwise(pl.lit(silent, pl.Boolean))
    )
    total = (
        pl.when(labelled)
        .then("discount_sum")
        .when(single)
        .then("total_discounts")
        .when(told_map & (silent is True))
        .then(_NOTHING)
    )
    return known, total


def _finish_told(rows: pl.DataFrame, dialect: Dialect, labelled: pl.Expr) -> pl.DataFrame:
    told = pl.col("told")
    told = pl.when(pl.col("discounts_known")).then(told | bit("discountTotal")).otherwise(told)
    if dialect.empty_discounts != "none":
        told = pl.when(labelled).then(told).otherwise(told & ~bit("discounts"))
    if not dialect.lists:
        return rows.with_columns(told=told)
    zero = (pl.col("told") & bit("totalDiscounts") != 0) & pl.col("total_discounts").is_null()
    told = pl.when(zero).then(told & ~bit("totalDiscounts")).otherwise(told)
    return rows.with_columns(told=told, sentinel=zero)


def _of_items(whole: Whole, items: pl.DataFrame) -> pl.DataFrame:
    """Per record: lines, units, and price x quantity, null where a price is missing."""
    price, quantity = pl.col("price"), pl.col("quantity")
    huge = (price.abs() >= _MOST) | (quantity >= _MOST_UNITS)
    whole.mark(items["record"], items.select(huge).to_series())
    product = pl.when(~huge).then(price).otherwise(None) * pl.when(~huge).then(quantity)
    rows = items.select("record", "quantity", product=product, unpriced=price.is_null())
    return rows.group_by("record").agg(
        line_count=pl.len().cast(pl.Int64),
        unit_count=pl.col("quantity").sum(),
        items_total=pl.when(~pl.col("unpriced").any()).then(pl.col("product").sum()),
    )


def _of_discounts(whole: Whole, discounts: pl.DataFrame) -> pl.DataFrame:
    """Per record the sum of its labels; only records that have one."""
    whole.mark(discounts["record"], discounts["value"].abs() >= _MOST)
    rows = discounts.filter(pl.col("value").abs() < _MOST)
    return rows.group_by("record").agg(discount_sum=pl.col("value").sum())
