"""What a naive loader gets wrong: one test for each known trap of these dumps, by its number.

Four of the forty-four are no matter of reading sessions, and have no test here:

35  A unit's place within its line (`subPosition`) stands in effects only, and sessions have none.
41  Effects are sent again at every update. Effects are not read yet; that they are not mistaken
    for discounts of the session is part of trap 8.
42  Test applications cannot be told from live ones: no member of a session says which it is.
43  Dry runs cannot either: their responses are those of real sessions in every member.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from sessionkit.errors import ReadError
from sessionkit.schemas import Sessions
from sessionkit.tables import IDENTIFIERS, REJECTS, SESSIONS
from tests.reading import (
    codes,
    findings,
    item,
    model,
    one,
    read,
    reasons,
    rows,
    rules,
    session,
)
from tests.versions import CSV_HEADER

HEAD = '{"integrationId": "S-1", "applicationId": 1, "created": "2024-03-01T10:00:00Z", '
EXPORTED = {
    "id": "12",
    "firstsession": "true",
    "integrationid": "S-1",
    "applicationid": "1",
    "profileid": "7",
    "profileintegrationid": "anna",
    "created": "2024-03-01T10:00:00Z",
    "state": "open",
    "cartitems": "[]",
    "discounts": "{}",
    "total": "10.00",
    "attributes": "{}",
    "closedat": "0001-01-01T00:00:00Z",
    "cancelledat": "0001-01-01T00:00:00Z",
    "referral": "",
    "identifiers": "null",
    "additional_costs": "{}",
    "updated": "2024-03-01T10:00:00Z",
    "store_integration_id": "",
    "coupons": "[]",
}
assert list(EXPORTED) == CSV_HEADER


def export(*changes: dict[str, str], newline: str = "\n") -> bytes:
    """A CSV export with a row for each, which differs from `EXPORTED` by what is given."""
    text = io.StringIO()
    header = list(EXPORTED | changes[0])
    writer = csv.DictWriter(text, header, lineterminator=newline)
    writer.writeheader()
    writer.writerows(EXPORTED | change for change in changes)
    return text.getvalue().encode()


def ids(tables: Any) -> list[str]:
    return [row["integration_id"] for row in rows(tables, "sessions")]


# Numbers


def test_trap_01_no_digit_goes_through_a_float_and_nan_is_a_reject() -> None:
    big = '"total": 12345678901234567.891, "id": 9007199254740993, "discounts": {"a": 11.0}}'
    tables = read(f'{HEAD}{big}\n{HEAD}"total": NaN}}\n{HEAD}"total": 1e400}}\n')
    assert one(tables)["total"] == "12345678901234567.891"
    assert one(tables)["internal_id"] == 2**53 + 1
    assert codes(tables) == ["not-json", "out-of-range"]


def test_trap_02_the_total_of_a_csv_export_is_exact() -> None:
    tables = read(export({"total": "12345678901234567.89"}))
    assert tables.sessions["total"].to_pylist() == [Decimal("12345678901234567.89")]
    assert tables.sessions.schema.field("total").type == pa.decimal128(38, 18)


def test_trap_03_sums_in_sql_are_exact() -> None:
    cents = [session(integrationId=f"S-{n}", total="0.1") for n in range(3)]
    tables = read([*cents, session(integrationId="S-9", total="99999999999999.7")])
    total = tables.sql("select sum(total) as total from sessions").table["total"].to_pylist()
    assert total == [Decimal(10) ** 14]


def test_trap_04_digits_are_never_rounded_in_silence() -> None:
    tables = read(
        f'{HEAD}"total": 1.005, "cartItems": [{{"sku": "A", "quantity": 1, "price":'
        ' 33.333333333333336}], "discounts": {"long": 0.12345678901234567895}}'
    )
    assert (one(tables)["total"], one(tables, "cart_items")["price"]) == (
        "1.005",
        "33.333333333333336",
    )
    (doubt,) = findings(tables, "money-rounded")
    assert (doubt["path"], doubt["seen"]) == ("discounts.long", "0.12345678901234567895")
    assert one(tables, "discounts")["value"] == "0.123456789012345679"


def test_trap_05_plain_decimal_texts_are_money_and_other_texts_are_not() -> None:
    texts = ["18.35", "-2", "1,850.00", "12,50", "1 850", "€5", "1e3", ""]
    tables = read([session(integrationId=text, total=text) for text in texts])
    assert {row["integration_id"]: row["total"] for row in rows(tables, "sessions")} == {
        "18.35": "18.35",
        "-2": "-2",
    }
    assert codes(tables) == ["wrong-type"] * 5 + ["wrong-type", "missing-member"]


def test_trap_06_float_noise_is_kept_and_whole_floats_are_whole_numbers() -> None:
    line = '{"sku": "A", "quantity": 2.0, "position": 0.0, "price": 131072.015625}'
    record = f'"cartItems": [{line}], "id": 6.0}}'
    tables = read(HEAD.replace('"applicationId": 1', '"applicationId": 322.0') + record)
    assert (one(tables)["application_id"], one(tables)["internal_id"]) == (322, 6)
    row = one(tables, "cart_items")
    assert (row["quantity"], row["position"], row["price"]) == (2, "0", "131072.015625")


def test_trap_07_quantities_below_one_or_broken_are_rejects_and_odd_returns_are_findings() -> None:
    bad = [item(quantity=quantity) for quantity in (0, -1, 2.5, "1.5")]
    odd = [
        item(quantity=1, returnedQuantity=2, remainingQuantity=0),
        item(quantity=3, returnedQuantity=1, remainingQuantity=1),
    ]
    tables = read(
        [
            *(session(integrationId=f"bad-{n}", cartItems=[line]) for n, line in enumerate(bad)),
            session(cartItems=odd),
        ]
    )
    assert ids(tables) == ["S-1"]
    assert codes(tables) == ["out-of-range", "out-of-range", "wrong-type", "wrong-type"]
    assert rules(tables)["returned-exceeds-quantity"] == 1
    assert rules(tables)["returned-plus-remaining"] == 2


def test_trap_08_a_zero_sum_of_a_list_page_and_an_empty_map_of_v2_are_unknown() -> None:
    listed = session(id=1, profileId=0, totalDiscounts=0)
    effect = {"effectType": "setDiscount", "props": {"name": "Ten", "value": 10}}
    response = {
        "customerSession": session(integrationId="S-2", cartItemTotal=10),
        "effects": [effect],
    }
    tables = read({"data": [listed], "hasMore": False}, response)
    first, second = rows(tables, "sessions")
    assert {"discounts_known", "discount_total", "total_discounts"}.isdisjoint(first)
    assert (second["discounts_known"], second.get("discount_total")) == (False, None)
    assert findings(tables, "list-discount-sentinel")[0]["count"] == 1


def test_trap_09_a_total_that_does_not_add_up_is_a_doubt_and_no_reject() -> None:
    def v2(name: str, total: str) -> dict[str, Any]:
        line = item(price="99.99", additionalCosts={"wrap": {"price": 15}})
        costs = {"post": {"price": 20}}
        totals = {"cartItemTotal": "99.99", "additionalCostTotal": 20}
        return session(
            integrationId=name, total=total, cartItems=[line], additionalCosts=costs, **totals
        )

    shop = session(integrationId="shop", total="99.00", cartItems=[item(price="99.99")])
    tables = read([v2("without", "119.99"), v2("with", "134.99"), v2("neither", "99.99"), shop])
    doubts = findings(tables, "total-reconciles")
    assert {row["integration_id"]: row["severity"] for row in doubts} == {
        "neither": "warning",
        "shop": "info",
    }
    assert tables.sessions.num_rows == 4


def test_trap_10_odd_discounts_are_doubts_with_their_amounts() -> None:
    tables = read(session(total=10, discounts={"big": 11, "back": -0.5, "nothing": 0}))
    assert [row["value"] for row in rows(tables, "discounts")] == ["-0.5", "11", "0"]
    assert one(tables)["discount_total"] == "10.5"
    assert rules(tables)["discount-exceeds-total"] == rules(tables)["negative-discount"] == 1


# Ids and texts


def test_trap_11_ids_codes_skus_and_labels_are_texts_whatever_they_look_like() -> None:
    words = ["00123", "1e5", "NA", "null", "nan", "None", "true", "1.50", "#N/A", "-"]
    lines = [{"sku": word, "quantity": 1} for word in words]
    table = export(
        *(
            {
                "integrationid": word,
                "profileintegrationid": word,
                "referral": word,
                "store_integration_id": word,
                "coupons": json.dumps([word]),
                "discounts": json.dumps({word: 1}),
                "cartitems": json.dumps(lines),
            }
            for word in words
        )
    )
    tables = read(table)
    expected = sorted(words)
    for name in ("integration_id", "profile_id", "referral_code", "store_id"):
        assert sorted(tables.sessions[name].to_pylist()) == expected, name
    assert sorted(row["code"] for row in rows(tables, "coupons")) == expected
    assert sorted(row["label"] for row in rows(tables, "discounts")) == expected
    assert [row["sku"] for row in rows(tables, "cart_items")] == words * len(words)


def test_trap_12_internal_ids_have_64_bits_and_may_be_texts() -> None:
    tables = read(
        f'{HEAD}"id": 9223372036854775807, "coupon": "", "profileintegrationid": "x",'
        ' "profileId": "9007199254740993"}'
    )
    assert one(tables)["internal_id"] == 2**63 - 1
    assert one(tables)["profile_internal_id"] == 2**53 + 1
    assert reasons(read(f'{HEAD}"id": 9223372036854775808}}')) == [("out-of-range", "id")]


def test_trap_13_profile_id_is_two_things_and_none_has_three_forms() -> None:
    managed = session(id=1, profileId=0, profileintegrationid="", totalDiscounts=0)
    tables = read(
        [
            managed | {"integrationId": "a"},
            managed | {"integrationId": "b", "profileId": 138, "profileintegrationid": "anna"},
            session(integrationId="c", profileId="138"),
            session(integrationId="d", profileId=""),
            session(integrationId="e"),
        ]
    )
    found = [(r.get("profile_id"), r.get("profile_internal_id")) for r in rows(tables, "sessions")]
    assert found == [(None, None), ("anna", 138), ("138", None), (None, None), (None, None)]


def test_trap_14_nothing_is_written_in_many_ways() -> None:
    cells = [
        {"integrationid": "empty", "coupons": "", "identifiers": "", "attributes": "", "total": ""},
        {"integrationid": "null", "coupons": "null", "identifiers": "null", "cartitems": "null"},
        {"integrationid": "brackets", "coupons": "[]", "identifiers": "[]"},
        {"integrationid": "null in list", "coupons": "[null]"},
    ]
    tables = read(export(*cells), session(coupon="", referral="", identifiers=None))
    told = {
        row["integration_id"]: (row["coupon_codes"], row.get("identifiers"), row["attributes"])
        for row in rows(tables, "sessions")
    }
    assert told == {
        "empty": ([], None, "{}"),
        "null": ([], None, "{}"),
        "brackets": ([], [], "{}"),
        "S-1": ([], None, "{}"),
    }
    assert reasons(tables) == [("wrong-type", "couponCodes[0]")]


def test_trap_15_the_same_key_is_one_session_of_its_application_in_its_latest_version() -> None:
    first = session(updated="2024-03-01T11:00:00Z", state="open", profileId="anna")
    later = first | {"updated": "2024-03-01T12:00:00Z", "state": "closed"}
    other = later | {"profileId": "bob"}
    tables = read([first, later, first], [later, other, later | {"applicationId": 2}])
    assert [(row["application_id"], row["state"]) for row in rows(tables, "sessions")] == [
        (1, "closed"),
        (2, "closed"),
    ]
    assert (tables.repeats, tables.older) == (2, 2)
    assert {row["path"] for row in findings(tables, "duplicate-conflict")} == {"profileId"}
    same = read([first, first], [first])
    assert (same.repeats, rules(same)["duplicate-conflict"]) == (2, 0)


def test_trap_16_coupon_codes_keep_the_case_they_were_entered_in() -> None:
    tables = read(session(couponCodes=["test-1", "TEST-1", "test-1"]))
    assert [row["code"] for row in rows(tables, "coupons")] == ["TEST-1", "test-1"]


ODD_TEXTS = [
    "”Interactive”",
    "Do\u0308ner",
    "Döner",
    'a,"b"\nc;\td',
    "=cmd|' /C calc'!A0",
    " x ",
    "😀",
]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_trap_17_texts_come_through_unchanged_past_marks_and_line_ends(newline: str) -> None:
    cells = [
        {"integrationid": text, "referral": text, "discounts": json.dumps({text: 1})}
        for text in ODD_TEXTS
    ]
    docs = [session(integrationId=text, referral=text, discounts={text: 1}) for text in ODD_TEXTS]
    lines = newline.join(json.dumps(doc, ensure_ascii=False) for doc in docs).encode()
    for content in (export(*cells, newline=newline), lines):
        tables = read(b"\xef\xbb\xbf" + content)
        assert sorted(ids(tables)) == sorted(ODD_TEXTS)
        assert sorted(row["label"] for row in rows(tables, "discounts")) == sorted(ODD_TEXTS)
        assert sorted(row["referral_code"] for row in rows(tables, "sessions")) == sorted(ODD_TEXTS)


def test_trap_18_an_integration_id_may_be_a_url() -> None:
    url = "gid://shopify/Cart/c1-9a?key=../../b&x=%2F"
    assert ids(read(session(integrationId=url))) == [url]


# Time


def test_trap_19_the_zero_time_is_never_and_no_date() -> None:
    tables = read(export({}, {"integrationid": "S-2", "closedat": "2024-03-02T10:00:00Z"}))
    assert tables.sessions["closed_at"].null_count == 1
    assert tables.sessions["cancelled_at"].null_count == 2
    assert pc.min(tables.sessions["closed_at"]).as_py() == datetime(2024, 3, 2, 10, tzinfo=UTC)


def test_trap_20_seven_and_nine_digits_of_a_second_are_cut_to_six() -> None:
    tables = read(
        session(created="2024-03-01T10:00:00.1234567Z", updated="2024-03-01T10:00:00.123456789Z")
    )
    assert one(tables)["created_at"] == one(tables)["updated_at"] == "2024-03-01T10:00:00.123456Z"


def test_trap_21_times_in_other_forms_are_understood_or_refused_never_guessed() -> None:
    good = ["2024-03-01 10:00:00+00:00", "2024-03-01T17:00:00+07:00", "2024-03-01t10:00:00z"]
    bad = [
        "2024-03-01 10:00:00",
        "2021-05-03T12:32:00Z07:00",
        "2024-02-01T23:59:99Z",
        "1709287200",
        "44690.545",
        "03/01/2024 10:00",
        "/Date(1709287200000)/",
    ]
    tables = read([session(integrationId=text, created=text) for text in [*good, *bad]])
    assert {row["created_at"] for row in rows(tables, "sessions")} == {"2024-03-01T10:00:00Z"}
    assert codes(tables) == ["bad-instant"] * len(bad)
    local = read(session(created="2024-03-01 10:00:00"), assume_tz="Europe/Berlin")
    assert one(local)["created_at"] == "2024-03-01T09:00:00Z"
    formatted = read(session(created="03/01/2024 10:00"), date_format="%m/%d/%Y %H:%M")
    assert one(formatted)["created_at"] == "2024-03-01T10:00:00Z"


def test_trap_22_instants_are_utc_wherever_the_reader_lives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    tables = read(session(created="2024-03-01T23:30:00Z"))
    assert tables.sessions.schema.field("created_at").type == pa.timestamp("us", "UTC")
    query = "select cast(date_trunc('day', created_at) as date) as day from sessions"
    assert tables.sql(query).table["day"].to_pylist() == [datetime(2024, 3, 1).date()]


def test_trap_23_whole_seconds_of_the_export_meet_microseconds_of_the_api() -> None:
    fine = session(
        created="2024-03-01T10:00:00.993483Z", updated="2024-03-01T10:05:00.5Z", state="open"
    )
    tables = read(export({"updated": "2024-03-01T10:05:00Z"}), fine)
    assert (tables.sessions.num_rows, tables.repeats) == (1, 1)
    assert one(tables)["created_at"] == "2024-03-01T10:00:00.993483Z"
    assert rules(tables)["duplicate-conflict"] == 0


# JSON and CSV structure


def test_trap_24_a_cell_may_be_megabytes_long() -> None:
    line = item(name="x" * 200, attributes={"color": "red"})
    cart = json.dumps([line] * 8000)
    assert len(cart) > 2_000_000
    before = csv.field_size_limit()
    tables = read(export({"cartitems": cart}, {"integrationid": "S-2"}))
    assert [row["line_count"] for row in rows(tables, "sessions")] == [8000, 0]
    assert csv.field_size_limit() == before


def test_trap_25_a_key_that_stands_twice_is_a_reject_and_no_matter_of_luck() -> None:
    doubled = [
        f'{HEAD}"total": 2.5, "total": 3.0}}',
        f'{HEAD}"total": 2.5, "Total": 2.5}}',
        f'{HEAD}"discounts": {{"a": 1, "a": 2}}}}',
        f'{HEAD}"cartItems": [{{"sku": "A", "sku": "B", "quantity": 1}}]}}',
        f'{HEAD}"additionalCosts": {{"a": {{"price": 1, "price": 2}}}}}}',
        f'{HEAD}"attributes": {{"a": 1, "a": 2}}}}',
    ]
    tables = read("\n".join(doubled))
    found = [code for code in codes(tables) if code != "missing-member"]
    assert found == ["duplicate-key"] * len(doubled)
    assert tables.sessions.num_rows == 0


def test_trap_26_a_bad_json_cell_is_told_by_its_column() -> None:
    cells = ["null", '"null"', "", '[{"sku": "A", "quantity": 1}', "[{]}", "abc"]
    tables = read(export(*({"integrationid": cell, "cartitems": cell} for cell in cells)))
    assert sorted(ids(tables)) == ["null"]
    told = [reject["reasons"][0] for reject in tables.rejects.to_pylist()]
    # an empty cell tells that there is nothing, and an empty id is none
    assert [(reason["code"], reason["path"]) for reason in told] == [
        ("wrong-type", "cartItems"),
        ("missing-member", "integrationId"),
        ("not-json", "cartitems"),
        ("not-json", "cartitems"),
        ("not-json", "cartitems"),
    ]


def test_trap_27_json_in_a_text_and_python_in_a_cell_are_named() -> None:
    doubled = session(cartItems='[{"sku": "A"}]', attributes='{"a": 1}')
    python = export({"cartitems": "[{'sku': 'A', 'gift': None, 'new': True}]"})
    tables = read(doubled, python)
    found = [r["found"] for reject in tables.rejects.to_pylist() for r in reject["reasons"]]
    assert found == [
        "a text that holds JSON (encoded twice)",
        "a text that holds JSON (encoded twice)",
        "a Python dictionary as text (write such cells with json.dumps)",
    ]


def test_trap_28_sessions_come_in_many_containers() -> None:
    docs = [session(integrationId=f"S-{number}", profileId="x") for number in range(3)]
    texts = [json.dumps(doc) for doc in docs]
    singer = [json.dumps({"type": "RECORD", "stream": "sessions", "record": doc}) for doc in docs]
    containers = {
        "array": f"[{','.join(texts)}]",
        "lines": "\n".join(texts),
        "strung": "".join(texts),
        "spread": json.dumps(docs, indent=2),
        "v1": "\n".join(f'{{"session": {text}, "profile": {{}}}}' for text in texts),
        "singer": '{"type": "STATE", "value": {}}\n' + "\n".join(singer),
        "mixed": f"[{texts[0]}]\n{texts[1]}{texts[2]}",
    }
    expected = model(read(docs))
    for name, content in containers.items():
        assert model(read(content)) == expected, name
    assert codes(read('{"effects": []}')) == ["effects-without-session"]
    unfinished = read({"hasMore": True, "data": [docs[0] | {"profileId": 0}]})
    assert rules(unfinished)["incomplete-export"] == 1


def test_trap_29_members_are_spelt_in_five_ways() -> None:
    ways = [
        {"catalogItemID": 5, "selectedPriceType": "a"},
        {"catalogitemid": 5, "selectedpricetype": "a"},
        {"catalog_item_id": 5, "selected_price_type": "a"},
        {"CatalogItemID": 5, "SelectedPriceType": "a"},
        {"catalogItemId": 5, "SELECTED_PRICE_TYPE": "a"},
    ]
    experiments = [{"experimentID": 1, "variantID": 2}]
    lines = [item(**way) for way in ways]
    tables = read(session(cartItems=lines, experimentVariantAllocations=experiments))
    told = {(r["catalog_item_id"], r["selected_price_type"]) for r in rows(tables, "cart_items")}
    assert told == {(5, "a")}
    assert json.loads(one(tables)["experiments"]) == experiments
    assert rules(tables)["unknown-member"] == 0


def test_trap_30_columns_come_and_go_and_headers_come_again() -> None:
    old = [name for name in CSV_HEADER if name not in {"store_integration_id", "additional_costs"}]
    text = io.StringIO()
    writer = csv.DictWriter(text, [*reversed(old), "experiment"], extrasaction="ignore")
    for number in range(2):
        writer.writeheader()
        writer.writerow(EXPORTED | {"integrationid": f"S-{number}", "experiment": "B"})
    for pack in (gzip.compress, bz2.compress, lzma.compress):
        tables = read(pack(text.getvalue().encode()))
        assert ids(tables) == ["S-0", "S-1"]
        assert tables.records == 2
        assert [row["extras"] for row in rows(tables, "sessions")] == ['{"experiment":"B"}'] * 2
        assert findings(tables, "unknown-member")[0]["count"] == 2


def test_trap_31_an_attribute_may_be_anything_and_is_called_anything() -> None:
    values = ["5", 5, None, "null", "", True, ["a", 1], {"a": {"b": 1}}, 1.5]
    names = {"ShippingCost": 50, "total": "x", "state": "y", "integrationId": 1}
    docs = [
        session(integrationId=f"S-{n}", attributes=names | {"mixed": value}, additionalCosts={})
        for n, value in enumerate(values)
    ]
    tables = read(docs)
    mixed = [row for row in rows(tables, "attributes") if row["name"] == "mixed"]
    assert [json.loads(row["value"]) for row in mixed] == values
    assert [row["kind"] for row in mixed] == [
        "string",
        "number",
        "null",
        "string",
        "string",
        "boolean",
        "list",
        "object",
        "number",
    ]
    assert set(tables.sessions["state"].to_pylist()) == {"open"}


def test_trap_32_a_cost_is_an_object_with_a_price() -> None:
    tables = read(
        [
            session(integrationId="right", additionalCosts={"post": {"price": 5}}),
            session(integrationId="scalar", additionalCosts={"post": 5}),
            session(integrationId="empty", additionalCosts={"post": {}}),
            session(integrationId="line", cartItems=[item(additionalCosts={"post": None})]),
        ]
    )
    assert ids(tables) == ["right"]
    assert codes(tables) == ["wrong-type", "missing-member", "wrong-type"]


def test_trap_33_a_cart_may_be_null_or_missing_but_its_lines_may_not() -> None:
    docs = [
        session(integrationId=f"S-{n}", cartItems=cart) for n, cart in enumerate([None, ..., []])
    ]
    tables = read([*docs, session(integrationId="S-9", cartItems=[item(), None])])
    assert [(r["line_count"], r["items_total"]) for r in rows(tables, "sessions")] == [(0, "0")] * 3
    assert reasons(tables) == [("wrong-type", "cartItems[1]")]


def test_trap_34_the_place_in_the_list_is_the_line_and_the_position_is_the_apis() -> None:
    lines = [item(sku="a"), item(sku="b", position=7), item(sku="c", position=0)]
    tables = read(session(cartItems=lines))
    told = [(r["line"], r["sku"], r.get("position")) for r in rows(tables, "cart_items")]
    assert told == [(0, "a", None), (1, "b", "7"), (2, "c", "0")]
    odd = read(session(cartItems=[item(position=1.5)]))
    assert rules(odd)["position-not-whole"] == 1


# State


def test_trap_36_states_in_any_spelling_are_known_and_others_are_rejects() -> None:
    spelt = ["Partially_Returned", "partially-returned", "PartiallyReturned", "CANCELED", "Open"]
    others = ["returned", "", "4", 3]
    docs = [session(integrationId=f"S-{n}", state=s) for n, s in enumerate([*spelt, *others])]
    tables = read(docs)
    assert [row["state"] for row in rows(tables, "sessions")] == [
        *["partially_returned"] * 3,
        "cancelled",
        "open",
    ]
    assert codes(tables) == ["bad-state"] * 4
    for numbers, meant in (("three", "cancelled"), ("four", "partially_returned")):
        assert one(read(session(state=3), state_numbers=numbers))["state"] == meant


def test_trap_37_a_session_without_a_state_is_open() -> None:
    tables = read(
        [session(integrationId="a"), session(integrationId="b", state=None)],
        export({"state": ""}),
    )
    assert {row["state"] for row in rows(tables, "sessions")} == {"open"}


def test_trap_38_closing_times_are_missed_only_where_the_dump_tells_them() -> None:
    states = ["closed", "partially_returned", "cancelled"]
    told = export(*({"integrationid": f"csv-{state}", "state": state} for state in states))
    untold = [session(integrationId=f"json-{state}", state=state) for state in states]
    tables = read(told, untold)
    assert tables.sessions.num_rows == 6
    without = findings(tables, "closed-without-time") + findings(tables, "cancelled-without-time")
    assert sorted(row["integration_id"] for row in without) == [
        "csv-cancelled",
        "csv-closed",
        "csv-partially_returned",
    ]


def test_trap_39_an_absent_zero_is_a_zero_only_where_the_caller_says_so() -> None:
    doc = session(total=..., firstSession=..., cartItems=[item(price=..., returnedQuantity=1)])
    plain, csharp = read(doc), read(doc, dialect="csharp_v1")
    assert {"total", "first_session"}.isdisjoint(one(plain))
    assert {"price", "remaining_quantity"}.isdisjoint(one(plain, "cart_items"))
    assert rules(plain)["missing-total"] == rules(plain)["missing-price"] == 1
    assert (one(csharp)["total"], one(csharp)["first_session"]) == ("0", False)
    line = one(csharp, "cart_items")
    assert (line["price"], line["remaining_quantity"], line["returned_quantity"]) == ("0", 0, 1)


def test_trap_40_the_first_session_of_nobody_is_still_nobodys() -> None:
    row = one(read(session(profileId="", firstSession=True)))
    assert row["first_session"] is True
    assert {"profile_id", "profile_internal_id"}.isdisjoint(row)


# Personal data


def test_trap_44_personal_data_is_marked_and_messages_hold_no_more_than_they_need() -> None:
    personal = {column.name for column in SESSIONS.columns if column.personal}
    assert personal >= {"profile_id", "identifiers", "loyalty_cards", "referral_code"}
    assert IDENTIFIERS["identifier"].personal
    assert REJECTS["raw"].personal
    assert Sessions.to_schema().columns["identifiers"].metadata["personal"] is True
    mail = "anna.longname@example.com, 12 Some Street, 12345 Some Town, Some Country"
    tables = read(session(total=mail, identifiers={"mail": mail}, profileId="anna"))
    found = [reason["found"] for reason in tables.rejects.to_pylist()[0]["reasons"]]
    assert all("Country" not in text and "anna" not in text[2:] for text in found)
    with pytest.raises(ReadError) as raised:
        read(f"Dear {mail} " * 9)
    assert "Country" not in str(raised.value)
