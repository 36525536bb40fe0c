"""Checks in the load path: every broken value of a batch, with its exact row."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from pandera.polars import Check, DataFrameSchema
from pandera.polars import Column as Checked

from sessionkit.columns import Column, Kind, Table
from sessionkit.errors import SchemaError, UsageError
from sessionkit.failures import broken
from sessionkit.tables import ADDITIONAL_COSTS, ALL, CART_ITEMS, COUPONS, SESSIONS
from sessionkit.validate import Broken, check
from tests.rows import rows

NEVER_NULL = "a value, as this column is never null"


def test_nothing_is_broken_in_good_rows() -> None:
    for table in ALL:
        assert check(table.name, rows(table, {}, {})) == []
        assert check(table.name, table.empty(), keys=True) == []


def test_every_broken_value_is_told_with_row_rule_expectation_and_what_was_found() -> None:
    lines: list[dict[str, Any]] = [
        {"line": 0, "quantity": 0, "sku": None},
        {"line": 1, "returned_quantity": -1},
        {"line": 2},
        {"line": -3, "quantity": 3},
    ]
    assert check("cart_items", rows(CART_ITEMS, *lines)) == [
        Broken(0, "sku", "not_null", NEVER_NULL, "null"),
        Broken(0, "quantity", "at_least", "at least 1", "0"),
        Broken(1, "returned_quantity", "at_least", "at least 0", "-1"),
        Broken(3, "line", "at_least", "at least 0", "-3"),
    ]


def test_a_value_out_of_a_list_is_told_with_the_list() -> None:
    states = "one of open, closed, partially_returned, cancelled"
    assert check("sessions", rows(SESSIONS, {}, {"state": "dönë"})) == [
        Broken(1, "state", "one_of", states, "'dönë'")
    ]


def test_two_rules_of_one_column_are_told_apart() -> None:
    table = rows(SESSIONS, {"source_record": None}, {"source_record": 0})
    assert check("sessions", table) == [
        Broken(0, "source_record", "not_null", NEVER_NULL, "null"),
        Broken(1, "source_record", "at_least", "at least 1", "0"),
    ]


def test_keys_are_checked_when_asked_for_and_the_first_of_each_is_good() -> None:
    table = rows(COUPONS, {"code": "A"}, {"code": "B"}, {"code": "A"}, {"code": "a"}, {"code": "A"})
    assert check("coupons", table) == []
    repeated = (None, "key", "a key that no other row has", "1, 'x', 'A'")
    assert check("coupons", table, keys=True) == [Broken(2, *repeated), Broken(4, *repeated)]
    assert check("coupons", table) == []


def test_no_line_is_a_line_of_its_own_in_keys() -> None:
    table = rows(
        ADDITIONAL_COSTS,
        {"line": None, "name": "shipping"},
        {"line": 0, "name": "shipping"},
        {"line": None, "name": "wrapping"},
        {"line": None, "name": "shipping"},
    )
    assert check("additional_costs", table, keys=True) == [
        Broken(3, None, "key", "a key that no other row has", "1, 'x', null, 'shipping'")
    ]


def test_a_key_and_a_value_of_one_row_may_both_be_broken() -> None:
    table = rows(ADDITIONAL_COSTS, {"line": -1}, {"line": -1})
    told = [
        (each.row, each.column, each.rule) for each in check("additional_costs", table, keys=True)
    ]
    assert told == [(0, "line", "at_least"), (1, None, "key"), (1, "line", "at_least")]


def test_rows_are_exact_in_chunked_and_sliced_tables() -> None:
    quantities = [1, 0, 2, 3, 0, 4, 5, 6, 0]
    lines = [{"line": n, "quantity": quantity} for n, quantity in enumerate(quantities)]
    whole = rows(CART_ITEMS, *lines)
    chunked = pa.concat_tables(
        [whole.slice(0, 2), whole.slice(2, 0), whole.slice(2, 5), whole.slice(7)]
    )
    assert chunked["quantity"].num_chunks == 4
    assert [each.row for each in check("cart_items", chunked)] == [1, 4, 8]
    assert [each.row for each in check("cart_items", chunked.slice(3))] == [1, 5]


def test_thousands_of_broken_values_are_all_told() -> None:
    lines = [{"line": n, "quantity": -n, "sku": None} for n in range(20_000)]
    found = check("cart_items", rows(CART_ITEMS, *lines))
    assert len(found) == 40_000
    assert found[:2] == [
        Broken(0, "sku", "not_null", NEVER_NULL, "null"),
        Broken(0, "quantity", "at_least", "at least 1", "0"),
    ]
    assert found[-1] == Broken(19_999, "quantity", "at_least", "at least 1", "-19999")


def test_a_batch_of_another_shape_is_an_error_and_no_broken_value() -> None:
    good = rows(COUPONS, {})
    with pytest.raises(SchemaError, match=r"coupons: .*code is large_string, expected string"):
        check("coupons", good.set_column(2, "code", pa.array(["A"], pa.large_string())))
    with pytest.raises(SchemaError, match="no column code"):
        check("coupons", good.drop_columns("code"))
    with pytest.raises(SchemaError, match="unknown column extra"):
        check("coupons", good.append_column("extra", pa.array([1])))
    with pytest.raises(SchemaError, match="expected in the order"):
        check("coupons", good.select([1, 0, 2]))


def test_an_unknown_table_is_told_with_what_there_is() -> None:
    with pytest.raises(UsageError, match="unknown table 'carts'"):
        check("carts", rows(COUPONS, {}))


def test_what_was_found_is_written_plainly() -> None:
    columns = (
        Column(name="money", kind=Kind.MONEY, doc="."),
        Column(name="at", kind=Kind.INSTANT, doc="."),
        Column(name="texts", kind=Kind.TEXTS, doc="."),
        Column(name="name", kind=Kind.TEXT, doc="."),
    )
    table = Table(
        name="t", doc=".", grain=".", key=("money", "at", "texts", "name"), columns=columns
    )
    values = {
        "money": Decimal("1850.50"),
        "at": datetime(2020, 6, 10, 9, 5, 27, 993483, tzinfo=UTC),
        "texts": ["a"],
        "name": "x" * 100,
    }
    frame = pl.from_arrow(pa.Table.from_pylist([values], schema=table.arrow()))
    assert isinstance(frame, pl.DataFrame)

    never = Check(lambda data: data.lazyframe.select(pl.lit(False)), name="key", error="key")
    schema = DataFrameSchema({"name": Checked(str, checks=[never])})
    ((_, _, _, _, found),) = broken(schema, table, frame)
    assert found == "1850.5, 2020-06-10T09:05:27.993483Z, ['a'], '" + "x" * 58 + "…"


def test_a_check_that_cannot_run_is_an_error_and_not_silence() -> None:

    failing = Check(lambda data: data.lazyframe.select(pl.col("nowhere")))
    schema = DataFrameSchema({"code": Checked(str, checks=[failing])})
    frame = pl.from_arrow(rows(COUPONS, {}))
    assert isinstance(frame, pl.DataFrame)
    with pytest.raises(SchemaError, match="coupons: "):
        broken(schema, COUPONS, frame)
