"""Texts that are code elsewhere (SQL, HTML, terminals, spreadsheets, paths) are texts here."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

import sessionkit as sk
from sessionkit.cli import main
from sessionkit.questions import QUESTIONS

TEXTS = (
    "'; drop table sessions; --",
    'x" or 1=1 --',
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></svg><a href='javascript:alert(1)'>x</a>",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "\x1b[31mred\x1b]0;title\x07",
    "\x9b31m\r\n\x08\x7f",
    "\u202egnp.exe\u2066",
    "../../../etc/passwd",
    "{{7*7}}${7*7}{0}%s%n",
    "$tz",
    "a\x00b",
    "x" * 5000,
)
TELLING = {"\x1b", "\x9b", "\x07", "\x08", "\x7f", "\r", "\x00", "\u202e", "\u2066"}
"""Characters by which a text takes hold of a terminal."""

EMPTY = {"campaign_summary", "coupon_rejections", "identifier_overlap"}
"""Questions about effects, and about what customers share; there are none here."""


def session(number: int, text: str) -> dict[str, Any]:
    """A session that has a text wherever it may have one; the number keeps keys apart."""
    return {
        "integrationId": f"{text}{number}",
        "applicationId": 1,
        "created": "2026-01-31T09:00:00Z",
        "updated": "2026-01-31T10:00:00Z",
        "profileId": text,
        "storeIntegrationId": text,
        "coupon": text,
        "referral": text,
        "identifiers": [text],
        "state": "closed",
        "total": 10,
        "discounts": {text: 1},
        "attributes": {text: text, f"{text}.": [text]},
        "additionalCosts": {text: {"price": 0}},
        "cartItems": [
            {
                "name": text,
                "sku": text,
                "category": text,
                "quantity": 1,
                "price": 10,
                "product": {"name": text},
                "attributes": {text: text},
            }
        ],
    }


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dumps") / "sessions.jsonl"
    lines = [json.dumps(session(number, text)) for number, text in enumerate(TEXTS)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def tables(dump: Path) -> sk.SessionTables:
    return sk.read(dump)


def test_every_text_comes_through_as_it_is(tables: sk.SessionTables) -> None:
    assert tables.rejects.num_rows == 0
    for table, column in (
        ("sessions", "profile_id"),
        ("sessions", "referral_code"),
        ("coupons", "code"),
        ("identifiers", "identifier"),
        ("discounts", "label"),
        ("cart_items", "sku"),
        ("cart_items", "name"),
        ("cart_items", "category"),
        ("additional_costs", "name"),
        ("attributes", "name"),
    ):
        assert set(TEXTS) <= set(getattr(tables, table)[column].to_pylist()), (table, column)


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_takes_every_text(name: str, tables: sk.SessionTables) -> None:
    """Each text is a store of its own: none is taken for another, none breaks the question."""
    asked = QUESTIONS[name].function(tables, by="store_id").table
    told = set(asked["store_id"].to_pylist())
    assert told == (set() if name in EMPTY else set(TEXTS))


@pytest.mark.parametrize("text", TEXTS)
def test_an_attribute_of_any_name_is_a_dimension_of_that_name(
    text: str, tables: sk.SessionTables
) -> None:
    (row,) = sk.totals(tables, where={f"attributes.{text}": text}).table.to_pylist()
    assert row["session_count"] == 1
    found = sk.totals(tables, by=f"attributes.{text}").table
    assert found.num_rows == 2
    assert text in found[found.column_names[0]].to_pylist()


class Marks(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {tag} | {name for name, _ in attrs if name.startswith("on")}
        self.found |= {"code:" for _, value in attrs if value and value.startswith("javascript:")}


def pages(tables: sk.SessionTables, folder: Path) -> Iterator[str]:
    """All the HTML there is."""
    sk.report(tables, folder / "report.html")
    yield (folder / "report.html").read_text("utf-8")
    yield tables._repr_html_()
    for question in QUESTIONS.values():
        yield question.function(tables)._repr_html_()


def test_no_text_becomes_a_part_of_a_page(tables: sk.SessionTables, tmp_path: Path) -> None:
    for page in pages(tables, tmp_path):
        assert not Marks(page).found & {"script", "img", "onerror", "code:", "iframe"}
        assert not TELLING & set(page), sorted(TELLING & set(page))


def commands(dump: Path) -> Iterator[list[str]]:
    """What a person asks of a dump at a terminal."""
    for name in QUESTIONS:
        yield [name.replace("_", "-"), str(dump)]
    yield ["discount-summary", str(dump), "--by", f"attributes.{TEXTS[7]}"]
    yield ["totals", str(dump), "--by", TEXTS[7]]
    yield ["check", str(dump)]
    yield ["sql", str(dump), "select * from attributes"]
    yield ["sql", str(dump), f"select '{TEXTS[7]}' as x"]
    yield ["history", str(dump), "--application", "1", "--session", f"{TEXTS[7]}7"]
    yield ["totals", str(dump.parent / TEXTS[7])]


def test_no_text_takes_hold_of_the_terminal(dump: Path) -> None:
    for command in commands(dump):
        ended = CliRunner().invoke(main, command)
        assert not isinstance(ended.exception, Exception), (command, ended.exception)
        said = set(ended.stdout + ended.stderr)
        assert not TELLING & said, (command, sorted(TELLING & said))


def test_a_file_of_any_name_is_read_and_named_safely(dump: Path, tmp_path: Path) -> None:
    for number, text in enumerate(TEXTS):
        if "/" not in text and "\x00" not in text and len(text) < 200:
            (tmp_path / f"{text}.jsonl").write_text(json.dumps(session(number, "x")) + "\n{")
    for command in (["check", str(tmp_path)], ["totals", str(tmp_path)]):
        ended = CliRunner().invoke(main, command)
        assert ended.exit_code in (0, 1)
        assert not TELLING & set(ended.stdout + ended.stderr)
    tables = sk.read(tmp_path)
    assert tables.sessions.num_rows == tables.rejects.num_rows == len(list(tmp_path.iterdir()))


def test_a_store_keeps_every_text_and_exports_no_formula(dump: Path, tmp_path: Path) -> None:
    with sk.Store(tmp_path / "sessions.duckdb") as store:
        assert store.load(dump).new == len(TEXTS)
        assert sk.session_history(store, 1, f"{TEXTS[0]}0").table.num_rows > 0
        store.export(tmp_path / "out", format="csv")
        store.export(tmp_path / "by", partition_by=["month", "application_id"])
    for path in (tmp_path / "out").rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        begins = {cell[:1] for cell in cells if not cell.lstrip("-").replace(".", "").isdigit()}
        assert not begins & set("=+-@\t\r"), path.name
    files = [str(path) for path in (tmp_path / "by").rglob("sessions/**/*.parquet")]
    told = duckdb.sql("select integration_id from read_parquet($files)", params={"files": files})
    assert {row[0] for row in told.fetchall()} == {f"{t}{n}" for n, t in enumerate(TEXTS)}
