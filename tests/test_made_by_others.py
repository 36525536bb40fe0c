"""Stores, folders and archives that somebody else made: refused or read, and never obeyed."""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

import sessionkit as sk
from sessionkit.errors import FolderError, SessionkitError, StoreError
from sessionkit.store import Store
from sessionkit.store.layout import lay_out
from tests.reading import item, named, read, session
from tests.storing import load
from tests.test_interrupt import Command
from tests.test_interrupt import command as command
from tests.test_interrupt import pipe as pipe

SESSION = session(state="closed", total=10, cartItems=[item()], attributes={"a": 1})


# Stores


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "base.duckdb"
    with Store(path) as made:
        load(made, SESSION)
    return path


def tampered(store: Path, folder: Path, sql: str) -> Path:
    """A copy of a store in which somebody ran SQL."""
    path = folder / "sessions.duckdb"
    shutil.copy(store, path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(sql)
    return path


def refusal(path: Path, *, read_only: bool) -> str:
    """What is said of a store that is not opened; not one word of its data."""
    with pytest.raises(StoreError) as told:
        Store(path, read_only=read_only)
    said = str(told.value)
    assert "\n" not in said
    assert said.startswith(f"{path}: not as sessionkit makes a store: ")
    return said


SHADOWS = {
    "sum": "create macro sum(x) as 0",
    "count": "create macro count(x) as 7",
    "concat": "create macro concat(x, y) as 'boo'",
    "date_trunc": "create macro date_trunc(x, y) as now()",
    "unnest": "create macro unnest(x) as table select 1",
    "duckdb_functions": "create macro duckdb_functions() as table select 'x' as function_name",
    "current_database": "create macro current_database() as 'x'",
}


@pytest.mark.parametrize("name", SHADOWS)
def test_a_macro_in_the_place_of_a_function_is_refused(
    name: str, store: Path, tmp_path: Path
) -> None:
    path = tampered(store, tmp_path, SHADOWS[name])
    for read_only in (True, False):
        assert f"a macro in the place of the function '{name}'" in refusal(
            path, read_only=read_only
        )


VIEWS = {
    "reads a file": "create or replace view sessions as from read_text('{secret}')",
    "calls a function": "create or replace view sessions as select * replace (upper(state) as "
    "state) from records_alone.sessions",
    "never ends": "create or replace view discounts as with recursive r as (select 'a' as label, "
    "1 as value union all select label, value + 1 from r) from r",
    "has other columns": "create or replace view coupons as select state as code "
    "from records_alone.sessions",
    "has other types": "create or replace view sessions as select * replace (state as total) "
    "from records_alone.sessions",
    "is not there": "drop view sessions",
    "stands for a part": "alter table kept.about rename to other; "
    "create view kept.about as with recursive r as (select 2 as schema_version union all from r) "
    "from r",
}


@pytest.mark.parametrize("fault", VIEWS)
def test_a_view_that_is_not_of_the_package_is_refused_before_it_runs(
    fault: str, store: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("TOP SECRET")
    path = tampered(store, tmp_path, VIEWS[fault].replace("{secret}", str(secret)))
    for read_only in (True, False):
        began = monotonic()
        assert "SECRET" not in refusal(path, read_only=read_only)
        assert monotonic() - began < 10


def test_a_question_refuses_as_the_store_does(store: Path, tmp_path: Path) -> None:
    path = tampered(store, tmp_path, SHADOWS["sum"])
    with pytest.raises(StoreError, match="in the place of the function 'sum'"):
        sk.totals(path)


@pytest.mark.parametrize(
    "sql",
    [
        "alter table records_alone.sessions add column more varchar",
        "drop view sessions; alter table records_alone.sessions drop column total; create view "
        "sessions as select *, 1::decimal(38, 18) as total from resolved.sessions",
    ],
)
def test_a_table_with_other_columns_is_not_loaded_into(
    sql: str, store: Path, tmp_path: Path
) -> None:
    path = tampered(store, tmp_path, sql)
    refusal(path, read_only=False)


def test_what_somebody_added_beside_is_left_alone_and_reaches_no_file(
    store: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("TOP SECRET")
    own = (
        "create macro mine(x) as x + 1; create table notes as select 1 as a; create sequence s; "
        f"create view spy as from read_text('{secret}'); "
        f"create macro look() as table from read_text('{secret}')"
    )
    path = tampered(store, tmp_path, own)
    with Store(path) as opened:
        assert opened.sql("select mine(a) as b from notes").table["b"].to_pylist() == [2]
        assert load(opened, session(integrationId="S-2")).new == 1
        for query in ("from spy", "from look()"):
            with pytest.raises(SessionkitError) as told:
                opened.sql(query)
            assert "TOP SECRET" not in str(told.value)
    assert sk.totals(path, population="all").table["session_count"].to_pylist() == [2]


def test_a_store_of_somebody_else_writes_nothing_outside(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    with Store(tampered(store, tmp_path, "create table t as select 1 as a")) as opened:
        for statement in (
            f"copy t to '{out}'",
            f"attach '{out}' as other",
            "install httpfs",
            "load httpfs",
            "set enable_external_access = true",
        ):
            with pytest.raises(duckdb.Error):
                opened.connection().execute(statement)
    assert not out.exists()


# Folders


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    read(SESSION).write(tmp_path / "out")
    return tmp_path / "out"


def replaced(folder: Path, column: str, values: pa.Array | None) -> None:
    path = folder / "sessions.parquet"
    table = pq.read_table(path)
    place = table.column_names.index(column)
    gone = table.remove_column(place)
    pq.write_table(gone if values is None else gone.add_column(place, column, values), path)


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        ("total", pa.array([10.5]), "column 'total': expected decimal"),
        ("total", None, "column 'total': there is no such column"),
        ("total", pa.array(["10"]), "column 'total': expected decimal"),
        ("created_at", pa.array(["2026-01-01"]), "column 'created_at': expected timestamp"),
    ],
)
def test_a_folder_with_other_columns_is_refused(
    folder: Path, column: str, values: pa.Array | None, said: str
) -> None:
    replaced(folder, column, values)
    with pytest.raises(FolderError, match=said):
        sk.totals(folder)
    assert sk.folder.verify(folder) != []


def clear(error: SessionkitError) -> None:
    """It is one line of a length that people read."""
    assert "\n" not in str(error)
    assert 0 < len(str(error)) < 600


@pytest.mark.parametrize("column", ["application_id", "state", "attributes", "coupon_codes"])
def test_a_folder_with_odd_types_gives_an_answer_or_a_clear_word(folder: Path, column: str) -> None:
    replaced(folder, column, pa.array([{"a": [1.5]}]))
    for ask in (sk.totals, sk.states, sk.coupon_summary):
        try:
            told = ask(folder).table
        except SessionkitError as error:
            clear(error)
        else:
            assert told.num_rows <= 4


@pytest.mark.parametrize("part", [0.0, 0.3, 0.6, 0.9])
def test_a_folder_with_broken_files_is_refused(folder: Path, part: float) -> None:
    path = folder / "sessions.parquet"
    whole = bytearray(path.read_bytes())
    place = int(len(whole) * part)
    whole[place : place + 40] = b"\xff" * len(whole[place : place + 40])
    path.write_bytes(whole)
    try:
        sk.totals(folder)
    except SessionkitError as error:
        clear(error)
    with pytest.raises(FolderError, match="changed"):
        sk.folder.read(folder)


# Code in data


class Runs:
    """What leaves a trace when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.trace,)


def test_no_pickle_in_a_table_is_unpickled(folder: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    harm = pickle.dumps(Runs(trace))
    pickle.loads(harm)
    assert trace.exists(), "the trap works"
    trace.unlink()
    told = {b"ARROW:extension:name": b"arrow.py_extension_type"}
    told[b"ARROW:extension:metadata"] = harm
    for name in ("sessions", "cart_items", "loads"):
        table = pq.read_table(folder / f"{name}.parquet")
        fields = [field.with_metadata(told) for field in table.schema]
        marked = pa.table(table.columns, pa.schema(fields, {b"pandas": harm, **told}))
        pq.write_table(marked, folder / f"{name}.parquet")
        feather.write_feather(marked, tmp_path / f"{name}.arrow", compression="uncompressed")
    assert sk.totals(folder).table["session_count"].to_pylist() == [1]
    for write in (tmp_path / "sessions.arrow", folder / "sessions.parquet"):
        with pytest.raises(SessionkitError):
            sk.read(write)
    with pytest.raises(SessionkitError):
        sk.read(named("x.pkl", harm))
    assert not trace.exists()


def test_no_module_beside_the_dumps_is_imported(tmp_path: Path) -> None:
    """A folder of dumps may hold files that Python, DuckDB or pytest would take for theirs."""
    command = Path(sys.executable).parent / "sessionkit"
    if not command.exists():
        pytest.skip("sessionkit is not installed as a command here")
    trace = tmp_path / "trace"
    names = "duckdb polars pandas pyarrow json sessionkit sitecustomize usercustomize conftest"
    for name in (*names.split(), "numpy", "fsspec", "click"):
        (tmp_path / f"{name}.py").write_text(f"open({str(trace)!r}, 'w')\n")
    (tmp_path / ".duckdbrc").write_text(f".output {trace}\nselect 1;\n")
    (tmp_path / "dump.jsonl").write_text(json.dumps(SESSION))
    given = os.environ | {"HOME": str(tmp_path)}
    for words in (["totals", "."], ["load", ".", "--store", "x.duckdb"]):
        run = subprocess.run(
            [command, *words], cwd=tmp_path, env=given, capture_output=True, text=True
        )
        assert run.returncode == 0, run.stderr
    assert not trace.exists()


# Archives


def packed(**members: bytes | str) -> io.BytesIO:
    """A zip archive, its members' names as they are given."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target


def line(name: str) -> bytes:
    return json.dumps(session(integrationId=name)).encode() + b"\n"


def test_a_member_that_would_leave_its_archive_is_only_read(tmp_path: Path) -> None:
    outside = tmp_path / "outside.jsonl"
    names = ["../outside.jsonl", "../../../../tmp/evil.jsonl", str(outside), "C:\\evil.jsonl"]
    home = tmp_path / "home"
    home.mkdir()
    archive = home / "dumps.zip"
    archive.write_bytes(packed(**{name: line(name) for name in names}).getvalue())
    tables = sk.read(archive)
    assert set(tables.sessions["integration_id"].to_pylist()) == set(names)
    tables.write(home / "out")
    with Store(home / "sessions.duckdb") as opened:
        assert opened.load(archive).new == len(names)
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    assert not Path("/tmp/evil.jsonl").exists()


def test_a_link_in_an_archive_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.jsonl"
    secret.write_bytes(line("SECRET"))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        link = zipfile.ZipInfo("link.jsonl")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, str(secret))
        archive.writestr("good.jsonl", line("good"))
    (tmp_path / "dumps.zip").write_bytes(target.getvalue())
    tables = sk.read(tmp_path / "dumps.zip")
    assert tables.sessions["integration_id"].to_pylist() == ["good"]


def test_a_link_that_leads_back_does_not_make_a_folder_endless(tmp_path: Path) -> None:
    (tmp_path / "dumps" / "a").mkdir(parents=True)
    (tmp_path / "dumps" / "a" / "one.jsonl").write_bytes(line("one"))
    (tmp_path / "dumps" / "a" / "up").symlink_to(tmp_path / "dumps")
    (tmp_path / "dumps" / "self").symlink_to(tmp_path / "dumps" / "self")
    tables = sk.read(tmp_path / "dumps")
    assert tables.sessions["integration_id"].to_pylist() == ["one"]
    assert tables.records == 1


BOMB = """
import io, resource, sys
import sessionkit as sk
sk.read(io.BytesIO(b'{{"integrationId":"S","applicationId":1,"created":"2026-01-01T00:00:00Z"}}'))
limit = {limit} << 20
with open("/proc/self/statm") as told:
    used = int(told.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + limit, used + limit))
try:
    tables = sk.read(sys.argv[1])
    print(tables.records, tables.sessions.num_rows, tables.rejects.num_rows)
except sk.SessionkitError as error:
    print(type(error).__name__, error)
"""


@pytest.mark.parametrize(("kind", "filling"), [("zip", "spaces"), ("gzip", "one text")])
def test_a_bomb_is_unpacked_a_piece_at_a_time(kind: str, filling: str, tmp_path: Path) -> None:
    """512 MiB out of a few, where there is room for three quarters of it."""
    path = tmp_path / f"dump.jsonl{'.gz' if kind == 'gzip' else '.zip'}"
    block = (b" " * ((1 << 20) - 1) + b"\n") if filling == "spaces" else b"x" * (1 << 20)
    begin = line("first") if filling == "spaces" else line("first") + b'{"integrationId":"'
    with ExitStack() as open_files:
        if kind == "gzip":
            file = open_files.enter_context(gzip.open(path, "wb", compresslevel=1))
        else:
            archive = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
            open_files.enter_context(archive)
            file = open_files.enter_context(archive.open("dump.jsonl", "w", force_zip64=True))
        file.write(begin)
        for _ in range(512):
            file.write(block)
    assert path.stat().st_size < 16 << 20
    code = BOMB.format(limit=384)
    command = [sys.executable, "-W", "error", "-c", code, str(path)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (run.returncode, run.stderr) == (0, "")
    expected = "1 1 0" if filling == "spaces" else "2 1 1"
    assert run.stdout.strip() == expected


# Temporary files


@contextmanager
def without_umask() -> Iterator[None]:
    """Let new files be open to everybody, unless whoever makes them says otherwise."""
    before = os.umask(0)
    try:
        yield
    finally:
        os.umask(before)


def test_temporary_files_are_for_their_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where everybody may look into the folder of temporary files, nobody may look into ours."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    dump = tmp_path / "dump.jsonl"
    dump.write_bytes(b"".join(line(f"S-{number}") for number in range(300)))
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    seen: dict[str, int] = {}

    def look(_: object) -> None:
        for path in scratch.iterdir():
            seen[path.name] = path.stat().st_mode & 0o777

    with without_umask():
        tables = sk.read(dump, progress=look)
        sk.to_folder(dump, output=tmp_path / "out", progress=look)
        with Store(tmp_path / "sessions.duckdb") as opened:
            look(None)
            opened.load(dump, progress=look)
        assert tables.sessions.num_rows == 300
    assert len(seen) >= 3
    assert {mode & 0o077 for mode in seen.values()} == {0}
    assert list(scratch.iterdir()) == []


def open_to_others(folder: Path) -> list[str]:
    """What lies in a folder that others than its owner may look into, or at."""
    return sorted(path.name for path in folder.iterdir() if path.stat().st_mode & 0o077)


@pytest.mark.parametrize(
    "words", [["flatten", "-o", "out"], ["load", "--store", "sessions.duckdb"]], ids=lambda w: w[0]
)
def test_what_a_command_puts_aside_is_for_its_owner_alone(
    words: list[str], command: Command, pipe: Path
) -> None:
    """All of it lies in one folder, into which nobody else may look while the command waits."""
    with without_umask():  # a process has it from its parent
        command.start(words[0], str(pipe), *words[1:], "-q")
    with command.feeding(pipe) as feed:
        feed.write(line("first"))
        feed.flush()
        (scratch,) = (command.home / "scratch").iterdir()
        assert scratch.stat().st_mode & 0o777 == 0o700
        within = list(scratch.iterdir())
        assert within, "something is put aside"
        assert open_to_others(scratch) == []
        hidden = (command.home / "work").glob(".*")
        assert [path.name for path in hidden if path.stat().st_mode & 0o077] == []
        feed.write(line("last"))
    assert command.ended() == (0, "")
    assert list((command.home / "scratch").iterdir()) == []


def test_a_store_that_is_being_made_is_for_its_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lies in a hidden folder beside its place until it is whole."""
    seen: list[tuple[list[str], list[str]]] = []

    def look(connection: duckdb.DuckDBPyConnection) -> None:
        lay_out(connection)
        seen.append(([path.name[:17] for path in tmp_path.iterdir()], open_to_others(tmp_path)))

    monkeypatch.setattr("sessionkit.store.store.lay_out", look)
    with without_umask():
        Store(tmp_path / "sessions.duckdb").close()
    assert seen == [([".sessions.duckdb-"], [])]
    assert [path.name for path in tmp_path.iterdir()] == ["sessions.duckdb"]
