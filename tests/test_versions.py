"""Several records of one session: which is current, what completes it, and what stays in doubt."""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessionkit.session_tables import SessionTables
from tests import versions
from tests.reading import findings, item, model, one, plain, read, rows, rules, session
from tests.versions import CSV_HEADER, Facts, Outcome, Record, csv_file, histories, json_doc

T1, T2, T3 = (f"2024-03-02T12:00:0{second}Z" for second in (1, 2, 3))

BASE: Facts = {
    "integration_id": "S-1",
    "application_id": 1,
    "created_at": "2024-03-01T10:00:00Z",
    "updated_at": T1,
    "state": "open",
    "total": 10,
}


def csv_row(**cells: Any) -> str:
    """A CSV export of one session; cells that are not given are as the export leaves them."""
    return csv_file([Record("csv", BASE | cells)]).decode()


def v2(**members: Any) -> dict[str, Any]:
    return session(discounts=..., **{"couponCodes": [], "cartItemTotal": 10} | members)


def managed(**members: Any) -> dict[str, Any]:
    return session(**{"id": 5, "coupon": "", "profileId": 0, "totalDiscounts": 2} | members)


def page(*sessions: dict[str, Any]) -> str:
    return json.dumps({"hasMore": False, "data": sessions})


# The order


IN_ORDER: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"updated": T1}, {"updated": T2}),
    ({"updated": None}, {"updated": T1}),
    ({"updated": T1, "updateCount": 9}, {"updated": T2, "updateCount": 1}),
    ({"updated": T1, "updateCount": 1}, {"updated": T1, "updateCount": 2}),
    ({"updated": T1}, {"updated": T1, "updateCount": 1}),
    (
        {"updated": "2024-03-02T12:00:01.9Z", "updateCount": 1},
        {"updated": "2024-03-02T12:00:01.1Z", "updateCount": 2},
    ),
    ({"updated": T1, "state": "open"}, {"updated": T1, "state": "closed"}),
    (
        {"updated": T1, "state": "closed"},
        {"updated": T1, "state": "partially_returned"},
    ),
    (
        {"updated": "2024-03-02T12:00:01.9Z", "state": "closed"},
        {"updated": "2024-03-02T12:00:01.1Z", "state": "cancelled"},
    ),
    (
        {"updated": T1, "state": "cancelled", "updateCount": 1},
        {"updated": T1, "state": "open", "updateCount": 2},
    ),
    ({"updated": T1}, {"updated": "2024-03-02T12:00:01.000001Z"}),
    (
        {"updated": "2024-03-02T13:00:01+01:00"},
        {"updated": "2024-03-02T07:00:02-05:00"},
    ),
    ({"state": "open"}, {"state": "closed"}),
]


def test_records_are_in_order_of_second_count_state_and_fraction() -> None:
    docs = [
        session(integrationId=f"S-{number:02}", total=total, **members)
        for number, pair in enumerate(IN_ORDER)
        for total, members in enumerate(pair)
    ]
    for tables in (read(docs), read(docs[::-1])):
        assert [row["total"] for row in rows(tables, "sessions")] == ["1"] * len(IN_ORDER)


def test_the_csv_export_has_no_fractions_so_the_finer_record_of_its_second_is_current() -> None:
    finer = session(updated="2024-03-02T12:00:01.25Z", total=2)
    tables = read(csv_row(total=1), finer)
    assert (one(tables)["total"], tables.repeats, tables.older) == ("2", 1, 0)


def test_of_a_perfect_tie_the_same_record_wins_in_any_order() -> None:
    docs = [session(updated=T1, total=total) for total in (1, 2, 3)]
    winners = {one(read(*order))["total"] for order in (docs, docs[::-1], docs[1:] + docs[:1])}
    assert len(winners) == 1


def test_records_with_the_current_second_and_state_are_repeats_and_the_rest_are_older() -> None:
    tables = read(
        [
            session(updated=T2, state="closed", updateCount=2),
            session(updated="2024-03-02T12:00:02.7Z", state="closed", updateCount=1),
            session(updated=T2, state="open"),
            session(updated=T1, state="closed"),
            session(state="closed"),
        ]
    )
    assert (tables.sessions.num_rows, tables.repeats, tables.older) == (1, 1, 3)


def test_undated_records_of_one_state_are_repeats_of_each_other() -> None:
    tables = read([session(state="closed"), session(state="closed"), session(state="open")])
    assert (tables.repeats, tables.older) == (1, 1)


def test_the_same_integration_id_in_two_applications_is_two_sessions() -> None:
    tables = read([session(applicationId=2), session(applicationId=1)])
    assert [row["application_id"] for row in rows(tables, "sessions")] == [1, 2]
    assert tables.repeats == 0


def test_integration_ids_differ_by_case_and_zeros() -> None:
    tables = read([session(integrationId=name) for name in ("a", "A", "1", "01")])
    assert [r["integration_id"] for r in rows(tables, "sessions")] == ["01", "1", "A", "a"]


# Completing


def test_what_the_current_dialect_cannot_tell_comes_from_the_latest_repeat_that_can() -> None:
    tables = read(
        v2(updated="2024-03-02T12:00:01.9Z", loyaltyCards=["card"], profileId="anna"),
        session(updated="2024-03-02T12:00:01.5Z", discounts={"late": 3}, identifiers=["late"]),
        session(updated=T1, discounts={"early": 1}, identifiers=["early"], referral="R"),
    )
    assert tables.repeats == 2
    row = one(tables)
    assert (row["loyalty_cards"], row["identifiers"]) == (["card"], ["late"])
    assert (row["discounts_known"], row["discount_total"]) == (True, "3")
    assert row["referral_code"] == "R"
    assert [r["label"] for r in rows(tables, "discounts")] == ["late"]
    assert [r["identifier"] for r in rows(tables, "identifiers")] == ["late"]


def test_child_tables_are_completed_whole_and_with_them_what_their_rows_add_up_to() -> None:
    lines = [
        item(price="2.5", quantity=2, attributes={"a": 1}),
        item(sku="B", price=..., prices={}),
    ]
    tables = read(
        v2(updated="2024-03-02T12:00:01.9Z", total=...),
        csv_row(
            cart=lines,
            costs={"post": {"price": 4}},
            attributes={"city": "Oslo"},
            coupon_codes=["A"],
            closed_at=None,
        ),
    )
    row = one(tables)
    assert (row["line_count"], row["unit_count"]) == (2, 3)
    assert "items_total" not in row
    assert row["total"] == "10"
    assert row["attributes"] == '{"city": "Oslo"}'
    assert row["coupon_codes"] == []  # which the current record tells itself
    assert (row["times_known"], row["dialect"]) == (True, "v2_session")
    assert [r["sku"] for r in rows(tables, "cart_items")] == ["A", "B"]
    assert [r["name"] for r in rows(tables, "additional_costs")] == ["post"]
    assert [(r.get("line"), r["name"]) for r in rows(tables, "attributes")] == [
        (None, "city"),
        (0, "a"),
    ]
    assert rows(tables, "coupons") == []


def test_what_the_current_record_tells_to_be_nothing_is_not_completed() -> None:
    nothing = {"profileId": "", "referral": "", "coupon": "", "cartItems": [], "attributes": {}}
    tables = read(
        session(updated="2024-03-02T12:00:01.9Z", **nothing),
        csv_row(profile_id="anna", referral_code="R", coupon_codes=["A"], attributes={"a": 1}),
        session(updated=T1, cartItems=[item()]),
    )
    row = one(tables)
    assert tables.repeats == 2
    assert {"profile_id", "referral_code"}.isdisjoint(row)
    assert (row["coupon_codes"], row["line_count"], row["attributes"]) == ([], 0, "{}")
    assert [tables.coupons.num_rows, tables.attributes.num_rows] == [0, 0]


def test_an_empty_cell_of_the_csv_export_is_knowledge_too() -> None:
    older = v2(updated=T1, storeIntegrationId="NORTH", id=4)
    row = one(read(csv_row(updated_at=T2, internal_id=5), older))
    assert (row["internal_id"], row.get("store_id")) == (5, None)


def test_facts_that_do_not_turn_back_come_from_older_records_and_others_do_not() -> None:
    tables = read(
        session(updated=T3, state="closed"),
        v2(updated=T2, id=77, storeIntegrationId="NORTH", firstSession=True, referralCode="R"),
        managed(profileId=9, storeIntegrationId="SOUTH", profileintegrationid="anna"),
    )
    row = one(tables)
    assert (row["internal_id"], row["store_id"], row["profile_internal_id"]) == (77, "NORTH", 9)
    assert (row["first_session"], tables.older) == (True, 2)
    assert {"referral_code", "profile_id"}.isdisjoint(row)


CLOSED = {"updated_at": T1, "state": "closed", "closed_at": T1}


def test_a_closing_time_holds_on_unless_the_session_is_open_again() -> None:
    records = [
        Record("csv", BASE | CLOSED | {"integration_id": state}) for state in versions.STATES
    ]
    later = [v2(updated=T2, state=state, integrationId=state) for state in versions.STATES]
    told = rows(read(csv_file(records), later), "sessions")
    assert {row["state"]: row.get("closed_at") for row in told} == {
        "open": None,
        "closed": T1,
        "partially_returned": T1,
        "cancelled": T1,
    }
    assert {row["times_known"] for row in told} == {False}


def test_a_cancelling_time_holds_on_if_the_session_is_still_cancelled() -> None:
    cancelled = BASE | {"state": "cancelled", "cancelled_at": T1}
    records = [Record("csv", cancelled | {"integration_id": state}) for state in versions.STATES]
    later = [v2(updated=T2, state=state, integrationId=state) for state in versions.STATES]
    told = rows(read(csv_file(records), later), "sessions")
    assert [row["state"] for row in told if "cancelled_at" in row] == ["cancelled"]


def test_a_repeat_that_tells_the_times_is_believed_before_an_older_record() -> None:
    never = csv_row(updated_at=T2, state="closed")
    tables = read(csv_row(**CLOSED), never, v2(updated="2024-03-02T12:00:02.5Z", state="closed"))
    row = one(tables)
    assert (tables.repeats, row["times_known"]) == (1, True)
    assert "closed_at" not in row


# What an empty map of discounts means


EMPTY_MAPS: dict[str, tuple[dict[str, Any] | None, bool | None]] = {
    "alone": (None, None),
    "v1 without": (session(updated=T1), True),
    "v1 with": (session(updated=T1, discounts={"a": 5}), True),
    "v1 same": (session(updated=T2, discounts={"a": 5}), True),
    "v2 older": (v2(updated=T1), False),
    "v2 undated": (v2(), False),
    "managed": (managed(), None),
}


def test_another_record_of_the_session_decides_what_an_empty_map_means() -> None:
    empty = [
        Record("csv", BASE | {"updated_at": T2, "integration_id": name}) for name in EMPTY_MAPS
    ]
    others = [doc | {"integrationId": n} for n, (doc, _) in EMPTY_MAPS.items() if doc]
    told = {row["integration_id"]: row for row in rows(read(csv_file(empty), others), "sessions")}
    for name, (_, known) in EMPTY_MAPS.items():
        assert told[name].get("discounts_known") is known, name
    totals = {name: row.get("discount_total") for name, row in told.items()}
    assert totals == dict.fromkeys(EMPTY_MAPS) | {"v1 without": "0", "v1 with": "0", "v1 same": "5"}


def test_a_map_with_labels_is_known_whatever_the_other_records_say() -> None:
    row = one(read(csv_row(updated_at=T2, discounts={"a": 0}), v2(updated=T1)))
    assert (row["discounts_known"], row["discount_total"]) == (True, "0")


def test_an_empty_map_of_a_list_page_is_decided_too() -> None:
    assert "discounts_known" not in one(read(page(managed())))
    assert one(read(page(managed()), session(state="open")))["discounts_known"] is True


def test_when_both_apis_wrote_a_session_its_empty_map_stays_unknown() -> None:
    row = one(read(csv_row(updated_at=T3), session(updated=T1), v2(updated=T2)))
    assert row["discounts_known"] is False


# Dates of dumps


def test_the_date_of_a_dump_puts_its_undated_records_in_order_and_is_no_update() -> None:
    docs = (session(updated=T2, total=1), page(managed(state="closed", total=2)))
    before, after = (read(*docs, dumped_at=moment) for moment in (T1, T3))
    assert one(read(*docs))["total"] == one(before)["total"] == "1"
    assert one(after)["total"] == "2"
    assert "updated_at" not in one(after)
    assert one(after)["internal_id"] == 5


def test_an_undated_record_in_another_state_is_a_doubt_unless_its_dump_is_dated() -> None:
    docs = [session(updated=T2), managed(state="closed"), managed(state="open", id=6)]
    (doubt,) = findings(read(docs), "undated-sighting")
    assert (doubt["expected"], doubt["seen"], doubt["source_record"]) == ("open", "closed", 2)
    assert (doubt["path"], doubt["severity"]) == ("state", "warning")
    assert findings(read(docs, dumped_at=T1), "undated-sighting") == []


# Conflicts


def conflicts(tables: SessionTables) -> dict[str, tuple[str | None, str | None]]:
    found = findings(tables, "duplicate-conflict")
    return {row["path"]: (row.get("expected"), row.get("seen")) for row in found}


def test_a_repeat_that_knows_a_value_and_differs_is_a_conflict_and_the_current_one_stays() -> None:
    current = session(
        updated="2024-03-02T12:00:01.9Z",
        profileId="anna",
        total="10.50",
        discounts={"both": 1, "mine": 2},
        attributes={"city": "Oslo", "n": 1.0},
        coupon="A",
        cartItems=[item(price=5), item(sku="B", price=2)],
    )
    repeat = session(
        updated=T1,
        profileId="bob",
        total=10.5,
        discounts={"both": 1.5, "theirs": 3},
        attributes={"city": "Rome", "n": 1},
        coupon="A",
        cartItems=[item(price=5, name="Tea")],
        identifiers=["x"],
    )
    tables = read(current, repeat)
    assert one(tables)["profile_id"] == "anna"
    assert conflicts(tables) == {
        "profileId": ("anna", "bob"),
        "discounts.both": ("1", "1.5"),
        "discounts.mine": ("2", None),
        "discounts.theirs": (None, "3"),
        "attributes.city": ('"Oslo"', '"Rome"'),
        "cartItems[1].sku": ("B", None),
    }
    assert {row["source_file"] for row in findings(tables, "duplicate-conflict")} == {"file-2"}


def test_what_only_one_of_two_dialects_can_tell_is_no_conflict() -> None:
    tables = read(
        csv_row(total="10.00", profile_id="anna", internal_id=5, closed_at=None),
        v2(updated="2024-03-02T12:00:01.5Z", created="2024-03-01T10:00:00.75Z", profileId="anna"),
    )
    assert tables.repeats == 1
    assert conflicts(tables) == {}


def test_a_repeat_that_knows_what_the_current_record_tells_to_be_nothing_is_a_conflict() -> None:
    current = session(updated="2024-03-02T12:00:01.9Z", profileId="", identifiers=[], coupon="")
    tables = read(current, csv_row(profile_id="anna", coupon_codes=["A"], identifiers=None))
    assert "profile_id" not in one(tables)
    assert conflicts(tables) == {"profileId": (None, "anna"), "couponCodes": (None, "[A]")}


def test_older_records_are_never_in_conflict() -> None:
    tables = read(session(updated=T2, total=1), session(updated=T1, total=2))
    assert conflicts(tables) == {}


def test_doubts_about_an_older_record_are_not_told() -> None:
    long = "1.0000000000000000001"
    older, current = session(updated=T1, total=long), session(updated=T2, total=5)
    assert "money-rounded" not in rules(read(older, current))
    assert rules(read(older))["money-rounded"] == 1


# Records that were rejected


def test_a_newer_record_that_was_rejected_leaves_the_older_one_current_and_is_told() -> None:
    tables = read([session(updated=T1, total=1), session(updated=T2, total="much")])
    assert one(tables)["total"] == "1"
    (doubt,) = findings(tables, "newer-record-rejected")
    assert (doubt["source_record"], doubt["seen"], doubt["integration_id"]) == (
        2,
        f"{T2}, open",
        "S-1",
    )


@pytest.mark.parametrize(
    "rejected",
    [
        session(updated=T1, total="much"),
        session(updated=T2, total="much"),
        session(updated=T3, total="much", integrationId="S-2"),
        session(updated=T3, total="much", applicationId=2),
        session(total="much"),
    ],
)
def test_a_rejected_record_that_is_not_newer_or_of_another_session_is_no_doubt(
    rejected: dict[str, Any],
) -> None:
    assert rules(read([session(updated=T2), rejected]))["newer-record-rejected"] == 0


@pytest.mark.parametrize(
    "later",
    [
        {"updateCount": 2},
        {"state": "closed"},
        {"updated": "2024-03-02T12:00:02.9Z"},
    ],
)
def test_newer_within_a_second_goes_by_the_order_of_records(later: dict[str, Any]) -> None:
    rejected = session(updated="2024-03-02T12:00:02Z", total="much") | later
    tables = read([session(updated="2024-03-02T12:00:02Z"), rejected])
    assert rules(tables)["newer-record-rejected"] == 1


def test_an_undated_record_that_was_rejected_is_dated_by_the_dump() -> None:
    lines = [session(updated=T2), session(total="much")]
    tables = read(lines, dumped_at="2030-01-01T00:00:00Z")
    assert rules(tables)["newer-record-rejected"] == 1


def test_a_dated_record_that_was_rejected_is_newer_than_an_undated_one() -> None:
    tables = read([session(), session(updated=T1, total="much")])
    assert rules(tables)["newer-record-rejected"] == 1


# Against plain Python

NESTED = {"cart", "costs", "discounts", "discounts_known", "discount_total", "attributes"}


def expected_session(facts: Facts) -> dict[str, Any]:
    """The row of a session, as `tests.versions` makes it."""
    cart = facts.get("cart") or []
    priced = sum((Decimal(line["price"]) * line["quantity"] for line in cart), Decimal(0))
    row = {name: plain_amount(value) for name, value in facts.items() if name not in NESTED}
    row |= {
        "times_known": facts.get("times_known", False),
        "coupon_codes": facts.get("coupon_codes") or [],
        "attributes": json.dumps(facts.get("attributes") or {}),
        "items_total": plain(priced),
        "line_count": len(cart),
        "unit_count": sum(line["quantity"] for line in cart),
        "discounts_known": facts["discounts_known"],
        "discount_total": plain(facts.get("discount_total")),
    }
    return {name: value for name, value in row.items() if value is not None}


def plain_amount(value: Any) -> Any:
    return (
        plain(Decimal(value))
        if isinstance(value, str) and value[0] in "0123456789" and ("T" not in value)
        else value
    )


def expected_children(facts: Facts) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of the tables below a session, without its key."""
    cart = facts.get("cart") or []
    attributes, discounts, costs = (
        (facts.get(name) or {}).items() for name in ("attributes", "discounts", "costs")
    )
    return {
        "cart_items": [
            (line, each["sku"], each["quantity"], plain(Decimal(each["price"])))
            for line, each in enumerate(cart)
        ],
        "discounts": sorted((label, plain(Decimal(value))) for label, value in discounts),
        "additional_costs": [(name, plain(Decimal(cost["price"]))) for name, cost in costs],
        "coupons": [(code,) for code in sorted(set(facts.get("coupon_codes") or []))],
        "identifiers": [(each,) for each in sorted(set(facts.get("identifiers") or []))],
        "attributes": sorted((name, json.dumps(value)) for name, value in attributes),
    }


SHOWN = {
    "cart_items": ("line", "sku", "quantity", "price"),
    "discounts": ("label", "value"),
    "additional_costs": ("name", "price"),
    "coupons": ("code",),
    "identifiers": ("identifier",),
    "attributes": ("name", "value"),
}


def children_of(tables: SessionTables, key: tuple[int, str]) -> dict[str, list[tuple[Any, ...]]]:
    return {
        name: [
            tuple(row[column] for column in columns)
            for row in rows(tables, name)
            if (row["application_id"], row["integration_id"]) == key
        ]
        for name, columns in SHOWN.items()
    }


def files_of(records: Iterable[Record]) -> list[bytes]:
    """A file per kind of dump: the CSV export, a list page, and lines of JSON."""
    by_kind: dict[str, list[Record]] = {"csv": [], "list": [], "json": []}
    for record in records:
        by_kind.get(record.dialect, by_kind["json"]).append(record)
    kinds = {"csv": csv_file, "list": page_file, "json": lines_file}
    return [write(by_kind[kind]) for kind, write in kinds.items() if by_kind[kind]]


def page_file(records: list[Record]) -> bytes:
    return json.dumps({"data": [json_doc(record) for record in records], "hasMore": False}).encode()


def lines_file(records: list[Record]) -> bytes:
    return b"\n".join(json.dumps(wrapped(record)).encode() for record in records)


def wrapped(record: Record) -> dict[str, Any]:
    """A document, in the envelope of a response where it belongs there."""
    doc = json_doc(record)
    return {"effects": [], "customerSession": doc} if versions.in_envelope(record) else doc


@pytest.mark.parametrize("seed", range(4))
def test_which_record_wins_and_what_completes_it_is_what_plain_python_says(seed: int) -> None:
    groups = histories(seed, 150)
    records = [record for group in groups for record in group]
    random.Random(seed).shuffle(records)
    tables = read(*files_of(records))
    assert tables.rejects.num_rows == 0
    outcomes: list[Outcome] = [versions.resolve(group) for group in groups]
    got = {(r["application_id"], r["integration_id"]): r for r in rows(tables, "sessions")}
    assert len(got) == len(groups)
    for outcome in outcomes:
        key = (outcome.facts["application_id"], outcome.facts["integration_id"])
        assert got[key] == expected_session(outcome.facts)
        assert children_of(tables, key) == expected_children(outcome.facts)
    assert tables.repeats == sum(outcome.repeats for outcome in outcomes)
    assert tables.older == sum(outcome.older for outcome in outcomes)


def test_made_up_histories_hold_every_kind_of_case() -> None:
    """The comparison above is worth what its cases are: each kind must be there, many times."""
    met: Counter[str] = Counter()
    for group in (group for seed in range(4) for group in histories(seed, 150)):
        outcome = versions.resolve(group)
        winner = max(group, key=versions.order)
        met["repeats"] += outcome.repeats > 0
        met["older"] += outcome.older > 0
        met["decided"] += versions.discounts_of(winner)[0] != outcome.facts["discounts_known"]
        met["completed"] += len(outcome.facts) > len(versions.told(winner)) + 1
        met[winner.dialect] += 1
        met[winner.facts["state"]] += 1
    rare = {name: count for name, count in met.items() if count < 15}
    assert set(met) >= {"csv", "v1", "v2", "single", "list", *versions.STATES}
    assert rare == {}


# Any order, split and repetition

POOL = [record for group in histories(99, 14) for record in group]
WRITERS: dict[str, Callable[[list[Record]], bytes]] = {
    "lines": lines_file,
    "array": lambda records: json.dumps([wrapped(record) for record in records]).encode(),
    "strung": lambda records: lines_file(records).replace(b"\n", b""),
    "gzip": lambda records: gzip.compress(lines_file(records)),
    "crlf": lambda records: b"\xef\xbb\xbf" + lines_file(records).replace(b"\n", b"\r\n"),
}


@st.composite
def splits(draw: st.DrawFn) -> list[bytes]:
    """The records of the pool in any order, some of them again, in any number of files."""
    again = draw(st.lists(st.sampled_from(POOL), max_size=6))
    records = draw(st.permutations([*POOL, *again]))
    files: list[bytes] = []
    while records:
        count = draw(st.integers(1, len(records)))
        part, records = records[:count], records[count:]
        csv_part = [record for record in part if record.dialect == "csv"]
        page_part = [record for record in part if record.dialect == "list"]
        json_part = [record for record in part if record.dialect not in {"csv", "list"}]
        if csv_part:
            files.append(csv_file(csv_part, draw(st.permutations(CSV_HEADER))))
        if page_part:
            files.append(page_file(page_part))
        if json_part:
            files.append(WRITERS[draw(st.sampled_from(sorted(WRITERS)))](json_part))
    return draw(st.permutations(files))


@pytest.fixture(scope="module")
def in_one_go() -> dict[str, list[dict[str, Any]]]:
    return model(read(*files_of(POOL)))


@settings(max_examples=8, deadline=None)
@given(files=splits())
def test_any_order_split_and_repetition_of_the_records_gives_the_same_tables(
    in_one_go: dict[str, list[dict[str, Any]]], files: list[bytes]
) -> None:
    assert model(read(*files)) == in_one_go  # `read` also checks that every record is told of


@settings(max_examples=5, deadline=None)
@given(st.permutations([*range(5)]), st.integers(1, 3))
def test_ties_in_everything_but_content_are_broken_alike_in_any_order(
    order: list[int], times: int
) -> None:
    tied = [
        session(updated=T1, total=total, discounts={"a": total}, extra=total, coupon=coupon)
        for total, coupon in ((1, ""), (2, "A"), (2, None), (3, "A"), (1, "B"))
    ]
    in_order = model(read(tied))
    assert model(read([tied[place] for place in order] * times)) == in_order
