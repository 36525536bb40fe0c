"""CSV files are cut into rows exactly, and a bad row costs its neighbours nothing."""

from __future__ import annotations

import csv
import gzip
import io
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sessionkit.containers import RawRecord, records
from sessionkit.found import Found, open_bytes
from tests.cutting import Breaking, InBlocks, cut, cut_file

HEADER = b"integrationid,applicationid,x\n"


def code(record: RawRecord) -> str | None:
    return record.fault.code if record.fault else None


def rows(data: bytes) -> list[tuple[bytes, str | None]]:
    """The bytes of every row behind a header, and the code of its fault."""
    return [(record.raw, code(record)) for record in cut(HEADER + data)]


def test_every_row_has_its_number_its_offset_its_bytes_and_its_cells() -> None:
    found = cut(HEADER + b'S-1,2,"a, ""b"""\r\nS-2,,\r\n')
    assert [(each.number, each.offset, each.raw, each.container) for each in found] == [
        (1, 30, b'S-1,2,"a, ""b"""', "csv"),
        (2, 48, b"S-2,,", "csv"),
    ]
    assert found[0].cells == {"integrationid": "S-1", "applicationid": "2", "x": 'a, "b"'}
    assert found[1].cells == {"integrationid": "S-2", "applicationid": "", "x": ""}


@pytest.mark.parametrize("delimiter", [b",", b";", b"\t", b"|"])
def test_the_delimiter_is_recognised(delimiter: bytes) -> None:
    row = delimiter.join([b"S-1", b"2", b'"a,b;c\td|"'])
    file, found = cut_file(HEADER.replace(b",", delimiter) + row)
    assert file.layout is not None
    assert file.layout.delimiter == delimiter.decode()
    assert [each.cells and each.cells["x"] for each in found] == ["a,b;c\td|"]


def test_line_ends_inside_quotes_are_kept() -> None:
    (found, last) = cut(HEADER + b'S-1,2,"a\r\nb\nc\rd"\r\nS-2,2,e\r\n')
    assert found.cells is not None
    assert found.cells["x"] == "a\r\nb\nc\rd"
    assert (last.offset, last.raw) == (48, b"S-2,2,e")


def test_blank_lines_and_a_missing_final_line_end_are_fine() -> None:
    assert rows(b"\r\nS-1,2,a\n\n  \nS-2,2,b") == [(b"S-1,2,a", None), (b"S-2,2,b", None)]


def test_text_is_text_whatever_it_looks_like() -> None:
    (found,) = cut(HEADER + '00123,NA,"null\u2028Döner”\0"'.encode())
    assert found.cells == {
        "integrationid": "00123",
        "applicationid": "NA",
        "x": "null\u2028Döner”\0",
    }


def test_a_cell_may_be_large_and_the_limit_of_the_process_is_set_back() -> None:
    before = csv.field_size_limit(131_072)
    large = b"[" + b'{""sku"": 1}, ' * 260_000 + b"]"
    found = cut(HEADER + b'S-1,2,"%s"\nS-2,2,b\n' % large)
    assert len(large) > 3_600_000
    assert [code(each) for each in found] == [None, None]
    assert found[0].cells is not None
    assert found[0].cells["x"] == large.decode().replace('""', '"')
    assert csv.field_size_limit(before) == 131_072


def test_another_thread_that_sets_the_limit_back_does_no_harm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    really, calls = csv.field_size_limit, []

    def forgetful(*limit: int) -> int:
        if limit and limit[0] > 1 << 20:
            calls.append(limit)
        return really(*limit) if len(calls) != 1 else really()

    monkeypatch.setattr(csv, "field_size_limit", forgetful)
    (found,) = cut(HEADER + b"S-1,2,%s\n" % (b"a" * 200_000))
    assert found.fault is None
    assert len(calls) >= 2


def test_a_stream_that_breaks_in_any_row_ends_in_a_fault_with_it() -> None:
    whole = HEADER + b'S-1,2,a\nS-2,2,"b\nc"\n'
    for at in range(len(HEADER), len(whole)):
        found = list(records(Breaking(whole[:at], 5), name="x"))
        assert [each.raw for each in found[:-1]] == [b"S-1,2,a"] * (at >= 38)
        assert code(found[-1]) == "broken-container"
        assert found[-1].offset + len(found[-1].raw) == at


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"S-9,2", "expected 3 cells, got 2"),
        (b"S-9,2,a,b", "expected 3 cells, got 4"),
        (b'S-9,2,"a"b', "a broken row (',' expected after '\"')"),
        (b"S-9,2,a\rb", "a broken row (new-line character"),
        (b'S-9,2,"a\nb', "a broken row"),
    ],
    ids=["cell missing", "cell too many", "text behind a quote", "lone CR", "quote forgotten"],
)
def test_a_bad_row_is_one_record_and_costs_no_other(bad: bytes, reason: str) -> None:
    found = cut(HEADER + b'S-1,2,a\n%s\n"S-2",2,"b"\nS-3,2,c\n' % bad)
    assert [each.raw for each in found] == [b"S-1,2,a", bad, b'"S-2",2,"b"', b"S-3,2,c"]
    assert [code(each) for each in found] == [None, "bad-row", None, None]
    assert reason in str(found[1].fault)
    assert found[1].cells is None


def test_bytes_that_are_no_utf_8_are_a_fault_of_their_row_alone() -> None:
    found = cut(HEADER + b'S-1,2,"a\xff\n"\nS-2,2,b\n')
    assert [(each.raw, code(each)) for each in found] == [
        (b'S-1,2,"a\xff\n"', "bad-encoding"),
        (b"S-2,2,b", None),
    ]
    assert str(found[0].fault) == "expected UTF-8 text, got byte 0xff: invalid start byte"


def test_a_quote_that_never_closes_ends_the_file_and_keeps_what_came_before() -> None:
    found = cut(HEADER + b'S-1,2,a\nS-2,2,"b\nS-3,2,c\n')
    assert [(each.raw, code(each)) for each in found] == [
        (b"S-1,2,a", None),
        (b'S-2,2,"b\nS-3,2,c\n', "broken-container"),
    ]
    assert str(found[1].fault) == (
        "expected a closing quote, got the end of the file; 17 bytes from byte 38 on"
    )


def test_a_row_larger_than_any_ends_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch)
    for filling in (b"filling\n" * 2000, b"f" * 16_000, b"f\n" * 8000):
        found = cut(HEADER + b'S-1,2,a\nS-2,2,"' + filling, block=100)
        assert [code(each) for each in found] == [None, "broken-container"]
        assert found[1].raw.startswith(b'S-2,2,"f')
        assert found[1].fault is not None
        assert found[1].fault.found == (
            "a row larger than 64 MiB; 16007 bytes from byte 38 on, of which 50 are kept"
        )


def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let rows be no larger than 5,000 bytes and 500 lines."""
    monkeypatch.setattr("sessionkit.row_feed.LIMIT", 5000)
    for module in ("rows", "row_feed"):
        monkeypatch.setattr(f"sessionkit.{module}.LINES", 500)
    monkeypatch.setattr("sessionkit.records.KEPT", 50)


@pytest.mark.parametrize("block", [7, 100, 1 << 20])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_line_larger_than_any_costs_no_other_row(
    monkeypatch: pytest.MonkeyPatch, end: bytes, block: int
) -> None:
    small(monkeypatch)
    for line in (b"S-2,2," + b"f" * 16_000, b'S-2,2,"' + b"f" * 16_000, b",".join([b"f"] * 8000)):
        for behind in (b"", end, end * 2):
            found = cut(
                HEADER + end.join([b"S-1,2,a", line, b"S-3,2,b", b"S-4,2,c"]) + behind, block
            )
            assert [each.raw for each in found if not each.fault] == [
                b"S-1,2,a",
                b"S-3,2,b",
                b"S-4,2,c",
            ]
            size, at = len(line + end) - 1, len(HEADER + b"S-1,2,a" + end)
            assert found[1].raw == line[:50]
            assert str(found[1].fault) == (
                "expected a whole row, got a row larger than 64 MiB; "
                f"{size} bytes from byte {at} on, of which 50 are kept"
            )


def test_a_quote_that_swallows_more_than_a_row_can_hold_costs_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small(monkeypatch)
    for good in ([b"S-2,2,b"] * 2000, [b"S-2,2," + b"b" * 900] * 20):
        found = cut(HEADER + b"\n".join([b'S-1,2,"a', *good, b"S-3,2,c"]), block=100)
        assert [each.raw for each in found] == [b'S-1,2,"a', *good, b"S-3,2,c"]
        assert [code(each) for each in found] == ["bad-row", *[None] * len(good), None]


def test_a_line_larger_than_any_behind_a_quote_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch)
    for line in (b"f" * 16_000, b"S-2,2," + b"f" * 16_000):
        found = cut(HEADER + b'S-1,2,"a\n' + line + b"\nS-3,2,c", block=100)
        assert found[-1].raw == b"S-3,2,c"
        assert {code(each) for each in found[:-1]} <= {"broken-container", "bad-row"}


def test_a_header_in_the_middle_names_the_columns_anew() -> None:
    found = cut(
        HEADER + b"S-1,2,a\nx,y,ApplicationID,integrationid\nb,c,3,S-2\n" + HEADER + b"S-3,4,d"
    )
    assert [(each.number, each.cells) for each in found] == [
        (1, {"integrationid": "S-1", "applicationid": "2", "x": "a"}),
        (2, {"x": "b", "y": "c", "ApplicationID": "3", "integrationid": "S-2"}),
        (3, {"integrationid": "S-3", "applicationid": "4", "x": "d"}),
    ]


def test_a_header_in_the_middle_may_have_a_byte_order_mark() -> None:
    for header in (HEADER, b'"integrationid",applicationid,x\n'):
        found = cut(b"\xef\xbb\xbf" + HEADER + b"S-1,2,a\n\xef\xbb\xbf" + header + b"S-2,3,b\n")
        assert [each.cells and each.cells["integrationid"] for each in found] == ["S-1", "S-2"]


def test_the_header_of_another_export_in_the_middle_ends_the_file() -> None:
    effects = b"sessionintegrationid,campaignid,eventid\nx,y,z\n"
    found = cut(HEADER + b"S-1,2,a\n" + effects)
    assert [(each.raw, code(each)) for each in found] == [
        (b"S-1,2,a", None),
        (effects, "broken-container"),
    ]
    assert "the header of another export (effects)" in str(found[1].fault)


def test_unknown_columns_of_one_name_are_kept_apart() -> None:
    (found,) = cut(b"integrationid,applicationid,y,y\nS-1,2,a,b\n")
    assert found.cells == {"integrationid": "S-1", "applicationid": "2", "y": "a", "y (2)": "b"}


def test_a_stream_that_breaks_in_a_row_ends_in_a_fault_with_that_row() -> None:
    data = HEADER + b"S-1,2,a\nS-2,2," + bytes(range(32, 127)) * 100
    packed = gzip.compress(data, mtime=0)[:-40]
    with open_bytes(Found("x", handle=InBlocks(packed, 10))) as stream:
        found = list(records(stream, name="x"))
    assert [code(each) for each in found] == [None, "broken-container"]
    assert found[0].raw == b"S-1,2,a"
    assert found[1].offset == 38
    assert found[1].raw == data[38:][: len(found[1].raw)] != b""
    assert "the gzip data is cut off" in str(found[1].fault)


def test_a_cut_at_any_byte_loses_no_row_before_it() -> None:
    whole = HEADER + b'S-1,2,"a\r\nb"\r\n"S-2",2,""""\nS-3,2,c\n'
    ends = [each.offset + len(each.raw) for each in cut(whole)]
    for at in range(len(HEADER), len(whole)):
        found = cut(whole[:at])
        before = sum(end <= at for end in ends)
        assert [each.raw for each in found[:before]] == [each.raw for each in cut(whole)[:before]]
        assert [each.fault for each in found[:before]] == [None] * before
        assert len(found) <= before + 1


cells = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(max_examples=80, deadline=None)
@given(
    table=st.lists(st.tuples(cells.filter(bool), cells, cells), max_size=8),
    # NOTE: with "\n" the writer leaves a cell bare that holds a lone CR, which no reader can mend.
    manner=st.sampled_from([(csv.QUOTE_ALL, "\n"), (csv.QUOTE_MINIMAL, "\r\n")]),
    block=st.sampled_from([1, 5, 1 << 20]),
)
def test_what_a_csv_writer_wrote_comes_back(
    table: list[tuple[str, str, str]], manner: tuple[Any, str], block: int
) -> None:
    quoting, end = manner
    text = io.StringIO()
    writer = csv.writer(text, quoting=quoting, lineterminator=end)
    writer.writerows([["integrationid", "applicationid", "x"], *(["S", *row] for row in table)])
    wide = "integrationid,applicationid,x,y" + text.getvalue()[text.getvalue().index(end) :]
    found = cut(wide.encode(), block)
    assert [tuple(each.cells.values())[1:] for each in found if each.cells] == table


bits = st.sampled_from(
    [b",", b'"', b'""', b"\n", b"\r\n", b"\r", b"a", b"\xff", b"\0", HEADER, b'S,2,"q"', b"S,2,3\n"]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(bits, max_size=25).map(b"".join))
@example(b'"\n",integrationid,applicationid,x\n')
def test_any_bytes_behind_a_header_are_rows_or_line_ends(rest: bytes) -> None:
    data = HEADER + rest
    found = cut(data)
    assert found == cut(data, block=1)
    between, at = b"", len(HEADER)
    for each in found:
        between, at = between + data[at : each.offset], each.offset + len(each.raw)
    left = (between + data[at:]).split(b"\n")
    assert all(not line.strip() or b"integrationid,applicationid" in line for line in left)
