"""Groups and filters: null is a group, periods are local, several values repeat a session."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from sessionkit import questions
from sessionkit.dimensions import DIMENSIONS, PERIODS
from sessionkit.errors import UsageError
from tests.asking import Row, at, columns, source


def counts(tables: dict[str, pa.Table], by: str, **common: Any) -> dict[Any, int]:
    """Sessions by the values of one dimension, in the order of the answer."""
    result = questions.totals(tables, by=by, population="all", currencies="EUR", **common)
    return dict(columns(result, by, "session_count"))


def attributes(**told: str) -> list[Row]:
    """Attributes called A of sessions, as JSON text with its kind."""
    kinds = {'"': "string", "[": "list", "{": "object", "t": "boolean", "n": "null"}
    return [
        {"of": of, "name": "A", "kind": kinds.get(value[0], "number"), "value": value}
        for of, value in told.items()
    ]


def test_every_dimension_groups_and_null_is_a_group_at_the_end() -> None:
    tables = source({"store_id": "b", "total": "1"}, {"store_id": None}, {"store_id": "B"})
    assert list(counts(tables, "store_id").items()) == [("B", 1), ("b", 1), (None, 1)]
    for name in (one.name for one in DIMENSIONS.values() if one.groups):
        assert sum(counts(tables, name).values()) == 3, name


def test_dimensions_stand_first_and_in_the_order_asked() -> None:
    result = questions.totals(source({}), by=["month", "state", "month", "application_id"])
    assert result.table.column_names[:4] == ["month", "state", "application_id", "partial"]


@pytest.mark.parametrize(
    ("moment", "day", "week", "month"),
    [
        ("2024-03-30T22:59:59", "2024-03-30", "2024-03-25", "2024-03-01"),
        ("2024-03-30T23:00:00", "2024-03-31", "2024-03-25", "2024-03-01"),
        ("2024-03-31T21:59:59", "2024-03-31", "2024-03-25", "2024-03-01"),
        ("2024-03-31T22:00:00", "2024-04-01", "2024-04-01", "2024-04-01"),
        ("2024-10-27T00:30:00", "2024-10-27", "2024-10-21", "2024-10-01"),
        ("2024-10-27T22:59:59.999999", "2024-10-27", "2024-10-21", "2024-10-01"),
        ("2024-10-27T23:00:00", "2024-10-28", "2024-10-28", "2024-10-01"),
        ("2024-12-31T23:00:00", "2025-01-01", "2024-12-30", "2025-01-01"),
    ],
)
def test_periods_are_cut_in_the_zone(moment: str, day: str, week: str, month: str) -> None:
    tables = source({"created_at": at(moment)})
    for period, first in (("day", day), ("week", week), ("month", month)):
        assert counts(tables, period, tz="Europe/Berlin") == {date.fromisoformat(first): 1}


def test_quarters_and_years_are_called_by_their_first_day() -> None:
    tables = source({"created_at": at("2024-12-31T23:30")}, {"created_at": at("2024-05-01")})
    assert counts(tables, "quarter") == {date(2024, 4, 1): 1, date(2024, 10, 1): 1}
    assert counts(tables, "year", tz="Asia/Tokyo") == {date(2024, 1, 1): 1, date(2025, 1, 1): 1}


def test_sessions_without_the_time_asked_by_form_a_null_period() -> None:
    tables = source({"closed_at": at("2024-02-01")}, {"updated_at": at("2024-02-01")})
    result = questions.totals(tables, by="month", time_basis="closed")
    assert columns(result, "month", "partial", "session_count") == [
        (date(2024, 2, 1), True, 1),
        (None, None, 1),
    ]
    assert "1 session has no closed_at: they are in the null period." in result.notes


@pytest.mark.parametrize("basis", ["created", "closed", "cancelled", "updated"])
def test_since_is_included_and_until_is_not(basis: str) -> None:
    name = f"{basis}_at"
    tables = source(
        {name: at("2024-01-31T23:59:59.999999")},
        {name: at("2024-02-01")},
        {name: at("2024-02-29T23:59:59.999999")},
        {name: at("2024-03-01")},
    )
    result = questions.totals(tables, since="2024-02-01", until="2024-03-01", time_basis=basis)
    assert columns(result, "session_count") == [(2,)]


def test_sessions_without_the_time_are_outside_since_and_until_and_counted() -> None:
    tables = source({"closed_at": at("2024-02-01")}, {}, {})
    for given in ({"since": "2020-01-01"}, {"until": "2030-01-01"}):
        result = questions.totals(tables, time_basis="closed", **given)
        assert columns(result, "session_count") == [(1,)]
        assert result.notes[-1].startswith("2 sessions have no closed_at: they are outside")


@pytest.mark.parametrize(
    ("since", "count"),
    [
        ("2024-03-31", 2),
        ("2024-03-30T23:00:00Z", 2),
        ("2024-03-31T00:00:00.000001", 1),
        ("2024-03-31T03:00:00+02:00", 1),
        (date(2024, 3, 31), 2),
        (at("2024-03-31T01:00"), 1),
        (at("2024-03-31T01:00").replace(tzinfo=None), 1),
    ],
)
def test_a_day_begins_at_midnight_in_the_zone(since: Any, count: int) -> None:
    tables = source({"created_at": at("2024-03-30T23:00")}, {"created_at": at("2024-03-31T01:00")})
    result = questions.totals(tables, since=since, tz="Europe/Berlin")
    assert columns(result, "session_count") == [(count,)]


MONTHS = source(*({"created_at": at(day)} for day in ("2024-01-02", "2024-02-10", "2024-03-30")))


@pytest.mark.parametrize(
    ("given", "flags"),
    [
        ({}, [True, False, True]),
        ({"as_of": "2024-03-31"}, [True, False, False]),
        ({"since": "2024-01-02T00:00:00Z"}, [True, False, True]),
        ({"until": "2024-03-31"}, [True, False, True]),
        ({"since": "2024-02-01", "until": "2024-03-01"}, [False]),
        ({"since": "2024-02-02", "until": "2024-03-01"}, [True]),
        ({"since": "2024-02-01", "until": "2024-02-29"}, [True]),
    ],
)
def test_a_month_that_is_not_filled_is_partial(given: Row, flags: list[bool]) -> None:
    result = questions.totals(MONTHS, by="month", **given)
    assert [flag for (flag,) in columns(result, "partial")] == flags


def test_a_month_is_filled_when_the_data_reach_its_first_and_last_day() -> None:
    days = ("2024-01-01T18:00", "2024-01-31T06:00")
    tables = source(*({"created_at": at(day)} for day in days))
    assert columns(questions.totals(tables, by="month"), "partial") == [(False,)]
    assert columns(questions.totals(tables, by="day"), "partial") == [(True,), (True,)]


def test_no_partial_without_a_period_and_none_in_the_total_row() -> None:
    assert "partial" not in questions.totals(MONTHS, by="state").table.column_names
    result = questions.totals(MONTHS, by="month", total_row=True)
    assert columns(result, "is_total", "month", "partial", "session_count")[-1] == (
        True,
        None,
        None,
        3,
    )


@pytest.mark.parametrize("period", PERIODS)
def test_a_period_filters_by_any_of_its_days(period: str) -> None:
    result = questions.totals(MONTHS, where={period: ["2024-02-10", None]})
    assert columns(result, "session_count") == [(3 if period in ("quarter", "year") else 1,)]


def test_absent_null_and_empty_attributes_are_one_null_group() -> None:
    tables = source({}, {}, {}, {}, attributes=attributes(a='""', b="null", c="[]"))
    assert counts(tables, "attributes.A") == {None: 4}


def test_attributes_are_text_without_quotes() -> None:
    told = attributes(a='"K\\u00f6ln \\"x\\""', b="5", c="5.00", d="true", e='"5"', f="1e2")
    tables = source(*[{}] * 6, attributes=told)
    assert counts(tables, "attributes.A") == {"100": 1, "5": 3, 'Köln "x"': 1, "true": 1}


def test_numbers_in_attributes_keep_every_digit() -> None:
    told = attributes(a="12345678901234567.10", b="[12345678901234567.20, 33.333333333333336]")
    assert list(counts(source({}, {}, attributes=told), "attributes.A")) == [
        "12345678901234567.1",
        "12345678901234567.2",
        "33.333333333333336",
    ]


def test_a_list_counts_once_per_distinct_element() -> None:
    tables = source({"total": "7"}, {}, attributes=attributes(a='["x", "y", "x", ""]', b='"x"'))
    result = questions.totals(tables, by="attributes.A", total_row=True)
    assert columns(result, "is_total", "attributes.A", "session_count", "gross_total") == [
        (False, "x", 2, Decimal(7)),
        (False, "y", 1, Decimal(7)),
        (False, None, 1, Decimal(7)),
        (True, None, 2, Decimal(7)),
    ]
    assert any("several values of attributes.A" in note for note in result.notes)


def test_attributes_of_lines_are_no_attributes_of_sessions() -> None:
    line = {"of": "a", "line": 0, "name": "A", "kind": "string", "value": '"red"'}
    tables = source({}, attributes=[*attributes(a='"x"'), line])
    assert counts(tables, "attributes.A") == {"x": 1}


@pytest.mark.parametrize("value", ['{"a": 1}', '["x", {"a": 1}]', '[["x"]]'])
def test_an_object_is_no_group(value: str) -> None:
    tables = source({}, attributes=attributes(a=value))
    for given in ({"by": "attributes.A"}, {"where": {"attributes.A": "x"}}):
        with pytest.raises(UsageError, match=r"attributes\.A holds objects"):
            questions.totals(tables, **given)


def test_two_attributes_that_differ_in_case_are_two_dimensions() -> None:
    lower = {"of": "a", "name": "a", "kind": "string", "value": '"small"'}
    tables = source({}, attributes=[*attributes(a='"large"'), lower])
    result = questions.totals(tables, by=["attributes.A", "attributes.a"])
    assert columns(result, "attributes.A", "attributes.a") == [("large", "small")]


@pytest.mark.parametrize(
    ("label", "group"),
    [
        ("10% off#1", "10% off"),
        ("10% off#12", "10% off"),
        ("Deal #2", "Deal #2"),
        ("Deal\u00a0#2", "Deal\u00a0#2"),
        ("#3", "#3"),
        ("a#1#2", "a#1"),
        ("é#1", "é"),
        ("a#1\n", "a#1\n"),
        ("a#x", "a#x"),
        ("a#", "a#"),
    ],
)
def test_a_base_label_loses_the_place_of_its_item(label: str, group: str) -> None:
    tables = source({"discounts_known": True}, discounts=[{"of": "a", "label": label}])
    assert counts(tables, "base_label") == {group: 1}


def test_two_items_of_one_discount_are_one_base_label_of_the_session() -> None:
    told = [{"of": "a", "label": "x#0"}, {"of": "a", "label": "x#1"}]
    assert counts(source({"discounts_known": True}, discounts=told), "base_label") == {"x": 1}


def test_a_session_stands_under_each_of_its_coupons_with_its_whole_total() -> None:
    tables = source({"total": "7"}, coupons=[{"of": "a", "code": "x"}, {"of": "a", "code": "y"}])
    result = questions.totals(tables, by="coupon_code", total_row=True)
    assert columns(result, "coupon_code", "gross_total") == [("x", 7), ("y", 7), (None, 7)]


HELD = source(
    {"store_id": "n", "coupon_codes": ["x"]},
    {"store_id": None},
    {"store_id": "s", "first_session": True, "profile_id": "ann"},
    cart_items=[
        {"of": "a", "line": 0, "sku": "tea", "category": "kitchen"},
        {"of": "a", "line": 1, "sku": "cup", "category": None},
        {"of": "b", "line": 0, "sku": "tea", "category": "kitchen"},
    ],
    discounts=[{"of": "a", "label": "x#1"}],
    coupons=[{"of": "a", "code": "x"}],
)


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ({"sku": "tea"}, 2),
        ({"sku": ["tea", "cup"]}, 2),
        ({"sku": None}, 1),
        ({"sku": ["cup", None]}, 2),
        ({"category": "kitchen"}, 2),
        ({"category": None}, 2),
        ({"sku": "tea", "category": [None]}, 1),
        ({"store_id": None}, 1),
        ({"store_id": ["n", None]}, 2),
        ({"store_id": "no"}, 0),
        ({"has_coupon": True}, 1),
        ({"has_coupon": "no"}, 2),
        ({"customer_type": ("new", "returning")}, 1),
        ({"label": "x#1"}, 1),
        ({"base_label": "x"}, 1),
        ({"label": None}, 2),
        ({"coupon_code": {"x", "y"}}, 1),
        ({"application_id": "1"}, 3),
        ({"application_id": [2]}, 0),
        ({"state": "Closed"}, 3),
        ({"month": "2024-01"}, 3),
        ({"year": "2023"}, 0),
        ({"day": date(2024, 1, 1)}, 3),
    ],
)
def test_a_filter_keeps_the_sessions_that_hold_a_value(where: Row, count: int) -> None:
    assert columns(questions.totals(HELD, where=where), "session_count") == [(count,)]
