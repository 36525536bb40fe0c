"""Which records were surely taken apart whole, byte for byte; see `apart` for why it is proof.

Layer: above `apart`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import polars as pl
import pyarrow as pa

from sessionkit.bulk.apart import Part, apart
from sessionkit.bulk.outline import Form, Outline
from sessionkit.columns import DIGITS, SCALE
from sessionkit.database import Connection

_LONG = 16
"""A number with a point and more characters than this may have more than 15 digits."""

_DECIMAL = f"DECIMAL({DIGITS}, {SCALE})"


class Accounted(NamedTuple):
    """What counting told of each record.

    Attributes:
        doubt: Whether anything may have been overlooked or altered.
        exact: Whether every text is the one in the dump, so that no number was written anew.
        blank: Whether there is white space between its values.
    """

    doubt: pl.Series
    exact: pl.Series
    blank: pl.Series


def accounted(texts: pa.Array, part: Part, outline: Outline, db: Connection) -> Accounted:
    """Count whether all that stands in the records was found.

    Numbers that are too long for a double are replaced in `part` by their exact text on the way.

    Args:
        texts: The records, without white space around them.
        part: What they were taken apart into.
        outline: Along which.
        db: A connection of the thread's own.
    """
    raw = pl.Series(pl.from_arrow(texts))
    slack = raw.str.len_bytes().cast(pl.Int64) - part.size
    odd, long, doubt = (_marked(len(slack)) for _ in range(3))
    mark(doubt, pl.int_range(len(slack), eager=True), raw.str.contains("\\u", literal=True))
    for inner, names in _numbers(part, outline):
        texts_of = [pl.col(name) for name in names]
        seen = inner.frame.select(
            "record",
            odd=pl.any_horizontal(each.str.contains(r"\.0$|^-?0\.00") for each in texts_of),
            long=pl.any_horizontal(map(_is_long, texts_of)),
        )
        mark(odd, seen["record"], seen["odd"])
        mark(long, seen["record"], seen["long"])
    for inner in part.all():
        mark(doubt, inner.frame["record"], inner.bare)
    recounted = (slack != 0) | odd
    zeros = _more(texts, part, recounted, "0")
    blanks = _more(texts, part, (slack != zeros) & ~doubt, *" \n")
    slack = slack - blanks
    missing = slack != zeros
    again = (long | missing) & ~doubt
    if again.any():
        slack = _lengthened(texts, part, outline, db, again, slack, doubt)
        missing = (missing & ~again) | (again & (slack != _more(texts, part, again, "0")))
    return Accounted(doubt | missing, slack == 0, blanks > 0)


def _numbers(part: Part, outline: Outline) -> Iterator[tuple[Part, list[str]]]:
    """Where numbers stand: the parts, and the columns in them."""
    if names := [name for name in part.frame.columns if name in outline.numbers]:
        yield part, names
    for name, inner in part.parts.items():
        if name in outline.inner:
            yield from _numbers(inner, outline.inner[name])
        elif name in outline.numbers and outline.forms[name] is Form.MAP:
            yield inner, ["value"]


def _is_long(text: pl.Expr) -> pl.Expr:
    """Whether a double may not hold all digits, or its text has an exponent."""
    point = text.str.contains(r"^-?[0-9]+\.")
    return (text.str.len_bytes() > _LONG) & point | text.str.contains("^-?[0-9.]+e")


def _is_real(text: pl.Expr) -> pl.Expr:
    return text.str.contains(r"^-?[0-9]+[.e]")


def _lengthened(
    texts: pa.Array,
    part: Part,
    outline: Outline,
    db: Connection,
    again: pl.Series,
    slack: pl.Series,
    doubt: pl.Series,
) -> pl.Series:
    """Replace long numbers by their exact text, and give the slack anew.

    What has more than 18 decimals was rounded: it lost digits that are no zeros, which the count
    tells, unless the 18th digit became a 1. Then it is longer than its decimal.
    """
    exact = apart(texts.take(again.arg_true().to_arrow()), outline, db, _DECIMAL)
    most = _marked(len(again))
    for (inner, names), (other, _) in zip(
        _numbers(part, outline), _numbers(exact, outline), strict=True
    ):
        rows = inner.frame.select("record", *names).with_row_index("at")
        rows = rows.filter(again.gather(rows["record"]))
        real = rows.select(_is_real(pl.col(name)) for name in names)
        for name in names:
            here = real[name].arg_true()
            if not len(here):
                continue
            pairs = rows.select("at", "record", old=name).with_columns(new=other.frame[name])
            pairs = pairs[here].with_columns(_plain(pl.col("new")))
            mark(doubt, pairs["record"], pairs["new"].is_null())
            mark(most, pairs["record"], pairs["new"].str.contains(r"\.[0-9]{18}$"))
            grown = pairs.select(_bytes("new") - _bytes("old")).to_series()
            slack = slack - _per_record(pairs["record"], grown, len(again))
            changed = inner.frame[name].scatter(pairs["at"], pairs["new"])
            inner.frame = inner.frame.with_columns(changed.alias(name))
    mark(doubt, pl.int_range(len(again), eager=True), most & (slack != 0))
    return slack


def _plain(decimals: pl.Expr) -> pl.Expr:
    """Decimals as text, with one digit behind the point at least."""
    return decimals.cast(pl.String).str.replace(r"0{1,17}$", "")


def _more(texts: pa.Array, part: Part, chosen: pl.Series, *marks: str) -> pl.Series:
    """How many more of some characters there are in each chosen record than were found in it."""
    places = chosen.arg_true()
    total = pl.repeat(0, len(chosen), dtype=pl.Int64, eager=True)
    if not len(places):
        return total
    raw = pl.DataFrame({"raw": pl.Series(pl.from_arrow(texts)).gather(places)})
    total.scatter(places, raw.select(_count("raw", marks)).to_series())
    for inner in part.all():
        columns = [name for name, kind in inner.frame.schema.items() if kind == pl.String]
        if columns and len(inner.frame):
            rows = inner.frame.filter(chosen.gather(inner.frame["record"]))
            found = pl.sum_horizontal(_count(name, marks) for name in columns)
            counted = rows.select("record", found=found)
            total = total - _per_record(counted["record"], counted["found"], len(chosen))
    return total


def _count(name: str, marks: Iterable[str]) -> pl.Expr:
    column = pl.col(name).str
    each = [column.count_matches(mark, literal=True).cast(pl.Int64) for mark in marks]
    return pl.sum_horizontal(each)


def _bytes(name: str) -> pl.Expr:
    return pl.col(name).str.len_bytes().cast(pl.Int64)


def _per_record(of: pl.Series, amounts: pl.Series, records: int) -> pl.Series:
    """Add amounts up by the records that they belong to."""
    rows = pl.DataFrame({"of": of, "amount": amounts})
    summed = rows.group_by("of").agg(pl.col("amount").sum())
    total = pl.repeat(0, records, dtype=pl.Int64, eager=True)
    return total.scatter(summed["of"], summed["amount"])


def _marked(records: int) -> pl.Series:
    return pl.repeat(False, records, dtype=pl.Boolean, eager=True)


def mark(marks: pl.Series, of: pl.Series, where: pl.Series) -> None:
    """Mark the records to which rows belong that are so; nulls are not."""
    at = where.arg_true()
    if len(at):
        marks.scatter(of.gather(at), True)
