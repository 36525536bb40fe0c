"""From records taken apart to the rows of `sessions`, as staged.

Layer: above `taking` and `apart`; what a dialect means is `dialects.canonical` once more, for many
records at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from sessionkit.bulk.accounting import mark
from sessionkit.bulk.apart import Part
from sessionkit.bulk.attributes import Verbatim
from sessionkit.bulk.taking import Taken, column_type, nothing_of, refused, rows_of, takes
from sessionkit.columns import Column, Kind
from sessionkit.decode import Tree
from sessionkit.dialects import Dialect
from sessionkit.dialects.shapes import CSV_EXPORT
from sessionkit.dialects.understand import dialect_of
from sessionkit.spellings import SINGLE
from sessionkit.staged import MEMBERS, bit
from sessionkit.tables import SESSIONS
from sessionkit.values import Reading


@dataclass
class Whole:
    """Records taken apart, and what is known of each.

    Attributes:
        part: The records.
        doubt: Which of them the exact path must take.
        verbatim: What tells whether texts were kept as they are in the dump.
        reading: What the caller said of the dumps.
    """

    part: Part
    doubt: pl.Series
    verbatim: Verbatim
    reading: Reading

    def mark(self, of: pl.Series, where: pl.Series) -> None:
        """Put into doubt the records whose rows are so."""
        mark(self.doubt, of, where)

    @property
    def present(self) -> dict[str, pl.Series]:
        """Which members are there, by folded name."""
        leaves = {
            name: self.part.frame[name].is_not_null()
            for name in self.part.frame.columns
            if name != "record"
        }
        return leaves | self.part.told


def dialect_and_told(
    whole: Whole, *, page: bool, cells: int | None
) -> tuple[Dialect, pl.Series] | None:
    """Tell the dialect of most records, and which members each of those tells.

    Records of another dialect, or whose members want a closer look, are put into doubt. None when
    that is all of them.

    Args:
        whole: The records.
        page: Whether they stood in the `data` of list pages.
        cells: Of rows of a CSV export, what its header tells.
    """
    present = whole.present
    names = list(present)
    bits = [pl.col(name).cast(pl.Int64) * (1 << at) for at, name in enumerate(names)]
    masks = pl.DataFrame(present).select(pl.sum_horizontal(bits)).to_series()
    shapes: dict[str, dict[int, int]] = {}
    counts: dict[str, int] = {}
    dialects: dict[str, Dialect] = {}
    for mask, count in masks.filter(~whole.doubt).value_counts().iter_rows():
        there = [name for at, name in enumerate(names) if mask >> at & 1]
        keys: dict[str, Tree] = dict.fromkeys(there)
        shape = dialect_of(keys, whole.reading.dialect, page=page)
        dialect = shape if cells is None else CSV_EXPORT
        if dialect is None or dialect.envelope or dialect.omits_zeros:
            continue
        if (told := told_by(there, dialect)) is not None:
            shapes.setdefault(dialect.name, {})[mask] = told | (cells or 0)
            counts[dialect.name] = counts.get(dialect.name, 0) + count
            dialects[dialect.name] = dialect
    if not counts:
        return None
    most = max(counts, key=lambda name: counts[name])
    told_of = masks.replace_strict(shapes[most], default=None, return_dtype=pl.Int64)
    whole.doubt |= told_of.is_null()
    return dialects[most], told_of.fill_null(0)


def told_by(names: list[str], dialect: Dialect) -> int | None:
    """What a record with such members tells, as bits; None where it wants a closer look.

    That is where two of them may say the same, or one is not known.
    """
    members = [dialect.members.get(name) for name in names]
    canonical = {SINGLE.get(member or "", member) for member in members}
    if None in canonical or len(canonical) < len(names):
        return None
    return sum(bit(member) for member in canonical if member in MEMBERS)


def session_rows(whole: Whole, dialect: Dialect) -> pl.DataFrame:
    """The columns of `sessions` that come from members, one row per record.

    Columns that are derived from rows, and provenance, are not there yet.
    """
    frame, names = _by_member(whole, dialect)
    take, taken = takes(whole.reading), {}
    for column in SESSIONS.columns:
        name = names.get(column.path or "", "")
        if column.path is None:
            continue
        if column.kind in (Kind.TEXTS, Kind.WHOLES):
            taken[column] = Taken(pl.lit(_listed(whole, column, name)))
        elif name not in frame.columns:
            taken[column] = nothing_of(column, _ABSENT.get(column.path))
        elif column.path == "experimentVariantAllocations":
            taken[column] = refused(pl.col(name))
        else:
            found = take[column.kind](pl.col(name))
            taken[column] = _finished(column, found, dialect)
    rows, doubt = rows_of(frame, taken)
    whole.doubt |= doubt
    return rows


def _by_member(whole: Whole, dialect: Dialect) -> tuple[pl.DataFrame, dict[str, str]]:
    """The values of a session, and the column that each member is in.

    A record spells a member in one way, or it is in doubt; different records may differ.
    """
    frame, spelt = whole.part.frame, dict[str, list[str]]()
    for name in whole.present:
        if name in dialect.members:
            member = SINGLE.get(dialect.members[name], dialect.members[name])
            spelt.setdefault(member, []).append(name)
    for ways in spelt.values():
        found = [name for name in ways if name in frame.columns]
        if len(found) > 1:
            frame = frame.with_columns(pl.coalesce(found).alias(found[0]))
            ways[:] = found
    return frame, {member: ways[0] for member, ways in spelt.items()}


_ABSENT = {"state": "open", "attributes": "{}"}


def _finished(column: Column, taken: Taken, dialect: Dialect) -> Taken:
    """Turn what only means "none" into null, and null into what it means."""
    if column.kind is Kind.TEXT:
        return taken._replace(finish=lambda value: pl.when(value != "").then(value))
    if column.path == "profileInternalId" or (dialect.lists and column.path == "totalDiscounts"):
        return taken._replace(finish=lambda value: pl.when(value != 0).then(value))
    if (absent := _ABSENT.get(column.path or "")) is not None:
        return taken._replace(finish=lambda value: value.fill_null(pl.lit(absent)))
    return taken


_ELEMENTS = {Kind.TEXTS: Kind.TEXT, Kind.WHOLES: Kind.WHOLE}


def _listed(whole: Whole, column: Column, name: str) -> pl.Series:
    """A column of lists, null where the record has none; of coupon codes, empty."""
    kind, records = column_type(column), pl.DataFrame({"record": whole.part.frame["record"]})
    always = column.path == "couponCodes"
    if not always and name not in whole.part.parts:
        return pl.repeat(None, len(records), dtype=kind, eager=True)
    elements = coupons(whole) if always else elements_of(whole, name, _ELEMENTS[column.kind])
    lists = elements.group_by("record", maintain_order=True).agg(pl.col("value"))
    joined = records.join(lists, on="record", how="left", maintain_order="left")["value"]
    filled = joined.fill_null(pl.Series([[]], dtype=kind)).cast(kind)
    nothing = pl.repeat(None, len(records), dtype=kind, eager=True)
    return filled if always else filled.zip_with(whole.part.told[name], nothing)


def elements_of(whole: Whole, name: str, kind: Kind) -> pl.DataFrame:
    """The elements of a list, in their order: `record` and `value`."""
    return _values(whole, whole.part.parts[name].frame.select("record", "value"), kind)


def _values(whole: Whole, frame: pl.DataFrame, kind: Kind) -> pl.DataFrame:
    column = Column(name="value", kind=kind, doc="", nullable=True)
    rows, doubt = rows_of(frame, {column: takes(whole.reading)[kind](pl.col("value"))})
    whole.mark(frame["record"], doubt)
    return rows.with_columns(frame["record"])


def coupons(whole: Whole) -> pl.DataFrame:
    """The coupon codes entered, of a list or of V1's single coupon; an empty text is none."""
    parts = [pl.DataFrame(schema={"record": pl.Int64, "value": pl.String})]
    parts += [
        elements_of(whole, name, Kind.TEXT)
        for name in ("couponcodes", "coupons")
        if name in whole.part.parts
    ]
    if "coupon" in whole.part.frame.columns:
        single = whole.part.frame.select("record", value="coupon").drop_nulls()
        parts.append(_values(whole, single, Kind.TEXT))
    return pl.concat(parts, how="diagonal_relaxed").filter(pl.col("value") != "")
