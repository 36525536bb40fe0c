"""Every dialect, read whole: each column of each table that a document of its shape gives.

`tests/cases/<name>/` holds a dump and, in `expected.json`, every row that it must give, worked out
by hand from the dump. Columns that are null and tables without rows are left out there; where the
rows came from is told by their dialect alone.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import sessionkit
from sessionkit.containers import RawRecord
from sessionkit.dialects import DIALECTS, understand
from sessionkit.dialects.shapes import is_noise, recognised
from sessionkit.errors import ReadError, Reason, UsageError
from sessionkit.session_tables import SessionTables
from sessionkit.tables import MODEL
from tests.reading import (
    conserved,
    dump,
    findings,
    flat_of,
    flat_rows,
    item,
    one,
    read,
    reasons,
    rows,
    session,
)

CASES = Path(__file__).parent / "cases"
SHAPES = sorted(path.parent for path in CASES.glob("*/expected.json"))


def told(tables: SessionTables) -> dict[str, Any]:
    """What a read gave, in the form of `expected.json`."""
    given = {table.name: rows(tables, table.name) for table in MODEL}
    for row, dialect in zip(given["sessions"], tables.sessions["dialect"].to_pylist(), strict=True):
        row["dialect"] = dialect
    rejects = [reason for row in tables.rejects.to_pylist() for reason in row["reasons"]]
    return {
        "tables": {name: found for name, found in given.items() if found},
        "findings": sorted([row["rule"], row["path"]] for row in tables.findings.to_pylist()),
        "rejects": [[reason["code"], reason["path"]] for reason in rejects],
        "records": tables.records,
        "repeats": tables.repeats,
        "older": tables.older,
    }


@pytest.mark.parametrize("shape", SHAPES, ids=lambda path: path.name)
def test_a_document_gives_every_column_of_every_table(shape: Path) -> None:
    (dump,) = shape.glob("dump.*")
    expected = json.loads((shape / "expected.json").read_text(encoding="utf-8"))
    tables = sessionkit.read(dump, **expected.pop("options", {}))
    assert conserved(tables)
    assert told(tables) == expected


KEYS = {
    "v1_session": ["integrationId", "applicationId", "created", "coupon", "discounts"],
    "single_session": ["id", "integrationId", "applicationId", "coupon", "discounts"],
    "v2_session": ["id", "integrationId", "couponCodes", "updateCount"],
    "v1_response": ["session", "profile", "event"],
    "v2_response": ["customerSession", "effects"],
    "singer": ["type", "stream", "record"],
}


@pytest.mark.parametrize(("name", "keys"), KEYS.items())
def test_a_dialect_is_known_by_its_keys_however_they_are_spelt(name: str, keys: list[str]) -> None:
    snake = [re.sub("([A-Z])", r"_\1", key).lower() for key in keys]
    for spelt in (keys, snake, [key.upper() for key in keys], [key.lower() for key in keys]):
        dialect = recognised(spelt)
        assert dialect is not None
        assert dialect.name == name


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        (["integrationId"], "v1_session"),
        (["integrationId", "totalDiscounts"], "single_session"),
        (["integrationId", "profileintegrationid"], "single_session"),
        (["integrationId", "closedat"], "single_session"),
        (["integrationId", "id"], "v2_session"),
        (["integrationId", "id", "referral"], "single_session"),
        (["integrationId", "id", "coupon"], "single_session"),
        (["integrationId", "id", "discounts"], "single_session"),
        (["integrationId", "cartItemTotal"], "v2_session"),
        (["integrationId", "session"], "v1_session"),
        (["applicationId", "cartItems"], "v1_session"),
        (["created", "state", "total"], "v1_session"),
    ],
)
def test_what_few_keys_tell_is_used(keys: list[str], name: str) -> None:
    dialect = recognised(keys)
    assert dialect is not None
    assert dialect.name == name


EVENT = ["id", "created", "applicationId", "integrationId", "sessionId", "type", "effects"]


@pytest.mark.parametrize("page", [False, True])
@pytest.mark.parametrize(
    "keys", [[], ["effects"], ["a", "b", "c"], ["id", "value", "campaignId"], EVENT]
)
def test_what_is_no_session_has_no_dialect(keys: list[str], page: bool) -> None:
    assert recognised(keys, page=page) is None


def test_an_event_of_a_session_is_not_taken_for_the_session() -> None:
    event = dict.fromkeys(EVENT) | {"created": "2024-01-01T00:00:00Z", "applicationId": 1}
    tables = read(event | {"integrationId": "x", "effects": [], "sessionId": 4})
    assert reasons(tables) == [("effects-without-session", "")]


def test_every_dialect_has_a_case() -> None:
    met = {"csharp_v2"}  # tested below
    for shape in SHAPES:
        expected = json.loads((shape / "expected.json").read_text(encoding="utf-8"))
        met |= {row["dialect"] for row in expected["tables"].get("sessions", [])}
    assert met == set(DIALECTS)


def test_csharp_v2_puts_back_the_zeros_that_its_serialiser_left_out() -> None:
    line = item(price=..., additionalCosts={"Wrap": {}}, remainingQuantity=1)
    doc = session(total=..., discounts=..., cartItems=[line], additionalCosts={"Post": {}})
    row = flat_rows(flat_of(doc, dialect="csharp_v2"), "sessions")[0]
    assert [row[name] for name in ("total", "cart_item_total", "additional_cost_total")] == [
        "0"
    ] * 3
    assert (row["first_session"], row["discounts_known"]) == (False, False)
    assert "cart_item_additional_cost_total" not in row  # unknown to that SDK
    flat = flat_of(doc, dialect="csharp_v2")
    assert flat_rows(flat, "cart_items")[0] | {"attributes": "{}"} == {
        "line": 0,
        "sku": "A",
        "quantity": 1,
        "returned_quantity": 0,
        "remaining_quantity": 1,
        "price": "0",
        "attributes": "{}",
    }
    assert flat_rows(flat, "additional_costs") == [
        {"name": "Post", "price": "0"},
        {"line": 0, "name": "Wrap", "price": "0"},
    ]


@pytest.mark.parametrize(
    "spell",
    [
        str.upper,
        str.lower,
        lambda key: key[0].upper() + key[1:],
        lambda key: re.sub("([A-Z])", r"_\1", key).lower(),
    ],
    ids=["UPPER", "lower", "Pascal", "snake_case"],
)
def test_members_match_in_any_spelling_and_user_data_never_changes(
    spell: Callable[[str], str],
) -> None:
    own = {"integration_id": 1, "IntegrationId": "2", "TOTAL": None}
    amounts = {"total": 1, "Total": 2, "unit_price": 3}
    line = item(attributes=own, additionalCosts={}, prices={}, catalogItemID=5, returnedQuantity=0)
    line = {spell(key): value for key, value in line.items()}
    doc = {spell(key): value for key, value in session(attributes=own, discounts=amounts).items()}
    costs = {name: {spell("price"): amount} for name, amount in amounts.items()}
    line[spell("additionalCosts")] = line[spell("prices")] = costs
    doc |= {spell("cartItems"): [line], spell("firstSession"): True}
    flat = flat_of(doc)
    assert flat.reasons == []
    row = flat_rows(flat, "sessions")[0]
    assert (row["integration_id"], row["total"], row["first_session"]) == ("S-1", "10", True)
    assert flat_rows(flat, "cart_items")[0]["catalog_item_id"] == 5
    assert {r["label"]: r["value"] for r in flat_rows(flat, "discounts")} == {
        "total": "1",
        "Total": "2",
        "unit_price": "3",
    }
    for table, name in (("additional_costs", "name"), ("item_prices", "price_type")):
        assert [r[name] for r in flat_rows(flat, table)] == list(amounts)
    assert [r["name"] for r in flat_rows(flat, "attributes")] == [*own, *own]


def test_profile_id_means_the_shops_id_or_talon_ones_number_by_dialect() -> None:
    v1 = flat_rows(flat_of(session(profileId="138")), "sessions")[0]
    managed = session(profileId=138, profileintegrationid="anna", totalDiscounts=0)
    single = flat_rows(flat_of(managed), "sessions")[0]
    assert (v1["profile_id"], "profile_internal_id" in v1) == ("138", False)
    assert (single["profile_id"], single["profile_internal_id"]) == ("anna", 138)
    assert flat_of(session(profileId=138)).reasons[0].path == "profileId"


UNKNOWN = """{"integrationId": "S-1", "applicationId": 1, "created": "2024-03-01T10:00:00Z",
"Weird": 1.50, "weird": {"a": [ 1 ]}, "discounts": {}, "total": 1,
"additionalCosts": {"post": {"price": 1, "tax": 0.10}},
"cartItems": [{"sku": "A", "quantity": 1, "price": 1, "masterId": "m", "product": {"name": "P",
"brand": "B"}, "additionalCosts": {"wrap it": {"price": 1, "tax": 2}}, "prices": {"base": {"price":
1, "note": null}}}]}"""


def test_members_that_the_model_does_not_know_are_kept_as_they_came() -> None:
    tables = read(UNKNOWN)
    row, line = one(tables), one(tables, "cart_items")
    assert row["extras"] == (
        '{"Weird":1.50,"weird":{"a": [ 1 ]},"additionalCosts.post":{"tax":0.10}}'
    )
    assert json.loads(line["extras"]) == {
        "masterId": "m",
        "product": {"brand": "B"},
        "additionalCosts['wrap it']": {"tax": 2},
        "prices.base": {"note": None},
    }
    unknown = {row["path"]: row["count"] for row in findings(tables, "unknown-member")}
    assert unknown == {
        "Weird": 1,
        "weird": 1,
        "additionalCosts{}.tax": 1,
        "cartItems[].masterId": 1,
        "cartItems[].product.brand": 1,
        "cartItems[].additionalCosts{}.tax": 1,
        "cartItems[].prices{}.note": 1,
    }


def test_an_unknown_member_that_stands_twice_is_kept_twice() -> None:
    text = json.dumps(session())[:-1] + ', "twice": 1.0, "twice": {"a": 2}}'
    assert flat_rows(flat_of(text), "sessions")[0]["extras"] == '{"twice":1.0,"twice":{"a":2}}'


def test_an_unknown_member_is_counted_per_file_and_key() -> None:
    lines = [item(foo=1), item(foo=2)]
    tables = read([session(cartItems=lines, bar=1)], [session(integrationId="S-2", bar=2)] * 2)
    found = findings(tables, "unknown-member")
    assert {(row["source_file"], row["path"]): row["count"] for row in found} == {
        ("file-1", "bar"): 1,
        ("file-1", "cartItems[].foo"): 2,
        ("file-2", "bar"): 2,
    }


@pytest.mark.parametrize(
    "record",
    [
        {"type": "SCHEMA", "stream": "sessions", "schema": {}, "key_properties": []},
        {"type": "STATE", "value": {}},
        {"type": "ACTIVATE_VERSION", "stream": "sessions", "version": 1},
    ],
    ids=lambda record: record["type"],
)
def test_a_line_of_a_singer_tap_that_is_no_record_counts_for_nothing(
    record: dict[str, Any],
) -> None:
    assert is_noise(record)
    assert understand(RawRecord(1, 0, dump(record), "json")) is None


@pytest.mark.parametrize("kind", ["STATE", [], {}, None])
def test_a_session_with_a_member_called_type_is_still_a_session(kind: object) -> None:
    assert flat_rows(flat_of(session(type=kind)), "sessions")[0]["integration_id"] == "S-1"


def test_a_singer_record_of_another_stream_is_no_session() -> None:
    coupon = {"type": "RECORD", "stream": "coupons", "record": {"id": 1, "value": "X"}}
    understood = understand(RawRecord(1, 0, dump(coupon), "json"))
    assert isinstance(understood, Reason)
    assert (understood.code, understood.found) == ("not-a-session", "an object with id, value")


@pytest.mark.parametrize(
    "text",
    [
        '{"customerSession": {"integrationId": "a"}, "customerSession": {"integrationId": "b"}}',
        '{"customerSession": {"integrationId": "a"}, "customer_session": {}}',
        '{"session": {}, "Session": {}}',
    ],
)
def test_a_response_with_two_sessions_is_refused(text: str) -> None:
    understood = understand(RawRecord(1, 0, text.encode(), "json"))
    assert isinstance(understood, Reason)
    assert (understood.code, understood.expected) == ("duplicate-key", "one session")


def test_what_stands_beside_the_session_of_a_response_is_told_of_its_file() -> None:
    tables = read({"customerSession": session(discounts=...), "effects": [], "loyalty": {}})
    (load,) = tables.loads.to_pylist()
    assert load["message"] == "beside the sessions, and not read: loyalty"
    assert load["dialects"] == ["v2_response"]


def test_exports_without_sessions_cost_the_others_nothing() -> None:
    folder = CASES / "without_sessions"
    analytics = folder / "campaign_analytics_export.csv"
    with pytest.raises(ReadError, match="an export of campaign analytics: it holds no session"):
        sessionkit.read(analytics)
    tables = sessionkit.read(folder, CASES / "v1_session")
    statuses = {
        Path(load["source_file"]).name: (load["status"], load["records"])
        for load in tables.loads.to_pylist()
    }
    assert statuses == {
        "campaign_analytics_export.csv": ("skipped", 0),
        "effects_export.csv": ("read", 2),
        "dump.json": ("read", 1),
        "expected.json": ("read", 1),
    }


def test_a_named_dialect_is_taken_at_its_word() -> None:
    doc = session(profileId=7)
    assert read(doc, dialect="single_session").sessions["profile_internal_id"].to_pylist() == [7]
    with pytest.raises(UsageError, match=r"unknown dialect 'v3'.*There are: csharp_v1"):
        read(doc, dialect="v3")
    understood = understand(RawRecord(1, 0, dump(doc), "json"), "v2_response")
    assert isinstance(understood, Reason)
    assert understood.code == "not-a-session"


def test_sessions_of_the_integration_api_that_a_script_put_into_data_are_what_they_are() -> None:
    one = b'{"integrationId": "S-1", "applicationId": 1, "created": "2026-01-31T09:05:27Z", %s}'
    page = b'{"data": [%s]}' % one.replace(b"%s", b'"profileId": "ada", "cartItemTotal": 5')
    tables = sessionkit.read(io.BytesIO(page))
    assert tables.sessions["dialect"].to_pylist() == ["v2_session"]
    assert tables.sessions["profile_id"].to_pylist() == ["ada"]
    assert tables.sessions["cart_item_total"].to_pylist() == [Decimal(5)]
