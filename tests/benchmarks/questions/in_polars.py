"""The questions as a user of Polars would write them: lazy, over the Parquet files.

Each returns the columns of the SQL of the same name, in another order.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

KEY = ("application_id", "integration_id")
COMPLETED = ("closed", "partially_returned")
STATES = ("open", *COMPLETED, "cancelled")
_known = pl.col("discounts_known")


def _scan(folder: Path, table: str) -> pl.LazyFrame:
    parts = folder / table
    return pl.scan_parquet(parts if parts.is_dir() else folder / f"{table}.parquet")


def _when(condition: pl.Expr, value: pl.Expr) -> pl.Expr:
    return pl.when(condition).then(value)


def _ratio(top: pl.Expr, bottom: pl.Expr) -> pl.Expr:
    return _when(bottom != 0, top.cast(pl.Float64) / bottom.cast(pl.Float64))


def _completed(folder: Path) -> pl.LazyFrame:
    """Completed sessions with their month, costs, and what was returned of them."""
    gone, price = pl.col("returned_quantity"), pl.col("price")
    returned = (
        _scan(folder, "cart_items")
        .group_by(KEY)
        .agg(
            returned_total=(price * gone).sum(),
            known=(gone.is_not_null() & ((gone == 0) | price.is_not_null())).all(),
        )
    )
    costs = _scan(folder, "additional_costs").group_by(KEY).agg(cost_total=pl.col("price").sum())
    return (
        _scan(folder, "sessions")
        .filter(pl.col("state").cast(pl.String).is_in(COMPLETED))
        .join(returned, on=KEY, how="left")
        .join(costs, on=KEY, how="left")
        .with_columns(month=pl.col("created_at").dt.date().dt.truncate("1mo"))
    )


def _by_month(folder: Path) -> pl.LazyFrame:
    discount = pl.col("discount_total").fill_null(0)
    return (
        _completed(folder)
        .group_by("application_id", "month")
        .agg(
            session_count=pl.len(),
            customer_count=pl.col("profile_id").drop_nulls().n_unique(),
            gross_total=pl.col("total").sum(),
            total_known_count=pl.col("total").count(),
            items_total=pl.col("items_total").sum(),
            priced_count=pl.col("items_total").count(),
            additional_cost_total=pl.col("cost_total").sum(),
            discount_total=discount.filter(_known).sum(),
            discount_known_count=_known.sum(),
            discount_ambiguous_count=_known.is_null().sum(),
            discount_unknown_count=(~_known).sum(),
            discount_known_gross_total=pl.col("total").filter(_known).sum(),
            returned_total=pl.col("returned_total").sum(),
            returned_known_count=pl.col("known").fill_null(True).sum(),
            unit_count=pl.col("unit_count").sum(),
            line_count=pl.col("line_count").sum(),
            median_session_value=pl.col("total").cast(pl.Float64).median(),
            discounted_count=(_known & (discount != 0)).sum(),
        )
    )


def totals(folder: Path) -> pl.DataFrame:
    """What completed sessions were worth, by application and month."""
    latest = pl.max_horizontal(
        pl.col(name).max() for name in ("created_at", "updated_at", "closed_at", "cancelled_at")
    )
    span = _scan(folder, "sessions").select(
        earliest=pl.col("created_at").min().dt.date(), after=latest.dt.date().dt.offset_by("1d")
    )
    month, base, given = (
        pl.col(name) for name in ("month", "discount_known_gross_total", "discount_total")
    )
    partial = (month < pl.col("earliest")) | (month.dt.offset_by("1mo") > pl.col("after"))
    sure = pl.col("discount_ambiguous_count") == 0
    penetration = _ratio(pl.col("discounted_count"), pl.col("discount_known_count"))
    return (
        _by_month(folder)
        .join(span, how="cross")
        .with_columns(
            partial=partial,
            net_total=base - given,
            avg_session_value=_ratio(pl.col("gross_total"), pl.col("total_known_count")),
            avg_units_per_session=_ratio(pl.col("unit_count"), pl.col("session_count")),
            discount_rate=_when(sure, _ratio(given, base)),
            discount_penetration=_when(sure, penetration),
        )
        .drop("earliest", "after")
        .sort("application_id", "month")
        .collect()
    )


def states(folder: Path) -> pl.DataFrame:
    """Sessions in each state, by application; every group has all four states."""
    counted = (
        _scan(folder, "sessions")
        .group_by("application_id", pl.col("state").cast(pl.String))
        .agg(session_count=pl.len().cast(pl.Int64), gross_total=pl.col("total").sum())
    )
    every = pl.LazyFrame({"state": STATES}).with_row_index("step")
    group = pl.col("session_count").sum().over("application_id").alias("group_session_count")
    return (
        counted.select("application_id").unique()
        .join(every, how="cross")
        .join(counted, on=["application_id", "state"], how="left")
        .with_columns(pl.col("session_count", "gross_total").fill_null(0))
        .with_columns(group)
        .sort("application_id", "step")
        .select(
            "application_id", "state", "session_count", "group_session_count",
            (pl.col("session_count") / pl.col("group_session_count")).alias("share"), "gross_total",
        )
        .collect()
    )  # fmt: skip


def _counted(folder: Path) -> dict[str, Any]:
    state, closed = pl.col("state").cast(pl.String), pl.col("closed_at")
    kept, never = state.is_in(COMPLETED), closed.is_null()
    after = (closed - pl.col("created_at")).dt.total_microseconds() / 1e6
    found = _scan(folder, "sessions").select(
        entered=pl.len(),
        closed=(kept | ~never).sum(),
        closed_seen=closed.count(),
        unclear=((state == "cancelled") & never & ~pl.col("times_known")).sum(),
        may_close=((state == "open") & never).sum(),
        kept=kept.sum(),
        kept_seen=(kept & ~never).sum(),
        reopened=((state == "open") & ~never).sum(),
        returned=(state == "partially_returned").sum(),
        closed_50=after.quantile(0.5, "linear"),
        closed_90=after.quantile(0.9, "linear"),
        kept_50=after.filter(kept).quantile(0.5, "linear"),
        kept_90=after.filter(kept).quantile(0.9, "linear"),
    )
    return found.collect().row(0, named=True)


def funnel(folder: Path) -> pl.DataFrame:
    """How far sessions came: created, closed, kept."""
    n = _counted(folder)
    whole, closed = n["entered"], n["closed"]
    steps = {
        "name": ("created", "closed", "kept"),
        "reached": (whole, closed, n["kept"]),
        "unknown": (0, n["unclear"], 0),
        "before": (None, whole, closed),
        "in_progress": (0, n["may_close"], n["reopened"]),
        "median_seconds": (0.0, n["closed_50"], n["kept_50"]),
        "p90_seconds": (0.0, n["closed_90"], n["kept_90"]),
        "observed": (whole, n["closed_seen"], n["kept_seen"]),
        "partially_returned": (None, None, n["returned"]),
    }
    reached, before, unknown = pl.col("reached"), pl.col("before"), pl.col("unknown")
    return pl.DataFrame(steps, strict=False).with_row_index("step", 1).with_columns(
        entered=pl.lit(whole),
        from_previous=_ratio(reached, before),
        from_first=_ratio(reached, pl.lit(whole)),
        from_first_high=_ratio(reached + unknown, pl.lit(whole)),
        dropped=(before - reached - pl.col("in_progress") - unknown).fill_null(0),
        matured=None,
        conversion_rate=None,
        inferred=reached - pl.col("observed"),
    ).drop("before")  # fmt: skip


def _amounts(folder: Path, told: pl.LazyFrame) -> pl.LazyFrame:
    """What each label took off each session; for a sum without labels, the null label."""
    counted = told.filter(_known & (pl.col("completed") | pl.col("revoked")))
    discounts = _scan(folder, "discounts").select(*KEY, "label", amount="value")
    picked = ("application_id", "label", "amount", "total", "completed", "revoked")
    unlabelled = (
        counted.filter(pl.col("discount_total") != 0)
        .join(discounts, on=KEY, how="anti")
        .with_columns(label=pl.lit(None, pl.String), amount="discount_total")
    )
    return pl.concat([discounts.join(counted, on=KEY).select(picked), unlabelled.select(picked)])


def _labels(amounts: pl.LazyFrame) -> pl.LazyFrame:
    amount, completed, total = pl.col("amount"), pl.col("completed"), pl.col("total")
    real, floats = completed & (amount != 0), amount.cast(pl.Float64)
    deep = real & (total > 0)
    return amounts.group_by("application_id", "label").agg(
        discount_total=amount.filter(completed).sum(),
        session_count=completed.sum(),
        nonzero=real.sum(),
        median_discount=floats.filter(real).median(),
        p90_discount=floats.filter(real).quantile(0.9, "linear"),
        min_discount=amount.filter(real).min(),
        max_discount=amount.filter(real).max(),
        gross_total=total.filter(completed).sum(),
        avg_depth=(floats / total.cast(pl.Float64)).filter(deep).mean(),
        depth_count=deep.sum(),
        zero_count=(completed & (amount == 0)).sum(),
        negative_count=(completed & (amount < 0)).sum(),
        discount_given=amount.sum(),
        discount_reverted=amount.filter(pl.col("revoked")).sum(),
    )


def discount_summary(folder: Path) -> pl.DataFrame:
    """What the discounts cost, by application and label."""
    state = pl.col("state").cast(pl.String)
    told = _scan(folder, "sessions").select(
        *KEY, "total", "discounts_known", pl.col("discount_total").fill_null(0),
        completed=state.is_in(COMPLETED),
        revoked=(state == "cancelled") & pl.col("closed_at").is_not_null(),
    )  # fmt: skip
    knowledge = told.filter("completed").group_by("application_id").agg(
        known_discount_total=pl.col("discount_total").filter(_known).sum(),
        discount_known_count=_known.sum(),
        discount_ambiguous_count=_known.is_null().sum(),
        discount_unknown_count=(~_known).sum(),
    )  # fmt: skip
    cost, gross = pl.col("discount_total"), pl.col("gross_total")
    return (
        _labels(_amounts(folder, told))
        .join(knowledge, on="application_id", how="left")
        .with_columns(
            share=_ratio(cost, pl.col("known_discount_total")),
            row_count="session_count",
            avg_discount=_ratio(cost, pl.col("nonzero")),
            depth=_when(gross > 0, _ratio(cost, gross)),
        )
        .drop("nonzero")
        .sort("application_id", "label", nulls_last=True)
        .collect()
    )


ANSWERS: dict[str, Callable[[Path], pl.DataFrame]] = {
    "totals": totals,
    "states": states,
    "funnel": funnel,
    "discount_summary": discount_summary,
}
