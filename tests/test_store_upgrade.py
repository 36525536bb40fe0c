"""Older stores: they are brought to today's layout in one transaction, or left as they were."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

import sessionkit
from sessionkit.database import Connection
from sessionkit.errors import StoreError
from sessionkit.store import Store, upgrading
from sessionkit.store.upgrading import STEPS, Step, upgrade
from sessionkit.store_file import SCHEMA_VERSION
from tests.reading import item, session
from tests.storing import counts, differences, held, load

KEPT = Path(__file__).parent / "stores"
"""Stores as older versions of the package wrote them: `layout-<version>.duckdb.gz`."""

FIRST = [
    session(
        updated="2024-03-02T12:00:00Z",
        cartItems=[item(quantity=2), item(sku="B", price="2.5")],
        discounts={"ten off": "2.25"},
        coupon="SPRING",
        attributes={"city": "Oslo"},
        identifiers=["x"],
    ),
    session(integrationId="S-2", updated="2024-03-02T12:00:00Z", state="closed", total=7),
    session(integrationId="S-3", total="much"),
    {
        "customerSession": session(integrationId="S-4", id=4, discounts=..., couponCodes=[]),
        "effects": [{"effectType": "setDiscount", "props": {"name": "A", "value": 2}}],
    },
]
SECOND = [
    session(updated="2024-03-03T12:00:00Z", state="closed", total=20),
    session(integrationId="S-2", updated="2024-03-04T12:00:00Z", total="much"),
]


def make_todays(path: Path) -> None:
    """Write a store to be kept for later versions.

    python -c "from tests.test_store_upgrade import *; keep_todays()"
    """
    with Store(path) as store:
        load(store, FIRST)
        load(store, SECOND)


def keep_todays() -> None:
    """Keep a store of today's layout beside those of older ones."""
    made = KEPT / "sessions.duckdb"
    make_todays(made)
    packed = KEPT / f"layout-{SCHEMA_VERSION}.duckdb.gz"
    packed.write_bytes(gzip.compress(made.read_bytes(), mtime=0))
    made.unlink()


@pytest.fixture(params=sorted(KEPT.glob("*.gz")), ids=lambda path: path.name)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A store that an older version wrote."""
    path = tmp_path / "sessions.duckdb"
    path.write_bytes(gzip.decompress(request.param.read_bytes()))
    return path


def layout(connection: Connection) -> set[tuple[str, ...]]:
    """Every column of every table and view."""
    query = (
        "select schema_name, table_name, column_name, data_type from duckdb_columns() "
        "where database_name = current_database() and not internal"
    )
    return set(connection.sql(query).fetchall())


def test_todays_layout_is_kept_for_tomorrow() -> None:
    names = {path.name for path in KEPT.glob("*.gz")}
    assert names == {f"layout-{number}.duckdb.gz" for number in range(1, SCHEMA_VERSION + 1)}
    assert set(STEPS) == set(range(1, SCHEMA_VERSION))


def test_an_older_store_holds_what_was_loaded_then(old: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.duckdb"
    make_todays(new)
    with Store(old) as store, Store(new) as todays:
        assert layout(store.connection()) == layout(todays.connection())
        assert differences(held(store), held(todays)) == {}
        about = "select schema_version, next_load, next_record from kept.about"
        told = todays.connection().sql(about).fetchall()
        assert store.connection().sql(about).fetchall() == told == [(SCHEMA_VERSION, 3, 7)]
        (closed,) = store.sql(
            "from sessions where state = 'closed' order by total"
        ).table.to_pylist()[1:]
        assert (closed["total"], closed["updated_at"]) == (
            Decimal(20),
            datetime(2024, 3, 3, 12, tzinfo=UTC),
        )


def test_an_older_store_is_asked_and_loaded_like_any_other(old: Path) -> None:
    with Store(old) as store:
        (row,) = sessionkit.totals(store, population="all").table.to_pylist()
        assert row["session_count"] == 3
        assert counts(load(store, SECOND[0], "  " + json.dumps(FIRST[1]))) == (0, 0, 2, 0, 0)
        assert counts(load(store, session(integrationId="S-5"), FIRST[0]))[:2] == (1, 0)
    with Store.open_readonly(old) as store:
        assert held(store)["sessions"].total() == 4


# The mechanism, shown with a layout that never was


def add_size(connection: Connection) -> None:
    """Take a layout without `bytes` to today's."""
    connection.execute("alter table kept.loads add column bytes bigint")
    connection.execute("update kept.loads set bytes = length(message)")


def make_older(path: Path) -> None:
    """Write a store whose layout lacks a column that version 1 has, as version 0."""
    path.write_bytes(gzip.decompress((KEPT / "layout-1.duckdb.gz").read_bytes()))
    with duckdb.connect(path) as own:
        own.execute("drop view loads")
        own.execute("update kept.loads set message = 'twelve bytes'")
        own.execute("alter table kept.loads drop column bytes")
        own.execute("update kept.about set schema_version = 0")


@pytest.fixture
def version_0(tmp_path: Path) -> Path:
    """A store of version 0."""
    path = tmp_path / "sessions.duckdb"
    make_older(path)
    return path


def with_steps(monkeypatch: pytest.MonkeyPatch, steps: Mapping[int, Step]) -> None:
    """Let stores be upgraded by these steps."""

    def upgraded(connection: Connection, path: Path) -> None:
        upgrade(connection, path, steps=steps)

    monkeypatch.setattr("sessionkit.store.store.upgrade", upgraded)


def test_an_upgrade_takes_step_after_step_when_a_store_is_opened_to_load(
    version_0: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_steps(monkeypatch, {0: add_size} | dict(STEPS))
    with Store(version_0) as store:
        about = store.connection().sql("select schema_version from kept.about").fetchall()
        assert about == [(SCHEMA_VERSION,)]
        assert store.sql("select bytes from loads").table["bytes"].to_pylist() == [12, 12]
        assert counts(load(store, session(integrationId="S-5"))) == (1, 0, 0, 0, 0)
        told = store.sql("select bytes > 100 as is_known from loads order by 1").table
        assert told["is_known"].to_pylist() == [False, False, True]
    with Store(version_0) as store:
        assert held(store)["sessions"].total() == 4


def test_a_store_opened_to_be_read_is_not_upgraded(version_0: Path) -> None:
    before = version_0.read_bytes()
    for _ in range(2):
        with pytest.raises(
            StoreError, match=r"made by an older sessionkit.*open it once with Store"
        ):
            Store.open_readonly(version_0)
    assert version_0.read_bytes() == before


def test_a_step_that_fails_leaves_the_store_as_it_was(
    version_0: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(connection: Connection) -> None:
        add_size(connection)
        connection.execute("select no_such_column from kept.loads")

    with_steps(monkeypatch, {0: fails} | dict(STEPS))
    with pytest.raises(StoreError, match=r"not upgraded, it is as it was: .*no_such_column"):
        Store(version_0)
    with_steps(monkeypatch, {0: add_size} | dict(STEPS))
    with Store(version_0) as store:
        assert store.sql("select bytes from loads").table["bytes"].to_pylist() == [12, 12]


def test_a_version_without_a_step_is_refused(version_0: Path) -> None:
    assert 0 not in upgrading.STEPS
    with pytest.raises(StoreError, match=r"version 0, which this sessionkit cannot upgrade"):
        Store(version_0)
    with pytest.raises(StoreError, match=r"version 0, which this sessionkit cannot upgrade"):
        Store(version_0)  # the first try has let go of it


# What version 1 knew less of


def test_effects_of_version_1_find_their_sessions(tmp_path: Path) -> None:
    path = tmp_path / "sessions.duckdb"
    path.write_bytes(gzip.decompress((KEPT / "layout-1.duckdb.gz").read_bytes()))
    with duckdb.connect(path) as own:
        own.execute("update records_alone.sessions set internal_id = 9")
        for event, number, key in ((1, 9, None), (2, 8, None), (3, 9, None), (3, 9, "S-4")):
            own.execute(
                "insert into kept.effects select * replace (null as version_at, null as state, "
                "$event as event_id, $number as session_internal_id, $key as integration_id) "
                "from kept.effects where state is not null",
                {"event": event, "number": number, "key": key},
            )
    query = "select integration_id, event_id from effects where event_id is not null order by all"
    with Store(path) as store:
        assert store.connection().sql(query).fetchall() == [("S-4", 1), ("S-4", 3), (None, 2)]
        load(store, session(integrationId="S-6", id=9), session(integrationId="S-7", id=8))
        found = store.connection().sql(query).fetchall()
        assert found == [("S-4", 3), ("S-7", 2), (None, 1), (None, 3)]
