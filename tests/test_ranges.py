"""A file that is cut into ranges gives the records of the whole, wherever it is cut."""

from __future__ import annotations

import io
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sessionkit.containers import RawRecord, recognise
from sessionkit.found import Found
from sessionkit.intake import Load
from sessionkit.records import flattened
from sessionkit.rows import Layout
from sessionkit.spark.ranges import Lost, RangeIntake, has_lines
from sessionkit.spark.units import Came, Range, cut, standing, to_redo, together
from sessionkit.values import Reading

HEADER = "integrationid,applicationid,other"


def whole(data: bytes) -> list[RawRecord]:
    return list(recognise(io.BytesIO(data), name="a dump").records())


def read(part: Range) -> tuple[list[RawRecord], Came]:
    intake = RangeIntake(part, Reading())
    found = list(flattened(intake.parts_of(part.found, Load(part.found.name))))
    return found, intake.came


def in_ranges(path: Path, range_bytes: int) -> tuple[list[RawRecord], int]:
    """The records of a file that is read in ranges, and how many were read once more."""
    found = Found(str(path), path=path, size=path.stat().st_size)
    ranges = cut(found, path.stat().st_size, range_bytes)
    results = [read(part) for part in ranges]
    again = 0
    while redo := to_redo(ranges, [came for _, came in results]):
        again += len(redo)
        for place, part in redo.items():
            ranges[place], results[place] = part, read(part)
    before, together = 0, []
    for records, came in results[: standing([came for _, came in results])]:
        assert came.records == len(records)
        together += [record._replace(number=record.number + before) for record in records]
        before += came.records
    return together, again


def session(dice: random.Random) -> str:
    filler = "x" * dice.randrange(60)
    return json.dumps({"integrationId": f"S{dice.randrange(99)}", "a": filler, "n": [{"b": 1}]})


def odd_line(dice: random.Random) -> str:
    """A line, or several, that may be anything that dumps have been seen to hold."""
    good = session(dice)
    return dice.choice(
        [
            *[good] * 12,
            *[
                "",
                "   ",
                "{",
                "}",
                "[",
                "]",
                '"x',
                "null",
                f"  {good}",
                f"\ufeff{good}",
                "[no json",
            ],
            *[f"{good} {good}", f"{good}junk", f"{good},", good[: dice.randrange(len(good))]],
            json.dumps(json.loads(good), indent=1),
            f"[{good},\n{good}]",
            f"[\n{good},\n{good}\n]",
            f'{{"hasMore": true, "data": [{good},\n{good}]}}',
        ]
    )


def odd_row(dice: random.Random) -> str:
    """A row, or several, that may be anything that exports have been seen to hold."""
    return dice.choice(
        [
            *[f"S{dice.randrange(99)},1,{'y' * dice.randrange(40)}"] * 12,
            *['S1,2,"a\nb\n' + "z\n" * dice.randrange(9) + '"', 'S1,2,"a""b"', 'S1,2,"unclosed'],
            *["", "   ", "S1,2", 'S1,2,a"b', HEADER, "applicationid,integrationid,x3"],
        ]
    )


@pytest.mark.parametrize("seed", range(12))
def test_ranges_give_the_records_of_the_whole(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    path = tmp_path / "dump"
    for case in range(12):
        if case % 2:
            lines = [HEADER, *[odd_row(dice) for _ in range(dice.randrange(60))]]
        else:
            lines = [session(dice), *[odd_line(dice) for _ in range(dice.randrange(60))]]
        ends = dice.choice(["\n", "\n", "\r\n"])
        data = (ends.join(lines) + dice.choice(["", ends])).encode()
        path.write_bytes(data)
        for range_bytes in (40, 150, 700):
            assert in_ranges(path, range_bytes)[0] == whole(data)


def test_a_line_that_opens_no_array_opens_none_where_a_range_begins(tmp_path: Path) -> None:
    path = tmp_path / "dump.jsonl"
    data = b'{"a": 1}\n[no json\n' * 9
    path.write_bytes(data)
    assert in_ranges(path, 9)[0] == whole(data)
    assert [each.raw for each in whole(data)][-2:] == [b'{"a": 1}', b"[no json"]


def test_headers_are_told_as_the_first_one_spells_them(tmp_path: Path) -> None:
    path = tmp_path / "dump.csv"
    shouted = ["INTEGRATIONID,APPLICATIONID,other", *["S1,1,x"] * 9]
    data = "\n".join([*shouted, "integrationId,applicationId,y", *["S1,1,x"] * 9, *shouted])
    path.write_text(data, encoding="utf-8")
    records, _ = in_ranges(path, 30)
    assert records == whole(data.encode())
    assert len(records) == 27


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\n\n", " \n", ",\n"])
def test_plain_lines_are_read_once(tmp_path: Path, ends: str) -> None:
    dice = random.Random(1)
    path = tmp_path / "dump.jsonl"
    path.write_text(ends.join(session(dice) for _ in range(300)), encoding="utf-8", newline="")
    records, again = in_ranges(path, 500)
    assert (len(records), again) == (300, 0)


def test_plain_rows_are_read_once(tmp_path: Path) -> None:
    path = tmp_path / "dump.csv"
    path.write_text("\n".join([HEADER, *["S1,1,abc"] * 300, ""]), encoding="utf-8")
    records, again = in_ranges(path, 100)
    assert (len(records), again) == (300, 0)


def test_a_range_that_was_begun_in_a_cell_is_read_again_from_the_next_row(tmp_path: Path) -> None:
    path = tmp_path / "dump.csv"
    path.write_text(f'{HEADER}\nS1,1,"a\nb\nc\nd"\nS2,1,x\n', encoding="utf-8")
    found = Found(str(path), path=path)
    records, came = read(Range(found, 0, 45))
    assert ([each.raw for each in records], came.stopped) == ([b'S1,1,"a\nb\nc\nd"'], 49)
    records, came = read(Range(found, 45, None))  # at d, in the cell
    assert came.begins == 46
    assert records[0].fault is not None


def test_a_guess_that_leads_nowhere_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sessionkit.spark.ranges.LIMIT", 1 << 20)
    path = tmp_path / "dump.csv"
    path.write_text(f'{HEADER}\nS1,1,x\n"{"y" * (6 << 20)}', encoding="utf-8")
    found = Found(str(path), path=path)
    with pytest.raises(Lost):
        read(Range(found, 36, 50))
    (record,), came = read(Range(found, 36, 50, sure=True))
    assert (record.fault is not None, came.stopped) == (True, None)


def came(*places: int | None, **more: Any) -> Came:
    begins, stopped = places
    assert begins is not None
    return Came(begins, stopped, **more)


FILE = Found("a.jsonl")


def test_a_range_goes_on_where_the_one_before_stopped() -> None:
    ranges = cut(FILE, 40, 10)
    assert to_redo(ranges, [came(0, 12), came(12, 20), came(20, 33), came(33, None)]) == {}
    redo = to_redo(ranges, [came(0, 14), came(12, 20), came(20, 33), came(33, None)])
    assert redo == {1: Range(FILE, 14, 20, sure=True)}


def test_what_is_behind_the_end_of_a_file_is_dropped() -> None:
    all_came = [came(0, 12), came(12, None), came(22, 33), came(31, None)]
    assert (to_redo(cut(FILE, 40, 10), all_came), standing(all_came)) == ({}, 2)


def test_what_comes_after_a_wrong_range_is_not_dropped() -> None:
    ranges = cut(FILE, 40, 10)
    redo = to_redo(ranges, [came(0, 14), came(12, None), came(22, 33), came(33, None)])
    assert list(redo) == [1]
    lost = [came(0, 12), came(12, 12, lost=True), came(22, 33), came(33, None)]
    assert list(to_redo(ranges, lost)) == [1, 2]


def test_a_range_below_another_header_is_read_again() -> None:
    first, other = Layout(",", ("a", "b")), Layout(",", ("b", "a"))
    ranges = cut(FILE, 20, 10)
    here = [came(0, 12, above=first, below=other), came(12, None, above=first, below=first)]
    assert to_redo(ranges, here)[1] == Range(FILE, 12, None, sure=True, layout=other)
    here[1] = replace(here[1], above=other)
    assert to_redo(ranges, here) == {}


def test_small_files_share_a_unit_in_their_order() -> None:
    files = [Found(name, size=size) for name, size in zip("abcd", (3, 4, 9, None), strict=True)]
    units = together(files, 8)
    assert [[each.name for each in unit.files] for unit in units] == [["a", "b"], ["c"], ["d"]]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"a": 1}\n{"a": 2}\n', True),
        (b'\xef\xbb\xbf\n{bad\n{"a": 2}\n', True),
        (b"integrationid,applicationid\n1,2\n", True),
        (b'[{"a": 1},\n{"a": 2}]\n', False),
        (b'{"hasMore": false, "data": [{}]}\n', False),
        (b'{\n "a": 1\n}\n', False),
        (b"campaignid,startdate,enddate,revenue\n", False),
        (b"\x1f\x8b\x08", False),
        (b"", False),
    ],
    ids=str,
)
def test_only_what_has_lines_is_cut(tmp_path: Path, data: bytes, expected: bool) -> None:
    path = tmp_path / "dump"
    path.write_bytes(data)
    assert has_lines(Found(str(path), path=path)) is expected
