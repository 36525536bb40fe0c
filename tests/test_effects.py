"""Effects: from exports and from responses, exactly or as a reject that says why."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

import sessionkit
from sessionkit.errors import ReadError
from sessionkit.intake import Intake
from sessionkit.page.facts import conservation, facts_of
from sessionkit.rejecting import contenders
from sessionkit.session_tables import SessionTables
from sessionkit.sources import find
from sessionkit.staged import staged_schema
from sessionkit.tables import EFFECTS
from sessionkit.values import Reading
from tests.reading import conserved, named, plain, session

TODAY = (
    "created",
    "name",
    "applicationid",
    "campaignid",
    "rulesetid",
    "ruleindex",
    "sessionintegrationid",
    "profileintegrationid",
    "sessionid",
    "profileid",
    "eventid",
    "event_type",
    "total_revenue",
    "props",
    "couponid",
    "store_id",
    "store_integration_id",
)
OLD = (*TODAY[:13], "args")
CELLS = {
    "created": "2026-03-01T10:00:00Z",
    "name": "setDiscount",
    "applicationid": "7",
    "campaignid": "3882",
    "rulesetid": "13599",
    "ruleindex": "0",
    "sessionintegrationid": "S-1",
    "profileintegrationid": "P-1",
    "sessionid": "9707",
    "profileid": "4800",
    "eventid": "98806",
    "event_type": "talon_session_closed",
    "total_revenue": "405.00",
    "props": '{"name": "Summer", "value": 11.0}',
    "args": '["Summer", 11.0]',
    "couponid": "55",
    "store_id": "116",
    "store_integration_id": "STORE-002",
}


def export(*rows: dict[str, str], columns: tuple[str, ...] = TODAY, **how: Any) -> bytes:
    """An export with these rows, each `CELLS` but for what it says itself."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, **({"lineterminator": "\n"} | how))
    writer.writerow(columns)
    writer.writerows([(CELLS | row).get(column, "") for column in columns] for row in rows)
    return text.getvalue().encode()


def read(*contents: bytes, names: tuple[str, ...] = ("a.csv", "b.csv"), **said: Any) -> Any:
    files = [named(name, content) for name, content in zip(names, contents, strict=False)]
    tables = sessionkit.read(*files, **said)
    assert conserved(tables)
    return tables


def told(tables: SessionTables, *columns: str) -> list[tuple[Any, ...]]:
    rows = tables.effects.to_pylist()
    return [tuple(plain(row[column]) for column in columns) for row in rows]


def faults(tables: SessionTables) -> list[tuple[str, str, str]]:
    return [
        (reason["code"], reason["path"], reason["found"])
        for row in tables.rejects.to_pylist()
        for reason in row["reasons"]
    ]


def props(**members: Any) -> dict[str, str]:
    return {"props": json.dumps(members)}


# ---- exports


def test_a_row_of_an_export_fills_every_column() -> None:
    (row,) = read(export({})).effects.to_pylist()
    at = datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert {name: value for name, value in row.items() if value is not None} == {
        "application_id": 7,
        "integration_id": "S-1",
        "session_internal_id": 9707,
        "profile_id": "P-1",
        "profile_internal_id": 4800,
        "store_id": "STORE-002",
        "store_internal_id": 116,
        "event_id": 98806,
        "event_type": "talon_session_closed",
        "created_at": at,
        "place": 0,
        "effect_type": "setDiscount",
        "campaign_id": 3882,
        "ruleset_id": 13599,
        "rule_index": 0,
        "label": "Summer",
        "value": Decimal("11.000000000000000000"),
        "coupon_id": 55,
        "total_revenue": Decimal("405.000000000000000000"),
        "props": '{"name": "Summer", "value": 11.0}',
        "source_file": "a.csv",
        "source_record": 1,
        "dialect": "effects_export",
    }


def test_the_staged_table_has_its_schema_and_the_number_of_each_record() -> None:
    found = find([named("a.csv", export({}, {"name": "boom", "sessionid": "x"}, {}))])
    (staged,) = Intake(found, Reading()).batches()
    assert staged.tables["effects"].schema.equals(staged_schema(EFFECTS))
    assert staged.tables["effects"]["record"].to_pylist() == [0, 2]
    assert staged.tables["effects"]["source_record"].to_pylist() == [1, 3]
    assert staged.tables["effects"]["place"].to_pylist() == [0, 0]
    assert (staged.records["a.csv"], staged.effects["a.csv"], len(staged.rejects)) == (3, 2, 1)
    assert staged.tables["sessions"].num_rows == 0


def test_zero_is_no_id_and_neither_is_an_empty_cell() -> None:
    ids = ("campaignid", "rulesetid", "profileid", "couponid", "store_id", "eventid")
    columns = (
        "campaign_id",
        "ruleset_id",
        "profile_internal_id",
        "coupon_id",
        "store_internal_id",
        "event_id",
        "rule_index",
    )
    rows = told(read(export(dict.fromkeys(ids, "0"), dict.fromkeys(ids, ""))), *columns)
    assert rows == [(None,) * 7] * 2
    assert told(read(export({"sessionid": "0"})), "session_internal_id") == [(None,)]
    assert told(read(export({"ruleindex": "", "total_revenue": ""})), "rule_index") == [(None,)]
    free = export({"total_revenue": "0", **props(name="x", value=0)})
    assert told(read(free), "total_revenue", "value") == [("0", "0")]


@pytest.mark.parametrize(
    ("kind", "cell", "column", "value"),
    [
        ("acceptCoupon", {"value": "XMAS20"}, "coupon_code", "XMAS20"),
        ("rollbackCoupon", {"value": "XMAS20"}, "coupon_code", "XMAS20"),
        ("reserveCoupon", {"couponValue": "XMAS20"}, "coupon_code", "XMAS20"),
        ("rejectCoupon", {"value": "x", "rejectionReason": "New"}, "rejection_reason", "New"),
        ("acceptReferral", {"value": "FRIEND"}, "referral_code", "FRIEND"),
        ("rejectReferral", {"value": "F", "rejectionReason": "R"}, "rejection_reason", "R"),
        (
            "setDiscount",
            {"name": "a", "value": 1, "scope": "sessionTotal"},
            "scope",
            "sessionTotal",
        ),
        ("setDiscountPerItem", {"value": 1, "position": 2.0}, "position", 2),
        ("setDiscountPerItem", {"value": 1, "subPosition": 3}, "sub_position", 3),
        ("setDiscountPerItem", {"value": 1, "desiredValue": 2.5}, "desired_value", "2.5"),
        ("rollbackDiscount", {"value": 9.999, "cartItemPosition": 4}, "position", 4),
        ("rollbackDiscount", {"value": 9.999, "cartItemSubPosition": 4}, "sub_position", 4),
        (
            "setDiscountPerAdditionalCost",
            {"value": 1, "additionalCostId": 8},
            "additional_cost_id",
            8,
        ),
        (
            "setDiscountPerAdditionalCost",
            {"value": 1, "additionalCost": "s"},
            "additional_cost",
            "s",
        ),
        ("setdiscount", {"NAME": "n", "Value": "1.50"}, "value", "1.5"),
        ("SetDiscount", {"value": 1}, "effect_type", "setDiscount"),
        ("addLoyaltyPoints", {"name": "Club", "value": 300}, "label", "Club"),
        ("addLoyaltyPoints", {"name": "Club", "value": 300}, "value", None),
        ("addFreeItem", {"sku": "A", "name": "gift"}, "label", "gift"),
        ("triggerWebhook", {}, "effect_type", "triggerWebhook"),
        ("fromTheFuture", {"name": 3, "value": [1], "position": "left"}, "label", None),
        ("fromTheFuture", {"value": True}, "effect_type", "fromTheFuture"),
    ],
)
def test_properties_fill_the_columns_of_their_type(
    kind: str, cell: dict[str, Any], column: str, value: Any
) -> None:
    tables = read(export({"name": kind, **props(**cell)}))
    assert told(tables, column, "props") == [(value, json.dumps(cell))]


@pytest.mark.parametrize("shape", ['{"name": "a", "value": %s}', '{"value":%s,"nested":{"a":[1]}}'])
@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12345678901234567.89", "12345678901234567.89"),
        ("99999999999999999999.999999999999999999", "99999999999999999999.999999999999999999"),
        ("16.9983", "16.9983"),
        ("33.333333333333336", "33.333333333333336"),
        ('"1.5"', "1.5"),
        ("1e2", "100"),
        ("-0.5", "-0.5"),
        ("0", "0"),
        ("0.1234567890123456785", "0.123456789012345678"),
        ("0.1234567890123456775", "0.123456789012345678"),
    ],
)
def test_an_amount_keeps_every_digit(shape: str, written: str, value: str) -> None:
    tables = read(export({"props": shape % written}))
    assert told(tables, "value") == [(value,)]
    rounded = [row for row in tables.findings.to_pylist() if row["rule"] == "money-rounded"]
    assert len(rounded) == (len(written) > 20 and written.startswith("0"))
    for row in rounded:
        assert (row["path"], row["seen"], row["source_record"]) == ("props.value", written, 1)
        assert (row["application_id"], row["integration_id"]) == (7, "S-1")


def test_a_rounded_revenue_is_told_too() -> None:
    cell = "1.0000000000000000005"
    (finding,) = read(export({}, {"total_revenue": cell})).findings.to_pylist()
    assert (finding["rule"], finding["path"], finding["seen"], finding["source_record"]) == (
        "money-rounded",
        "totalrevenue",
        cell,
        2,
    )


BAD: list[tuple[dict[str, str], str, str, str]] = [
    ({"props": "{'name': 'x'}"}, "not-json", "props", "a Python dictionary"),
    ({"props": "Summer"}, "not-json", "props", "'Summer'"),
    ({"props": '{"value": 1'}, "not-json", "props", "an end"),
    ({"props": '[{"value": 1}]'}, "wrong-type", "props", "a list"),
    ({"props": '"{}"'}, "wrong-type", "props", "encoded twice"),
    ({"props": '{"value": NaN}'}, "not-json", "props", "NaN"),
    ({"props": '{"value": 1, "value": 2}'}, "duplicate-key", "props.value", "two"),
    ({"props": '{"value": true}'}, "wrong-type", "props.value", "true"),
    ({"props": '{"value": "1,50"}'}, "wrong-type", "props.value", "1,50"),
    ({"props": '{"value": 1e20}'}, "out-of-range", "props.value", "1e20"),
    ({"props": '{"value": null}'}, "missing-member", "props.value", "nothing"),
    ({"props": ""}, "missing-member", "props.value", "nothing"),
    ({"props": "null"}, "missing-member", "props.value", "nothing"),
    ({"props": '{"value": 1, "name": 5}'}, "wrong-type", "props.name", "5"),
    ({"props": '{"value": 1, "position": 1.5}'}, "wrong-type", "props.position", "1.5"),
    ({"created": "03/01/2026 10:00"}, "bad-instant", "created", "03/01/2026"),
    ({"created": "2026-03-01T10:00:00"}, "bad-instant", "created", "2026"),
    ({"applicationid": "1e5"}, "wrong-type", "applicationid", "1e5"),
    ({"sessionid": "9.7E+03"}, "wrong-type", "sessionid", "9.7E+03"),
    ({"eventid": "3,882"}, "wrong-type", "eventid", "3,882"),
    ({"profileid": "9223372036854775808"}, "out-of-range", "profileid", "9223372036854775808"),
    ({"total_revenue": "NaN"}, "wrong-type", "totalrevenue", "NaN"),
    ({"name": ""}, "missing-member", "name", "nothing"),
    ({"sessionid": "", "applicationid": ""}, "missing-member", "sessionid", "nothing"),
    ({"sessionid": "0", "sessionintegrationid": ""}, "missing-member", "sessionid", "nothing"),
]


@pytest.mark.parametrize(("cells", "code", "path", "found"), BAD)
def test_a_bad_row_is_a_reject_and_costs_its_neighbours_nothing(
    cells: dict[str, str], code: str, path: str, found: str
) -> None:
    good = {"props": '{"name": "a", "value": 1}'}
    content = export(good, cells, good)
    tables = read(content)
    assert told(tables, "value", "source_record") == [("1", 1), ("1", 3)]
    (row,) = tables.rejects.to_pylist()
    (reason,) = row["reasons"]
    assert (reason["code"], reason["path"]) == (code, path)
    assert found in reason["found"]
    line = content.split(b"\n")[2]
    assert (row["source_record"], row["source_offset"]) == (2, content.index(line))
    assert (row["raw"], row["dialect"]) == (line, "effects_export")


def test_every_fault_of_a_row_is_told() -> None:
    cells = {"created": "?", "sessionid": "?", "props": "?"}
    tables = read(export(cells | {"applicationid": "?"}))
    assert [fault[1] for fault in faults(tables)] == [
        "created",
        "applicationid",
        "sessionid",
        "props",
    ]


def test_a_rejected_effect_leaves_the_session_alone() -> None:
    doc = json.dumps(session(integrationId="S-1", applicationId=7)).encode()
    tables = read(doc, export({"props": "[]"}), names=("s.json", "e.csv"))
    assert tables.sessions.num_rows == 1
    assert "newer-record-rejected" not in tables.findings["rule"].to_pylist()
    (row,) = tables.rejects.to_pylist()
    assert (row["application_id"], row["integration_id"]) == (7, "S-1")


def test_a_rejected_effect_is_no_contender_of_its_session() -> None:
    (staged,) = Intake(find([named("a.csv", export({"props": "?"}))]), Reading()).batches()
    assert (len(staged.rejects), contenders(staged.rejects).num_rows) == (1, 0)


def test_a_rejected_effect_gives_no_finding() -> None:
    fine = props(name="a") | {"props": '{"value": 0.1234567890123456785}'}
    tables = read(export(fine | {"created": "?"}))
    assert (tables.rejects.num_rows, tables.findings.num_rows) == (1, 0)


def test_props_count_where_a_file_has_args_too() -> None:
    row = {"args": "[7]", "props": '{"value": 1}'}
    for columns in ((*TODAY, "args"), ("args", *TODAY)):
        tables = read(export(row, columns=columns))
        assert told(tables, "value", "props", "extras") == [("1", '{"value": 1}', '{"args":"[7]"}')]


def test_the_columns_before_2020_are_read() -> None:
    rows = (
        {},
        {"name": "acceptCoupon", "args": '["XMAS20"]'},
        {"name": "rejectCoupon", "args": '["XMAS20", "CouponExpired"]'},
        {"name": "acceptReferral", "args": '["FRIEND"]'},
        {"name": "setDiscount", "args": '{"name": "Summer", "value": 3}'},
        {"name": "triggerWebhook", "args": '[1, {"a": 2}]'},
    )
    columns = ("effect_type", "value", "coupon_code", "rejection_reason", "referral_code", "props")
    assert set(told(read(export(*rows, columns=OLD)), *columns)) == {
        ("setDiscount", "11", None, None, None, '["Summer", 11.0]'),
        ("acceptCoupon", None, "XMAS20", None, None, '["XMAS20"]'),
        ("rejectCoupon", None, "XMAS20", "CouponExpired", None, '["XMAS20", "CouponExpired"]'),
        ("acceptReferral", None, None, None, "FRIEND", '["FRIEND"]'),
        ("setDiscount", "3", None, None, None, '{"name": "Summer", "value": 3}'),
        ("triggerWebhook", None, None, None, None, '[1, {"a": 2}]'),
    }


def test_a_list_is_no_props() -> None:
    assert faults(read(export({"props": '["Summer", 11.0]'}))) == [
        ("wrong-type", "props", "a list")
    ]


def test_any_order_and_most_subsets_of_the_columns_are_read() -> None:
    whole = told(read(export({})), "integration_id", "value", "session_internal_id")
    assert whole == [("S-1", "11", 9707)]
    back = read(export({}, columns=TODAY[::-1]))
    assert told(back, *EFFECTS.names) == told(read(export({})), *EFFECTS.names)
    few = read(export({}, columns=("props", "sessionid", "name")))
    assert told(few, "integration_id", "value", "session_internal_id") == [(None, "11", 9707)]
    bare = read(export({}, columns=("name", "sessionintegrationid", "campaignid", "applicationid")))
    assert told(bare, "integration_id", "value", "props") == [("S-1", None, "{}")]


def test_unknown_columns_are_kept_and_told_once_per_file() -> None:
    columns = (*TODAY, "experimentid", "Note")
    rows = ({"experimentid": "3", "Note": "ü"}, {}, {"props": "?"})
    tables = read(export(*rows, columns=columns))
    assert told(tables, "extras") == [('{"experimentid":"3","Note":"ü"}',), (None,)]
    findings = tables.findings.to_pylist()
    assert [(row["rule"], row["path"], row["count"]) for row in findings] == [
        ("unknown-member", "Note", 2),
        ("unknown-member", "experimentid", 2),
    ]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ((*TODAY, "props"), "names a column twice: props"),
        ((*TODAY, "eventType"), "names a column twice: eventtype"),
        (tuple(name for name in TODAY if name != "name"), "has no column name"),
    ],
)
def test_a_header_that_cannot_be_is_said(columns: tuple[str, ...], message: str) -> None:
    with pytest.raises(ReadError, match=message):
        read(export({}, columns=columns))


def test_however_it_is_written_the_rows_are_the_same() -> None:
    rows = ({}, {"props": '{"name": "ü, \\"quoted\\"", "value": 1}'}, {"name": "?", "props": "{}"})
    columns = [name for name in EFFECTS.names if name != "source_file"]
    expected = told(read(export(*rows)), *columns)
    assert len(expected) == 3
    for content in (
        export(*rows, lineterminator="\r\n"),
        b"\xef\xbb\xbf" + export(*rows),
        export(*rows, delimiter=";"),
        export(*rows, delimiter="\t"),
        export(*rows, quoting=csv.QUOTE_ALL),
        gzip.compress(export(*rows)),
        export(*rows).replace(b"sessionintegrationid", b"Session_IntegrationId", 1),
    ):
        assert told(read(content), *columns) == expected


def test_what_a_file_is_called_does_not_count() -> None:
    rows = b"integrationid,applicationid,created,total\nS-1,7,2026-03-01T10:00:00Z,5\n"
    names = ("sessions_export.csv", "effects_export.csv")
    tables = read(export({}), rows, names=names)
    assert (tables.sessions.num_rows, tables.effects.num_rows) == (1, 1)
    counts = {row["source_file"]: (row["effects"], row["sessions"]) for row in _loads(tables)}
    assert counts == {"sessions_export.csv": (1, 0), "effects_export.csv": (0, 1)}


def _loads(tables: SessionTables) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tables.loads.to_pylist()
    return rows


def test_a_header_alone_is_a_valid_export_without_a_row() -> None:
    tables = read(export())
    assert tables.effects.schema.equals(EFFECTS.arrow())
    assert (tables.effects.num_rows, _loads(tables)[0]["status"]) == (0, "read")


def test_rows_that_are_none_and_headers_that_come_again() -> None:
    again = read(export({}) + export({"eventid": "5"}))
    assert told(again, "event_id", "source_record") == [(5, 2), (98806, 1)]
    short = read(export({}) + b"only,three,cells\n" + export({"eventid": "5"}).split(b"\n")[1])
    assert short.effects.num_rows == 2
    assert [fault[0] for fault in faults(short)] == ["bad-row"]
    other = read(export({}) + b"integrationid,applicationid\nS-1,7\n")
    assert other.effects.num_rows == 1
    assert [fault[0] for fault in faults(other)] == ["broken-container"]


def test_the_law_that_nothing_is_lost_counts_effects() -> None:
    doc = json.dumps(session()).encode()
    tables = read(doc, export({}, {"props": "?"}, {}), names=("s.json", "e.csv"))
    assert conservation(facts_of(tables)) == (
        "4 records = 1 session + 0 repeats + 0 older + 2 effects + 1 reject"
    )
    alone = read(doc, names=("s.json",))
    assert "effects" not in conservation(facts_of(alone))


def test_times_follow_what_the_caller_says() -> None:
    row = {"created": "01.03.2026 10:00"}
    tables = read(export(row), date_format="%d.%m.%Y %H:%M")
    assert told(tables, "created_at") == [("2026-03-01T10:00:00Z",)]
    zero = read(export({"created": "0001-01-01T00:00:00Z"}))
    assert told(zero, "created_at") == [(None,)]


def test_exports_that_are_checked_one_by_one_and_many_at_once_say_the_same() -> None:
    """A line break in a cell sends a row another way through the reader."""
    odd = {"profileintegrationid": "two\nlines"}
    many = [{"eventid": str(n), **props(name=f"#{n % 7}", value=n / 8)} for n in range(1, 3000)]
    tables = read(export(*many[:1500], odd, *many[1500:]))
    assert tables.effects.num_rows == 3000
    values = {row["event_id"]: row["value"] for row in tables.effects.to_pylist()}
    for row in many:
        assert values[int(row["eventid"])] == Decimal(str(json.loads(row["props"])["value"]))
    assert ("two\nlines",) in told(tables, "profile_id")


# ---- responses


def response(*effects: Any, **members: Any) -> bytes:
    about = {"id": 12, "updated": "2026-03-02T09:00:00.25Z", "couponCodes": [], "discounts": ...}
    inner = session(**(about | {"profileId": "P-1", "storeIntegrationId": "STORE"} | members))
    return json.dumps({"customerSession": inner, "effects": list(effects)}).encode()


EFFECT: dict[str, Any] = {
    "campaignId": 244,
    "rulesetId": 73,
    "ruleIndex": 0,
    "ruleName": "Ten percent",
    "effectType": "setDiscountPerItem",
    "triggeredByCoupon": 3749,
    "props": {"name": "10%#0", "value": 9.999, "position": 0, "subPosition": 0},
}


def test_effects_of_a_response_are_rows_with_the_key_of_its_session() -> None:
    tables = read(response(EFFECT, {"effectType": "x"}, state="closed"))
    row, other = tables.effects.to_pylist()
    assert {name: value for name, value in row.items() if value is not None} == {
        "application_id": 1,
        "integration_id": "S-1",
        "session_internal_id": 12,
        "profile_id": "P-1",
        "store_id": "STORE",
        "created_at": datetime(2026, 3, 2, 9, 0, 0, 250_000, tzinfo=UTC),
        "version_at": datetime(2026, 3, 2, 9, tzinfo=UTC),
        "state": "closed",
        "place": 0,
        "effect_type": "setDiscountPerItem",
        "campaign_id": 244,
        "ruleset_id": 73,
        "rule_index": 0,
        "rule_name": "Ten percent",
        "label": "10%#0",
        "value": Decimal("9.999000000000000000"),
        "position": 0,
        "sub_position": 0,
        "coupon_id": 3749,
        "props": '{"name":"10%#0","value":9.999,"position":0,"subPosition":0}',
        "source_file": "a.csv",
        "source_record": 1,
        "dialect": "v2_response",
    }
    assert (other["place"], other["props"], other["value"]) == (1, "{}", None)
    (load,) = _loads(tables)
    assert (load["message"], load["records"], load["sessions"], load["effects"]) == (None, 1, 1, 0)


def test_numbers_of_a_response_keep_every_digit() -> None:
    text = response(EFFECT).replace(b"9.999", b"12345678901234567.891")
    assert told(read(text), "value") == [("12345678901234567.891",)]
    fine = response(EFFECT).replace(b"9.999", b"0.1234567890123456785")
    tables = read(fine)
    assert told(tables, "value") == [("0.123456789012345678",)]
    paths = {row["rule"]: row["path"] for row in tables.findings.to_pylist()}
    assert paths["money-rounded"] == "effects[0].props.value"


def test_members_without_a_column_are_kept_and_unknown_ones_told() -> None:
    effect = EFFECT | {"conditionIndex": 2, "brandNew": {"a": 1.0}, "experimentId": None}
    tables = read(response(effect, effect))
    assert told(tables, "extras") == [('{"conditionIndex":2,"brandNew":{"a":1.0}}',)] * 2
    unknown = [row for row in tables.findings.to_pylist() if row["rule"] == "unknown-member"]
    assert [(row["path"], row["count"]) for row in unknown] == [("effects[].brandNew", 2)]


@pytest.mark.parametrize(
    ("effect", "code", "path"),
    [
        ({"effectType": None}, "missing-member", "effects[1].effectType"),
        ({"effectType": ""}, "missing-member", "effects[1].effectType"),
        ({"effectType": 5}, "wrong-type", "effects[1].effectType"),
        ({"props": []}, "wrong-type", "effects[1].props"),
        ({"props": "{}"}, "wrong-type", "effects[1].props"),
        ({"props": {"value": "much"}}, "wrong-type", "effects[1].props.value"),
        ({"props": {"value": 10**20}}, "out-of-range", "effects[1].props.value"),
        ({"props": {"name": "x"}}, "missing-member", "effects[1].props.value"),
        ({"props": None}, "missing-member", "effects[1].props.value"),
        ({"campaignId": "x"}, "wrong-type", "effects[1].campaignId"),
        ({"ruleIndex": 0.5}, "wrong-type", "effects[1].ruleIndex"),
        ({"ruleName": 5}, "wrong-type", "effects[1].ruleName"),
        ({"effect_type": "x"}, "duplicate-key", "effects[1].effectType"),
    ],
)
def test_a_bad_effect_is_a_reason_to_reject_its_session(
    effect: dict[str, Any], code: str, path: str
) -> None:
    tables = read(response(EFFECT, EFFECT | effect))
    assert (tables.sessions.num_rows, tables.effects.num_rows) == (0, 0)
    (row,) = tables.rejects.to_pylist()
    assert [(reason["code"], reason["path"]) for reason in row["reasons"]] == [(code, path)]
    assert (row["integration_id"], row["dialect"]) == ("S-1", "v2_response")


def test_what_is_no_effect_at_all_is_a_reason_too() -> None:
    assert faults(read(response(EFFECT, None, 5))) == [
        ("wrong-type", "effects[1]", "nothing"),
        ("wrong-type", "effects[2]", "the number 5"),
    ]
    text = response(EFFECT).replace(b'"effects": [', b'"effects": {}, "x": [')
    assert faults(read(text)) == [("wrong-type", "effects", "an object")]
    twice = response(EFFECT).replace(b'"effects": [', b'"effects": [], "effects": [')
    assert faults(read(twice)) == [("duplicate-key", "effects", "two")]
    doubled = response(EFFECT).replace(b'"value": 9.999', b'"value": 9.999, "value": 1')
    assert [fault[:2] for fault in faults(read(doubled))] == [
        ("duplicate-key", "effects[0].props.value")
    ]


def test_a_rejected_session_takes_its_effects_with_it() -> None:
    tables = read(response(EFFECT, created="?"))
    assert (tables.effects.num_rows, len(faults(tables))) == (0, 1)


def test_no_effects_are_no_rows() -> None:
    assert read(response()).effects.num_rows == 0
    null = response().replace(b'"effects": []', b'"effects": null')
    assert read(null).effects.num_rows == 0
    alone = b'{"effects": [{"effectType": "rollbackDiscount", "props": {"value": 1}}]}'
    assert [fault[0] for fault in faults(read(alone))] == ["effects-without-session"]


@pytest.mark.parametrize(
    ("answer", "known"),
    [
        (response(state="closed"), (True, 0)),
        (response(state="open"), (True, 0)),
        (response(state="partially_returned"), (False, None)),
        (response(state="cancelled"), (False, None)),
        (response(EFFECT, state="closed"), (False, None)),
        (response(state="closed").replace(b'"effects": []', b'"effects": null'), (False, None)),
        (response(state="closed", discounts={"A": 2}), (True, 2)),
    ],
)
def test_a_response_without_effects_says_that_there_is_no_discount(
    answer: bytes, known: tuple[bool, int | None]
) -> None:
    (row,) = read(answer).sessions.to_pylist()
    assert (row["discounts_known"], row["discount_total"]) == known


def test_zero_is_no_id_in_a_response_either_and_a_session_may_tell_no_update() -> None:
    effect = EFFECT | {"campaignId": 0, "rulesetId": 0, "triggeredByCoupon": 0}
    tables = read(response(effect, updated=...))
    columns = ("campaign_id", "ruleset_id", "rule_index", "coupon_id", "version_at", "created_at")
    assert told(tables, *columns) == [(None,) * 6]
    assert told(tables, "state") == [("open",)]


def test_pascal_case_and_snake_case_are_read() -> None:
    text = response(EFFECT).replace(b'"campaignId"', b'"CampaignId"')
    text = text.replace(b'"effectType"', b'"effect_type"').replace(b'"value"', b'"Value"')
    assert told(read(text), "campaign_id", "value") == [(244, "9.999")]
