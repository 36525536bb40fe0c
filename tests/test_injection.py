"""Texts that are code elsewhere (SQL, HTML, terminals, spreadsheets, paths) are texts here."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner

import sessionkit as sk
from sessionkit.cli import main
from sessionkit.columns import Column, Kind
from sessionkit.questions import QUESTIONS
from sessionkit.tables import EFFECTS, MODEL

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

FIRST = {"sessions.jsonl": 0, "responses.jsonl": 20, "sessions.csv": 40, "effects.csv": 0}
"""The dumps, and the number of the first session that each tells of."""


def session(number: int, text: str) -> dict[str, Any]:
    """A session that has a text wherever it may have one; the number keeps keys apart."""
    price = {"price": 10, "adjustmentReferenceId": text, "adjustmentContextId": text}
    return {
        "id": number + 1,
        "integrationId": f"{text}{number}",
        "applicationId": 1,
        "created": "2026-01-31T09:00:00Z",
        "updated": "2026-01-31T10:00:00Z",
        "profileId": text,
        "storeIntegrationId": text,
        "couponCodes": [text],
        "referralCode": text,
        "identifiers": [text],
        "loyaltyCards": [text],
        "experimentVariantAllocations": [{text: text}],
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
                "selectedPriceType": text,
                "adjustmentReferenceId": text,
                "prices": {text: price},
                f"{text}?": text,
            }
        ],
        f"{text}?": text,
    }


def effects(text: str) -> Iterator[dict[str, Any]]:
    """Effects that have a text wherever they may have one, among them one of a type unheard of."""
    refused = {"value": text, "rejectionReason": text}
    for kind, props in (
        (text, {"name": text, f"{text}?": [text]}),
        ("setDiscount", {"name": text, "value": 1, "scope": text, "additionalCost": text}),
        ("acceptCoupon", {"value": text}),
        ("rejectCoupon", refused),
        ("rejectReferral", refused),
    ):
        rule = {"campaignId": 1, "rulesetId": 2, "ruleIndex": 0, "ruleName": text}
        yield {"effectType": kind, "props": props, f"{text}?": text, **rule}


def companion(number: int, text: str) -> dict[str, Any]:
    """A session of another customer, who shares what tells customers apart."""
    return session(number, text) | {"profileId": "another"}


def cells_of_session(number: int, text: str) -> dict[str, Any]:
    """A row of the export of sessions, which has no column for loyalty cards and experiments."""
    row = session(number, text)
    row |= {"profileIntegrationId": row.pop("profileId"), "coupons": row.pop("couponCodes")}
    row |= {"note": row.pop(f"{text}?"), "totalDiscounts": 1}
    del row["loyaltyCards"], row["experimentVariantAllocations"]
    return row


def cells_of_effect(number: int, text: str, effect: dict[str, Any]) -> dict[str, Any]:
    """A row of the export of effects, for an effect of the session with that number."""
    return {
        "created": "2026-01-31T11:00:00Z",
        "name": effect["effectType"],
        "applicationid": 1,
        "campaignid": effect["campaignId"],
        "rulesetid": effect["rulesetId"],
        "ruleindex": effect["ruleIndex"],
        "rulename": effect["ruleName"],
        "sessionintegrationid": f"{text}{number}",
        "profileintegrationid": text,
        "sessionid": number + 1,
        "eventid": number + 1,
        "event_type": text,
        "props": effect["props"],
        "store_integration_id": text,
        "note": text,
    }


def write_lines(path: Path, records: Iterable[dict[str, Any]]) -> None:
    """Write records as JSON Lines."""
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")


def write_csv(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write rows as an export does: names in lower case, lists and objects as JSON."""
    with path.open("w", encoding="utf-8", newline="") as file:
        for number, row in enumerate(rows):
            if not number:
                (writer := csv.writer(file)).writerow(map(str.lower, row))
            cells = row.values()
            writer.writerow(json.dumps(c) if isinstance(c, list | dict) else c for c in cells)


def write_dumps(folder: Path) -> Path:
    """Write the dumps of `FIRST`, each text in each of them."""
    plain, answered, exported, told = (enumerate(TEXTS, first) for first in FIRST.values())
    others = (companion(number, text) for number, text in enumerate(TEXTS, 60))
    write_lines(folder / "sessions.jsonl", chain((session(*one) for one in plain), others))
    answers = ({"customerSession": session(*a), "effects": [*effects(a[1])]} for a in answered)
    write_lines(folder / "responses.jsonl", answers)
    write_csv(folder / "sessions.csv", (cells_of_session(*one) for one in exported))
    rows = (cells_of_effect(*one, effect) for one in told for effect in effects(one[1]))
    write_csv(folder / "effects.csv", rows)
    return folder


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dumps(tmp_path_factory.mktemp("dumps"))


@pytest.fixture(scope="module")
def tables(dump: Path) -> sk.SessionTables:
    return sk.read(dump)


KINDS = (Kind.TEXT, Kind.TEXTS, Kind.JSON)
"""The kinds of columns that hold texts."""

EXCUSED = {
    "source_file": "what a file is called is tried below",
    "dialect": "a word of ours",
    "kind": "a word of ours, for the kind of a JSON value",
}
"""Columns of texts that hold no text of a dump, and why."""

LACKING = {
    "sessions.csv": {"loyalty_cards": "no such column", "experiments": "no such column"},
    "responses.jsonl": {"event_type": "a response tells of no event"},
}
"""Columns that a dump cannot fill, and why."""


def texts_in(tree: Any) -> set[str]:
    """All texts of a value, keys among them."""
    match tree:
        case str():
            return {tree}
        case list():
            return set().union(*map(texts_in, tree))
        case dict():
            return set(tree).union(*map(texts_in, tree.values()))
    return set()


def held(column: Column, table: pa.Table) -> set[str]:
    """All texts that a column holds."""
    values = [value for value in table[column.name].to_pylist() if value is not None]
    return texts_in([json.loads(one) for one in values] if column.kind is Kind.JSON else values)


@pytest.mark.parametrize("name", FIRST)
def test_every_text_comes_through_every_field_that_is_declared(name: str, dump: Path) -> None:
    """Each dump alone, so that none hides what another lost on its way."""
    tables = sk.read(dump / name)
    assert tables.rejects.num_rows == 0
    filled = [table for table in (*MODEL, EFFECTS) if getattr(tables, table.name).num_rows]
    sessions, told = name != "effects.csv", name in ("effects.csv", "responses.jsonl")
    assert filled == [*(MODEL if sessions else ()), *((EFFECTS,) if told else ())]
    keys = {f"{text}{number}" for number, text in enumerate(TEXTS, FIRST[name])}
    for table, column in ((one, column) for one in filled for column in one.columns):
        if column.kind not in KINDS:
            continue
        texts = held(column, getattr(tables, table.name))
        if column.name in EXCUSED.keys() | LACKING.get(name, {}).keys():
            assert texts.isdisjoint(TEXTS), (table.name, column.name)
        else:
            expected = keys if column.name == "integration_id" else set(TEXTS)
            assert expected <= texts, (table.name, column.name)


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_takes_every_text(name: str, tables: sk.SessionTables) -> None:
    """Each text is a store of its own: none is taken for another, none breaks the question."""
    asked = QUESTIONS[name].function(tables, by="store_id").table
    assert set(asked["store_id"].to_pylist()) == set(TEXTS)


@pytest.mark.parametrize("text", TEXTS)
def test_an_attribute_of_any_name_is_a_dimension_of_that_name(
    text: str, tables: sk.SessionTables
) -> None:
    (row,) = sk.totals(tables, where={f"attributes.{text}": text}).table.to_pylist()
    assert row["session_count"] == 4
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
        yield [name.replace("_", "-"), str(dump), "--by", "store_id", "-v"]
    yield ["discount-summary", str(dump), "--by", f"attributes.{TEXTS[7]}"]
    yield ["totals", str(dump), "--by", TEXTS[7]]
    yield ["check", str(dump)]
    yield ["sql", str(dump), "select * from attributes"]
    yield ["sql", str(dump), "select * from effects"]
    yield ["sql", str(dump), f"select '{TEXTS[7]}' as x"]
    yield ["history", str(dump), "--application", "1", "--session", f"{TEXTS[7]}7"]
    yield ["totals", str(dump.parent / TEXTS[7])]


def test_no_text_takes_hold_of_the_terminal(dump: Path) -> None:
    for command in commands(dump):
        ended = CliRunner().invoke(main, command, color=True)
        assert not isinstance(ended.exception, Exception), (command, ended.exception)
        said = set(ended.stdout + ended.stderr)
        assert not TELLING & said, (command, sorted(TELLING & said))
