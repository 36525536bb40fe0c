"""Rules in the load path: every batch of rows passes here before it is taken in.

Layer: above `schemas`.
"""

from __future__ import annotations

from copy import deepcopy
from functools import cache

import polars as pl
import pyarrow as pa

from sessionkit.errors import SchemaError
from sessionkit.failures import KEY_CHECK, Broken, broken, misfits
from sessionkit.lone_pandera import lone_pandera
from sessionkit.schemas import model_of

with lone_pandera():
    from pandera.polars import DataFrameSchema

__all__ = ["Broken", "check"]


def check(name: str, rows: pa.Table, *, keys: bool = False) -> list[Broken]:
    """Run the model of a table over a batch of its rows.

    Args:
        name: The table's name.
        rows: The batch, with the columns and types of the table's `arrow()`, in one chunk or many.
        keys: Whether rows that repeat a key of the batch are broken too (all but the first of
            each). Off by default, as a batch may hold several versions of a session.

    Returns:
        Every value that breaks a rule, by row and column; empty when all is well.

    Raises:
        SchemaError: The batch does not have the columns of the table, which is never the data's
            fault.
        UsageError: There is no such table.

    Example:
        >>> from sessionkit.tables import COUPONS
        >>> row = {"application_id": 270, "integration_id": "A-1", "code": None}
        >>> for each in check("coupons", pa.Table.from_pylist([row], COUPONS.arrow())):
        ...     print(each.row, each.column, each.rule, each.found)
        0 code not_null null
    """
    table = model_of(name).declared()
    faults = misfits(_types(table.arrow()), _types(rows.schema))
    if faults:
        raise SchemaError(f"{name}: not the columns of the table: {'; '.join(faults)}.")
    frame = pl.from_arrow(rows, rechunk=False)
    assert isinstance(frame, pl.DataFrame)  # a table never becomes a series
    return broken(_schema(name, keys), table, frame)


def _types(schema: pa.Schema) -> list[tuple[str, pa.DataType]]:
    return [(field.name, field.type) for field in schema]


@cache
def _schema(name: str, keys: bool) -> DataFrameSchema:
    """The schema of a model, with or without the check of the key."""
    schema = deepcopy(model_of(name).to_schema())
    if not keys:
        for column in schema.columns.values():
            column.checks = [each for each in column.checks if each.name != KEY_CHECK]
    return schema
