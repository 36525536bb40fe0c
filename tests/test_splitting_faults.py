"""A bad record costs its neighbours nothing, and a broken file keeps what came before."""

from __future__ import annotations

import gzip
import io

import pytest

from sessionkit.containers import records
from sessionkit.errors import Reason
from sessionkit.found import Found, open_bytes
from sessionkit.scanning import End, scan
from sessionkit.window import Window
from tests.cutting import Breaking, InBlocks, cut, raws

A, B, C = b'{"a": 1}', b'{"b": [1, {"x": "}"}]}', b'{"c": "\\"["}'


@pytest.mark.parametrize(
    "bad",
    [
        b'{"integrationId": "x", "total": NaN',
        b'{"integrationId": "x, "total": 1',
        b'{"integrationId": "x',
        b'{"integrationId": "x\\',
        b'{"integrationId":',
        b'{"cartItems": [',
        b'{"cartItems": [{"sku": "a"}',
        b'{"a": [1, 2}',
        b'{"a": 1]',
        b'{"a": 1}}',
        b'{"a": 1} and more',
        b"{",
        b"garbage",
        b"garbage { [",
        b"[2026-01-31 09:05] exporting",
        b'[exported "data": [1]]',
        b"\x00\x01\xff",
        b"}",
        b'"',
    ],
)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_a_bad_line_is_one_record_and_costs_no_other_line(bad: bytes, end: bytes) -> None:
    data = end.join([A, bad, B, bad, bad, C, bad])
    assert raws(data) == [A, bad, B, bad, bad, C, bad]


def test_no_string_goes_on_in_the_next_line() -> None:
    assert raws(b'{"a": "one\ntwo", "b": 1}\n' + A) == [b'{"a": "one', b'two", "b": 1}', A]


def test_lines_may_be_indented() -> None:
    lines = [A, b'{"a": NaN', B, b'{"a": "x', b"garbage", C]
    assert raws(b"".join(b"  %s\n" % line for line in lines)) == lines
    assert raws(b"".join(b"  %s\n" % line for line in lines[1:])) == lines[1:]


def test_a_file_may_begin_with_a_bad_line() -> None:
    for bad in (b'{"a": NaN', b'egrationId": "x"}', b"garbage", b'{"a": "x'):
        assert raws(bad + b"\n" + A + b"\n" + B) == [bad, A, B]


def test_an_object_spread_over_lines_that_is_cut_off_is_one_record() -> None:
    cut_off = b'{\n  "a": 1,\n  "b": [\n    {"c": 1}'
    whole = b'{\n  "d": 2\n}'
    assert raws(cut_off) == [cut_off]
    assert raws(cut_off + b"\n" + whole) == [cut_off, whole]
    assert raws(b'{ "a": 1,\n  "b": 2\n' + whole) == [b'{ "a": 1,\n  "b": 2', whole]


@pytest.mark.parametrize(
    "bad",
    [
        b'{"a": [1, 2}',
        b'{"a": {"b": [1, 2}, "c": 3}',
        b'{"a": [{"b": 1]}',
        b'{"a" 1}',
        b'{"a": "\x01"}',
        b'{"a" {"b": 1}}',
        b'{"b":1}}',
    ],
)
def test_a_bad_element_is_one_record_and_costs_no_other(bad: bytes) -> None:
    assert raws(b"[%s, %s, %s]" % (A, bad, B)) == [A, bad, B]
    assert raws(b"[\n%s,\n%s,\n%s\n]" % (A, bad, B)) == [A, bad, B]
    assert raws(b'{"data": [%s, %s, %s]}' % (A, bad, B)) == [A, bad, B]
    assert raws(b"[%s]" % bad) == [bad]


@pytest.mark.parametrize("bad", [b'{"a": NaN', b'{"a": {"b": 1}', b'{"a": "x"'])
def test_an_element_without_its_end_ends_where_the_next_begins(bad: bytes) -> None:
    assert raws(b"[%s, %s, %s, %s]" % (A, bad, B, C)) == [A, bad, B, C]
    assert raws(b'{"data": [%s, %s], "hasMore": false}' % (A, bad)) == [A, bad]
    assert raws(b'{"data": [%s, %s, %s], "hasMore": true}' % (A, bad, B)) == [A, bad, B]


@pytest.mark.parametrize("bad", [b'{"a": "x', b'{"a": [1', b'{"a": [{"b": 1}', b'{"a":'])
def test_an_element_without_its_end_costs_no_other_line(bad: bytes) -> None:
    assert raws(b"[\n %s,\n %s,\n %s,\n %s\n]" % (A, bad, B, C)) == [A, bad, B, C]


def test_an_element_spread_over_lines_without_its_end_costs_no_other() -> None:
    first, last = b'{\n    "a": 1\n  }', b'{\n    "c": 3\n  }'
    bad = b'{\n    "b": [\n      {"x": 1}'
    assert raws(b"[\n  %s,\n  %s,\n  %s\n]" % (first, bad, last)) == [first, bad, last]


# Broken containers


def test_an_array_that_is_cut_off_keeps_what_came_before() -> None:
    found = cut(b'[{"a": 1}, {"b":')
    assert [each.raw for each in found] == [A, b'{"b":']
    assert found[0].fault is None
    assert found[1].fault is not None
    assert found[1].fault.code == "broken-container"
    assert str(found[1].fault) == (
        "expected the end of the array, got the end of the file; 5 bytes from byte 11 on"
    )


def test_a_fault_says_how_many_bytes_follow_and_keeps_a_mebibyte(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sessionkit.records.KEPT", 4)
    found = cut(b"[%s}xyz01234" % A)
    assert found[-1].raw == b"}xyz"
    assert found[-1].fault is not None
    assert found[-1].fault.found == ("a closing brace; 9 bytes from byte 9 on, of which 4 are kept")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"[", [b"!"]),
        (b"[%s" % A, [A, b"!"]),
        (b"[%s,\n" % A, [A, b"!"]),
        (b"[%s}" % A, [A, b"!}"]),
        (b'{"data":[%s,%s' % (A, B), [A, B, b"!"]),
        (b'{"data":[%s}' % A, [A, b"!}"]),
        (b'{"data":[%s],"hasMore":tr' % A, [A, b'!,"hasMore":tr']),
        (b'{"data":[%s,"x' % A, [A, b'!"x']),
        (b"[" * 100_000, [b"!"]),
    ],
)
def test_a_broken_container_is_one_record_at_the_end(data: bytes, expected: list[bytes]) -> None:
    assert raws(data) == expected


@pytest.mark.parametrize(
    "bad",
    [
        b'{"data":[%s,{"b":[' % A,
        b'{"data":[%s,{"b":"x' % A,
        b'{"data":[%s,' % A,
        b'{"data":[%s' % A,
        b'{"data":[%s}' % A,
        b'{"data":[%s]' % A,
        b'{"data":[%s],"hasMore":true' % A,
    ],
)
def test_a_page_that_breaks_off_costs_no_page_in_the_next_line(bad: bytes) -> None:
    found = cut(bad + b'\n{"data":[%s],"hasMore":false}\n' % B)
    assert [each.raw for each in found if each.fault is None] == [A, B]
    assert [each.fault.code for each in found if each.fault] == ["broken-container"]


def test_a_stream_that_breaks_ends_in_one_fault_that_says_so() -> None:
    packed = gzip.compress(b"%s\n%s\n" % (A, B), mtime=0)
    whole = gzip.compress(b"%s\n" % C, mtime=0)
    with open_bytes(Found("x", handle=InBlocks(whole + packed[:-9], 7))) as stream:
        found = list(records(stream, name="x"))
    assert [each.raw for each in found if each.fault is None] == [C, A, B][: len(found) - 1]
    assert found[0].raw == C
    assert found[-1].fault is not None
    assert found[-1].fault.code == "broken-container"
    assert "the gzip data is cut off" in found[-1].fault.found


def test_a_line_in_which_the_stream_breaks_is_the_fault() -> None:
    data = b"%s\n%s\n" % (A, B) + bytes(range(256)) * 40 + b"\n"
    packed = gzip.compress(data, mtime=0)
    with open_bytes(Found("x", handle=InBlocks(packed[:-30], 64))) as stream:
        found = list(records(stream, name="x"))
    assert [each.raw for each in found if each.fault is None][:2] == [A, B]
    assert found[-1].fault is not None
    assert found[-1].raw == data[found[-1].offset :][: len(found[-1].raw)] != b""


@pytest.mark.parametrize("container", [b"%s\n%s\n%s", b"[%s, %s, %s]", b'{"data": [%s,%s,%s]}'])
def test_wherever_a_stream_breaks_one_fault_closes_the_file(container: bytes) -> None:
    whole = container % (A, b'{\n"b": "x\\"y"}', C)
    ends = [each.offset + len(each.raw) for each in cut(whole)]
    for at in range(1, len(whole)):
        found = list(records(Breaking(whole[:at], 5), name="x"))
        assert [each.offset + len(each.raw) for each in found[:-1]] == [e for e in ends if e <= at]
        assert found[-1].fault is not None
        assert found[-1].fault.found.startswith("the line is dead; ")
        assert found[-1].offset + len(found[-1].raw) == at


def test_a_record_larger_than_any_closes_the_file_and_keeps_what_came_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in ("scanning", "resuming", "splitting"):
        monkeypatch.setattr(f"sessionkit.{module}.LIMIT", 100)
    monkeypatch.setattr("sessionkit.window.LIMIT", 100)
    for data in (b"[%s,%s", b"%s\n%s", b'{"data":[%s,%s'):
        found = cut(data % (A, b'{"x": [' + b"1," * 5000), block=10)
        assert found[0].raw == A
        assert [each.fault is not None for each in found] == [False, True]
        assert "a record larger than 64 MiB" in str(found[1].fault)


def test_a_string_that_its_line_leaves_open_ends_there_behind_other_lines_too() -> None:
    assert raws(A + b'\n{"a": "open\nnull\n' + B) == [A, b'{"a": "open', b"null", B]


def test_an_array_that_breaks_off_before_another_is_told_as_that() -> None:
    for margin in (b"", b"  "):
        found = cut(margin + b'[{"a": 1,\n' + margin + b"[" + A + b"]\n" + B)
        assert [each.raw for each in found] == [b'{"a": 1,', A, B]
        assert [each.fault for each in found[1:]] == [None, None]
        assert found[0].fault == Reason(
            "broken-container", "", "the end of the array", "the beginning of another, 8 bytes on"
        )


A_LONG = b'{"x": "y": "%b"}' % (b"a" * 5000)
A_WIDE = b'{\n  "x": "y": [%b1]\n}' % (b"1,\n  " * 1000)


@pytest.fixture
def short_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no record be larger than 100 bytes, nor be read by what looks further ahead; keep 20."""
    monkeypatch.setattr("sessionkit.records.KEPT", 20)
    for module in ("scanning", "resuming", "splitting", "window"):
        monkeypatch.setattr(f"sessionkit.{module}.LIMIT", 100)
    for name in ("lines.BLOCK", "splitting.AHEAD", "objects._FIRST_REACH", "objects._REACH"):
        monkeypatch.setattr(f"sessionkit.{name}", 50)


@pytest.mark.usefixtures("short_records")
@pytest.mark.parametrize("block", [1, 10, 64])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("long", [A_LONG, A_WIDE, b"7" * 3000, b'"%b"' % (b"b" * 3000)])
def test_a_record_larger_than_any_costs_no_other_line(long: bytes, end: bytes, block: int) -> None:
    for behind in (b"", end):
        found = cut(end.join([A, long, B, A]) + behind, block)
        assert [each.raw for each in (found[0], *found[2:])] == [A, B, A]
        size = len(long + end) - 1
        assert found[1].fault is not None
        assert found[1].fault.found == (
            f"a record larger than 64 MiB; {size} bytes from byte {len(A + end)} on, "
            "of which 20 are kept"
        )
        assert found[1].raw == long[:20]


@pytest.mark.usefixtures("short_records")
@pytest.mark.parametrize("block", [1, 10, 64])
@pytest.mark.parametrize("long", [A_LONG, A_WIDE])
def test_a_record_larger_than_any_costs_no_element_on_a_line_of_its_own(
    long: bytes, block: int
) -> None:
    elements = b",\n ".join([A, long.replace(b"\n", b"\n "), B, A])
    for head, tail in ((b"[\n ", b"\n]\n"), (b'{"hasMore": false, "data": [\n ', b"\n]}\n")):
        found = cut(head + elements + tail + B, block)
        assert [each.raw for each in (found[0], *found[2:])] == [A, B, A, B]
        assert found[1].fault is not None
        assert "a record larger than 64 MiB" in found[1].fault.found


@pytest.mark.usefixtures("short_records")
def test_a_record_larger_than_any_at_the_end_is_told_once() -> None:
    for behind in (b"", b"\n"):
        found = cut(A + b"\n" + A_LONG + behind, block=10)
        assert [each.fault is not None for each in found] == [False, True]


def test_deep_nesting_is_no_trouble() -> None:
    deep = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    assert raws(deep + b"\n" + A) == [deep, A]
    assert raws(b"[" * 1000 + A + b"]" * 1000) == [A]


def test_many_elements_without_their_end_each_end_where_the_next_begins() -> None:
    elements = [b'{"a": {"n": %d}' % number for number in range(200)]
    array = b"[" + b", ".join([*elements, A]) + b"]"
    assert raws(array) == [*elements, A]
    window = Window(io.BytesIO(array))
    found = scan(window, 1, b"")
    assert found.end is End.NEXT
    assert found.at < len(array) // 5
