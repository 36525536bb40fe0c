"""Words that people act on: where a doubled member stands, and in what unit a change is told."""

from __future__ import annotations

import json

import pytest

import sessionkit as sk
from tests.reading import item, read, reasons, session

ITEM = json.dumps([item()])
DOUBLED = {
    "total": '"total": 1, "total": 2',
    "storeIntegrationId": '"storeIntegrationId": "a", "store_integration_id": "a"',
    "cartItems": f'"cartItems": {ITEM}, "CartItems": {ITEM}',
    "cartItems[0].sku": f'"cartItems": {ITEM}'.replace('"sku": "A"', '"sku": "A", "sku": "A"'),
    "cartItems[1].price": f'"cartItems": {ITEM}'.replace(
        '"price": 10}]', '"price": 10}, {"sku": "B", "quantity": 1, "price": 1, "Price": 1}]'
    ),
    "discounts.a": '"discounts": {"a": 1, "a": 1}',
    "discounts['10% off']": '"discounts": {"10% off": 1, "10% off": 1}',
    "additionalCosts.post.price": '"additionalCosts": {"post": {"price": 1, "price": 1}}',
}


@pytest.mark.parametrize("path", DOUBLED)
def test_a_member_that_stands_twice_is_told_by_its_place(path: str) -> None:
    members = {
        name: value for name, value in session().items() if name not in ("total", "discounts")
    }
    text = json.dumps(members)[:-1] + ", " + DOUBLED[path] + "}"
    assert ("duplicate-key", path) in reasons(read(text))


def test_changes_are_told_in_the_unit_of_what_changes() -> None:
    docs = [
        session(integrationId=f"S-{month}", created=f"2024-0{month}-05T10:00:00Z", state="closed")
        for month in (1, 2)
    ]
    told = sk.totals(read(docs), by="month", compare="previous").definition
    points = {name for name, text in told.items() if "In points: 0.01 is one" in text}
    assert points == {"discount_rate_difference", "discount_penetration_difference"}
    money = {
        name for name, text in told.items() if text.endswith("In the currency of the application.")
    }
    assert {"gross_total_difference", "avg_session_value_difference"} <= money
    assert not {"session_count_difference", "unit_count_difference"} & money
    assert not points & money
