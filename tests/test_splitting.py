"""JSON files are cut into records exactly, and a bad record costs its neighbours nothing."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sessionkit.containers import records
from sessionkit.errors import ReadError
from sessionkit.found import Found, open_bytes
from tests.cutting import InBlocks, cut, cut_file, raws

A, B, C = b'{"a": 1}', b'{"b": [1, {"x": "}"}]}', b'{"c": "\\"["}'


@pytest.mark.parametrize(
    "data",
    [
        b"%s\n%s\n%s\n" % (A, B, C),
        b"%s\r\n\r\n%s\r\n%s" % (A, B, C),
        b"%s,\n%s,\n%s," % (A, B, C),
        b"\xef\xbb\xbf%s\n\xef\xbb\xbf%s\n%s" % (A, B, C),
        b"%s%s%s" % (A, B, C),
        b"\x1e%s\n\x1e%s\n\x1e%s\n" % (A, B, C),
        b"%s\r%s\t %s" % (A, B, C),
        b"[%s,%s,%s]" % (A, B, C),
        b"[%s,%s,%s,]" % (A, B, C),
        b"[\n  %s,\n  %s,\n  %s\n]\n" % (A, B, C),
        b"[%s]\n[%s, %s]\n" % (A, B, C),
        b"[[%s], [[%s]], %s]" % (A, B, C),
        b" \n [%s] %s\n%s" % (A, B, C),
        b"[%s %s\n%s]" % (A, B, C),
    ],
    ids=[
        "lines",
        "lines with CRLF, blank lines, and no end",
        "lines with commas",
        "files with byte-order marks strung together",
        "concatenated on one line",
        "record separators",
        "a lone CR is white space, and ends no line",
        "array",
        "array with a comma too many",
        "array with an element to a line",
        "arrays in lines",
        "arrays in arrays",
        "a mixture",
        "array without commas",
    ],
)
def test_records_come_out_whatever_strings_them_together(data: bytes) -> None:
    assert raws(data) == [A, B, C]
    assert [each.raw for each in cut(data, block=1)] == [A, B, C]


def test_a_byte_order_mark_may_come_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sessionkit.lines.BLOCK", 0)
    filling = b" " * 5000
    assert [each.raw for each in cut(A + filling + b"\xef\xbb\xbf" + B, block=1)] == [A, B]


def test_every_record_has_its_number_its_offset_and_its_own_bytes() -> None:
    data = b'[{"a": 1.50},\n {"a":\t2}]'
    assert [(each.number, each.offset, each.raw, each.container) for each in cut(data)] == [
        (1, 1, b'{"a": 1.50}', "json"),
        (2, 15, b'{"a":\t2}', "json"),
    ]


def test_objects_spread_over_lines_are_one_record_each() -> None:
    spread = [json.dumps({"a": {"b": [1, {"c": 2}]}, "d": []}, indent=n).encode() for n in (0, 2)]
    assert raws(b"\n".join(spread)) == spread
    assert raws(b"".join(spread)) == spread
    assert raws(b'{"a": 1,\n"b": 2}\n{"c": 3}') == [b'{"a": 1,\n"b": 2}', b'{"c": 3}']


@pytest.mark.parametrize(
    "separator", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c"], ids=lambda s: f"U+{ord(s):04X}"
)
def test_only_a_line_feed_ends_a_line(separator: str) -> None:
    line = f'{{"a": "x{separator}y"}}'.encode()
    assert raws(line + b"\n" + A) == [line, A]


def test_scalars_at_a_records_place_are_records() -> None:
    assert raws(A + b'\n12\n"x, y"\nnull\n') == [A, b"12", b'"x, y"', b"null"]
    assert raws(b'[1, "x, ]y", null, -2.50, {}]') == [b"1", b'"x, ]y"', b"null", b"-2.50", b"{}"]


def test_the_decoding_of_text_is_left_to_others() -> None:
    assert raws(b'{"a": "\xff"}\n{"a": "\xed\xa0\x80"}') == [
        b'{"a": "\xff"}',
        b'{"a": "\xed\xa0\x80"}',
    ]


# Pages


def test_the_elements_of_a_page_are_records() -> None:
    data = b'{"data": [{"id": 6} , {"id": 7}], "hasMore": true}'
    file, found = cut_file(data)
    assert [(each.offset, each.raw, each.container) for each in found] == [
        (10, b'{"id": 6}', "page"),
        (22, b'{"id": 7}', "page"),
    ]
    assert (file.pages, file.ended) == (1, False)


@pytest.mark.parametrize(
    ("data", "ended"),
    [
        (b'{"hasMore":true,"data":[%s]}\n{"data":[%s,%s],"hasMore":false}\n' % (A, B, C), True),
        (b'{"data":[%s],"has_more":false}{"DATA":[%s,%s],"Has_More":true}' % (A, B, C), True),
        (b'[{"data":[%s]},\n {"totalResultSize":9,"data":[%s,%s]}]' % (A, B, C), False),
        (b'[[{"data":[%s],"hasMore":true}],[{"data":[%s,%s]}]]' % (A, B, C), False),
        (b'{\n "data": [\n  %s\n ]\n}\n{\n "data": [\n  %s,\n  %s\n ]\n}' % (A, B, C), False),
    ],
    ids=["lines", "concatenated, spelt otherwise", "array", "arrays in an array", "spread out"],
)
def test_pages_come_in_every_container(data: bytes, ended: bool) -> None:
    file, found = cut_file(data)
    assert [each.raw for each in found] == [A, B, C]
    assert {each.container for each in found} == {"page"}
    assert (file.pages, file.ended) == (2, ended)


def test_an_object_with_the_ids_of_a_session_is_no_page() -> None:
    for name in (b"integrationId", b"ApplicationId", b"application_id"):
        before, behind = b'{"%s": 1, "data": [1]}' % name, b'{"data": [1], "%s": 1}' % name
        assert raws(before + behind) == [before, behind]


def test_a_text_that_names_an_id_is_no_member() -> None:
    assert raws(b'{"x": "integrationId", "data": [1], "y": "applicationId"}') == [b"1"]


def test_only_a_member_of_its_own_that_is_an_array_makes_an_object_a_page() -> None:
    for line in (
        b'{"data": null}',
        b'{"data": {"x": [1]}}',
        b'{"attributes": {"data": [1]}}',
        b'{"x": "\\"data\\": [", "y": [1]}',
        b'{"mydata": [1]}',
        b'{"my\\"data": [1]}',
    ):
        assert raws(line + b"\n" + A) == [line, A]


def test_a_page_may_hold_anything_and_nothing() -> None:
    assert raws(b'{"data": [], "hasMore": false}') == []
    assert raws(b'{"data": [[1, 2], {"data": [3]}, "x", NaN]}') == [
        b"[1, 2]",
        b'{"data": [3]}',
        b'"x"',
        b"NaN",
    ]
    assert raws(b'{"data": [\n{"data": [3]},\nNaN]}') == [b'{"data": [3]}', b"NaN"]
    deep = b'{"a":' * 10_000 + b"1" + b"}" * 10_000
    assert raws(b'{"data": [%s, 1]}' % deep) == [deep, b"1"]
    assert raws(b'{"data": [1], "data": [2]}') == [b"1", b"2"]


def test_a_page_whose_end_is_far_ahead_is_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sessionkit.splitting.AHEAD", 64)
    monkeypatch.setattr("sessionkit.lines.BLOCK", 64)
    elements = [b'{"n": %d}' % number for number in range(1000)]
    page = b'{"data": [' + b", ".join(elements) + b'], "hasMore": true}'
    file, found = cut_file(page, block=50)
    assert [each.raw for each in found] == elements
    assert {each.container for each in found} == {"page"}
    assert (file.pages, file.ended) == (1, False)


# Properties

scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)
objects = st.dictionaries(st.text(max_size=4), values, max_size=4)
space = st.sampled_from([b"", b" ", b"\n", b"\r\n", b"\t\n  "])
indents = st.sampled_from([None, None, 0, 1, 4])
blocks = st.sampled_from([1, 2, 3, 7, 64, 1 << 20])


def written(value: object, indent: int | None, *, ascii_only: bool) -> bytes:
    return json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode(
        "utf-8", "surrogatepass"
    )


CONTAINERS: dict[str, Callable[[list[bytes], bytes], bytes]] = {
    "lines": lambda items, gap: b"".join(item + gap + b"\n" for item in items),
    "concatenated": lambda items, gap: gap.join(items),
    "array": lambda items, gap: b"[" + gap + (gap + b"," + gap).join(items) + gap + b"]",
    "arrays": lambda items, gap: (gap + b"\n").join(b"[" + item + b"]" for item in items),
    "page": lambda items, gap: (
        b'{"hasMore":false,' + gap + b'"data":[' + gap + (gap + b"," + gap).join(items) + b"]}"
    ),
    "pages": lambda items, gap: b"\n".join(b'{"data":[%s],"x":1}' % item for item in items),
}


@pytest.mark.parametrize("container", CONTAINERS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_the_same_values_come_back_from_every_container(
    container: str, data: st.DataObject
) -> None:
    items = [
        written(value, data.draw(indents), ascii_only=data.draw(st.booleans()))
        for value in data.draw(st.lists(objects, min_size=1, max_size=6))
    ]
    whole = CONTAINERS[container](items, data.draw(space))
    assert [each.raw for each in cut(whole, data.draw(blocks))] == items


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
@settings(max_examples=12, deadline=None)
@given(items=st.lists(objects, min_size=1, max_size=5), block=blocks)
def test_packing_changes_nothing(
    pack: Callable[[bytes], bytes], items: list[object], block: int
) -> None:
    lines = [written(item, None, ascii_only=True) for item in items]
    with open_bytes(Found("x", handle=InBlocks(pack(b"\n".join(lines)), block))) as stream:
        assert [each.raw for each in records(stream, name="x")] == lines


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_cut_at_any_byte_loses_no_record_before_it(container: str) -> None:
    items = [A, b'{"b": [1, {"x": "}\\""}], "c": {}}', b'{"d":\n 1}']
    whole = CONTAINERS[container](items, b" ")
    ends = [each.offset + len(each.raw) for each in cut(whole)]
    assert len(ends) == 3
    for at in range(1, len(whole)):
        found = [each.raw for each in cut(whole[:at])]
        before = [item for item, end in zip(items, ends, strict=True) if end <= at]
        assert found[: len(before)] == before
        assert len(found) <= len(before) + 1


bits = st.sampled_from(
    [
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b'"',
        b"\\",
        b"\n",
        b" ",
        b'"a":',
        b'{"a":1}',
        b"\xff",
        b"\r",
    ]
) | st.sampled_from(
    [b'{"data":[', b"]}", b"\n{", b"x", b"\x1e", b"\xef\xbb\xbf", b'"integrationId":1']
)


@settings(max_examples=120, deadline=None)
@given(st.sampled_from([b"{", b"["]), st.lists(bits, max_size=25).map(b"".join))
@example(b"{", b'"data":[{"a":1}\n}\n{"data":[')
def test_of_any_bytes_all_but_brackets_and_space_are_in_a_record(start: bytes, rest: bytes) -> None:
    data = start + rest
    file, found = cut_file(data)
    assert found == cut(data, block=1)
    between, at = b"", 0
    for each in found:
        between, at = between + data[at : each.offset], each.offset + len(each.raw)
    between = (between + data[at:]).replace(b"\xef\xbb\xbf", b"")
    assert file.pages or between.strip(b" \t\r\n,[]\x1e") == b""


@settings(max_examples=120, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_read_error(data: bytes) -> None:
    try:
        cut(data)
    except ReadError as error:
        assert str(error).startswith("dump: ")  # noqa: PT017
