"""Rejects: every reason, told in full; whole records only; and neighbours that never notice."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessionkit import validate
from sessionkit.bulk import Outlines
from sessionkit.columns import REASON_TYPE
from sessionkit.containers import recognise, records
from sessionkit.crew import Crew
from sessionkit.dialects import DIALECTS, understand
from sessionkit.errors import REASONS, ReadError
from sessionkit.failures import Broken
from sessionkit.lifecycle import STATE_NUMBERS
from sessionkit.session_tables import SessionTables
from sessionkit.staging import Batch, stage
from sessionkit.tables import MODEL, REJECTS
from sessionkit.values import Reading
from tests.reading import codes, dump, item, model, read, reasons, rows, session

CASES = Path(__file__).parent / "cases"
KEYS = '"integrationId": "BAD", "applicationId": 1'
BASE = '{%s, "created": "2024-03-01T10:00:00Z", ' % KEYS  # noqa: UP031  (braces abound)


class Bad(NamedTuple):
    """A bad record, and each of its reasons: code, path, expected, found."""

    text: str
    reasons: list[tuple[str, str, str, str]]


def bad(members: str, *told: tuple[str, str, str, str]) -> Bad:
    return Bad(BASE + members + "}", list(told))


MONEY = "a decimal number"
WHOLE = "a whole number"
TIME = "a time such as 2026-01-31T09:05:27Z (or pass --date-format)"
STATE = "one of open, closed, partially_returned, cancelled"
LIMIT = "at most 20 digits before the point"

JSON_RECORDS = {
    "no json": Bad(
        '{"integrationId": "x", "total": NaN',
        [("not-json", "", "valid JSON", "NaN, which is no number")],
    ),
    "not a number": bad(
        '"total": Infinity', ("not-json", "", "valid JSON", "Infinity, which is no number")
    ),
    "bytes": Bad("\udcff{}", [("bad-encoding", "", "UTF-8 text", "byte 0xff at byte 0")]),
    "scalar": Bad(
        "12.50", [("not-a-session", "", "an object that holds a session", "the number 12.50")]
    ),
    "other object": Bad(
        '{"a": 1, "b": 2}',
        [("not-a-session", "", "an object that holds a session", "an object with a, b")],
    ),
    "empty object": Bad(
        "{}",
        [
            (
                "not-a-session",
                "",
                "an object that holds a session",
                "an object with no member at all",
            )
        ],
    ),
    "effects": Bad(
        '{"effects": []}',
        [
            (
                "effects-without-session",
                "",
                "a session beside the effects (ask for it with responseContent=customerSession)",
                "effects and no session",
            )
        ],
    ),
    "no created": Bad(
        "{%s}" % KEYS,  # noqa: UP031
        [("missing-member", "created", "a value (When the session was created)", "nothing")],
    ),
    "empty id": Bad(
        '{"integrationId": "", "applicationId": null, "created": "0001-01-01T00:00:00Z"}',
        [
            (
                "missing-member",
                "applicationId",
                "a value (The application (shop, country, brand) that the session belongs to)",
                "nothing",
            ),
            (
                "missing-member",
                "integrationId",
                "a value (The session's id in the shop's own system)",
                "nothing",
            ),
            ("missing-member", "created", "a value (When the session was created)", "nothing"),
        ],
    ),
    "flag as text": bad(
        '"firstSession": "true"', ("wrong-type", "firstSession", "true or false", "'true'")
    ),
    "flag as money": bad('"total": true', ("wrong-type", "total", MONEY, "true")),
    "words as money": bad('"total": "12,50 €"', ("wrong-type", "total", MONEY, "'12,50 €'")),
    "huge": bad(
        '"total": 123456789012345678901',
        ("out-of-range", "total", LIMIT, "the number 123456789012345678901"),
    ),
    "half": bad('"updateCount": 2.5', ("wrong-type", "updateCount", WHOLE, "the number 2.5")),
    "instant": bad('"updated": "yesterday"', ("bad-instant", "updated", TIME, "'yesterday'")),
    "no offset": bad(
        '"updated": "2024-01-31 09:05:27"',
        (
            "bad-instant",
            "updated",
            "a time with its offset, such as 2026-01-31T09:05:27Z (or pass --assume-tz)",
            "'2024-01-31 09:05:27'",
        ),
    ),
    "no such day": bad(
        '"updated": "2023-02-29T00:00:00Z"',
        ("bad-instant", "updated", "a time that exists", "'2023-02-29T00:00:00Z'"),
    ),
    "state": bad('"state": "done"', ("bad-state", "state", STATE, "'done'")),
    "state number": bad(
        '"state": 3',
        ("bad-state", "state", f"{STATE} (an integer needs --state-numbers)", "the number 3"),
    ),
    "key twice": bad(
        '"total": 1, "total": 2', ("duplicate-key", "total", "one such member", "two")
    ),
    "member twice": bad(
        '"total": 1, "Total": 1', ("duplicate-key", "total", "one such member", "two")
    ),
    "label twice": bad(
        '"discounts": {"10% off": 1, "a": 1, "10% off": 1}',
        ("duplicate-key", "discounts['10% off']", "one such key", "two"),
    ),
    "attribute twice": bad(
        '"attributes": {"a": 1, "a": 1}',
        ("duplicate-key", "attributes.a", "one such key", "two"),
    ),
    "price twice": bad(
        '"cartItems": [{"sku": "A", "quantity": 1, "prices": {"b": {"price": 1, "Price": 1}}}]',
        ("duplicate-key", "cartItems[0].prices.b.price", "one such member", "two"),
    ),
    "label": bad('"discounts": {"a": null}', ("wrong-type", "discounts.a", MONEY, "nothing")),
    "map": bad('"discounts": [1]', ("wrong-type", "discounts", "an object", "a list")),
    "twice encoded": bad(
        '"attributes": "{\\"a\\": 1}"',
        ("wrong-type", "attributes", "an object", "a text that holds JSON (encoded twice)"),
    ),
    "cost": bad(
        '"additionalCosts": {"post": 5}',
        ("wrong-type", "additionalCosts.post", "an object with a price", "the number 5"),
    ),
    "cost without price": bad(
        '"additionalCosts": {"post": {}}',
        ("missing-member", "additionalCosts.post.price", "a value (The cost)", "nothing"),
    ),
    "cart": bad('"cartItems": {}', ("wrong-type", "cartItems", "a list of objects", "an object")),
    "null line": bad('"cartItems": [null]', ("wrong-type", "cartItems[0]", "an object", "nothing")),
    "line": bad(
        '"cartItems": [{"sku": "A", "quantity": 1, "price": 1}, {"sku": 5, "price": "x"}]',
        ("wrong-type", "cartItems[1].sku", "a text", "the number 5"),
        ("wrong-type", "cartItems[1].price", MONEY, "'x'"),
        (
            "missing-member",
            "cartItems[1].quantity",
            "a value (Units bought, before returns)",
            "nothing",
        ),
    ),
    "no units": bad(
        '"cartItems": [{"sku": "A", "quantity": -3, "returnedQuantity": -1}]',
        ("out-of-range", "cartItems[0].quantity", "at least 1", "-3"),
        ("out-of-range", "cartItems[0].returnedQuantity", "at least 0", "-1"),
    ),
    "line cost and price": bad(
        '"cartItems": [{"sku": "A", "quantity": 1, "additionalCosts": {"a b": {"price": "x"}},'
        ' "prices": {"base": {"price": null}}, "product": "P"}]',
        ("wrong-type", "cartItems[0].product", "an object", "'P'"),
        ("wrong-type", "cartItems[0].additionalCosts['a b'].price", MONEY, "'x'"),
        (
            "missing-member",
            "cartItems[0].prices.base.price",
            "a value (The price of one unit under this type)",
            "nothing",
        ),
    ),
    "codes": bad(
        '"couponCodes": ["A", null, 5], "identifiers": "x"',
        ("wrong-type", "couponCodes[1]", "a text", "nothing"),
        ("wrong-type", "couponCodes[2]", "a text", "the number 5"),
        ("wrong-type", "identifiers", "a list", "a text"),
    ),
    "too much": bad(
        '"cartItems": [{"sku": "A", "quantity": 2, "price": 99999999999999999999}]',
        (
            "out-of-range",
            "cartItems[0].price × quantity",
            "an amount of at most 20 digits before the point",
            "99999999999999999999 × 2",
        ),
    ),
    "deep": bad(
        '"attributes": {"a": %s}' % ("[" * 200 + "]" * 200),
        ("too-deep", "", "at most 128 levels of nesting", "more"),
    ),
}
GOOD = [session(integrationId=f"GOOD-{number}", cartItems=[item()]) for number in range(40)]
"""A good neighbour before and behind every bad record."""


def told(tables: SessionTables, record: int) -> list[tuple[str, str, str, str]]:
    """The reasons of the reject at a place in its file."""
    (reject,) = (r for r in tables.rejects.to_pylist() if r["source_record"] == record)
    return [tuple(reason[f.name] for f in REASON_TYPE) for reason in reject["reasons"]]


def mixed() -> bytes:
    lines = [line for pair in zip(GOOD, JSON_RECORDS.values(), strict=False) for line in pair]
    return b"\n".join(
        line.text.encode("utf-8", "surrogateescape") if isinstance(line, Bad) else dump(line)
        for line in lines
    )


@pytest.fixture(scope="module")
def tables() -> SessionTables:
    return read(mixed())


@pytest.mark.parametrize("name", JSON_RECORDS)
def test_a_bad_record_is_told_with_all_its_reasons(tables: SessionTables, name: str) -> None:
    record = 2 + 2 * list(JSON_RECORDS).index(name)
    assert told(tables, record) == JSON_RECORDS[name].reasons


def test_a_reject_keeps_its_bytes_and_its_place_so_that_it_can_be_mended(
    tables: SessionTables,
) -> None:
    content = mixed()
    assert tables.rejects.num_rows == len(JSON_RECORDS)
    texts = [one.text.encode("utf-8", "surrogateescape") for one in JSON_RECORDS.values()]
    for reject, text in zip(tables.rejects.to_pylist(), texts, strict=True):
        assert reject["raw"] == text
        assert content[reject["source_offset"] :].startswith(text)
    assert tables.rejects.schema == REJECTS.arrow()


def test_bad_records_cost_their_neighbours_nothing(tables: SessionTables) -> None:
    neighbours = GOOD[: len(JSON_RECORDS)]
    assert model(tables) == model(read(neighbours))
    assert tables.sessions.num_rows == len(neighbours)


def test_no_table_holds_a_row_of_a_rejected_record(tables: SessionTables) -> None:
    for table in MODEL:
        assert "BAD" not in getattr(tables, table.name)["integration_id"].to_pylist()


def test_a_reject_tells_as_much_of_its_session_as_could_be_read(tables: SessionTables) -> None:
    by_record = {row["source_record"]: row for row in tables.rejects.to_pylist()}
    line = by_record[2 + 2 * list(JSON_RECORDS).index("line")]
    assert (line["application_id"], line["integration_id"]) == (1, "BAD")
    assert (line["dialect"], line["source_file"]) == ("v1_session", "file-1")
    scalar = by_record[2 + 2 * list(JSON_RECORDS).index("scalar")]
    assert (scalar["application_id"], scalar["integration_id"], scalar["dialect"]) == (None,) * 3


# CSV

CSV_HEADER = "integrationid,applicationid,created,cartitems,discounts,total\n"
CSV_ROW = "%s,1,2024-03-01T10:00:00Z,[],{},1"


def csv(*lines: str) -> bytes:
    return (CSV_HEADER + "\n".join(lines) + "\n").encode("utf-8", "surrogateescape")


CSV_ROWS = {
    "too few cells": ("BAD,1", [("bad-row", "")]),
    "too many cells": ((CSV_ROW % "BAD") + ",1,2", [("bad-row", "")]),
    "no utf-8": (CSV_ROW % "BAD\udcff", [("bad-encoding", "")]),
    "cut cell": (
        'BAD,1,2024-03-01T10:00:00Z,"[{""sku"": ""A""",{},1',
        [("not-json", "cartitems")],
    ),
    "python": (
        "BAD,1,2024-03-01T10:00:00Z,\"[{'sku': 'A', 'x': None}]\",{},1",
        [("not-json", "cartitems")],
    ),
    "several": ("BAD,1.5,soon,{},[],much", None),
}


@pytest.fixture(scope="module")
def csv_tables() -> SessionTables:
    rows_ = [row for n, (bad_, _) in enumerate(CSV_ROWS.values()) for row in (CSV_ROW % n, bad_)]
    return read(csv(*rows_, CSV_ROW % "last"))


@pytest.mark.parametrize("name", CSV_ROWS)
def test_a_bad_csv_row_is_told_and_costs_the_others_nothing(
    csv_tables: SessionTables, name: str
) -> None:
    place = list(CSV_ROWS).index(name)
    line, expected = CSV_ROWS[name]
    found = told(csv_tables, 2 + 2 * place)
    if expected is None:
        expected = [
            ("wrong-type", "cartItems"),
            ("wrong-type", "discounts"),
            ("wrong-type", "applicationId"),
            ("bad-instant", "created"),
            ("wrong-type", "total"),
        ]
    assert [reason[:2] for reason in found] == expected
    raws = csv_tables.rejects["raw"].to_pylist()
    assert raws[place] == line.encode("utf-8", "surrogateescape")
    assert csv_tables.sessions.num_rows == len(CSV_ROWS) + 1


def test_the_likely_cause_of_a_bad_cell_is_named(csv_tables: SessionTables) -> None:
    (found,) = (told(csv_tables, 2 + 2 * list(CSV_ROWS).index("python")),)
    assert found[0][3] == "a Python dictionary as text (write such cells with json.dumps)"
    cell = ('[{"sku": "' + "x" * 40_000)[:32_767].replace('"', '""')
    tables = read(csv(f'BAD,1,2024-03-01T10:00:00Z,"{cell}",{{}},1'))
    assert told(tables, 1)[0][2:] == (
        "valid JSON in the cell",
        "a cell cut off at 32,767 characters, as Excel does",
    )


# Where the container breaks


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        (b"[" + dump(session()) + b",\n" + dump(session(integrationId="S-2"))[:40], 1),
        (b'{"data": [' + dump(session()) + b', {"integrationId": "S-2", ', 1),
        (CSV_HEADER.encode() + (CSV_ROW % "a").encode() + b'\nb,1,"2024', 1),
    ],
    ids=["array", "page", "quote"],
)
def test_where_a_container_breaks_what_came_before_is_kept_and_one_reject_says_where(
    content: bytes, kept: int
) -> None:
    tables = read(content)
    assert (tables.sessions.num_rows, tables.rejects.num_rows) == (kept, 1)
    (reject,) = tables.rejects.to_pylist()
    assert content.endswith(reject["raw"])
    assert content[reject["source_offset"] :] == reject["raw"]
    assert codes(tables) == ["broken-container"]


# The reasons as a whole


def test_what_only_the_models_find_rejects_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def checked(name: str, rows: pa.Table) -> list[Broken]:
        found = Broken(0, "state", "one_of", "one of open, closed", "weird")
        first = name == "sessions" and rows["integration_id"][0].as_py() == "S-1"
        return [found] if first else []

    monkeypatch.setattr(validate, "check", checked)
    tables = read([session(odd=1), session(integrationId="S-2", odd=1)])  # exact: odd members
    assert reasons(tables) == [("rule-broken", "state")]
    assert [row["integration_id"] for row in rows(tables, "sessions")] == ["S-2"]


def test_every_code_of_a_reason_can_be_met() -> None:
    met = {reason[0] for record in JSON_RECORDS.values() for reason in record.reasons}
    met |= {reason[0] for _, found in CSV_ROWS.values() for reason in found or ()}
    met |= {"rule-broken", "broken-container"}  # the two tests above
    assert met == set(REASONS)


def test_a_record_with_a_thousand_faults_tells_each_once() -> None:
    lines: list[dict[str, Any]] = [{"price": "x", "quantity": 0}] * 1000
    tables = read(session(cartItems=lines))
    found = reasons(tables)
    assert len(found) == len(set(found)) == 3000
    assert ("missing-member", "cartItems[999].sku") in found


def test_a_file_of_nothing_but_rejects_is_read_all_the_same() -> None:
    tables = read([{"effects": []}, {"a": 1}])
    assert (tables.records, tables.rejects.num_rows, tables.sessions.num_rows) == (2, 2, 0)
    (load,) = tables.loads.to_pylist()
    assert (load["status"], load["rejects"]) == ("read", 2)


def test_messages_are_short_and_on_one_line(tables: SessionTables) -> None:
    long = read(session(state="x" * 10_000, created="a\nb\r\tc" * 100))
    for table in (tables, long):
        for reject in table.rejects.to_pylist():
            for reason in reject["reasons"]:
                assert len(reason["found"]) < 120
                assert not {"\n", "\r"} & {*reason["found"], *reason["expected"]}


# Any bytes at all

DUMPS = [path.read_bytes() for path in sorted(CASES.glob("*/dump.*"))]
PIECES = [
    *(b'"', b"{", b"}", b"[", b"]", b",", b":", b"\n", b"\\", b"\xff", b"\x00", b"\\u0000"),
    *(b"null", b"true", b"NaN", b"-1", b"1e999", b"2.5", b'""', b"{}", b"[]", b"[null]", b"{}{}"),
    *(b'"\\ud800"', b'"a": 1, "a": 2', b'"0001-01-01T00:00:00Z"', b'"9999-12-31 23:59:59"'),
    *(b"'", b"\r", b"\xef\xbb\xbf", b"\xc3", b'"type": []', b'"record": 1', b'{"refused": 1}'),
]


def torn(rng: Random, content: bytes) -> bytes:
    """A dump with some of its bytes replaced by pieces that parsers stumble over."""
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(content) + 1)
        border = content.find(rng.choice([b",", b":", b"{", b"["]), start)
        start = border + 1 if border >= 0 and rng.random() < 0.7 else start
        end = min(len(content), start + rng.choice([0, 0, 1, 4, 12]))
        content = content[:start] + rng.choice(PIECES) + content[end:]
    return content


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from([None, *DIALECTS]))
def test_no_bytes_raise_anything_and_every_record_ends_somewhere(
    rng: Random, dialect: str | None
) -> None:
    batch, found = Batch(), []
    for number, content in enumerate(DUMPS):
        with suppress(ReadError):
            dump = torn(rng, content)
            for part in recognise(io.BytesIO(dump), name="torn").parts():
                batch.add(f"file-{number}", part)
            found += records(io.BytesIO(dump), name="torn")
    reading = Reading(dialect, ZoneInfo("America/New_York"), "%d.%m.%Y", STATE_NUMBERS["four"])
    with Crew() as crew:
        staged = stage(batch, reading, Outlines(), crew.db)
    noise = sum(understand(record, dialect) is None for record in found)
    ended = staged.tables["sessions"].num_rows + len(staged.rejects)
    assert ended == staged.records.total() == len(found) - noise
    assert all(reject.reasons for reject in staged.rejects)
    assert {reason.code for reject in staged.rejects for reason in reject.reasons} <= set(REASONS)
