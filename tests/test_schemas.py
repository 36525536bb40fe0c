"""The pandera models: good rows pass, and each way of being wrong is told."""

from __future__ import annotations

import threading
from decimal import Decimal
from typing import Any

import pandera.errors
import polars as pl
import pyarrow as pa
import pytest

from sessionkit import schemas, tables
from sessionkit.columns import Kind, Table
from sessionkit.errors import SchemaError, UsageError
from tests.rows import rows

GOOD: dict[str, list[dict[str, Any]]] = {
    "sessions": [{"integration_id": "a"}, {"integration_id": "b", "total": "0.1"}],
    "cart_items": [{"line": 0, "price": None}, {"line": 1, "sku": ""}],
    "discounts": [{"label": "A"}, {"label": "B", "value": "-1"}],
    "additional_costs": [{"line": None}, {"line": 0}, {"line": 0, "name": "y"}],
    "item_prices": [{"line": 0, "price_type": "base"}, {"line": 1, "price_type": "base"}],
    "coupons": [{"code": "A"}, {"code": "a"}],
    "identifiers": [{"identifier": "A"}, {"identifier": ""}],
    "attributes": [{"line": None, "kind": "null"}, {"line": 0, "kind": "list"}],
    "effects": [{"event_id": 1, "place": 0}, {"event_id": 1, "place": 1}],
    "snapshots": [{"digest": "ab"}, {"digest": "cd"}],
    "rejects": [{"source_record": 1}, {"source_record": 2}],
    "findings": [{"rule": "empty-sku"}, {"rule": "empty-sku"}],
    "loads": [{"source_file": "a"}, {"source_file": "b", "status": "skipped"}],
}
"""Two rows or more of each table, with no rule broken."""

BROKEN: list[tuple[str, dict[str, Any], str]] = [
    ("sessions", {"state": "Open"}, "state: expected one of open, closed, partially_returned"),
    ("sessions", {"update_count": -1}, "update_count: expected at least 0; row 2 has -1"),
    ("cart_items", {"line": 2, "quantity": 0}, "quantity: expected at least 1; row 2 has 0"),
    ("discounts", {"label": "C", "value": None}, "value: expected a value, as this column is"),
    ("additional_costs", {"line": -1}, "line: expected at least 0; row 3 has -1"),
    ("item_prices", {"line": 9, "price_type": None}, "price_type: expected a value"),
    ("coupons", {"code": None}, "code: expected a value"),
    ("identifiers", {"identifier": None}, "identifier: expected a value"),
    ("attributes", {"line": 3, "kind": "text"}, "kind: expected one of string, number, boolean"),
    ("effects", {"place": -1}, "place: expected at least 0; row 2 has -1"),
    ("snapshots", {"digest": None}, "digest: expected a value"),
    ("rejects", {"source_record": 0}, "source_record: expected at least 1; row 2 has 0"),
    ("findings", {"severity": "grave"}, "severity: expected one of info, warning, error"),
    ("loads", {"source_file": "c", "rejects": -3}, "rejects: expected at least 0; row 2 has -3"),
]


class Capsule:
    """Nothing but Arrow data, as another library would hand it over."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)


def frame(table: Table, *more: dict[str, Any]) -> pl.DataFrame:
    made = pl.from_arrow(rows(table, *GOOD[table.name], *more))
    assert isinstance(made, pl.DataFrame)
    return made


@pytest.mark.parametrize("table", tables.ALL, ids=lambda table: table.name)
def test_good_rows_pass(table: Table) -> None:
    good = frame(table)
    assert schemas.validate(table, good) is good
    assert schemas.MODELS[table.name].validate(good).equals(good)


@pytest.mark.parametrize("table", tables.ALL, ids=lambda table: table.name)
def test_no_rows_pass(table: Table) -> None:
    empty = table.empty()
    assert schemas.validate(table.name, empty) is empty


@pytest.mark.parametrize("table", tables.ALL, ids=lambda table: table.name)
def test_a_wrong_type_is_told_for_every_column(table: Table) -> None:
    for name in table.names:
        wrong = frame(table).with_columns(pl.lit(1.5).alias(name))
        with pytest.raises(SchemaError, match=rf"{table.name}: .*{name} is Float64, expected"):
            schemas.validate(table, wrong)
        with pytest.raises(pandera.errors.SchemaErrors, match="WRONG_DATATYPE"):
            schemas.MODELS[table.name].validate(wrong, lazy=True)


@pytest.mark.parametrize(("name", "row", "told"), BROKEN, ids=lambda value: str(value)[:40])
def test_a_broken_rule_is_told(name: str, row: dict[str, Any], told: str) -> None:
    table = schemas.MODELS[name].declared()
    wrong = frame(table, row)
    with pytest.raises(SchemaError, match=told) as caught:
        schemas.validate(name, wrong)
    assert str(caught.value).startswith(f"{name}: 1 value breaks the rules of the table.\n")
    with pytest.raises(pandera.errors.SchemaErrors):
        schemas.MODELS[name].validate(wrong, lazy=True)


@pytest.mark.parametrize("table", tables.ALL, ids=lambda table: table.name)
def test_null_is_refused_exactly_where_a_column_is_never_null(table: Table) -> None:
    for column in table.columns:
        if column.name in table.key:
            continue
        holed = frame(table).with_columns(
            pl.lit(None, dtype=schemas.polars_types(table)[column.name]).alias(column.name)
        )
        if column.nullable:
            schemas.validate(table, holed)
        else:
            with pytest.raises(SchemaError, match=f"{column.name}: expected a value"):
                schemas.validate(table, holed)


@pytest.mark.parametrize(
    "table", [table for table in tables.ALL if table.key], ids=lambda table: table.name
)
def test_rows_that_share_a_key_are_told(table: Table) -> None:
    twice = frame(table, GOOD[table.name][0])
    last = len(twice) - 1
    with pytest.raises(SchemaError, match=rf"expected a key that no other row has; row {last} "):
        schemas.validate(table, twice)
    with pytest.raises(pandera.errors.SchemaErrors, match="key"):
        schemas.MODELS[table.name].validate(twice, lazy=True)


def test_findings_have_no_key_so_the_same_doubt_may_stand_twice() -> None:
    twice = frame(tables.FINDINGS, *GOOD["findings"])
    assert schemas.validate("findings", twice).equals(twice)


def test_money_and_instants_are_compared_to_the_last_digit_of_their_type() -> None:
    good = frame(tables.SESSIONS)
    cents = good.with_columns(pl.col("total").cast(pl.Decimal(38, 2)))
    local = good.with_columns(pl.col("created_at").dt.convert_time_zone("Europe/Berlin"))
    finer = good.with_columns(pl.col("created_at").cast(pl.Datetime("ns", "UTC")))
    for wrong, told in (
        (cents, r"total is Decimal\(precision=38, scale=2\)"),
        (local, "created_at is .*Europe/Berlin"),
        (finer, "created_at is .*'ns'"),
    ):
        with pytest.raises(SchemaError, match=told):
            schemas.validate("sessions", wrong)


def test_missing_unknown_and_misplaced_columns_are_told() -> None:
    good = frame(tables.COUPONS)
    with pytest.raises(SchemaError, match=r"coupons: .*no column code; unknown column cod\.$"):
        schemas.validate("coupons", good.rename({"code": "cod"}))
    with pytest.raises(SchemaError, match="in the order application_id, integration_id, code"):
        schemas.validate("coupons", good.select("code", "integration_id", "application_id"))
    with pytest.raises(SchemaError, match=r"no column profile_id; .*; and 29 more\.$"):
        schemas.validate("sessions", good.select("application_id", "integration_id"))


def test_models_hold_to_the_columns_on_their_own_too() -> None:
    good = frame(tables.COUPONS)
    for wrong in (
        good.drop("code"),
        good.with_columns(extra=pl.lit(1)),
        good.select("code", "integration_id", "application_id"),
    ):
        with pytest.raises(pandera.errors.SchemaErrors):
            schemas.Coupons.validate(wrong, lazy=True)


def test_the_message_counts_by_rule_and_shows_the_first_rows() -> None:
    lines: list[dict[str, Any]] = [
        {"line": n, "quantity": -n, "sku": "tea"} for n in range(2, 1002)
    ]
    lines[0] |= {"sku": None}
    lines += [{"line": 2, "quantity": 1}]
    with pytest.raises(SchemaError) as caught:
        schemas.validate("cart_items", rows(tables.CART_ITEMS, *lines))
    assert str(caught.value) == (
        "cart_items: 1,002 values break the rules of the table.\n"
        "  (application_id, integration_id, line): expected a key that no other row has; "
        "row 1000 has 1, 'x', 2\n"
        "  quantity: expected at least 1; row 0 has -2, row 1 has -3, row 2 has -4, "
        "and 997 more\n"
        "  sku: expected a value, as this column is never null; row 0 has null"
    )


def test_anything_that_arrow_can_read_may_be_checked() -> None:
    good = rows(tables.COUPONS, *GOOD["coupons"])
    lazy = frame(tables.COUPONS).lazy()
    assert schemas.validate("coupons", good) is good
    assert schemas.validate("coupons", lazy) is lazy
    capsule = Capsule(good)
    assert schemas.validate("coupons", capsule) is capsule
    stream = schemas.validate("coupons", good.to_reader())
    assert stream.equals(frame(tables.COUPONS))
    with pytest.raises(UsageError, match="expected a frame that Arrow can read, got a list"):
        schemas.validate("coupons", [{"code": "A"}])


def test_a_lazy_frame_is_checked_by_its_values_too() -> None:
    wrong = frame(tables.COUPONS, {"code": None}).lazy()
    with pytest.raises(SchemaError, match="row 2 has null"):
        schemas.validate("coupons", wrong)


def test_an_unknown_table_is_told_with_what_there_is() -> None:
    with pytest.raises(UsageError, match=r"unknown table 'coupon'. Did you mean 'coupons'\?"):
        schemas.validate("coupon", tables.COUPONS.empty())


def test_checks_run_even_where_pandera_is_switched_off() -> None:
    wrong = frame(tables.COUPONS, {"code": None})
    with (
        pandera.config.config_context(validation_enabled=False),
        pytest.raises(SchemaError, match="row 2 has null"),
    ):
        schemas.validate("coupons", wrong)


def test_a_subclass_may_add_columns_and_keeps_the_rules() -> None:
    class Scored(schemas.Coupons):
        """Coupons with a score."""

        score: float

    good = frame(tables.COUPONS).with_columns(score=pl.lit(0.5))
    assert Scored.validate(good).equals(good)
    for wrong in (good.drop("score"), good.with_columns(code=pl.lit("A"))):
        with pytest.raises(pandera.errors.SchemaErrors):
            Scored.validate(wrong, lazy=True)


def test_a_model_of_no_table_says_so() -> None:
    with pytest.raises(UsageError, match="TableModel is not the model of a table"):
        schemas.TableModel.declared()


def test_models_carry_meaning_unit_and_who_it_concerns() -> None:
    columns = schemas.Sessions.to_schema().columns
    assert columns["total"].metadata == {"unit": "currency of the application", "personal": False}
    assert columns["profile_id"].metadata == {"unit": None, "personal": True}
    for table in tables.ALL:
        schema = schemas.MODELS[table.name].to_schema()
        assert [column.description for column in schema.columns.values()] == [
            column.doc for column in table.columns
        ]


def test_every_table_has_its_model_under_its_name() -> None:
    assert list(schemas.MODELS) == [table.name for table in tables.ALL]
    for name, model in schemas.MODELS.items():
        assert model.declared().name == name
        assert getattr(schemas, name.title().replace("_", "")) is model


def test_each_thread_builds_the_same_schema() -> None:
    checks: list[list[str]] = []

    def build() -> None:
        code = schemas.Coupons.to_schema().columns["code"]
        checks.append([str(check.name) for check in code.checks])

    for _ in range(3):
        thread = threading.Thread(target=build)
        thread.start()
        thread.join()
    assert checks == [["key"]] * 3


def test_amounts_in_messages_are_plain() -> None:
    twice = [{"label": "A", "value": Decimal("0.000000000000000001")}] * 2
    with pytest.raises(SchemaError, match=r"row 1 has 1, 'x', 'A'$"):
        schemas.validate("discounts", rows(tables.DISCOUNTS, *twice))


def test_polars_types_follow_from_arrow_types() -> None:
    types = schemas.polars_types(tables.SESSIONS)
    for column in tables.SESSIONS.columns:
        if column.kind is Kind.MONEY:
            assert types[column.name] == pl.Decimal(38, 18)
    assert types["created_at"] == pl.Datetime("us", "UTC")
    assert types["evaluable_campaign_ids"] == pl.List(pl.Int64)
    assert isinstance(pa.table(frame(tables.SESSIONS))["total"].type, pa.Decimal128Type)
