"""The quick path and the exact path give the same tables and the same rejects, whatever comes."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessionkit.bulk import Outlines, Setting, quick
from sessionkit.containers import recognise
from sessionkit.crew import Crew
from sessionkit.errors import ReadError
from sessionkit.exact import Numbered, stage_exactly
from sessionkit.generate import generate
from sessionkit.generate.telling import DIALECTS
from sessionkit.sources import find, open_bytes
from sessionkit.staged import Staged
from sessionkit.staging import Batch, stage
from sessionkit.tables import MODEL
from sessionkit.unpacking import BrokenStream
from sessionkit.values import Reading
from tests.hostile import NUMBERS, Hostile


@pytest.fixture(scope="module")
def crew() -> Any:
    with Crew() as found:
        yield found


def quickly(content: bytes, crew: Crew, reading: Reading) -> Staged:
    batch = Batch()
    for part in recognise(io.BytesIO(content), name="file").parts():
        batch.add("file", part)
    return stage(batch, reading, Outlines(), crew.db)


def exactly(content: bytes, reading: Reading) -> Staged:
    found = recognise(io.BytesIO(content), name="file").records()
    return stage_exactly([Numbered(n, "file", r) for n, r in enumerate(found)], reading)


def assert_same(one: Staged, other: Staged) -> None:
    for table in MODEL:
        ours, theirs = one.tables[table.name], other.tables[table.name]
        assert ours.schema.equals(theirs.schema)
        assert _rows(ours) == _rows(theirs), table.name
    rejects, others = (sorted(each.rejects, key=lambda r: r.source_record) for each in (one, other))
    assert rejects == others
    assert (one.records, one.dialects) == (other.records, other.dialects)
    assert (one.unknown, one.sentinels) == (other.unknown, other.sentinels)
    assert sorted(one.doubts, key=repr) == sorted(other.doubts, key=repr)


def _rows(table: Any) -> list[str]:
    return sorted(map(repr, table.to_pylist()))


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=True), st.sampled_from([0, 8, 40, 200]))
def test_both_paths_give_the_same(crew: Crew, rng: Random, oddity: int) -> None:
    hostile = Hostile(rng, oddity)
    content = b"".join(hostile.line() + b"\n" for _ in range(rng.randrange(1, 80)))
    assert_same(quickly(content, crew, Reading()), exactly(content, Reading()))


@pytest.mark.parametrize("member", ["total", "price", "discount", "quantity", "attribute"])
@pytest.mark.parametrize("number", NUMBERS)
def test_every_spelling_of_a_number_is_taken_as_the_exact_path_takes_it(
    crew: Crew, number: str, member: str
) -> None:
    values = dict.fromkeys(["total", "price", "discount", "quantity", "attribute"], "2")
    content = LINE.format(**values | {member: number}).encode() + b"\n"  # a run, not one by one
    assert_same(quickly(content, crew, Reading()), exactly(content, Reading()))


LINE = (
    '{{"integrationId":"S-1","applicationId":1,"created":"2026-01-31T09:05:27Z","state":"closed",'
    '"cartItems":[{{"sku":"A","quantity":{quantity},"price":{price}}}],"discounts":{{"x":{discount}}},'
    '"total":{total},"attributes":{{"a":{attribute}}}}}'
)


def test_what_a_shop_sends_takes_the_quick_path(crew: Crew) -> None:
    numbers = ("12.5", "99.60", "100.00", "15000", "33.333333333333336", "1002.049999999999992")
    texts = [
        LINE.format(total=n, price=n, discount=n, quantity=2, attribute="true") for n in numbers
    ]
    taken = quick(pa.array(texts), Setting(Reading()), Outlines(), crew.db)
    assert taken.doubtful == []
    assert [str(each) for each in taken.tables["sessions"]["total"]] == [
        "12.500000000000000000",
        "99.600000000000000000",
        "100.000000000000000000",
        "15000.000000000000000000",
        "33.333333333333336000",
        "1002.049999999999992000",
    ]


def test_blanks_are_no_doubt_and_attributes_keep_theirs(crew: Crew) -> None:
    lines = [{"sku": "A", "quantity": 1, "attributes": {"a": [1, 2.5, "x, y"], "b": {"c": None}}}]
    head = {"integrationId": "S-1", "applicationId": 1, "created": "2026-01-31T09:05:27Z"}
    document = head | {"cartItems": lines, "attributes": {"color": "a: b", "n": 1.5}, "total": 10.0}
    taken = quick(pa.array([json.dumps(document)]), Setting(Reading()), Outlines(), crew.db)
    assert taken.doubtful == []
    assert taken.tables["sessions"]["attributes"].to_list() == ['{"color": "a: b", "n": 1.5}']
    kept = json.dumps(lines[0]["attributes"])
    assert taken.tables["cart_items"]["attributes"].to_list() == [kept]
    values = taken.tables["attributes"].sort("line", "name", nulls_last=False)["value"].to_list()
    assert values == ['"a: b"', "1.5", '[1, 2.5, "x, y"]', '{"c": null}']


DOUBTS = {
    "unknown member": '"odd":1',
    "unknown and null": '"odd":null',
    "zeros only": '"0":0',
    "other case": '"Total":1',
    "key twice": '"total":1,"total":1',
    "null": '"total":null',
    "exponent": '"total":1e5',
    "minus zero": '"total":-0',
    "19 decimals": '"total":0.1000000000000000009',
    "text for a number": '"total":"1"',
    "number for a text": '"profileId":1',
    "true for a number": '"total":true',
    "escape": '"profileId":"\\u0041"',
    "tab": '"total":\t1',
    "attributes with blanks here and there": '"attributes":{"a": 1,"b":[1, 2]}',
    "other instant": '"updated":"2026-01-31T09:05:27+01:00"',
    "label twice": '"discounts":{"a":1,"a":2}',
    "list for a map": '"discounts":[]',
    "null label": '"discounts":{"a":null}',
    "cost without price": '"additionalCosts":{"a":{}}',
    "scalar for a line": '"cartItems":[1]',
    "attribute twice": '"attributes":{"a":1,"a":1}',
    "attribute written anew": '"attributes":{"a":1.50}',
    "attribute with zeros": '"attributes":{"a":5.0,"b":[5e0]}',
    "huge": '"total":100000000000000000000',
}


@pytest.mark.parametrize("member", DOUBTS.values(), ids=DOUBTS)
def test_what_is_not_sure_is_left_to_the_exact_path(crew: Crew, member: str) -> None:
    head = '{"integrationId":"S-1","applicationId":1,"created":"2026-01-31T09:05:27Z",'
    plain = (
        head + '"total":1,"profileId":"p","discounts":{"a":1},"attributes":{"a":1},"cartItems":[]}'
    )
    texts = pa.array([plain, head + member + "}", plain])
    taken = quick(texts, Setting(Reading()), Outlines(), crew.db)
    assert taken.doubtful == [1]


CANCELLING = (
    r'"discounts":{"\u0000":1,"\u0001":2,"\u0002":3},"total":12,"total":1',
    r'"discounts":{"\u0001":1,"\u0002":2},"x":1',
    r'"additionalCosts":{"\u0001":{"price":1},"\u0002":{"price":1}},"x":1',
    r'"cartItems":[{"sku":"A","quantity":1,"x":1,"prices":{"\u0001":{"price":1},"\u0002":{"price":1}}}]',
    r'"discounts":{"\u0001":0.100000000000000000999}',
    r'"discounts":{"\u0001":1},"attributes":{"a":"\/\/\/"}',
    r'"discounts":{"\u0001":1,"\u0002":2},"attributes":{"a":1,     "b": 1}',
    r'"attributes":{"a":"\u3000"}',
    r'"attributes":{"\u3000":1}',
    '"id":-9223372036854775808',
    '"evaluableCampaignIds":[-9223372036854775808]',
    '"attributes":{"a":5e-2}',
    '"attributes":{"a":[15e-3]}',
    '"attributes":{"a":0.05}',
    '"attributes":{"price":1.50},"additionalCosts":{"attributes":{"price":1.5}}',
    r'"attributes":{"price":1.50},"additionalCosts":{"x\"attributes":{"price":1.5}}',
    '"cartItems":[{"sku":"A","quantity":1,"attributes":{"price":1.50},'
    '"prices":{"attributes":{"price":1.5}}}]',
)
"""Members of which one hides what another changes, in the count of bytes."""


@pytest.mark.parametrize("members", CANCELLING)
def test_nothing_cancels_out(crew: Crew, members: str) -> None:
    head = '{"integrationId":"S-1","applicationId":1,"created":"2026-01-31T09:05:27Z",'
    content = f"{head}{members}}}\n".encode()
    assert_same(quickly(content, crew, Reading()), exactly(content, Reading()))


@pytest.mark.parametrize("state", ["1", "2", "1e0", "1E0", "2e00", "1.0", '"1"'])
def test_states_by_number_are_whole_as_written(crew: Crew, state: str) -> None:
    reading = Reading(state_numbers={1: "open", 2: "closed"})
    head = '{"integrationId":"S-1","applicationId":1,"created":"2026-01-31T09:05:27Z",'
    content = f'{head}"state":{state}}}\n'.encode()
    assert_same(quickly(content, crew, reading), exactly(content, reading))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_both_paths_give_the_same_of_made_up_dumps(
    crew: Crew, dialect: str, tmp_path: Path
) -> None:
    generate(tmp_path, sessions=60, seed=5, dialects=[dialect], defects=True)
    for path in sorted((tmp_path / "dumps").rglob("*.*")):
        for found in find([path]):
            content = bytearray()
            with open_bytes(found) as opened, suppress(BrokenStream):
                while block := opened.read(1 << 10):
                    content += block
            with suppress(ReadError):
                dump = bytes(content)
                assert_same(quickly(dump, crew, Reading()), exactly(dump, Reading()))
