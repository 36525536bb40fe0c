"""From records taken apart to the rows of the tables below `sessions`, as staged.

Layer: beside `stating`.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from sessionkit.bulk.apart import Part
from sessionkit.bulk.attributes import Entries, entries
from sessionkit.bulk.stating import Whole, coupons
from sessionkit.bulk.taking import Taken, column_type, nothing_of, rows_of, takes
from sessionkit.columns import Column, Table
from sessionkit.database import Connection
from sessionkit.spellings import folded
from sessionkit.tables import (
    ADDITIONAL_COSTS,
    ATTRIBUTES,
    CART_ITEMS,
    COUPONS,
    DISCOUNTS,
    IDENTIFIERS,
    ITEM_PRICES,
)

_NO_LINE = pl.lit(None, pl.Int64)


def child_rows(
    whole: Whole, sessions: pl.DataFrame, db: Connection
) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    """The rows of each table below `sessions`, with the `record` that they are of.

    Returns:
        `sessions`, with attributes as the text that came; and the other tables by name.
    """
    tables = {
        table.name: _table(table, whole, sessions)
        for table in (CART_ITEMS, DISCOUNTS, ADDITIONAL_COSTS, ITEM_PRICES)
    }
    tables[COUPONS.name] = _distinct(COUPONS, coupons(whole), sessions)
    listed = sessions.select("record", value="identifiers").explode("value")
    tables[IDENTIFIERS.name] = _distinct(IDENTIFIERS, listed.drop_nulls("value"), sessions)
    found = _attributes(whole, sessions, tables[CART_ITEMS.name], db)
    keys = [sessions[name].gather(found.rows["record"]) for name in ATTRIBUTES.key[:2]]
    rows = found.rows.rename({"key": "name"}).with_columns(keys)
    tables[ATTRIBUTES.name] = rows.select("record", *ATTRIBUTES.names, "normal")
    if len(found.spaced):
        of_sessions = found.spaced.filter(pl.col("line").is_null()).drop("line")
        sessions = _spaced(sessions, of_sessions, ["record"])
        items = tables[CART_ITEMS.name]
        tables[CART_ITEMS.name] = _spaced(items, found.spaced, ["record", "line"])
    return sessions, tables


def _spaced(rows: pl.DataFrame, spaced: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Rows with their attributes as the text that came, where it has blanks."""
    joined = rows.join(spaced, on=key, how="left", maintain_order="left")
    return joined.with_columns(attributes=pl.coalesce("spaced", "attributes")).drop("spaced")


def _table(table: Table, whole: Whole, sessions: pl.DataFrame) -> pl.DataFrame:
    """The rows of a table, from every place that gives some; a key that stands twice is a doubt."""
    names = ["record", *table.names]
    parts = [_rows(table, part, whole, sessions).select(names) for part in _parts(table, whole)]
    none = pl.DataFrame(
        schema={"record": pl.Int64} | {c.name: column_type(c) for c in table.columns}
    )
    rows = pl.concat([none, *parts], how="vertical_relaxed") if parts else none
    if table is not CART_ITEMS and len(rows):
        key = [name for name in table.key if name not in ("application_id", "integration_id")]
        twice = rows.select(pl.struct("record", *key).is_duplicated()).to_series()
        whole.mark(rows["record"], twice)
    return rows.select(names)


def _parts(table: Table, whole: Whole) -> Iterator[Part]:
    """What was found in the places of a record that give rows of a table."""
    for place in table.rows:
        outer, _, inner = place.partition(".")
        part = whole.part.parts.get(folded(outer[:-2]))
        if inner and part is not None:
            part = part.parts.get(folded(inner[:-2]))
        if part is not None and len(part.frame):
            yield part


def _rows(table: Table, part: Part, whole: Whole, sessions: pl.DataFrame) -> pl.DataFrame:
    frame, of = part.frame, part.frame["record"]
    product = part.parts.get("product")
    if product is not None and "name" in product.frame.columns:
        frame = frame.with_columns(product.frame["name"].alias("product.name"))
    own = [column for column in table.columns if not (column.path or "").startswith("^.")]
    rows, doubt = rows_of(frame, {column: _column(column, frame, whole) for column in own})
    whole.mark(of, doubt)
    if "key" in frame.columns:  # by its key, what is looked up for attributes would be found here
        names = [pl.col("key").str.ends_with(name) for name in whole.verbatim.keys]
        whole.mark(of, frame.select(pl.any_horizontal(pl.lit(False), *names)).to_series())
    keys = [sessions[name].gather(of) for name in table.key[:2]]
    return rows.with_columns(of, *keys)


def _column(column: Column, frame: pl.DataFrame, whole: Whole) -> Taken:
    """How a column's values are taken out of a part."""
    path = column.path or ""
    if path in ("#", "$key"):
        name = {"#": "line", "$key": "key"}[path]
        return Taken(pl.col(name)) if name in frame.columns else nothing_of(column)
    name = "value" if path == "$value" else folded(path)
    absent = "{}" if path == "attributes" else None
    if name not in frame.columns:
        return nothing_of(column, absent)
    taken = takes(whole.reading)[column.kind](pl.col(name))
    if absent is None:
        return taken
    return taken._replace(finish=lambda value: value.fill_null(pl.lit(absent)))


def _distinct(table: Table, values: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """One row per distinct value of a record."""
    rows = values.unique(["record", "value"], keep="first", maintain_order=True)
    keys = [sessions[name].gather(rows["record"]) for name in table.key[:2]]
    return rows.select("record", *keys, pl.col("value").alias(table.key[2]))


def _attributes(
    whole: Whole, sessions: pl.DataFrame, items: pl.DataFrame, db: Connection
) -> Entries:
    owners = pl.concat(
        [
            sessions.select("record", "attributes", line=_NO_LINE),
            items.select("record", "attributes", "line"),
        ]
    )
    owners = owners.filter((pl.col("attributes") != "{}") & ~whole.doubt.gather(owners["record"]))
    found = entries(owners, whole.verbatim, db)
    if len(found.doubtful):
        whole.doubt.scatter(found.doubtful, True)
    return found
