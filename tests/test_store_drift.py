"""Drift: what a load brought that was not there before, what it lacks, and how that is told."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sessionkit.errors import ReadError, UsageError
from sessionkit.store import Store, drift_lines
from tests.reading import dump, item, named, session

Doc = dict[str, Any]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "sessions.duckdb") as opened:
        yield opened


def load(store: Store, *docs: Doc, name: str = "dump.jsonl") -> None:
    store.load(named(name, dump(list(docs))))


def many(count: int, first: int = 0, day: int = 1, **members: Any) -> list[Doc]:
    """That many sessions of one day, each with an id of its own."""
    created = f"2026-03-{day:02}T10:00:00Z"
    return [
        session(integrationId=f"S-{number}", created=created, **{"state": "closed"} | members)
        for number in range(first, first + count)
    ]


def told(store: Store, since_load: int | None = None) -> list[tuple[Any, ...]]:
    """Every change without its examples, as `(change, application, name, count)`."""
    rows = store.drift(since_load).table.to_pylist()
    return [(r["change"], r["application_id"], r["name"], r["count"]) for r in rows]


def test_with_nothing_before_there_is_nothing_to_compare(store: Store) -> None:
    assert store.drift().table.num_rows == 0
    load(store, *many(3, newKey=1, attributes={"A": 1}, coupon="X", discounts={"L": 1}))
    drift = store.drift()
    assert drift.table.num_rows == 0
    assert drift.table.column_names == list(drift.definition)
    assert drift.notes == ("Nothing was loaded before, so there is nothing to compare with.",)


def test_the_same_again_is_no_drift(store: Store) -> None:
    load(store, *many(30))
    load(store, *many(30, first=30))
    assert told(store) == []
    assert drift_lines(store.drift()) == []
    assert store.drift().notes == ()


def test_keys_come_and_go(store: Store) -> None:
    line = item(category="tea")
    load(store, *many(20, storeIntegrationId="north", cartItems=[line, line]))
    load(store, *many(20, first=20, referral="R", newKey={"a": 1}, cartItems=[item(name="Cup")]))
    assert told(store) == [
        ("new key", None, "newKey", 20),
        ("new key", 1, "cartItems[].name", 20),
        ("new key", 1, "referralCode", 20),
        ("vanished key", 1, "cartItems[].category", 40),
        ("vanished key", 1, "storeIntegrationId", 20),
    ]
    assert drift_lines(store.drift()) == [
        "new key newKey, in 20 of 20 records of v1_session",
        "application 1: new key cartItems[].name, in 20 of 20 lines of v1_session",
        "application 1: new key referralCode, in 20 of 20 records of v1_session",
        "application 1: key cartItems[].category of v1_session is gone: in 40 of 40 lines, "
        "now in 0 of 20",
        "application 1: key storeIntegrationId of v1_session is gone: in 20 of 20 records, "
        "now in 0 of 20",
    ]


def test_a_rare_key_is_not_gone_because_three_records_lack_it(store: Store) -> None:
    load(store, *many(50), *many(2, first=50, referral="R"))
    load(store, *many(3, first=60))
    assert told(store) == []
    load(store, *many(400, first=100))
    assert told(store, since_load=1) == [("vanished key", 1, "referralCode", 2)]


def test_attributes_come_and_go_and_change_their_type(store: Store) -> None:
    old = {"Channel": "web", "Size": 5, "Old": True}
    new = {"Channel": 7, "Size": None, "New": [1]}
    load(store, *many(20, attributes=old, cartItems=[item(attributes={"color": "red"})]))
    load(store, *many(20, first=20, attributes=new, cartItems=[item(attributes={"color": 3})]))
    assert told(store) == [
        ("new attribute", 1, "attributes.New", 20),
        ("vanished attribute", 1, "attributes.Old", 20),
        ("other type", 1, "attributes.Channel", 20),
        ("other type", 1, "cartItems[].attributes.color", 20),
    ]
    assert drift_lines(store.drift())[2] == (
        "application 1: attributes.Channel holds number, and held string (20 values)"
    )


def test_a_new_state_is_told_and_a_missing_one_is_not(store: Store) -> None:
    load(store, *many(20, state="closed"))
    load(store, *many(20, first=20, state="cancelled"))
    assert told(store) == [("new state", 1, "cancelled", 20)]


def test_thousands_of_codes_are_one_line(store: Store) -> None:
    load(store, *many(3, coupon="OLD", discounts={"Summer#1": 1}))
    codes = [
        many(1, first=100 + n, coupon=f"C-{n:04}", discounts={f"Tea#{n}": 1})[0]
        for n in range(3000)
    ]
    codes += many(1, first=9000, coupon="C-0007", discounts={"Summer#9": 1})
    load(store, *codes)
    labels, coupons = store.drift().table.to_pylist()
    assert (labels["change"], labels["count"], labels["examples"]) == ("new labels", 1, ["Tea"])
    assert (coupons["change"], coupons["count"]) == ("new coupons", 3000)
    assert coupons["examples"] == ["C-0007", "C-0000", "C-0001", "C-0002", "C-0003"]
    label, counted = drift_lines(store.drift())
    assert label == "application 1: 1 new label: Tea (1 known)"
    assert counted == "application 1: 3,000 new coupon codes (1 known)"
    assert drift_lines(store.drift(), codes=True)[1] == (
        "application 1: 3,000 new coupon codes: C-0007, C-0000, C-0001, C-0002, C-0003, … (1 known)"
    )


def test_a_new_application_or_dialect_is_told_as_a_whole(store: Store) -> None:
    load(store, *many(20))
    other = many(20, first=20, applicationId=2, newer="x", coupon="X", attributes={"A": 1})
    v2 = [
        {
            "integrationId": f"V-{n}",
            "applicationId": 1,
            "created": "2026-03-01T10:00:00Z",
            "firstSession": True,
            "profileId": "p",
            "couponCodes": [],
            "cartItems": [],
            "total": 1,
            "cartItemTotal": 1,
            "additionalCostTotal": 0,
            "state": "closed",
        }
        for n in range(7)
    ]
    load(store, *other)
    load(store, *v2, name="v2.jsonl")
    assert told(store) == [("new dialect", 1, None, 7)]
    assert told(store, since_load=1) == [
        ("new application", 2, None, 20),
        ("new dialect", 1, None, 7),
        ("new key", None, "newer", 20),
    ]
    assert drift_lines(store.drift(since_load=1))[:2] == [
        "application 2: new, with 20 records",
        "application 1: new dialect v2_session, with 7 records",
    ]


def test_days_without_a_session_are_told_once(store: Store) -> None:
    load(store, *many(1, day=1), *many(1, first=1, day=4))
    assert told(store) == [("gap", 1, "2026-03-02 to 2026-03-03", 2)]
    load(store, *many(1, first=2, day=5), *many(1, first=3, day=7))
    assert told(store) == [("gap", 1, "2026-03-06", 1)]
    assert told(store, since_load=0)[-2:] == [
        ("gap", 1, "2026-03-02 to 2026-03-03", 2),
        ("gap", 1, "2026-03-06", 1),
    ]
    assert drift_lines(store.drift(since_load=0)) == [
        "application 1: no session created from 2026-03-02 to 2026-03-03",
        "application 1: no session created on 2026-03-06",
    ]
    load(store, *many(1, first=4, day=6))
    assert told(store) == []


def test_a_gap_between_two_exports_is_told(store: Store) -> None:
    load(store, *many(1, day=1))
    load(store, *many(1, first=1, day=3))
    assert told(store) == [("gap", 1, "2026-03-02", 1)]


def test_open_sessions_that_do_not_come_again(store: Store) -> None:
    load(store, *many(2, day=1, state="open"), *many(3, first=2, day=2, state="open"))
    load(store, *many(1, first=8, applicationId=3))  # another application covers nothing here
    load(store, *many(1, first=9, day=2, state="open"), *many(1, first=10, day=3, state="open"))
    assert told(store) == [
        ("missing open sessions", 1, "2026-03-02", 3),
        ("open sessions not seen again", 1, "2026-03-01", 2),
    ]
    assert store.drift().table["examples"].to_pylist() == [["S-2", "S-3", "S-4"], ["S-0", "S-1"]]
    assert drift_lines(store.drift()) == [
        "application 1: 3 open sessions created 2026-03-02, not in the new files",
        "application 1: 2 open sessions created 2026-03-01, not seen again",
    ]


def test_open_sessions_later_than_what_an_export_covers_are_not_expected_in_it(
    store: Store,
) -> None:
    load(store, *many(2, day=2, state="open"), *many(2, first=2, day=1, state="open"))
    load(store, *many(1, first=5, day=1, state="open"))  # a late export of an earlier day
    assert [row for row in told(store) if "open" in row[0]] == [
        ("missing open sessions", 1, "2026-03-01", 2)
    ]


def test_open_sessions_that_come_again_unchanged_or_closed_are_not_missing(store: Store) -> None:
    load(store, *many(3, day=2, state="open"))
    again, closed = many(1, day=2, state="open"), many(1, first=1, day=2)
    late = {"updated": "2026-03-05T00:00:00Z"}
    load(store, *again, *[doc | late for doc in closed], *many(2, first=7, day=2))
    missing = [row for row in store.drift().table.to_pylist() if "open" in row["change"]]
    assert [(row["change"], row["examples"]) for row in missing] == [
        ("missing open sessions", ["S-2"])
    ]


def test_what_lies_between_any_two_loads(store: Store) -> None:
    for number, state in enumerate(("closed", "open", "cancelled")):
        load(store, *many(20, first=20 * number, state=state))
    assert [row for row in told(store) if row[0] == "new state"] == [
        ("new state", 1, "cancelled", 20)
    ]
    assert [row for row in told(store, 1) if row[0] == "new state"] == [
        ("new state", 1, "cancelled", 20),
        ("new state", 1, "open", 20),
    ]
    with pytest.raises(UsageError, match="no load 7; the loads are 1 to 3"):
        store.drift(since_load=7)


def test_there_is_no_load_in_an_empty_store(store: Store) -> None:
    with pytest.raises(UsageError, match="no load 1; nothing was loaded yet"):
        store.drift(since_load=1)


def test_a_load_that_fails_leaves_no_words(store: Store) -> None:
    load(store, *many(20))
    with pytest.raises(ReadError):
        store.load(named("no.jsonl", b"\x00\x01 no dump at all"))
    kept = "select max(load) from kept.vocabulary union all select max(load) from kept.periods"
    assert store.connection().sql(kept).fetchall() == [(1,), (1,)]


def test_a_file_loaded_twice_counts_once(store: Store) -> None:
    docs = many(20, coupon="C")
    load(store, *docs)
    load(store, *docs)
    assert store.connection().sql("select distinct load from kept.vocabulary").fetchall() == [(1,)]


@pytest.mark.parametrize("seed", range(10))
def test_new_words_are_those_that_no_earlier_load_had(store: Store, seed: int) -> None:
    dice = random.Random(seed)
    names = [f"W{n}" for n in range(12)]
    lots = [_random_lot(dice, names, number) for number in range(4)]
    known: dict[str, set[Any]] = {
        "attribute": set(),
        "label": set(),
        "coupon": set(),
        "state": set(),
    }
    for number, lot in enumerate(lots):
        load(store, *lot)
        fresh = _words_of(lot)
        expected = {what: fresh[what] - known[what] for what in known} if number else {}
        assert _new_words(store) == {what: new for what, new in expected.items() if new}
        for what, words in fresh.items():
            known[what] |= words


def _random_lot(dice: random.Random, names: list[str], number: int) -> list[Doc]:
    return [
        session(
            integrationId=f"{number}-{n}",
            state=dice.choice(["open", "closed", "cancelled", "partially_returned"][: number + 1]),
            attributes=dict.fromkeys(dice.sample(names, 2), n),
            discounts={f"{name}#{n}": 1 for name in dice.sample(names, 1)},
            coupon=dice.choice([*names, ""]),
        )
        for n in range(dice.randint(1, 5))
    ]


def _words_of(lot: list[Doc]) -> dict[str, set[str]]:
    return {
        "attribute": {f"attributes.{name}" for doc in lot for name in doc["attributes"]},
        "label": {label.partition("#")[0] for doc in lot for label in doc["discounts"]},
        "coupon": {doc["coupon"] for doc in lot if doc["coupon"]},
        "state": {doc["state"] for doc in lot},
    }


def _new_words(store: Store) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in store.drift().table.to_pylist():
        what = row["change"].removeprefix("new ").removesuffix("s")
        if row["change"] in ("new attribute", "new state"):
            found.setdefault(what, set()).add(row["name"])
        elif row["change"] in ("new labels", "new coupons"):
            assert row["count"] <= 5
            found[what] = set(row["examples"])
            assert len(found[what]) == row["count"]
    return found
