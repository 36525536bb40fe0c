"""A disk that is full costs the load, and nothing else.

Where no small file system can be mounted, a limit on the size of files stands for one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sessionkit.store import Store
from tests.test_store_kills import State, dump, state, whole

LOAD = """
import resource, sys
from pathlib import Path
import sessionkit
from sessionkit.store import Store
if limit := int(sys.argv[1]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    with Store(sys.argv[2]) as store:
        store.load(Path(sys.argv[3]))
except sessionkit.SessionkitError as error:
    print(type(error).__name__)
    print(error)
"""
KIB = 2**10


def load(store: Path, made: Path, limit: int = 0, scratch: Path | None = None) -> list[str]:
    """Load in a process of its own; give the lines that it says of what went wrong."""
    command = [sys.executable, "-c", LOAD, str(limit), str(store), str(made)]
    given = os.environ | ({"TMPDIR": str(scratch)} if scratch else {})
    run = subprocess.run(command, capture_output=True, text=True, env=given, timeout=600)
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout.splitlines()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, State, State]:
    """A store, what is loaded into it next, and what it holds before and after."""
    home = tmp_path_factory.mktemp("made")
    store, later = home / "sessions.duckdb", dump(home / "later.jsonl", range(2000, 8000), day=3)
    assert load(store, dump(home / "first.jsonl", range(3000), day=2)) == []
    before = state(store)
    shutil.copy(store, home / "whole.duckdb")
    assert load(home / "whole.duckdb", later) == []
    return store, later, before, state(home / "whole.duckdb")


def one_clear_line(said: list[str]) -> bool:
    """Whether it is a message about the store, which says that it is as it was."""
    return (
        len(said) == 2
        and said[0] == "StoreError"
        and said[1].startswith("not loaded, the store is as it was: ")
    )


def test_files_that_may_not_grow(made: tuple[Path, Path, State, State], tmp_path: Path) -> None:
    source, later, before, after = made
    store = tmp_path / "sessions.duckdb"
    size = source.stat().st_size
    failed = []
    for limit in (64 * KIB, 512 * KIB, size, size + 256 * KIB, size + 600 * KIB):
        shutil.copy(source, store)
        said = load(store, later, limit)
        if said:
            failed.append(limit)
            assert one_clear_line(said), said
            assert state(store) == before, limit
            whole(store)
            assert load(store, later) == []
        assert state(store) == after, limit
        store.unlink()
        assert list(tmp_path.iterdir()) == []
    assert failed[:3] == [64 * KIB, 512 * KIB, size]


def test_a_store_that_cannot_even_be_made(tmp_path: Path) -> None:
    store = tmp_path / "sessions.duckdb"
    later = dump(tmp_path / "dump.jsonl", range(5), day=1)
    kind, said = load(store, later, 64 * KIB)
    assert kind == "StoreError"
    assert said.startswith(f"{store}: could not be made: ")
    assert [path.name for path in tmp_path.iterdir()] == ["dump.jsonl"]
    assert load(store, later) == []


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A small file system, where one can be mounted."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize("room", [40, 400, 1500])
@pytest.mark.parametrize("what", ["store", "temporary files"])
def test_a_small_file_system(
    made: tuple[Path, Path, State, State], small: Path, tmp_path: Path, room: int, what: str
) -> None:
    source, later, before, after = made
    scratch = small if what == "temporary files" else None
    store = (small if what == "store" else tmp_path) / "sessions.duckdb"
    shutil.copy(source, store)
    free = shutil.disk_usage(small).free
    (small / "filling").write_bytes(bytes(free - room * KIB))
    said = load(store, later, scratch=scratch)
    assert one_clear_line(said), said
    (small / "filling").unlink()
    assert state(store) == before
    assert load(store, later) == []
    assert state(store) == after
    with Store(store) as opened:
        assert opened.load(later).load is None
