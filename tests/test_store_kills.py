"""A load that is killed or stopped, at any moment, leaves a store as before or as after it.

Each child tells when it begins; then it is killed after a part of the time that a load takes.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import monotonic, sleep

import pytest

from sessionkit.database import quoted
from sessionkit.store import Store
from tests.reading import item, session
from tests.storing import counts

CHILD = """
import sys
from pathlib import Path
import sessionkit.flattening, sessionkit.validate
from sessionkit.store import Store
print("begun", flush=True)
with Store(sys.argv[1]) as store:
    store.load(*map(Path, sys.argv[2:]))
print("done", flush=True)
"""
PATIENCE = 600
STRETCHES = (0.15, 0.3, 0.42, 0.52, 0.62, 0.7, 0.76, 0.82, 0.87, 0.91, 0.94, 0.97, 1.0, 1.1)
"""Where stretches of the time of a load end, closer together where it writes; one kill in each."""

State = dict[str, tuple[int, int, int]]


def dump(path: Path, numbers: Sequence[int], day: int) -> Path:
    """Sessions of these numbers as they were on a day; one in fifty cannot be taken in."""
    made = (
        session(
            integrationId=f"S-{n}",
            updated=f"2024-03-0{day}T12:00:00Z",
            total="much" if n % 50 == 7 else n,
            coupon=f"C-{day}",
            cartItems=[item(sku=f"K{n % 9}", price=n % 7)],
            attributes={"day": day},
            discounts={"a": n % 3},
        )
        for n in numbers
    )
    path.write_bytes(b"".join(json.dumps(one).encode() + b"\n" for one in made))
    return path


def state(path: Path) -> State:
    """What a store holds: rows and a sum over their hashes, table by table."""
    with Store.open_readonly(path) as store:
        connection = store.connection()
        tables = connection.sql(
            "select schema_name, table_name from duckdb_tables() "
            "where database_name = current_database() and not internal and not temporary"
        ).fetchall()
        found: State = {}
        for schema, table in tables:
            name = f"{quoted(schema)}.{quoted(table)}"
            query = f"select count(*), bit_xor(hash(t)), sum(hash(t)) from {name} as t"
            (found[name],) = connection.sql(query).fetchall()
        assert len(found) > 20
        return {name: told for name, told in found.items() if name != '"kept"."about"'}


def whole(path: Path) -> None:
    """Hold a store to what must be true of it at any time."""
    with Store.open_readonly(path) as store:
        ended = "sessions + repeats + older + effects + rejects"
        for query in (
            f"from kept.loads where records <> {ended}",
            "from cart_items anti join sessions using (application_id, integration_id)",
            "from sessions anti join cart_items using (application_id, integration_id)",
            "from sessions anti join snapshots using (application_id, integration_id)",
            "from (select count(*) as n from sessions group by application_id, integration_id) "
            "where n > 1",
        ):
            assert store.connection().sql(query).fetchall() == [], query


@dataclass(frozen=True)
class Course:
    """A load whose beginning and end are known.

    Attributes:
        store: A store as it is before; None where there is none yet.
        dumps: What is loaded.
        before: What it holds before.
        after: What it holds afterwards.
        takes: How many seconds it takes from its beginning.
    """

    store: Path | None
    dumps: tuple[Path, ...]
    before: State
    after: State
    takes: float


def course(home: Path, store: Path | None, *dumps: Path) -> Course:
    """Run a load that nobody stops."""
    made = home / "whole.duckdb"
    if store:
        shutil.copy(store, made)
    before = state(made) if store else {}
    child = start(made, dumps)
    begun = monotonic()
    told, _ = child.communicate(timeout=PATIENCE)
    takes = monotonic() - begun
    assert (child.returncode, told) == (0, "done\n")
    whole(made)
    return Course(store, dumps, before, state(made), takes)


def start(store: Path, dumps: Sequence[Path]) -> subprocess.Popen[str]:
    """Start a load, and wait until it begins."""
    command = [sys.executable, "-c", CHILD, str(store), *map(str, dumps)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "begun\n"
    return child


def killed(course: Course, store: Path, moment: float) -> bool:
    """Load into a copy, and kill it after so many seconds; whether it came to that."""
    if course.store:
        shutil.copy(course.store, store)
    child = start(store, course.dumps)
    sleep(moment)
    os.killpg(child.pid, signal.SIGKILL)
    told, _ = child.communicate(timeout=PATIENCE)
    return told == ""


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A load that takes out, resolves anew and adds."""
    home = tmp_path_factory.mktemp("later")
    with Store(home / "sessions.duckdb") as store:
        loaded = store.load(dump(home / "first.jsonl", range(1000), day=2))
        assert counts(loaded) == (980, 0, 0, 0, 20)
    days = (dump(home / f"{day}.jsonl", range(500, 1500), day) for day in (3, 1))
    return course(home, home / "sessions.duckdb", *days)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A load into a store that is not there yet."""
    home = tmp_path_factory.mktemp("first")
    return course(home, None, dump(home / "first.jsonl", range(500), day=2))


def moments(course: Course, part: int, parts: int) -> list[float]:
    """A random moment of every stretch of the time that a load takes, dealt out to some parts."""
    rng = Random(part)
    stretches = list(zip((0.0, *STRETCHES), STRETCHES, strict=False))[part::parts]
    return [course.takes * rng.uniform(begin, end) for begin, end in stretches]


@pytest.mark.parametrize("part", range(2))
def test_a_load_that_is_killed_at_any_moment(later: Course, tmp_path: Path, part: int) -> None:
    for number, moment in enumerate(moments(later, part, 2)):
        store = tmp_path / f"{number}.duckdb"
        in_time = killed(later, store, moment)
        found = state(store)
        assert found == later.after or (in_time and found == later.before), moment
        whole(store)
        with Store(store) as opened:
            loaded = opened.load(*later.dumps)
            assert (loaded.load is None) == (found == later.after)
        assert state(store) == later.after


def test_a_store_that_is_killed_while_it_is_made(first: Course, tmp_path: Path) -> None:
    rng = Random(0)
    parts = [0.05 * rng.random(), 0.1, 0.15 + 0.05 * rng.random(), 0.25, 0.5 + 0.4 * rng.random()]
    for number, moment in enumerate(part * first.takes for part in parts):
        store = tmp_path / f"{number}.duckdb"
        killed(first, store, moment)
        if store.exists():
            found = state(store)
            empty = all(count == 0 for count, *_ in found.values())
            assert empty or found == first.after, moment
        with Store(store) as opened:
            opened.load(*first.dumps)
        assert state(store) == first.after
        assert [each.name for each in tmp_path.iterdir() if each.name[0] == "."] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("part", [0.4, 0.75, 0.95])
def test_a_load_that_is_stopped(
    later: Course, tmp_path: Path, number: int, part: float, command_takes: float
) -> None:
    store, scratch = tmp_path / "sessions.duckdb", tmp_path / "scratch"
    scratch.mkdir()
    assert later.store is not None
    shutil.copy(later.store, store)
    command = [sys.executable, "-m", "sessionkit", "load", *map(str, later.dumps)]
    child = subprocess.Popen(
        [*command, "--store", str(store), "--allow-rejects", "1000"],
        env=os.environ | {"TMPDIR": str(scratch)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    sleep(command_takes * part)
    if child.poll() is None:
        os.killpg(child.pid, number)
    _, said = child.communicate(timeout=PATIENCE)
    assert "Traceback" not in said
    found = state(store)
    if child.returncode == 0:  # it was too late
        assert found == later.after
        return
    assert (child.returncode, said.splitlines()[-1]) == (128 + number, "Stopped.")
    assert found in (later.before, later.after)
    assert list(scratch.iterdir()) == []
    whole(store)


@pytest.fixture(scope="module")
def command_takes(later: Course, tmp_path_factory: pytest.TempPathFactory) -> float:
    """How many seconds the command takes when nobody stops it."""
    store = tmp_path_factory.mktemp("whole") / "sessions.duckdb"
    assert later.store is not None
    shutil.copy(later.store, store)
    command = [sys.executable, "-m", "sessionkit", "load", *map(str, later.dumps)]
    began = monotonic()
    run = subprocess.run(
        [*command, "--store", str(store), "--allow-rejects", "1000"], capture_output=True, text=True
    )
    assert (run.returncode, run.stderr.count("Traceback")) == (0, 0), run.stderr
    assert state(store) == later.after
    return monotonic() - began
