"""The life of one session: every event once, in order, from a store, a folder or tables alike."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import sessionkit
from sessionkit.errors import UsageError
from sessionkit.store import Store, session_history
from tests.reading import dump, named, plain, session

OPEN = session(
    integrationId="S-1",
    applicationId=270,
    created="2026-03-01T10:00:00.5Z",
    updated="2026-03-01T10:05:00.25Z",
    updateCount=1,
    state="open",
    discounts={"Tea": 1},
)
CLOSED = OPEN | {
    "updated": "2026-03-02T09:00:00Z",
    "updateCount": 3,
    "state": "closed",
    "total": 12.5,
    "discounts": {"Tea": 2.5},
}
BROKEN = CLOSED | {"updated": "2026-03-04T00:00:00Z", "cartItems": [{"sku": "a", "quantity": 0}]}
OTHER = OPEN | {"integrationId": "S-2", "total": 99}
NAMESAKE = OPEN | {"applicationId": 322, "total": 98}
SINGLE = {
    "id": 7,
    "integrationId": "S-1",
    "applicationId": 270,
    "created": "2026-03-01T10:00:00Z",  # to the second, as some dumps tell it
    "profileId": 5,
    "profileintegrationid": "p",
    "state": "cancelled",
    "cartItems": [],
    "discounts": {},
    "totalDiscounts": 0,
    "total": 12.5,
    "attributes": {},
    "closedAt": "2026-03-02T09:00:00Z",
    "cancelledAt": "2026-03-03T08:00:00Z",
}
EFFECTS = (
    "created,name,applicationid,campaignid,rulesetid,ruleindex,sessionintegrationid,"
    "profileintegrationid,sessionid,profileid,eventid,event_type,total_revenue,props\n"
    "2026-03-02T09:00:00Z,setDiscount,270,1,1,0,S-1,p,7,5,90,talon_session_closed,12.5,"
    '"{""name"": ""Tea"", ""value"": 2.5}"\n'
    "2026-03-02T09:00:00Z,acceptCoupon,270,1,1,0,S-1,p,7,5,90,talon_session_closed,12.5,"
    '"{""value"": ""C""}"\n'
    "2026-03-01T10:05:00Z,rejectCoupon,270,1,1,0,S-1,p,7,5,89,talon_session_created,12.5,"
    '"{""value"": ""C"", ""rejectionReason"": ""CouponExpired""}"\n'
    "2026-03-01T10:05:00Z,setDiscount,270,1,1,0,S-2,p,8,5,88,talon_session_created,12.5,"
    '"{""name"": ""Tea"", ""value"": 2.5}"\n'
)
FILES = {
    "a.jsonl": dump([OTHER, OPEN, NAMESAKE]),
    "b.jsonl": dump([CLOSED, BROKEN, OPEN]),
    "single.json": dump(SINGLE),
    "effects.csv": EFFECTS.encode(),
}
LIFE = [
    (None, "version", "cancelled", "12.5", "0", None, None),
    ("2026-03-01T10:00:00.5Z", "created", None, None, None, None, None),
    ("2026-03-01T10:05:00Z", "effects", None, None, None, None,
     "talon_session_created: 1 effect (rejectCoupon)"),
    ("2026-03-01T10:05:00.25Z", "version", "open", "10", "1", 1, None),
    ("2026-03-02T09:00:00Z", "closed", None, None, None, None, None),
    ("2026-03-02T09:00:00Z", "version", "closed", "12.5", "2.5", 3, None),
    ("2026-03-02T09:00:00Z", "effects", None, None, None, None,
     "talon_session_closed: 2 effects (acceptCoupon, setDiscount)"),
    ("2026-03-03T08:00:00Z", "cancelled", None, None, None, None, None),
    ("2026-03-04T00:00:00Z", "rejected", None, None, None, None, "out-of-range"),
]  # fmt: skip


def told(source: Any) -> list[tuple[Any, ...]]:
    rows = session_history(source, 270, "S-1").table.to_pylist()
    return [tuple(plain(value) for value in row.values())[:7] for row in rows]


def files() -> list[Any]:
    return [named(name, content) for name, content in FILES.items()]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "sessions.duckdb"
    with Store(path) as opened:
        for file in files():
            opened.load(file)
    return path


def test_a_life_is_told_in_order(store: Path) -> None:
    with Store.open_readonly(store) as opened:
        assert told(opened) == LIFE


def test_a_store_by_its_path_a_folder_and_tables_tell_the_same(store: Path, tmp_path: Path) -> None:
    tables = sessionkit.read(*files())
    tables.write(tmp_path / "out")
    assert told(store) == told(tables) == told(tmp_path / "out") == LIFE


def test_what_a_record_told_again_is_told_once_and_has_its_first_place(store: Path) -> None:
    versions = [
        (row["state"], row["source_file"], row["source_record"])
        for row in session_history(store, 270, "S-1").table.to_pylist()
        if row["what"] == "version"
    ]
    assert versions == [
        ("cancelled", "single.json", 1),
        ("open", "a.jsonl", 2),
        ("closed", "b.jsonl", 1),
    ]


def test_amounts_are_exact_and_every_column_is_defined(store: Path) -> None:
    result = session_history(store, 270, "S-1")
    assert list(result.definition) == result.table.column_names
    assert result.table["total"].to_pylist()[0] == Decimal("12.5")
    assert str(result.table.schema.field("total").type) == "decimal128(38, 18)"


def test_namesakes_in_other_applications_are_other_sessions(store: Path) -> None:
    rows = session_history(store, 322, "S-1").table.to_pylist()
    assert [(row["what"], plain(row["total"])) for row in rows] == [
        ("created", None),
        ("version", "98"),
    ]


def test_a_session_that_nobody_told_is_an_error(store: Path) -> None:
    with pytest.raises(UsageError, match="there is no session 'S-9' in application 270"):
        session_history(store, 270, "S-9")


@pytest.mark.parametrize(
    ("key", "message"), [(("270", "S-1"), "application_id"), ((270, 1), "integration_id")]
)
def test_a_key_of_another_type_is_an_error(store: Path, key: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        session_history(store, *key)
