"""Many hands, odd machines, large things: the figures stay the same, or a clear word is said."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

import sessionkit as sk
from sessionkit.errors import ReadError
from sessionkit.generate import generate
from sessionkit.questions import QUESTIONS
from tests.reading import session

MIB = 1 << 20
THREADS = 16
TURKISH = Path("/usr/share/i18n/locales/tr_TR")
ASK = (
    "import sessionkit as sk, sys; "
    "print(sk.totals(sk.read(sys.argv[1]), by='month', tz='Europe/Berlin').to_json())"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("made"), sessions=120, seed=4) / "dumps"


def asked(
    dump: Path,
    *,
    before: str = "",
    limit: tuple[int, int] | None = None,
    **environment: str | None,
) -> subprocess.CompletedProcess[str]:
    """The totals of a dump, asked in a process of its own with another environment or limit.

    Args:
        dump: What is read.
        before: What the process does first.
        limit: A resource, and how much of it there is.
        environment: What is set, or taken away (None).
    """
    given = os.environ | {name: text for name, text in environment.items() if text is not None}
    env = {name: text for name, text in given.items() if environment.get(name, "") is not None}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", before + ASK, str(dump)],
        env=env,
        capture_output=True,
        text=True,
        preexec_fn=(lambda: resource.setrlimit(limit[0], (limit[1], limit[1]))) if limit else None,
    )


# Many hands


def test_sixteen_threads_ask_one_store_and_one_reading(made: Path, tmp_path: Path) -> None:
    tables = sk.read(made)
    with sk.Store(tmp_path / "sessions.duckdb") as store:
        store.load(made)
    names = list(QUESTIONS)
    others = sk.read(made)  # what is asked by all has not been asked before
    expected = {name: QUESTIONS[name].function(others).to_json() for name in QUESTIONS}
    start = Barrier(THREADS)

    def asked_at_once(source: sk.SessionTables | sk.Store, place: int) -> set[str]:
        start.wait()
        mine = {names[(place + further) % len(names)] for further in (0, 6, 12)}
        return {n for n in mine if QUESTIONS[n].function(source).to_json() != expected[n]}

    with (
        sk.Store.open_readonly(tmp_path / "sessions.duckdb") as store,
        ThreadPoolExecutor(THREADS) as pool,
    ):
        for source in (tables, store):
            wrong = list(pool.map(asked_at_once, [source] * THREADS, range(THREADS)))
            assert set().union(*wrong) == set()


def test_sixteen_threads_read_at_once(made: Path) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        told = {sk.totals(tables).to_json() for tables in pool.map(sk.read, [made] * THREADS)}
    assert len(told) == 1


def test_a_process_forked_after_the_import_reads_too(made: Path) -> None:
    code = (
        "import os, sys, sessionkit as sk; from sessionkit import questions, reading; "
        "pid = os.fork(); "
        "print(sk.totals(sk.read(sys.argv[1])).table['session_count'][0]) if pid == 0 else None; "
        "sys.stdout.flush(); "
        "os._exit(0) if pid == 0 else sys.exit(os.waitpid(pid, 0)[1])"
    )
    of_python = "ignore:This process:DeprecationWarning"  # from 3.12 on, of any library's threads
    ended = subprocess.run(
        [sys.executable, "-W", of_python, "-c", code, str(made)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert int(ended.stdout) == sk.totals(sk.read(made)).table["session_count"][0].as_py()


# Odd machines


@pytest.mark.parametrize(
    "environment",
    [
        {"TZ": "Asia/Kathmandu"},
        {"TZ": "America/St_Johns"},
        {"TZ": "Nowhere/AtAll"},
        {"TZ": ""},
        {"LC_ALL": "tr_TR.UTF-8"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "xx_XX"},
        {"HOME": "/nonexistent"},
        {"HOME": "/proc"},
        {"HOME": None, "XDG_CONFIG_HOME": None},
        {"PYTHONHASHSEED": "1"},
    ],
    ids=str,
)
def test_figures_are_the_same_on_any_machine(
    environment: dict[str, str | None], made: Path, expected: str
) -> None:
    ended = asked(made, **environment)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.strip() == expected


@pytest.mark.skipif(not TURKISH.exists(), reason="needs the package locales")
def test_figures_are_the_same_where_numbers_have_a_comma(
    made: Path, expected: str, tmp_path: Path
) -> None:
    """Nor does it matter that `I` has a small letter of its own there."""
    made_here = tmp_path / "tr_TR.UTF-8"
    subprocess.run(["localedef", "-i", "tr_TR", "-f", "UTF-8", made_here], check=True)
    asks = (
        "import locale; locale.setlocale(locale.LC_ALL, ''); "
        "assert locale.localeconv()['decimal_point'] == ','; "
    )
    ended = asked(made, before=asks, LOCPATH=str(tmp_path), LC_ALL="tr_TR.UTF-8")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.strip() == expected


def test_a_terminal_of_ascii_shows_what_it_can(tmp_path: Path) -> None:
    one = session(storeIntegrationId="Zoë €", total=1, state="closed")
    (tmp_path / "Zoë €.json").write_text(json.dumps(one))
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-m", "sessionkit", "totals", ".", "--by", "store_id"],
        cwd=tmp_path,
        env=os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        capture_output=True,
    )
    assert ended.returncode == 0, ended.stderr
    assert b"Zo" in ended.stdout
    assert b"Traceback" not in ended.stderr


@pytest.fixture(scope="module")
def expected(made: Path) -> str:
    return sk.totals(sk.read(made), by="month", tz="Europe/Berlin").to_json().strip()


def test_few_file_descriptors_are_enough(made: Path, tmp_path: Path) -> None:
    for number in range(300):
        one = session(integrationId=f"S-{number}", total=1, state="closed")
        (tmp_path / f"{number}.json").write_text(json.dumps(one))
    ended = asked(tmp_path, limit=(resource.RLIMIT_NOFILE, 64))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert '"gross_total":"300"' in ended.stdout.replace(" ", "")


# Large things


def session_text(name: str, total: str, attributes: str = "{}") -> str:
    known = '"applicationId":1,"created":"2026-01-01T00:00:00Z"'
    return f'{{"integrationId":"{name}",{known},"total":{total},"attributes":{attributes}}}'


def test_numbers_and_texts_of_any_length(tmp_path: Path) -> None:
    digits = "9" * 10_000
    long = "x" * (20 * MIB)
    attributes = f'{{"n":{digits},"t":"{long}"}}'
    lines = [
        session_text("before", "1"),
        session_text("n", digits),
        session_text("f", f"0.{digits}"),
        session_text("a", "1", attributes),
        session_text("after", "1"),
    ]
    (tmp_path / "dump.jsonl").write_text("\n".join(lines))
    tables = sk.read(tmp_path / "dump.jsonl")
    rejected = {row["integration_id"] for row in tables.rejects.to_pylist()}
    assert sorted(tables.sessions["integration_id"].to_pylist()) == ["a", "after", "before", "f"]
    assert rejected == {"n"}
    told = {row["name"]: row["value"] for row in tables.attributes.to_pylist()}
    assert told["n"] == digits
    assert told["t"] == f'"{long}"'
    totals = {row["integration_id"]: row["total"] for row in tables.sessions.to_pylist()}
    assert totals["f"] == 1  # 0.999… of 10,000 digits
    rounded = [row for row in tables.findings.to_pylist() if row["rule"] == "money-rounded"]
    assert [(row["path"], row["seen"][:9]) for row in rounded] == [("total", "0.9999999")]


NINES = "9" * 10_000


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        (f'"applicationId":{NINES}', ("out-of-range", "applicationId")),
        (f'"applicationId":1,"id":-{NINES}', ("out-of-range", "id")),
        (f'"applicationId":1,"total":1e{NINES}', ("out-of-range", "total")),
        (f'"applicationId":1,"total":1e-{NINES}', ("out-of-range", "total")),
        (
            f'"applicationId":1,"cartItems":[{{"sku":"a","price":1,"quantity":{NINES}}}]',
            ("out-of-range", "cartItems[0].quantity"),
        ),
    ],
    ids=["application", "id", "total", "small", "quantity"],
)
def test_numbers_of_10000_digits_cost_no_other_record(
    members: str, reason: tuple[str, str], tmp_path: Path
) -> None:
    long = f'{{"integrationId":"long","created":"2026-01-01T00:00:00Z",{members}}}'
    lines = [session_text("before", "1"), long, session_text("after", "1")]
    (tmp_path / "dump.jsonl").write_text("\n".join(lines))
    tables = sk.read(tmp_path / "dump.jsonl")
    kept = {row["integration_id"]: row["total"] for row in tables.sessions.to_pylist()}
    told = [row["reasons"][0] for row in tables.rejects.to_pylist()]
    assert [(each["code"], each["path"]) for each in told] == [reason]
    assert kept == {"before": 1, "after": 1}


@pytest.mark.parametrize("name", ["dump.jsonl", "dump.csv"])
def test_a_text_of_100_mb_costs_no_other_session(name: str, tmp_path: Path) -> None:
    long = "x" * 100_000_000
    if name == "dump.csv":
        rows = [f"{each},1,2026-01-01T00:00:00Z," for each in ("before", "long", "after")]
        lines = ["integrationid,applicationid,created,attributes", *rows]
        lines[2] += f'"{{""t"":""{long}""}}"'
    else:
        lines = [session_text(each, "1") for each in ("before", "long", "after")]
        lines[1] = session_text("long", "1", f'{{"t":"{long}"}}')
    (tmp_path / name).write_text("\n".join(lines))
    tables = sk.read(tmp_path / name)
    assert sorted(tables.sessions["integration_id"].to_pylist()) == ["after", "before"]
    (reject,) = tables.rejects.to_pylist()
    assert "larger than 64 MiB" in reject["reasons"][0]["found"]
    assert b"long" in reject["raw"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252"])
@pytest.mark.parametrize("name", ["dump.jsonl", "dump.csv"])
def test_other_encodings_are_named_and_never_guessed(
    encoding: str, name: str, tmp_path: Path
) -> None:
    text = json.dumps(session(profileId="Zoë"), ensure_ascii=False)
    if name.endswith("csv"):
        head = "applicationid,integrationid,created,profileintegrationid"
        text = f"{head}\n1,S-1,2026-01-01T00:00:00Z,Zoë\n"
    (tmp_path / name).write_bytes(text.encode(encoding))
    try:
        tables = sk.read(tmp_path / name)
    except ReadError as error:
        told = str(error)
    else:
        assert tables.sessions.num_rows == 0
        (reject,) = tables.rejects.to_pylist()
        told = " ".join(str(reason) for reason in reject["reasons"])
        assert bytes([0xEB]) in reject["raw"]
    assert "UTF-8" in told
    if encoding.startswith("utf-16"):
        assert "UTF-16" in told
