"""From the JSON texts of many values to the values of a column, or to doubt.

Each function is the quick counterpart of one in `sessionkit.values`: it takes what is surely right
and gives null and a doubt for all else, which the exact path then takes or refuses by its rules.

Layer: beside `outline`; above `values`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

import polars as pl
import pyarrow as pa

from sessionkit.columns import DIGITS, SCALE, Column, Kind
from sessionkit.decode import decode_text
from sessionkit.values import MAX_WHOLE, Reading, Unfit, state

MONEY = pl.Decimal(DIGITS, SCALE)
INSTANT = pl.Datetime("us", "UTC")
_INSTANT = r'^"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9](?:\.[0-9]{1,9})?Z"$'
_NEVER = '"0001-01-01T00:00:00Z"'
_NO_TIME = pl.lit(-62_135_596_800_000_000, pl.Int64).cast(INSTANT)
"""The first instant of year 1. Written as a number, since a date would start the threads of Polars
when this is imported, and a process that is forked then could not use them."""


Test = Callable[[pl.Expr], pl.Expr]


class Taken(NamedTuple):
    """How a column is taken: its values, null where there is none or in doubt.

    `doubt` says of the values where they are in doubt; `finish` makes of them what the column
    holds. Both come after the values, so that none is worked out twice.
    """

    value: pl.Expr
    doubt: Test | None = None
    finish: Test | None = None


def rows_of(frame: pl.DataFrame, taken: Mapping[Column, Taken]) -> tuple[pl.DataFrame, pl.Series]:
    """Take columns out of a frame.

    Returns:
        The columns; and of each row, whether any of its values is in doubt or breaks a rule.
    """
    made = frame.with_columns(
        taken.value.cast(column_type(column)).alias(f"={column.name}")
        for column, taken in taken.items()
    )
    values, doubts = [], [pl.lit(False)]
    for column, each in taken.items():
        value = pl.col(f"={column.name}")
        if each.doubt is not None:
            doubts.append(each.doubt(value))
        finished = each.finish(value) if each.finish else value
        doubts += broken(column, finished)
        values.append(finished.alias(column.name))
    doubt = made.select(pl.any_horizontal(doubts).fill_null(False)).to_series()
    return made.select(values), doubt


def broken(column: Column, value: pl.Expr) -> list[pl.Expr]:
    """Where values break a rule of their column."""
    rules = []
    if not column.nullable:
        rules.append(value.is_null())
    if column.at_least is not None:
        rules.append(value < column.at_least)
    if column.one_of:
        rules.append(value.is_not_null() & ~value.is_in(list(column.one_of)))
    return rules


@cache
def column_type(column: Column) -> pl.DataType:
    """The polars type of a column."""
    return pl.Series(pl.from_arrow(pa.array([], column.kind.arrow))).dtype


def _of(value: pl.Expr, text: pl.Expr) -> Taken:
    """Take values as they are; a text that gave none is in doubt."""
    return Taken(value, lambda value: text.is_not_null() & value.is_null())


def text(leaf: pl.Expr) -> Taken:
    """Take texts."""
    doubt = ~leaf.str.starts_with('"')
    return Taken(leaf.map_batches(_unquoted, return_dtype=pl.String), lambda value: doubt)


def _unquoted(leaf: pl.Series) -> pl.Series:
    """JSON texts of strings without quotes and escapes."""
    inner = leaf.str.strip_prefix('"').str.strip_suffix('"')
    at = leaf.str.contains("\\", literal=True).arg_true()
    if len(at):
        written = leaf.gather(at)
        known = {each: _decoded(each) for each in written.unique().to_list()}
        inner = inner.scatter(at, written.replace_strict(known, return_dtype=pl.String))
    return inner


def _decoded(written: str) -> str | None:
    return str(decode_text(written)) if written.startswith('"') else None


def money(leaf: pl.Expr) -> Taken:
    """Take amounts; exact, as `accounting` has seen to it that each text is the one in the dump."""
    return _of(leaf.cast(MONEY, strict=False), leaf)


def whole(leaf: pl.Expr) -> Taken:
    """Take whole numbers that are written as such."""
    least = -MAX_WHOLE

    def doubt(value: pl.Expr) -> pl.Expr:
        return leaf.is_not_null() & (value.is_null() | (value < least))

    return Taken(leaf.cast(pl.Int64, strict=False), doubt)


def flag(leaf: pl.Expr) -> Taken:
    """Take true and false."""
    words = {"true": True, "false": False}
    return _of(leaf.replace_strict(words, default=None, return_dtype=pl.Boolean), leaf)


def instant(leaf: pl.Expr) -> Taken:
    """Take instants in UTC; the zero time is null, and no doubt."""
    plain = pl.when(leaf.str.contains(_INSTANT)).then(leaf)
    moment = plain.str.to_datetime(
        '"%Y-%m-%dT%H:%M:%S%.fZ"', time_unit="us", time_zone="UTC", strict=False
    )

    def doubt(value: pl.Expr) -> pl.Expr:
        return leaf.is_not_null() & (leaf != _NEVER) & (value.is_null() | (value <= _NO_TIME))

    return Taken(moment, doubt, lambda value: pl.when(value > _NO_TIME).then(value))


def states(leaf: pl.Expr, reading: Reading) -> Taken:
    """Take states, in any spelling."""

    def named(texts: pl.Series) -> pl.Series:
        known = {each: _state(each, reading) for each in texts.unique().drop_nulls().to_list()}
        return texts.replace_strict(known, default=None, return_dtype=pl.String)

    plain = pl.when(leaf.str.contains('^(?:"|[0-9]+$)')).then(leaf)  # 1e0 was written anew as 1.0
    return _of(plain.map_batches(named, return_dtype=pl.String), leaf)


def _state(written: str, reading: Reading) -> str | None:
    try:
        return state(decode_text(written), reading)
    except (Unfit, ValueError):
        return None


def kept(leaf: pl.Expr) -> Taken:
    """Keep maps as the text they came as."""
    return Taken(leaf, lambda value: ~value.str.starts_with("{"))


def refused(leaf: pl.Expr) -> Taken:
    """Leave it to the exact path."""
    return Taken(pl.lit(None, pl.String), lambda value: leaf.is_not_null())


@cache
def nothing_of(column: Column, default: str | None = None) -> Taken:
    """What a column holds where its member is not there."""
    return Taken(pl.lit(default, column_type(column)))


def takes(reading: Reading) -> Mapping[Kind, Callable[[pl.Expr], Taken]]:
    """How each kind of column is taken."""
    return {
        Kind.TEXT: text,
        Kind.STATE: lambda leaf: states(leaf, reading),
        Kind.WHOLE: whole,
        Kind.FLAG: flag,
        Kind.INSTANT: instant,
        Kind.MONEY: money,
        Kind.MEASURE: money,
        Kind.JSON: kept,
    }
