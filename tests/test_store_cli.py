"""The store from the shell: loading, asking, and what may never be done to it."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

import sessionkit as sk
from sessionkit.errors import FolderError, QueryError, StoreError, UsageError
from sessionkit.questions import QUESTIONS
from sessionkit.store import Store
from sessionkit.store_file import is_store
from tests.literal_dumps import BROKEN, CANCELLED, CLOSED, OPEN, THREE, write_lines
from tests.test_cli import run
from tests.test_interrupt import Command, command, lines, pipe

__all__ = ["command", "pipe"]


@pytest.fixture
def dump(here: Path) -> Path:
    """Three good sessions."""
    return write_lines(here / "three.jsonl", *THREE)


@pytest.fixture
def stored(dump: Path) -> Path:
    """A store of them."""
    with Store("s.duckdb") as store:
        store.load(dump)
    return Path("s.duckdb")


@pytest.fixture
def faulty(here: Path) -> Path:
    """A good session and one that cannot be taken in."""
    return write_lines(here / "faulty.jsonl", CLOSED, BROKEN)


# ---- loading


def test_load_makes_a_store_and_says_what_came(dump: Path) -> None:
    ended = run("load", dump, "--store", "s.duckdb")
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert ended.stdout == (
        "1 file read\n"
        "3 records = 3 new + 0 changed + 0 repeated + 0 older + 0 rejected\n"
        "s.duckdb: load 1; it has 3 sessions, 0 rejects open\n"
    )


def test_load_says_what_changed_file_by_file_where_they_are_few(stored: Path) -> None:
    write_lines(Path("a.jsonl"), OPEN | {"updated": "2026-02-02T10:00:00Z", "state": "closed"})
    write_lines(Path("bc.jsonl"), CLOSED, BROKEN)
    ended = run("load", "a.jsonl", "bc.jsonl", "three.jsonl", "--store", stored)
    assert ended.exit_code == 1
    out = ended.stdout.splitlines()
    assert out[:4] == [
        "2 files read, 1 loaded before",
        "  a.jsonl   1 record = 0 new + 1 changed + 0 repeated + 0 older + 0 rejected",
        "  bc.jsonl  2 records = 0 new + 0 changed + 1 repeated + 0 older + 1 rejected",
        "3 records = 0 new + 1 changed + 1 repeated + 0 older + 1 rejected",
    ]
    assert out[4:] == [
        "rejected, by reason:",
        "  wrong-type      1  bc.jsonl, record 2: total: expected a decimal number, "
        "got 'not a number'",
        "s.duckdb: load 2; it has 3 sessions, 1 reject open",
    ]
    assert "1 record was rejected; --allow-rejects 1 would let that pass." in ended.stderr


def test_load_of_known_bytes_leaves_the_store_as_it_was(stored: Path) -> None:
    Path("notes.txt").write_text("nothing")
    before = stored.read_bytes()
    for source in ("three.jsonl", "."):
        ended = run("load", source, "--store", stored)
        assert ended.exit_code == 0
        assert ended.stdout.splitlines()[-1] == "s.duckdb: nothing is new, it is as it was"
        assert "1 loaded before" in ended.stdout
    assert stored.read_bytes() == before


def test_load_warns_of_what_was_not_so_before(stored: Path) -> None:
    write_lines(
        Path("b.jsonl"), CLOSED | {"integrationId": "S-9", "attributes": {"Channel": "app"}}
    )
    ended = run("load", "b.jsonl", "--store", stored)
    assert ended.exit_code == 0
    warned = [line for line in ended.stderr.splitlines() if line.startswith("drift: ")]
    assert [line for line in warned if "Channel" in line]
    assert run("load", "b.jsonl", "--store", stored, "-q").output == ""


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        (["no.jsonl"], "no.jsonl: there is no such file"),
        (["picture.json"], "picture.json: is no dump"),
        (["out"], "out: flatten wrote this folder; load takes dumps."),
        (["s.duckdb"], "s.duckdb: a store; load takes dumps."),
        (["three.jsonl", "s.duckdb"], "s.duckdb: a store; load takes dumps."),
    ],
)
def test_what_cannot_be_loaded_gives_status_2(stored: Path, sources: list[str], said: str) -> None:
    Path("picture.json").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    run("flatten", "three.jsonl", "-o", "out")
    ended = run("load", *sources, "--store", "new.duckdb")
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr.startswith("Error: ")
    assert said in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_source_that_is_not_there_makes_no_store(here: Path) -> None:
    assert run("load", "no.jsonl", "--store", "new.duckdb").exit_code == 2
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("store", "said"),
    [
        ("no/s.duckdb", "could not be made: No such file or directory."),
        ("three.jsonl", "no store of sessionkit: it is no DuckDB file."),
        ("out", "there is no such store"),
    ],
)
def test_a_store_that_cannot_be_gives_status_2(dump: Path, store: str, said: str) -> None:
    Path("out").mkdir()
    ended = run("load", dump, "--store", store)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert said in ended.stderr


def test_a_pattern_that_fits_the_store_itself_leaves_it_alone(stored: Path) -> None:
    ended = run("load", "*", "--store", stored)
    assert ended.exit_code == 0, ended.stderr
    assert ended.stdout.startswith("0 files read, 1 loaded before, 1 skipped\n")


def test_the_same_dump_in_standard_input(stored: Path, dump: Path) -> None:
    ended = run("load", "-", "--store", stored, stdin=dump.read_bytes())
    assert ended.stdout.startswith("0 files read, 1 loaded before\n")


def test_customers_are_kept_as_hashes_where_a_key_is_given(dump: Path) -> None:
    Path("key").write_text("a key of at least 16 characters\n")
    run("load", dump, "--store", "s.duckdb", "--pseudonymise", "key")
    ended = run("sql", "s.duckdb", "select profile_id from sessions", "--format", "csv")
    assert "anna" not in ended.stdout
    ended = run("load", dump, "--store", "s.duckdb", "--pseudonymise-attribute", "x")
    assert ended.exit_code == 2


# ---- stopping, and waiting


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_load_that_is_stopped_leaves_the_store_as_it_was(
    command: Command, pipe: Path, number: int
) -> None:
    first = command.home / "first.jsonl"
    first.write_bytes(lines(5))
    command.start("load", str(first), "--store", "s.duckdb", "-q")
    assert command.ended() == (0, "")
    file = command.home / "work" / "s.duckdb"
    before = file.read_bytes()
    command.start("load", str(pipe), "--store", "s.duckdb")
    with command.feeding(pipe) as feed:
        feed.write(lines(30))
        feed.flush()
        sleep(0.3)
        command.stop(number)
        assert command.ended() == (128 + number, "Stopped.\n")
    assert command.left() == ["work/s.duckdb"]
    assert file.read_bytes() == before


def test_another_process_has_it_open(command: Command, pipe: Path) -> None:
    command.start("load", str(pipe), "--store", "s.duckdb", "-q")
    with command.feeding(pipe) as feed:
        until = monotonic() + 60
        file = command.home / "work" / "s.duckdb"
        while not file.exists() and monotonic() < until:
            sleep(0.02)
        for arguments in (["totals", file], ["check", file], ["load", __file__, "--store", file]):
            ended = run(*arguments)
            assert ended.exit_code == 2
            assert "has this store open" in ended.stderr
            assert f"(process {command.process.pid})" in ended.stderr
        began = monotonic()
        assert run("totals", file, "--wait", "0.5").exit_code == 2
        assert monotonic() - began >= 0.5
        waiting = subprocess.Popen(
            [sys.executable, "-m", "sessionkit", "totals", str(file), "--wait", "60", "-q"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        sleep(0.2)
        feed.write(lines(3))
    assert command.ended() == (0, "")
    out, said = waiting.communicate(timeout=60)
    assert (waiting.returncode, said) == (0, ""), said
    assert "session_count" in out


OPENING = (
    "import sys\n"
    "from sessionkit.store import Store\n"
    "try:\n"
    "    Store(sys.argv[1]).close()\n"
    "    print('opened')\n"
    "except Exception as error:\n"
    "    print(error)\n"
)


def test_a_second_look_at_an_open_store_does_not_unlock_it(stored: Path) -> None:
    def opens() -> str:
        ended = subprocess.run(
            [sys.executable, "-c", OPENING, str(stored)], capture_output=True, text=True, check=True
        )
        return ended.stdout

    with Store(stored) as store:
        assert is_store(stored)
        assert sk.totals(stored, population="all").table["session_count"].to_pylist() == [3]
        with pytest.raises(StoreError, match="this process has this store open already"):
            Store(stored)
        store.load(".", "*")
        with pytest.raises(sk.SessionkitError):
            store.load(str(stored))
        assert "another process" in opens()
    assert opens() == "opened\n"


def test_a_store_is_read_side_by_side_in_one_process(stored: Path) -> None:
    with Store.open_readonly(stored) as one, Store.open_readonly(stored) as other:
        one.close()
        assert other.sql("select count(*) as n from sessions").table["n"].to_pylist() == [3]
        assert len(sk.states(stored)) == 4
    with Store(stored) as store:
        assert not store.load("three.jsonl").load


def test_a_question_lets_go_of_the_file(stored: Path) -> None:
    run("flatten", "three.jsonl", "-o", "three.jsonl.tables")
    sk.totals(stored)
    stored.rename("moved.duckdb")
    with Store("moved.duckdb") as store:
        assert sk.totals(store).table == sk.totals("three.jsonl.tables").table


def test_a_question_sees_one_moment_of_a_store(stored: Path) -> None:
    from sessionkit.database import open_source

    write_lines(Path("b.jsonl"), CLOSED | {"integrationId": "S-9"})
    count = "select count(*) from sessions"
    with Store(stored) as store:
        with open_source(store) as seen:
            assert seen.sql(count).fetchall() == [(3,)]
            store.load("b.jsonl")
            assert seen.sql(count).fetchall() == [(3,)]
        assert store.connection().sql(count).fetchall() == [(4,)]


# ---- a store as a source


ARGUMENTS: dict[str, list[str]] = {}


@pytest.mark.parametrize("name", list(QUESTIONS))
def test_every_question_answers_of_a_store_what_it_answers_of_the_dumps(
    name: str, stored: Path, dump: Path
) -> None:
    of_dump = run(name.replace("_", "-"), dump, "--format", "json", "-q")
    of_store = run(name.replace("_", "-"), stored, "--format", "json")
    assert of_store.exit_code == of_dump.exit_code == 0, of_store.stderr
    assert of_store.stdout == of_dump.stdout
    ask: Any = getattr(sk, name)
    with Store.open_readonly(stored) as store:
        for source in (stored, str(stored), store):
            assert json.loads(ask(source).to_json()) == json.loads(of_dump.stdout)


def test_a_store_is_told_by_its_content(stored: Path) -> None:
    stored.rename("store.of 2026")
    assert run("totals", "store.of 2026", "-q").exit_code == 0


@pytest.mark.parametrize("name", ["kept.duckdb", "Resolved", "records_alone.db"])
def test_a_store_is_not_called_as_a_part_of_it_is(name: str, stored: Path) -> None:
    stored.rename(name)
    for arguments in (["totals", name], ["load", "three.jsonl", "--store", f"new/{name}"]):
        Path("new").mkdir(exist_ok=True)
        ended = run(*arguments)
        assert ended.exit_code == 2
        assert "a store cannot be called" in ended.stderr


@pytest.mark.parametrize("name", ["main", "temp.duckdb", "system.db", "sessions.duckdb", "it's"])
def test_a_store_is_called_as_one_likes(name: str, dump: Path) -> None:
    assert run("load", dump, "--store", name).exit_code == 0
    assert run("totals", name, "-q").exit_code == 0


def test_a_store_stands_alone(stored: Path, dump: Path) -> None:
    ended = run("totals", stored, dump)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "a store is opened by itself" in ended.stderr


def test_flatten_of_a_store_names_the_command_for_it(stored: Path) -> None:
    ended = run("flatten", stored, "-o", "out")
    assert ended.exit_code == 2
    assert "`sessionkit export` writes its tables" in ended.stderr


def test_a_database_that_is_no_store_gives_one_message(here: Path) -> None:
    import duckdb

    duckdb.connect("x.duckdb").execute("create table t as select 1 as n").close()
    for arguments in (["totals", "x.duckdb"], ["drift", "x.duckdb"]):
        ended = run(*arguments)
        assert ended.exit_code == 2
        assert "a DuckDB file, but no store of sessionkit" in ended.stderr
    with pytest.raises(StoreError, match="no store"):
        sk.totals("x.duckdb")
    Path("text").write_text("nothing")
    with pytest.raises(FolderError, match="no such folder, and no store"):
        sk.totals("text")
    assert "no store; `sessionkit load` makes one" in run("drift", "text").stderr
    assert "there is no such store" in run("drift", "nothing.duckdb").stderr


def test_report_shows_what_a_store_has(faulty: Path) -> None:
    run("load", faulty, "--store", "s.duckdb")
    write_lines(Path("more.jsonl"), CANCELLED)
    run("load", "more.jsonl", "--store", "s.duckdb")
    ended = run("report", "s.duckdb", "-o", "page.html")
    assert ended.exit_code == 0
    assert "3 records in 2 loads: 2 sessions, 1 reject open" in ended.stdout
    first = Path("page.html").read_bytes()
    sk.report("s.duckdb", "again.html")
    with Store.open_readonly("s.duckdb") as store:
        sk.report(store, "third.html")
    assert first == Path("again.html").read_bytes() == Path("third.html").read_bytes()


def test_check_tells_what_is_open_and_no_other_command_looks_at_past_rejects(
    faulty: Path,
) -> None:
    run("load", faulty, "--store", "s.duckdb")
    assert run("totals", "s.duckdb", "-q").exit_code == 0
    ended = run("check", "s.duckdb")
    assert ended.exit_code == 1
    assert "wrong-type: 1 reject; " in ended.stdout
    assert "1 record was rejected" in ended.stderr
    assert run("check", "s.duckdb", "--allow-rejects", "1").exit_code == 0
    run("rejects", "s.duckdb", "--write", "mend")
    write_lines(Path("mend/v1_session.jsonl"), BROKEN | {"total": 5})
    run("load", "mend", "--store", "s.duckdb")
    assert run("check", "s.duckdb").exit_code == 0


# ---- the commands about a store


def test_rejects_are_listed_written_and_resolved(faulty: Path) -> None:
    run("load", faulty, "--store", "s.duckdb")
    ended = run("rejects", "s.duckdb")
    assert ended.exit_code == 0
    assert ended.stdout.startswith("1 reject open, 0 mended\n\nwrong-type: 1 reject; ")
    assert "integrationId" not in ended.stdout
    ended = run("rejects", "s.duckdb", "--write", "mend")
    assert ended.stdout == (
        "mend/v1_session.jsonl: 1 record\n"
        "mend them where they are, then:\n"
        "  sessionkit load mend --store s.duckdb\n"
    )
    ended = run("load", "mend", "--store", "s.duckdb")
    assert ended.exit_code == 1
    assert "  1 of them were open before, and say nothing new" in ended.stdout
    write_lines(Path("mend/v1_session.jsonl"), BROKEN | {"total": 5})
    ended = run("load", "mend", "--store", "s.duckdb")
    assert ended.exit_code == 0
    assert "1 reject of before resolved" in ended.stdout
    assert run("rejects", "s.duckdb").stdout == "0 rejects open, 1 mended\n"
    assert run("rejects", "s.duckdb", "--write", "more").stdout == "no reject is open\n"
    (row,) = json.loads(run("rejects", "s.duckdb", "--trail", "--format", "json").stdout)
    assert (row["status"], row["codes"], row["resolved_by"]) == ("resolved", ["wrong-type"], 3)


def test_dumps_that_were_read_in_their_own_way_are_to_be_loaded_so_again(here: Path) -> None:
    write_lines(Path("a.jsonl"), BROKEN | {"created": "2026-01-01T00:00:00"})
    run("load", "a.jsonl", "--store", "s.duckdb", "--assume-tz", "Europe/Berlin")
    ended = run("rejects", "s.duckdb", "--write", "mend")
    said = "  sessionkit load mend --store s.duckdb --assume-tz=Europe/Berlin"
    assert ended.stdout.splitlines()[-1] == said


def test_history_tells_one_session_of_any_source(stored: Path, dump: Path) -> None:
    for source in (stored, dump):
        wanted = ["--application", "270", "--session", "S-1", "--format", "json", "-q"]
        ended = run("history", source, *wanted)
        assert ended.exit_code == 0, ended.stderr
        assert [row["what"] for row in json.loads(ended.stdout)][:1] == ["created"]
    ended = run("history", stored, "--application", "270", "--session", "S-99")
    assert ended.exit_code == 2
    assert "there is no session 'S-99' in application 270" in ended.stderr


def test_drift_is_told_in_lines_or_as_rows(stored: Path) -> None:
    assert run("drift", stored).stdout == "nothing has changed\n"
    write_lines(
        Path("b.jsonl"), CLOSED | {"integrationId": "S-9", "attributes": {"Channel": "app"}}
    )
    run("load", "b.jsonl", "--store", stored)
    assert "Channel" in run("drift", stored).stdout
    rows = json.loads(run("drift", stored, "--format", "json").stdout)
    assert ("new attribute", "attributes.Channel") in [(row["change"], row["name"]) for row in rows]
    assert run("drift", stored, "--since-load", "7").exit_code == 2


def test_export_writes_folders_that_questions_read(stored: Path, dump: Path) -> None:
    ended = run("export", stored, "-o", "tables")
    assert (ended.exit_code, ended.stdout) == (0, ""), ended.stderr
    assert "written: tables" in ended.stderr
    of_dump = run("totals", dump, "--format", "json", "-q")
    assert run("totals", "tables", "--format", "json").stdout == of_dump.stdout
    assert run("export", stored, "-o", "parts", "--partition-by", "month").exit_code == 0
    assert sorted(path.name for path in Path("parts/sessions").iterdir()) == [
        "month=2026-01",
        "month=2026-02",
    ]


def test_export_says_what_it_did_to_cells_that_are_formulas(here: Path) -> None:
    write_lines(here / "a.jsonl", CLOSED | {"storeIntegrationId": "x", "profileId": "=1+1"})
    run("load", "a.jsonl", "--store", "s.duckdb")
    ended = run("export", "s.duckdb", "-o", "tables", "--format", "csv")
    assert ended.exit_code == 0
    assert "begin with an apostrophe now" in ended.stderr
    assert "'=1+1" in Path("tables/sessions.csv").read_text()
    Path("key").write_text("a key of at least 16 characters\n")
    run("export", "s.duckdb", "-o", "hidden", "--format", "csv", "--pseudonymise", "key")
    assert "=1+1" not in Path("hidden/sessions.csv").read_text()


# ---- what a query may not do


FORBIDDEN = (
    "drop table kept.rejects",
    "delete from kept.rejects",
    "insert into kept.loads select * from kept.loads",
    "update kept.about set next_load = 1",
    "create table t as select 1",
    "create temp table t as select 1",
    "with x as (delete from kept.loads returning *) select * from x",
    "with x as (insert into kept.loads from kept.loads returning *) select * from x",
    "with x as (update kept.about set next_load = 9 returning *) select * from x",
    "copy sessions to 'out.csv'",
    "copy (select 1) to 'out.parquet' (format parquet)",
    "copy kept.loads from 'three.jsonl'",
    "export database 'out'",
    "import database 'out'",
    "attach 'other.duckdb'",
    "attach ':memory:' as m",
    "detach s",
    "use kept",
    "install httpfs",
    "load httpfs",
    "load 'three.jsonl'",
    "force install spatial",
    "set enable_external_access = true",
    "set lock_configuration = false",
    "reset enable_external_access",
    "pragma enable_profiling",
    "pragma database_list",
    "call pragma_version()",
    "checkpoint",
    "vacuum",
    "select * from read_csv('three.jsonl')",
    "select * from read_json('three.jsonl')",
    "select * from read_text('three.jsonl')",
    "select * from read_blob('/etc/passwd')",
    "select * from read_parquet('x.parquet')",
    "select * from read_ndjson_objects('three.jsonl')",
    "select * from parquet_metadata('x.parquet')",
    "select * from sniff_csv('three.jsonl')",
    "select * from glob('*')",
    "select * from glob('/etc/*')",
    "select * from 'three.jsonl'",
    "select * from '/etc/passwd'",
    "select * from 's.duckdb'",
    "select * from 'https://example.com/x.csv'",
    "select getenv('HOME')",
    "select 1; drop table kept.rejects",
    "begin; drop table kept.rejects; commit",
    "rollback; drop table kept.rejects",
    "select * from query('drop table kept.rejects')",
    "select * from query('copy sessions to ''out.csv''')",
    "execute x",
    "prepare x as drop table kept.rejects",
    "explain analyze delete from kept.rejects",
    "comment on table kept.rejects is 'x'",
    "alter table kept.rejects add column x integer",
    "create secret (type s3)",
    "create macro m() as 1",
    "create or replace view sessions as select 1",
)  # fmt: skip


@pytest.mark.parametrize("query", FORBIDDEN)
def test_a_query_cannot_do_more_than_read(query: str, stored: Path, faulty: Path) -> None:
    before = stored.read_bytes()
    there = sorted(Path().iterdir())
    ended = run("sql", stored, query)
    assert (ended.exit_code, ended.stdout) == (2, ""), ended.stdout
    assert ended.stderr.startswith("Error: ")
    assert len(ended.stderr.splitlines()) == 1
    with Store(stored) as store:
        with pytest.raises(QueryError):
            store.sql(query)
        assert store.sql("select count(*) as n from sessions").table["n"].to_pylist() == [3]
    assert sorted(Path().iterdir()) == there
    assert stored.read_bytes() == before


def test_a_query_reads_all_that_is_kept(stored: Path) -> None:
    query = "select load, source_file from kept.loads"
    ended = run("sql", stored, query, "--format", "json")
    (row,) = json.loads(ended.stdout)
    assert row == {"load": 1, "source_file": str(Path("three.jsonl").absolute())}


def test_the_connection_of_a_store_reaches_nothing_else(stored: Path) -> None:
    import duckdb

    with Store.open_readonly(stored) as store:
        connection = store.connection()
        for query in ("copy (select 1) to 'x.csv'", "set enable_external_access = true", "x"):
            with pytest.raises(duckdb.Error):
                connection.execute(query)
        with pytest.raises(duckdb.Error):
            connection.execute("create table t as select 1")
        with pytest.raises(UsageError, match="opened to be read"):
            store.load("three.jsonl")
    assert not re.findall("x.csv", " ".join(map(str, Path().iterdir())))
    shutil.copy(stored, "copy.duckdb")
    assert is_store("copy.duckdb")
