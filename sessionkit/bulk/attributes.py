"""The shop's own attributes: maps kept as text, and taken apart once per text.

The lines of a shop's carts carry the same attributes over and over, so every distinct text is
taken apart once, and its entries are given to all that have it.

Layer: above `apart`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from sessionkit.bulk.apart import in_one_piece
from sessionkit.database import Connection
from sessionkit.decode import (
    Number,
    Tree,
    Undecodable,
    decode_text,
    encode,
    members_of,
    normalised,
)

_DEEP = 100
_ODD = r"^-?0\.00|\.0$|e|^-0$"
_SMALL = r"^-?0\.0"
"""What may have been `5e-2`, which is as long as `0.05`."""

_KINDS = {'"': "string", "{": "object", "[": "list", "t": "boolean", "f": "boolean", "n": "null"}


class Verbatim(NamedTuple):
    """What tells whether a text that was taken is the one in the dump.

    Attributes:
        exact: Of each record, whether the text of every number surely is.
        blank: Of each record, whether there is white space between its values.
        texts: The records.
        keys: How `attributes` is spelt in them.
    """

    exact: pl.Series
    blank: pl.Series
    texts: pa.Array
    keys: frozenset[str]


class Entries(NamedTuple):
    """Attributes laid out.

    Attributes:
        rows: One row per entry: `record`, `line`, `key`, `kind`, `value` and `normal`.
        spaced: Whose text has blanks in the dump: `record`, `line` and `spaced`, that text.
        doubtful: The records that are in doubt.
    """

    rows: pl.DataFrame
    spaced: pl.DataFrame
    doubtful: pl.Series


def entries(owners: pl.DataFrame, verbatim: Verbatim, db: Connection) -> Entries:
    """Lay out attributes, one row per entry.

    Args:
        owners: Who has them: `record`, `line` (null for the session itself), `attributes` (the
            text, no null).
        verbatim: What is known of the texts.
        db: A connection of the thread's own.
    """
    texts = owners.select(pl.col("attributes").unique()).with_row_index("text")
    laid, unread = _laid_out(texts, db)
    odd = laid.group_by("text").agg(pl.col("odd", "real", "small").any())
    owned = owners.join(
        texts.join(odd, on="text", how="left").with_columns(odd=pl.col("odd") | unread),
        on="attributes",
    )
    of = owned["record"]
    asked = (owned["real"] & ~verbatim.exact.gather(of)) | verbatim.blank.gather(of)
    asked = asked | owned["small"]
    spaced, doubtful = _looked_up(owned.filter(asked & ~owned["odd"].fill_null(True)), verbatim)
    owned = owned.join(spaced, on=["record", "attributes"], how="left")
    entry = laid.select("text", "key", "kind", "value", "normal")
    rows = owned.select("record", "line", "text", "spaced").join(entry, on="text")
    rows = rows.with_columns(
        value=pl.when(pl.col("spaced").is_not_null())
        .then(pl.col("value").map_batches(_all_spaced, return_dtype=pl.String))
        .otherwise("value")
    )
    return Entries(
        rows.drop("text", "spaced"),
        owned.filter(pl.col("spaced").is_not_null()).select("record", "line", "spaced"),
        pl.concat([owned.filter("odd")["record"], doubtful]).unique(),
    )


def _looked_up(owned: pl.DataFrame, verbatim: Verbatim) -> tuple[pl.DataFrame, pl.Series]:
    """Look texts up in their records: each must stand there as often as it was taken.

    Returns:
        The texts that stand there with a blank behind each comma and colon: `record`, `attributes`
        and `spaced`; and the records in which a text was not found.
    """
    counted = owned.group_by("record", "attributes").len()
    texts = verbatim.texts.take(counted["record"].to_arrow()).to_pylist()
    heads = [f'"{key}":{blank}' for key in verbatim.keys for blank in ("", " ")]
    wide = {each: _spaced(each) for each in counted["attributes"].unique().to_list()}
    found, lost = [], []
    spaced_first = verbatim.blank.gather(counted["record"]).to_list()
    for (record, taken, times), text, is_blank in zip(
        counted.iter_rows(), texts, spaced_first, strict=True
    ):
        if any(f'"{key}":' in taken for key in verbatim.keys):
            lost.append(record)
        elif is_blank and sum(text.count(head + wide[taken]) for head in heads) == times:
            found.append((record, taken, wide[taken]))
        elif sum(text.count(head + taken) for head in heads) != times:
            lost.append(record)
    schema = {"record": pl.Int64, "attributes": pl.String, "spaced": pl.String}
    return pl.DataFrame(found, schema, orient="row"), pl.Series(lost, dtype=pl.Int64)


def _all_spaced(texts: pl.Series) -> pl.Series:
    known = {each: _spaced(each) for each in texts.unique().to_list()}
    return texts.replace_strict(known, return_dtype=pl.String)


def _spaced(text: str) -> str:
    """JSON text with a blank behind each comma and colon, as PostgreSQL and Python write it."""
    try:
        return _with_blanks(decode_text(text))
    except Undecodable:
        return text


def _with_blanks(tree: Tree) -> str:
    if isinstance(tree, dict):
        pairs = (f"{encode(key)}: {_with_blanks(value)}" for key, value in members_of(tree))
        return "{" + ", ".join(pairs) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(map(_with_blanks, tree)) + "]"
    return encode(tree)


def _laid_out(texts: pl.DataFrame, db: Connection) -> tuple[pl.DataFrame, pl.Series]:
    """The entries of each text: `text`, `key`, `kind`, `value`, `normal`, `odd`, `real`.

    And the texts that DuckDB takes for no map: those in which a name stands twice, for one.
    """
    db.register("texts", texts.select("attributes").to_arrow())
    try:
        sql = "select json_transform(attributes, '\"MAP(VARCHAR, JSON)\"') as it from texts"
        maps = in_one_piece(db.sql(sql).to_arrow_table()["it"])
    finally:
        db.unregister("texts")
    lists = pa.ListArray.from_arrays(maps.offsets, maps.keys)
    rows = pl.DataFrame(
        {
            "text": _series(pc.list_parent_indices(lists)).cast(pl.UInt32),
            "key": _series(maps.keys),
            "value": _series(maps.items).fill_null("null"),
        }
    )
    return _spelt(rows), _series(maps.is_null())


def _spelt(rows: pl.DataFrame) -> pl.DataFrame:
    """Add what is known of each value: its kind, its normal spelling, and what makes it doubtful.

    `real` marks numbers that may have been written anew, `small` those of which no length tells,
    `odd` those of which it cannot be told. A value of several parts is looked at by itself, once
    per text.
    """
    value = pl.col("value")
    first = value.str.head(1)
    rows = rows.with_columns(
        kind=first.replace_strict(_KINDS, default="number", return_dtype=pl.String),
        normal=value,
        real=first.str.contains("[-0-9]") & value.str.contains("[.e]|^-0"),
        odd=pl.lit(False),
        small=first.str.contains("[-0-9]") & value.str.contains(_SMALL),
    ).with_columns(
        odd=pl.col("real") & (value.str.contains(_ODD) | (value.str.len_bytes() > 16)),
    )
    at = rows["value"].str.contains(r"^[{\[]|\\").arg_true()
    if len(at):
        written = rows["value"].gather(at)
        looks = {each: _look(each) for each in written.unique().to_list()}
        found = [looks[each] for each in written.to_list()]
        seen = pl.DataFrame(found, schema=_Look._fields, orient="row")
        names = _Look._fields
        rows = rows.with_columns(rows[name].scatter(at, seen[name]).alias(name) for name in names)
    return rows


class _Look(NamedTuple):
    """A look at one value: its normal spelling, and whether it holds real, odd or small numbers."""

    normal: str | None
    real: bool
    odd: bool
    small: bool


def _look(written: str) -> _Look:
    if written.count("[") + written.count("{") > _DEEP:
        return _Look(None, real=True, odd=True, small=False)
    try:
        tree = decode_text(written)
    except Undecodable:
        return _Look(None, real=True, odd=True, small=False)
    real = [number for number in _numbers(tree) if re.search("[.e]|^-0", number)]
    odd = any(len(number) > 16 or re.search(_ODD, number) for number in real)
    small = any(re.search(_SMALL, number) for number in real)
    return _Look(normalised(tree), bool(real), odd, small)


def _numbers(tree: Tree) -> Iterator[str]:
    if isinstance(tree, Number):
        yield tree
    elif isinstance(tree, dict):
        for _, value in members_of(tree):
            yield from _numbers(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _numbers(value)


def _series(array: pa.Array) -> pl.Series:
    return pl.Series(pl.from_arrow(array))
