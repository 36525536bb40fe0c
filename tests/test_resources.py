"""Too little memory, disk or time, too many files, a clock that is wrong: no harm, and one word."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest

import sessionkit as sk
from sessionkit.cli.shell import status_of
from sessionkit.store import Store
from tests.reading import item, session
from tests.test_interrupt import Command
from tests.test_store_kills import state

KIB, MIB = 1 << 10, 1 << 20


def line(number: int, **members: object) -> bytes:
    return json.dumps(session(integrationId=f"S-{number}", **members)).encode() + b"\n"


def command(*words: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own."""
    given: dict[str, object] = {"capture_output": True, "text": True, "timeout": 300} | options
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        [sys.executable, "-W", "error", "-m", "sessionkit", *map(str, words)], **given
    )


def one_line(said: str) -> bool:
    """Whether an error was said, in one line and in no other."""
    return said.count("\n") == 1 and "Traceback" not in said and len(said) < 400


# Memory

CEILING = """
import resource, sys, tempfile
from pathlib import Path
import sessionkit as sk
from sessionkit.cli import main
small, room, words = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
sk.to_folder(small, output=tempfile.mkdtemp(dir=small.parent))
with open("/proc/self/statm") as told:
    used = int(told.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + room, used + room))
main([*words, "-q"], prog_name="sessionkit")
"""


NO_THREAD = CEILING.replace(
    "main(", "import threading; threading.stack_size(2 * room // 4096 * 4096)\nmain("
)
"""As above, and no room for the stack of one more thread."""


def with_little_room(
    code: str, small: Path, room: int, words: list[str], home: Path
) -> subprocess.CompletedProcess[str]:
    """Run one of the above in a process of its own, with temporary files in a folder."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(small), str(room), *words],
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | {"TMPDIR": str(home)},
    )


@pytest.fixture(scope="module")
def dumps(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, int]:
    """A dump of a hundred sessions and one of a hundred megabytes, and how many that has."""
    home = tmp_path_factory.mktemp("dumps")
    filling = {"cartItems": [item(name="x" * 300, sku=f"A-{n}") for n in range(4)]}
    small, large = home / "small.jsonl", home / "large.jsonl"
    small.write_bytes(b"".join(line(number, **filling) for number in range(100)))
    each = len(line(10**6, **filling))
    count = 100 * MIB // each
    with large.open("wb") as file:
        for number in range(10**6, 10**6 + count):
            file.write(line(number, **filling))
    return small, large, count


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs RLIMIT_AS")
@pytest.mark.parametrize("room", [1024 * MIB, 96 * MIB])
def test_a_ceiling_of_memory_holds(
    dumps: tuple[Path, Path, int], room: int, tmp_path: Path
) -> None:
    """With a gibibyte more than it has when it begins all is well; with little, one clear word."""
    small, large, count = dumps
    out = tmp_path / "out"
    words = ["flatten", str(large), "-o", str(out)]
    run = with_little_room(CEILING, small, room, words, tmp_path)
    if room >= 1024 * MIB:
        assert (run.returncode, run.stderr) == (0, "")
        assert sk.folder.verify(out) == []
        assert sk.folder.read_manifest(out).counts["sessions"] == count
    else:
        assert (run.returncode, one_line(run.stderr)) == (2, True), run.stderr[-800:]
        assert "memory" in run.stderr
        assert list(tmp_path.rglob("*")) in ([], [out])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs RLIMIT_AS")
def test_no_room_for_a_thread_is_told_in_a_line(
    dumps: tuple[Path, Path, int], tmp_path: Path
) -> None:
    small, large, _ = dumps
    words = ["flatten", str(large), "-o", str(tmp_path / "out")]
    run = with_little_room(NO_THREAD, small, 512 * MIB, words, tmp_path)
    told = "Error: there is not enough memory for this: no thread can be started.\n"
    assert (run.returncode, run.stderr) == (2, told)
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def large_store(dumps: tuple[Path, Path, int], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the large dump, loaded without any ceiling."""
    path = tmp_path_factory.mktemp("large") / "sessions.duckdb"
    with Store(path) as store:
        assert store.load(dumps[1]).new == dumps[2]
    return path


def told_by_store(path: Path) -> int:
    """How many sessions a store holds."""
    with Store.open_readonly(path) as store:
        (count,) = store.sql("select count(*) as n from sessions").table["n"].to_pylist()
    return int(count)


def told_by_page(path: Path) -> int:
    """How many sessions a page draws, all of them open."""
    (count,) = re.findall(r"<title>open: ([\d,]+) \(100", path.read_text(encoding="utf-8"))
    return int(count.replace(",", ""))


def told_by_folder(path: Path) -> int:
    """How many sessions a folder holds, of which nothing is amiss."""
    assert sk.folder.verify(path) == []
    return int(sk.folder.read_manifest(path).tables["sessions"][0].rows)


def told_by_answer(path: Path) -> int:
    """How many sessions an answer counts."""
    (row,) = json.loads(path.read_bytes())
    return int(row["session_count"])


MAKERS: dict[str, tuple[list[str], str, Callable[[Path], int]]] = {
    "load": (["load", "{dump}", "--store"], "new.duckdb", told_by_store),
    "report": (["report", "{dump}", "-o"], "out.html", told_by_page),
    "report of a store": (["report", "{store}", "-o"], "out.html", told_by_page),
    "totals": (["totals", "{dump}", "--population", "all", "-o"], "out.json", told_by_answer),
    "export": (["export", "{store}", "-o"], "out", told_by_folder),
}
"""What is run with a gibibyte of room, where its result goes, and what that tells."""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs RLIMIT_AS")
@pytest.mark.parametrize("name", MAKERS)
def test_a_ceiling_of_memory_holds_for_all_that_reads_much(
    name: str, dumps: tuple[Path, Path, int], large_store: Path, tmp_path: Path
) -> None:
    small, large, count = dumps
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    words, out, told = MAKERS[name]
    given = [word.format(dump=large, store=large_store) for word in words]
    run = with_little_room(CEILING, small, 1024 * MIB, [*given, str(tmp_path / out)], scratch)
    assert (run.returncode, run.stderr) == (0, "")
    assert told(tmp_path / out) == count
    assert list(scratch.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted((out, "scratch"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs RLIMIT_AS")
@pytest.mark.parametrize("room", [96 * MIB, 512 * MIB])
def test_a_load_without_room_leaves_the_store_as_it_was(
    dumps: tuple[Path, Path, int], room: int, tmp_path: Path
) -> None:
    """With little room it cannot begin; with more it breaks off half-way, or is done."""
    small, large, count = dumps
    scratch, path = tmp_path / "scratch", tmp_path / "sessions.duckdb"
    scratch.mkdir()
    with Store(path) as store:
        assert store.load(small).new == 100
    before = state(path)
    words = ["load", str(large), "--store", str(path)]
    run = with_little_room(CEILING, small, room, words, scratch)
    if run.returncode == 0:
        assert (room > 96 * MIB, told_by_store(path)) == (True, 100 + count)
        return
    assert "memory" in run.stderr
    assert state(path) == before
    if room == 96 * MIB:
        assert (run.returncode, one_line(run.stderr)) == (2, True), run.stderr[-800:]
        assert list(scratch.iterdir()) == []
        assert sorted(each.name for each in tmp_path.iterdir()) == ["scratch", path.name]


def test_other_errors_of_the_engine_are_not_taken_for_a_lack_of_memory() -> None:
    def call() -> int:
        raise RuntimeError("something else")

    with pytest.raises(RuntimeError, match="something else"):
        status_of(call)


# Disk


def limited(size: int) -> object:
    """What lets no file of a process grow beyond a size, as a full disk does."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.fixture(scope="module")
def medium(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("medium") / "dump.jsonl"
    path.write_bytes(
        b"".join(
            line(n, cartItems=[item(sku=f"A-{n * 7919 % 10_007}")], attributes={"n": n * 104_729})
            for n in range(6000)
        )
    )
    return path


@pytest.fixture(scope="module")
def stored(medium: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stored") / "sessions.duckdb"
    with Store(path) as store:
        store.load(medium)
    return path


WRITERS = {
    "flatten": ["flatten", "{dump}", "-o", "out"],
    "flatten to csv": ["flatten", "{dump}", "-o", "out", "--format", "csv"],
    "report": ["report", "{dump}", "-o", "out.html"],
    "report of a store": ["report", "{store}", "-o", "out.html"],
    "export": ["export", "{store}", "-o", "out"],
    "export in parts": ["export", "{store}", "-o", "out", "--partition-by", "month"],
    "an answer": ["rfm", "{dump}", "-o", "out.json", "--format", "json"],
    "check": ["check", "{dump}"],
    "generate": ["generate", "-o", "out", "--sessions", "2000"],
}


@pytest.mark.parametrize("size", [4 * KIB, 48 * KIB])
@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_is_told_in_one_line_and_leaves_nothing_half_written(
    name: str, size: int, medium: Path, stored: Path, tmp_path: Path
) -> None:
    scratch, home = tmp_path / "scratch", tmp_path / "home"
    scratch.mkdir()
    home.mkdir()
    words = [word.format(dump=medium, store=stored) for word in WRITERS[name]]
    run = command(
        *words,
        "-q",
        cwd=home,
        env=os.environ | {"TMPDIR": str(scratch)},
        preexec_fn=limited(size),
    )
    assert run.returncode in ((2,) if size < 8 * KIB else (0, 2)), run.stderr
    assert list(scratch.iterdir()) == []
    left = sorted(path.name for path in home.rglob("*") if path.is_file())
    if run.returncode == 2:
        assert one_line(run.stderr), run.stderr
        assert "File too large" in run.stderr or "disk" in run.stderr
        assert left == []
    else:
        assert all(path.stat().st_size <= size for path in home.rglob("*"))


STOPPED = {
    "export": ["export", "{store}", "-o", "out", "--partition-by", "month"],
    "generate": ["generate", "-o", "out", "--sessions", "3000"],
}


@pytest.mark.parametrize("name", STOPPED)
def test_an_interrupt_of_what_else_writes(name: str, stored: Path, tmp_path: Path) -> None:
    words = [word.format(store=stored) for word in STOPPED[name]]
    takes, whole = 0.0, set[Path]()
    for number, part in enumerate((1.0, 0.5, 0.7, 0.85, 0.95)):
        run = Command(tmp_path / str(number))
        run.home.mkdir()
        began = monotonic()
        run.start(*words, "-q")
        if takes:
            sleep(takes * part)
            if run.process.poll() is None:
                run.stop()
        status, said = run.ended()
        takes = takes or monotonic() - began
        left = [path for path in (run.home / "work").rglob("*") if path.is_file()]
        assert list((run.home / "scratch").iterdir()) == []
        if status != 0:
            assert (status, said.splitlines()[-1:]) == (130, ["Stopped."])
        names = {path.relative_to(run.home) for path in left}
        whole = whole or names
        assert whole
        for file in left:  # whole is what has a name
            if file.name == "answers.json":
                assert json.loads(file.read_bytes())["sessions"] > 0
            if file.name == "manifest.json":
                assert sk.folder.verify(file.parent) == []
        assert names in ((whole,) if status == 0 else (set(), whole))  # all or nothing


# Many files, and streams


def test_five_thousand_files_are_read_in_little_time_with_few_handles(tmp_path: Path) -> None:
    """Each of one session; every tenth is broken, and costs no other."""
    for number in range(5000):
        folder = tmp_path / f"{number % 50:02}"
        folder.mkdir(exist_ok=True)
        text = line(number) if number % 10 else line(number)[:-9]
        (folder / f"{number}.json").write_bytes(text)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(before[0], 256), before[1]))
    try:
        tables = sk.read(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert tables.loads.num_rows == 5000
    assert (tables.sessions.num_rows, tables.rejects.num_rows) == (4500, 500)


def test_a_pipe_that_stops_half_way_loses_its_last_record_alone(tmp_path: Path) -> None:
    pipe = tmp_path / "dump.jsonl"
    os.mkfifo(pipe)
    whole = b"".join(line(number) for number in range(50))

    def feed() -> None:
        with pipe.open("wb", buffering=0) as file:
            for start in range(0, len(whole) - 30, 1000):
                file.write(whole[start : min(start + 1000, len(whole) - 30)])
                sleep(0.01)

    feeder = Thread(target=feed)
    feeder.start()
    tables = sk.read(pipe)
    feeder.join()
    assert (tables.sessions.num_rows, tables.rejects.num_rows) == (49, 1)
    assert tables.rejects["raw"][0].as_py() == line(49)[:-30].rstrip()


def test_who_reads_the_output_may_stop(medium: Path) -> None:
    """As `| head -1` does; nothing is said, and the status is that of a broken pipe, or none."""
    words = ["sql", str(medium), "select * from sessions", "--format", "csv", "-q"]
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "sessionkit", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        assert run.stdout.readline().startswith(b"application_id,")
        run.stdout.close()
        assert run.stderr.read() == b""
        assert run.wait(60) in (0, 1, 141, -13)


# Clocks and homes


def test_a_clock_that_is_set_back_changes_no_order_of_loads(tmp_path: Path) -> None:
    """Loads are numbered; what the files say of their time, and the machine, means nothing."""
    with Store(tmp_path / "sessions.duckdb") as store:
        for number, day in enumerate((3, 1, 2), 1):
            dump = tmp_path / f"{number}.jsonl"
            dump.write_bytes(line(1, state="open", updated=f"2024-03-0{day}T12:00:00Z", total=day))
            os.utime(dump, (10**9 - 10**6 * number, 10**9 - 10**6 * number))
            store.load(dump)
        told = store.sql("select load, source_file from kept.loads order by load").table
        assert told["load"].to_pylist() == [1, 2, 3]
        names = [Path(name).stem for name in told["source_file"].to_pylist()]
        assert names == ["1", "2", "3"]
        assert store.sql("select total::int as t from sessions").table["t"].to_pylist() == [3]
        assert store.sql("select count(*) as n from snapshots").table["n"].to_pylist() == [3]


FAKED = """
import sys, time
back = float(sys.argv[3])
real = time.time
time.time = lambda: real() + back
time.time_ns = lambda: int(time.time() * 1e9)
from sessionkit.store import Store
with Store(sys.argv[1]) as store:
    print(store.load(sys.argv[2]).load)
"""


def test_loads_on_machines_whose_clocks_go_back(tmp_path: Path) -> None:
    store = tmp_path / "sessions.duckdb"
    for number, back in enumerate((0, 10**8, -(10**9)), 1):
        dump = tmp_path / f"{number}.jsonl"
        dump.write_bytes(line(number))
        run = subprocess.run(
            [sys.executable, "-c", FAKED, str(store), str(dump), str(back)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.strip() == str(number)
    with Store.open_readonly(store) as opened:
        told = opened.sql("select source_file from kept.loads order by load").table
    assert [Path(one).stem for one in told["source_file"].to_pylist()] == ["1", "2", "3"]


HOMES: dict[str, dict[str, str | None]] = {
    "read-only": {"HOME": "{locked}", "XDG_CACHE_HOME": None, "XDG_CONFIG_HOME": None},
    "a file": {"HOME": "{file}"},
    "not there": {"HOME": "/nonexistent/home"},
    "none": {"HOME": None, "USER": None, "LOGNAME": None},
}


@pytest.mark.parametrize("name", HOMES)
def test_no_home_is_needed(name: str, tmp_path: Path) -> None:
    locked, file, work = tmp_path / "locked", tmp_path / "file", tmp_path / "work"
    locked.mkdir(mode=0o500)
    file.touch()
    work.mkdir()
    (work / "dump.jsonl").write_bytes(b"".join(line(number) for number in range(3)))
    given = {k: v and v.format(locked=locked, file=file) for k, v in HOMES[name].items()}
    env = {k: v for k, v in (os.environ | given).items() if v is not None}
    for words in (["totals", "-o", "out.json"], ["load", "--store", "s.duckdb"]):
        run = command(words[0], "dump.jsonl", *words[1:], "-q", cwd=work, env=env)
        assert (run.returncode, run.stderr) == (0, "")
    assert list(locked.iterdir()) == []
    assert {path.name for path in work.iterdir()} == {"dump.jsonl", "out.json", "s.duckdb"}


# Two at one store


def both(runs: list[subprocess.Popen[str]]) -> Iterator[tuple[int, str]]:
    for run in runs:
        _, said = run.communicate(timeout=120)
        yield run.returncode, said


def test_two_processes_that_load_at_once_wait_or_are_told(tmp_path: Path) -> None:
    dumps = [tmp_path / f"{number}.jsonl" for number in range(2)]
    for number, dump in enumerate(dumps):
        start = 1000 * number
        dump.write_bytes(b"".join(line(start + one) for one in range(600)))
    store = tmp_path / "sessions.duckdb"
    for wait in ("0", "100"):
        words = ["load", "--store", str(store), "--wait", wait, "-q"]
        runs = [
            subprocess.Popen(
                [sys.executable, "-m", "sessionkit", *words, str(dump)],
                stderr=subprocess.PIPE,
                text=True,
            )
            for dump in dumps
        ]
        ended = list(both(runs))
        for status, said in ended:
            assert status == 0 or ("has this store open" in said and one_line(said)), said
        assert 0 in [status for status, _ in ended]
    assert [status for status, _ in ended] == [0, 0]
    with Store.open_readonly(store) as opened:
        assert opened.sql("select count(*) as n from sessions").table["n"].to_pylist() == [1200]
