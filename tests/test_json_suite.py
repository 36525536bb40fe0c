"""Every document that JSON parsers stumble over: as a line, in a session, in a cell, as a file."""

from __future__ import annotations

import json
from bisect import bisect
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

import pytest

import sessionkit as sk
from sessionkit.errors import ReadError
from tests.json_suite import INVALID, OPEN, VALID

SESSION = b'{"integrationId":"%s","applicationId":1,"created":"2026-01-01T00:00:00Z"%s}'
HEADER = b"applicationid,integrationid,created,updated,state,attributes\r\n"
TAKEN = VALID | {name: raw for name, (raw, said) in OPEN.items() if said == "taken"}
REFUSED = {name: raw for name, (raw, said) in OPEN.items() if said != "taken"}
EVERY = VALID | INVALID | {name: raw for name, (raw, _) in OPEN.items()}
PUNCTUATION = ("structure_double_array", "structure_lone_bracket", "structure_comma")
"""Lines of nothing but what stands between records: they hold none, and so none is refused."""

STRUNG = {"structure_end_array", "structure_100000_open_arrays"}
"""Lines of nothing but what opens or closes arrays: that they are open is told at the end."""

BRACKETS = {
    "array_empty",
    "array_with_spaces_inside",
    "array_just_comma",
    "structure_double_array",
    "structure_500_nested_arrays",
}
"""Files of nothing but whole arrays: no records are in them, which is no fault."""


def lines(cases: dict[str, bytes], *, inside: bool) -> Iterator[bytes]:
    """Each case, as a line or as an attribute, and behind each a session that has its name."""
    for name, raw in cases.items():
        yield SESSION % (b"in", b',"attributes":{"v":%s}' % raw) if inside else raw
        yield SESSION % (name.encode(), b"")


def read(path: Path, data: bytes) -> sk.SessionTables:
    path.write_bytes(data)
    return sk.read(path)


def ids(tables: sk.SessionTables) -> list[str]:
    return sorted(tables.sessions["integration_id"].to_pylist())


def reasons(tables: sk.SessionTables) -> list[str]:
    return [reason["code"] for row in tables.rejects["reasons"].to_pylist() for reason in row]


def same(one: str, other: bytes) -> bool:
    """Whether two documents say the same, numbers by their texts."""
    texts = [json.loads(text, parse_float=str, parse_int=str) for text in (one, other)]
    return bool(texts[0] == texts[1])


def test_what_is_json_is_taken_as_what_it_is(tmp_path: Path) -> None:
    data = b"\n".join(
        SESSION % (name.encode(), b',"attributes":{"v":%s}' % raw) for name, raw in TAKEN.items()
    )
    tables = read(tmp_path / "dump.jsonl", data)
    assert ids(tables) == sorted(TAKEN)
    assert tables.rejects.num_rows == 0
    told = {row["integration_id"]: row["value"] for row in tables.attributes.to_pylist()}
    assert [name for name, raw in TAKEN.items() if not same(told[name], raw)] == []


def test_a_cell_that_holds_json_is_taken_as_what_it_is(tmp_path: Path) -> None:
    rows = [row(name.encode(), b'{"v":%s}' % raw) for name, raw in TAKEN.items()]
    tables = read(tmp_path / "dump.csv", HEADER + b"".join(rows))
    assert ids(tables) == sorted(TAKEN)
    assert tables.rejects.num_rows == 0
    told = {row["integration_id"]: row["value"] for row in tables.attributes.to_pylist()}
    assert [name for name, raw in TAKEN.items() if not same(told[name], raw)] == []


def row(name: bytes, attributes: bytes) -> bytes:
    cell = attributes.replace(b'"', b'""')
    return b'1,%s,2026-01-01T00:00:00Z,2026-01-01T00:00:00Z,open,"%s"\r\n' % (name, cell)


@pytest.mark.parametrize("inside", [False, True])
def test_what_is_no_json_is_refused_and_costs_no_neighbour(inside: bool, tmp_path: Path) -> None:
    cases = {name: raw for name, raw in INVALID.items() if inside or name not in PUNCTUATION}
    every = list(lines(cases, inside=inside))
    tables = read(tmp_path / "dump.jsonl", b"\n".join(every) + b"\n")
    assert ids(tables) == sorted(cases)
    begins = list(accumulate((len(line) + 1 for line in every), initial=0))
    refused = {bisect(begins, row["source_offset"]) // 2 for row in tables.rejects.to_pylist()}
    assert {name for n, name in enumerate(cases) if n not in refused} == (
        set() if inside else STRUNG
    )
    words = {"not-json", "bad-encoding", "too-deep"}
    words |= set() if inside else {"broken-container", "not-a-session"}
    assert set(reasons(tables)) == words


def test_lines_of_json_that_hold_no_session_are_told_as_that(tmp_path: Path) -> None:
    """Alone in their lines, beside others; an array is taken for what strings records together."""
    cases = VALID | {name: OPEN[name][0] for name in ("structure_500_nested_arrays",)}
    tables = read(tmp_path / "dump.jsonl", b"\n".join(lines(cases, inside=False)))
    assert ids(tables) == sorted(cases)
    assert set(reasons(tables)) == {"not-a-session"}
    refused = [row["raw"] for row in tables.rejects.to_pylist()]
    assert [raw for raw in VALID.values() if b"[" not in raw and raw.strip() not in refused] == []


def test_a_cell_that_holds_no_json_is_refused_and_costs_no_neighbour(tmp_path: Path) -> None:
    rows = [
        row(b"in", b'{"v":%s}' % raw) + row(name.encode(), b"{}") for name, raw in INVALID.items()
    ]
    tables = read(tmp_path / "dump.csv", HEADER + b"".join(rows))
    assert ids(tables) == sorted(INVALID)
    assert tables.rejects.num_rows == len(INVALID)


@pytest.mark.parametrize("name", PUNCTUATION)
def test_a_line_of_punctuation_costs_no_neighbour(name: str, tmp_path: Path) -> None:
    data = b"\n".join([SESSION % (b"before", b""), *lines({name: INVALID[name]}, inside=False)])
    assert ids(read(tmp_path / "dump.jsonl", data)) == ["before", name]


def test_what_may_be_refused_is_refused_by_its_name(tmp_path: Path) -> None:
    tables = read(tmp_path / "dump.jsonl", b"\n".join(lines(REFUSED, inside=True)))
    assert ids(tables) == sorted(REFUSED)
    assert reasons(tables) == [OPEN[name][1] for name in REFUSED]


def test_files_of_nothing_else_are_refused_or_told_record_by_record(tmp_path: Path) -> None:
    for name, raw in EVERY.items():
        (tmp_path / f"{name}.json").write_bytes(raw)
    tables = read_folder(tmp_path)
    assert ids(tables) == ["good"]
    loads = {Path(row["source_file"]).stem: row for row in tables.loads.to_pylist()}
    assert set(loads) == {*EVERY, "good"}
    assert [name for name in EVERY if loads[name]["records"] != loads[name]["rejects"]] == []
    codes: dict[str, set[str]] = {name: set() for name in EVERY}
    for row in tables.rejects.to_pylist():
        codes[Path(row["source_file"]).stem] |= {reason["code"] for reason in row["reasons"]}
    assert set().union(*map(codes.__getitem__, VALID)) == {"not-a-session"}
    read = [name for name in VALID if loads[name]["status"] == "read"]
    assert read == [name for name, raw in VALID.items() if raw.lstrip()[:1] in (b"{", b"[")]
    none = {name for name, row in loads.items() if row["status"] == "read" and not row["records"]}
    assert none == BRACKETS


def read_folder(folder: Path) -> sk.SessionTables:
    (folder / "good.jsonl").write_bytes(SESSION % (b"good", b""))
    return sk.read(folder)


@pytest.mark.parametrize("raw", [b"true", b'"', b"", b"\xe5", b"[\x00]", b"<.>"])
def test_a_file_that_is_no_dump_ends_in_a_clear_word(raw: bytes, tmp_path: Path) -> None:
    with pytest.raises(ReadError) as raised:
        read(tmp_path / "dump.json", raw)
    assert str(raised.value).startswith(f"{tmp_path / 'dump.json'}: ")
    assert len(str(raised.value)) < 400
    assert "\n" not in str(raised.value)
