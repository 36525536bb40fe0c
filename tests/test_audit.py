"""The audits: each rule fires on what it is about, with the exact amount, and not beside it."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sessionkit
from sessionkit.audit import AUDITS, audit, audited, findings_query
from sessionkit.database import connect
from sessionkit.dialects import DIALECTS
from sessionkit.dialects.members import entry
from sessionkit.lifecycle import STATES
from sessionkit.rules import RULES
from sessionkit.sql import text_of
from sessionkit.tables import (
    ADDITIONAL_COSTS,
    CART_ITEMS,
    DISCOUNTS,
    FINDINGS,
    ITEM_PRICES,
    SESSIONS,
    SNAPSHOTS,
)
from tests import oracle_audits
from tests.histories import shop_with_history
from tests.rows import MONDAY, rows

Rows = list[dict[str, Any]]
KEY = {"application_id": 270, "integration_id": "S-1"}
SECOND = timedelta(seconds=1)
MILLISECOND = timedelta(milliseconds=1)

AMOUNTS = ("0", "5", "-5", "10", "0.1", "1200", "33.333333333333333333", "0.000000000000000001")
HUGE = ("-0.5", "90000000000000000000", "-99999999999999999999.999999999999999999")
TIMES = tuple(MONDAY + n * SECOND + m * MILLISECOND for n in (0, 1) for m in (0, 1, 993))
KEYS = ("shipping", "it's", "10% off#1", "Döner", "a\nb", "")


def found(rule: str, session: dict[str, Any], **children: Rows) -> list[Any]:
    """What one rule finds in one session: path, expected, seen, amount as text."""
    findings = doubts_of(session, **children)
    return [
        (each["path"], each["expected"], each["seen"], _plain(each["amount"]))
        for each in findings
        if each["rule"] == rule
    ]


def doubts_of(session: dict[str, Any], **children: Rows) -> list[dict[str, Any]]:
    """All findings of one session; a cart that is not given is empty and costs nothing."""
    session = {"items_total": "0", "total": "0", "line_count": 0, "unit_count": 0} | session
    tables = {"sessions": rows(SESSIONS, KEY | session)}
    for table in (CART_ITEMS, DISCOUNTS, ADDITIONAL_COSTS, ITEM_PRICES, SNAPSHOTS):
        tables[table.name] = rows(table, *[{**KEY, **row} for row in children.get(table.name, [])])
    answer: list[dict[str, Any]] = audit(tables).to_pylist()
    return answer


def _plain(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount.normalize(), "f")


def test_a_session_that_adds_up_has_no_finding() -> None:
    session = {"items_total": "199.98", "total": "199.98", "dialect": "v2_session"}
    line = {"line": 0, "price": "99.99", "quantity": 2, "sku": "tea"}
    assert doubts_of(session, cart_items=[line]) == []


def test_no_tables_give_no_findings_in_the_declared_shape() -> None:
    assert audit({}).schema.equals(FINDINGS.arrow(), check_metadata=True)
    assert audit({}).num_rows == 0


@pytest.mark.parametrize("total", ["119.99", "134.99"])
def test_total_reconciles_takes_either_form(total: str) -> None:
    session = {"items_total": "99.99", "total": total, "dialect": "v2_session"}
    costs: Rows = [
        {"line": None, "name": "shipping", "price": "20"},
        {"line": 0, "name": "wrapping", "price": "15"},
    ]
    assert found("total-reconciles", session, additional_costs=costs) == []


def test_total_reconciles_tells_the_difference_to_the_nearer_form() -> None:
    session = {"items_total": "99.99", "total": "134", "dialect": "v2_session"}
    costs: Rows = [
        {"line": None, "name": "shipping", "price": "20"},
        {"line": 0, "name": "wrapping", "price": "15"},
    ]
    assert found("total-reconciles", session, additional_costs=costs) == [
        ("total", "119.99, or with item costs 134.99", "134", "-0.99")
    ]


def test_total_reconciles_is_exact_to_the_last_of_18_decimals() -> None:
    session = {"items_total": "0.3", "total": "0.300000000000000001", "dialect": "v2_session"}
    assert found("total-reconciles", session) == [
        ("total", "0.3", "0.300000000000000001", "0.000000000000000001")
    ]


def test_total_reconciles_needs_every_price_and_the_total() -> None:
    unpriced = {"items_total": None, "total": "7", "dialect": "v2_session"}
    untold = {"items_total": "7", "total": None, "dialect": "v2_session"}
    assert found("total-reconciles", unpriced) == []
    assert found("total-reconciles", untold) == []


@pytest.mark.parametrize(
    ("dialect", "labelled", "total", "severity"),
    [
        ("v1_session", False, "8", "info"),
        ("v1_response", False, "8", "info"),
        ("csharp_v1", False, "8", "info"),
        ("csv_export", True, "8", "info"),
        ("csv_export", False, "8", "warning"),
        ("session_list", True, "6", "info"),
        ("session_list", False, "6", "warning"),
        ("session_list", False, "8", "info"),
        ("single_session", False, "8", "info"),
        ("v2_session", True, "8", "warning"),
        ("v2_response", False, "8", "warning"),
        ("csharp_v2", False, "8", "warning"),
    ],
)
def test_total_reconciles_is_graver_where_talon_one_made_the_total_and_tells_all_of_it(
    dialect: str, labelled: bool, total: str, severity: str
) -> None:
    session = {"items_total": "7", "total": total, "dialect": dialect}
    discounts = [{"label": "SUMMER", "value": "1"}] if labelled else []
    grades = [
        each["severity"]
        for each in doubts_of(session, discounts=discounts)
        if each["rule"] == "total-reconciles"
    ]
    assert grades == [severity]


def test_a_list_that_tells_session_costs_after_all_is_held_to_them() -> None:
    session = {"items_total": "7", "total": "10", "dialect": "session_list"}
    cost = {"line": None, "name": "shipping", "price": "2"}
    (finding,) = doubts_of(session, additional_costs=[cost])
    assert (finding["severity"], _plain(finding["amount"])) == ("warning", "1")


def test_costs_past_38_digits_are_left_alone_by_the_audit_of_totals() -> None:
    session = {"items_total": "9e19", "total": "5", "dialect": "v2_session"}
    costs: Rows = [{"line": None, "name": name, "price": "9e19"} for name in ("a", "b")]
    assert doubts_of(session, additional_costs=costs) == []


def test_total_after_discounts_names_what_was_taken_off() -> None:
    session = {
        "items_total": "80",
        "total": "75",
        "discounts_known": True,
        "discount_total": "10",
        "dialect": "v1_session",
    }
    costs: Rows = [{"line": None, "name": "shipping", "price": "5"}]
    assert found("total-after-discounts", session, additional_costs=costs) == [
        ("total", "85, as before discounts", "75", "-10")
    ]


@pytest.mark.parametrize(
    ("total", "discount"),
    [("74.99", "10"), ("85", "0"), ("75", None)],
    ids=["a cent beside", "nothing taken off", "discounts unknown"],
)
def test_total_after_discounts_needs_exactly_the_known_discounts(
    total: str, discount: str | None
) -> None:
    session = {"items_total": "85", "total": total, "discount_total": discount}
    assert found("total-after-discounts", session) == []


def test_a_total_that_is_right_before_discounts_is_no_evidence_of_the_contrary() -> None:
    session = {"items_total": "80", "total": "80", "discount_total": "5"}
    cost = {"line": 0, "name": "wrapping", "price": "5"}
    assert found("total-after-discounts", session, additional_costs=[cost]) == []


def test_missing_total() -> None:
    assert found("missing-total", {"total": None}) == [("total", "an amount", "nothing", None)]
    assert found("missing-total", {"total": "0"}) == []


def test_discount_exceeds_total() -> None:
    more = {"items_total": "10", "total": "10", "discount_total": "10.01"}
    same = {"items_total": "10", "total": "10", "discount_total": "10"}
    none = {"items_total": "-1", "total": "-1", "discount_total": "0"}
    assert found("discount-exceeds-total", more) == [("discounts", "at most 10", "10.01", "0.01")]
    assert found("discount-exceeds-total", same) == []
    assert found("discount-exceeds-total", none) == []


def test_negative_price_of_lines_price_types_and_costs() -> None:
    children: dict[str, Rows] = {
        "cart_items": [{"line": 0, "price": "0"}, {"line": 2, "price": "-0.5"}],
        "item_prices": [
            {"line": 1, "price_type": "base", "price": "0"},
            {"line": 1, "price_type": "member price", "price": "-3"},
        ],
        "additional_costs": [
            {"line": None, "name": "voucher", "price": "-5"},
            {"line": 2, "name": "shipping", "price": "4"},
        ],
    }
    assert found("negative-price", {}, **children) == [
        ("cartItems[2].price", "at least 0", "-0.5", "-0.5"),
        ("additionalCosts.voucher.price", "at least 0", "-5", "-5"),
        ("cartItems[1].prices['member price'].price", "at least 0", "-3", "-3"),
    ]


def test_negative_discount() -> None:
    discounts = [{"label": "10% off#1", "value": "-2.5"}, {"label": "ZERO", "value": "0"}]
    assert found("negative-discount", {}, discounts=discounts) == [
        ("discounts['10% off#1']", "at least 0", "-2.5", "-2.5")
    ]


def test_missing_price() -> None:
    lines: Rows = [{"line": 0, "price": None}, {"line": 1, "price": "0"}]
    assert found("missing-price", {"items_total": None}, cart_items=lines) == [
        ("cartItems[0].price", "an amount", "nothing", None)
    ]


def test_empty_sku() -> None:
    lines: Rows = [{"line": 0, "sku": " "}, {"line": 1, "sku": ""}]
    assert found("empty-sku", {}, cart_items=lines) == [
        ("cartItems[1].sku", "a stock keeping unit", "an empty text", None)
    ]


def test_returned_exceeds_quantity() -> None:
    lines: Rows = [
        {"line": 0, "quantity": 2, "returned_quantity": 5},
        {"line": 1, "quantity": 2, "returned_quantity": 2},
        {"line": 2, "quantity": 2, "returned_quantity": None},
    ]
    assert found("returned-exceeds-quantity", {}, cart_items=lines) == [
        ("cartItems[0].returnedQuantity", "at most 2", "5", "3")
    ]


def test_returned_plus_remaining() -> None:
    largest = 2**63 - 1
    lines: Rows = [
        {"line": 0, "quantity": 1, "returned_quantity": 1, "remaining_quantity": 1},
        {"line": 1, "quantity": 3, "returned_quantity": 1, "remaining_quantity": 2},
        {"line": 2, "quantity": 3, "returned_quantity": None, "remaining_quantity": 2},
        {"line": 3, "quantity": 1, "returned_quantity": largest, "remaining_quantity": largest},
    ]
    assert found("returned-plus-remaining", {}, cart_items=lines) == [
        ("cartItems[0].remainingQuantity", "returned + remaining = 1", "1 + 1 = 2", "1"),
        (
            "cartItems[3].remainingQuantity",
            "returned + remaining = 1",
            "9223372036854775807 + 9223372036854775807 = 18446744073709551614",
            "18446744073709551613",
        ),
    ]


@pytest.mark.parametrize(
    ("state", "times_known", "closed_at", "fires"),
    [
        ("closed", True, None, True),
        ("partially_returned", True, None, True),
        ("closed", True, MONDAY, False),
        ("closed", False, None, False),
        ("cancelled", True, None, False),
        ("open", True, None, False),
    ],
)
def test_closed_without_time(state: str, times_known: bool, closed_at: Any, fires: bool) -> None:
    session = {"state": state, "times_known": times_known, "closed_at": closed_at}
    expected = [("closedAt", f"a time, as the session is {state}", "never", None)]
    assert found("closed-without-time", session) == (expected if fires else [])


@pytest.mark.parametrize(
    ("state", "times_known", "cancelled_at", "fires"),
    [
        ("cancelled", True, None, True),
        ("cancelled", True, MONDAY, False),
        ("cancelled", False, None, False),
        ("closed", True, None, False),
    ],
)
def test_cancelled_without_time(
    state: str, times_known: bool, cancelled_at: Any, fires: bool
) -> None:
    session = {"state": state, "times_known": times_known, "cancelled_at": cancelled_at}
    expected = [("cancelledAt", "a time, as the session is cancelled", "never", None)]
    assert found("cancelled-without-time", session) == (expected if fires else [])


def test_closed_before_created() -> None:
    session = {"state": "closed", "created_at": MONDAY, "closed_at": MONDAY - SECOND}
    assert found("closed-before-created", session) == [
        ("closedAt", "not before 2024-01-01T09:00:00Z", "2024-01-01T08:59:59Z", None)
    ]
    assert found("closed-before-created", session | {"closed_at": MONDAY}) == []


def test_updated_before_created() -> None:
    created = MONDAY + timedelta(microseconds=993_480)
    session = {"created_at": created, "updated_at": MONDAY - MILLISECOND}
    assert found("updated-before-created", session) == [
        ("updated", "not before 2024-01-01T09:00:00.99348Z", "2024-01-01T08:59:59.999Z", None)
    ]


def test_times_that_the_csv_export_cut_to_seconds_are_not_before_finer_ones() -> None:
    session = {
        "state": "cancelled",
        "created_at": MONDAY + 900 * MILLISECOND,
        "updated_at": MONDAY,
        "closed_at": MONDAY + 990 * MILLISECOND,
        "cancelled_at": MONDAY,
        "times_known": True,
    }
    assert doubts_of(session) == []


@pytest.mark.parametrize("state", ["open", "closed", "partially_returned"])
def test_illegal_transition_when_a_cancelled_session_goes_on(state: str) -> None:
    session = {"state": state, "closed_at": MONDAY, "cancelled_at": MONDAY, "created_at": MONDAY}
    assert found("illegal-transition", session) == [
        ("state", "cancelled, as it was at 2024-01-01T09:00:00Z", state, None)
    ]


def test_illegal_transition_when_a_session_closes_after_it_was_cancelled() -> None:
    session = {"state": "cancelled", "cancelled_at": MONDAY, "closed_at": MONDAY + SECOND}
    assert found("illegal-transition", session) == [
        (
            "closedAt",
            "not after the cancelling at 2024-01-01T09:00:00Z",
            "2024-01-01T09:00:01Z",
            None,
        )
    ]


def test_reopened_and_revoked_sessions_are_legal() -> None:
    reopened = {"state": "open", "closed_at": MONDAY, "created_at": MONDAY}
    revoked = {"state": "cancelled", "closed_at": MONDAY, "cancelled_at": MONDAY + SECOND}
    assert found("illegal-transition", reopened) == []
    assert found("illegal-transition", revoked) == []


def test_illegal_transition_from_one_version_to_the_next() -> None:
    versions: Rows = [
        {"state": state, "version_at": MONDAY + n * SECOND, "digest": str(n)}
        for n, state in enumerate(("open", "cancelled", "closed", "partially_returned", "open"))
    ]
    assert found("illegal-transition", {"state": "open"}, snapshots=versions) == [
        ("state", "cancelled, as it was at 2024-01-01T09:00:01Z", "closed at 2024-01-01T09:00:02Z",
         None),
        ("state", "partially_returned, as it was at 2024-01-01T09:00:03Z, or cancelled",
         "open at 2024-01-01T09:00:04Z", None),
    ]  # fmt: skip


def test_legal_versions_undated_ones_and_what_one_record_says_itself_are_no_more_doubts() -> None:
    def told(session: dict[str, Any], *states: tuple[str, int | None]) -> int:
        versions: Rows = [
            {"state": state, "version_at": None if n is None else MONDAY + n * SECOND,
             "digest": state}
            for state, n in states
        ]  # fmt: skip
        return len(found("illegal-transition", session, snapshots=versions))

    assert told({"state": "cancelled"}, ("open", 0), ("closed", 1), ("cancelled", 2)) == 0
    assert told({"state": "closed"}, ("cancelled", None), ("closed", 1)) == 0
    assert told({"state": "cancelled"}, ("cancelled", 1), ("closed", 1)) == 0
    went_on = {"state": "closed", "cancelled_at": MONDAY}
    assert told(went_on, ("cancelled", 0), ("closed", 1)) == 1


@pytest.mark.parametrize("seed", range(20))
def test_versions_of_random_histories_equal_the_oracle(seed: int) -> None:
    tables = shop_with_history(seed)
    expected = oracle_audits.findings(tables)
    assert audit(tables).to_pylist() == expected


def test_position_not_whole() -> None:
    lines: Rows = [
        {"line": 0, "position": "0.0"},
        {"line": 1, "position": "3129.8151981606425"},
        {"line": 2, "position": None},
    ]
    assert found("position-not-whole", {}, cart_items=lines) == [
        ("cartItems[1].position", "a whole number", "3129.8151981606425", None)
    ]


def test_a_finding_tells_its_severity_and_the_record_it_was_found_in() -> None:
    session = {"total": None, "source_file": "exports/a.csv", "source_record": 17}
    (finding,) = doubts_of(session)
    assert finding == {
        "rule": "missing-total",
        "severity": "warning",
        "application_id": 270,
        "integration_id": "S-1",
        "path": "total",
        "expected": "an amount",
        "seen": "nothing",
        "amount": None,
        "count": 1,
        "source_file": "exports/a.csv",
        "source_record": 17,
    }


def test_sessions_of_two_applications_with_one_id_are_not_mixed_up() -> None:
    same = {"integration_id": "S-1", "items_total": "1", "total": "1", "dialect": "v2_session"}
    sessions = rows(SESSIONS, same | {"application_id": 1}, same | {"application_id": 2})
    cost = {"application_id": 2, "integration_id": "S-1", "name": "shipping", "price": "4"}
    found = audit({"sessions": sessions, "additional_costs": rows(ADDITIONAL_COSTS, cost)})
    assert found["application_id"].to_pylist() == [2]
    assert found["amount"].to_pylist() == [Decimal(-4)]


def test_findings_have_one_order_whatever_the_order_of_the_rows() -> None:
    sessions = rows(SESSIONS, {"integration_id": "b"}, {"integration_id": "a"})
    lines = rows(
        CART_ITEMS, *[{"integration_id": "a", "line": n, "sku": ""} for n in (10, 2, 0, 1)]
    )
    tables = {"sessions": sessions, "cart_items": lines}
    turned = {name: table.take(list(range(len(table)))[::-1]) for name, table in tables.items()}
    found = audit(tables)
    assert found.equals(audit(turned))
    skus = [path for path in found["path"].to_pylist() if path.endswith("sku")]
    assert skus == [f"cartItems[{n}].sku" for n in (0, 1, 2, 10)]
    missing = [row["integration_id"] for row in found.to_pylist() if row["path"] == "total"]
    assert missing == ["a", "b"]


@pytest.mark.parametrize(
    "label",
    ["SUMMER", "10% off#1", "Döner", "it's", 'say "hi"', "both ' and \"", "a\\b", "a\nb", "", "1a"],
)
def test_paths_are_written_as_the_reader_writes_them(label: str) -> None:
    discount = {"label": label, "value": "-1"}
    ((path, *_),) = found("negative-discount", {}, discounts=[discount])
    assert path == entry("discounts", label)


def test_the_v1_dialects_named_in_sql_are_those_that_there_are() -> None:
    told = text_of("audits/total-reconciles")
    named = {name for name in DIALECTS if f"'{name}'" in told}
    assert named == {name for name, dialect in DIALECTS.items() if dialect.api != "v2"}


def test_every_audit_is_a_rule_with_a_meaning_and_a_header() -> None:
    assert len(set(AUDITS)) == len(AUDITS) == 16
    for rule in AUDITS:
        assert RULES[rule].meaning.endswith(".")
        assert text_of(f"audits/{rule}").startswith(f"-- {rule}: ")


def test_chunked_tables_give_the_same_findings() -> None:
    first, second = (rows(SESSIONS, {"integration_id": name}) for name in "ab")
    together = audit({"sessions": pa.concat_tables([first, second])})
    assert together.equals(audit({"sessions": pa.concat_tables([first, second]).combine_chunks()}))
    assert together.num_rows == 2


def odd_tables(seed: int) -> dict[str, pa.Table]:
    """Made-up tables in which every rule is broken, and most of them kept, in many ways."""
    pick = random.Random(seed).choice

    def amount() -> str:
        return pick(AMOUNTS) if pick(range(12)) else pick(HUGE)

    tables: dict[str, Rows] = {name: [] for name in ODD}
    for number in range(1500):
        key = {"application_id": number % 2, "integration_id": f"S-{number // 2}"}
        tables["sessions"].append(key | _odd_session(pick, amount))
        for line in range(pick((0, 0, 0, 1, 3, 12))):
            tables["cart_items"].append(key | {"line": line} | _odd_line(pick, amount))
            for name in KEYS[: pick((0, 0, 0, 2, 6))]:
                price = {"line": line, "price": amount()}
                tables["item_prices"].append(key | price | {"price_type": name})
        for place in (None, 0, 11):
            for name in KEYS[: pick((0, 0, 0, 0, 1, 3))]:
                cost = {"line": place, "name": name, "price": amount()}
                tables["additional_costs"].append(key | cost)
        for label in KEYS[: pick((0, 0, 1, 6))]:
            tables["discounts"].append(key | {"label": label, "value": amount()})
    return {name: rows(table, *tables[name]) for name, table in ODD.items()}


ODD = {
    table.name: table
    for table in (SESSIONS, CART_ITEMS, ITEM_PRICES, ADDITIONAL_COSTS, DISCOUNTS, SNAPSHOTS)
}


def _odd_session(pick: Any, amount: Any) -> dict[str, Any]:
    return {
        "dialect": pick([*DIALECTS]),
        "state": pick(STATES),
        "created_at": pick(TIMES),
        "updated_at": pick((None, *TIMES)),
        "closed_at": pick((None, *TIMES)),
        "cancelled_at": pick((None, None, *TIMES)),
        "times_known": pick((True, False)),
        "total": pick((None, amount(), amount(), amount())),
        "items_total": pick((None, amount(), amount(), amount())),
        "discount_total": pick((None, amount())),
        "source_file": pick(("a.csv", "b.json")),
        "source_record": pick((1, 2, 3)),
    }


def _odd_line(pick: Any, amount: Any) -> dict[str, Any]:
    return {
        "sku": pick(("tea", "tea", " ", "")),
        "price": pick((None, amount(), amount())),
        "quantity": pick((1, 2, 2**63 - 1)),
        "returned_quantity": pick((None, 0, 1, 2, 2**63 - 1)),
        "remaining_quantity": pick((None, 0, 1, 2, 2**63 - 1)),
        "position": pick((None, "0", "1", "11.000000000000000001", "3129.8151981606425")),
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_audits_find_what_plain_python_finds(seed: int) -> None:
    tables = odd_tables(seed)
    expected = oracle_audits.findings(tables)
    counts = Counter((row["rule"], row["severity"]) for row in expected)
    assert len({rule for rule, _ in counts}) == len(AUDITS)
    assert min(counts.values()) >= 5, "too few of one to tell"
    assert audit(tables).to_pylist() == expected


def test_the_audits_read_views_of_files_as_well_as_tables(tmp_path: Path) -> None:
    tables = odd_tables(4)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for name, table in tables.items():
            pq.write_table(table, tmp_path / name)
            connection.read_parquet(str(tmp_path / name)).create_view(name)
        for _ in ("at first", "again"):
            assert audited(connection).equals(audit(tables))


def test_findings_can_go_to_a_file_without_passing_through_memory(tmp_path: Path) -> None:
    tables = odd_tables(5)
    file = tmp_path / "findings.parquet"
    with duckdb.connect() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        connection.execute(f"copy ({findings_query(connection)}) to '{file}' (format parquet)")
    assert pq.read_table(file).cast(FINDINGS.arrow()).equals(audit(tables))


def test_costs_that_leave_38_digits_on_the_way_and_come_back_are_added_up() -> None:
    session = {"items_total": "1", "total": "5", "dialect": "v2_session"}
    prices = {"a": "9e19", "b": "9e19", "c": "-9e19", "d": "-9e19", "e": "1.5"}
    costs: Rows = [{"line": None, "name": name, "price": price} for name, price in prices.items()]
    assert found("total-reconciles", session, additional_costs=costs) == [
        ("total", "2.5", "5", "2.5")
    ]


def test_rows_that_no_rule_asks_for_are_not_kept() -> None:
    sessions = rows(SESSIONS, *[{"integration_id": f"S-{n}", "total": "7"} for n in range(500)])
    lines = rows(CART_ITEMS, *[{"integration_id": f"S-{n}", "line": 0} for n in range(500)])
    with connect({"sessions": sessions, "cart_items": lines}) as connection:
        query = f"explain (analyze, format json) {findings_query(connection)}"
        plan = json.loads(connection.sql(query).fetchall()[0][1])
    kept = {
        step["extra_info"]["CTE Name"]: step["children"][0]["intermediate_rows"]
        for step in _steps(plan["operator"][0])
        if "CTE Name" in step["extra_info"]
    }
    assert {kept["sessions"], kept["unreconciled"]} == {0}
    assert kept["cart_items"] == 500, "each has no price"


def _steps(step: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield step
    for inner in step.get("children", []):
        yield from _steps(inner)


def test_a_line_without_its_session_gives_no_finding() -> None:
    assert audit({"cart_items": rows(CART_ITEMS, {"line": 0, "sku": "", "price": None})}) == (
        FINDINGS.empty()
    )


@pytest.mark.parametrize("at_once", [90, 700])
def test_a_folder_audited_in_parts_has_the_findings_that_it_has_together(
    at_once: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = Path(__file__).parents[1] / "data"
    whole = pq.read_table(sessionkit.to_folder(data, output=tmp_path / "w") / "findings.parquet")
    monkeypatch.setattr("sessionkit.audit.AT_ONCE", at_once)
    parts = pq.read_table(sessionkit.to_folder(data, output=tmp_path / "p") / "findings.parquet")
    assert sorted(map(str, parts.to_pylist())) == sorted(map(str, whole.to_pylist()))
    assert parts != whole  # which is in the order of its rules
    assert whole.num_rows > 90
