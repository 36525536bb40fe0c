"""The file of a store: who may open it when, and what is said of one that cannot be opened."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep

import duckdb
import pytest

from sessionkit.errors import SessionkitError, StoreError, UsageError
from sessionkit.store import Store
from sessionkit.store_file import SCHEMA_VERSION
from tests.reading import item, session
from tests.storing import counts, held, load

HOLD = """
import sys, time
from sessionkit.store import Store
with Store(sys.argv[1], read_only=sys.argv[2] == "read"):
    print("open", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def another_process(path: Path, how: str) -> Iterator[subprocess.Popen[str]]:
    """A process that has a store open until a line comes, or the end."""
    command = [sys.executable, "-c", HOLD, str(path), how]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "open\n"
        yield child
        child.communicate("\n", timeout=60)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A store of two sessions, closed."""
    path = tmp_path / "sessions.duckdb"
    with Store(path) as store:
        load(store, [session(), session(integrationId="S-2")])
    return path


def sessions(path: Path) -> int:
    with Store.open_readonly(path) as store:
        ((count,),) = store.connection().sql("select count(*) from sessions").fetchall()
    return int(count)


def test_another_process_is_told_at_once_who_has_the_store(made: Path) -> None:
    with another_process(made, "load") as holder:
        for read_only in (False, True):
            began = monotonic()
            with pytest.raises(StoreError) as told:
                Store(made, read_only=read_only)
            assert monotonic() - began < 5
            assert str(told.value) == (
                f"{made}: another process (process {holder.pid}) has this store open. "
                "Try again when it is done, or wait for it with --wait SECONDS."
            )
    assert sessions(made) == 2


def test_who_waits_gets_it_when_the_other_is_done(made: Path) -> None:
    with another_process(made, "load") as holder:
        with pytest.raises(StoreError, match="another process"):
            Store(made, wait=0.3)
        Thread(target=lambda: (sleep(0.5), holder.stdin and holder.stdin.close())).start()
        with Store(made, wait=60) as store:
            assert counts(load(store, session(integrationId="S-3")))[0] == 1
        holder.stdin = None  # it is closed
    assert sessions(made) == 3


def test_several_read_at_once_and_nobody_loads_meanwhile(made: Path) -> None:
    with another_process(made, "read"), another_process(made, "read"):
        assert sessions(made) == 2
        with pytest.raises(StoreError, match="another process"):
            Store(made)
    with Store(made) as store:
        load(store, session(integrationId="S-3"))
    assert sessions(made) == 3


# Within a process

WHOLE = """
select
    (select count(*) from sessions),
    (select count(*) from sessions join cart_items using (application_id, integration_id)),
    (select count(*) from sessions join attributes using (application_id, integration_id)),
    (select count(*) from snapshots),
    (select coalesce(sum(sessions + repeats + older), 0) from loads),
    (select coalesce(sum(records), 0) from loads)
"""


def test_readers_beside_a_load_see_it_before_or_after(tmp_path: Path) -> None:
    def docs(day: int, count: int) -> list[dict[str, object]]:
        return [
            session(
                integrationId=f"S-{n}",
                updated=f"2024-03-0{day}T12:00:00Z",
                cartItems=[item()],
                attributes={"day": day},
            )
            for n in range(count)
        ]

    with Store(tmp_path / "sessions.duckdb") as store:
        load(store, docs(1, 1500))
        seen: list[tuple[int, ...]] = []
        done = Event()

        def look() -> None:
            with store.connection().cursor() as own:
                while not done.is_set():
                    (row,) = own.sql(WHOLE).fetchall()
                    own.execute("begin transaction read only")
                    rows = [own.sql(WHOLE).fetchall() for _ in range(2)]
                    own.execute("rollback")
                    assert rows[0] == rows[1]
                    seen.append(row)

        readers = [Thread(target=look) for _ in range(2)]
        for reader in readers:
            reader.start()
        load(store, docs(2, 2000))
        during, until = len(seen), monotonic() + 60
        while len(seen) < during + 5 and monotonic() < until:
            sleep(0.02)
        done.set()
        for reader in readers:
            reader.join()
        before, after = (1500,) * 6, (2000, 2000, 2000, 3500, 3500, 3500)
        assert during > 0
        assert set(seen) == {before, after}


def test_two_loads_at_once_wait_for_each_other(tmp_path: Path) -> None:
    with Store(tmp_path / "sessions.duckdb") as store:
        told = []
        loads = [
            Thread(
                target=lambda n=n: told.append(  # type: ignore[misc]
                    load(store, [session(integrationId=f"S-{k}") for k in range(n, n + 60)])
                )
            )
            for n in (0, 30, 60)
        ]
        for one in loads:
            one.start()
        for one in loads:
            one.join()
        assert sum(loaded.new for loaded in told) == 120
        assert sum(loaded.repeated for loaded in told) == 60
        assert held(store)["sessions"].total() == 120


def test_a_store_that_is_read_takes_nothing_in(made: Path) -> None:
    with Store.open_readonly(made) as store, pytest.raises(UsageError, match="opened to be read"):
        load(store, session())
    assert sessions(made) == 2


def test_a_closed_store_says_so(made: Path) -> None:
    store = Store(made)
    store.close()
    store.close()
    for use in (lambda: load(store, session()), lambda: store.sql("select 1"), store.connection):
        with pytest.raises(StoreError, match="this store is closed"):
            use()
    assert repr(store).endswith(", closed)")


# What is no store


def fault(path: Path, *, read_only: bool = False) -> str:
    """What is said when a path is opened."""
    with pytest.raises(SessionkitError) as told:
        Store(path, read_only=read_only)
    said = str(told.value)
    assert "\n" not in said
    assert str(path) in said
    return said


def test_an_empty_file_becomes_a_store_when_it_is_opened_to_load(tmp_path: Path) -> None:
    path = tmp_path / "sessions.duckdb"
    path.touch()
    assert "no DuckDB file" in fault(path, read_only=True)
    with Store(path) as store:
        load(store, session())
    assert sessions(path) == 1


@pytest.mark.parametrize("read_only", [False, True])
def test_what_is_no_store_is_told_and_left_alone(tmp_path: Path, read_only: bool) -> None:
    text, other, folder = (tmp_path / name for name in ("notes.txt", "other.duckdb", "folder"))
    text.write_text("not a database, by far")
    folder.mkdir()
    with duckdb.connect(str(other)) as connection:
        connection.execute("create table t as select 1 as a")
    before = text.read_bytes(), other.read_bytes()
    assert "it is no DuckDB file" in fault(text, read_only=read_only)
    assert "a DuckDB file, but no store of sessionkit" in fault(other, read_only=read_only)
    assert "folder" in fault(folder, read_only=read_only)
    assert (text.read_bytes(), other.read_bytes()) == before
    assert list(folder.iterdir()) == []


def test_a_file_that_is_damaged_is_told(made: Path) -> None:
    whole = made.read_bytes()
    made.write_bytes(whole[:4096] + bytes(len(whole) - 4096))
    assert fault(made)
    made.write_bytes(whole[:20])
    assert fault(made)


def test_a_path_that_leads_nowhere(tmp_path: Path) -> None:
    nowhere = tmp_path / "no" / "such" / "sessions.duckdb"
    assert "No such file or directory" in fault(nowhere)
    assert "there is no such store" in fault(nowhere, read_only=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    assert "Permission denied" in fault(locked / "sessions.duckdb")


def test_a_store_of_a_newer_version_is_refused(made: Path) -> None:
    with Store(made) as store:
        newer = SCHEMA_VERSION + 1
        store.connection().execute("update kept.about set schema_version = $v", {"v": newer})
    for read_only in (False, True):
        said = fault(made, read_only=read_only)
        assert f"its layout has version {newer}, and this one knows up to {SCHEMA_VERSION}" in said


def test_another_name_for_the_same_file(made: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.duckdb"
    link.symlink_to(made)
    with Store(link) as store:
        assert counts(load(store, json.dumps(session(integrationId="S-9"))))[0] == 1
    assert sessions(made) == 3


def test_what_is_left_of_making_a_store_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "sessions.duckdb"
    left, in_use, fresh, alike = (
        tmp_path / f".sessions.duckdb-{name}"
        for name in ("abcd_123", "inuse_12", "fresh123", "mine")
    )
    for folder in (left, in_use, fresh, alike):
        folder.mkdir()
    for folder in (left, in_use, alike):
        (folder / path.name).write_bytes(b"half")
    (tmp_path / "other").mkdir()
    holder = os.open(in_use, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    try:
        Store(path).close()
        assert {each for each in tmp_path.iterdir() if each.name != "other"} == {
            path, in_use, fresh, alike
        }  # fmt: skip
    finally:
        os.close(holder)
    os.utime(fresh, (0, 0))
    Store(path).close()
    assert {each.name for each in tmp_path.iterdir()} == {path.name, alike.name, "other"}
