"""Flattening: one session in, rows of every table out, and what the rows say together."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from sessionkit.bulk import Outlines
from sessionkit.containers import RawRecord
from sessionkit.crew import Crew
from sessionkit.staging import Batch, stage
from sessionkit.values import Reading
from tests.reading import dump, flat_of, flat_rows, item, one, read, rows, session


def session_row(doc: Any, **options: Any) -> dict[str, Any]:
    return flat_rows(flat_of(doc, **options), "sessions")[0]


def test_lines_keep_their_place_in_the_list_whatever_their_position_says() -> None:
    lines = [
        item(position=1, price=2),
        item(position=0, sku="B"),
        item(sku="A", position=..., price=...),
    ]
    flat = flat_of(session(cartItems=lines))
    told = [(r["line"], r["sku"], r.get("position")) for r in flat_rows(flat, "cart_items")]
    assert told == [(0, "A", "1"), (1, "B", "0"), (2, "A", None)]


def test_one_name_may_stand_as_attribute_session_cost_and_line_cost() -> None:
    line = item(additionalCosts={"Shipping": {"price": 2}}, attributes={"Shipping": "line"})
    flat = flat_of(
        session(
            additionalCosts={"Shipping": {"price": 5}},
            attributes={"Shipping": 5},
            cartItems=[line, line],
        )
    )
    assert flat_rows(flat, "additional_costs") == [
        {"name": "Shipping", "price": "5"},
        {"line": 0, "name": "Shipping", "price": "2"},
        {"line": 1, "name": "Shipping", "price": "2"},
    ]
    assert flat_rows(flat, "attributes") == [
        {"name": "Shipping", "kind": "number", "value": "5"},
        {"line": 0, "name": "Shipping", "kind": "string", "value": '"line"'},
        {"line": 1, "name": "Shipping", "kind": "string", "value": '"line"'},
    ]


def test_prices_of_a_line_become_rows_with_either_spelling_of_their_dates() -> None:
    prices = {
        "base": {"price": 100},
        "member": {
            "price": 90,
            "adjustmentReferenceId": "r",
            "adjustmentContextId": "c",
            "effectiveFrom": "2025-05-25T00:00:00Z",
            "adjustmentEffectiveUntil": "2025-05-30T00:00:00+02:00",
        },
    }
    assert flat_rows(flat_of(session(cartItems=[item(prices=prices)])), "item_prices") == [
        {"line": 0, "price_type": "base", "price": "100"},
        {
            "line": 0,
            "price_type": "member",
            "price": "90",
            "adjustment_reference_id": "r",
            "adjustment_context_id": "c",
            "adjustment_effective_from": "2025-05-25T00:00:00Z",
            "adjustment_effective_until": "2025-05-29T22:00:00Z",
        },
    ]


def test_codes_and_identifiers_listed_twice_are_one_row_and_stay_twice_in_the_list() -> None:
    flat = flat_of(session(couponCodes=["b", "a", "b", "B"], identifiers=["x", "x"]))
    assert [r["code"] for r in flat_rows(flat, "coupons")] == ["b", "a", "B"]
    assert [r["identifier"] for r in flat_rows(flat, "identifiers")] == ["x"]
    row = flat_rows(flat, "sessions")[0]
    assert (row["coupon_codes"], row["identifiers"]) == (["b", "a", "b", "B"], ["x", "x"])


@pytest.mark.parametrize(
    ("members", "codes"),
    [
        ({}, []),
        ({"coupon": ""}, []),
        ({"coupon": None}, []),
        ({"coupon": "X"}, ["X"]),
        ({"couponCodes": ["A", "X"], "coupon": "X"}, ["A", "X"]),
        ({"couponCodes": ["A"], "coupon": "X"}, ["A", "X"]),
        ({"couponCodes": ["A"], "coupon": ""}, ["A"]),
        ({"couponCodes": None, "coupon": ""}, []),
        ({"coupons": ["A"]}, ["A"]),
    ],
)
def test_the_single_coupon_and_the_list_of_codes_are_one_list(
    members: dict[str, Any], codes: list[str]
) -> None:
    assert session_row(session(**members))["coupon_codes"] == codes


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"referral": ""}, None),
        ({"referral": "R"}, "R"),
        ({"referralCode": "R", "referral": "R"}, "R"),
        ({"referralCode": "", "referral": "R"}, "R"),
        ({"referralCode": "R", "referral": ""}, "R"),
    ],
)
def test_the_referral_has_two_names(members: dict[str, Any], code: str | None) -> None:
    assert session_row(session(**members)).get("referral_code") == code


def test_two_referrals_are_a_contradiction() -> None:
    (reason,) = flat_of(session(referralCode="R", referral="S")).reasons
    assert (reason.code, reason.path) == ("duplicate-key", "referral")


VALUES = {
    "text": ('"Döner"', "string"),
    "looks": ('"5"', "string"),
    "empty": ('""', "string"),
    "price": ("1.50", "number"),
    "big": ("123456789012345678901234567890", "number"),
    "yes": ("true", "boolean"),
    "none": ("null", "null"),
    "list": ('[1.0, "a"]', "list"),
    "nothing": ("[]", "list"),
    "place": ('{"format": "point", "object": "5, 7.2"}', "object"),
    "": ('"no name"', "string"),
    "a.b['c']": ("0", "number"),
}


def test_attributes_are_kept_as_their_text_with_the_kind_of_their_value() -> None:
    text = ", ".join(f'"{name}": {value}' for name, (value, _) in VALUES.items())
    doc = '{"integrationId": "S-1", "applicationId": 1, "created": "2024-03-01T10:00:00Z"'
    flat = flat_of(f'{doc}, "attributes":   {{{text}}} }}')
    assert flat_rows(flat, "sessions")[0]["attributes"] == f"{{{text}}}"
    assert flat_rows(flat, "attributes") == [
        {"name": name, "kind": kind, "value": value} for name, (value, kind) in VALUES.items()
    ]


@pytest.mark.parametrize(
    ("prices", "items_total"),
    [
        ([], "0"),
        ([(2, "1.25")], "2.5"),
        ([(3, 0)], "0"),
        ([(1, -5), (2, "0.1")], "-4.8"),
        ([(1, 5), (1, None)], None),
        ([(3, "0.333333333333333333")], "0.999999999999999999"),
        ([(10**9, "99999999999.123456789012345678")], "99999999999123456789.012345678"),
    ],
)
def test_items_total_is_the_exact_sum_of_price_times_quantity(
    prices: list[tuple[int, Any]], items_total: str | None
) -> None:
    lines = [item(quantity=quantity, price=price) for quantity, price in prices]
    flat = flat_of(session(cartItems=lines))
    row = flat_rows(flat, "sessions")[0]
    assert row.get("items_total") == items_total
    assert row["line_count"] == len(prices)
    assert row["unit_count"] == sum(quantity for quantity, _ in prices)
    assert flat.reasons == []


@pytest.mark.parametrize(
    ("members", "path"),
    [
        (
            {"cartItems": [item(price="99999999999999999999", quantity=2)]},
            "cartItems[0].price × quantity",
        ),
        ({"cartItems": [item(price="99999999999999999999")] * 2}, "cartItems"),
        ({"discounts": {"a": "99999999999999999999", "b": "1"}}, "discounts"),
        ({"cartItems": [item(price=..., quantity=2**62)] * 2}, "cartItems"),
    ],
)
def test_a_sum_or_product_that_no_column_can_hold_is_refused(
    members: dict[str, Any], path: str
) -> None:
    flat = flat_of(session(**members))
    assert [(reason.code, reason.path) for reason in flat.reasons] == [("out-of-range", path)]
    assert (
        flat_of(session(cartItems=[item(price="49999999999999999999", quantity=2)])).reasons == []
    )


MANAGED = {"profileId": 1, "profileintegrationid": "x"}
V2 = {"couponCodes": [], "discounts": ...}


@pytest.mark.parametrize(
    ("members", "container", "known", "total"),
    [
        ({"discounts": {}}, "json", True, "0"),
        ({"discounts": {"a": 1, "b": "-0.5"}}, "json", True, "0.5"),
        ({"discounts": {"a": 0}}, "json", True, "0"),
        ({"discounts": ...}, "json", False, None),
        ({"discounts": None}, "json", False, None),
        (V2, "json", False, None),
        (V2 | {"discounts": {}}, "json", False, None),
        (V2 | {"discounts": {"a": 1}}, "json", True, "1"),
        (MANAGED, "json", None, None),
        (MANAGED | {"discounts": ...}, "json", False, None),
        (MANAGED | {"totalDiscounts": 0}, "json", True, "0"),
        (MANAGED | {"totalDiscounts": 5}, "json", True, "5"),
        (MANAGED | {"totalDiscounts": 5, "discounts": {"a": 4}}, "json", True, "4"),
        (MANAGED | {"totalDiscounts": 0}, "page", None, None),
        (MANAGED | {"totalDiscounts": 5}, "page", None, None),
        (MANAGED | {"totalDiscounts": 0, "discounts": {"a": 4}}, "page", True, "4"),
    ],
)
def test_what_is_known_of_discounts_depends_on_the_dialect_and_comes_from_one_source(
    members: dict[str, Any], container: str, known: bool | None, total: str | None
) -> None:
    row = session_row(session(**members), container=container)
    assert (row.get("discounts_known"), row.get("discount_total")) == (known, total)


@pytest.mark.parametrize(
    ("discounts", "known", "total"),
    [("{}", None, None), ('{""a"": 1.5}', True, "1.5"), ("", None, None), ("null", None, None)],
)
def test_the_csv_export_writes_an_empty_map_for_no_discount_and_for_v2(
    discounts: str, known: bool | None, total: str | None
) -> None:
    header = "integrationid,applicationid,created,total,discounts\n"
    tables = read(f'{header}a,1,2024-01-01T00:00:00Z,1,"{discounts}"\n')
    row = one(tables)
    assert (row.get("discounts_known"), row.get("discount_total")) == (known, total)


def test_a_csv_without_the_column_of_discounts_knows_nothing_of_them() -> None:
    tables = read("integrationid,applicationid,created\na,1,2024-01-01T00:00:00Z\n")
    assert one(tables)["discounts_known"] is False


def test_empty_ids_and_the_number_zero_of_a_customer_are_none() -> None:
    row = session_row(
        session(profileId=0, profileintegrationid="", storeIntegrationId="", totalDiscounts=1)
    )
    absent = {"profile_id", "profile_internal_id", "store_id"}
    assert absent.isdisjoint(row)


def test_an_amount_beyond_18_decimals_is_told_where_it_stands_as_it_was_written() -> None:
    tables = read(
        '{"integrationId": "a", "applicationId": 1, "created": "2024-01-01T00:00:00Z",'
        ' "total": 1.00000000000000000050, "discounts": {"x y": 1e-30},'
        ' "cartItems": [{"sku": "A", "quantity": 1, "price": 0.1234567890123456789}]}'
    )
    assert (one(tables)["total"], one(tables)["items_total"]) == ("1", "0.123456789012345679")
    told = [
        (r["path"], r["seen"]) for r in rows(tables, "findings") if r["rule"] == "money-rounded"
    ]
    assert told == [
        ("total", "1.00000000000000000050"),
        ("cartItems[0].price", "0.1234567890123456789"),
        ("discounts['x y']", "1e-30"),
    ]
    assert rows(tables, "discounts") == [
        {"application_id": 1, "integration_id": "a", "label": "x y", "value": "0"}
    ]


def test_every_fault_of_a_record_comes_out_at_once_and_its_rows_still_stand() -> None:
    lines = [item(quantity="x", price=True), None, item(sku=5, additionalCosts={"a": 1})]
    flat = flat_of(session(created="soon", state="done", cartItems=lines, discounts={"x": "y"}))
    assert sorted((reason.code, reason.path) for reason in flat.reasons) == [
        ("bad-instant", "created"),
        ("bad-state", "state"),
        ("wrong-type", "cartItems[0].price"),
        ("wrong-type", "cartItems[0].quantity"),
        ("wrong-type", "cartItems[1]"),
        ("wrong-type", "cartItems[2].additionalCosts.a"),
        ("wrong-type", "cartItems[2].sku"),
        ("wrong-type", "discounts.x"),
    ]
    assert [row["line"] for row in flat_rows(flat, "cart_items")] == [0, 2]


def test_a_value_that_is_an_object_with_an_odd_name_is_still_refused() -> None:
    for doc in (session(discounts={"x": {"refused": 1}}), session(couponCodes=[{"refused": 1}])):
        assert [reason.code for reason in flat_of(doc).reasons] == ["wrong-type"]


@pytest.mark.parametrize("on", [True, False])
def test_staging_leaves_the_cycle_collector_as_it_found_it(on: bool) -> None:
    was_on = gc.isenabled()
    (gc.enable if on else gc.disable)()
    try:
        batch = Batch()
        batch.add("file", RawRecord(1, 0, dump(session()), "json"))
        with Crew() as crew:
            staged = stage(batch, Reading(), Outlines(), crew.db)
        assert gc.isenabled() is on
    finally:
        (gc.enable if was_on else gc.disable)()
    assert staged.tables["sessions"].num_rows == 1
