"""What a load into a store counts, and what it leaves there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sessionkit.errors import ReadError, UsageError
from sessionkit.store import Store, loading
from tests.reading import Doc, item, session
from tests.storing import counts, held, load
from tests.test_effects import export

T1, T2, T3 = (f"2024-03-02T12:00:0{second}Z" for second in (1, 2, 3))
NEW, CHANGED, REPEATED, OLDER, REJECTED = (
    tuple(int(place == one) for place in range(5)) for one in range(5)
)
STORED = ("records_alone", "records_several", "resolved")
BAD = "much"
"""A total that is none."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with Store(tmp_path / "sessions.duckdb") as made:
        yield made


def asked(store: Store, query: str) -> list[tuple[Any, ...]]:
    return store.connection().sql(query).fetchall()


def everything(store: Store) -> dict[str, list[str]]:
    """All that stands in a store, to the last column."""
    names = asked(
        store,
        "select schema_name || '.' || table_name from duckdb_tables() "
        "where database_name = current_database() and not internal and not temporary order by all",
    )
    assert len(names) > 20
    return {name: sorted(map(repr, rows_of(store, name))) for (name,) in names}


def rows_of(store: Store, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        store.connection().sql(f"from {table}").to_arrow_table().to_pylist()
    )
    return found


# One session, one more record of it

AFTER_CLOSED: dict[str, tuple[dict[str, Any], tuple[int, ...], str]] = {
    "a later one": ({"updated": T3, "total": 7}, CHANGED, "7"),
    "the same again, spelt otherwise": ({"updated": T2, "total": "12.50"}, REPEATED, "12.5"),
    "the same moment in another zone": ({"updated": "2024-03-02T13:00:02+01:00"}, REPEATED, "12.5"),
    "an earlier one": ({"updated": T1, "total": 7}, OLDER, "12.5"),
    "one without a date": ({"total": 7}, OLDER, "12.5"),
    "one of that second, before in life": ({"updated": T2, "state": "open"}, OLDER, "12.5"),
    "one of that second, later in life": (
        {"updated": T2, "state": "cancelled", "total": 3},
        CHANGED,
        "3",
    ),
    "one of a higher count": ({"updated": T2, "updateCount": 1, "total": 3}, CHANGED, "3"),
    "one a little later": ({"updated": "2024-03-02T12:00:02.5Z", "total": 3}, CHANGED, "3"),
    "one that cannot be taken in": ({"updated": T3, "total": BAD}, REJECTED, "12.5"),
    "one of another application": ({"updated": T3, "applicationId": 2}, NEW, "12.5"),
}


@pytest.mark.parametrize("case", AFTER_CLOSED)
def test_what_another_record_of_a_known_session_counts_as(store: Store, case: str) -> None:
    members, counted, total = AFTER_CLOSED[case]
    first = {"state": "closed", "total": 12.5}
    assert counts(load(store, session(**first, updated=T2))) == NEW
    assert counts(load(store, session(**(first | members)))) == counted
    (current,) = asked(store, "select total from sessions where application_id = 1")
    assert f"{current[0].normalize():f}" == total


def test_of_two_that_differ_in_nothing_but_what_they_say_the_same_one_stays(store: Store) -> None:
    one, other = (session(updated=T2, total=total) for total in (1, 2))
    assert counts(load(store, one)) == NEW
    first_wins = counts(load(store, other)) == REPEATED
    again = load(store, {**one, "referral": ""}, {**other, "referral": ""})
    assert again.new == 0
    ((total,),) = asked(store, "select total from sessions")
    assert (total == 1) is first_wins
    assert ("duplicate-conflict",) in asked(store, "select rule from findings")


def test_counts_stand_file_by_file(store: Store) -> None:
    load(store, [session(updated=T2), session(integrationId="S-2", updated=T2)])
    loaded = load(
        store,
        [session(updated=T1), session(updated=T3), session(integrationId="S-3", total=BAD)],
        [session(integrationId="S-2", updated=T2), session(integrationId="S-4"), session()],
        "[]",
    )
    names = ("records", "new", "changed", "repeated", "older", "rejected")
    told = [tuple(row[name] for name in names) for row in loaded.files.to_pylist()]
    assert told == [(3, 0, 1, 0, 1, 1), (3, 1, 0, 1, 1, 0), (0, 0, 0, 0, 0, 0)]
    assert repr(loaded).startswith("Loaded(3 files: 1 new, 1 changed, 1 repeated, 2 older, 1 rej")
    assert loaded.load == 2


def test_every_record_is_accounted_for_load_by_load(store: Store) -> None:
    docs = [session(integrationId=f"S-{n % 5}", updated=f"2024-03-0{1 + n % 3}") for n in range(9)]
    docs += [session(integrationId=f"S-{n % 5}", updated=T1, total=n) for n in range(9)]
    for start in range(0, len(docs), 4):
        load(store, docs[start : start + 4])
    ended = "sessions + repeats + older + effects + rejects"
    sums = asked(store, f"select sum(records), sum({ended}), sum(rejects) from kept.loads")
    assert sums == [(18, 18, 9)]
    known = "select count(*) from (select distinct application_id, integration_id from sessions)"
    assert asked(store, known) == asked(store, "select count(*) from sessions") == [(5,)]


# Once more


def test_the_same_file_again_changes_nothing_at_all(store: Store, tmp_path: Path) -> None:
    dump = tmp_path / "dump.jsonl"
    docs = [session(odd=1), session(total=BAD), session(updated=T2, cartItems=[item()])]
    dump.write_text("\n".join(map(json.dumps, docs)))
    assert counts(store.load(dump)) == (1, 0, 0, 1, 1)
    before = everything(store)
    renamed = dump.rename(tmp_path / "another name.jsonl")
    again = store.load(renamed)
    assert (again.load, counts(again)) == (None, (0, 0, 0, 0, 0))
    assert [row["status"] for row in again.files.to_pylist()] == ["known"]
    assert everything(store) == before


def test_the_same_bytes_from_a_stream_change_no_table(store: Store) -> None:
    docs = [session(odd=1), session(total=BAD), session(updated=T2, cartItems=[item()])]
    load(store, docs)
    before = everything(store)
    again = load(store, docs)
    assert (again.load, again.files["status"].to_pylist()) == (None, ["known"])
    assert everything(store) == before
    beside = load(store, docs, session(integrationId="S-2"))
    assert counts(beside)[:2] == (1, 0)
    after = everything(store)
    for name in ("kept.rejects", "records_several.sessions", "kept.snapshots"):
        assert len(after[name]) == len(before[name]) + (name == "kept.snapshots"), name
    doubted = [row for row in after["kept.findings"] if "S-2" not in row]
    assert len(doubted) == len(before["kept.findings"])


def test_what_says_nothing_new_is_counted_and_not_written_again(store: Store) -> None:
    one = session(integrationId="S-1", updated=T1, cartItems=[item(), item(sku="B")])
    old, new = (session(integrationId="S-2", updated=at, total=at[-2]) for at in (T1, T2))
    load(store, [one, old, new])
    before = everything(store)
    again = load(store, [old, one, one, new, session(integrationId="S-3")])
    assert counts(again) == (1, 0, 3, 1, 0)
    after = everything(store)
    for name in (f"{schema}.{table}" for schema in STORED for table in ("sessions", "cart_items")):
        gone = set(before[name]) - set(after[name])
        assert (gone, len(after[name]) - len(before[name])) == (
            set(),
            1 if name == "records_alone.sessions" else 0,
        ), name
    other = load(store, [one, {**new, "attributes": {"a": 1}}])
    assert (other.repeated + other.changed, other.older) == (2, 0)
    assert len(everything(store)["records_several.sessions"]) == 3


def test_the_same_bytes_read_in_another_way_are_read_again(store: Store, tmp_path: Path) -> None:
    dump = tmp_path / "dump.jsonl"
    dump.write_text(json.dumps(session(updated="2024-03-02T12:00:01")))
    assert counts(store.load(dump)) == REJECTED
    assert counts(store.load(dump, assume_tz="UTC")) == NEW
    assert store.load(dump, assume_tz="UTC").load is None


def test_a_load_leaves_the_rows_of_other_sessions_alone(store: Store) -> None:
    load(store, [session(integrationId="S-1"), session(integrationId="S-2")])
    load(store, [session(integrationId="S-2", updated=T1)])
    places = "select integration_id, source_record from sessions order by 1"
    assert asked(store, places) == [("S-1", 1), ("S-2", 1)]
    assert asked(store, "select record from records_alone.sessions") == [(1,)]


def test_a_load_from_within_a_load_is_refused(store: Store) -> None:
    said = []

    def tells(_: object) -> None:
        with pytest.raises(UsageError, match="a load is under way here") as refused:
            load(store, session(integrationId="S-2"))
        said.append(str(refused.value))

    assert counts(load(store, session(), progress=tells)) == NEW
    assert said
    assert counts(load(store, session(integrationId="S-2"))) == NEW


def test_rows_of_effects_are_counted(store: Store) -> None:
    row = {"sessionintegrationid": "S-1"}
    loaded = load(store, session(), export(row, row, row | {"sessionid": "x"}))
    assert (loaded.new, loaded.effects, loaded.rejected) == (1, 2, 1)
    assert loaded.files["effects"].to_pylist() == [0, 2]
    assert repr(loaded) == (
        "Loaded(2 files: 1 new, 0 changed, 0 repeated, 0 older, 2 effects, 1 rejected)"
    )


# What is not taken in


def test_nothing_readable_leaves_the_store_as_it_was(store: Store) -> None:
    load(store, session())
    before = everything(store)
    with pytest.raises(ReadError, match="a PNG image"):
        load(store, b"\x89PNG")
    assert everything(store) == before


def test_what_cannot_be_read_beside_a_known_file_is_told(store: Store, tmp_path: Path) -> None:
    good, bad = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    good.write_text(json.dumps(session()))
    bad.write_bytes(b"\x89PNG")
    store.load(good)
    told = {row["source_file"]: row["status"] for row in store.load(good, bad).files.to_pylist()}
    assert told == {str(good): "known", str(bad): "unreadable"}


@pytest.mark.parametrize("dump", ["[]", ""])
def test_a_dump_without_a_session(store: Store, dump: Doc) -> None:
    if not dump:
        with pytest.raises(ReadError):
            load(store, dump)
        return
    assert counts(load(store, dump)) == (0, 0, 0, 0, 0)
    assert asked(store, "select count(*) from sessions") == [(0,)]


# Rejects and what they cast doubt on

NEWER = "select integration_id, seen from findings where rule = 'newer-record-rejected'"


def test_a_newer_record_that_was_rejected_is_a_doubt_until_a_newer_one_comes(store: Store) -> None:
    load(store, session(updated=T1))
    assert asked(store, NEWER) == []
    assert counts(load(store, session(updated=T2, total=BAD))) == REJECTED
    assert asked(store, NEWER) == [("S-1", f"{T2}, open")]
    assert counts(load(store, session(updated=T1, total="10.0"))) == REPEATED
    assert asked(store, NEWER) == [("S-1", f"{T2}, open")]
    assert counts(load(store, session(updated=T3))) == CHANGED
    assert asked(store, NEWER) == []
    assert asked(store, "select count(*) from rejects") == [(1,)]


def test_a_rejected_record_counts_against_a_session_that_is_known_only_later(store: Store) -> None:
    assert counts(load(store, session(updated=T2, total=BAD))) == REJECTED
    assert asked(store, NEWER) == []
    assert counts(load(store, [session(updated=T1), session(integrationId="S-2")])) == (
        2,
        0,
        0,
        0,
        0,
    )
    assert asked(store, NEWER) == [("S-1", f"{T2}, open")]


def test_an_undated_record_in_another_state_is_a_doubt_in_either_order(store: Store) -> None:
    sightings = "select integration_id, seen from findings where rule = 'undated-sighting'"
    load(store, [session(state="closed"), session(updated=T1, integrationId="S-2")])
    assert asked(store, sightings) == []
    assert counts(load(store, session(updated=T1, state="open"))) == CHANGED
    assert counts(load(store, session(integrationId="S-2", state="closed"))) == OLDER
    assert sorted(asked(store, sightings)) == [("S-1", "closed"), ("S-2", "closed")]


def test_doubts_about_rows_go_and_come_with_the_rows(store: Store) -> None:
    empty = "select integration_id from findings where rule = 'empty-sku'"
    load(store, session(updated=T1, cartItems=[item(sku="")]))
    assert asked(store, empty) == [("S-1",)]
    load(store, session(updated=T2, cartItems=[item()]))
    assert asked(store, empty) == []
    load(store, session(updated=T3, cartItems=[item(sku=""), item(sku="", price=2)]))
    assert asked(store, empty) == [("S-1",), ("S-1",)]


def test_a_record_that_is_told_again_keeps_each_of_its_doubts_once(store: Store) -> None:
    long = "1.0000000000000000001"
    rounded = "select seen from findings where rule = 'money-rounded'"
    doc = json.dumps(session(updated=T1, total=long))
    for number in range(3):
        assert load(store, " " * number + doc).load == number + 1
    assert asked(store, rounded) == [(long,)]
    assert asked(store, "select count(*) from records_alone.sessions") == [(1,)]


# History


def test_every_version_is_kept_once_and_what_is_missing_later_is_not_deleted(store: Store) -> None:
    for total, updated in ((1, T1), (2, T2), (3, T3), (2, T2), (1, T1)):
        load(store, session(updated=updated, total=total))
    load(store, session(integrationId="S-2"))
    versions = asked(
        store, "select total from snapshots where integration_id = 'S-1' order by version_at"
    )
    assert versions == [(1,), (2,), (3,)]
    assert asked(store, "select count(*) from sessions") == [(2,)]
    assert held(store)["snapshots"].total() == 4


@pytest.mark.parametrize("at_once", [90, 700])
def test_sessions_audited_in_parts_have_the_findings_that_they_have_together(
    at_once: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = Path(__file__).parents[1] / "data"
    query = "select * from findings order by all"
    found = []
    for parts in (False, True):
        if parts:
            monkeypatch.setattr(loading, "AUDITED_AT_ONCE", at_once)
            monkeypatch.setattr(loading, "_FEW", 0)
        with Store(tmp_path / f"{parts}.duckdb") as store:
            store.load(data)
            found.append(store.sql(query).table.to_pylist())
    assert len(found[0]) > 90
    assert found[0] == found[1]
