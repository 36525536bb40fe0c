"""Which records were surely taken apart whole, byte for byte; see `apart` for why it is proof.

Layer: above `apart`.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import pyarrow as pa

from sessionkit.bulk.apart import Connection, Part, apart
from sessionkit.bulk.outline import Form, Outline

_LONG = 16
"""A number with a point and more characters than this may have more than 15 digits."""

_DECIMAL = "DECIMAL(38, 18)"


def accounted(
    texts: pa.Array, part: Part, outline: Outline, db: Connection
) -> tuple[pl.Series, pl.Series]:
    """Say of each record whether anything of it may have been overlooked, and if any text differs.

    Numbers that are too long for a double are replaced in `part` by their exact text on the way.

    Args:
        texts: The records, without white space around them.
        part: What they were taken apart into.
        outline: Along which.
        db: A connection of the thread's own.

    Returns:
        Which records are in doubt; and of the others, in which every text is the one in the dump,
        so that no number was written anew with fewer zeros.
    """
    slack = pl.Series(pl.from_arrow(texts)).str.len_bytes().cast(pl.Int64) - part.size
    odd, long, doubt = (_marked(len(slack)) for _ in range(3))
    for inner, names in _numbers(part, outline):
        texts_of = [pl.col(name) for name in names]
        seen = inner.frame.select(
            "record",
            odd=pl.any_horizontal(each.str.contains(r"\.0$|^-?0\.00") for each in texts_of),
            long=pl.any_horizontal(map(_is_long, texts_of)),
        )
        _mark(odd, seen["record"], seen["odd"])
        _mark(long, seen["record"], seen["long"])
    for inner in part.all():
        _mark(doubt, inner.frame["record"], inner.bare)
    recounted = (slack != 0) | odd
    missing = slack != _zeros(texts, part, recounted)
    again = (long | missing) & ~doubt
    if again.any():
        slack = _lengthened(texts, part, outline, db, again, slack, doubt)
        missing = (missing & ~again) | (again & (slack != _zeros(texts, part, again)))
    return doubt | missing, slack == 0


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
            _mark(doubt, pairs["record"], pairs["new"].is_null())
            _mark(most, pairs["record"], pairs["new"].str.contains(r"\.[0-9]{18}$"))
            grown = pairs.select(_bytes("new") - _bytes("old")).to_series()
            slack = slack - _per_record(pairs["record"], grown, len(again))
            changed = inner.frame[name].scatter(pairs["at"], pairs["new"])
            inner.frame = inner.frame.with_columns(changed.alias(name))
    _mark(doubt, pl.int_range(len(again), eager=True), most & (slack != 0))
    return slack


def _plain(decimals: pl.Expr) -> pl.Expr:
    """Decimals as text, with one digit behind the point at least."""
    return decimals.cast(pl.String).str.replace(r"0{1,17}$", "")


def _zeros(texts: pa.Array, part: Part, recounted: pl.Series) -> pl.Series:
    """How many more zeros there are in a record than were found, of those to be recounted."""
    chosen = recounted.arg_true()
    total = pl.repeat(0, len(recounted), dtype=pl.Int64, eager=True)
    if not len(chosen):
        return total
    raw = pl.DataFrame({"raw": pl.Series(pl.from_arrow(texts)).gather(chosen)})
    total.scatter(chosen, raw.select(_zeros_in("raw")).to_series())
    for inner in part.all():
        columns = [name for name, kind in inner.frame.schema.items() if kind == pl.String]
        if columns and len(inner.frame):
            rows = inner.frame.filter(recounted.gather(inner.frame["record"]))
            zeros = rows.select("record", zeros=pl.sum_horizontal(map(_zeros_in, columns)))
            total = total - _per_record(zeros["record"], zeros["zeros"], len(recounted))
    return total


def _zeros_in(name: str) -> pl.Expr:
    return pl.col(name).str.count_matches("0", literal=True).cast(pl.Int64)


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


def _mark(marks: pl.Series, of: pl.Series, where: pl.Series) -> None:
    """Mark the records to which rows belong that are so; nulls are not."""
    at = where.arg_true()
    if len(at):
        marks.scatter(of.gather(at), True)
