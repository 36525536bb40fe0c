"""What texts that are code elsewhere bring about: in answers, stores, files and settings."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import click
import duckdb
import pytest
from click.testing import CliRunner, Result

import sessionkit as sk
from sessionkit import config
from sessionkit.cli import main
from sessionkit.errors import UsageError
from sessionkit.questions import QUESTIONS
from tests.test_injection import (
    TELLING,
    TEXTS,
    Marks,
    cells_of_effect,
    effects,
    session,
    write_csv,
    write_lines,
)
from tests.test_injection import dump as dump
from tests.test_injection import tables as tables

NAMED = TEXTS[7]
"""A text that takes hold of a terminal, and that may name a file."""


def run(*arguments: str | Path) -> Result:
    """Run a command; whatever comes of it, it ends by itself and says nothing to the terminal."""
    ended = CliRunner().invoke(main, [str(one) for one in arguments], color=True)
    assert not isinstance(ended.exception, Exception), (arguments, ended.exception)
    assert ended.exit_code in (0, 1, 2), (arguments, ended.exit_code)
    said = set(ended.stdout + ended.stderr)
    assert not TELLING & said, (arguments, sorted(TELLING & said))
    return ended


def is_clean(page: str) -> bool:
    """Whether a page has nothing that a text could have put there."""
    found = Marks(page).found & {"script", "img", "onerror", "code:", "iframe"}
    return not found and not TELLING & set(page)


def has_formula(path: Path) -> bool:
    """Whether a spreadsheet would run a cell of a CSV file."""
    csv.field_size_limit(2**24)
    with path.open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    begins = {cell[:1] for cell in cells if not cell.lstrip("-").replace(".", "").isdigit()}
    return bool(begins & set("=+-@\t\r\n＝＋－＠"))


# ---- answers


@pytest.mark.parametrize(
    ("question", "column"),
    [
        ("coupon_rejections", "rejection_reason"),
        ("coupon_summary", "coupon_code"),
        ("discount_summary", "label"),
        ("referral_summary", "referral_code"),
        ("top_items", "item"),
    ],
)
def test_every_text_is_a_row_of_its_own(
    question: str, column: str, tables: sk.SessionTables
) -> None:
    table = QUESTIONS[question].function(tables).table
    assert sorted(table[column].to_pylist()) == sorted(TEXTS)


def test_what_a_campaign_took_off_is_told_of_every_text(tables: sk.SessionTables) -> None:
    """The response says it; an event that is unheard of is no evaluation of the rules."""
    rows = sk.campaign_summary(tables, by="store_id").table.to_pylist()
    assert {row["store_id"]: row["discount_total"] for row in rows} == dict.fromkeys(TEXTS, 1)


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_answer_is_a_formula(name: str, tables: sk.SessionTables, tmp_path: Path) -> None:
    path = tmp_path / "answer.csv"
    path.write_text(QUESTIONS[name].function(tables, by="store_id").to_csv(), encoding="utf-8")
    assert not has_formula(path)


# ---- files and stores


def test_a_file_of_any_name_is_read_and_named_safely(tmp_path: Path) -> None:
    for number, text in enumerate(TEXTS):
        if "/" not in text and "\x00" not in text and len(text) < 200:
            (tmp_path / f"{text}.jsonl").write_text(json.dumps(session(number, "x")) + "\n{")
    for command in ("check", "totals"):
        assert run(command, tmp_path).exit_code in (0, 1)
    tables = sk.read(tmp_path)
    assert tables.sessions.num_rows == tables.rejects.num_rows == len(list(tmp_path.iterdir()))


def test_a_store_keeps_every_text_and_exports_no_formula(dump: Path, tmp_path: Path) -> None:
    with sk.Store(tmp_path / "sessions.duckdb") as store:
        assert store.load(dump).new == 4 * len(TEXTS)
        assert sk.session_history(store, 1, f"{TEXTS[0]}0").table.num_rows > 0
        store.export(tmp_path / "out", format="csv")
        store.export(tmp_path / "by", partition_by=["month", "application_id"])
    written = sorted((tmp_path / "out").rglob("*.csv"))
    assert "effects.csv" in {path.name for path in written}
    assert [path.name for path in written if has_formula(path)] == []
    files = [str(path) for path in (tmp_path / "by").rglob("sessions/**/*.parquet")]
    told = duckdb.sql("select integration_id from read_parquet($files)", params={"files": files})
    keys = {f"{text}{n}" for first in (0, 20, 40, 60) for n, text in enumerate(TEXTS, first)}
    assert {row[0] for row in told.fetchall()} == keys


def write_broken(folder: Path) -> Path:
    """Write records that no text lets in, each text among the reasons."""
    folder.mkdir()
    faulty = [
        session(number, text)
        | {"created": text, "state": text, "total": text, "cartItems": [{"price": text}]}
        for number, text in enumerate(TEXTS)
    ]
    write_lines(folder / f"{NAMED}.jsonl", faulty)
    raw = "\n".join(f"{{{text}" for text in TEXTS)
    (folder / "raw.jsonl").write_text(raw, encoding="utf-8")
    rows = (
        cells_of_effect(number, text, effect)
        | {"created": text, "applicationid": text, "props": text}
        for number, text in enumerate(TEXTS)
        for effect in effects(text)
    )
    write_csv(folder / "effects.csv", rows)
    return folder


def jobs(dump: Path, here: Path) -> Iterator[tuple[str | Path, ...]]:
    """All that keeps tables, one after the other; what it writes has a name that takes hold."""
    store, calm, broken = here / f"{NAMED}.duckdb", here / "calm.jsonl", write_broken(here / NAMED)
    write_lines(calm, [session(99, "calm")])
    yield "load", calm, "--store", store
    yield "load", dump, "--store", store, "--allow-rejects", "0"
    yield "load", dump / "sessions.jsonl", "--store", store, "-v"
    yield "drift", store
    yield "drift", store, "--codes", "--since-load", "1"
    yield "load", broken, "--store", store, "-v"
    yield "drift", store, "-v"
    yield "rejects", store
    yield "rejects", store, "--trail"
    yield "rejects", store, "--write", here / f"{NAMED} mend"
    yield "check", store
    yield "sql", store, "select * from rejects"
    yield "sql", store, "select * from findings"
    yield "export", store, "-o", here / f"{NAMED} parquet", "-v"
    yield "export", store, "-o", here / f"{NAMED} csv", "--format", "csv"
    yield "export", store, "-o", here / f"{NAMED} by state", "--partition-by", "state"
    yield "flatten", dump, broken, "-o", here / f"{NAMED} flat", "-v"
    yield "flatten", dump, broken, "-o", here / f"{NAMED} cells", "--format", "csv"
    yield "check", here / f"{NAMED} flat"
    yield "check", dump, broken, "-v"
    yield "report", store, "-o", here / f"{NAMED}.html", "--title", NAMED
    yield "report", dump, broken, "-o", here / "page.html", "--json", here / f"{NAMED}.json"


def test_no_text_takes_hold_where_tables_are_kept(dump: Path, here: Path) -> None:
    ended = {job: run(*job) for job in jobs(dump, here)}
    assert [job for job, one in ended.items() if one.exit_code == 2] == []
    pages = [path for path in here.iterdir() if path.suffix == ".html"]
    assert len(pages) == 2
    assert all(is_clean(page.read_text("utf-8")) for page in pages)
    folders = [path for path in here.iterdir() if path.name.endswith((" csv", " cells"))]
    tables = [path for folder in folders for path in folder.rglob("*.csv")]
    assert len(tables) > 20
    assert [path for path in tables if has_formula(path)] == []


@pytest.mark.parametrize("command", ["totals", "report"])
def test_every_option_takes_or_refuses_a_text(command: str, small: Path) -> None:
    options = [one for one in main.commands[command].params if isinstance(one, click.Option)]
    valued = [one.opts[-1] for one in options if not one.is_flag]
    assert len(valued) > 15
    for option in (*valued, f"--{NAMED}"):
        ended = run(command, small, option, NAMED)
        assert ended.stderr.count("Error: ") == (ended.exit_code == 2), option


# ---- settings


@pytest.fixture
def small(here: Path) -> Path:
    """One session for each text, each of an application of its own."""
    sessions = (session(n, text) | {"applicationId": n} for n, text in enumerate(TEXTS, 1))
    write_lines(here / "small.jsonl", sessions)
    return here / "small.jsonl"


def quoted(text: str) -> str:
    """A text as TOML writes it."""
    return json.dumps(text).replace("\x7f", "\\u007f")


def test_applications_and_currencies_of_any_name(small: Path, here: Path) -> None:
    """They are shown as they are, but for what takes hold of a terminal."""
    lines = [f"{number} = {quoted(text)}" for number, text in enumerate(TEXTS, 1)]
    tables = "\n".join(f"[{key}]\n" + "\n".join(lines) for key in ("applications", "currencies"))
    (here / "sessionkit.toml").write_text(tables, encoding="utf-8")
    assert config.settings_of("sessionkit.toml").applications == dict(enumerate(TEXTS, 1))
    told = run("totals", small, "--by", "application_id,currency")
    assert told.exit_code == run("check", small).exit_code == run("report", small).exit_code == 0
    page = (here / "report.html").read_text("utf-8")
    assert is_clean(page)
    for words in (told.stdout, unescape(page)):
        assert all(text in words for text in (*TEXTS[:4], "{{7*7}}${7*7}{0}%s%n", "$tz"))


@pytest.mark.parametrize(
    ("command", "texts"), [("totals", TEXTS), ("check", TEXTS[1::3]), ("report", TEXTS[1::3])]
)
def test_a_pattern_of_guests_of_any_text(
    command: str, texts: tuple[str, ...], small: Path, here: Path
) -> None:
    for text in texts:
        (here / "sessionkit.toml").write_text(f"guests = {quoted(text)}", encoding="utf-8")
        ended = run(command, small)
        errors = [line for line in ended.stderr.splitlines() if line.startswith("Error: ")]
        assert len(errors) == (ended.exit_code == 2), (text, ended.stderr)
        if command == "report" and ended.exit_code == 0:
            assert is_clean((here / "report.html").read_text("utf-8")), text


def documents(key: str) -> Iterator[tuple[str, str]]:
    """Files of settings that say a text under a key, in every place that may have one."""
    for text in TEXTS:
        yield text, f"{key} = {quoted(text)}"
        yield text, f"{key}.1 = {quoted(text)}"
        yield text, f"{key}.{quoted(text)} = 'x'"
        yield text, f"{quoted(text)} = {quoted(text)}"
        yield text, f"{key} = '{text}' {text}"


@pytest.mark.parametrize("key", config._CHECKED)
def test_settings_are_taken_or_refused_in_one_message(key: str, small: Path, here: Path) -> None:
    file = here / "sessionkit.toml"
    for text, document in documents(key):
        file.write_text(document, encoding="utf-8", newline="")
        try:
            taken = config.settings_of(file)
        except UsageError:
            ended = run("totals", small)
            assert (ended.exit_code, ended.stdout) == (2, ""), document
            assert ended.stderr.startswith("Error: sessionkit.toml: "), document
            assert ended.stderr.count("\n") == 1, document
            assert len(ended.stderr) < 1_000, document
        else:
            (value,) = taken.values.values()
            assert value in (text, {1: text}), document


@pytest.mark.parametrize("command", ["totals", "check", "report"])
def test_a_time_zone_and_a_key_of_any_text_are_refused(
    command: str, small: Path, here: Path
) -> None:
    for text in TEXTS:
        for document in (f"tz = {quoted(text)}", f"{quoted(text)} = 1"):
            (here / "sessionkit.toml").write_text(document, encoding="utf-8")
            ended = run(command, small)
            assert (ended.exit_code, ended.stdout) == (2, ""), document
            assert len(ended.stderr.splitlines()) == 1, document


def test_a_file_of_settings_of_any_name(small: Path, here: Path) -> None:
    (here / NAMED).write_text("currencies = 'EUR'", encoding="utf-8")
    assert run("totals", small, "--config", here / NAMED).exit_code == 0
    assert run("totals", small, "--config", here / TEXTS[9]).exit_code == 2
