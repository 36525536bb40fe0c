"""The pandera models, one per table, made from the declarations in `sessionkit.tables`.

They hold a table to its word: exactly its columns, in order; exact types; nulls only where a
column may be null; the rules of each column; and the key, which no two rows share. `validate.check`
runs them over every batch that is loaded. Users may run them over frames of their own:
`validate(name, frame)` takes any Arrow data and says plainly what is wrong, and
`Sessions.validate(frame)` is pandera's own way; or subclass them to add columns.

Layer: above `failures`.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any, ClassVar

import polars as pl
import pyarrow as pa

from sessionkit import tables
from sessionkit.columns import Column, Table
from sessionkit.errors import SchemaError, UsageError, unknown_name
from sessionkit.failures import KEY_CHECK, Broken, broken, misfits
from sessionkit.lone_pandera import lone_pandera

with lone_pandera():
    from pandera.api.polars.types import PolarsData
    from pandera.polars import Check, DataFrameModel, DataFrameSchema, Field


class TableModel(DataFrameModel):
    """A pandera model whose columns are those of a declared table.

    A subclass made with `table=` takes the columns from the declaration. A subclass of that one
    may add columns in pandera's usual way; they stand after the table's own.
    """

    _table: ClassVar[Table | None] = None

    class Config:
        """Exactly the columns of the table, in their order."""

        strict = True
        ordered = True

    def __init_subclass__(cls, *, table: Table | None = None, **options: Any) -> None:
        """Take the columns over from the declaration before pandera looks at the class."""
        if table is not None:
            cls._table = table
            cls.__annotations__ = cls.__annotations__ | dict(polars_types(table))
            for column in table.columns:
                field = _field(column)
                field.__set_name__(cls, column.name)
                setattr(cls, column.name, field)
        super().__init_subclass__(**options)  # type: ignore[no-untyped-call]

    @classmethod
    def declared(cls) -> Table:
        """The table that the columns come from."""
        if cls._table is None:
            raise UsageError(f"{cls.__name__} is not the model of a table.")
        return cls._table

    @classmethod
    def build_schema_(cls, **options: Any) -> DataFrameSchema:
        """Make the schema, and have it check the key."""
        schema = super().build_schema_(**options)
        if cls._table is not None and cls._table.key:
            last = schema.columns[cls._table.key[-1]]
            last.checks = [*last.checks, _key_check(cls._table.key)]
        return schema


def polars_types(table: Table) -> Mapping[str, pl.DataType]:
    """The polars type of each column, taken from its Arrow type.

    Example:
        >>> dict(polars_types(tables.COUPONS))
        {'application_id': Int64, 'integration_id': String, 'code': String}
    """
    frame = pl.from_arrow(table.empty())
    assert isinstance(frame, pl.DataFrame)
    return frame.schema


def _field(column: Column) -> Any:
    return Field(
        nullable=column.nullable,
        ge=column.at_least,
        isin=column.one_of or None,
        description=column.doc,
        metadata={"unit": column.unit, "personal": column.personal},
    )


def _key_check(key: tuple[str, ...]) -> Check:
    """Every row but the first of those with the same key fails; null equals null.

    It hangs on a column, not on the frame: then a failure names a cell, and pandera does not write
    out whole rows.
    """

    def first_of_its_key(data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(pl.struct(key).is_first_distinct())

    return Check(first_of_its_key, name=KEY_CHECK, error=KEY_CHECK, ignore_na=False)


class Sessions(TableModel, table=tables.SESSIONS):
    """Customer sessions, as last seen: one row per session."""


class CartItems(TableModel, table=tables.CART_ITEMS):
    """The lines of the carts: one row per line."""


class Discounts(TableModel, table=tables.DISCOUNTS):
    """Discount maps: one row per label of a session."""


class AdditionalCosts(TableModel, table=tables.ADDITIONAL_COSTS):
    """Additional costs: one row per named cost of a session, or of a cart line."""


class ItemPrices(TableModel, table=tables.ITEM_PRICES):
    """The prices that lines could have had: one row per price type of a line."""


class Coupons(TableModel, table=tables.COUPONS):
    """Coupon codes entered: one row per code of a session."""


class Identifiers(TableModel, table=tables.IDENTIFIERS):
    """Identifiers against fraud: one row per identifier of a session."""


class Attributes(TableModel, table=tables.ATTRIBUTES):
    """The shop's own attributes: one row per attribute of a session, or of a cart line."""


class Effects(TableModel, table=tables.EFFECTS):
    """What rules did to sessions: one row per effect."""


class Snapshots(TableModel, table=tables.SNAPSHOTS):
    """What each version of a session said: one row per version."""


class Rejects(TableModel, table=tables.REJECTS):
    """Records that could not be taken in: one row per record."""


class Findings(TableModel, table=tables.FINDINGS):
    """Doubts about what was taken in: one row per doubt."""


class Loads(TableModel, table=tables.LOADS):
    """Files met: one row per file."""


MODELS: dict[str, type[TableModel]] = {
    "sessions": Sessions,
    "cart_items": CartItems,
    "discounts": Discounts,
    "additional_costs": AdditionalCosts,
    "item_prices": ItemPrices,
    "coupons": Coupons,
    "identifiers": Identifiers,
    "attributes": Attributes,
    "effects": Effects,
    "snapshots": Snapshots,
    "rejects": Rejects,
    "findings": Findings,
    "loads": Loads,
}
"""The models by the names of their tables."""


def validate(table: str | Table, frame: Any) -> Any:
    """Check a frame of your own against a table's model.

    Args:
        table: The table or its name.
        frame: A polars frame, a pyarrow table, or anything else with `__arrow_c_stream__`.

    Returns:
        The frame as it was given (a stream that can be read only once: as a polars frame).

    Raises:
        SchemaError: The frame is not of the table's shape, or breaks its rules. The message counts
            the broken values by rule, with the first few of each.
        UsageError: There is no such table, or the frame is nothing that Arrow can read.

    Example:
        >>> rows = {"application_id": [270], "integration_id": ["A-1"], "code": [None]}
        >>> validate("coupons", pl.DataFrame(rows, schema=polars_types(tables.COUPONS)))
        Traceback (most recent call last):
        ...
        sessionkit.errors.SchemaError: coupons: 1 value breaks the rules of the table.
          code: expected a value, as this column is never null; row 0 has null
    """
    model = model_of(table if isinstance(table, str) else table.name)
    declared = model.declared()
    polars = _polars(frame)
    if faults := misfits(polars_types(declared).items(), polars.schema.items()):
        raise SchemaError(f"{declared.name}: not the columns of the table: {'; '.join(faults)}.")
    if found := broken(model.to_schema(), declared, polars):
        raise SchemaError(_told(declared, found))
    return polars if isinstance(frame, pa.RecordBatchReader) else frame


def model_of(name: str) -> type[TableModel]:
    """The model of a table, by its name.

    Raises:
        UsageError: There is no such table.
    """
    if name not in MODELS:
        raise UsageError(unknown_name("table", name, MODELS))
    return MODELS[name]


def _polars(frame: Any) -> pl.DataFrame:
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    if not hasattr(frame, "__arrow_c_stream__"):
        found = type(frame).__name__
        raise UsageError(f"expected a frame that Arrow can read, got a {found}.")
    return frame if isinstance(frame, pl.DataFrame) else pl.DataFrame(frame)


def _told(table: Table, found: list[Broken], examples: int = 3) -> str:
    lines = [
        f"{table.name}: {len(found):,} value{'s break' if len(found) > 1 else ' breaks'} "
        "the rules of the table."
    ]
    rules = sorted(found, key=lambda each: (each.column or "", each.rule))
    for (column, _), group in groupby(rules, key=lambda each: (each.column, each.rule)):
        same = list(group)
        rows = ", ".join(f"row {each.row} has {each.found}" for each in same[:examples])
        more = f", and {len(same) - examples:,} more" if len(same) > examples else ""
        where = column or f"({', '.join(table.key)})"
        lines.append(f"  {where}: expected {same[0].expected}; {rows}{more}")
    return "\n".join(lines)
