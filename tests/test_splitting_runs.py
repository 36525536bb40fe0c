"""The quick ways give the records of the slow way, many at once, and never more than they hold."""

from __future__ import annotations

import csv
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sessionkit.containers import Rows, Run, recognise
from sessionkit.records import RawRecord, flattened
from tests.cutting import InBlocks, cut, cut_file, reaching, slowly

A, B = b'{"a": 1}', b'{"b": [{"x": "}, {"}]}'
HEADER = b"integrationid,applicationid,x\n"

WAYS = {
    "lines": (b"", b"%s\n", b""),
    "lines with CRLF": (b"", b"%s\r\n", b""),
    "lines with commas": (b"", b"%s,\n", b""),
    "lines indented": (b"", b"  %s\n", b""),
    "lines with blank lines": (b"", b"%s\n\n", b""),
    "concatenated": (b"", b"%s", b""),
    "array": (b"[", b"%s,", b"{}]"),
    "array with an element to a line": (b"[\n", b"%s,\n", b"{}\n]\n"),
    "array with commas first": (b"[{}\n", b", %s\n", b"]\n"),
    "page": (b'{"hasMore": true, "data": [', b"%s, ", b'{}], "x": 1}'),
    "page in an array": (b'[{"data": [', b"%s,\n   ", b"{}]}]"),
}


def parts(data: bytes) -> list[RawRecord | Run | Rows]:
    return list(recognise(InBlocks(data, 1 << 20), name="dump").parts())


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("spread", [None, 1], ids=["on one line", "spread out"])
def test_records_come_many_at_once(way: str, spread: int | None) -> None:
    begin, each, end = WAYS[way]
    items = [json.dumps({"n": n, "x": [{"n": 1}]}, indent=spread).encode() for n in range(5000)]
    data = begin + b"".join(each % item for item in items) + end
    found = parts(data)
    assert len(found) < 25
    assert [record.raw for record in flattened(found) if record.raw != b"{}"] == items
    with slowly():
        assert cut(data) == list(flattened(found))


def test_what_stands_between_the_records_of_a_run_is_blanked() -> None:
    (array,) = parts(b"[ %s ,\n %s]" % (A, B))
    assert array == Run(1, 2, b"%s    %s" % (A, B), [0, 12, 34], "json")
    (lines,) = parts(b"\n%s\r\n%s\r\n" % (A, B))
    assert lines == Run(1, 1, b"%s\r\n%s\r\n" % (A, B), [0, 10, 34], "json")


def test_a_run_is_not_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sessionkit.records.RUN", 2)
    items = [b'{"n": %d}' % n for n in range(5)]
    for data in (b"".join(b"%s\n" % item for item in items), b"[" + b", ".join(items) + b"]"):
        found = parts(data)
        assert [part.number for part in found] == [1, 3, 5]
        assert list(flattened(found)) == cut(data)
        assert [record.raw for record in flattened(found)] == items


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"a":1\n"b":2}\n%s\n' % A, [b'{"a":1\n"b":2}', A]),
        (b'%s\n{"a":1\n"b":2}\n%s\n' % (A, A), [A, b'{"a":1\n"b":2}', A]),
        (b'%s\n{"a":1\n"b":2}\n%s,%s\n' % (A, A, B), [A, b'{"a":1\n"b":2}', A, B]),
        (b'%s\n{"a":1},\n{"b":2},{"c":3}\n' % A, [A, b'{"a":1}', b'{"b":2}', b'{"c":3}']),
        (b'%s\n{"a":[1\n2]}\n%s,%s\n' % (A, A, A), [A, b'{"a":[1\n2]}', A, A]),
        (b'%s\n[{"a":1}\n{"b":2}]\n' % A, [A, b'{"a":1}', b'{"b":2}']),
        (b'%s\n"{\n{"a":1}\n' % A, [A, b'"{', b'{"a":1}']),
        (b"%s\n{\n}\n%s\n" % (A, A), [A, b"{\n}", A]),
    ],
)
def test_lines_that_only_look_like_objects_together_are_not_taken_for_them(
    data: bytes, expected: list[bytes]
) -> None:
    assert [record.raw for record in cut(data)] == expected


def test_what_tells_that_an_object_is_no_page_may_stand_behind_its_data() -> None:
    elements = b", ".join([A] * 2000)
    for behind in (b'"integrationId": "x"', b'"cart_items": []'):
        whole = b'{"data": [%s], %s}' % (elements, behind)
        file, found = cut_file(b"%s\n%s\n%s" % (B, whole, B))
        assert [record.raw for record in found] == [B, whole, B]
        assert file.pages == 0


@pytest.mark.parametrize("line", [b"%s\n", b"  %s\n", b"%s,\n"])
def test_a_page_among_lines_is_a_page(line: bytes) -> None:
    page = b'{"Data_" : [%s, %s]}' % (A, A)
    file, found = cut_file(b"".join(line % text for text in (B, B, page, B)))
    assert [record.raw for record in found] == [B, B, A, A, B]
    assert file.pages == 1


def test_a_line_behind_a_page_begins_as_the_line_of_the_page_did() -> None:
    torn = b'{"b":[\n  {"x":1}\n  {"y":2}]}'
    assert [record.raw for record in cut(b'{"data":[\n  %s]\n}%s' % (A, torn))] == [A, torn]


def test_a_long_record_that_has_data_further_down_is_one_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sessionkit.splitting.AHEAD", 64)
    long = b'{"x": {"data": [1]}, "y": "%s"}' % (b"y" * 200)
    assert [record.raw for record in cut(b"[%s, %s]" % (long, A))] == [long, A]


def test_a_bad_record_among_many_leaves_the_others_in_runs() -> None:
    for begin, each, end in (WAYS["lines"], WAYS["array with an element to a line"]):
        items = [b'{"n": %d}' % n if n % 500 else b'{"n": NaN}' for n in range(5000)]
        data = begin + b"".join(each % item for item in items) + end
        found = parts(data)
        assert [part.raw for part in found if isinstance(part, RawRecord)][:10] == [
            b'{"n": NaN}'
        ] * 10
        assert len(found) < 100
        assert [record.raw for record in flattened(found) if record.raw != b"{}"] == items


class Endless:
    """A stream of the same bytes over and over, until so many were given."""

    def __init__(self, begin: bytes, each: bytes, size: int) -> None:
        self._begin, self._each, self._left = begin, each, size

    def read(self, size: int, /) -> bytes:
        given = self._begin or self._each * (size // len(self._each)) * (self._left > 0)
        self._begin, self._left = b"", self._left - len(given)
        return given


@pytest.mark.parametrize(
    ("begin", "each"),
    [
        (b"", b'{"a": 1, "b": "%s"}\n' % (b"x" * 900)),
        (b"[", b'{"a": 1, "b": "%s"},' % (b"x" * 900)),
        (b'{"data": [', b'{"a": 1, "b": "%s"},' % (b"x" * 900)),
        (HEADER, b"S-1,2,%s\n" % (b"x" * 900)),
    ],
    ids=["lines", "array", "page", "CSV"],
)
def test_no_more_of_a_large_file_is_held_than_is_needed(begin: bytes, each: bytes) -> None:
    file = recognise(Endless(begin, each, 40 << 20), name="dump")
    most = records = 0
    for part in file.parts():
        most = max(most, len(file._window.data))
        if isinstance(part, Run):
            assert len(part.data) <= 1 << 20
            records += len(part.starts) - 1
    assert most < 12 << 20
    assert records == 0 if file.kind == "csv" else records > 40_000


# Properties: of any bytes the quick ways make what the slow way makes

objects = st.sampled_from(
    [
        A,
        B,
        b"{}",
        b'{\n "a": 1\n}',
        b'{"a": {"b": [1, 2]}}',
        b'{"a": [{"a": 1}, {"a": 2}]}',
        b'{ "a" : "\xc3\xa4\xff" }',
        b'{"a": {"Data_": [1]}}',
        b'{"data": [{"a": 1}]}',
    ]
)
hostile = st.sampled_from(
    [
        *(b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\n", b" ", b"\r", b"\x1e", b"x"),
        *(b'"a":', b'{"a":1', b'{"a":NaN}', b'{"a":1\n"b":2}', b'{"a":1},{"b":2}\n', b"\n{"),
        *(b"null", b"12", b'"x"', b'{"a":"\\ud800"}', b'{"a":"x\ny"}', b"\xef\xbb\xbf", b"\xff"),
        *(
            b'{"data":[',
            b"]}",
            b'],"hasMore":false}\n',
            b'"integrationId":1',
            b"[[",
            b'{"a":[{"b":1}',
        ),
        *(b'{"data":[{"a":1},{"a":2}],"hasMore":false}', b'{"data":[{"a":1}],"integrationId":1}\n'),
    ]
)
gaps = st.sampled_from([b",", b", ", b",\n", b",\n  ", b"\n", b"\n", b"\r\n", b" ", b"", b"\n\n"])
begins = st.sampled_from([b"", b"", b"[", b"[\n  ", b'{"data":[', b'{"hasMore":true,\n"data":[\n'])
ends = st.sampled_from(
    [b"", b"\n", b"]", b"\n]\n", b"]}", b'],"hasMore":false}\n', b'],"state":1}']
)


@st.composite
def stretches(draw: st.DrawFn) -> bytes:
    """Records of a container, few of them bad, or none; perhaps without its end."""
    bad = draw(st.sampled_from([0, 0, 1, 4]))
    gap, items = draw(gaps), draw(st.lists(objects, max_size=8))
    for _ in range(bad if items else 0):
        items[draw(st.integers(0, len(items) - 1))] = draw(hostile)
    return draw(begins) + gap.join(items) + draw(ends)


def first_brace(data: bytes) -> bytes:
    return data if data.lstrip()[:1] in (b"{", b"[") else A + data


@settings(max_examples=400, deadline=None)
@given(
    data=st.lists(stretches(), min_size=1, max_size=4).map(b"".join).map(first_brace),
    reach=st.sampled_from([None, 1, 7, 30]),
    block=st.sampled_from([1, 7, 64, 1 << 20]),
)
@example(b'%s\n{"a": NaN}\n  %s\n' % (A, A), 30, 64)
@example(b'[{},\n  %s, {"a": "x\n  %s, 1]' % (A, A), None, 64)
@example(b'{"data":[\n  %s\n\n%s]}{"data":[\n  {}\n\n{}]}' % (A, A), None, 64)
@example(b'{"data":[%s,\n{"data": [{}]},\n{"a":"\\ud800"}]}' % A, None, 1)
@example(b'{"data":[%s,\n{"data": [{}]},\n{"a":"\\u1"}]}' % A, None, 64)
@example(b'{"data":[%s,\n{"data": [{}]},\nt]}' % A, None, 64)
def test_the_quick_ways_find_what_the_slow_way_finds(
    data: bytes, reach: int | None, block: int
) -> None:
    with slowly():
        file, expected = cut_file(data)
    with reaching(reach):
        quick, found = cut_file(data, block)
    assert found == expected
    assert (quick.pages, quick.ended) == (file.pages, file.ended)


cells = st.sampled_from([b"S", b"", b'"q ""r"""', b'"a\nb"', b'"c\r\nd"', b"\xc3\xa4", b"\t"])
rows = st.lists(cells, min_size=3, max_size=3).map(b",".join)
odd_rows = st.sampled_from(
    [
        *(b"", b"  ", b"S,2", b"S,2,3,4", b'S,2,"a"b', b"S,2,a\rb", b'S,2,"open', b"S,\xff,2"),
        *(HEADER.strip(), b"x,ApplicationID,integrationid", b"\xef\xbb\xbf" + HEADER.strip()),
        *(b"sessionintegrationid,campaignid,eventid", b'"\n",integrationid,applicationid', b'"""'),
    ]
)
tables = st.lists(rows | rows | odd_rows, max_size=20)


@settings(max_examples=300, deadline=None)
@given(
    data=st.builds(lambda gap, table: gap.join(table), st.sampled_from([b"\n", b"\r\n"]), tables),
    reach=st.sampled_from([None, 1, 8, 60]),
    block=st.sampled_from([1, 7, 1 << 20]),
)
def test_rows_at_once_are_the_rows_one_by_one(data: bytes, reach: int | None, block: int) -> None:
    with slowly():
        expected = cut(HEADER + data)
    with reaching(reach):
        assert cut(HEADER + data, block) == expected


def test_rows_come_many_at_once() -> None:
    lines = [b'S-%d,2,"a\nb"' % n for n in range(1000)]
    found = parts(HEADER + b"".join(b"%s\r\n\r\n" % line for line in lines))
    assert len(found) < 20
    many = [part for part in found if isinstance(part, Rows)]
    assert many[0].columns == ("integrationid", "applicationid", "x")
    assert (many[0].offsets[:2], many[0].cells[0]) == ([30, 45], ["S-0", "2", "a\nb"])
    assert [raw for part in many for raw in part.raws] == lines


def test_rows_are_not_too_many_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sessionkit.records.RUN", 2)
    found = parts(HEADER + b"S-1,2,a\nS-2,2,b\nS-3,2,c\n")
    assert [(part.number, len(part.raws)) for part in found if isinstance(part, Rows)] == [
        (1, 2),
        (3, 1),
    ]


def test_a_row_of_too_many_lines_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("rows", "row_feed"):
        monkeypatch.setattr(f"sessionkit.{module}.LINES", 2)
    first, last = cut(HEADER + b'S-1,2,"a\nb"\nS-2,2,"a\nb\nc"\nS-3,2,c\n')
    assert (first.raw, first.fault) == (b'S-1,2,"a\nb"', None)
    assert "a row larger than 64 MiB" in str(last.fault)


def test_the_limit_of_a_cell_is_set_back_behind_a_large_one() -> None:
    before = csv.field_size_limit(1000)
    try:
        data = HEADER + b"S-1,2,%s\n" % (b"x" * 5000) + b"S-2,2,b\n" * 1000
        file = recognise(InBlocks(data, 1 << 20), name="dump")
        limits = {type(part): csv.field_size_limit() for part in file.parts()}
        assert limits[Rows] == 1000
        assert limits[RawRecord] > 5000
    finally:
        csv.field_size_limit(before)
